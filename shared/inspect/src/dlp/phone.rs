//! Reads telephone numbers: international ones (ITU-T E.164), North American ones, and national
//! ones that begin with a trunk 0.
//!
//! Decides where a number ends and how sure it is; refuses dates, addresses of machines, versions
//! and plain runs of digits, unless the text before says that a telephone number follows.

mod asked;
mod plan;

use super::text::{Text, is_word, less, sum};

pub(super) use asked::is_asked_for;
use plan::{is_plan, national_length};

/// A telephone number in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Phone {
    pub(super) start: usize,
    pub(super) end: usize,
    /// In percent.
    pub(super) confidence: u8,
    /// Whether it is one only where the text before says so.
    pub(super) needs_context: bool,
    /// Whether it is written in groups, as people write it.
    pub(super) is_grouped: bool,
}

/// Longest number with its country code, ITU-T E.164 section 6.
const DIGITS_MAX: usize = 15;
const GROUPS_MAX: usize = 8;

/// The digits of a candidate, by groups.
struct Groups {
    digits: [u8; DIGITS_MAX],
    count: usize,
    lengths: [usize; GROUPS_MAX],
    groups: usize,
    end: usize,
    /// The signs between groups; 0 when there are none, 255 when they differ.
    sign: u8,
    bracket: bool,
}

/// The number whose first digit stands at `digit`, with what belongs to it before that digit.
pub(super) fn read(text: Text<'_>, digit: usize) -> Option<Phone> {
    let mut start = digit;
    let bracket = text.before(start) == b'(';
    if bracket {
        start = less(start, 1);
    }
    let plus = text.before(start) == b'+' || (bracket && text.before(start) == b'+');
    if plus {
        start = less(start, 1);
    }
    if text.before(start) == b'(' && plus {
        start = less(start, 1);
    }
    if !is_open(text, start) {
        return None;
    }
    let groups = groups(text, digit, bracket)?;
    let digits = groups.digits.get(..groups.count)?;
    let found = |confidence, needs_context| {
        Some(Phone {
            start,
            end: extension(text, groups.end),
            confidence,
            needs_context,
            is_grouped: groups.count >= 8 && (groups.groups >= 2 || groups.bracket),
        })
    };
    if plus {
        return international(digits).and_then(|sure| found(sure, false));
    }
    // `2456 0318 9406 4256`: the end of a longer number.
    if text.before(start) == b' ' && text.back(start, 2).is_ascii_digit() {
        return None;
    }
    let lengths = groups.lengths.get(..groups.groups)?;
    if let [b'0', b'0', rest @ ..] = digits
        && lengths.len() > 1
        && international(rest).is_some()
    {
        return found(80, false);
    }
    if let Some(sure) = north_american(digits, lengths, &groups) {
        return found(sure, sure < 60);
    }
    if let Some(sure) = national(digits, lengths, &groups) {
        return found(sure, sure < 60);
    }
    let is_number = (7..=DIGITS_MAX).contains(&groups.count) && !is_date(lengths, groups.sign);
    if is_number { found(75, true) } else { None }
}

fn is_open(text: Text<'_>, start: usize) -> bool {
    let before = text.before(start);
    let inside = is_word(before)
        || matches!(
            before,
            b'.' | b'-' | b'_' | b'/' | b'#' | b'$' | b'+' | b'%'
        );
    // `tel:+1...`, `x=+1...` are fine; `1.234`, `a-1` are parts of something else.
    !inside || (before == b'/' && text.at(start) == b'+')
}

fn groups(text: Text<'_>, digit: usize, bracket: bool) -> Option<Groups> {
    let mut groups = Groups {
        digits: [0; DIGITS_MAX],
        count: 0,
        lengths: [0; GROUPS_MAX],
        groups: 0,
        end: digit,
        sign: 0,
        bracket,
    };
    let mut at = digit;
    loop {
        let length = text.run(at, DIGITS_MAX + 1, |byte| byte.is_ascii_digit());
        if length == 0 {
            break;
        }
        // A letter right behind makes the group a part of something else: `5pm`, `3rd`.
        let behind = sum(at, length);
        if is_word(text.at(behind)) && text.at(behind) != b'x' {
            break;
        }
        let room = groups
            .digits
            .get_mut(groups.count..sum(groups.count, length));
        let Some(room) = room else { break };
        for (to, from) in room.iter_mut().zip(text.slice(at, behind)) {
            *to = *from;
        }
        let place = groups.lengths.get_mut(groups.groups)?;
        *place = length;
        groups.count = sum(groups.count, length);
        groups.groups = sum(groups.groups, 1);
        groups.end = behind;
        if groups.groups == GROUPS_MAX {
            break;
        }
        let Some(next) = between(text, behind, &mut groups) else {
            break;
        };
        at = next;
    }
    // Not in the middle of something longer.
    let end = groups.end;
    let behind = text.at(end);
    let longer = is_word(behind) && behind != b'x'
        || matches!(behind, b'-' | b'.' | b'/' | b':')
            && text.at(sum(end, 1)).is_ascii_alphanumeric()
            && behind != b'.'
        || matches!(behind, b'.') && text.at(sum(end, 1)).is_ascii_digit();
    (!longer && groups.groups > 0).then_some(groups)
}

