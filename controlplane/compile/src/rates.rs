//! Limits on calls: `{ calls: 60/minute }` and the top-level list of limits of tools.
//!
//! Each rate names a counter by a hash of what it limits, so that a new snapshot goes on counting
//! where the old one stopped.

use varistor_snapshot::schema::{Rate, ToolLimit};
use xxhash_rust::xxh3::xxh3_64;

use crate::gather::Sources;
use crate::patterns::{NoServer, Patterns, Servers};
use crate::problem::{Report, Wrong};
use crate::quantity;
use crate::read::{Fields, index, join, list, one_or_list, parsed, text, word};
use crate::yaml::Node;

/// Most rates of one owner: a call is counted against all rates of its agent, team, organisation,
/// tool and token.
const RATES_MAX: usize = 4;

/// Who shares the counter of a tool's limit.
const SHARERS: [(&str, u8); 5] = [
    ("all", 0),
    ("organisation", 1),
    ("team", 2),
    ("agent", 3),
    ("token", 4),
];

/// The rates of `{ calls: ... }`, which limit what `scope` names.
pub(crate) fn limits(node: &Node, path: &str, scope: &[&str], report: &mut Report) -> Vec<Rate> {
    let fields = Fields::of(node, path, &["calls"], report);
    match fields.required("calls", report) {
        Some(node) => rates(node, &fields.path("calls"), scope, report),
        None => Vec::new(),
    }
}

/// The limits of tools in one file's list.
pub(crate) fn tool_limits(
    sources: &Sources<'_>,
    servers: &Servers,
    report: &mut Report,
) -> Vec<ToolLimit> {
    let mut rows = Vec::new();
    for node in &sources.limits {
        for (at, member) in list(node, "limits", report).iter().enumerate() {
            tool_limit(member, &index("limits", at), servers, report, &mut rows);
        }
    }
    rows
}

fn tool_limit(
    node: &Node,
    path: &str,
    servers: &Servers,
    report: &mut Report,
    rows: &mut Vec<ToolLimit>,
) {
    let fields = Fields::of(node, path, &["tool", "calls", "per"], report);
    let tool = fields.required("tool", report);
    let calls = fields.required("calls", report);
    let per = match fields.get("per") {
        Some(node) => word(node, &fields.path("per"), &SHARERS, report),
        None => Some(0),
    };
    let pattern = tool.and_then(|node| text(node, &fields.path("tool"), report));
    let (Some(tool), Some(pattern)) = (tool, pattern) else {
        return;
    };
    let place = (tool.place, NoServer::Refused);
    let patterns = servers.patterns(pattern, place, &fields.path("tool"), report);
    let (Some(calls), Some(per)) = (calls, per) else {
        return;
    };
    // One counter for all that the limit names, whichever server it is on.
    let scope = ["tool", pattern, &per.to_string()];
    let rates = rates(calls, &fields.path("calls"), &scope, report);
    for Patterns { server, name } in patterns {
        rows.extend(rates.iter().map(|rate| ToolLimit {
            server,
            name: name.clone(),
            rate: rate.clone(),
            per,
        }));
    }
}

fn rates(node: &Node, path: &str, scope: &[&str], report: &mut Report) -> Vec<Rate> {
    let members = one_or_list(node);
    if members.is_empty() || members.len() > RATES_MAX {
        let found = format!("{} rates for {path}", members.len());
        report.refuse(
            node.place,
            found,
            Wrong::expected(format!("1 to {RATES_MAX} rates")),
        );
    }
    let mut rates: Vec<Rate> = Vec::new();
    for member in members {
        let Some((count, period_ns)) = parsed(member, path, report, quantity::rate) else {
            continue;
        };
        rates.push(Rate {
            count,
            period_ns,
            cell: cell(scope, count, period_ns),
        });
    }
    rates.sort_by_key(|rate| (rate.period_ns, rate.count));
    rates.dedup();
    rates
}

/// A stable number for a counter. Parts are length-prefixed, so that no two scopes run together.
fn cell(scope: &[&str], count: u64, period_ns: u64) -> u64 {
    let mut bytes = Vec::new();
    for part in scope {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&period_ns.to_le_bytes());
    xxh3_64(&bytes)
}

/// The path of the limits of something.
pub(crate) fn path(owner: &str) -> String {
    join(owner, "limits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_named_by_scope_and_rate_alone() {
        let minute = 60_000_000_000;
        let base = cell(&["agent", "acme", "bot"], 60, minute);
        assert_eq!(base, cell(&["agent", "acme", "bot"], 60, minute));
        for other in [
            cell(&["agent", "acmeb", "ot"], 60, minute),
            cell(&["team", "acme", "bot"], 60, minute),
            cell(&["agent", "acme", "bot"], 61, minute),
            cell(&["agent", "acme", "bot"], 60, minute * 60),
        ] {
            assert_ne!(base, other);
        }
        // Written down once: a changed number would reset every counter at an upgrade.
        assert_eq!(base, BASE);
    }

    const BASE: u64 = 10_484_355_453_678_039_993;
}
