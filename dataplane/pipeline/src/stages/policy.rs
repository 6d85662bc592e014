//! Decides: allow, redact, hold for approval, deny.
//!
//! What a caller has no permission for does not exist for it: the answer is the protocol's own for
//! an unknown tool, prompt or resource.

use varistor_model::limits::NAME_BYTES_MAX;
use varistor_model::{Decision, DlpAction, Durability, Intent, Method, Reason, Subject};
use varistor_snapshot::schema::kinds;

use super::dlp::Scanned;
use super::parse::Call;
use crate::desk::Desk;
use crate::outside::Client;
use crate::permission::{self, Ask};
use crate::serving::Local;
use crate::stages::classify;

/// Permission for one message to go on. Made here only.
#[derive(Clone, Debug)]
pub struct Permit {
    scanned: Scanned,
    decision: Decision,
    durability: Durability,
}

impl Permit {
    pub(crate) const fn scanned(&self) -> &Scanned {
        &self.scanned
    }

    pub(crate) const fn call(&self) -> &Call {
        self.scanned.classified().call()
    }

    pub(crate) const fn decision(&self) -> Decision {
        self.decision
    }

    pub(crate) const fn durability(&self) -> Durability {
        self.durability
    }
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
) -> Result<Permit, Reason> {
    let call = scanned.classified().call();
    let decision = match call.subject() {
        Subject::None if call.method() != Some(Method::TasksList) => Some(Decision::Allow),
        Subject::None | Subject::Task => {
            permission::has_all_tools(local.policy(), &call.principal, call.server)
                .then_some(Decision::Allow)
        }
        subject => of_subject(desk, local, &scanned, subject),
    };
    match decision {
        None | Some(Decision::Deny) => return Err(unseen(desk, local, call)),
        Some(Decision::Hold) => return Err(Reason::Held),
        Some(Decision::Allow | Decision::Redact) => {}
    }
    if call.method() == Some(Method::SubscriptionsListen) {
        subscriptions(desk, local, call)?;
    }
    let decision = match scanned.action() {
        DlpAction::Deny => return Err(Reason::DlpRefused),
        DlpAction::Hold => return Err(Reason::Held),
        DlpAction::Redact if has_mirrored_arguments(client) => return Err(Reason::DlpRefused),
        DlpAction::Redact => Decision::Redact,
        DlpAction::Allow | DlpAction::Log => Decision::Allow,
    };
    let intent = scanned.classified().intent().intent;
    let number = local
        .policy()
        .audit
        .durability
        .get(usize::from(intent as u8))
        .copied();
    let durability = number.map_or(Durability::Durable, Durability::numbered);
    Ok(Permit {
        scanned,
        decision,
        durability,
    })
}

fn of_subject(
    desk: &mut Desk,
    local: &Local,
    scanned: &Scanned,
    subject: Subject,
) -> Option<Decision> {
    let call = scanned.classified().call();
    let message = call.message()?;
    let name = desk.reader.text(message.name?);
    let kind = match subject {
        Subject::Tool => kinds::TOOL,
        Subject::Prompt => kinds::PROMPT,
        Subject::Reference if message.reference_is_prompt => kinds::PROMPT,
        Subject::Resource | Subject::Reference => kinds::RESOURCE,
        Subject::None | Subject::Task => return None,
    };
    let intent = scanned.classified().intent().intent;
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

/// Why there is no permission: a tool that is listed for the caller exists, but what this call of it
/// would do is not permitted.
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
        if permission::is_visible(local.policy(), &call.principal, tool, qualified) {
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
