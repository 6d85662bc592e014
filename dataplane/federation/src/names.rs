//! One name for a tool or prompt of one of many servers: `server__name`, 64 characters at most,
//! which is what model providers take.
//!
//! Names of servers hold letters, digits and dashes only, so the first `__` ends the server's part.
//! Longer names are cut and end in a hash of server and name. A name that is not cut but looks as
//! if it were is cut all the same: so no two names are ever one.

use sha2::{Digest as _, Sha256};

use crate::uris;

/// Longest joined name, in characters.
pub const NAME_CHARS_MAX: usize = 64;
/// Between the server's name and the tool's.
const BETWEEN: &str = "__";
/// Hexadecimal digits of the hash behind a cut name: 48 bits.
const HASH_CHARS: usize = 12;

/// How clients call what servers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// With the server's name in it: there are several.
    Joined,
    /// As the server itself calls it: there is one.
    Own,
}

/// What a joined name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split<'a> {
    /// Server and name.
    Whole(&'a str, &'a str),
    /// It was cut: only lists tell what it stands for.
    Cut,
    /// It was never joined.
    Foreign,
}

impl Naming {
    /// The name by which clients know this tool or prompt of this server.
    pub(crate) fn name(self, server: &str, own: &str) -> String {
        match self {
            Self::Joined => joined(server, own),
            Self::Own => own.to_owned(),
        }
    }

    /// The URI by which clients know this resource of this server.
    pub(crate) fn uri(self, server: &str, own: &str) -> String {
        match self {
            Self::Joined => uris::joined(server, own),
            Self::Own => own.to_owned(),
        }
    }

    /// This URI as the server of this name knows it; nothing when it is another's.
    pub(crate) fn own_uri(self, server: &str, uri: &str) -> Option<String> {
        match self {
            Self::Own => Some(uri.to_owned()),
            Self::Joined => {
                let split = uris::split(uri).filter(|(name, _)| *name == server);
                split.map(|(_, own)| own.to_owned())
            }
        }
    }
}

/// The joined name of this tool or prompt of this server.
#[must_use]
pub fn joined(server: &str, name: &str) -> String {
    let whole = format!("{server}{BETWEEN}{name}");
    let chars = whole.chars().count();
    if chars < NAME_CHARS_MAX || (chars == NAME_CHARS_MAX && !looks_cut(&whole)) {
        return whole;
    }
    let mut hash = Sha256::new();
    hash.update(server.as_bytes());
    hash.update([0]);
    hash.update(name.as_bytes());
    let kept = NAME_CHARS_MAX.saturating_sub(HASH_CHARS).saturating_sub(1);
    let mut cut: String = whole.chars().take(kept).collect();
    cut.push('_');
    let digest = hash.finalize();
    let hex = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    cut.extend(
        hex.take(HASH_CHARS)
            .filter_map(|digit| char::from_digit(digit.into(), 16)),
    );
    cut
}

/// What a name that a client says stands for.
pub(crate) fn split(name: &str) -> Split<'_> {
    if looks_cut(name) {
        return Split::Cut;
    }
    match name.split_once(BETWEEN) {
        Some((server, rest)) if !server.is_empty() => Split::Whole(server, rest),
        _ => Split::Foreign,
    }
}

/// Whether a cut name may stand for something of this server.
pub(crate) fn may_be_of(cut: &str, server: &str) -> bool {
    let kept = NAME_CHARS_MAX.saturating_sub(HASH_CHARS).saturating_sub(1);
    let start: String = cut.chars().take(kept).collect();
    let led = format!("{server}{BETWEEN}");
    start.starts_with(&led) || led.starts_with(&start)
}

fn looks_cut(name: &str) -> bool {
    let is_hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    let mut back = name.chars().rev();
    name.chars().count() == NAME_CHARS_MAX
        && back.by_ref().take(HASH_CHARS).all(is_hex)
        && back.next() == Some('_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[test]
    fn short_names_are_joined_and_split_again() {
        assert_eq!(joined("git-hub", "get_issue"), "git-hub__get_issue");
        assert_eq!(
            split("git-hub__get__it"),
            Split::Whole("git-hub", "get__it")
        );
        assert_eq!(split("a___b"), Split::Whole("a", "_b"));
        assert_eq!(split("search_tools"), Split::Foreign);
        assert_eq!(split("__x"), Split::Foreign);
    }

    #[test]
    fn a_name_that_only_looks_cut_is_cut() {
        let long = joined("crm", &"x".repeat(80));
        assert_eq!(long.chars().count(), NAME_CHARS_MAX);
        assert_eq!(split(&long), Split::Cut);
        assert!(may_be_of(&long, "crm") && !may_be_of(&long, "mail"));
        // The server's own tool of that very name is another one.
        let other = joined("crm", long.strip_prefix("crm__").unwrap());
        assert_ne!(other, long);
        assert_eq!(split(&other), Split::Cut);
    }

    proptest! {
        #[test]
        fn names_are_unique_short_and_found_again(
            pairs in proptest::collection::vec(("[a-z0-9-]{1,63}", "[a-f0-9_é]{0,90}"), 1..40)
        ) {
            let mut seen = HashMap::new();
            for (server, name) in pairs {
                let joined = joined(&server, &name);
                prop_assert!(joined.chars().count() <= NAME_CHARS_MAX);
                match split(&joined) {
                    Split::Whole(one, two) => prop_assert_eq!((one, two), (&*server, &*name)),
                    Split::Cut => prop_assert!(may_be_of(&joined, &server)),
                    Split::Foreign => prop_assert!(false),
                }
                let pair = (server, name);
                let before = seen.insert(joined, pair.clone());
                prop_assert!(before.is_none_or(|before| before == pair));
            }
        }
    }
}
