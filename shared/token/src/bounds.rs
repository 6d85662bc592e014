//! What may stand in a token: lengths, counts and the syntax of names, globs and rates.
//!
//! The same checks hold for what is issued, for what is narrowed and for what is verified.

use varistor_model::limits;

use crate::{TokenError, TokenRate};

/// Longest name of an organisation, team, agent or role, in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// Most roles in a token.
pub const ROLES_MAX: usize = 32;
/// Longest glob, in bytes: a server name, a slash and a tool name of 128 bytes (SEP-986).
pub const GLOB_BYTES_MAX: usize = 257;
/// Most globs in one list.
pub const GLOBS_MAX: usize = 64;
/// Most limits in one block.
pub const LIMITS_PER_BLOCK_MAX: usize = 4;
/// Most limits in a token, all blocks together.
pub const LIMITS_PER_TOKEN_MAX: usize = 8;
/// Most calls in a period: a thousand times what one gateway can serve in a second.
pub const RATE_COUNT_MAX: u64 = 1_000_000_000;
/// Shortest period of a rate: a millisecond.
pub const RATE_PERIOD_NS_MIN: u64 = 1_000_000;
/// Longest period of a rate: 366 days.
pub const RATE_PERIOD_NS_MAX: u64 = 366 * 86_400 * 1_000_000_000;
/// Latest expiry: the last second of the year 9999, the last that RFC 3339 can write.
pub const EXPIRES_UNIX_S_MAX: u64 = 253_402_300_799;

const _: () = assert!(LIMITS_PER_BLOCK_MAX <= LIMITS_PER_TOKEN_MAX);
const _: () = assert!(LIMITS_PER_TOKEN_MAX < limits::LIMITS_PER_CALL_MAX);
const _: () = assert!(GLOB_BYTES_MAX < limits::TOKEN_BYTES_MAX);

/// What a refused value should have been, said to a person.
pub(crate) type Expected = &'static str;

/// A name: not empty, bounded, nothing invisible.
pub(crate) fn name(text: &str) -> Result<(), Expected> {
    if text.is_empty() || text.len() > NAME_BYTES_MAX || text.chars().any(char::is_control) {
        return Err("1 to 128 bytes without control characters");
    }
    Ok(())
}

/// A glob: literal characters, `*` and `?`; alternatives in braces must have been expanded.
pub(crate) fn glob(text: &str) -> Result<(), Expected> {
    let foreign =
        |c: char| c.is_control() || c.is_whitespace() || matches!(c, '{' | '}' | '[' | ']' | '\\');
    if text.is_empty() || text.len() > GLOB_BYTES_MAX || text.contains(foreign) {
        return Err("1 to 257 bytes of plain characters, `*` and `?`; no blanks, no { } [ ] \\");
    }
    Ok(())
}

/// A glob over `SERVER/TOOL`: one that could match at all.
pub(crate) fn tool_glob(text: &str) -> Result<(), Expected> {
    glob(text)?;
    if !text.contains(['/', '*']) {
        return Err("SERVER/TOOL, or */TOOL for a tool of any server");
    }
    Ok(())
}

/// How many globs a list may hold.
pub(crate) fn list(length: usize) -> Result<(), Expected> {
    match length {
        1..=GLOBS_MAX => Ok(()),
        _ => Err("1 to 64 patterns; leave the restriction out to restrict nothing"),
    }
}

/// A rate that can be counted.
pub(crate) fn rate(rate: &TokenRate) -> Result<(), Expected> {
    let period = RATE_PERIOD_NS_MIN..=RATE_PERIOD_NS_MAX;
    if !(1..=RATE_COUNT_MAX).contains(&rate.count) || !period.contains(&rate.period_ns) {
        return Err("1 to 1000000000 calls in a millisecond to 366 days");
    }
    Ok(())
}

/// An expiry that every implementation can write down.
pub(crate) fn expiry(unix_s: u64) -> Result<(), Expected> {
    if unix_s > EXPIRES_UNIX_S_MAX {
        return Err("seconds since 1970, before the year 10000");
    }
    Ok(())
}

/// Names the value that was refused.
pub(crate) fn refusing(
    what: &'static str,
    found: impl ToString,
) -> impl FnOnce(Expected) -> TokenError {
    let found = found.to_string();
    move |expected| TokenError::Value {
        what,
        found,
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_holds_only_what_every_matcher_reads_alike() {
        for good in ["*", "github", "db-?", "a.b_c-d", "github/*", "größe/*"] {
            assert_eq!(glob(good), Ok(()), "{good}");
        }
        let long = "a".repeat(GLOB_BYTES_MAX + 1);
        for bad in ["", "a b", "{a,b}", "[ab]", "a\\*", "a\nb", "a\0", &long] {
            assert!(glob(bad).is_err(), "{bad:?}");
        }
        assert!(tool_glob("create_issue").is_err());
        assert!(tool_glob("github/create_issue").is_ok() && tool_glob("*").is_ok());
    }

    #[test]
    fn a_rate_must_be_countable() {
        let of = |count, period_ns| rate(&TokenRate { count, period_ns });
        assert!(of(1, RATE_PERIOD_NS_MIN).is_ok());
        assert!(of(RATE_COUNT_MAX, RATE_PERIOD_NS_MAX).is_ok());
        for (count, period) in [(0, 60_000_000_000), (1, 0), (1, u64::MAX), (u64::MAX, 1)] {
            assert!(of(count, period).is_err());
        }
    }

    #[test]
    fn a_name_is_visible_and_bounded() {
        assert!(name("ci-bot").is_ok() && name(&"a".repeat(NAME_BYTES_MAX)).is_ok());
        assert!(name("").is_err() && name("a\u{1b}[2J").is_err());
        assert!(name(&"a".repeat(NAME_BYTES_MAX + 1)).is_err());
    }
}
