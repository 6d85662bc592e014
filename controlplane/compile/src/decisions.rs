//! Decisions by intent when no role speaks, and how records are kept.

use varistor_model::{Decision, Durability, Intent, IntentSet};
use varistor_snapshot::schema::Audit;

use crate::gather::Sources;
use crate::problem::Report;
use crate::quantity;
use crate::read::{Fields, join, parsed, word};
use crate::roles;

/// What happens to a call that its role permits without naming its intent.
const DEFAULTS: [(Intent, Decision); 4] = [
    (Intent::Read, Decision::Allow),
    (Intent::Write, Decision::Allow),
    (Intent::Destructive, Decision::Hold),
    (Intent::Exfiltrative, Decision::Deny),
];
/// Keys of `defaults`: the intents.
const INTENTS: &[&str] = &["read", "write", "destructive", "exfiltrative"];
/// Bounds of a segment of the log, in bytes.
const SEGMENT_BYTES_MIN: u64 = 64 << 10;
const SEGMENT_BYTES_MAX: u64 = 16 << 30;
/// Size of a segment when the policy says nothing: some 100,000 calls.
const SEGMENT_BYTES: u64 = 64 << 20;
/// Findings masked: a log that repeats what DLP found would be the next leak.
const PARAMS: u8 = 1;

/// `Policy::defaults`.
pub(crate) fn defaults(sources: &Sources<'_>, report: &mut Report) -> [u8; 4] {
    let fields = sources.setting("defaults").map(|node| {
        // Reported here, read below.
        Fields::of(node, "defaults", INTENTS, report)
    });
    let words = [Decision::Allow, Decision::Hold, Decision::Deny].map(|d| (d.name(), d));
    DEFAULTS.map(|(intent, default)| {
        let stated = fields
            .as_ref()
            .and_then(|fields| fields.get(intent.name()))
            .and_then(|node| word(node, &join("defaults", intent.name()), &words, report));
        stated.unwrap_or(default) as u8
    })
}

/// `Policy::audit`.
pub(crate) fn audit(sources: &Sources<'_>, report: &mut Report) -> Audit {
    let mut durable: IntentSet = [Intent::Destructive, Intent::Exfiltrative]
        .into_iter()
        .collect();
    let mut params = PARAMS;
    let mut segment_bytes = SEGMENT_BYTES;
    if let Some(node) = sources.setting("audit") {
        let fields = Fields::of(node, "audit", &["params", "durable", "segment"], report);
        let words = [("whole", 0), ("masked", 1), ("omitted", 2)];
        if let Some(node) = fields.get("params") {
            params = word(node, "audit.params", &words, report).unwrap_or(params);
        }
        durable = fields
            .read("durable", report, roles::intents)
            .unwrap_or(durable);
        let bounds = SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX;
        if let Some(node) = fields.get("segment") {
            let size = |text: &str| quantity::size(text, bounds);
            segment_bytes = parsed(node, "audit.segment", report, size).unwrap_or(segment_bytes);
        }
    }
    let durability = Intent::ALL.map(|intent| match durable.contains(intent) {
        true => Durability::Durable as u8,
        false => Durability::Written as u8,
    });
    Audit {
        durability,
        params,
        segment_bytes,
    }
}
