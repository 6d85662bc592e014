//! Clients that know the HTTP+SSE of 2024-11-05 only: one event stream that everything comes on,
//! and posts that are answered by a receipt (*Transports › HTTP with SSE* of that version).
//!
//! A stream is a session like those of other legacy clients, and its messages go the same way; only
//! what they are answered with is put on the stream. When the stream ends, so does the session.
//! Refuses messages for streams of other tokens and routes.

use core::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use hyper::{Method as Verb, Uri};
use tokio::task::JoinSet;
use tokio::time::sleep;
use varistor_model::Era;

use crate::door::Call;
use crate::feed::Event;
use crate::order::order;
use crate::own;
use crate::reply::{Body, Outlet, Reply, error_text};
use crate::run::Hub;
use crate::said::{Kind, Said};

/// All streams, by name.
#[derive(Default)]
pub(crate) struct Streams {
    all: RefCell<HashMap<String, Rc<Stream>>>,
}

/// One client.
struct Stream {
    /// Token and route.
    identity: [u8; 32],
    outlet: Outlet,
    /// The session behind it, once there is one.
    session: RefCell<Option<String>>,
    /// What is under way for it; ends with it.
    tasks: RefCell<JoinSet<()>>,
    is_listening: Cell<bool>,
}

/// Most streams of all tokens, and of one token on one route.
const STREAMS_MAX: usize = 16_384;
const STREAMS_OF_ONE_MAX: usize = 256;
/// Most requests of one client that are under way.
const TASKS_MAX: usize = 256;
/// Silence after which a stream is shown to be alive, and its client to be there.
const ALIVE: Duration = Duration::from_secs(25);

/// Answers a request of such a client.
pub(crate) async fn serve(hub: &Rc<Hub>, call: Call, uri: &Uri) -> Reply {
    if call.era == Era::Modern {
        return Reply::bare(400);
    }
    match call.verb {
        Verb::GET => open(hub, call, uri.path()).await,
        Verb::POST => {
            let id = uri
                .query()
                .and_then(|query| query.strip_prefix("sessionId="));
            let found = id.and_then(|id| hub.streams.all.borrow().get(id).map(Rc::clone));
            match found.filter(|stream| stream.identity == call.who.identity) {
                Some(stream) => take(hub, &stream, call).await,
                None => Reply::bare(404),
            }
        }
        _ => Reply::bare(405),
    }
}

/// Opens a stream and says where its messages go.
async fn open(hub: &Rc<Hub>, call: Call, path: &str) -> Reply {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        return Reply::bare(503);
    }
    let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let (outlet, reply) = Reply::stream();
    let stream = Rc::new(Stream {
        identity: call.who.identity,
        outlet: outlet.clone(),
        session: RefCell::default(),
        tasks: RefCell::default(),
        is_listening: Cell::new(false),
    });
    {
        let mut all = hub.streams.all.borrow_mut();
        let own = |it: &&Rc<Stream>| it.identity == stream.identity;
        if all.len() >= STREAMS_MAX || all.values().filter(own).count() >= STREAMS_OF_ONE_MAX {
            return Reply::bare(503);
        }
        all.insert(id.clone(), Rc::clone(&stream));
    }
    let endpoint = Event {
        event: "endpoint".into(),
        data: Some(format!("{path}?sessionId={id}")),
        ..Event::default()
    };
    outlet.send(&endpoint).await;
    let hub = Rc::clone(hub);
    tokio::task::spawn_local(async move {
        while stream.is_wanted().await {}
        hub.streams.all.borrow_mut().remove(&id);
        stream.tasks.borrow_mut().abort_all();
        let session = stream.session.take();
        if session.is_some() {
            let end = message(&call, (Verb::DELETE, session), String::new());
            order(&hub, end).await;
        }
    });
    reply
}

impl Stream {
    /// Waits a while; false once its client has gone.
    async fn is_wanted(&self) -> bool {
        tokio::select! {
            () = self.outlet.gone() => false,
            () = sleep(ALIVE) => self.outlet.send(&Event::comment()).await,
        }
    }
}

/// Another request of the same client.
fn message(call: &Call, (verb, session): (Verb, Option<String>), body: String) -> Call {
    Call {
        who: call.who.clone(),
        verb,
        session,
        last_event: None,
        era: Era::Legacy,
        takes_events: true,
        mirrored: Vec::new(),
        body,
    }
}

/// Takes a message. What is no request is done before the receipt: the next one builds on it.
async fn take(hub: &Rc<Hub>, stream: &Rc<Stream>, call: Call) -> Reply {
    let Some(said) = Said::read(&call.body) else {
        return Reply::bare(400);
    };
    let is_request = said.kind == Kind::Request;
    let opens = is_request && said.method() == "initialize";
    let begins = said.kind == Kind::Notification && said.method() == "notifications/initialized";
    let id = said.id().map(str::to_owned);
    drop(said);
    let session = stream.session.borrow().clone();
    let asked = message(&call, (Verb::POST, session), call.body.clone());
    if !is_request {
        let reply = order(hub, asked).await;
        if begins && !stream.is_listening.replace(true) {
            listen(hub, stream, &call);
        }
        return Reply::bare(reply.status);
    }
    {
        let mut tasks = stream.tasks.borrow_mut();
        while tasks.try_join_next().is_some() {}
        if tasks.len() >= TASKS_MAX {
            return Reply::bare(429);
        }
        let (hub, stream) = (Rc::clone(hub), Rc::clone(stream));
        tasks.spawn_local(async move {
            let reply = order(&hub, asked).await;
            if opens && reply.session.is_some() {
                stream.session.borrow_mut().clone_from(&reply.session);
            }
            put(&stream.outlet, reply, id.as_deref()).await;
        });
    }
    Reply::bare(202)
}

/// Puts what servers say by themselves on the stream.
fn listen(hub: &Rc<Hub>, stream: &Rc<Stream>, call: &Call) {
    let session = stream.session.borrow().clone();
    let asked = message(call, (Verb::GET, session), String::new());
    let (hub, outlet) = (Rc::clone(hub), stream.outlet.clone());
    let listening = async move {
        let reply = order(&hub, asked).await;
        if let Body::Events(mut events) = reply.body {
            while let Some(event) = events.recv().await {
                if !outlet.pass(event).await {
                    return;
                }
            }
        }
    };
    stream.tasks.borrow_mut().spawn_local(listening);
}

/// Puts an answer on the stream; `id` is that of the request.
async fn put(outlet: &Outlet, reply: Reply, id: Option<&str>) {
    let status = reply.status;
    match reply.body {
        Body::Json(text) => _ = outlet.message(text).await,
        Body::Events(mut events) => {
            while let Some(event) = events.recv().await {
                if !outlet.pass(event).await {
                    return;
                }
            }
        }
        Body::Empty => {
            let text = format!("The gateway answered with status {status}.");
            outlet.message(error_text(id, own::NO_ANSWER, &text)).await;
        }
    }
}
