//! Held calls on the control side: their journal, and what people decide through the admin
//! interface.

mod journal;

use std::rc::Rc;
use std::time::Duration;

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use varistor_approvals::{ApprovalId, Call, Entry, Fate, Refused, Word};
use varistor_audit::{ApprovalEvent, Event};

use super::{Control, Journal};
use crate::log;

pub(crate) use journal::{File, open};

/// How often it is looked which calls nobody has decided about in time.
const TICK: Duration = Duration::from_secs(1);
/// After a failed write.
const RETRY: Duration = Duration::from_millis(500);
/// Longest name of a person, and longest note, in bytes.
const NAME_BYTES_MAX: usize = 128;
const NOTE_BYTES_MAX: usize = 1024;

/// Keeps the journal, and records what was decided, until the gateway ends.
pub(super) async fn keep(control: Rc<Control>, journal: Rc<Journal>, mut file: File) {
    let mut unwritten: Vec<Entry> = Vec::new();
    loop {
        let holds = &control.hub.holds;
        // A release is bound to its policy, and to its time.
        let generation = control.hub.published().serving.generation();
        holds.keep_generation(generation);
        control.clock.renew();
        holds.tick(control.clock.now().unix_ns / 1_000_000);
        let (fresh, through) = holds.take_fresh();
        record(&journal, &fresh).await;
        unwritten.extend(fresh);
        match file.write(&unwritten, || holds.entries()) {
            Ok(()) => {
                unwritten.clear();
                holds.stands(through);
                // Whoever changes something wakes this; times end by themselves.
                let _ = tokio::time::timeout(TICK, control.hub.woken.notified()).await;
            }
            Err(error) => {
                holds.breaks();
                log::error(format_args!(
                    "the journal of approvals can't be written, so that no released call passes: \
                     {error}"
                ));
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

/// Every decision is a record. That a call was held, and that it passed, says its own record.
async fn record(journal: &Journal, entries: &[Entry]) {
    for entry in entries {
        let (id, decision, word) = match entry {
            Entry::Approved { id, word, .. } => (id, "approve", Some(word)),
            Entry::Denied { id, word, .. } => (id, "deny", Some(word)),
            Entry::Ended {
                id,
                unanswered: true,
            } => (id, "expire", None),
            Entry::Opened { id, .. } => (id, "open", None),
            Entry::Closed { id } => (id, "close", None),
            Entry::Held { .. } | Entry::Used { .. } | Entry::Ended { .. } => continue,
        };
        let event = Event::Approval(ApprovalEvent {
            id: &id.0,
            decision,
            by: word.map_or("", |word| word.by.as_str()),
            note: word.map_or("", |word| word.note.as_str()),
            for_ms: word.map_or(0, |word| word.for_ms),
        });
        journal.record(&event).await;
    }
}

/// `GET /v1/approvals`.
pub(super) fn list(control: &Control) -> Value {
    let listed = control.hub.holds.list();
    let calls: Vec<Value> = listed
        .calls
        .iter()
        .map(|(id, call)| shown(*id, call))
        .collect();
    let windows = listed.windows.iter().map(|(id, window)| {
        json!({
            "id": id.to_string(),
            "until_unix_ms": window.until_unix_ms,
            "organisation": window.held.organisation,
            "agent": window.held.agent,
            "server": window.held.server,
            "tool": window.held.name,
        })
    });
    json!({"approvals": calls, "windows": windows.collect::<Vec<_>>()})
}

/// `GET /v1/approvals/ID`.
pub(super) fn one(control: &Control, id: &str) -> (StatusCode, Value) {
    let call = ApprovalId::from_hex(id).and_then(|id| Some((id, control.hub.holds.call(id)?)));
    match call {
        Some((id, call)) => (StatusCode::OK, shown(id, &call)),
        None => unknown(),
    }
}

/// The body of a decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    decision: Decides,
    by: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    for_ms: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decides {
    Approve,
    Deny,
}

/// `POST /v1/approvals/ID`.
pub(super) fn decide(control: &Control, id: &str, body: &[u8]) -> (StatusCode, Value) {
    let said: Said = match serde_json::from_slice(body) {
        Ok(said) => said,
        Err(error) => {
            let error = format!(
                "{error}; expected {{\"decision\": \"approve\" or \"deny\", \"by\": name}}"
            );
            return (StatusCode::BAD_REQUEST, json!({ "error": error }));
        }
    };
    if said.by.len() > NAME_BYTES_MAX || said.note.len() > NOTE_BYTES_MAX {
        let error = format!("a name has at most {NAME_BYTES_MAX} bytes, a note {NOTE_BYTES_MAX}");
        return (StatusCode::BAD_REQUEST, json!({ "error": error }));
    }
    let Some(id) = ApprovalId::from_hex(id) else {
        return unknown();
    };
    let now_ms = control.clock.now().unix_ns / 1_000_000;
    let word = Word {
        by: said.by,
        note: said.note,
        for_ms: said.for_ms,
    };
    let decided = match said.decision {
        Decides::Approve => control.hub.holds.approve(id, word, now_ms),
        Decides::Deny => control.hub.holds.deny(id, word, now_ms),
    };
    match decided {
        Ok(verdict) => {
            let mut told = shown(id, &verdict.call);
            if let (Some(until), Some(members)) = (verdict.until_unix_ms, told.as_object_mut()) {
                members.insert("until_unix_ms".to_owned(), json!(until));
            }
            (StatusCode::OK, told)
        }
        Err(Refused::Unknown) => unknown(),
        Err(refused) => (StatusCode::CONFLICT, json!({"error": why(refused)})),
    }
}

fn why(refused: Refused) -> String {
    match refused {
        Refused::Decided(Fate::Denied) => "somebody has refused this call already".to_owned(),
        Refused::Decided(_) => "this call has been released already".to_owned(),
        Refused::Twice => {
            "the same person has approved this call already; another one is needed".to_owned()
        }
        Refused::Window(0) => {
            "policy allows to approve this call once only (approvals.window)".to_owned()
        }
        Refused::Window(ms) => format!(
            "policy allows at most {} minutes for this tool (approvals.window)",
            ms / 60_000
        ),
        Refused::Nameless => "a decision needs the name of who decides (\"by\")".to_owned(),
        Refused::Unknown => "there is no such held call".to_owned(),
    }
}

fn unknown() -> (StatusCode, Value) {
    let error = "there is no such held call: it has passed, its time is over, another policy \
                 serves, or it never was";
    (StatusCode::NOT_FOUND, json!({ "error": error }))
}

/// A held call for those who decide about it.
fn shown(id: ApprovalId, call: &Call) -> Value {
    let state = match call.fate {
        Fate::Pending => "pending",
        Fate::Approved => "approved",
        Fate::Denied => "denied",
    };
    let names = |words: &[Word]| words.iter().map(|word| word.by.clone()).collect::<Vec<_>>();
    json!({
        "id": id.to_string(),
        "state": state,
        "created_unix_ms": call.created_unix_ms,
        "expires_unix_ms": call.terms.expires_unix_ms,
        "organisation": call.held.organisation,
        "team": call.held.team,
        "agent": call.held.agent,
        "token": call.held.token,
        "server": call.held.server,
        "method": call.held.method,
        "tool": call.held.name,
        "intent": call.held.intent,
        "why": call.held.why,
        "arguments": call.held.params,
        "generation": call.held.generation,
        "quorum": call.terms.quorum,
        "approved_by": names(&call.approved_by),
        "denied_by": call.denied_by.as_ref().map(|word| word.by.clone()),
        "window_max_ms": call.terms.window_max_ms,
    })
}
