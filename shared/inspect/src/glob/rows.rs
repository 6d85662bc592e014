//! Rows that carry patterns, in an order by which few of them are looked at for a name.
//!
//! The stem of a pattern is its text before the first wildcard; only patterns whose stem begins a
//! name can match it. Rows are sorted by stem, so that those are found by halving, whether a
//! policy has ten rows or a hundred thousand. Patterns that begin with a wildcard are always
//! looked at.

use core::cmp::Ordering;
use core::iter;

use varistor_snapshot::schema::{ArchivedPolicy, Policy};

/// Puts the rows of a policy into the order that [`candidates`] needs: by server, then by stem,
/// then by pattern. Rows with equal patterns stay as they were to each other.
pub fn arrange(policy: &mut Policy) {
    for role in &mut policy.roles {
        let grants = &mut role.grants;
        grants.sort_by(|a, b| order((a.server, &a.name), (b.server, &b.name)));
    }
    let limits = &mut policy.tool_limits;
    limits.sort_by(|a, b| order((a.server, &a.name), (b.server, &b.name)));
    for server in &mut policy.servers {
        let tools = &mut server.tools;
        tools.sort_by(|a, b| order((0, &a.name), (0, &b.name)));
    }
    for exception in &mut policy.actions.exceptions {
        let targets = &mut exception.targets;
        targets.sort_by(|a, b| order((a.server, &a.name), (b.server, &b.name)));
    }
}

/// Whether the rows stand as [`arrange`] puts them: among others, prohibitions would be overlooked.
#[must_use]
pub fn are_arranged(policy: &ArchivedPolicy) -> bool {
    let grants = policy.roles.iter().all(|role| {
        role.grants.is_sorted_by(|a, b| {
            let (a, b) = ((a.server.into(), &*a.name), (b.server.into(), &*b.name));
            order(a, b).is_le()
        })
    });
    let limits = policy.tool_limits.is_sorted_by(|a, b| {
        let (a, b) = ((a.server.into(), &*a.name), (b.server.into(), &*b.name));
        order(a, b).is_le()
    });
    let tools = policy.servers.iter().all(|row| {
        let tools = &row.tools;
        tools.is_sorted_by(|a, b| order((0, &a.name), (0, &b.name)).is_le())
    });
    let exceptions = policy.actions.exceptions.iter().all(|row| {
        row.targets.is_sorted_by(|a, b| {
            let (a, b) = ((a.server.into(), &*a.name), (b.server.into(), &*b.name));
            order(a, b).is_le()
        })
    });
    grants && limits && tools && exceptions
}

/// The rows about one server, of rows as [`arrange`] puts them.
pub fn of_server<R>(rows: &[R], server_of: impl Fn(&R) -> u32, server: u32) -> &[R] {
    let first = rows.partition_point(|row| server_of(row) < server);
    let rest = rows.get(first..).unwrap_or_default();
    let count = rest.partition_point(|row| server_of(row) == server);
    rest.get(..count).unwrap_or_default()
}

/// The rows whose pattern may match `text`, longest stem first. Of rows in any other order than
/// [`arrange`] makes, some may be left out.
///
/// Takes about `log2(rows.len())` comparisons for each length of stem that it meets.
pub fn candidates<'r, R>(
    rows: &'r [R],
    pattern: impl Fn(&R) -> &str,
    text: &str,
) -> impl Iterator<Item = &'r R> {
    let (mut rest, mut key) = (rows, text.as_bytes());
    // Whether the stems of `rest` are at most `key`; then only its end can be a beginning of it.
    let mut narrowed = false;
    iter::from_fn(move || {
        loop {
            if !narrowed {
                let count = rest.partition_point(|row| is_at_most(pattern(row).as_bytes(), key));
                rest = rest.get(..count)?;
                narrowed = true;
            }
            let (row, before) = rest.split_last()?;
            rest = before;
            let (common, is_whole) = common(pattern(row).as_bytes(), key);
            // Whatever begins `key` and stands before this row is no longer than what they share.
            key = key.get(..common)?;
            if is_whole {
                return Some(row);
            }
            narrowed = false;
        }
    })
}

fn order(a: (u32, &str), b: (u32, &str)) -> Ordering {
    let stems = || stem(a.1).cmp(stem(b.1));
    a.0.cmp(&b.0).then_with(stems).then_with(|| a.1.cmp(b.1))
}

