//! Clients that know the HTTP+SSE of 2024-11-05 only: one event stream that everything comes on,
//! and posts that are answered by a receipt (*Transports › HTTP with SSE* of that version).
//!
//! A stream is a session like those of other legacy clients, and its messages go the same way; only
//! what they are answered with is put on the stream. When the stream ends, so does the session.
//! Refuses messages for streams of other tokens and routes.

use core::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::time::Duration;

use hyper::{Method as Verb, Uri};
use tokio::task::JoinSet;
use tokio::time::sleep;
use varistor_model::{Era, Method};

use crate::ask::{Ask, Kind};
use crate::door::Call;
use crate::feed::Event;
use crate::listen::stay;
use crate::members::random_name;
use crate::order::order;
use crate::own;
use crate::reply::{Body, Outlet, Reply, error_text};
use crate::run::Hub;

/// All streams, by name.
#[derive(Default)]
pub(crate) struct Streams {
    all: RefCell<HashMap<String, Rc<Stream>>>,
    /// By token and route.
    accounts: RefCell<HashMap<[u8; 32], Weak<Account>>>,
    /// Bytes of requests that are under way, of all tokens.
    bytes: Cell<usize>,
}

/// What one token has under way on one route, over all of its streams.
#[derive(Default)]
struct Account {
    streams: Cell<usize>,
    requests: Cell<usize>,
    bytes: Cell<usize>,
}

/// One client.
struct Stream {
    /// Token and route.
    identity: [u8; 32],
    account: Rc<Account>,
    outlet: Outlet,
    /// The session behind it, once there is one.
    session: RefCell<Option<String>>,
    /// What is under way for it; ends with it.
    tasks: RefCell<JoinSet<()>>,
    /// Requests that wait for their answer.
    requests: Cell<usize>,
    is_listening: Cell<bool>,
    /// Whether its client has said `initialize`.
    is_greeted: Cell<bool>,
}

/// Most streams of all tokens, and of one token on one route.
const STREAMS_MAX: usize = 16_384;
const STREAMS_OF_ONE_MAX: usize = 64;
/// Most requests of one token on one route that are under way, and their bytes; and the bytes of
/// all. A receipt is no answer, so that no connection stands for them.
const REQUESTS_MAX: usize = 256;
const BYTES_OF_ONE_MAX: usize = 32 * 1024 * 1024;
const BYTES_MAX: usize = 256 * 1024 * 1024;
/// How often a draining stream looks for what is still under way.
const DRAIN: Duration = Duration::from_millis(10);

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
    let Some(id) = random_name() else {
        return Reply::bare(503);
    };
    let (outlet, reply) = Reply::stream();
    let identity = call.who.identity;
    let stream = Rc::new(Stream {
        identity,
        account: hub.streams.account(identity),
        outlet: outlet.clone(),
        session: RefCell::default(),
        tasks: RefCell::default(),
        requests: Cell::new(0),
        is_listening: Cell::new(false),
        is_greeted: Cell::new(false),
    });
    {
        let mut all = hub.streams.all.borrow_mut();
        let own = stream.account.streams.get();
        if all.len() >= STREAMS_MAX || own >= STREAMS_OF_ONE_MAX {
            return Reply::bare(503);
        }
        stream.account.streams.set(own.saturating_add(1));
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
        tokio::select! {
            () = stay(&stream.outlet) => {}
            () = drained(&hub, &stream) => {}
        }
        hub.streams.all.borrow_mut().remove(&id);
        let streams = &stream.account.streams;
        streams.set(streams.get().saturating_sub(1));
        stream.tasks.borrow_mut().abort_all();
        let session = stream.session.take();
        if session.is_some() {
            let end = message(&call, (Verb::DELETE, session), String::new());
            order(&hub, end).await;
        }
    });
    reply
}

/// Until the gateway drains and all requests on this stream have their answers.
async fn drained(hub: &Hub, stream: &Stream) {
    hub.drained().await;
    while stream.requests.get() > 0 {
        sleep(DRAIN).await;
    }
}

