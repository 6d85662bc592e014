//! Numbers of Austria, Switzerland, Czechia, Slovakia, Hungary and Poland.

use super::check_digits::gs1;
use super::dates::{is_birthday, is_day_of_some_century};
use super::digits::{digits, number, weigh};

/// Austrian social security number: a serial number of three digits, a check digit by modulus 11,
/// day of birth; a month of 13 to 15 where the serial numbers of a day ran out (ASVG section 31;
/// Dachverband der Sozialversicherungsträger).
pub(super) fn at_social_security(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let [first, _, _, check, d0, d1, m0, m1, y0, y1] = all;
        let sum = weigh(&all, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
        let (day, month) = (number(&[d0, d1]), number(&[m0, m1]));
        let born = is_day_of_some_century(number(&[y0, y1]), month, day)
            || (matches!(month, 13..=15) && matches!(day, 1..=31));
        first != 0 && born && sum % 11 == u64::from(check)
    })
}

/// Swiss insurance number: 13 digits that begin with 756, check digit as EAN-13 (AHVG article
/// 50c; ZAS).
pub(super) fn ch_ahv(text: &[u8]) -> bool {
    digits::<13>(text).is_some_and(|all| all.starts_with(&[7, 5, 6]) && gs1(&all))
}

/// Birth number: year, month (plus 50 for women, and 20 more from 2004 on), day, serial number;
/// 10 digits from 1954 on, a multiple of 11, or, until 1985, remainder 10 and a last 0; 9 digits
/// without a check before (Act 133/2000, Act 301/1995).
pub(super) fn cz_birth_number(text: &[u8]) -> bool {
    if let Some([date @ .., s0, s1, s2]) = digits::<9>(text) {
        return is_birth_date(date, 1900, 0..54) && (s0, s1, s2) != (0, 0, 0);
    }
    digits::<10>(text).is_some_and(|all| {
        let [date @ .., s0, s1, s2, last] = all;
        let [y0, y1, ..] = date;
        let year = number(&[y0, y1]);
        let body = number(&all) / 10;
        let century = if year < 54 { 2000 } else { 1900 };
        let old = matches!(year, 54..=85) && body % 11 == 10 && last == 0;
        (number(&all).is_multiple_of(11) || old)
            && is_birth_date(date, century, 0..100)
            && (s0, s1, s2) != (0, 0, 0)
    })
}

fn is_birth_date(date: [u8; 6], century: u64, years: std::ops::Range<u64>) -> bool {
    let [y0, y1, m0, m1, d0, d1] = date;
    let short = number(&[y0, y1]);
    let year = century.saturating_add(short);
    let month = match number(&[m0, m1]) {
        month @ 51..=62 => month.saturating_sub(50),
        month @ 21..=32 if year >= 2004 => month.saturating_sub(20),
        month @ 71..=82 if year >= 2004 => month.saturating_sub(70),
        month => month,
    };
    years.contains(&short) && is_birthday(year, month, number(&[d0, d1]))
}

/// Hungarian social security number: 9 digits, weights 3 and 7 in turn, modulus 10 (Act
/// LXXXIV/1996 annex).
pub(super) fn hu_taj(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let [.., check] = all;
        let sum = weigh(&all, &[3, 7, 3, 7, 3, 7, 3, 7]);
        sum % 10 == u64::from(check) && number(&all) != 0
    })
}

/// Hungarian tax number of a person: 10 digits that begin with 8, weights 1 to 9, modulus 11 (Act
/// XX/1996 annex).
pub(super) fn hu_tax_id(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let [first, .., check] = all;
        let sum = weigh(&all, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        first == 8 && sum % 11 == u64::from(check)
    })
}

/// Polish PESEL: day of birth with the century in the month (80, 0, 20, 40, 60 more from 1800 on),
/// weights 1, 3, 7, 9, modulus 10 (Act on population registration of 2010).
pub(super) fn pl_pesel(text: &[u8]) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [y0, y1, m0, m1, d0, d1, ..] = all;
        let written = number(&[m0, m1]);
        let century = match written / 20 {
            4 => 1800,
            turn => turn.saturating_mul(100).saturating_add(1900),
        };
        let year = number(&[y0, y1]).saturating_add(century);
        is_birthday(year, written % 20, number(&[d0, d1]))
            && weigh(&all, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
    })
}

/// Polish tax number: 10 digits, modulus 11 (Act on registration of taxpayers of 1995).
pub(super) fn pl_nip(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let [.., check] = all;
        let sum = weigh(&all, &[6, 5, 7, 2, 3, 4, 5, 6, 7]);
        sum % 11 == u64::from(check) && number(&all) != 0
    })
}

/// Polish REGON: 9 digits, modulus 11, 10 written 0; 14 digits for a local unit, with a check of
/// its own (GUS, decree of 1999 on the REGON register).
pub(super) fn pl_regon(text: &[u8]) -> bool {
    if let Some(all) = digits::<14>(text) {
        let [company @ .., _, _, _, _, check] = all;
        let sum = weigh(&all, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]);
        return is_regon(&company) && sum % 11 % 10 == u64::from(check);
    }
    digits::<9>(text).is_some_and(|all| is_regon(&all))
}

fn is_regon(all: &[u8; 9]) -> bool {
    let [.., check] = all;
    let sum = weigh(all, &[8, 9, 2, 3, 4, 5, 6, 7]);
    sum % 11 % 10 == u64::from(*check) && number(all) != 0
}
