//! `flows`: what follows when a session has all three legs of the lethal trifecta.

use varistor_model::limits::{FLOW_HOURS_DEFAULT, FLOW_HOURS_MAX};
use varistor_model::{Labels, Trifecta};
use varistor_snapshot::schema::Flows;

use crate::gather::Sources;
use crate::problem::{Report, Wrong, quote};
use crate::quantity;
use crate::read::{Fields, each, parsed, word};
use crate::yaml::{Node, Value};

const KEYS: &[&str] = &["trifecta", "memory"];
const HOUR_MS: u64 = 3_600_000;

/// `Policy::flows`.
pub(crate) fn flows(sources: &Sources<'_>, report: &mut Report) -> Flows {
    let mut flows = Flows {
        trifecta: Trifecta::default() as u8,
        memory_hours: FLOW_HOURS_DEFAULT,
    };
    let Some(node) = sources.setting("flows") else {
        return flows;
    };
    let fields = Fields::of(node, "flows", KEYS, report);
    if let Some(node) = fields.get("trifecta") {
        let words = Trifecta::NAMES.map(|(name, action)| (name, action as u8));
        let action = word(node, &fields.path("trifecta"), &words, report);
        flows.trifecta = action.unwrap_or(flows.trifecta);
    }
    if let Some(node) = fields.get("memory") {
        let hours = parsed(node, &fields.path("memory"), report, hours);
        flows.memory_hours = hours.unwrap_or(flows.memory_hours);
    }
    flows
}

/// Whole hours; what is begun counts.
fn hours(text: &str) -> Result<u32, Wrong> {
    let hours = quantity::duration_ms(text)?.div_ceil(HOUR_MS);
    match u32::try_from(hours) {
        Ok(hours @ 1..=FLOW_HOURS_MAX) => Ok(hours),
        _ => Err(Wrong::expected("a duration from 1h to 366d")),
    }
}

/// `labels` of a tool: a list of them, or `none`.
pub(crate) fn labels(node: &Node, path: &str, report: &mut Report) -> Option<u8> {
    if let Value::Scalar { .. } = &node.value {
        return word(node, path, &[("none", 0)], report);
    }
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        let wrong = Wrong::expected("labels, or `none`");
        report.refuse(node.place, format!("{} names none", quote(path)), wrong);
    }
    let bits = each(node, path, report, label);
    Some(bits.into_iter().fold(0, |all, one| all | one))
}

fn label(node: &Node, path: &str, report: &mut Report) -> Option<u8> {
    let words = Labels::NAMES.map(|(name, label)| (name, label.bits()));
    word(node, path, &words, report)
}
