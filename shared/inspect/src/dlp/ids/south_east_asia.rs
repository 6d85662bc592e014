//! Numbers of Indonesia, Malaysia, Singapore and Thailand.

use super::dates::{is_day_of_some_century, is_yymmdd};
use super::digits::{digits, number, symbols, weigh};

/// Indonesian identity number: province, regency, district, day of birth (40 more for women),
/// serial number (Law 23/2006 article 13).
pub(super) fn id_nik(text: &[u8]) -> bool {
    digits::<16>(text).is_some_and(|all| {
        let [p0, p1, r0, r1, s0, s1, d0, d1, m0, m1, y0, y1, serial @ ..] = all;
        let province = matches!(
            number(&[p0, p1]),
            11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97
        );
        let day = number(&[d0, d1]);
        let day = if day > 40 {
            day.saturating_sub(40)
        } else {
            day
        };
        province
            && (r0, r1) != (0, 0)
            && (s0, s1) != (0, 0)
            && is_day_of_some_century(number(&[y0, y1]), number(&[m0, m1]), day)
            && number(&serial) != 0
    })
}

/// Malaysian identity card: day of birth, place of birth, four digits (National Registration
/// Department, codes of places). Has no check digit.
pub(super) fn my_nric(text: &[u8]) -> bool {
    digits::<12>(text).is_some_and(|[date @ .., p0, p1, s0, s1, s2, s3]| {
        let place = matches!(
            number(&[p0, p1]),
            1..=16 | 21..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99
        );
        is_yymmdd(date) && place && [s0, s1, s2, s3] != [0; 4]
    })
}

/// Singaporean identity number: `S`, `T` (citizens), `F`, `G`, `M` (foreigners), seven digits, a
/// letter by modulus 11 (Immigration and Checkpoints Authority).
pub(super) fn sg_nric(text: &[u8]) -> bool {
    let Some([kind, body @ .., letter]) = symbols::<9>(text) else {
        return false;
    };
    let (offset, letters) = match kind {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    digits::<7>(&body).is_some_and(|body| {
        let rest = weigh(&body, &[2, 7, 6, 5, 4, 3, 2]).saturating_add(offset) % 11;
        let mut places = letters.iter().zip(0_u64..);
        places.any(|(known, place)| place == rest && *known == letter)
    })
}

/// Thai identity number: a kind of person 1 to 8, a place, serial numbers, weights 13 to 2,
/// modulus 11, the last digit of it (Department of Provincial Administration).
pub(super) fn th_identity(text: &[u8]) -> bool {
    digits::<13>(text).is_some_and(|all| {
        let [kind, .., check] = all;
        let rest = weigh(&all, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        matches!(kind, 1..=8) && 11_u64.saturating_sub(rest) % 10 == u64::from(check)
    })
}