/// Where the next group begins, behind a blank, a dash, a dot, a slash or brackets.
fn between(text: Text<'_>, at: usize, groups: &mut Groups) -> Option<usize> {
    let mut next = at;
    let close = text.at(next) == b')';
    if close {
        groups.bracket = true;
        next = sum(next, 1);
    }
    let sign = text.at(next);
    let mut signs = groups.sign;
    if matches!(sign, b' ' | b'-' | b'.' | b'/') {
        next = sum(next, 1);
        // `030 / 994 08 03`: only what stands behind a prefix.
        let is_prefix = groups.groups == 1 && groups.count <= 6;
        if sign == b' '
            && is_prefix
            && matches!(text.at(next), b'-' | b'/')
            && text.at(sum(next, 1)) == b' '
        {
            next = sum(next, 2);
        }
        if !close {
            signs = match groups.sign {
                0 => sign,
                same if same == sign => sign,
                _ => 255,
            };
        }
    } else if !close && sign != b'(' {
        return None;
    }
    if text.at(next) == b'(' {
        groups.bracket = true;
        next = sum(next, 1);
    }
    if !text.at(next).is_ascii_digit() {
        return None;
    }
    groups.sign = signs;
    Some(next)
}

/// Behind an extension: `x123`, ` ext. 123`.
fn extension(text: Text<'_>, end: usize) -> usize {
    let at = sum(end, text.run(end, 2, |byte| matches!(byte, b' ' | b',')));
    let marks: [&[u8]; 6] = [b"x", b"ext. ", b"ext.", b"ext ", b"ext", b"extension "];
    let Some(mark) = marks.iter().find(|mark| text.has(at, mark)) else {
        return end;
    };
    let number = sum(at, mark.len());
    let length = text.run(number, 7, |byte| byte.is_ascii_digit());
    let behind = sum(number, length);
    if (1..=6).contains(&length) && !is_word(text.at(behind)) {
        behind
    } else {
        end
    }
}

/// How sure digits with a country code are a number of that country's length.
fn international(digits: &[u8]) -> Option<u8> {
    for length in 1..=3 {
        let code = digits.get(..length)?;
        let value = code.iter().fold(0_u16, |value, digit| {
            value
                .wrapping_mul(10)
                .wrapping_add(u16::from(digit.wrapping_sub(b'0')))
        });
        let Some((least, most)) = national_length(value) else {
            continue;
        };
        // The trunk 0 is often written along: `+44 (0)20 ...`.
        let national = digits.get(length..)?;
        let trunk = usize::from(national.first() == Some(&b'0'));
        let count = national.len();
        let fits = (least..=most).contains(&count) || (least..=most).contains(&less(count, trunk));
        if value == 1 {
            return (fits && is_plan(national)).then_some(95);
        }
        return fits.then_some(92);
    }
    None
}

fn north_american(digits: &[u8], lengths: &[usize], groups: &Groups) -> Option<u8> {
    let national = match digits {
        [b'1', rest @ ..] if rest.len() == 10 => rest,
        [b'0', b'0', b'1', rest @ ..] if rest.len() == 10 => rest,
        rest if rest.len() == 10 => rest,
        _ => return None,
    };
    if !is_plan(national) {
        return None;
    }
    match lengths {
        [3, 3, 4] | [1 | 3, 3, 3, 4] if groups.bracket => Some(93),
        [3, 3, 4] | [1 | 3, 3, 3, 4] if groups.sign != 255 => Some(88),
        [3, 3, 4] | [3, 7] if groups.bracket => Some(80),
        [3, 7] => Some(50),
        [10 | 11] => Some(50),
        _ => None,
    }
}

