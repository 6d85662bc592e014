//! A session of a legacy client: its links, its stream, what it is asked, what it has asked.

use core::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::rc::Rc;
use std::time::Instant;

use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;

use crate::door::Who;
use crate::json::is_same;
use crate::link::Holder;
use crate::reply::Outlet;

/// See the module.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) holder: Rc<Holder>,
    /// Whose request came last: what goes on by itself speaks for the same client.
    who: RefCell<Who>,
    /// Ends when another one takes its place.
    stream: RefCell<Option<(Outlet, oneshot::Sender<()>)>>,
    asked: RefCell<HashMap<u64, Asked>>,
    flights: RefCell<Vec<Flight>>,
    /// The last requests by id and server, also those that broke off: whose answer may still come.
    sent: RefCell<VecDeque<(String, String)>>,
    /// Servers that a list had to do without.
    pub(crate) missing: RefCell<BTreeSet<String>>,
    /// What listens to servers, by name.
    listeners: RefCell<HashMap<String, AbortHandle>>,
    used: Cell<Instant>,
}

/// A request to the client, by the number that it got as its id.
pub(crate) enum Asked {
    /// Of a server, under the id that stands there.
    Server(String, String),
    /// The answer is awaited here.
    Here(oneshot::Sender<String>),
}

/// A request of the client that is under way.
struct Flight {
    id: String,
    server: String,
    cancelled: Rc<Notify>,
}

/// A request under way, until this is dropped.
pub(crate) struct InFlight {
    session: Rc<Session>,
    cancelled: Rc<Notify>,
}

/// Most requests of one session that are under way: they go on when their client goes away.
const FLIGHTS_MAX: usize = 256;
/// Most requests that a client is asked and has not answered.
const ASKED_MAX: usize = 256;
/// Most requests that are remembered for streams that are taken up again, and the longest id.
const SENT_MAX: usize = 256;
const SENT_ID_BYTES_MAX: usize = 256;

impl Session {
    pub(crate) fn new(id: String, hello: String, who: Who) -> Self {
        Self {
            id,
            holder: Rc::new(Holder::of_session(hello)),
            who: RefCell::new(who),
            stream: RefCell::default(),
            asked: RefCell::default(),
            flights: RefCell::default(),
            sent: RefCell::default(),
            missing: RefCell::default(),
            listeners: RefCell::default(),
            used: Cell::new(Instant::now()),
        }
    }

    /// A request of its client has come.
    pub(crate) fn touch(&self, who: &Who) {
        self.used.set(Instant::now());
        *self.who.borrow_mut() = who.clone();
    }

    /// Whoever it belongs to.
    pub(crate) fn who(&self) -> Who {
        self.who.borrow().clone()
    }

    /// The same with what its client says of itself, for servers of 2026-07-28.
    pub(crate) fn speaker(&self) -> Who {
        let mut who = self.who();
        who.meta = self.holder.meta().into();
        who
    }

