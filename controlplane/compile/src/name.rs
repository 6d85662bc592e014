//! Names of servers, organisations, teams, roles, agents, labels. Refuses what could be taken for
//! something else in a route, a pattern, a record or a terminal.

use crate::problem::Wrong;

/// Longest name in bytes.
const NAME_BYTES_MAX: usize = 64;
/// Longest name of a server in bytes: it stands in routes and before names of tools.
const SERVER_BYTES_MAX: usize = 63;

/// A rule that names follow.
pub(crate) type Rule = fn(&str) -> Result<(), Wrong>;

/// `[a-z0-9][a-z0-9-]{0,62}`.
pub(crate) fn server(text: &str) -> Result<(), Wrong> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fine = text.len() <= SERVER_BYTES_MAX && !text.starts_with('-') && !text.is_empty();
    if fine && text.chars().all(allowed) {
        return Ok(());
    }
    Err(Wrong::expected(format!(
        "a name of lower-case letters, digits and `-`, beginning with a letter or digit, of at \
         most {SERVER_BYTES_MAX} characters"
    )))
}

/// `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
pub(crate) fn other(text: &str) -> Result<(), Wrong> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let first = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if first && text.len() <= NAME_BYTES_MAX && text.chars().all(allowed) {
        return Ok(());
    }
    Err(Wrong::expected(format!(
        "a name of letters, digits, `.`, `_` and `-`, beginning with a letter or digit, of at \
         most {NAME_BYTES_MAX} characters"
    )))
}

/// A channel: what names of rooms, hooks and people look like, such as `#security-alerts`.
pub(crate) fn channel(text: &str) -> Result<(), Wrong> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '#' | '@');
    if !text.is_empty() && text.len() <= NAME_BYTES_MAX && text.chars().all(allowed) {
        return Ok(());
    }
    Err(Wrong::expected(format!(
        "a name of letters, digits and `. _ - # @`, of at most {NAME_BYTES_MAX} characters"
    )))
}

/// An address of e-mail, in ASCII and without a name before it.
pub(crate) fn email(text: &str) -> Result<(), Wrong> {
    const ADDRESS_BYTES_MAX: usize = 254;
    let part = |part: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        !part.is_empty() && part.chars().all(allowed) && !part.starts_with('.')
    };
    let fine = text
        .rsplit_once('@')
        .is_some_and(|(local, host)| part(local) && part(host) && !local.ends_with('.'));
    if fine && text.len() <= ADDRESS_BYTES_MAX && !text.contains("..") {
        return Ok(());
    }
    Err(Wrong::expected("an address such as oncall@acme.example"))
}

/// A secret of the vault: what the vault itself takes.
pub(crate) fn secret(text: &str) -> Result<(), Wrong> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if !text.is_empty() && text.len() <= NAME_BYTES_MAX && text.chars().all(allowed) {
        return Ok(());
    }
    Err(Wrong::expected(
        "the name of a secret: 1 to 64 of a-z, 0-9, `_` and `-`",
    ))
}

/// A method of an upstream beyond the protocol's own, such as `acme/reindex`.
pub(crate) fn method(text: &str) -> Result<(), Wrong> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '$');
    if !text.is_empty() && text.len() <= 128 && text.chars().all(allowed) {
        return Ok(());
    }
    Err(Wrong::expected(
        "a method of letters, digits and `. _ - / $`, such as acme/reindex",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_something_else_are_refused() {
        for good in ["github", "a", "0-b", &"x".repeat(63)] {
            assert_eq!(server(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "-a",
            "GitHub",
            "a_b",
            "a/b",
            "a.b",
            "a*",
            "ä",
            &"x".repeat(64),
        ] {
            assert!(server(bad).is_err(), "{bad}");
        }
        for good in ["ci-bot", "A.b_c", "7", &"x".repeat(64)] {
            assert_eq!(other(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            ".a",
            "_a",
            "-",
            "a b",
            "a/b",
            "a\n",
            "é",
            &"x".repeat(65),
        ] {
            assert!(other(bad).is_err(), "{bad}");
        }
        assert!(method("acme/reindex").is_ok() && method("a b").is_err() && method("").is_err());
    }
}
