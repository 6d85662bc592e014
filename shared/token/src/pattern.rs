//! Globs as the one regular expression that other Biscuit verifiers run, and back.
//!
//! Nothing here matches anything: a pattern is taken apart again, and one that was not made by
//! [`from_globs`] is refused. Syntax common to Rust's `regex` and RE2.

const OPEN: &str = r"(?s)\A(?:";
const CLOSE: &str = r")\z";
/// Characters that mean something in a regular expression and nothing in a glob.
const META: &str = r"\.+()|[]{}^$";

/// The pattern that matches a text exactly when one of the globs does.
pub(crate) fn from_globs(globs: &[String]) -> String {
    let mut pattern = String::from(OPEN);
    for (index, glob) in globs.iter().enumerate() {
        if index > 0 {
            pattern.push('|');
        }
        for c in glob.chars() {
            match c {
                '*' => pattern.push_str(".*"),
                '?' => pattern.push('.'),
                _ => {
                    if META.contains(c) {
                        pattern.push('\\');
                    }
                    pattern.push(c);
                }
            }
        }
    }
    pattern.push_str(CLOSE);
    pattern
}

/// The globs that this pattern was made from; `None` when it was made by other means.
pub(crate) fn to_globs(pattern: &str) -> Option<Vec<String>> {
    let inner = pattern.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    let mut globs = Vec::new();
    let mut glob = String::new();
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '|' => globs.push(std::mem::take(&mut glob)),
            '\\' => glob.push(chars.next()?),
            '.' if chars.next_if_eq(&'*').is_some() => glob.push('*'),
            '.' => glob.push('?'),
            _ => glob.push(c),
        }
    }
    globs.push(glob);
    // One list of globs has one pattern: whatever else was read above does not survive this.
    (from_globs(&globs) == pattern).then_some(globs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_was_made_from_globs_is_read_back() {
        for foreign in [
            "",
            "github",
            "^github$",
            r"(?s)\A(?:git[hk]ub)\z",
            r"(?s)\A(?:a+)\z",
            r"(?s)\A(?:a*)\z",
            r"(?s)\A(?:a.?)\z",
            r"(?s)\A(?:a.*?)\z",
            r"(?s)\A(?:(?:a))\z",
            r"(?s)\A(?:a\*)\z",
            r"(?s)\A(?:\d)\z",
            r"(?s)\A(?:a)|(?:b)\z",
            r"(?s)\A(?:a\)\z",
            r"(?i)\A(?:a)\z",
            r"(?s)\A(?:a)\z|.*",
            r"(?s)\A(?:a$)\z",
        ] {
            assert_eq!(to_globs(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn globs_become_the_documented_pattern() {
        let globs = ["github".to_owned(), "db-*".to_owned(), "a.b?".to_owned()];
        assert_eq!(from_globs(&globs), r"(?s)\A(?:github|db-.*|a\.b.)\z");
    }

    proptest! {
        #[test]
        fn every_list_of_globs_is_read_back_as_it_was(
            globs in prop::collection::vec("[ -~é*?|.+()^$/]{0,12}", 1..6)
        ) {
            prop_assert_eq!(to_globs(&from_globs(&globs)), Some(globs));
        }
    }
}
