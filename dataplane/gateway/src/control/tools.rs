//! The admin interface's part about pins of tools: which there are, what one says, and approving
//! the very definition that a person was shown.

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use varistor_audit::{Event, ToolTold, ToolsEvent};
use varistor_pins::{Approval, By, Digest, Form, Mode, Pin, Policy, Refused, names};
use varistor_pipeline::pins::policy as policy_of;

use super::{Control, Journal};

/// Tools that one answer lists, the quarantined ones first.
const LISTED_MAX: usize = 8192;
/// Tools that are approved at once.
const APPROVED_MAX: usize = 4096;
/// Longest name of a person, in bytes.
const BY_BYTES_MAX: usize = 128;

/// What is wanted of a tool.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    server: String,
    tool: String,
}

/// A person's word.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approving {
    by: String,
    tools: Vec<Shown>,
}

/// What the person was shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    server: String,
    tool: String,
    sha256: Digest,
}

/// What an answer is made of.
type Told = (StatusCode, Value);

/// The body of `GET /v1/tools`.
pub(super) fn list(control: &Control) -> Value {
    let pins = control.pins.board().pins();
    let mut rows: Vec<(bool, Value)> = Vec::new();
    for (server, tools) in pins.servers() {
        let policy = policy(control, server);
        for (name, pin) in tools.iter() {
            let waits = tools.is_quarantined(name, policy);
            rows.push((!waits, row((server, name), pin, (waits, policy))));
        }
    }
    rows.sort_by_key(|(is_free, _)| *is_free);
    let left_out = rows.len().saturating_sub(LISTED_MAX);
    let rows = rows.into_iter().take(LISTED_MAX).map(|(_, row)| row);
    json!({"tools": rows.collect::<Vec<_>>(), "left_out": left_out})
}

/// How many tools are pinned, and how many are quarantined.
pub(super) fn counts(control: &Control) -> (u64, u64) {
    let pins = control.pins.board().pins();
    let (mut known, mut waiting) = (0_u64, 0_u64);
    for (server, tools) in pins.servers() {
        let policy = policy(control, server);
        for (name, _) in tools.iter() {
            known += 1;
            waiting += u64::from(tools.is_quarantined(name, policy));
        }
    }
    (known, waiting)
}

/// The answer to `POST /v1/tools/show`: what is trusted and what waits, whole.
pub(super) fn show(control: &Control, body: &[u8]) -> Told {
    let wanted: Wanted = match serde_json::from_slice(body) {
        Ok(wanted) => wanted,
        Err(error) => return wrong(&error),
    };
    let pins = control.pins.board().pins();
    let Wanted { server, tool } = &wanted;
    let tools = pins.server(server);
    let Some((tools, pin)) = tools.and_then(|tools| Some((tools, tools.get(tool)?))) else {
        let error = format!("no list held {server}/{} yet", names::shown(tool, false));
        return (StatusCode::NOT_FOUND, json!({ "error": error }));
    };
    let policy = policy(control, server);
    let mut told = row(
        (server, tool),
        pin,
        (tools.is_quarantined(tool, policy), policy),
    );
    let text = |form: Option<&Form>| form.and_then(|form| form.definition.clone());
    told["pinned_definition"] = json!(text(pin.pinned.as_ref().map(|it| &it.form)));
    told["offered_definition"] = json!(text(pin.offered.as_ref().map(|it| &it.form)));
    (StatusCode::OK, told)
}

/// The answer to `POST /v1/tools/approve`: each tool for itself.
pub(super) async fn approve(control: &Control, journal: &Journal, body: &[u8]) -> Told {
    let approving: Approving = match serde_json::from_slice(body) {
        Ok(approving) => approving,
        Err(error) => return wrong(&error),
    };
    let Approving { by, tools } = approving;
    if by.is_empty() || by.len() > BY_BYTES_MAX || tools.len() > APPROVED_MAX {
        let error = format!(
            "expected a name of 1 to {BY_BYTES_MAX} bytes in `by`, and at most {APPROVED_MAX} tools"
        );
        return (StatusCode::BAD_REQUEST, json!({ "error": error }));
    }
    let (mut approved, mut refused) = (Vec::new(), Vec::new());
    for Shown {
        server,
        tool,
        sha256,
    } in &tools
    {
        let approval = Approval {
            server,
            tool,
            sha256: *sha256,
            by: &by,
        };
        match control.pins.board().approve(&approval) {
            Ok(()) => {
                let event = ToolsEvent::Approved {
                    server,
                    tool: ToolTold {
                        tool,
                        sha256: &sha256.0,
                        cause: None,
                    },
                    by: &by,
                };
                journal.record(&Event::Tools(event)).await;
                approved.push(json!({"server": server, "tool": tool, "sha256": sha256}));
            }
            Err(error) => {
                let now = match &error {
                    Refused::Changed(now) => Some(now),
                    Refused::Unknown => None,
                };
                let error = error.to_string();
                refused.push(json!({"server": server, "tool": tool, "error": error, "now": now}));
            }
        }
    }
    let unsaved = control.pins.save(journal).await.err();
    let unsaved = unsaved.map(|error| error.to_string());
    let told = json!({"approved": approved, "refused": refused, "unsaved": unsaved});
    (StatusCode::OK, told)
}

fn wrong(error: &serde_json::Error) -> Told {
    let error = format!("the body is not what is expected here: {error}");
    (StatusCode::BAD_REQUEST, json!({ "error": error }))
}

/// What policy wants of a server now; of one that it no longer has, nothing.
fn policy(control: &Control, server: &str) -> Policy {
    let published = control.hub.published();
    let policy = published.serving.policy();
    let at = policy.servers.iter().position(|row| row.name == server);
    let none = Policy {
        mode: Mode::Off,
        new_tools_wait: false,
    };
    let at = at.and_then(|at| u32::try_from(at).ok());
    at.map_or(none, |at| policy_of(policy, at))
}

fn row((server, tool): (&str, &str), pin: &Pin, (waits, policy): (bool, Policy)) -> Value {
    let pinned = pin.pinned.as_ref();
    let offered = pin.offered.as_ref();
    let form = offered.map(|offered| &offered.form);
    let form = form.or(pinned.map(|pinned| &pinned.form));
    let approved_by = pinned.and_then(|pinned| match &pinned.by {
        By::Approved(by) => Some(by),
        By::FirstUse => None,
    });
    let state = match (policy.mode, waits) {
        (Mode::Off, _) => "off",
        (_, true) => "quarantined",
        (_, false) if approved_by.is_some() => "approved",
        (_, false) => "pinned",
    };
    let cause = offered.map_or("new", |offered| offered.cause.name());
    let twin = offered.and_then(|offered| match &offered.cause {
        varistor_pins::Cause::Twin(of) => Some(of),
        _ => None,
    });
    let mut flags: Vec<&str> = form
        .map(|form| form.flags.iter().map(AsRef::as_ref).collect())
        .unwrap_or_default();
    if !tool.is_ascii() {
        flags.push("name_not_ascii");
    }
    json!({
        "server": server,
        "tool": tool,
        "state": state,
        "cause": waits.then_some(cause),
        "twin": twin,
        "sha256": form.map(|form| form.sha256),
        "pinned_sha256": pinned.map(|pinned| pinned.form.sha256),
        "approved_by": approved_by,
        "first_seen_unix_s": form.map(|form| form.since_unix_s),
        "quarantines": pin.quarantines,
        "flags": flags,
    })
}