impl Streams {
    fn account(&self, identity: [u8; 32]) -> Rc<Account> {
        let mut accounts = self.accounts.borrow_mut();
        if let Some(account) = accounts.get(&identity).and_then(Weak::upgrade) {
            return account;
        }
        accounts.retain(|_, account| account.strong_count() > 0);
        let account = Rc::<Account>::default();
        accounts.insert(identity, Rc::downgrade(&account));
        account
    }
}

/// Room for one request, given back at its end.
struct Room {
    hub: Rc<Hub>,
    stream: Rc<Stream>,
    bytes: usize,
}

impl Room {
    fn take(hub: &Rc<Hub>, stream: &Rc<Stream>, bytes: usize) -> Option<Self> {
        let account = &stream.account;
        let requests = account.requests.get().saturating_add(1);
        let own = account.bytes.get().saturating_add(bytes);
        let all = hub.streams.bytes.get().saturating_add(bytes);
        if requests > REQUESTS_MAX || own > BYTES_OF_ONE_MAX || all > BYTES_MAX {
            return None;
        }
        account.requests.set(requests);
        stream.requests.set(stream.requests.get().saturating_add(1));
        account.bytes.set(own);
        hub.streams.bytes.set(all);
        Some(Self {
            hub: Rc::clone(hub),
            stream: Rc::clone(stream),
            bytes,
        })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let less = |cell: &Cell<usize>, by| cell.set(cell.get().saturating_sub(by));
        less(&self.stream.requests, 1);
        less(&self.stream.account.requests, 1);
        less(&self.stream.account.bytes, self.bytes);
        less(&self.hub.streams.bytes, self.bytes);
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
    let Some(ask) = Ask::read(call.body.clone()).filter(|ask| ask.era == Era::Legacy) else {
        return Reply::bare(400);
    };
    let session = stream.session.borrow().clone();
    let asked = message(&call, (Verb::POST, session), call.body.clone());
    if ask.kind != Kind::Request {
        let begins = ask.method == Method::Initialized;
        let reply = order(hub, asked).await;
        let taken = (200..=299).contains(&reply.status);
        if begins && taken && !stream.is_listening.replace(true) {
            listen(hub, stream, &call);
        }
        return Reply::bare(reply.status);
    }
    let id = ask.id().map(str::to_owned);
    let opens = ask.method == Method::Initialize;
    if opens && stream.is_greeted.replace(true) {
        let text = "This stream has its session; open another one.";
        let again = error_text(id.as_deref(), -32600, text);
        stream.outlet.message(again).await;
        return Reply::bare(202);
    }
    let Some(room) = Room::take(hub, stream, call.body.len()) else {
        return Reply::bare(429);
    };
    let mut tasks = stream.tasks.borrow_mut();
    while tasks.try_join_next().is_some() {}
    let (hub, own) = (Rc::clone(hub), Rc::clone(stream));
    tasks.spawn_local(async move {
        let reply = order(&hub, asked).await;
        if opens {
            own.session.borrow_mut().clone_from(&reply.session);
            own.is_greeted.set(reply.session.is_some());
        }
        put(&own.outlet, reply, id.as_deref()).await;
        drop(room);
    });
    Reply::bare(202)
}

/// Puts what servers say by themselves on the stream.
fn listen(hub: &Rc<Hub>, stream: &Rc<Stream>, call: &Call) {
    let session = stream.session.borrow().clone();
    let asked = message(call, (Verb::GET, session), String::new());
    let (hub, outlet) = (Rc::clone(hub), stream.outlet.clone());
    let listening = async move {
        let reply = order(&hub, asked).await;
        if let Body::Events(events) = reply.body {
            outlet.pass_all(events).await;
        }
    };
    stream.tasks.borrow_mut().spawn_local(listening);
}

/// Puts an answer on the stream; `id` is that of the request.
async fn put(outlet: &Outlet, reply: Reply, id: Option<&str>) {
    let status = reply.status;
    match reply.body {
        Body::Json(text) => _ = outlet.message(text).await,
        Body::Events(events) => outlet.pass_all(events).await,
        // It was cancelled: nobody waits for it.
        Body::Empty if (200..=299).contains(&status) => {}
        Body::Empty => {
            let text = format!("The gateway answered with status {status}.");
            outlet.message(error_text(id, own::NO_ANSWER, &text)).await;
        }
    }
}
