//! What a policy demands of a human's approval. Refuses a wait that outlasts every client.

use varistor_snapshot::schema::{ApprovalException, ApprovalTerms, Approvals};

use crate::gather::Sources;
use crate::patterns::{NoServer, Patterns, Servers};
use crate::problem::{Report, Wrong};
use crate::quantity;
use crate::read::{Fields, index, list, number, parsed, text};
use crate::url;
use crate::yaml::Node;

const KEYS: &[&str] = &["expiry", "wait", "page", "quorum", "window", "tools"];
const TOOL_KEYS: &[&str] = &["tool", "quorum", "window"];
/// Longer than any client waits by default.
const WAIT_MS_MAX: u64 = 10 * 60_000;
const QUORUM_MAX: u32 = 16;

/// `Policy::approvals`.
pub(crate) fn approvals(
    sources: &Sources<'_>,
    servers: &Servers,
    report: &mut Report,
) -> Approvals {
    let mut rows = Approvals::default();
    let Some(node) = sources.setting("approvals") else {
        return rows;
    };
    let fields = Fields::of(node, "approvals", KEYS, report);
    let expiry = fields
        .get("expiry")
        .and_then(|node| parsed(node, &fields.path("expiry"), report, quantity::duration_ms));
    rows.expiry_ms = expiry.unwrap_or(rows.expiry_ms);
    let wait = fields
        .get("wait")
        .and_then(|node| parsed(node, &fields.path("wait"), report, wait));
    rows.wait_ms = wait.unwrap_or(rows.wait_ms);
    rows.page = fields
        .get("page")
        .and_then(|node| parsed(node, &fields.path("page"), report, url::base));
    rows.terms = terms(&fields, &rows.terms, report);
    if let Some(node) = fields.get("tools") {
        let path = fields.path("tools");
        for (at, member) in list(node, &path, report).iter().enumerate() {
            let path = index(&path, at);
            exception(member, &path, servers, &mut rows, report);
        }
    }
    rows
}

fn exception(
    node: &Node,
    path: &str,
    servers: &Servers,
    rows: &mut Approvals,
    report: &mut Report,
) {
    let fields = Fields::of(node, path, TOOL_KEYS, report);
    let terms = terms(&fields, &rows.terms, report);
    let Some(tool) = fields.required("tool", report) else {
        return;
    };
    let path = fields.path("tool");
    let Some(pattern) = text(tool, &path, report) else {
        return;
    };
    let place = (tool.place, NoServer::Refused);
    let patterns = servers.patterns(pattern, place, &path, report);
    let row = |Patterns { server, name }| ApprovalException {
        server,
        name,
        terms: terms.clone(),
    };
    rows.exceptions.extend(patterns.into_iter().map(row));
}

/// What stands here, and else what holds for all.
fn terms(fields: &Fields<'_>, default: &ApprovalTerms, report: &mut Report) -> ApprovalTerms {
    let quorum = fields
        .get("quorum")
        .and_then(|node| number(node, &fields.path("quorum"), 1..=QUORUM_MAX, report))
        .and_then(|quorum| u8::try_from(quorum).ok());
    let window = fields
        .get("window")
        .and_then(|node| parsed(node, &fields.path("window"), report, duration_or_none));
    ApprovalTerms {
        quorum: quorum.unwrap_or(default.quorum),
        window_ms: window.unwrap_or(default.window_ms),
    }
}

fn wait(text: &str) -> Result<u64, Wrong> {
    match duration_or_none(text)? {
        ms if ms <= WAIT_MS_MAX => Ok(ms),
        _ => Err(Wrong::expected("a duration of at most 10m, or none")),
    }
}

fn duration_or_none(text: &str) -> Result<u64, Wrong> {
    match text {
        "none" => Ok(0),
        _ => quantity::duration_ms(text).map_err(|wrong| Wrong {
            expected: format!("{}, or none", wrong.expected),
            ..wrong
        }),
    }
}
