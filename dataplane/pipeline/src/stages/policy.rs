//! Decides: allow, redact, hold for approval, deny.
//!
//! What a caller has no permission for does not exist for it: the answer is the protocol's own for
//! an unknown tool, prompt or resource.

mod facts;
mod flow;
mod hold;
mod rules;

pub(crate) use hold::INPUT;
pub use hold::Waits;
pub(super) use rules::redact;

use flow::Flow;

use varistor_model::limits::NAME_BYTES_MAX;
use varistor_model::{Decision, Denial, DlpAction, Durability, Intent, Method, Reason, Subject};
use varistor_snapshot::schema::kinds;

use super::dlp::{Scanned, strictest};
use super::parse::Call;
use crate::desk::Desk;
use crate::holds::Release;
use crate::kill::Kill;
use crate::notice;
use crate::order::Notes;
use crate::outside::Client;
use crate::permission::{self, Ask, Standing};
use crate::ruling::Ruling;
use crate::serving::Local;
use crate::stages::{classify, rate_limit};

/// Permission for one message to go on. Made here only.
#[derive(Debug)]
pub struct Permit {
    scanned: Scanned,
    /// Of calls of tools.
    ruling: Option<Ruling>,
    decision: Decision,
    durability: Durability,
    /// A human's, of a call that policy holds.
    release: Option<Release>,
    /// Names the tool to the kill switch; 0: none is called.
    tool: u64,
}

impl Permit {
    pub(crate) const fn scanned(&self) -> &Scanned {
        &self.scanned
    }

    pub(crate) const fn call(&self) -> &Call {
        self.scanned.classified().call()
    }

    pub(crate) const fn ruling(&self) -> Option<&Ruling> {
        self.ruling.as_ref()
    }

    pub(crate) const fn decision(&self) -> Decision {
        self.decision
    }

    pub(crate) const fn tool(&self) -> u64 {
        self.tool
    }

    pub(crate) const fn durability(&self) -> Durability {
        self.durability
    }

    pub(crate) const fn release(&self) -> Option<&Release> {
        self.release.as_ref()
    }

    /// The call goes to its server.
    pub(crate) fn spend(&mut self) {
        if let Some(release) = &mut self.release {
            release.spend();
        }
    }
}

/// Whether a human has released the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Released {
    No,
    Yes,
}

/// What is decided about a message that may go on.
struct Judged {
    ruling: Option<Ruling>,
    decision: Decision,
    durability: Durability,
    tool: u64,
}

/// Decides about the message.
///
/// # Errors
/// Why it may not go on.
pub fn policy(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    scanned: Scanned,
    notes: &mut Notes,
) -> Result<Permit, Denial> {
    let settled = settled(desk, local, client, scanned, notes);
    let (ruling, reason) = match &settled {
        Ok(permit) => (permit.ruling(), None),
        Err(denial) => (notes.ruling.as_ref(), Some(denial.reason)),
    };
    let told = notice::of(desk, local, notes, ruling, (reason, client.now()));
    notes.notices.extend(told);
    settled
}

fn settled(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    scanned: Scanned,
    notes: &mut Notes,
) -> Result<Permit, Denial> {
    let about = (&scanned, Released::No);
    let (judged, release) = match judge(desk, local, client, about, notes) {
        Ok(judged) => (judged, None),
        Err(denial) if denial.reason == Reason::Held => {
            // A call that waits uses nothing up.
            rate_limit::give_back(desk, local, client, scanned.classified().call());
            let release = hold::hold(desk, local, client, &scanned, notes)?;
            notes.ruling = None;
            rate_limit::take_again(desk, local, client, scanned.classified().call())?;
            let about = (&scanned, Released::Yes);
            (judge(desk, local, client, about, notes)?, Some(release))
        }
        Err(denial) => return Err(denial),
    };
    Ok(Permit {
        ruling: judged.ruling,
        decision: judged.decision,
        durability: judged.durability,
        tool: judged.tool,
        scanned,
        release,
    })
}

