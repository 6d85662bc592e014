//! Names of tools that look like others, or that show something else than they are.
//!
//! Two names look alike when their skeletons are equal: case folded, then every character replaced
//! by what it is confused with (UTS 39 section 4), then case folded again.

use unicode_security::confusable_detection::skeleton as confusable;
use varistor_model::is_hidden;

/// What two names have in common when a reader takes one for the other.
#[must_use]
pub fn skeleton(name: &str) -> String {
    let folded = name.to_lowercase();
    let shown = folded.chars().filter(|character| !is_hidden(*character));
    let shown: String = shown.collect();
    confusable(&shown).flat_map(char::to_lowercase).collect()
}

/// Whether two names differ in more than the case of Latin letters. Servers write `search` and
/// `Search` without each other's knowledge; no two of them write `search` with a Cyrillic letter.
#[must_use]
pub fn is_disguise(name: &str, other: &str) -> bool {
    let is_plain = name.is_ascii() && other.is_ascii();
    !(is_plain || name.eq_ignore_ascii_case(other))
}

/// The text with every hidden character spelled out, as in `<U+202E>`; line ends and tabs stay
/// where `lines` says so.
#[must_use]
pub fn shown(text: &str, lines: bool) -> String {
    use core::fmt::Write as _;
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) && !(lines && matches!(character, '\n' | '\t')) {
            // Writing to a String does not fail.
            let _ = write!(shown, "<U+{:04X}>", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_have_one_skeleton() {
        for (name, twin) in [
            ("get_issue", "get_\u{456}ssue"),
            ("get_issue", "GET_ISSUE"),
            ("search", "se\u{430}rch"),
            ("read_file", "read_fi\u{200b}le"),
            ("read_file", "read_\u{ff46}ile"),
            ("pay_all", "pay_a1l"),
            ("log0", "logO"),
        ] {
            assert_eq!(skeleton(name), skeleton(twin), "{name} {twin}");
        }
        for (name, other) in [
            ("get_issue", "get_issues"),
            ("read", "write"),
            ("a_b", "a-b"),
        ] {
            assert_ne!(skeleton(name), skeleton(other), "{name} {other}");
        }
    }

    #[test]
    fn the_case_of_latin_letters_is_no_disguise() {
        assert!(!is_disguise("Search", "search"));
        assert!(!is_disguise("log1", "logl"));
        assert!(is_disguise("search", "se\u{430}rch"));
    }

    #[test]
    fn hidden_characters_are_spelled_out() {
        assert_eq!(
            shown("a\u{202e}b\n\u{e0041}", false),
            "a<U+202E>b<U+000A><U+E0041>"
        );
        assert_eq!(shown("a\n\tb\u{7f}", true), "a\n\tb<U+007F>");
        assert_eq!(shown("Größe 😀", false), "Größe 😀");
    }
}
