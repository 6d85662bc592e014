//! Sends one message until it is certain what became of it. A message goes out again only where
//! nobody can have acted upon the first: it was not sent, its token or its session was refused, its
//! headers were wrong, or its method changes nothing.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use serde::Deserialize;
use tokio::time::{Instant, sleep};
use varistor_origin::{LinkError, Reply};

use crate::bridge::Bridge;
use crate::credential::Reloaded;
use crate::heads::Fields;
use crate::message::{Envelope, Id, Request};
use crate::renew;
use crate::room::Held;
use crate::say::say;
use crate::session::Opened;
use crate::trouble::Trouble;

/// First wait before a message is tried again; it doubles.
const WAIT_FIRST: Duration = Duration::from_millis(50);
/// Longest such wait.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// Largest body of a refusal that is read, in bytes.
const REFUSAL_BYTES_MAX: usize = 256 * 1024;
/// Headers and body disagree (2026-07-28).
const HEADER_MISMATCH: i64 = -32020;
/// A subscription waits as long as a gateway may be away over night.
const LISTEN_PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// A message on its way.
#[derive(Debug)]
pub(crate) struct Call {
    /// The message.
    pub(crate) line: Bytes,
    /// What it is.
    pub(crate) kind: Kind,
    /// It may have left.
    pub(crate) sent: Rc<Cell<bool>>,
}

/// What a message is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A request.
    Request(Request),
    /// A notification of this method.
    Notification(String),
    /// The host's answer.
    Response,
    /// Several, with the ids of the requests among them.
    Batch(Vec<Id>),
}

/// What the gateway made of a message.
pub(crate) enum Posted {
    /// It takes it.
    Taken(Reply),
    /// It refuses it.
    Refused(Refusal),
}

/// A status that refuses, and what stands in its body.
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body, or its beginning.
    pub(crate) body: Vec<u8>,
}

/// What follows a refusal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The message goes out again.
    Again,
    /// The host is told.
    Tell,
}

impl Call {
    /// A message that has not left.
    pub(crate) fn new(line: Bytes, kind: Kind) -> Self {
        Self {
            line,
            kind,
            sent: Rc::new(Cell::new(false)),
        }
    }

    /// The ids that wait for an answer.
    pub(crate) fn ids(&self) -> Vec<Id> {
        match &self.kind {
            Kind::Request(request) => vec![request.id.clone()],
            Kind::Batch(ids) => ids.clone(),
            Kind::Notification(_) | Kind::Response => Vec::new(),
        }
    }

    /// The request that it is.
    pub(crate) const fn request(&self) -> Option<&Request> {
        match &self.kind {
            Kind::Request(request) => Some(request),
            _ => None,
        }
    }

    /// Whether its answer is a stream without an end.
    pub(crate) fn is_listen(&self) -> bool {
        self.method() == Some("subscriptions/listen")
    }

    /// Whether it is what the host says when it is ready for a session.
    pub(crate) fn is_initialized(&self) -> bool {
        self.method() == Some("notifications/initialized")
    }

    fn method(&self) -> Option<&str> {
        match &self.kind {
            Kind::Request(request) => Some(&request.method),
            Kind::Notification(method) => Some(method),
            Kind::Response | Kind::Batch(_) => None,
        }
    }

    /// Whether a second time changes nothing, whatever became of the first.
    fn may_repeat(&self) -> bool {
        matches!(
            self.method(),
            Some(
                "initialize"
                    | "ping"
                    | "server/discover"
                    | "tools/list"
                    | "prompts/list"
                    | "resources/list"
                    | "resources/templates/list"
                    | "subscriptions/listen"
                    | "logging/setLevel"
                    | "completion/complete"
                    | "tasks/get"
            )
        )
    }

    /// The session that it belongs to.
    pub(crate) async fn session(&self, bridge: &Bridge) -> Option<Arc<Opened>> {
        match &self.kind {
            Kind::Request(request) if request.modern.is_some() => None,
            Kind::Request(request) if request.method == "initialize" => None,
            _ => {
                if !self.is_initialized() {
                    bridge.session.announced().await;
                }
                bridge.session.settled().await
            }
        }
    }

    /// The fields that say what it is.
    fn fields(&self, bridge: &Bridge, session: Option<&Opened>) -> Fields {
        if let Some(session) = session {
            return Fields::of_session(session);
        }
        match &self.kind {
            Kind::Request(request) => {
                let Some(version) = &request.modern else {
                    return Fields::default();
                };
                let name = request.name.as_deref();
                let mut fields = Fields::modern(version, &request.method, name);
                if let Some(tool) = name.filter(|_| request.method == "tools/call") {
                    let mirrored = bridge.annotations.borrow().of_call(tool, &self.line);
                    for (name, value) in mirrored {
                        fields.mirror(&name, &value);
                    }
                }
                fields
            }
            // The version of a notification without a session is that of the requests around it.
            Kind::Notification(method) => match &*bridge.modern.borrow() {
                Some(version) => Fields::modern(version, method, None),
                None => Fields::default(),
            },
            Kind::Response | Kind::Batch(_) => Fields::default(),
        }
    }
}

