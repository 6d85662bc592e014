//! Writes the request for the upstream: its own head, regenerated, and the body untouched.
//!
//! Fields that the upstream sees are listed here; what the client sent besides stays behind, its
//! token first of all. The gateway's own credential for this server is added, for no other.

use std::rc::Rc;

use varistor_http1::{Field, HttpMethod};
use varistor_model::{Era, Reason};

use super::audit::Sealed;
use super::parse::{Act, Parsed, headers};
use crate::answer::Answering;
use crate::kill::Target;
use crate::outside::Client;
use crate::passage::Passage;
use crate::serving::Local;
use crate::wire as write;

/// A request that goes to an upstream. Made here only.
pub struct Forward {
    /// Index of the server in the snapshot that the answering holds.
    pub server: u32,
    /// The body to send.
    pub body: Payload,
    /// Who does what: asked about once more before a byte leaves, and while the answer is awaited.
    pub target: Target,
    /// Judges the answer.
    pub answering: Answering,
    /// The call's place among those of the server.
    pub passage: Passage,
}

/// What is sent behind the head.
#[derive(Debug)]
pub enum Payload {
    /// Nothing: GET and DELETE.
    None,
    /// The client's bytes as they are.
    Untouched,
    /// The client's bytes with findings replaced, or values put back.
    Changed(Vec<u8>),
}

/// Fields passed on as they came, when they came.
const PASSED: [Field; 4] = [
    Field::McpProtocolVersion,
    Field::Traceparent,
    Field::Tracestate,
    Field::Baggage,
];

/// Appends the upstream request's head to `head`.
///
/// # Errors
/// When the server's credential is missing, or no access token holds that it wants.
pub fn forward(
    local: &Rc<Local>,
    client: &impl Client,
    (mut sealed, passage): (Sealed, Passage),
    head: &mut Vec<u8>,
) -> Result<Forward, Reason> {
    let parsed = &sealed.parsed;
    end_session(local, parsed);
    let index = parsed.caller.server();
    let server = local.serving().server(index).ok_or(Reason::Internal)?;
    let verb = match parsed.act {
        Act::Post => HttpMethod::Post,
        Act::Listen => HttpMethod::Get,
        Act::End => HttpMethod::Delete,
    };
    let opening = local.serving().opening(index).ok_or(Reason::Internal)?;
    if !server.credentials.is_empty() && !local.serving().has_credential(index) {
        return Err(Reason::UpstreamCredential);
    }
    head.extend_from_slice(verb.name().as_bytes());
    head.extend_from_slice(opening);
    let caller = parsed.caller.principal();
    if let Some(bearer) = local.serving().bearers().get(index, caller)? {
        bearer.write(client.now(), head)?;
    }
    passed_on(client, parsed.act, head);
    match parsed.era {
        Era::Legacy => session(&sealed, client, head),
        Era::Modern => routing(&sealed, client, head),
    }
    let body = match (parsed.act, sealed.outgoing.body) {
        (Act::Post, None) => {
            length(head, client.body().len());
            Payload::Untouched
        }
        (Act::Post, Some(body)) => {
            length(head, body.len());
            Payload::Changed(body)
        }
        (Act::Listen | Act::End, _) => Payload::None,
    };
    write::end(head);
    sealed.judged.spend();
    let answering = Answering::new(
        Rc::clone(local),
        client,
        (&sealed.parsed, &sealed.judged),
        sealed.seq,
    );
    let principal = sealed.parsed.caller.principal();
    let target = Target::new(principal, server.name.as_str(), sealed.judged.tools());
    Ok(Forward {
        server: index,
        target,
        body,
        answering,
        passage,
    })
}

/// The values that only this session had to do with are forgotten.
fn end_session(local: &Local, parsed: &Parsed) {
    if let (Act::End, Some(session), Some(reversible)) =
        (parsed.act, &parsed.session, local.serving().reversible())
    {
        let token = parsed.caller.principal().token();
        reversible.originals().ended(token, session.label);
    }
}

fn length(head: &mut Vec<u8>, bytes: usize) {
    write::json(head);
    write::length(head, bytes as u64);
}

fn passed_on(client: &impl Client, act: Act, head: &mut Vec<u8>) {
    let (from, bytes) = client.head();
    let default: &[u8] = match act {
        Act::Post => b"application/json, text/event-stream",
        Act::Listen => b"text/event-stream",
        Act::End => b"*/*",
    };
    if from.field(bytes, Field::Accept).is_none() {
        write::known(head, Field::Accept, default);
    }
    for value in from.values(bytes, Field::Accept) {
        write::known(head, Field::Accept, value);
    }
    for field in PASSED {
        if let Some(value) = from.field(bytes, field) {
            write::known(head, field, value);
        }
    }
}

/// Legacy versions: the upstream's own session id, and the place to resume from.
fn session(sealed: &Sealed, client: &impl Client, head: &mut Vec<u8>) {
    let parsed = &sealed.parsed;
    if let Some(session) = &parsed.session {
        write::known(head, Field::McpSessionId, &session.upstream);
    }
    let (from, bytes) = client.head();
    if let (Act::Listen, Some(id)) = (parsed.act, from.field(bytes, Field::LastEventId)) {
        write::known(head, Field::LastEventId, id);
    }
}

/// 2026-07-28: the routing headers that were compared with the body, and mirrored arguments.
fn routing(sealed: &Sealed, client: &impl Client, head: &mut Vec<u8>) {
    let (from, bytes) = client.head();
    if let Some(method) = from.field(bytes, Field::McpMethod) {
        write::known(head, Field::McpMethod, method);
    }
    let named = sealed.judged.method().is_some_and(headers::has_name);
    if let Some(name) = from.field(bytes, Field::McpName).filter(|_| named) {
        let restored = sealed.outgoing.restored.as_ref();
        let uri = restored.and_then(|restored| restored.uri.as_deref());
        match uri.map(headers::value_of) {
            Some(uri) => write::known(head, Field::McpName, &uri),
            None => write::known(head, Field::McpName, name),
        }
    }
    for (name, value) in from.mcp_params(bytes) {
        let whole = [b"mcp-param-", name].concat();
        write::field(head, &whole, value);
    }
}
