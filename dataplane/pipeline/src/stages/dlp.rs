//! Says what sensitive data a message carries, and what policy wants done about it.
//!
//! One scan over the message's payload, never over its envelope: an id that looks like a card
//! number is an id. A payload that can't be scanned is refused.

use varistor_inspect::actions::{Case, Tool};
use varistor_inspect::dlp::Finding;
use varistor_inspect::json::{Kind, Message, Reader};
use varistor_model::{Direction, DlpAction, Reason, Span, Subject};

use super::classify::Classified;
use crate::desk::{Desk, Principal};
use crate::outside::Client;
use crate::serving::Local;

/// A message whose payload was scanned. Made here only.
#[derive(Clone, Debug)]
pub struct Scanned {
    classified: Classified,
    action: DlpAction,
}

impl Scanned {
    pub(crate) const fn classified(&self) -> &Classified {
        &self.classified
    }

    /// The strictest action of all findings; `Allow` when there are none.
    pub(crate) const fn action(&self) -> DlpAction {
        self.action
    }
}

/// Scans the body of the request.
///
/// # Errors
/// When policy denies what was found, or the payload can't be scanned.
pub fn dlp(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    classified: Classified,
) -> Result<Scanned, Reason> {
    let call = classified.call();
    let from = (&*call.principal, call.server);
    find(desk, local, client, (call.message(), from))?;
    let action = strictest(desk, local)?;
    if action == DlpAction::Deny {
        return Err(Reason::DlpRefused);
    }
    Ok(Scanned { classified, action })
}

/// The strictest action of all findings on the desk.
pub(super) fn strictest(desk: &mut Desk, local: &Local) -> Result<DlpAction, Reason> {
    let (rows, table) = (&local.policy().actions, &mut desk.table);
    let actions = desk.findings.iter().map(|finding| table.act(rows, finding));
    let action = actions.max().unwrap_or(DlpAction::Allow);
    if desk.findings.overflowed() && desk.table.strictest(rows) > DlpAction::Log {
        return Err(Reason::DlpFailed);
    }
    Ok(action)
}

/// Puts onto the desk what the message of a request holds, and what follows.
///
/// # Errors
/// When it can't be scanned.
pub(crate) fn find(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    (message, (principal, server)): (Option<&Message>, (&Principal, u32)),
) -> Result<(), Reason> {
    desk.findings.clear();
    let Some(message) = message.filter(|message| !payload(message).is_empty()) else {
        return Ok(());
    };
    let mut scanner = local.scanner().borrow_mut();
    let payload = payload(message).of_bytes(client.body());
    let scanned = scanner.scan(&local.policy().dlp, payload, &mut desk.findings);
    if !desk.findings.is_empty() || desk.findings.overflowed() {
        let case = Case {
            direction: Direction::Request,
            server,
            tool: tool_of(&desk.reader, message),
            roles: &principal.roles,
        };
        desk.table.begin(&local.policy().actions, &case);
    }
    scanned.map_err(|_| Reason::DlpFailed)
}

/// The tool that a message of a client is about.
pub(crate) fn tool_of<'r>(reader: &'r Reader, message: &Message) -> Tool<'r> {
    match (message.kind, message.method.subject()) {
        // What a server asked for, in the middle of some call.
        (Kind::Response | Kind::Error, _) | (_, Subject::Task) => Tool::Unknown,
        (_, Subject::Tool) => match message.name {
            Some(name) => Tool::Named(reader.text(name)),
            None => Tool::Unknown,
        },
        _ => Tool::None,
    }
}

/// Where the data of a message lies: parameters, result or error; everywhere when the envelope has
/// members of its own making.
#[must_use]
pub const fn payload(message: &Message) -> Span {
    match message.kind {
        _ if message.has_extra => message.whole,
        Kind::Request | Kind::Notification => message.params,
        Kind::Response => message.result,
        Kind::Error => message.error,
    }
}

/// Selects the findings on the desk that policy wants replaced.
pub(crate) fn redacts<'d>(desk: &'d Desk, local: &'d Local) -> impl FnMut(&Finding) -> bool + 'd {
    let rows = &local.policy().actions;
    move |finding| desk.table.look(rows, finding) == DlpAction::Redact
}
