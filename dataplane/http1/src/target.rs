//! Whether a request target means one path to every reader; refuses other forms than the origin
//! form, dot segments, empty segments, and slashes, backslashes and dots in disguise.

/// Whether the target is a path with an optional query (RFC 9112 section 3.2.1), without a
/// fragment, of the characters of RFC 3986, and with nothing in it that servers normalise.
pub(crate) fn is_valid(target: &[u8]) -> bool {
    if target.first() != Some(&b'/') {
        return false;
    }
    if is_simple(target) {
        return true;
    }
    if !target.iter().all(|byte| is_allowed(*byte)) {
        return false;
    }
    let split = target
        .iter()
        .position(|byte| *byte == b'?')
        .unwrap_or(target.len());
    let (path, query) = target.split_at(split);
    escapes(path).all(|escape| escape.is_some_and(|byte| is_plain(byte) && !is_structural(byte)))
        && escapes(query).all(|escape| escape.is_some_and(is_plain))
        && !has_odd_segment(path)
}

/// Whether the byte may stand in a path or query.
fn is_allowed(byte: u8) -> bool {
    class(byte) != Class::Refused
}

/// What a byte may mean in a target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Refused,
    /// Means nothing but itself.
    Plain,
    /// Begins a segment, an escape, parameters or the query, or may be a whole segment.
    Telling,
}

fn class(byte: u8) -> Class {
    let class = CLASSES.get(usize::from(byte)).copied();
    class.unwrap_or(Class::Refused)
}

#[expect(
    clippy::indexing_slicing,
    reason = "the compiler evaluates it, and stops at a wrong index"
)]
static CLASSES: [Class; 256] = {
    let mut table = [Class::Refused; 256];
    let mut rest: &[u8] = b"-_~!$&'()*+,=:@0123456789\
        abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    while let [byte, tail @ ..] = rest {
        table[*byte as usize] = Class::Plain;
        rest = tail;
    }
    rest = b"/.?%;";
    while let [byte, tail @ ..] = rest {
        table[*byte as usize] = Class::Telling;
        rest = tail;
    }
    table
};

/// Whether the target is segments of plain bytes with one slash before each, and nothing else.
fn is_simple(target: &[u8]) -> bool {
    let mut was_slash = false;
    target.iter().all(|byte| {
        let fits = match class(*byte) {
            Class::Plain => true,
            _ => *byte == b'/' && !was_slash,
        };
        was_slash = *byte == b'/';
        fits
    })
}

/// Whether an encoded byte is no control byte.
const fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f
}

/// Whether an encoded byte would change the path's structure once decoded, also twice.
const fn is_structural(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\' | b'.' | b'%' | b'?' | b'#' | b';')
}

/// The bytes that are encoded with `%`; `None` for one that is cut short or no hex.
fn escapes(part: &[u8]) -> impl Iterator<Item = Option<u8>> {
    part.split(|byte| *byte == b'%')
        .skip(1)
        .map(|behind| match behind {
            [high, low, ..] => Some(hex(*high)?.wrapping_shl(4) | hex(*low)?),
            _ => None,
        })
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(digit.wrapping_sub(b'a').wrapping_add(10)),
        b'A'..=b'F' => Some(digit.wrapping_sub(b'A').wrapping_add(10)),
        _ => None,
    }
}

/// Whether a segment is `.` or `..`, parameters aside, or empty before the end.
fn has_odd_segment(path: &[u8]) -> bool {
    let mut segments = path.split(|byte| *byte == b'/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let name = segment
            .split(|byte| *byte == b';')
            .next()
            .unwrap_or_default();
        if matches!(name, b"." | b"..") || (segment.is_empty() && segments.peek().is_some()) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_one_plain_path() {
        for good in [
            "/",
            "/mcp",
            "/mcp/",
            "/mcp/a.b/c..d/...",
            "/mcp?a=/../%2f//%5c.",
            "/a%20b",
            "/a;b=1",
            "/%e2%82%ac",
            "/messages?sessionId=1&url=https%3A%2F%2Fx?",
        ] {
            assert!(is_valid(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "*",
            "mcp",
            "http://h/",
            "//",
            "//h/x",
            "/a//b",
            "/.",
            "/..",
            "/a/./b",
            "/a/../b",
            "/a/..",
            "/..;/b",
            "/.;x/b",
            "/%2e%2e/b",
            "/%2E/b",
            "/a%2fb",
            "/a%2Fb",
            "/a%5cb",
            "/a\\b",
            "/a#b",
            "/a%",
            "/a%2",
            "/a%g0",
            "/a%00",
            "/a?%0d%0a",
            "/a%7f",
            "/a%252e",
            "/a|b",
            "/a\"",
            "/a<b",
            "/{a}",
            "/a^b",
            "/a`b",
            "/a%3f",
            "/a%23b",
            "/a?b#c",
            "/a?%",
        ] {
            assert!(!is_valid(bad.as_bytes()), "{bad}");
        }
    }
}