fn judge(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    (scanned, released): (&Scanned, Released),
    notes: &mut Notes,
) -> Result<Judged, Denial> {
    let call = scanned.classified().call();
    let flow = match call.subject() {
        Subject::Tool => Flow::of(desk, local, client, (scanned, released == Released::Yes)),
        _ => None,
    };
    let mut tool = 0;
    let mut ruling = match call.subject() {
        Subject::Tool => {
            let about = (scanned, released, flow.as_ref());
            let ruling;
            (ruling, tool) = of_tool(desk, local, client, about, notes)?;
            Some(ruling)
        }
        _ => {
            let decision = of_subject(desk, local, scanned)?;
            if decision == Decision::Hold && released == Released::No {
                return Err(Reason::Held.into());
            }
            None
        }
    };
    if call.method() == Some(Method::SubscriptionsListen) {
        subscriptions(desk, local, call)?;
    }
    let by_rule = ruling
        .as_ref()
        .is_some_and(|ruling| redact(desk, local, ruling));
    let action = if by_rule {
        strictest(desk, local)?.max(scanned.action())
    } else {
        scanned.action()
    };
    let decision = match action {
        DlpAction::Deny => return Err(Reason::DlpRefused.into()),
        DlpAction::Hold if released == Released::No => return Err(Reason::Held.into()),
        DlpAction::Redact if has_mirrored_arguments(client) => {
            return Err(Reason::DlpRefused.into());
        }
        DlpAction::Redact => Decision::Redact,
        DlpAction::Allow | DlpAction::Log | DlpAction::Hold => Decision::Allow,
    };
    // Last: what is refused adds no leg.
    if let (Some(flow), Some(ruling)) = (&flow, &mut ruling)
        && let Err(reason) = flow.take(call, ruling)
    {
        notes.ruling = Some(core::mem::take(ruling));
        return Err(reason.into());
    }
    Ok(Judged {
        ruling,
        decision,
        durability: durability(local, scanned),
        tool,
    })
}

/// How firmly the record must stand before the call goes on.
fn durability(local: &Local, scanned: &Scanned) -> Durability {
    let intent = scanned.classified().intent().intent;
    let rows = &local.policy().audit.durability;
    let number = rows.get(usize::from(intent as u8)).copied();
    number.map_or(Durability::Durable, Durability::numbered)
}

/// The key of the tool, unless the operator has stopped it.
fn not_killed(desk: &Desk, local: &Local, call: &Call) -> Result<u64, Reason> {
    let server = local.serving().server(call.server);
    let name = call.message().and_then(|message| message.name);
    let (server, name) = server.zip(name).ok_or(Reason::Internal)?;
    let key = Kill::key_of_tool(server.name.as_str(), desk.reader.text(name));
    desk.kill.tool(key).map(|()| key)
}

/// What rules say of a call of a tool that may go on, and its key for the kill switch.
fn of_tool(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    (scanned, released, flow): (&Scanned, Released, Option<&Flow>),
    notes: &mut Notes,
) -> Result<(Ruling, u64), Denial> {
    let call = scanned.classified().call();
    let Some(standing) = standing(desk, local, scanned) else {
        return Err(unseen(desk, local, call).into());
    };
    let tool = not_killed(desk, local, call)?;
    if is_quarantined(desk, local, call) {
        return Err(Reason::ToolQuarantined.into());
    }
    let decide = |ruling: &mut Ruling| {
        let rule = rules::decision(ruling);
        match standing.decision(rule) {
            Decision::Allow | Decision::Redact => {
                flow.map_or(Ok(()), |flow| flow.ask(call, ruling))
            }
            Decision::Hold if released == Released::Yes => {
                flow.map_or(Ok(()), |flow| flow.ask(call, ruling))
            }
            Decision::Hold => Err(Reason::Held),
            Decision::Deny if rule == Some(Decision::Deny) => Err(Reason::RuleDenied),
            // What defaults deny.
            Decision::Deny => Err(Reason::IntentRefused),
        }
    };
    let asked = rules::ask(desk, local, client, scanned, decide);
    let ruling = asked.map_err(|(denial, ruling)| {
        notes.ruling = ruling;
        if denial.reason == Reason::IntentRefused {
            return unseen(desk, local, call).into();
        }
        denial
    })?;
    Ok((ruling, tool))
}

/// Whether what the server says about the tool is not what is trusted.
fn is_quarantined(desk: &mut Desk, local: &Local, call: &Call) -> bool {
    let name = call.message().and_then(|message| message.name);
    name.is_none_or(|name| {
        let Desk { reader, pins, .. } = desk;
        pins.is_quarantined(local, call.server, reader.text(name))
    })
}