    /// Since when nothing has happened; nothing while something is under way.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let busy = self.stream.borrow().is_some() || !self.flights.borrow().is_empty();
        (!busy).then(|| self.used.get())
    }

    /// Takes a stream in, in the place of the one before. It is over when what is given back
    /// resolves.
    pub(crate) fn open_stream(&self, outlet: Outlet) -> oneshot::Receiver<()> {
        let (last, ended) = oneshot::channel();
        *self.stream.borrow_mut() = Some((outlet, last));
        ended
    }

    /// The client of its stream has gone.
    pub(crate) fn close_stream(&self) {
        self.stream.borrow_mut().take();
        self.used.set(Instant::now());
        self.stop_listening();
    }

    /// The way to its client when nothing is asked.
    pub(crate) fn stream(&self) -> Option<Outlet> {
        let stream = self.stream.borrow();
        stream.as_ref().map(|(outlet, _)| outlet.clone())
    }

    /// Remembers who listens to a server, unless somebody does already, or has found that there is
    /// nothing to be heard.
    pub(crate) fn listens(&self, server: &str, task: impl FnOnce() -> AbortHandle) {
        let mut listeners = self.listeners.borrow_mut();
        listeners.entry(server.to_owned()).or_insert_with(task);
    }

    /// Ends whoever listens to this server.
    pub(crate) fn stop(&self, server: &str) {
        if let Some(task) = self.listeners.borrow_mut().remove(server) {
            task.abort();
        }
    }

    fn stop_listening(&self) {
        for (_, task) in self.listeners.borrow_mut().drain() {
            task.abort();
        }
    }

    /// Remembers a request to the client; false when it has too many to answer.
    pub(crate) fn ask(&self, number: u64, asked: Asked) -> bool {
        let mut all = self.asked.borrow_mut();
        let room = all.len() < ASKED_MAX;
        if room {
            all.insert(number, asked);
        }
        room
    }

    /// What the client answers; nothing when it was not asked, or has answered.
    pub(crate) fn answered(&self, number: u64) -> Option<Asked> {
        self.asked.borrow_mut().remove(&number)
    }

    /// Notes that a request is under way; nothing when there are too many.
    pub(crate) fn fly(self: &Rc<Self>, id: &str, server: &str) -> Option<InFlight> {
        if self.flights.borrow().len() >= FLIGHTS_MAX {
            return None;
        }
        let cancelled = Rc::new(Notify::new());
        self.remember(id, server);
        self.flights.borrow_mut().push(Flight {
            id: id.to_owned(),
            server: server.to_owned(),
            cancelled: Rc::clone(&cancelled),
        });
        Some(InFlight {
            session: Rc::clone(self),
            cancelled,
        })
    }

    fn remember(&self, id: &str, server: &str) {
        let mut sent = self.sent.borrow_mut();
        sent.retain(|(known, _)| !is_same(known, id));
        if id.len() <= SENT_ID_BYTES_MAX {
            if sent.len() >= SENT_MAX {
                sent.pop_front();
            }
            sent.push_back((id.to_owned(), server.to_owned()));
        }
    }

    /// Whether the answer under this id may come from this server, on a stream that was taken up
    /// again: once, since it is forgotten here.
    pub(crate) fn awaits(&self, id: &str, server: &str) -> bool {
        let mut sent = self.sent.borrow_mut();
        let found = sent
            .iter()
            .position(|(known, to)| to == server && is_same(known, id));
        found.and_then(|at| sent.remove(at)).is_some()
    }

    /// Nobody waits any more for the answer to the request with this id.
    pub(crate) fn cancel(&self, id: &str) {
        let flights = self.flights.borrow();
        if let Some(flight) = flights.iter().find(|flight| is_same(&flight.id, id)) {
            flight.cancelled.notify_one();
        }
    }

    /// Where the request with this id is under way.
    pub(crate) fn server_of(&self, id: &str) -> Option<String> {
        let flights = self.flights.borrow();
        let flight = flights.iter().find(|flight| is_same(&flight.id, id))?;
        Some(flight.server.clone())
    }

    /// Lets go of everything that is under way.
    pub(crate) fn end(&self) {
        self.holder.ended.set(true);
        for flight in self.flights.borrow().iter() {
            flight.cancelled.notify_one();
        }
        self.stream.borrow_mut().take();
        self.asked.borrow_mut().clear();
        self.stop_listening();
    }
}

impl InFlight {
    /// What resolves when the client cancels it; by one who waits for it.
    pub(crate) fn cancelled(&self) -> Rc<Notify> {
        Rc::clone(&self.cancelled)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut flights = self.session.flights.borrow_mut();
        let own = |flight: &Flight| Rc::ptr_eq(&flight.cancelled, &self.cancelled);
        if let Some(at) = flights.iter().position(own) {
            flights.swap_remove(at);
        }
        self.session.used.set(Instant::now());
    }
}
