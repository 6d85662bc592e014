//! Numbers of the United Kingdom and of Ireland.

use super::dates::is_day_of_some_century;
use super::digits::{digits, number, repeats, shaped, symbols, weigh};

/// National insurance number: two letters that are handed out, six digits, `A` to `D` (HMRC,
/// National Insurance Manual NIM39110).
pub(super) fn nino(text: &[u8]) -> bool {
    let Some(all) = symbols::<9>(text) else {
        return false;
    };
    let [first, second, .., suffix] = all;
    shaped(&all, b"@@######@")
        && !b"DFIQUV".contains(&first)
        && !b"DFIOQUV".contains(&second)
        && !matches!(
            &[first, second],
            b"BG" | b"GB" | b"NK" | b"KN" | b"TN" | b"NT" | b"ZZ"
        )
        && matches!(suffix, b'A'..=b'D')
}

/// NHS number: 10 digits, weights 10 to 2, modulus 11 (NHS Data Dictionary, "NHS number").
pub(super) fn nhs(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|all| {
        weigh(&all, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) && number(&all) != 0
    })
}

/// Unique taxpayer reference: a check digit, then nine digits, modulus 11 (HMRC, specification of
/// the UTR for software developers).
pub(super) fn utr(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|[check, body @ ..]| {
        let sum = weigh(&body, &[6, 7, 8, 9, 10, 5, 4, 3, 2]);
        let expected = match sum % 11 {
            0 => 2,
            1 => 1,
            rest => 11_u64.saturating_sub(rest),
        };
        u64::from(check) == expected && number(&body) != 0
    })
}

/// Driver number: five letters of the surname filled with 9, decade, month (plus 50 for women),
/// day and year of birth, two initials or 9, a digit, two check letters of an unpublished scheme
/// (DVLA, INF191).
pub(super) fn driver(text: &[u8]) -> bool {
    let Some(all) = symbols::<16>(text) else {
        return false;
    };
    let (surname, rest) = all.split_at(5);
    let Some([decade, month @ .., day_tens, day, year]) = rest.get(..6).and_then(digits::<6>)
    else {
        return false;
    };
    let letters = surname
        .iter()
        .take_while(|symbol| symbol.is_ascii_uppercase());
    let (letters, month) = (letters.count(), number(&month));
    let month = if month > 50 {
        month.saturating_sub(50)
    } else {
        month
    };
    let initials = rest.get(6..8).unwrap_or_default();
    letters > 0
        && surname.iter().skip(letters).all(|symbol| *symbol == b'9')
        && is_day_of_some_century(number(&[decade, year]), month, number(&[day_tens, day]))
        && (initials.iter().all(u8::is_ascii_uppercase)
            || matches!(initials, [first, b'9'] if first.is_ascii_alphanumeric()))
        && shaped(rest.get(8..).unwrap_or_default(), b"*@@")
}

/// Personal public service number: seven digits, a check letter by modulus 23, and a second
/// letter that counts nine times when it is there (Department of Social Protection, PPS number;
/// `W` as second letter counts nothing, as before 2013).
pub(super) fn pps(text: &[u8]) -> bool {
    match (symbols::<8>(text), symbols::<9>(text)) {
        (Some([body @ .., check]), _) => is_pps(&body, check, 0),
        (_, Some([body @ .., check, second])) => match second {
            b'A'..=b'I' => is_pps(&body, check, second.saturating_sub(b'A').saturating_add(1)),
            b'W' | b'T' | b'X' => is_pps(&body, check, 0),
            _ => false,
        },
        _ => false,
    }
}

fn is_pps(body: &[u8], check: u8, second: u8) -> bool {
    digits::<7>(body).is_some_and(|[a, b, c, d, e, f, g]| {
        let all = [a, b, c, d, e, f, g, second];
        let sum = weigh(&all, &[8, 7, 6, 5, 4, 3, 2, 9]) % 23;
        let letter = b"WABCDEFGHIJKLMNOPQRSTUV"
            .iter()
            .zip(0_u64..)
            .find(|(_, n)| *n == sum);
        letter.is_some_and(|(letter, _)| *letter == check) && !repeats(&[a, b, c, d, e, f, g])
    })
}
