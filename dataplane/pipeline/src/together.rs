//! A request for all servers as one, for a virtual server, for a server whose eras are bridged, or
//! of a client that knows HTTP+SSE only: checked as any other is, then handed to the federation,
//! which asks each server through [`crate::order`] by itself.
//!
//! Nothing is decided here about what is called, and nothing recorded but refusals: the calls that
//! the federation makes of it are, each with its server.

use core::cell::RefCell;
use std::rc::Rc;

use varistor_http1::{Field, HttpMethod, ResponseHead};
use varistor_inspect::json::Kind;
use varistor_model::{Era, Method, Reason};

use crate::desk::{Desk, Principal};
use crate::order::{Notes, Turned};
use crate::outside::Client;
use crate::permission;
use crate::refusal::cors;
use crate::serving::Local;
use crate::stages::accept;
use crate::stages::authenticate::{self, CERTIFICATE, Warrant};
use crate::stages::parse::{self, Act};
use crate::wire as write;

/// A request that may be handed to the federation. Made here only.
pub struct Together {
    principal: Rc<Principal>,
    warrant: Warrant,
    act: Act,
    era: Era,
    method: Method,
    awaits_answer: bool,
    is_on_stream: bool,
}

/// Fields that the federation gets as they came, when they came.
const PASSED: [Field; 8] = [
    Field::McpSessionId,
    Field::McpProtocolVersion,
    Field::McpMethod,
    Field::McpName,
    Field::LastEventId,
    Field::Traceparent,
    Field::Tracestate,
    Field::Baggage,
];

/// Checks host, origin, token, kill switch and the form of the message.
///
/// # Errors
/// A denial, or an answer that needs no server. What was learned until then is in `notes`.
pub async fn together<C: Client>(
    desk: &RefCell<Desk>,
    local: &Rc<Local>,
    client: &mut C,
    notes: &mut Notes,
) -> Result<Together, Turned> {
    let (joint, principal) = {
        let desk = &mut *desk.borrow_mut();
        let joint = accept::accept_together(local.serving(), client)?;
        let asked = (client as &C, joint.server());
        let principal = authenticate::authenticate_together(desk, local, asked, notes)?;
        (joint, principal)
    };
    client.belongs_to(&principal);
    client
        .read_body(local.serving().request_bytes_max())
        .await?;
    let desk = &mut *desk.borrow_mut();
    let (act, era) = parse::parse_together(desk, local, client, joint, notes)?;
    let method = notes
        .message
        .map_or(Method::Unknown, |message| message.method);
    let awaits_answer = notes
        .message
        .is_none_or(|message| message.kind == Kind::Request);
    Ok(Together {
        warrant: Warrant::together(&principal, local.serving(), joint.server()),
        principal,
        act,
        era,
        method,
        awaits_answer,
        is_on_stream: joint.is_on_stream(),
    })
}

impl Together {
    /// Appends the head of the request to the federation: what came, whose it is, and which servers
    /// are within reach.
    pub fn write_head(&self, local: &Local, client: &impl Client, out: &mut Vec<u8>) {
        let (head, bytes) = client.head();
        let verb = match self.act {
            Act::Post => HttpMethod::Post,
            Act::Listen => HttpMethod::Get,
            Act::End => HttpMethod::Delete,
        };
        write::request_line(out, verb, head.target(bytes));
        let host = head.field(bytes, Field::Host).unwrap_or_default();
        write::known(out, Field::Host, host);
        let peer = format!("for=\"{}\"", client.peer());
        write::known(out, Field::Forwarded, peer.as_bytes());
        write::field(out, b"varistor-holder", &self.principal.token().hex());
        write::field(out, b"varistor-reach", self.reach(local).as_bytes());
        for value in head.values(bytes, Field::Accept) {
            write::known(out, Field::Accept, value);
        }
        for field in PASSED {
            if let Some(value) = head.field(bytes, field) {
                write::known(out, field, value);
            }
        }
        self.identity(client, out);
        for (name, value) in head.mcp_params(bytes) {
            write::field(out, &[b"mcp-param-", name].concat(), value);
        }
        if self.act == Act::Post {
            write::json(out);
        }
        write::length(out, client.body().len() as u64);
        write::end(out);
    }

    /// `Authorization`: the client's token, which counts where there is one, or its certificate.
    /// What stands for a certificate is ours to say.
    fn identity(&self, client: &impl Client, out: &mut Vec<u8>) {
        let (head, bytes) = client.head();
        let token = head.field(bytes, Field::Authorization);
        let token = token.filter(|value| !value.starts_with(CERTIFICATE));
        match (token, client.certificate()) {
            (Some(token), _) => write::known(out, Field::Authorization, token),
            (None, Some(certificate)) => {
                let value = [CERTIFICATE, certificate.carried().as_bytes()].concat();
                write::known(out, Field::Authorization, &value);
            }
            (None, None) => {}
        }
    }

    fn reach(&self, local: &Local) -> &str {
        self.principal.reach.get_or_init(|| {
            let policy = local.policy();
            let rows = (0_u32..).zip(policy.servers.iter());
            let within =
                rows.filter(|(at, _)| permission::reach(policy, &self.principal, *at).is_ok());
            let names: Vec<&str> = within.map(|(_, row)| row.name.as_str()).collect();
            names.join(",")
        })
    }

    /// Whether the answer is a stream that lasts until somebody ends it.
    #[must_use]
    pub const fn is_endless(&self) -> bool {
        matches!(self.act, Act::Listen) || matches!(self.method, Method::SubscriptionsListen)
    }

    /// Whether answers of other requests come on that stream (HTTP+SSE of 2024-11-05).
    #[must_use]
    pub const fn is_on_stream(&self) -> bool {
        self.is_on_stream
    }

    /// What keeps such a stream open.
    #[must_use]
    pub fn warrant(&self) -> Warrant {
        self.warrant.clone()
    }

    /// Whether its client gets more than a receipt.
    #[must_use]
    pub const fn awaits_answer(&self) -> bool {
        self.awaits_answer
    }

    /// The era of the request.
    #[must_use]
    pub const fn era(&self) -> Era {
        self.era
    }
}

/// Appends the head for the client to `out`, of an answer of the federation with this head.
/// `length` is the content's length where it is known; events go in chunks.
///
/// # Errors
/// When the federation's answer is none.
pub fn write_answer_head(
    client: &impl Client,
    (head, bytes): (&ResponseHead, &[u8]),
    length: Option<u64>,
    out: &mut Vec<u8>,
) -> Result<(), Reason> {
    if !(200..=599).contains(&head.status()) {
        return Err(Reason::Internal);
    }
    write::status_line(out, head.status());
    let kind = head.field(bytes, Field::ContentType);
    if let Some(kind) = kind {
        write::known(out, Field::ContentType, kind);
    }
    match kind {
        Some(b"text/event-stream") => {
            write::field(out, b"cache-control", b"no-cache, no-transform");
            write::field(out, b"x-accel-buffering", b"no");
        }
        _ => write::field(out, b"cache-control", b"no-store"),
    }
    for field in [Field::McpSessionId, Field::RetryAfter] {
        if let Some(value) = head.field(bytes, field) {
            write::known(out, field, value);
        }
    }
    let record = head
        .fields(bytes)
        .find(|(name, _)| name.eq_ignore_ascii_case(b"varistor-record"));
    if let Some((_, record)) = record {
        write::field(out, b"varistor-record", record);
    }
    cors(client, out);
    match length {
        Some(bytes) => write::length(out, bytes),
        None => write::chunked(out),
    }
    write::end(out);
    Ok(())
}
