//! Decisions by intent when no role speaks.

use varistor_model::{Decision, Intent};

use crate::gather::Sources;
use crate::problem::Report;
use crate::read::{Fields, join, word};

/// What happens to a call that its role permits without naming its intent.
const DEFAULTS: [(Intent, Decision); 4] = [
    (Intent::Read, Decision::Allow),
    (Intent::Write, Decision::Allow),
    (Intent::Destructive, Decision::Hold),
    (Intent::Exfiltrative, Decision::Deny),
];
/// Keys of `defaults`: the intents.
const INTENTS: &[&str] = &["read", "write", "destructive", "exfiltrative"];
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
