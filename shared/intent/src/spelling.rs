//! Arguments as their server reads them: JSON lets every letter be written as an escape, and a name
//! or a value that is spelled so must mean the same here.

use std::borrow::Cow;

/// The same arguments with every escape of a printable ASCII character undone, but for those that
/// JSON needs: quotes and backslashes. Allocates only where there may be one.
pub(crate) fn plain(arguments: &str) -> Cow<'_, str> {
    let bytes = arguments.as_bytes();
    let has = |escape: &[u8]| memchr::memmem::find(bytes, escape).is_some();
    if !has(b"\\u") && !has(b"\\/") {
        return Cow::Borrowed(arguments);
    }
    let mut rest = arguments;
    let mut out = String::with_capacity(arguments.len());
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (before, escape) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let (letter, length) = undone(escape);
        out.push_str(before);
        match letter {
            Some(letter) => out.push(letter),
            None => out.push_str(escape.get(..length).unwrap_or_default()),
        }
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What the escape at the beginning of a text stands for, when that may stand there as it is; and
/// how many bytes it takes.
fn undone(escape: &str) -> (Option<char>, usize) {
    let bytes = escape.as_bytes();
    match bytes.get(1) {
        Some(b'/') => (Some('/'), 2),
        Some(b'u') => {
            let code = escape
                .get(2..6)
                .and_then(|hex| u32::from_str_radix(hex, 16).ok());
            let letter = code.and_then(char::from_u32);
            let is_plain =
                |letter: &char| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\');
            let length = if code.is_some() { 6 } else { 2 };
            (letter.filter(is_plain), length)
        }
        Some(byte) if byte.is_ascii() => (None, 2),
        // No JSON: a backslash before something else, or at the end.
        _ => (None, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_need_no_escape_are_undone() {
        for (text, expected) in [
            (r#"{"am\u006funt":5}"#, r#"{"amount":5}"#),
            (
                r#"{"a":"DR\u004fP \u0022x\u005C \/ \\u0041"}"#,
                r#"{"a":"DROP \u0022x\u005C / \\u0041"}"#,
            ),
            (r#"{"a":"\\\u0041\n\u00e9"}"#, r#"{"a":"\\A\n\u00e9"}"#),
            (r#"{"a":"\u00"#, r#"{"a":"\u00"#),
            (r#"{"a":"\ud83d\ude00\u0041"}"#, r#"{"a":"\ud83d\ude00A"}"#),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_stays_and_time_is_linear() {
        for text in ["\\", "\\u", "\\é\\u0041", "\\u00", "\\u00é0"] {
            let _ = plain(text);
        }
        assert_eq!(plain("\\é\\u0041"), "\\éA");
        let long = "\\n".repeat(500_000) + "\\u0041";
        assert!(plain(&long).ends_with("nA"));
    }

    #[test]
    fn what_is_plain_is_borrowed_and_means_the_same() {
        for text in ["", "{}", r#"{"a":"b\n\\ \"c\""}"#] {
            assert!(matches!(plain(text), Cow::Borrowed(_)), "{text}");
        }
        let text = r#"{"\u006b":"\u0041\\\"\u0022\u005c\/\t\u00e9"}"#;
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&plain(text)), read(text));
    }
}
