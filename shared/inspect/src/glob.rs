//! Decides whether a name matches a pattern of the policy: `*` is any run, `?` one character.
//!
//! Refuses, when a policy is compiled, every pattern that a reader could take for something else:
//! character classes, escapes, nested or unbalanced braces, blanks and control characters.

mod rows;

use varistor_model::limits::NAME_BYTES_MAX;

pub use rows::{are_arranged, arrange, candidates, of_server};

/// Most patterns that one pattern with braces may stand for.
pub const EXPANSIONS_MAX: usize = 256;

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// Nothing between the quotes.
    #[error("empty pattern")]
    Empty,
    /// Longer than a name can be.
    #[error("pattern longer than {NAME_BYTES_MAX} bytes")]
    TooLong,
    /// A blank, a line end or another control character.
    #[error("whitespace or control character {0:?}")]
    Blank(char),
    /// `[` or `]`.
    #[error("character classes are not supported, found '{0}'")]
    Class(char),
    /// A backslash.
    #[error("escapes are not supported, found '\\'")]
    Escape,
    /// A brace without its partner.
    #[error("unbalanced '{0}'")]
    Unbalanced(char),
    /// Braces within braces.
    #[error("nested braces are not supported")]
    Nested,
    /// `{}`, `{a,}` and the like.
    #[error("empty alternative between braces")]
    EmptyAlternative,
    /// Too many combinations of alternatives.
    #[error("braces stand for more than {EXPANSIONS_MAX} patterns")]
    TooMany,
}

/// Whether the whole of `text` matches `pattern`: `*` any run (also empty, also across `/`), `?`
/// exactly one character, everything else itself. Braces are expanded before (see [`expand`]).
///
/// Takes at most `pattern.len() * text.len()` steps: only the last `*` is ever tried again.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (mut rest, mut tail) = (pattern.as_bytes(), text.as_bytes());
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (rest, tail) {
            ([b'*', after @ ..], _) => {
                if after.is_empty() {
                    return true;
                }
                retry = Some((after, tail));
                rest = after;
                continue;
            }
            ([], []) => return true,
            ([b'?', after @ ..], [_, ..]) => {
                (rest, tail) = (after, behind_character(tail));
                continue;
            }
            ([expected, after @ ..], [found, behind @ ..]) if expected == found => {
                (rest, tail) = (after, behind);
                continue;
            }
            _ => {}
        }
        match retry {
            Some((after, from)) if !from.is_empty() => {
                let from = behind_character(from);
                retry = Some((after, from));
                (rest, tail) = (after, from);
            }
            _ => return false,
        }
    }
}

/// Whether a pattern, braces and all, can stand in a policy.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn check(pattern: &str) -> Result<(), GlobError> {
    expand(pattern).map(drop)
}

/// The patterns without braces that this one stands for: `{a,b}/*` is `a/*` and `b/*`.
///
/// # Errors
///
/// As [`check`].
pub fn expand(pattern: &str) -> Result<Vec<String>, GlobError> {
    if pattern.is_empty() {
        return Err(GlobError::Empty);
    }
    if pattern.len() > NAME_BYTES_MAX {
        return Err(GlobError::TooLong);
    }
    for character in pattern.chars() {
        match character {
            '[' | ']' => return Err(GlobError::Class(character)),
            '\\' => return Err(GlobError::Escape),
            c if c.is_whitespace() || c.is_control() => return Err(GlobError::Blank(c)),
            _ => {}
        }
    }
    let mut patterns = vec![String::new()];
    let mut rest = pattern;
    while let Some((plain, behind)) = rest.split_once('{') {
        append(&mut patterns, &[balanced(plain)?])?;
        let (inside, behind) = behind.split_once('}').ok_or(GlobError::Unbalanced('{'))?;
        if inside.contains('{') {
            return Err(GlobError::Nested);
        }
        let alternatives: Vec<&str> = inside.split(',').collect();
        if alternatives.contains(&"") {
            return Err(GlobError::EmptyAlternative);
        }
        append(&mut patterns, &alternatives)?;
        rest = behind;
    }
    append(&mut patterns, &[balanced(rest)?])?;
    Ok(patterns)
}

fn balanced(plain: &str) -> Result<&str, GlobError> {
    if plain.contains('}') {
        return Err(GlobError::Unbalanced('}'));
    }
    Ok(plain)
}

fn append(patterns: &mut Vec<String>, alternatives: &[&str]) -> Result<(), GlobError> {
    if patterns.len().saturating_mul(alternatives.len()) > EXPANSIONS_MAX {
        return Err(GlobError::TooMany);
    }
    *patterns = patterns
        .iter()
        .flat_map(|head| alternatives.iter().map(move |tail| format!("{head}{tail}")))
        .collect();
    Ok(())
}

/// What follows the first character of a text that is not empty and valid UTF-8.
fn behind_character(text: &[u8]) -> &[u8] {
    let mut rest = text.get(1..).unwrap_or_default();
    while let [0x80..=0xbf, behind @ ..] = rest {
        rest = behind;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_matches_any_run_and_a_question_mark_one_character() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "a/b", true),
            ("github/*", "github/issues/list", true),
            ("github/*", "github", false),
            ("get_?", "get_é", true),
            ("get_?", "get_", false),
            ("get_?", "get_ab", false),
            ("*_?x", "é_éx", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-d", false),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
            ("Get", "get", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = "*a".repeat(1000) + "b";
        assert!(!matches(&pattern, &"a".repeat(4000)));
    }

    #[test]
    fn braces_are_expanded_into_all_combinations() {
        assert_eq!(
            expand("{a,b}/{c,d}_*").unwrap(),
            ["a/c_*", "a/d_*", "b/c_*", "b/d_*"]
        );
        assert_eq!(expand("plain").unwrap(), ["plain"]);
        assert_eq!(expand(&"{a,b}".repeat(9)), Err(GlobError::TooMany));
    }

    #[test]
    fn a_message_says_what_is_wrong() {
        for (pattern, message) in [
            ("", "empty pattern"),
            ("get_[ab]", "character classes are not supported, found '['"),
            ("a\\*", "escapes are not supported, found '\\'"),
            ("a b", "whitespace or control character ' '"),
            ("a\n", "whitespace or control character '\\n'"),
            ("a\u{0}", "whitespace or control character '\\0'"),
            ("{a", "unbalanced '{'"),
            ("a}", "unbalanced '}'"),
            ("{a}b}", "unbalanced '}'"),
            ("{a,{b}}", "nested braces are not supported"),
            ("{a,}", "empty alternative between braces"),
            ("{}", "empty alternative between braces"),
        ] {
            assert_eq!(check(pattern).unwrap_err().to_string(), message);
        }
    }

    /// The definition, spelled out: exponential, so for short texts only.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                (0..=text.len()).any(|skip| by_definition(rest, &text[skip..]))
            }
            (['?', rest @ ..], [_, tail @ ..]) => by_definition(rest, tail),
            ([a, rest @ ..], [b, tail @ ..]) => a == b && by_definition(rest, tail),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matching_agrees_with_the_definition(pattern in "[ab*?é]{0,8}", text in "[abé]{0,8}") {
            let p: Vec<char> = pattern.chars().collect();
            let t: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&pattern, &text), by_definition(&p, &t));
        }
    }
}
