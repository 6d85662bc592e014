//! Reads one JSON-RPC message strictly, finds its protocol version and its session.
//!
//! Refuses what two parsers could read differently, batches outside of 2025-03-26, requests sent
//! as notifications, methods that the era does not have, routing headers that disagree with the
//! body (2026-07-28), and sessions of somebody else.

pub(crate) mod headers;
mod version;

use std::rc::Rc;

use varistor_http1::{Field, HttpMethod};
use varistor_inspect::json::{Kind, Message};
use varistor_model::limits::NAME_BYTES_MAX;
use varistor_model::{Era, Method, ProtocolVersion, Reason, Subject};

use super::accept::Joint;
use super::authenticate::Caller;
use crate::desk::{Desk, Principal};
use crate::order::Notes;
use crate::outside::Client;
use crate::serving::Local;
use crate::session::Session;

/// What one HTTP request asks for, read and well-formed. Made here only.
#[derive(Debug)]
pub struct Parsed {
    pub(crate) caller: Caller,
    pub(crate) act: Act,
    pub(crate) era: Era,
    pub(crate) session: Option<Session>,
    pub(crate) batch: bool,
    count: usize,
}

/// What kind of HTTP request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// POST: JSON-RPC messages.
    Post,
    /// GET: a stream of what the server has to say.
    Listen,
    /// DELETE: the end of a session.
    End,
}

/// One message of a request. Made here only.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) principal: Rc<Principal>,
    pub(crate) server: u32,
    pub(crate) act: Act,
    /// The name of its session.
    pub(crate) session: Option<[u8; 8]>,
    /// The version of the protocol, as far as it is known.
    pub(crate) protocol: Option<ProtocolVersion>,
    message: Option<Message>,
}

impl Parsed {
    /// How many messages there are to judge; at least 1.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Never: a request asks for something.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// One message of the request, `at < len()`.
    ///
    /// # Errors
    /// When there is none at this place.
    pub fn call(&self, desk: &Desk, at: usize, notes: &mut Notes) -> Result<Call, Reason> {
        let message = match self.act {
            Act::Post => Some(*desk.reader.messages().get(at).ok_or(Reason::RpcInvalid)?),
            Act::Listen | Act::End => None,
        };
        notes.message = message;
        notes.intent = None;
        notes.ruling = None;
        notes.waits = None;
        Ok(Call {
            principal: Rc::clone(self.caller.principal()),
            server: self.caller.server(),
            act: self.act,
            session: self.session.as_ref().map(|session| session.label),
            protocol: match self.era {
                Era::Modern => Some(ProtocolVersion::V2026_07_28),
                Era::Legacy => self.session.as_ref().and_then(|session| session.version),
            },
            message,
        })
    }
}

impl Call {
    pub(crate) const fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// The method, when the message has one that policy decides about.
    pub(crate) fn method(&self) -> Option<Method> {
        self.message
            .filter(|message| message.kind == Kind::Request)
            .map(|message| message.method)
    }

    pub(crate) fn subject(&self) -> Subject {
        self.method().map_or(Subject::None, Method::subject)
    }
}

/// Reads the request.
///
/// # Errors
/// What is wrong with the message, its version, its session or its headers.
pub fn parse(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    caller: Caller,
    notes: &mut Notes,
) -> Result<Parsed, Reason> {
    let act = act(caller.request().verb())?;
    let mut batch = false;
    if act == Act::Post {
        desk.reader.read_call(client.body())?;
        batch = desk.reader.is_batch();
        notes.message = desk.reader.messages().first().copied().filter(|_| !batch);
    }
    let era = version::era(desk, client, act)?;
    notes.era = Some(era);
    let session = session(local, client, &caller, era)?;
    notes.session = session.as_ref().map(|session| session.label);
    if notes
        .session
        .is_some_and(|session| desk.memory.has_ended(session))
    {
        return Err(Reason::SessionUnknown);
    }
    if batch && !version::may_batch(client, session.as_ref(), era) {
        return Err(Reason::BatchRefused);
    }
    if era == Era::Modern && act != Act::Post {
        return Err(Reason::MethodNotAllowed);
    }
    let count = if act == Act::Post {
        desk.reader.messages().len()
    } else {
        1
    };
    for at in 0..count {
        if let Some(message) = desk.reader.messages().get(at).filter(|_| act == Act::Post) {
            well_formed(desk, local, caller.server(), (message, era))?;
            headers::check(desk, client, (message, era))?;
        }
    }
    Ok(Parsed {
        caller,
        act,
        era,
        session,
        batch,
        count,
    })
}

