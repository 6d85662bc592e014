//! Patterns of servers and tools as they stand on a command line: `a,b`, `crm/{get,list}_*`.
//!
//! Refuses patterns that reach nothing of the policy.

use varistor_inspect::glob;
use varistor_snapshot::schema::Policy;

use crate::exit::wrong;
use crate::nearest;

/// The patterns of all occurrences of a flag: split at commas outside braces, braces expanded.
pub(super) fn patterns(flag: &str, values: &[String]) -> anyhow::Result<Vec<String>> {
    let mut patterns = Vec::new();
    for piece in values.iter().flat_map(|value| split(value)) {
        let expanded = glob::check(piece).and_then(|()| glob::expand(piece));
        let expanded = expanded.map_err(|error| wrong(format!("{flag} `{piece}`: {error}")))?;
        for pattern in expanded {
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
    }
    Ok(patterns)
}

/// Refuses a pattern that reaches no server of the policy.
pub(super) fn check_servers(policy: &Policy, servers: &[String]) -> anyhow::Result<()> {
    servers
        .iter()
        .try_for_each(|pattern| reaches(policy, "--servers", pattern, pattern))
}

/// Refuses a tool pattern without a server, or one whose server the policy does not have.
pub(super) fn check_tools(policy: &Policy, tools: &[String]) -> anyhow::Result<()> {
    tools
        .iter()
        .try_for_each(|pattern| match pattern.split_once('/') {
            Some((server, _)) => reaches(policy, "--tools", pattern, server),
            None if pattern.contains('*') => Ok(()),
            None => Err(wrong(format!(
                "--tools `{pattern}` names no server; write SERVER/TOOL, as in crm/get_*"
            ))),
        })
}

fn reaches(policy: &Policy, flag: &str, pattern: &str, server: &str) -> anyhow::Result<()> {
    if policy
        .servers
        .iter()
        .any(|row| glob::matches(server, &row.name))
    {
        return Ok(());
    }
    let hint = nearest::hint(server, policy.servers.iter().map(|row| row.name.as_str()));
    Err(wrong(format!(
        "{flag} `{pattern}` fits no server of the policy{hint}"
    )))
}

fn split(value: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    value
        .split(move |character| {
            match character {
                '{' => depth = depth.saturating_add(1),
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            character == ',' && depth == 0
        })
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_braces_do_not_separate() {
        assert_eq!(
            split("a, b,crm/{get,list}_*"),
            ["a", "b", "crm/{get,list}_*"]
        );
        let given = ["a,crm/{get,list}_*".to_owned(), "a".to_owned()];
        assert_eq!(
            patterns("--tools", &given).unwrap(),
            ["a", "crm/get_*", "crm/list_*"]
        );
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let error = patterns("--tools", &["crm/{a".to_owned()])
            .unwrap_err()
            .to_string();
        assert!(error.contains("crm/{a"), "{error}");
    }
}
