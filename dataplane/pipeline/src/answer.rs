//! Judges the upstream's answer: nothing of it leaves before it is read, scanned and filtered.
//!
//! Refuses redirects, compressed or non-JSON content, answers to somebody else's id, and requests
//! from the server where policy does not want them. What passes unchanged keeps its bytes.

mod content;
mod found;
mod head;
mod scan;
mod structured;

use std::rc::Rc;

use varistor_audit::{ResultRecord, Status};
use varistor_inspect::json::{Kind, List, Message};
use varistor_model::{Era, Method, ProtocolVersion, Reason, Span};

use crate::desk::Principal;
use crate::identities::KeyRings;
use crate::outside::{Client, Now};
use crate::serving::Local;
use crate::stages::audit::Judged;
use crate::stages::authenticate::{self, Warrant};
use crate::stages::parse::{Act, Call, Parsed};

pub use content::Passed;
pub(crate) use found::Noted;
pub use head::Plan;

/// What is known about a forwarded request while its answer is awaited.
pub struct Answering {
    local: Rc<Local>,
    principal: Rc<Principal>,
    server: u32,
    act: Act,
    era: Era,
    batch: bool,
    method: Option<Method>,
    id: Span,
    /// Whether the answer is to a request, not to a notification or to a response of the client.
    awaits: bool,
    record: u64,
    /// The name of the session.
    session: Option<[u8; 8]>,
    began: Now,
    /// When the part of the answer came that is being judged; at first, as `began`.
    now: Now,
    /// Whether lists have to be read at all.
    filters: bool,
    /// The version that `initialize` negotiated.
    version: Option<ProtocolVersion>,
    tally: Tally,
    /// What was found.
    notes: found::Notes,
}

/// What the result's record will say.
#[derive(Clone, Copy, Debug)]
struct Tally {
    status: Status,
    http_status: u16,
    bytes: u64,
    /// Messages so far.
    messages: u32,
    redacted: u32,
    restructured: structured::Restructured,
    finished: bool,
    recorded: bool,
}

impl Answering {
    pub(crate) fn new(
        local: Rc<Local>,
        client: &impl Client,
        (parsed, judged): (&Parsed, &Judged),
        record: u64,
    ) -> Self {
        Self::of(local, client, (parsed, judged.first_message()), record)
    }

    /// What judges the answer to a call that is not sent, as if it had been: for explanations.
    #[must_use]
    pub fn supposed(
        local: Rc<Local>,
        client: &impl Client,
        (parsed, call): (&Parsed, &Call),
    ) -> Self {
        Self::of(local, client, (parsed, call.message()), 0)
    }

    fn of(
        local: Rc<Local>,
        client: &impl Client,
        (parsed, message): (&Parsed, Option<&Message>),
        record: u64,
    ) -> Self {
        let principal = Rc::clone(parsed.caller.principal());
        let server = parsed.caller.server();
        let method = message.map(|message| message.method);
        // Other answers hold no list, so that nobody asks who sees what.
        let may_list = parsed.act == Act::Listen || parsed.batch || list_of(method).is_some();
        let filters = may_list && !crate::permission::sees_all(local.policy(), &principal, server);
        Self {
            principal,
            server,
            filters,
            act: parsed.act,
            era: parsed.era,
            batch: parsed.batch,
            method,
            id: message.map(|message| message.id).unwrap_or_default(),
            awaits: message.is_some_and(|message| message.kind == Kind::Request),
            record,
            session: parsed.session.as_ref().map(|session| session.label),
            began: client.now(),
            now: client.now(),
            version: None,
            tally: Tally {
                status: Status::Broken,
                http_status: 0,
                bytes: 0,
                messages: 0,
                redacted: 0,
                restructured: structured::Restructured::default(),
                finished: false,
                recorded: false,
            },
            notes: found::Notes::default(),
            local,
        }
    }

    /// The snapshot that the request was judged by.
    #[must_use]
    pub const fn local(&self) -> &Rc<Local> {
        &self.local
    }

    /// The number of the request's record.
    #[must_use]
    pub const fn record(&self) -> u64 {
        self.record
    }

    /// Whether the client's going away cancels the request (2026-07-28, *Cancellation*).
    #[must_use]
    pub const fn ends_with_client(&self) -> bool {
        matches!(self.era, Era::Modern) || matches!(self.act, Act::Listen)
    }