/// National numbers with a trunk 0, in the groups in which people write them.
fn national(digits: &[u8], lengths: &[usize], groups: &Groups) -> Option<u8> {
    if digits.first() != Some(&b'0') || digits.get(1) == Some(&b'0') {
        return None;
    }
    // No year begins with 0: `0473/65 75 43` is no date.
    let dated = is_date(lengths, groups.sign) && lengths.first() != Some(&4);
    if !(9..=12).contains(&digits.len()) || lengths.len() < 2 || dated {
        return None;
    }
    let second = digits.get(1).copied().unwrap_or_default();
    let shape = match lengths {
        // France, Belgium, Italy's mobiles, the United Kingdom, Australia, Germany, Spain.
        [2, 2, 2, 2, 2] | [4, 2, 2, 2] | [5, 6] | [5, 3, 3] | [3, 4, 4] | [4, 3, 4] | [4, 3, 3] => {
            74
        }
        // Sweden.
        [2 | 3, 3, 2, 2] | [2..=4, 2, 2, 2] if groups.sign == 255 => 72,
        [3, 3, 2, 2] if groups.sign == b' ' => 66,
        // Hungary; mobiles of the Netherlands and of Germany.
        [2, 2, 3, 4] | [2, 8] if second == b'6' => 66,
        [4, 7 | 8] if matches!(digits.get(1..3), Some(b"15" | b"16" | b"17")) => 66,
        [2, 4, 4] | [3, 3, 4] => 66,
        // Germany, with an extension.
        [3..=5, 5..=8, 1..=4] if groups.sign == 255 => 66,
        [4 | 5, 6..=8] | [3, 7 | 8]
            if groups.sign == b'/' || groups.sign == b'-' || groups.bracket =>
        {
            66
        }
        [2..=5, 3..=8] => 50,
        _ if groups.bracket => 62,
        _ => 50,
    };
    Some(shape)
}

/// Whether groups are those of a date or of a time.
fn is_date(lengths: &[usize], sign: u8) -> bool {
    matches!(
        lengths,
        [4, 1..=2, 1..=2] | [1..=2, 1..=2, 2 | 4] | [4, 2, 2, ..] | [1..=2, 1..=2, 4, ..]
    ) || matches!((lengths, sign), ([1..=3, 1..=3, 1..=3, 1..=3], b'.'))
        || matches!((lengths, sign), ([_, _], b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(&str, bool)> {
        let digit = text.find(|c: char| c.is_ascii_digit())?;
        let phone = read(Text(text.as_bytes()), digit)?;
        Some((&text[phone.start..phone.end], phone.needs_context))
    }

    #[test]
    fn numbers_are_read_whole() {
        for number in [
            "+1 202-555-0143",
            "+1 (202) 555-0143",
            "(202) 555-0143",
            "202-555-0143",
            "202.555.0143",
            "1-202-555-0143",
            "+12025550143",
            "+44 20 7946 0958",
            "+44 (0)20 7946 0958",
            "+49 30 901820",
            "+33 1 99 00 12 34",
            "01 99 00 12 34",
            "07700 900123",
            "020 7946 0958",
            "0049 30 901820",
            "202-555-0143 ext. 12",
            "202-555-0143x1234",
            "+91 98765 43210",
            "+86 138 0013 8000",
            "+55 11 91234-5678",
            "0473/65 75 43",
            "067 759 25 74",
            "030 / 994 08 03",
            "0171 9532808",
            "06 31344690",
        ] {
            let text = format!("call {number}, please");
            assert_eq!(found(&text), Some((number, false)), "{number}");
        }
    }

    #[test]
    fn other_numbers_are_not_taken_for_telephones() {
        for text in [
            "2026-11-27 10:30:00",
            "27.11.2026",
            "192.168.100.200",
            "1.234.567",
            "#202-555-0143",
            "v202-555-0143",
            "102-555-0143",
            "202-155-0143",
            "+999 12345678",
            "3.141592653",
            "12345",
            "202-555-0143-99",
        ] {
            assert!(found(text).is_none_or(|(_, needs)| needs), "{text}");
        }
        for text in ["1700000000", "20255501", "2025550143"] {
            assert_eq!(found(text).map(|(_, needs)| needs), Some(true), "{text}");
        }
    }
}
