//! `audit`: how records are kept, and who vouches for them.
//!
//! Refuses keys that are no witness's, quorums that nobody could reach, and bounds that a witness
//! which is asked as seldom as that could not keep.

mod checkpoints;
mod privacy;

use std::str::FromStr as _;

use varistor_evidence::VerifierKey;
use varistor_evidence::note::Algorithm;
use varistor_model::{Durability, Intent, IntentSet, Keeping};
use varistor_snapshot::schema::{Audit, Witness};

use crate::context::Context;
use crate::files;
use crate::gather::Sources;
use crate::patterns::Servers;
use crate::problem::{Report, Wrong, quote};
use crate::quantity;
use crate::read::{Fields, boolean, index, list, number, parsed, text};
use crate::roles;
use crate::url::url;
use crate::yaml::Node;

const KEYS: &[&str] = &[
    "params",
    "durable",
    "segment",
    "witnesses",
    "quorum",
    "ask",
    "unwitnessed",
    "checkpoints",
    "privacy",
    "auditors",
];
const WITNESS: &[&str] = &["key", "url", "ca", "allow_private"];
const UNWITNESSED: &[&str] = &["intents", "within"];
/// Bounds of a segment of the log, in bytes.
const SEGMENT_BYTES_MIN: u64 = 64 << 10;
const SEGMENT_BYTES_MAX: u64 = 16 << 30;
/// Size of a segment when the policy says nothing: some 100,000 calls.
const SEGMENT_BYTES: u64 = 64 << 20;
/// Findings masked: a log that repeats what DLP found would be the next leak.
const PARAMS: u8 = Keeping::Masked as u8;
/// Most witnesses: a note has at most 64 signatures.
const WITNESSES_MAX: usize = 32;
/// How often a witness is asked when the policy says nothing, and the bounds, in milliseconds.
const ASK_MS: u64 = 60_000;
const ASK_MS_MIN: u64 = 1_000;
const ASK_MS_MAX: u64 = 3_600_000;

/// `Policy::audit`.
pub(crate) fn audit(
    sources: &Sources<'_>,
    servers: &Servers,
    context: &Context<'_>,
    report: &mut Report,
) -> Audit {
    let severe = [Intent::Destructive, Intent::Exfiltrative];
    let severe: IntentSet = severe.into_iter().collect();
    let mut audit = Audit {
        durability: durability(severe),
        params: PARAMS,
        segment_bytes: SEGMENT_BYTES,
        ask_ms: ASK_MS,
        ..Audit::default()
    };
    let Some(node) = sources.setting("audit") else {
        return audit;
    };
    let fields = Fields::of(node, "audit", KEYS, report);
    privacy::privacy(&fields, servers, &mut audit, report);
    if let Some(durable) = fields.read("durable", report, roles::intents) {
        audit.durability = durability(durable);
    }
    if let Some(node) = fields.get("segment") {
        let size = |text: &str| quantity::size(text, SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX);
        let size = parsed(node, "audit.segment", report, size);
        audit.segment_bytes = size.unwrap_or(audit.segment_bytes);
    }
    if let Some(node) = fields.get("witnesses") {
        audit.witnesses = witnesses(node, context, report);
    }
    vouched(&fields, &mut audit, severe, report);
    audit.checkpoints = fields
        .get("checkpoints")
        .and_then(|node| checkpoints::checkpoints(node, context, report));
    audit
}

fn durability(durable: IntentSet) -> [u8; 4] {
    Intent::ALL.map(|intent| match durable.contains(intent) {
        true => Durability::Durable as u8,
        false => Durability::Written as u8,
    })
}

