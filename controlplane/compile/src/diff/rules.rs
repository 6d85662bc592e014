//! The organisation's rules as named values: what each of them says, in the language.

use varistor_rules::ast::Per;
use varistor_rules::vocabulary::{LEVELS, PERIODS};
use varistor_rules::{ZONE_DEFAULT, limits::DEPTH_MAX};
use varistor_snapshot::schema::ArchivedPolicy;
use varistor_snapshot::schema::rules::{ArchivedAtom, ArchivedCounted, ArchivedRuleAction};
use varistor_snapshot::schema::rules::{ArchivedRuleBody, ArchivedRuleLimit, ArchivedRuleRow};

use super::Values;

/// Kinds of nodes that have children, as the schema numbers them.
const ALL: u8 = 0;
const ANY: u8 = 1;

/// Each rule as one line.
pub(super) fn rules(policy: &ArchivedPolicy) -> Values {
    let body = &policy.rules.body;
    body.rules
        .iter()
        .map(|row| (format!("{:?}", row.name.as_str()), rule(body, row)))
        .collect()
}

fn rule(body: &ArchivedRuleBody, row: &ArchivedRuleRow) -> String {
    let root = row.condition.to_native();
    let condition = condition(body, root, 0);
    let actions: Vec<String> = row.actions.iter().map(action).collect();
    let mut text = format!("IF {condition} THEN {}", actions.join(" AND "));
    if row.shadow {
        text.insert_str(0, "SHADOW ");
    }
    if let Some(zone) = zone(body, root, 0).filter(|zone| *zone != ZONE_DEFAULT) {
        text.push_str(&format!(" (time in {zone})"));
    }
    text
}

/// The children of a node, which stand behind it up to its end.
fn children(body: &ArchivedRuleBody, node: u32) -> Vec<u32> {
    let end = |at: u32| {
        let row = usize::try_from(at).ok().and_then(|at| body.nodes.get(at));
        row.map(|row| row.end.to_native())
    };
    let last = end(node).unwrap_or(node);
    let mut found = Vec::new();
    let mut at = node.saturating_add(1);
    while at < last {
        found.push(at);
        // A snapshot that is no tree must not hold anybody up.
        at = end(at).unwrap_or(last).max(at.saturating_add(1));
    }
    found
}

fn condition(body: &ArchivedRuleBody, node: u32, depth: usize) -> String {
    let row = usize::try_from(node).ok().and_then(|at| body.nodes.get(at));
    let Some(row) = row.filter(|_| depth <= DEPTH_MAX.saturating_mul(2)) else {
        return "?".to_owned();
    };
    let (between, empty) = match row.kind {
        ALL => (" AND ", "true"),
        ANY => (" OR ", "false"),
        _ => {
            let atom = body.atoms.get(usize::from(row.atom.to_native()));
            let text = atom.map_or("?", |atom| atom.text.as_str());
            let not = if row.negate { "NOT " } else { "" };
            return format!("{not}{text}");
        }
    };
    let parts = children(body, node).into_iter();
    let parts: Vec<String> = parts
        .map(|part| condition(body, part, depth.saturating_add(1)))
        .collect();
    match (parts.as_slice(), depth) {
        ([], _) => empty.to_owned(),
        (parts, 0) => parts.join(between),
        (parts, _) => format!("({})", parts.join(between)),
    }
}

/// The zone in which a condition asks for the time, also of earlier calls; a rule has one.
fn zone(body: &ArchivedRuleBody, node: u32, depth: usize) -> Option<&str> {
    let row = body.nodes.get(usize::try_from(node).ok()?)?;
    if depth > DEPTH_MAX.saturating_mul(2) {
        return None;
    }
    let next = depth.saturating_add(1);
    if [ALL, ANY].contains(&row.kind) {
        let mut parts = children(body, node).into_iter();
        return parts.find_map(|part| zone(body, part, next));
    }
    let counter = match &body.atoms.get(usize::from(row.atom.to_native()))?.test {
        ArchivedAtom::Time(at, ..) => {
            let zone = body.zones.get(usize::from(at.to_native()))?;
            return Some(zone.as_str());
        }
        ArchivedAtom::Count(counter, _) => counter,
        ArchivedAtom::Seen(counter) => counter,
        _ => return None,
    };
    match &body.counters.get(usize::from(counter.to_native()))?.what {
        ArchivedCounted::Calls(condition) => zone(body, condition.to_native(), next),
        _ => None,
    }
}

fn action(action: &ArchivedRuleAction) -> String {
    match action {
        ArchivedRuleAction::Allow => "allow".to_owned(),
        ArchivedRuleAction::Deny(reason) if reason.is_empty() => "deny".to_owned(),
        ArchivedRuleAction::Deny(reason) => format!("deny({:?})", reason.as_str()),
        ArchivedRuleAction::Hold => "require_human_approval".to_owned(),
        ArchivedRuleAction::Redact(entities) => {
            let quoted = entities.iter().map(|name| format!("{:?}", name.as_str()));
            format!("redact({})", quoted.collect::<Vec<_>>().join(", "))
        }
        ArchivedRuleAction::Notify(to) => {
            format!(
                "notify_channel({:?}, {:?})",
                to.kind.as_str(),
                to.name.as_str()
            )
        }
        ArchivedRuleAction::LogLevel(level) => {
            let level = LEVELS.get(usize::from(*level)).unwrap_or(&"?");
            format!("log_level({level:?})")
        }
        ArchivedRuleAction::Limit(row) => limit(row),
        ArchivedRuleAction::Flag => "flag_for_review".to_owned(),
        ArchivedRuleAction::EndSession => "end_session".to_owned(),
    }
}

fn limit(row: &ArchivedRuleLimit) -> String {
    let period = row.period_ms.to_native();
    let period = PERIODS.iter().find(|(_, ms)| *ms == period);
    let period = period.map_or("?", |(name, _)| name);
    let per = Per::numbered(row.per).map_or("?", Per::name);
    format!("limit({}/{period}, per = {per})", row.count)
}