fn stem(pattern: &str) -> &[u8] {
    let bytes = pattern.as_bytes();
    let end = bytes.iter().position(|byte| is_wildcard(*byte));
    bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default()
}

const fn is_wildcard(byte: u8) -> bool {
    matches!(byte, b'*' | b'?')
}

/// Whether the pattern's stem is not behind `key`.
fn is_at_most(pattern: &[u8], key: &[u8]) -> bool {
    let (common, is_whole) = common(pattern, key);
    is_whole
        || key
            .get(common)
            .is_some_and(|byte| pattern.get(common) < Some(byte))
}

/// How many bytes the pattern's stem and `key` begin with in common, and whether that is the stem.
fn common(pattern: &[u8], key: &[u8]) -> (usize, bool) {
    let pairs = pattern.iter().zip(key);
    let common = pairs
        .take_while(|(expected, found)| expected == found && !is_wildcard(**expected))
        .count();
    let next = pattern.get(common);
    (common, next.is_none_or(|byte| is_wildcard(*byte)))
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;
    use crate::glob::matches;
    use proptest::prelude::*;

    fn sorted(mut patterns: Vec<String>) -> Vec<String> {
        patterns.sort_by(|a, b| order((0, a), (0, b)));
        patterns
    }

    fn found<'r>(rows: &'r [String], text: &str) -> Vec<&'r str> {
        let found = candidates(rows, String::as_str, text);
        found.map(String::as_str).collect()
    }

    #[test]
    fn candidates_are_the_rows_whose_stem_begins_the_name() {
        let rows = ["*", "a*", "a!", "ab", "ab?", "abc", "abd*", "b*", "?b", ""];
        let rows = sorted(rows.map(str::to_owned).to_vec());
        assert_eq!(
            found(&rows, "abc"),
            ["abc", "ab?", "ab", "a*", "?b", "*", ""]
        );
        assert_eq!(found(&rows, "a"), ["a*", "?b", "*", ""]);
        assert_eq!(found(&rows, ""), ["?b", "*", ""]);
        assert_eq!(found(&rows, "zz"), ["?b", "*", ""]);
        assert!(found(&[], "a").is_empty());
    }

    #[test]
    fn the_rows_of_a_server_stand_together() {
        let rows = [(1, 'a'), (1, 'b'), (4, 'c')];
        let of = |server| of_server(&rows, |row| row.0, server);
        assert_eq!(of(1), [(1, 'a'), (1, 'b')]);
        assert_eq!(of(4), [(4, 'c')]);
        assert!(of(0).is_empty() && of(3).is_empty() && of(5).is_empty());
    }

    struct Counted {
        pattern: String,
        looks: Cell<usize>,
    }

    impl Counted {
        fn pattern(&self) -> &str {
            self.looks.set(self.looks.get().saturating_add(1));
            &self.pattern
        }
    }

    #[test]
    fn of_many_rows_few_are_looked_at() {
        let rows = (0..100_000).map(|number| format!("dig_{number:07}"));
        let rows = sorted(rows.chain(["*".to_owned(), "dig_00*".to_owned()]).collect());
        for (name, expected) in [
            ("dig_0050000", 3),
            ("dig_0050000x", 3),
            ("dig_0", 1),
            ("echo", 1),
            ("zz", 1),
        ] {
            let counted = |pattern: &String| Counted {
                pattern: pattern.clone(),
                looks: Cell::new(0),
            };
            let rows: Vec<_> = rows.iter().map(counted).collect();
            assert_eq!(candidates(&rows, Counted::pattern, name).count(), expected);
            let looks: usize = rows.iter().map(|row| row.looks.get()).sum();
            assert!(looks < 100, "{name}: {looks}");
        }
    }

    proptest! {
        #[test]
        fn every_row_that_matches_is_a_candidate(
            rows in proptest::collection::vec("[ab!*?é]{0,5}", 0..40),
            text in "[ab!é]{0,6}",
        ) {
            let rows = sorted(rows);
            let mut matching: Vec<&str> =
                rows.iter().map(String::as_str).filter(|row| matches(row, &text)).collect();
            let mut found = found(&rows, &text);
            let begins = |row: &&str| text.as_bytes().starts_with(stem(row));
            prop_assert_eq!(found.len(), rows.iter().filter(|row| begins(&row.as_str())).count());
            found.retain(|row| matches(row, &text));
            matching.sort_unstable();
            found.sort_unstable();
            prop_assert_eq!(found, matching);
        }
    }
}