/// Sends a message. Its answer's body is still to be read.
pub(crate) async fn post(bridge: &Bridge, call: &Call) -> Result<Posted, Trouble> {
    let patience = if call.is_listen() {
        LISTEN_PATIENCE
    } else {
        bridge.patience
    };
    let mut tries = Tries::new(patience);
    loop {
        let session = call.session(bridge).await;
        let (token, generation) = bridge.credential.borrow().current();
        let fields = call.fields(bridge, session.as_deref());
        let request = fields
            .request(Method::POST, &bridge.target, token, call.line.clone())
            .map_err(|error| Trouble::Unreachable(error.to_string()))?;
        let mut reply = match bridge.link.send(request, &call.sent).await {
            Ok(reply) => reply,
            Err(LinkError::Absent(why)) => {
                tries.wait(bridge, why).await?;
                continue;
            }
            Err(LinkError::Unfit(why)) => return Err(Trouble::Unreachable(why)),
            Err(LinkError::Broken(why)) => {
                tries.repeat(call, why)?;
                continue;
            }
        };
        bridge.reached();
        if (200..300).contains(&reply.status()) {
            return Ok(Posted::Taken(reply));
        }
        let refusal = Refusal::read(bridge, &mut reply).await;
        bridge.link.keep(reply);
        let next = match (refusal.status, &session) {
            (401, _) => tries.token(bridge, generation),
            (404, Some(session)) => tries.session(bridge, session).await?,
            (400, None) if refusal.code() == Some(HEADER_MISMATCH) => {
                tries.headers(bridge, call).await
            }
            _ => Next::Tell,
        };
        if next == Next::Tell {
            return Ok(Posted::Refused(refusal));
        }
    }
}

impl Refusal {
    /// Reads what the body says; one that breaks off says what had come.
    pub(crate) async fn read(bridge: &Bridge, reply: &mut Reply) -> Self {
        let mut held = Held::default();
        let body = bridge.collect(reply, REFUSAL_BYTES_MAX, &mut held).await;
        Self {
            status: reply.status(),
            body: body.unwrap_or_default(),
        }
    }

    /// The code of the JSON-RPC error in it.
    fn code(&self) -> Option<i64> {
        #[derive(Deserialize)]
        struct Coded {
            code: i64,
        }
        let envelope: Envelope<'_> = serde_json::from_slice(&self.body).ok()?;
        let error: Coded = serde_json::from_str(envelope.error?.get()).ok()?;
        Some(error.code)
    }

    /// What the host is told: the gateway's own error, under this id.
    pub(crate) fn answer(&self, id: &Id) -> Vec<u8> {
        let envelope: Option<Envelope<'_>> = serde_json::from_slice(&self.body).ok();
        if let Some(error) = envelope.as_ref().and_then(|envelope| envelope.error) {
            let (id, error) = (id.text(), error.get());
            return format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{error}}}").into_bytes();
        }
        let hint = match self.status {
            300..=399 => ": it redirects, which is not followed; correct the URL",
            401 => ": it refuses the token",
            404 => ": there is no such server; check the URL",
            _ => "",
        };
        Trouble::Refused(self.status, hint).answer(id)
    }
}

/// What was tried for one message, so that nothing is tried without end.
struct Tries {
    until: Instant,
    wait: Duration,
    has_repeated: bool,
    has_reloaded: bool,
    has_renewed: bool,
    has_learned: bool,
}

impl Tries {
    fn new(patience: Duration) -> Self {
        Self {
            until: Instant::now() + patience,
            wait: WAIT_FIRST,
            has_repeated: false,
            has_reloaded: false,
            has_renewed: false,
            has_learned: false,
        }
    }

    /// It was not sent: waits a little, unless it was tried for long enough.
    async fn wait(&mut self, bridge: &Bridge, why: String) -> Result<(), Trouble> {
        bridge.away(&why);
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Trouble::Unreachable(why));
        }
        sleep(self.wait.min(left)).await;
        self.wait = (self.wait * 2).min(WAIT_MAX);
        Ok(())
    }

    /// It may have been carried out.
    fn repeat(&mut self, call: &Call, why: String) -> Result<(), Trouble> {
        if self.has_repeated || !call.may_repeat() {
            return Err(Trouble::Unanswered(why));
        }
        self.has_repeated = true;
        Ok(())
    }

    /// Its token was refused: another one may be there by now.
    fn token(&mut self, bridge: &Bridge, generation: u64) -> Next {
        let mut credential = bridge.credential.borrow_mut();
        match credential.reload(generation) {
            Ok(Reloaded::Changed) if !self.has_reloaded => {
                self.has_reloaded = true;
                return Next::Again;
            }
            Ok(_) => say(&format!(
                "the gateway refuses the token (401); put another one into {}",
                credential.place()
            )),
            Err(error) => say(&format!("the gateway refuses the token (401); {error}")),
        }
        Next::Tell
    }

    /// Its session is unknown, so nobody has looked at it.
    async fn session(&mut self, bridge: &Bridge, lost: &Opened) -> Result<Next, Trouble> {
        if std::mem::replace(&mut self.has_renewed, true) {
            return Ok(Next::Tell);
        }
        Box::pin(renew::session(bridge, lost)).await?;
        Ok(Next::Again)
    }

    /// Its headers lack what the tool wants to see there: the list of tools says what.
    async fn headers(&mut self, bridge: &Bridge, call: &Call) -> Next {
        let Some(request) = call
            .request()
            .filter(|request| request.method == "tools/call")
        else {
            return Next::Tell;
        };
        if std::mem::replace(&mut self.has_learned, true) {
            return Next::Tell;
        }
        match Box::pin(renew::tools(bridge, request, &call.line)).await {
            true => Next::Again,
            false => Next::Tell,
        }
    }
}

/// Ends the session, where there is one; the gateway forgets it by itself otherwise.
pub(crate) async fn end_session(bridge: &Bridge, session: &Opened) {
    if session.id.is_none() {
        return;
    }
    let (token, _) = bridge.credential.borrow().current();
    let fields = Fields::of_session(session);
    let target = &bridge.target;
    if let Ok(request) = fields.request(Method::DELETE, target, token, Bytes::new()) {
        // 405 is an answer, too, and a gateway that is gone has nothing to forget.
        drop(bridge.link.send(request, &Cell::new(false)).await);
    }
}
