//! Numbers of Sweden, Norway, Denmark and Finland.

use super::check_digits::luhn;
use super::dates::is_birthday;
use super::digits::{digits, number, symbols_between, weigh};

/// Swedish personal number, and coordination number (60 more in the day): 10 digits, or 12 with
/// the century; `-`, or `+` from 100 years on; Luhn over the ten (Population Registration Act
/// 1991:481 section 18).
pub(super) fn se_personal(text: &[u8]) -> bool {
    let short = symbols_between::<10>(text, b"-+ ").and_then(|all| digits::<10>(&all));
    let long = symbols_between::<12>(text, b"- ").and_then(|all| digits::<12>(&all));
    match (short, long) {
        (Some(all), _) => [[1, 9], [2, 0]]
            .iter()
            .any(|century| is_se_personal(*century, all)),
        (_, Some([c0, c1, all @ ..])) => is_se_personal([c0, c1], all),
        _ => false,
    }
}

fn is_se_personal([c0, c1]: [u8; 2], all: [u8; 10]) -> bool {
    let [y0, y1, m0, m1, d0, d1, ..] = all;
    let day = number(&[d0, d1]);
    let day = if day > 60 {
        day.saturating_sub(60)
    } else {
        day
    };
    is_birthday(number(&[c0, c1, y0, y1]), number(&[m0, m1]), day) && luhn(&all)
}

/// Norwegian birth number, D number (40 more in the day), and the numbers of health services and
/// of test data (40 or 80 more in the month): the individual number says the century; two check
/// digits by modulus 11 (Skatteetaten; Population Registration Regulation of 2017).
pub(super) fn no_birth_number(text: &[u8]) -> bool {
    let Some(all) = digits::<11>(text) else {
        return false;
    };
    let [d0, d1, m0, m1, y0, y1, i0, i1, i2, ..] = all;
    let (day, month) = (number(&[d0, d1]), number(&[m0, m1]));
    let (short, individual) = (number(&[y0, y1]), number(&[i0, i1, i2]));
    let day = if day > 40 {
        day.saturating_sub(40)
    } else {
        day
    };
    let month = match month {
        41..=52 => month.saturating_sub(40),
        81..=92 => month.saturating_sub(80),
        _ => month,
    };
    let century: u64 = match (individual, short) {
        (0..=499, _) | (900.., 40..) => 1900,
        (500..=749, 54..) => 1800,
        (500.., 0..=39) => 2000,
        _ => return false,
    };
    is_birthday(century.saturating_add(short), month, day)
        && weigh(&all, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11)
        && weigh(&all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// Danish CPR number: day of birth and four digits, the first of which says the century; the
/// modulus 11 no longer holds since 2007 (CPR-kontoret, "Personnummeret i CPR").
pub(super) fn dk_cpr(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|[d0, d1, m0, m1, y0, y1, seventh, ..]| {
        let short = number(&[y0, y1]);
        let century: u64 = match (seventh, short) {
            (0..=3, _) | (4 | 9, 37..) => 1900,
            (4 | 9, _) | (5..=8, 0..=57) => 2000,
            _ => 1800,
        };
        is_birthday(
            century.saturating_add(short),
            number(&[m0, m1]),
            number(&[d0, d1]),
        )
    })
}

/// Finnish personal identity code: day of birth, a sign of the century, an individual number from
/// 002 on, a check symbol by modulus 31 (DVV; decree 128/2010, signs of 2023).
pub(super) fn fi_hetu(text: &[u8]) -> bool {
    let Some([date @ .., sign, i0, i1, i2, check]) = symbols_between::<11>(text, b"") else {
        return false;
    };
    let (Some(date), Some(individual)) = (digits::<6>(&date), digits::<3>(&[i0, i1, i2])) else {
        return false;
    };
    let century: u64 = match sign {
        b'+' => 1800,
        b'-' | b'U'..=b'Y' => 1900,
        b'A'..=b'F' => 2000,
        _ => return false,
    };
    let [d0, d1, m0, m1, y0, y1] = date;
    let [i0, i1, i2] = individual;
    let all = number(&[d0, d1, m0, m1, y0, y1, i0, i1, i2]);
    let mut expected = b"0123456789ABCDEFHJKLMNPRSTUVWXY".iter().zip(0_u64..);
    let year = century.saturating_add(number(&[y0, y1]));
    is_birthday(year, number(&[m0, m1]), number(&[d0, d1]))
        && number(&individual) >= 2
        && expected.any(|(symbol, rest)| rest == all % 31 && *symbol == check)
}
