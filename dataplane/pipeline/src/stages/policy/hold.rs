//! A call that policy holds: passes when a human has released it, and else waits for one.

use varistor_approvals::{ApprovalId, Bound, Held, Terms};
use varistor_inspect::glob;
use varistor_model::{Denial, DlpAction, Era, Reason};
use varistor_snapshot::schema::ArchivedApprovalTerms;
use varistor_structured::Node;

use super::super::parse::Call;
use crate::canonical;
use crate::desk::Desk;
use crate::holds::{Ask, Release, Stopped};
use crate::order::Notes;
use crate::outside::Client;
use crate::serving::Local;
use crate::stages::dlp::Scanned;

/// Where a held call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// The name of its approval.
    pub id: ApprovalId,
    /// When it is refused unless somebody has released it, in milliseconds since 1970.
    pub expires_unix_ms: u64,
    /// Whether its client is asked to show the page where people decide (2026-07-28, *Multi
    /// Round-Trip Requests*).
    pub asks: bool,
}

/// Members of the parameters that differ from one request of a call to the next.
const PASSING: [&str; 3] = ["_meta", "inputResponses", "requestState"];

/// The key of the input that a client is asked for.
pub(crate) const INPUT: &str = "varistor_approval";

/// Takes the call's release, or holds the call.
///
/// # Errors
/// What to tell when it may not pass.
pub(super) fn hold(
    desk: &Desk,
    local: &Local,
    client: &impl Client,
    scanned: &Scanned,
    notes: &mut Notes,
) -> Result<Release, Denial> {
    let Some(holds) = &desk.holds else {
        return Err(Reason::Held.into());
    };
    let call = scanned.classified().call();
    let why = why(local, scanned, notes);
    let params = call.message().map(|message| message.params);
    let params = params.unwrap_or_default().of_bytes(client.body());
    // What passed the strict gate is text.
    let params = core::str::from_utf8(params).map_err(|_| Reason::Internal)?;
    let node = Node::read(params);
    let has_page = local.policy().approvals.page.is_some();
    let asks = has_page && notes.era() == Some(Era::Modern) && node.as_ref().is_some_and(can_ask);
    let ask = ask(desk, local, client, (call, scanned, why), (params, node));
    let ask = ask.ok_or(Reason::Internal)?;
    holds.claim(ask).map_err(|stopped| {
        let reason = match stopped {
            Stopped::Held(id, terms) => {
                notes.waits = Some(Waits {
                    id,
                    expires_unix_ms: terms.expires_unix_ms,
                    asks,
                });
                Reason::Held
            }
            Stopped::Denied(_) => Reason::ApprovalDenied,
            Stopped::Full => Reason::ApprovalsFull,
        };
        reason.into()
    })
}

/// Whether the client can show a page to its user, and has not done so for this call.
fn can_ask(params: &Node) -> bool {
    let meta = params.member("_meta");
    let shows = meta
        .and_then(|meta| meta.member("io.modelcontextprotocol/clientCapabilities"))
        .and_then(|capabilities| capabilities.member("elicitation"))
        .and_then(|elicitation| elicitation.member("url"));
    let answered = params.member("inputResponses");
    let answered = answered.and_then(|responses| responses.member(INPUT));
    shows.is_some() && answered.is_none()
}

/// Why a call is held, for whoever decides about it.
fn why(local: &Local, scanned: &Scanned, notes: &Notes) -> String {
    let program = &local.policy().rules;
    let ruling = notes.ruling.as_ref();
    let rule = ruling.map_or("", |ruling| ruling.name(program));
    let intent = scanned.classified().intent().intent.name();
    match (rule, scanned.action()) {
        ("", DlpAction::Hold) => "its parameters carry data that needs approval".to_owned(),
        ("", _) => format!("{intent} calls of this agent need approval"),
        (rule, _) => format!("the rule \"{rule}\""),
    }
}

fn ask(
    desk: &Desk,
    local: &Local,
    client: &impl Client,
    (call, scanned, why): (&Call, &Scanned, String),
    (params, node): (&str, Option<Node>),
) -> Option<Ask> {
    let message = call.message()?;
    let server = local.serving().server(call.server)?;
    let name = desk.reader.text(message.name?);
    let method = desk.reader.text(message.method_text);
    let mut spelled = Vec::with_capacity(params.len());
    match node {
        Some(node) => canonical::write(&node, &PASSING, &mut spelled),
        // Very many values: bound to their bytes.
        None => spelled.extend_from_slice(params.as_bytes()),
    }
    let principal = &call.principal;
    let verified = principal.verified();
    let bound = Bound {
        token: principal.token(),
        snapshot: *local.serving().snapshot().digest(),
        server: &server.name,
        method,
        params: &spelled,
    };
    let now_ms = client.now().unix_ns / 1_000_000;
    Some(Ask {
        print: bound.fingerprint(),
        held: Held {
            organisation: verified.organisation.clone(),
            team: verified.team.clone().unwrap_or_default(),
            agent: verified.agent.clone(),
            token: principal.token().to_string(),
            server: server.name.as_str().to_owned(),
            method: method.to_owned(),
            name: name.to_owned(),
            intent: scanned.classified().intent().intent.name().to_owned(),
            why,
            params: params.to_owned(),
            generation: local.serving().generation(),
        },
        terms: terms(local, call.server, name, now_ms),
        now_ms,
    })
}

/// What policy demands: of the exceptions that match, the strictest of each; else what holds for
/// all.
fn terms(local: &Local, server: u32, name: &str, now_ms: u64) -> Terms {
    let rows = &local.policy().approvals;
    let matching = rows.exceptions.iter();
    let matching = matching.filter(|row| row.server == server && glob::matches(&row.name, name));
    let of = |terms: &ArchivedApprovalTerms| (terms.quorum, terms.window_ms.to_native());
    let strictest = matching.map(|row| of(&row.terms));
    let strictest = strictest.reduce(|(quorum, window_ms), (other, shorter)| {
        (quorum.max(other), window_ms.min(shorter))
    });
    let (quorum, window_max_ms) = strictest.unwrap_or_else(|| of(&rows.terms));
    Terms {
        expires_unix_ms: now_ms.saturating_add(rows.expiry_ms.to_native()),
        quorum: quorum.max(1),
        window_max_ms,
    }
}
