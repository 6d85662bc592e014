//! Reads what follows a street in an address: unit, city, state and postal code, country.

use super::lexicon::{Kinds, Lexicon};
use super::text::{Text, is_word, less, sum};
use super::words::{self, Word};

/// Most parts that may follow a street: unit, district, city with its code, country.
const PARTS_MAX: usize = 5;

/// Where the parts end that follow a street: unit, city, state and code, country.
pub(super) fn parts(text: Text<'_>, street_end: usize, lexicon: Lexicon<'_>) -> usize {
    let mut end = street_end;
    let mut coded = false;
    for _ in 0..PARTS_MAX {
        let gap = gap(text, end);
        if gap == 0 {
            break;
        }
        let at = sum(end, gap);
        // A second code begins another row of a table.
        let is_code = code(text, at).is_some();
        if is_code && coded {
            break;
        }
        let Some(next) = part(text, at, lexicon) else {
            break;
        };
        coded |= is_code;
        end = next;
    }
    end
}

/// How many bytes stand between two parts; 0 when none can follow.
pub(super) fn gap(text: Text<'_>, end: usize) -> usize {
    let length = text.run(end, 4, |byte| matches!(byte, b',' | b' ' | b'\n' | b'\r'));
    let bytes = text.slice(end, sum(end, length));
    let commas = bytes.iter().filter(|byte| **byte == b',').count();
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    if commas > 1 || lines > 1 { 0 } else { length }
}

fn part(text: Text<'_>, start: usize, lexicon: Lexicon<'_>) -> Option<usize> {
    unit(text, start, lexicon)
        .or_else(|| code(text, start).map(|end| city(text, end, lexicon)))
        .or_else(|| settled(text, start, lexicon))
}

/// Where a town ends that begins at the place and has its postal code: `20099 Hamburg`,
/// `Shrewsbury SY2 1AN`, `Baton Rouge, LA 70836`. A number of four digits alone is a year as well.
pub(super) fn coded(text: Text<'_>, start: usize, lexicon: Lexicon<'_>) -> Option<usize> {
    let Some(code_end) = code(text, start) else {
        let end = settled(text, start, lexicon)?;
        let tail = text.slice(less(end, 2), end);
        let british = tail.iter().all(u8::is_ascii_uppercase) && text.back(end, 3).is_ascii_digit();
        return (british || tail.iter().all(u8::is_ascii_digit)).then_some(end);
    };
    let end = city(text, code_end, lexicon);
    let plain = less(code_end, start) == 4;
    let known = || {
        let town = text.slice(sum(code_end, 1), end);
        lexicon.kinds(town).any(Kinds::PLACE)
    };
    (end > code_end && (!plain || known())).then_some(end)
}

/// `Apt. 12`, `Suite 4B`, `Piano 3`, `#12`.
fn unit(text: Text<'_>, start: usize, lexicon: Lexicon<'_>) -> Option<usize> {
    let number = if text.at(start) == b'#' {
        sum(start, 1)
    } else {
        let word = Word::at(text, start, lexicon)?;
        if !word.kinds.any(Kinds::UNIT) || text.at(word.behind()) != b' ' {
            return None;
        }
        sum(word.behind(), 1)
    };
    let length = text.run(number, 6, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'-'
    });
    let plain = text.slice(number, sum(number, length));
    let fits = plain.iter().any(u8::is_ascii_digit) || plain.len() == 1;
    fits.then_some(sum(number, length))
}

/// Where a postal code ends that begins at the place: five digits and perhaps four more, four
/// digits and perhaps two capitals, the British and the Canadian form.
fn code(text: Text<'_>, start: usize) -> Option<usize> {
    let digits = text.run(start, 10, |byte| byte.is_ascii_digit());
    let end = sum(start, digits);
    let found = match digits {
        5 if text.at(end) == b'-' && text.run(sum(end, 1), 5, |b| b.is_ascii_digit()) == 4 => {
            sum(end, 5)
        }
        4 if text.at(end) == b' '
            && text.run(sum(end, 1), 3, |b| b.is_ascii_uppercase()) == 2
            && !is_word(text.at(sum(end, 3))) =>
        {
            sum(end, 3)
        }
        4..=6 => end,
        3 if text.at(end) == b' ' && text.run(sum(end, 1), 3, |b| b.is_ascii_digit()) == 2 => {
            sum(end, 3)
        }
        2 if text.at(end) == b'-' && text.run(sum(end, 1), 4, |b| b.is_ascii_digit()) == 3 => {
            sum(end, 4)
        }
        0 => return british(text, start).or_else(|| canadian(text, start)),
        _ => return None,
    };
    (!is_word(text.at(found))).then_some(found)
}