fn witnesses(node: &Node, context: &Context<'_>, report: &mut Report) -> Vec<Witness> {
    let path = "audit.witnesses";
    let members = list(node, path, report);
    if members.len() > WITNESSES_MAX {
        let found = format!("{} witnesses", members.len());
        let wrong = Wrong::expected(format!("at most {WITNESSES_MAX}"));
        report.refuse(node.place, found, wrong);
    }
    let mut rows: Vec<(String, Witness)> = Vec::new();
    for (at, member) in members.iter().enumerate() {
        let Some((name, row)) = witness(member, &index(path, at), context, report) else {
            continue;
        };
        if rows.iter().any(|(known, _)| *known == name) {
            let found = format!("a second witness {}", quote(&name));
            let wrong = Wrong::expected("one entry for each name");
            report.refuse(member.place, found, wrong);
        }
        rows.push((name, row));
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// A witness, with its name.
fn witness(
    node: &Node,
    path: &str,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<(String, Witness)> {
    let fields = Fields::of(node, path, WITNESS, report);
    let key = fields.required("key", report);
    let key = key.and_then(|node| parsed(node, &fields.path("key"), report, witness_key));
    let place = fields.required("url", report);
    let found = place.and_then(|node| parsed(node, &fields.path("url"), report, plain_url));
    let ca = fields
        .get("ca")
        .and_then(|node| files::certificate(node, &fields.path("ca"), context.dir, report));
    let allow_private = fields.read("allow_private", report, boolean);
    let shown = place.and_then(|node| text(node, &fields.path("url"), report));
    let (key, private) = (key?, found?);
    let row = Witness {
        key: key.to_string(),
        url: shown?.trim_end_matches('/').to_owned(),
        allow_private: allow_private.unwrap_or(private),
        ca,
    };
    Some((key.name().to_owned(), row))
}

/// A URL that paths can be put behind; whether it says itself that it is near.
fn plain_url(text: &str) -> Result<bool, Wrong> {
    let found = url(text)?;
    match text.contains(['?', '#']) {
        true => Err(Wrong::expected("a URL without a query")),
        false => Ok(found.is_private()),
    }
}

fn witness_key(text: &str) -> Result<VerifierKey, Wrong> {
    let expected = "the public key of a witness, NAME+8 HEX DIGITS+BASE64 (C2SP signed-note)";
    let wrong = || Wrong::expected(expected);
    let key = VerifierKey::from_str(text).map_err(|_| wrong())?;
    match key.algorithm() {
        Algorithm::Cosignature => Ok(key),
        Algorithm::Ed25519 => Err(wrong().help(
            "this is the key of a log; `varictl audit witness serve` prints the witness's own and \
             keeps it in witness.vkey",
        )),
    }
}

/// How many witnesses must have cosigned, how often they are asked, and what is denied without.
fn vouched(fields: &Fields<'_>, audit: &mut Audit, severe: IntentSet, report: &mut Report) {
    let count = u32::try_from(audit.witnesses.len()).unwrap_or(u32::MAX);
    audit.quorum = count;
    for key in ["quorum", "ask", "unwitnessed"] {
        if let (Some(node), 0, None) = (fields.get(key), count, fields.get("witnesses")) {
            let wrong = Wrong::expected("`witnesses` beside it");
            report.refuse(node.place, format!("audit.{key} without witnesses"), wrong);
        }
    }
    if let (Some(node), 1..) = (fields.get("quorum"), count) {
        let quorum = number(node, "audit.quorum", 1..=count, report);
        audit.quorum = quorum.unwrap_or(count);
    }
    if let Some(node) = fields.get("ask") {
        let ask = parsed(node, "audit.ask", report, |text| {
            between(text, ASK_MS_MIN..=ASK_MS_MAX)
        });
        audit.ask_ms = ask.unwrap_or(audit.ask_ms);
    }
    let Some(node) = fields.get("unwitnessed") else {
        return;
    };
    let path = "audit.unwitnessed";
    let fields = Fields::of(node, path, UNWITNESSED, report);
    let intents = fields.read("intents", report, roles::intents);
    audit.unwitnessed_intents = intents.unwrap_or(severe).bits();
    // Twice, or one late answer denies calls.
    let least = audit.ask_ms.saturating_mul(2);
    if let Some(node) = fields.required("within", report) {
        let within = parsed(node, &fields.path("within"), report, |text| {
            between(text, least..=WITHIN_MS_MAX)
        });
        audit.unwitnessed_ms = within.unwrap_or(least);
    }
}

/// Longest bound of an unwitnessed tail, in milliseconds: a week.
const WITHIN_MS_MAX: u64 = 7 * 24 * 3_600_000;

fn between(text: &str, bounds: std::ops::RangeInclusive<u64>) -> Result<u64, Wrong> {
    let found = quantity::duration_ms(text)?;
    match bounds.contains(&found) {
        true => Ok(found),
        false => Err(Wrong::expected(format!(
            "a duration from {} to {}",
            quantity::show_duration(*bounds.start()),
            quantity::show_duration(*bounds.end())
        ))),
    }
}