/// What roles say of a call of a tool.
fn standing(desk: &mut Desk, local: &Local, scanned: &Scanned) -> Option<Standing> {
    let call = scanned.classified().call();
    let Desk {
        reader, qualified, ..
    } = desk;
    let ask = Ask {
        server: call.server,
        kind: kinds::TOOL,
        name: reader.text(call.message()?.name?),
        intent: scanned.classified().intent().intent,
    };
    permission::standing(local.policy(), &call.principal, &ask, qualified)
}

fn of_subject(desk: &mut Desk, local: &Local, scanned: &Scanned) -> Result<Decision, Reason> {
    let call = scanned.classified().call();
    let intent = scanned.classified().intent().intent;
    if let Some(decision) = permitted(desk, local, call, intent) {
        return Ok(decision);
    }
    // What may be read, if there were no credentials in it, exists.
    let is_there =
        call.subject() == Subject::Resource && permitted(desk, local, call, Intent::Read).is_some();
    Err(match is_there {
        true => Reason::IntentRefused,
        false => unknown(call),
    })
}

fn permitted(desk: &mut Desk, local: &Local, call: &Call, intent: Intent) -> Option<Decision> {
    let subject = call.subject();
    if matches!(subject, Subject::None | Subject::Task) {
        let is_free = subject == Subject::None && call.method() != Some(Method::TasksList);
        let may =
            is_free || permission::has_all_tools(local.policy(), &call.principal, call.server);
        return may.then_some(Decision::Allow);
    }
    let message = call.message()?;
    let name = desk.reader.text(message.name?);
    let kind = match subject {
        Subject::Prompt => kinds::PROMPT,
        Subject::Reference if message.reference_is_prompt => kinds::PROMPT,
        Subject::Resource | Subject::Reference => kinds::RESOURCE,
        Subject::Tool | Subject::None | Subject::Task => return None,
    };
    let ask = Ask {
        server: call.server,
        kind,
        name,
        intent,
    };
    permission::decide(local.policy(), &call.principal, &ask, &mut desk.qualified)
}

/// `subscriptions/listen` may name resources: each must be permitted.
fn subscriptions(desk: &mut Desk, local: &Local, call: &Call) -> Result<(), Reason> {
    let message = call.message().ok_or(Reason::RpcInvalid)?;
    let Desk {
        reader, qualified, ..
    } = desk;
    let permitted = reader.subscriptions(message).all(|name| {
        let ask = Ask {
            server: call.server,
            kind: kinds::RESOURCE,
            name,
            intent: Intent::Read,
        };
        name.len() <= NAME_BYTES_MAX
            && permission::decide(local.policy(), &call.principal, &ask, qualified).is_some()
    });
    if permitted {
        Ok(())
    } else {
        Err(Reason::ResourceUnknown)
    }
}

/// Headers that mirror arguments would still carry what the body no longer does.
pub(crate) fn has_mirrored_arguments(client: &impl Client) -> bool {
    let (head, bytes) = client.head();
    head.mcp_params(bytes).next().is_some()
}

/// Why there is no permission: a tool that is listed for the caller exists, but what this call of
/// it would do is not permitted.
fn unseen(desk: &mut Desk, local: &Local, call: &Call) -> Reason {
    let name = call.message().and_then(|message| message.name);
    let server = local.serving().server(call.server);
    if let (Subject::Tool, Some(name), Some(row)) = (call.subject(), name, server) {
        let Desk {
            reader,
            known,
            qualified,
            ..
        } = desk;
        let name = reader.text(name);
        let tool = (call.server, name, classify::base(known, row, name));
        let may_allow = local.serving().may_allow();
        if permission::is_visible(local.policy(), &call.principal, tool, may_allow, qualified) {
            return Reason::IntentRefused;
        }
    }
    unknown(call)
}

fn unknown(call: &Call) -> Reason {
    match call.subject() {
        Subject::Prompt => Reason::PromptUnknown,
        Subject::Resource => Reason::ResourceUnknown,
        Subject::Reference if call.message().is_some_and(|m| m.reference_is_prompt) => {
            Reason::PromptUnknown
        }
        Subject::Reference => Reason::ResourceUnknown,
        Subject::Tool => Reason::ToolUnknown,
        Subject::None | Subject::Task => Reason::MethodUnknown,
    }
}
