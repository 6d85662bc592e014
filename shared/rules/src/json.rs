//! Steps over JSON text that the gate has checked; what is not JSON ends the walk.

use memchr::memchr2;

/// The first byte that is no blank, from `at` on.
#[inline]
pub(crate) fn behind_blanks(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        // What nearly every message has: none.
        Some(byte) if *byte > b' ' => at,
        _ => behind_some_blanks(text, at),
    }
}

fn behind_some_blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let blanks = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        .count();
    at.saturating_add(blanks)
}

/// The byte behind a string whose opening quote stands at `at`.
pub(crate) fn behind_string(text: &[u8], at: usize) -> Option<usize> {
    let mut from = at.checked_add(1)?;
    loop {
        let found = from.checked_add(memchr2(b'"', b'\\', text.get(from..)?)?)?;
        if text.get(found) == Some(&b'"') {
            return found.checked_add(1);
        }
        from = found.checked_add(2)?;
    }
}

/// The byte behind the value that begins at `at`.
pub(crate) fn behind_value(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => behind_string(text, at),
        b'{' | b'[' => behind_container(text, at),
        _ => {
            let rest = text.get(at..)?;
            let is_end =
                |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
            let len = rest.iter().position(is_end).unwrap_or(rest.len());
            (len > 0).then(|| at.saturating_add(len))
        }
    }
}

fn behind_container(text: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = at;
    loop {
        match text.get(at)? {
            b'"' => {
                at = behind_string(text, at)?;
                continue;
            }
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at = at.checked_add(1)?;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// What a string says; `raw` stands between its quotes. Escapes are undone in `buffer`.
pub(crate) fn decoded<'a>(raw: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    if !raw.as_bytes().contains(&b'\\') {
        return Some(raw);
    }
    buffer.clear();
    let mut rest = raw;
    while let Some((plain, behind)) = rest.split_once('\\') {
        buffer.push_str(plain);
        let kind = behind.bytes().next()?;
        rest = behind.get(1..)?;
        buffer.push(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => unit(&mut rest)?,
            _ => return None,
        });
    }
    buffer.push_str(rest);
    Some(buffer)
}

/// The character of `\uXXXX`, or of a pair of them; `rest` stands behind the `u`.
fn unit(rest: &mut &str) -> Option<char> {
    let first = four(rest)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first);
    }
    *rest = rest.strip_prefix("\\u")?;
    let second = four(rest)?;
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    let high = first.checked_sub(0xd800)?;
    char::from_u32(
        0x1_0000_u32
            .checked_add(high.checked_mul(0x400)?)?
            .checked_add(low)?,
    )
}

fn four(rest: &mut &str) -> Option<u32> {
    let (digits, behind) = rest.split_at_checked(4)?;
    *rest = behind;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(digits, 16).ok())?
}