    /// What keeps the stream open.
    #[must_use]
    pub fn warrant(&self) -> Warrant {
        Warrant::new(&self.local, &self.principal, self.server)
    }

    /// Goes on under another snapshot and other keys: for streams that outlive them.
    ///
    /// # Errors
    /// The reason for which the stream must end.
    pub fn renew(&mut self, local: &Rc<Local>, rings: &KeyRings) -> Result<(), Reason> {
        if local.serving().generation() == self.local.serving().generation() {
            return authenticate::honoured(local, &self.principal.verified, rings);
        }
        let (principal, server) = self.warrant().check(local, rings)?;
        let server = server.ok_or(Reason::RouteUnknown)?;
        self.filters = !crate::permission::sees_all(local.policy(), &principal, server);
        self.principal = principal;
        self.server = server;
        self.local = Rc::clone(local);
        Ok(())
    }

    /// Says what time it is, for streams that last.
    pub const fn at(&mut self, now: Now) {
        self.now = now;
    }

    /// Whether the answer is to a request, so that its stream ends with a response.
    #[must_use]
    pub const fn awaits_response(&self) -> bool {
        self.awaits
    }

    /// Whether a request was answered by a document without the response to it. Behind an error
    /// status the status is the answer.
    #[must_use]
    pub fn lacks_response(&self) -> bool {
        let told = self.tally.finished || self.tally.status == Status::HttpError;
        self.awaits && !self.batch && !told
    }

    /// Whether this is the request that opens a session.
    #[must_use]
    pub fn opens_session(&self) -> bool {
        self.method == Some(Method::Initialize) && !self.batch
    }

    /// Whether the response to the request has passed.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.tally.finished
    }

    /// Whether parts of the answer may come at any time, also much later.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        self.act == Act::Listen || self.method == Some(Method::SubscriptionsListen)
    }

    /// Whether the request may go out again when a pooled connection turned out to be dead: never
    /// a call of a tool, which may have run.
    #[must_use]
    pub fn may_be_sent_again(&self) -> bool {
        !self.batch && self.method != Some(Method::ToolsCall)
    }

    /// Whether the server said that it could not do its part: what stands before it found it dead,
    /// or it answered with 500 and no response of the protocol. An error of JSON-RPC is an answer.
    #[must_use]
    pub const fn is_server_failure(&self) -> bool {
        match self.tally.http_status {
            502..=504 => true,
            500 => self.awaits && !self.tally.finished,
            _ => false,
        }
    }

    /// How long the upstream may take until its first byte, in milliseconds.
    #[must_use]
    pub fn first_byte_ms(&self) -> u64 {
        let own = self
            .local
            .serving()
            .server(self.server)
            .map(|row| row.first_byte_ms.to_native());
        let common = self.local.policy().runtime.first_byte_ms.to_native();
        own.filter(|ms| *ms > 0).unwrap_or(common)
    }

    /// True once: a result is recorded once, however its stream ends.
    pub const fn take_recording(&mut self) -> bool {
        !core::mem::replace(&mut self.tally.recorded, true)
    }

    /// Notes how the exchange went wrong.
    pub const fn failed(&mut self, status: Status) {
        self.tally.status = status;
    }

    /// Appends the tail of the result's record.
    pub fn write_record(&self, now: Now, out: &mut Vec<u8>) {
        let duration_ns = now.mono_ns.saturating_sub(self.began.mono_ns);
        let record = ResultRecord {
            call: self.record,
            status: self.tally.status,
            http_status: self.tally.http_status,
            duration_us: duration_ns / 1000,
            bytes: self.tally.bytes,
            redacted: self.tally.redacted,
            typed: self.tally.restructured.typed,
            dropped: self.tally.restructured.dropped,
            findings: &self.notes,
        };
        record.write(out);
    }

    const fn list(&self) -> Option<List> {
        list_of(self.method)
    }
}

/// Which list the response to this method holds.
const fn list_of(method: Option<Method>) -> Option<List> {
    match method {
        Some(Method::ToolsList) => Some(List::Tools),
        Some(Method::PromptsList) => Some(List::Prompts),
        Some(Method::ResourcesList) => Some(List::Resources),
        Some(Method::ResourcesTemplatesList) => Some(List::Templates),
        _ => None,
    }
}
