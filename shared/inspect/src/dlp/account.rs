//! Reads what stands behind words that announce it: bank accounts and routing numbers of the
//! United States, dates of birth.

use super::text::{Text, is_word, less, sum};

/// How far behind its word a number may begin, in bytes.
const REACH: usize = 28;

/// The digits that a word announces, if the few words in between allow it: `account number 123`,
/// `"acct_no": "123"`, `Account #: 123`.
pub(super) fn announced(text: Text<'_>, word_end: usize) -> Option<(usize, usize)> {
    let mut at = word_end;
    let most = sum(word_end, REACH);
    while at < most {
        let byte = text.at(at);
        if byte.is_ascii_digit() {
            break;
        }
        if byte.is_ascii_alphabetic() {
            let length = text.run(at, 10, |byte| byte.is_ascii_alphabetic());
            let word = text.slice(at, sum(at, length));
            let between: [&[u8]; 13] = [
                b"number", b"no", b"num", b"nr", b"is", b"code", b"numbers", b"id", b"of", b"s",
                b"value", b"aba", b"transit",
            ];
            if !between.iter().any(|known| word.eq_ignore_ascii_case(known)) {
                return None;
            }
            at = sum(at, length);
        } else if byte.is_ascii_whitespace()
            || matches!(
                byte,
                b'"' | b'\''
                    | b':'
                    | b'='
                    | b'#'
                    | b'_'
                    | b'.'
                    | b'-'
                    | b'('
                    | b')'
                    | b','
                    | b'>'
                    | b'|'
                    | b'*'
            )
        {
            at = sum(at, 1);
        } else {
            return None;
        }
    }
    let length = text.run(at, 20, |byte| byte.is_ascii_digit());
    let end = sum(at, length);
    let alone = !is_word(text.before(at)) && !is_word(text.at(end)) && text.before(at) != b'.';
    let goes_on =
        matches!(text.at(end), b'.' | b'-' | b'/' | b':') && text.at(sum(end, 1)).is_ascii_digit();
    (length > 0 && alone && !goes_on).then_some((at, end))
}

/// Whether nine digits are a routing number: the prefixes of the Federal Reserve districts and of
/// thrifts, electronic transactions and checks, and the check digit (ANSI X9.100).
pub(super) fn is_routing(digits: &[u8]) -> bool {
    let [a, b, rest @ ..] = digits else {
        return false;
    };
    let value = |byte: &u8| u32::from(byte.wrapping_sub(b'0'));
    let prefix = value(a).saturating_mul(10).saturating_add(value(b));
    let weights = [3_u32, 7, 1, 3, 7, 1, 3, 7, 1];
    let total: u32 = digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| value(digit).saturating_mul(weight))
        .sum();
    rest.len() == 7
        && matches!(prefix, 0..=12 | 21..=32 | 61..=72 | 80)
        && total.is_multiple_of(10)
        && digits.iter().any(|digit| *digit != b'0')
}

/// Where the date ends that begins at the place, of a day between 1900 and today's elders:
/// `1987-08-12`, `12/08/1987`, `12.8.1987`, `12 August 1987`, `August 12, 1987`.
pub(super) fn date(text: Text<'_>, start: usize) -> Option<usize> {
    let first = text.run(start, 5, |byte| byte.is_ascii_digit());
    if first == 0 {
        let (month, at) = month(text, start)?;
        let at = sum(at, text.run(at, 2, |byte| matches!(byte, b' ' | b'.')));
        let (day, at) = number(text, at, 1, 2)?;
        let at = ordinal(text, at);
        let at = sum(at, text.run(at, 2, |byte| matches!(byte, b' ' | b',')));
        let (year, end) = number(text, at, 4, 4)?;
        return valid(text, (year, month, day), end);
    }
    let (head, at) = number(text, start, 1, 4)?;
    let sign = text.at(at);
    if matches!(sign, b'-' | b'/' | b'.') && text.at(sum(at, 1)).is_ascii_digit() {
        let (middle, at) = number(text, sum(at, 1), 1, 2)?;
        if text.at(at) != sign {
            return None;
        }
        let (tail, end) = number(text, sum(at, 1), 1, 4)?;
        let year_length = if first == 4 {
            first
        } else {
            less(end, sum(at, 1))
        };
        if !matches!(year_length, 2 | 4) {
            return None;
        }
        return match (first, middle) {
            (4, month) => valid(text, (head, month, tail), end),
            // Day and month in either order.
            (1 | 2, 1..=12) if head <= 31 => valid(text, (tail, middle, head), end),
            (1 | 2, 13..=31) if head <= 12 => valid(text, (tail, head, middle), end),
            _ => None,
        };
    }
    let at = ordinal(text, at);
    let at = sum(
        at,
        text.run(at, 2, |byte| matches!(byte, b' ' | b'.' | b'-')),
    );
    let at = if text.has(at, b"of ") { sum(at, 3) } else { at };
    let (month, at) = month(text, at)?;
    let at = sum(
        at,
        text.run(at, 2, |byte| matches!(byte, b' ' | b',' | b'.' | b'-')),
    );
    let (year, end) = number(text, at, 4, 4)?;
    valid(text, (year, month, head), end)
}

