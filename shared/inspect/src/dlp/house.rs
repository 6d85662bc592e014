//! Numbers of houses, as they are written before and behind a street.

use super::text::{Text, is_word, less, sum};

/// Where the house number begins that ends at the place: up to six digits, perhaps with a letter,
/// a fraction or a range.
pub(super) fn number_before(text: Text<'_>, end: usize) -> Option<usize> {
    let mut at = end;
    if text.before(at) == b',' {
        at = less(at, 1);
    }
    // `54 bis chemin ...`
    let repeated = REPEATED.iter().find(|word| {
        text.slice(less(at, word.len()), at) == **word && text.back(at, sum(word.len(), 1)) == b' '
    });
    if let Some(word) = repeated {
        at = less(at, sum(word.len(), 1));
    }
    if text.before(at).is_ascii_alphabetic() && text.back(at, 2).is_ascii_digit() {
        at = less(at, 1);
    }
    let length = text.run_back(at, 12, |byte| {
        byte.is_ascii_digit() || matches!(byte, b'-' | b'/')
    });
    let start = less(at, length);
    let digits = text
        .slice(start, at)
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .count();
    // `10:30 Main` is a time, `NOTE:30 Main` is none.
    let time = text.before(start) == b':' && !text.back(start, 2).is_ascii_alphabetic();
    let open =
        !is_word(text.before(start)) && !time && !matches!(text.before(start), b'.' | b'#' | b'$');
    ((1..=6).contains(&digits) && text.at(start).is_ascii_digit() && open).then_some(start)
}

/// How many bytes a word behind a number has, with its blank: `bis ` of `54 bis chemin`.
pub(super) fn repeated(text: Text<'_>, at: usize) -> usize {
    let word = REPEATED.iter().find(|word| text.has(at, word));
    let length = word.map_or(0, |word| word.len());
    match text.at(sum(at, length)) {
        b' ' if length > 0 => sum(length, 1),
        // `28 ter, chemin du Moulin`
        b',' if length > 0 && text.at(sum(at, sum(length, 1))) == b' ' => sum(length, 2),
        _ => 0,
    }
}

/// Words between a number and what follows, in French, Italian and Dutch.
const REPEATED: [&[u8]; 5] = [b"bis", b"ter", b"quater", b"hs", b"huis"];

/// Where an addition to a house number ends: `12 bis`, `97 B 33` (Finland: stair and flat),
/// `52-II` (the Netherlands: floor), `10 m. 4` (Poland: flat).
fn behind_number(text: Text<'_>, end: usize) -> usize {
    let at = sum(end, 1);
    let ends = |behind: usize| !is_word(text.at(behind));
    if text.at(end) == b'-' {
        let roman = text.run(at, 4, |byte| matches!(byte, b'I' | b'V'));
        let behind = sum(at, roman);
        return if roman > 0 && ends(behind) {
            behind
        } else {
            end
        };
    }
    if text.at(end) != b' ' {
        return end;
    }
    let word = REPEATED.iter().find(|word| text.has(at, word));
    if let Some(behind) = word.map(|word| sum(at, word.len())).filter(|it| ends(*it)) {
        return behind;
    }
    let number = |from: usize| sum(from, text.run(from, 4, |byte| byte.is_ascii_digit()));
    if text.has(at, b"m. ") || text.has(at, b"lok. ") {
        let from = sum(at, if text.at(at) == b'm' { 3 } else { 5 });
        let behind = number(from);
        return if behind > from && ends(behind) {
            behind
        } else {
            end
        };
    }
    // `147 b`, at the end or before a comma.
    let letter = matches!(text.at(at), b'a'..=b'h');
    if letter
        && matches!(
            text.at(sum(at, 1)),
            0 | b',' | b'\n' | b'"' | b'\'' | b';' | b'|' | b'<'
        )
    {
        return sum(at, 1);
    }
    let stair = text.at(at).is_ascii_uppercase() && text.at(sum(at, 1)) == b' ';
    let behind = number(sum(at, 2));
    if stair && behind > sum(at, 2) && ends(behind) {
        behind
    } else {
        end
    }
}

/// Where a house number ends that begins at the place: `12`, `12a`, `12/4`, `12-14`, `4-4`.
pub(super) fn house_number(text: Text<'_>, start: usize) -> Option<usize> {
    let digits = text.run(start, 6, |byte| byte.is_ascii_digit());
    if digits == 0 || digits > 4 {
        return None;
    }
    let mut end = sum(start, digits);
    let more = |at: usize| text.run(at, 4, |byte| byte.is_ascii_digit());
    // `12/4`, and with stair and flat as in Austria: `153/6/19`.
    for _ in 0..2 {
        if matches!(text.at(end), b'/' | b'-') && more(sum(end, 1)) > 0 {
            end = sum(sum(end, 1), more(sum(end, 1)));
        }
    }
    if text.at(end).is_ascii_alphabetic() && !is_word(text.at(sum(end, 1))) {
        end = sum(end, 1);
    }
    end = behind_number(text, end);
    let open =
        !(is_word(text.at(end)) || text.at(end) == b'.' && text.at(sum(end, 1)).is_ascii_digit());
    (open && text.at(end) != b':').then_some(end)
}