/// `SP7V 8FD`, `M1 1AE` (BS 7666).
fn british(text: Text<'_>, start: usize) -> Option<usize> {
    let outward = text.run(start, 5, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit()
    });
    let gap = sum(start, outward);
    let area = text.run(start, 3, |byte| byte.is_ascii_uppercase());
    let inward = text.slice(sum(gap, 1), sum(gap, 4));
    let fits = (2..=4).contains(&outward)
        && (1..=2).contains(&area)
        && text.at(gap) == b' '
        && matches!(inward, [a, rest @ ..] if a.is_ascii_digit() && rest.len() == 2)
        && inward.iter().skip(1).all(u8::is_ascii_uppercase);
    let end = sum(gap, 4);
    (fits && !is_word(text.at(end))).then_some(end)
}

/// `E8K 3TN`.
fn canadian(text: Text<'_>, start: usize) -> Option<usize> {
    let is = |at: usize, digit: bool| {
        let byte = text.at(sum(start, at));
        if digit {
            byte.is_ascii_digit()
        } else {
            byte.is_ascii_uppercase()
        }
    };
    let head = is(0, false) && is(1, true) && is(2, false);
    let gap = usize::from(text.at(sum(start, 3)) == b' ');
    let tail = is(sum(3, gap), true) && is(sum(4, gap), false) && is(sum(5, gap), true);
    let end = sum(sum(start, 6), gap);
    (head && tail && !is_word(text.at(end))).then_some(end)
}

/// Where the city ends that may follow a code.
fn city(text: Text<'_>, code_end: usize, lexicon: Lexicon<'_>) -> usize {
    let gap = text.run(code_end, 2, |byte| matches!(byte, b' ' | b','));
    let mut end = code_end;
    // `75001, Paris`, but not the next cell of a table.
    if gap == 1 && text.at(code_end) == b',' {
        return code_end;
    }
    let mut at = sum(code_end, gap);
    for _ in 0..4 {
        let Some(word) = Word::at(text, at, lexicon) else {
            break;
        };
        if !word.is_proper() && !word.is_small_part() {
            break;
        }
        if word.is_proper() {
            end = word.end;
        }
        if text.at(word.end) != b' ' {
            break;
        }
        at = sum(word.end, 1);
    }
    // `Roma (RM)`.
    let bracket = text.slice(end, sum(end, 5));
    match bracket {
        [b' ', b'(', a, b, b')'] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => sum(end, 5),
        _ => end,
    }
}

/// A city that a state, a code or a country follows, or that is known; a state or country alone.
fn settled(text: Text<'_>, start: usize, lexicon: Lexicon<'_>) -> Option<usize> {
    let mut at = start;
    let mut known = None;
    for count in 0..5 {
        if count > 0
            && let Some(end) = code(text, at)
        {
            return Some(end);
        }
        let word = Word::at(text, at, lexicon)?;
        if !word.is_proper() && !word.is_small_part() {
            return known;
        }
        let is_state = word.kinds.any(Kinds::STATE)
            && (word.shape == words::Shape::Capitals || less(word.end, word.start) > 3);
        if is_state || word.kinds.any(Kinds::COUNTRY) {
            let gap = text.run(word.end, 2, |byte| matches!(byte, b' ' | b','));
            let end = code(text, sum(word.end, gap)).filter(|_| gap > 0);
            return Some(end.unwrap_or(word.end));
        }
        if word.kinds.any(Kinds::PLACE) {
            known = Some(word.end);
        }
        match (text.at(word.end), text.at(sum(word.end, 1))) {
            (b' ', _) => at = sum(word.end, 1),
            // `Springfield, IL 62701`: only what tells the place may follow the comma.
            (b',', b' ') | (b'\n', _) => {
                let next = sum(word.end, if text.at(word.end) == b',' { 2 } else { 1 });
                return placed(text, next, lexicon).or(known);
            }
            _ => return known,
        }
    }
    known
}

/// A state with its code, a code, or a country.
fn placed(text: Text<'_>, start: usize, lexicon: Lexicon<'_>) -> Option<usize> {
    if let Some(end) = code(text, start) {
        return Some(end);
    }
    let word = Word::at(text, start, lexicon)?;
    if !word.kinds.any(Kinds::STATE.and(Kinds::COUNTRY)) || !word.is_proper() {
        return None;
    }
    let end = code(text, sum(word.end, 1)).filter(|_| text.at(word.end) == b' ');
    Some(end.unwrap_or(word.end))
}