fn valid(text: Text<'_>, (year, month, day): (u32, u32, u32), end: usize) -> Option<usize> {
    let two_digits = year < 100;
    let fits = (1900..=2030).contains(&year) || two_digits;
    let good = fits && (1..=12).contains(&month) && (1..=31).contains(&day);
    (good && !text.at(end).is_ascii_digit()).then_some(end)
}

fn number(text: Text<'_>, at: usize, least: usize, most: usize) -> Option<(u32, usize)> {
    let length = text.run(at, sum(most, 1), |byte| byte.is_ascii_digit());
    if !(least..=most).contains(&length) {
        return None;
    }
    let end = sum(at, length);
    let value = text.slice(at, end).iter().fold(0_u32, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(u32::from(digit.wrapping_sub(b'0')))
    });
    Some((value, end))
}

fn ordinal(text: Text<'_>, at: usize) -> usize {
    let marks: [&[u8]; 4] = [b"st", b"nd", b"rd", b"th"];
    if marks.iter().any(|mark| text.has(at, mark)) {
        sum(at, 2)
    } else {
        at
    }
}

fn month(text: Text<'_>, at: usize) -> Option<(u32, usize)> {
    const MONTHS: [&[u8]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let length = text.run(at, 10, |byte| byte.is_ascii_alphabetic());
    let head = text.slice(at, sum(at, 3));
    let place = MONTHS
        .iter()
        .position(|month| head.eq_ignore_ascii_case(month))?;
    let number = u32::try_from(place).ok()?.saturating_add(1);
    (length >= 3).then_some((number, sum(at, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_order() {
        for date_text in [
            "1987-08-12",
            "12/08/1987",
            "8/12/1987",
            "12.8.1987",
            "12 August 1987",
            "August 12, 1987",
            "12th of Aug 1987",
            "Aug. 12 1987",
            "1987/08/12",
            "12-Aug-1987",
            "8/31/87",
        ] {
            let text = format!("{date_text}.");
            assert_eq!(
                date(Text(text.as_bytes()), 0),
                Some(date_text.len()),
                "{date_text}"
            );
        }
        for text in [
            "1987-13-12",
            "32/08/1987",
            "1887-08-12",
            "12 Foo 1987",
            "1.2.3",
            "12/08/19871",
        ] {
            assert_eq!(date(Text(text.as_bytes()), 0), None, "{text}");
        }
    }

    #[test]
    fn announced_digits_stand_near_their_word() {
        for text in [
            "account number 12345678.",
            "account\": \"12345678\"",
            "account_no: 12345678",
            "account #12345678",
        ] {
            let (start, end) = announced(Text(text.as_bytes()), 7).unwrap();
            assert_eq!(&text[start..end], "12345678");
        }
        for text in [
            "account has 12345678",
            "account",
            "account 12.5",
            "account 2026-11-27",
        ] {
            assert_eq!(announced(Text(text.as_bytes()), 7), None, "{text}");
        }
    }

    #[test]
    fn routing_numbers_have_a_check_digit() {
        assert!(is_routing(b"021000021") && is_routing(b"011401533"));
        assert!(
            !is_routing(b"021000022") && !is_routing(b"991000021") && !is_routing(b"000000000")
        );
    }
}