/// Reads a request for all servers as one: what can be said of it before it is known which of them
/// it is for. It has no session of a server.
///
/// # Errors
/// What is wrong with the message, its version or its headers.
pub(crate) fn parse_together(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    joint: Joint,
    notes: &mut Notes,
) -> Result<(Act, Era), Reason> {
    let act = act(joint.verb())?;
    if act == Act::Post {
        desk.reader.read_call(client.body())?;
        if desk.reader.is_batch() {
            return Err(Reason::BatchRefused);
        }
        notes.message = desk.reader.messages().first().copied();
    }
    let era = version::era(desk, client, act)?;
    notes.era = Some(era);
    if era == Era::Modern && act != Act::Post {
        return Err(Reason::MethodNotAllowed);
    }
    if let Some(message) = notes.message.filter(|_| act == Act::Post) {
        // Methods beyond the protocol's own belong to one server: there is none of this number.
        let server = joint.server().unwrap_or(u32::MAX);
        if !joint.is_on_stream() {
            well_formed(desk, local, server, (&message, era))?;
        }
        headers::check(desk, client, (&message, era))?;
    }
    Ok((act, era))
}

fn act(verb: HttpMethod) -> Result<Act, Reason> {
    match verb {
        HttpMethod::Post => Ok(Act::Post),
        HttpMethod::Get => Ok(Act::Listen),
        HttpMethod::Delete => Ok(Act::End),
        HttpMethod::Options => Err(Reason::MethodNotAllowed),
    }
}

/// The session that the request names. 2026-07-28 has none: the header is ignored there.
fn session(
    local: &Local,
    client: &impl Client,
    caller: &Caller,
    era: Era,
) -> Result<Option<Session>, Reason> {
    let (head, bytes) = client.head();
    let Some(id) = head
        .field(bytes, Field::McpSessionId)
        .filter(|_| era == Era::Legacy)
    else {
        return Ok(None);
    };
    let server = local
        .serving()
        .server(caller.server())
        .ok_or(Reason::Internal)?;
    let token = caller.principal().token();
    local
        .serving()
        .sealer()
        .open(id, token, server.name.as_str())
        .map(Some)
}

/// What JSON-RPC and MCP ask of a message that a client sends.
fn well_formed(
    desk: &Desk,
    local: &Local,
    server: u32,
    (message, era): (&Message, Era),
) -> Result<(), Reason> {
    match message.kind {
        Kind::Response | Kind::Error if era == Era::Modern => return Err(Reason::RpcInvalid),
        Kind::Response | Kind::Error => return Ok(()),
        Kind::Notification if message.method.is_request() && message.method != Method::Unknown => {
            return Err(Reason::NotificationRefused);
        }
        Kind::Request if !message.method.is_request() => return Err(Reason::MethodUnknown),
        Kind::Request | Kind::Notification => {}
    }
    let text = desk.reader.text(message.method_text);
    let extra = || {
        let row = local.serving().server(server);
        row.is_some_and(|row| row.methods.iter().any(|known| known.as_str() == text))
    };
    if !message.method.is_of_client(era) && !extra() {
        return Err(Reason::MethodUnknown);
    }
    match (message.method.subject(), message.name) {
        (Subject::None, _) => Ok(()),
        (_, Some(name)) if desk.reader.text(name).len() <= NAME_BYTES_MAX => Ok(()),
        _ => Err(Reason::ParamsInvalid),
    }
}
