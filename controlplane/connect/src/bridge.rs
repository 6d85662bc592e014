//! The bridge at work: what becomes of each line of the host, and how requests are cancelled.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;
use varistor_origin::{Link, Reply};

use crate::annotations::Annotations;
use crate::credential::Credential;
use crate::message::{Id, Invalid, Message, Notification, Request};
use crate::output::Sink;
use crate::post::{self, Call, Kind};
use crate::room::{Held, Room};
use crate::say::say;
use crate::session::{Session, State};
use crate::target::Target;
use crate::trouble::{Trouble, error};
use crate::{HELD_BYTES_MAX, Options, REQUESTS_MAX, exchange, listen};

/// How long a server may take to end the stream of a request that was cancelled.
const CANCELLED: Duration = Duration::from_secs(10);

/// What all messages share.
pub(crate) struct Bridge {
    pub(crate) target: Target,
    pub(crate) link: Link,
    pub(crate) credential: RefCell<Credential>,
    pub(crate) session: Session,
    pub(crate) annotations: RefCell<Annotations>,
    /// The version of the newest request that has no session.
    pub(crate) modern: RefCell<Option<String>>,
    pub(crate) out: Sink,
    pub(crate) answers: Room,
    pub(crate) patience: Duration,
    pub(crate) ending: watch::Sender<bool>,
    requests: Room,
    flights: RefCell<HashMap<Id, Flight>>,
    serials: Cell<u64>,
    is_away: Cell<bool>,
    is_listening: Cell<bool>,
}

/// A request under way.
struct Flight {
    serial: u64,
    abort: AbortHandle,
    sent: Rc<Cell<bool>>,
    era: Era,
}

/// What a request under way belongs to, which says how it is cancelled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Era {
    /// It opens a session; that can't be cancelled.
    Opening,
    /// A session.
    Session,
    /// No session.
    Modern,
    /// A subscription, which ends by being cancelled only.
    Listen,
    /// A batch, which is not cancelled with one of its members.
    Batch,
}

impl Era {
    fn of(call: &Call) -> Self {
        let Some(request) = call.request() else {
            return Self::Batch;
        };
        match (&request.modern, request.method.as_str()) {
            _ if call.is_listen() => Self::Listen,
            (Some(_), _) => Self::Modern,
            (None, "initialize") => Self::Opening,
            (None, _) => Self::Session,
        }
    }
}

impl Bridge {
    /// Nothing is under way.
    pub(crate) fn new(options: Options, out: Sink) -> Self {
        Self {
            link: options.target.link(options.authority),
            target: options.target,
            credential: RefCell::new(options.credential),
            session: Session::new(),
            annotations: RefCell::default(),
            modern: RefCell::default(),
            out,
            answers: Room::new(HELD_BYTES_MAX),
            patience: options.patience,
            ending: watch::Sender::new(false),
            requests: Room::new(HELD_BYTES_MAX),
            flights: RefCell::default(),
            serials: Cell::new(0),
            is_away: Cell::new(false),
            is_listening: Cell::new(false),
        }
    }

    /// One line of the host.
    pub(crate) fn take(self: &Rc<Self>, line: Vec<u8>, tasks: &mut JoinSet<()>) {
        let message = match Message::read(&line) {
            Ok(message) => message,
            Err(invalid) => {
                let code = if invalid == Invalid::Json {
                    -32700
                } else {
                    -32600
                };
                return self.refuse_line(code, &invalid.to_string(), tasks);
            }
        };
        let held = self.requests.try_take(line.len());
        let kind = match message {
            Message::Request(request) => Kind::Request(request),
            Message::Notification(Notification { method, cancels }) => {
                if let Some(id) = cancels
                    && self.cancel(&id, tasks) == Cancelled::Here
                {
                    return;
                }
                Kind::Notification(method)
            }
            Message::Response => Kind::Response,
            Message::Batch(ids) => Kind::Batch(ids),
        };
        let call = Call::new(Bytes::from(line), kind);
        match held {
            Ok(held) if self.flights.borrow().len() < REQUESTS_MAX || call.ids().is_empty() => {
                self.start(call, held, tasks);
            }
            _ => {
                say("too much is under way at once; a message of the host is refused");
                for id in call.ids() {
                    self.tell(Trouble::Busy.answer(&id), tasks);
                }
            }
        }
    }

    /// Sets a message going.
    fn start(self: &Rc<Self>, call: Call, held: Held, tasks: &mut JoinSet<()>) {
        if let Some(request) = call.request() {
            self.notice(request, tasks);
        }
        let is_ready = call.is_initialized();
        if is_ready {
            self.session.announcing(true);
        }
        let (serial, era, ids) = (self.serial(), Era::of(&call), call.ids());
        let sent = Rc::clone(&call.sent);
        let bridge = Rc::clone(self);
        let abort = tasks.spawn_local(async move {
            exchange::run(&bridge, &call).await;
            drop(held);
            for id in call.ids() {
                bridge.landed(&id, serial);
            }
            if is_ready {
                bridge.session.announcing(false);
                if !bridge.is_listening.replace(true) {
                    listen::keep(bridge).await;
                }
            }
        });
        let flights = ids.into_iter().map(|id| {
            let (abort, sent) = (abort.clone(), Rc::clone(&sent));
            let flight = Flight {
                serial,
                abort,
                sent,
                era,
            };
            (id, flight)
        });
        self.flights.borrow_mut().extend(flights);
    }

    /// What a request says about those that follow.
    fn notice(self: &Rc<Self>, request: &Request, tasks: &mut JoinSet<()>) {
        if let Some(version) = &request.modern {
            *self.modern.borrow_mut() = Some(version.clone());
        } else if request.method == "initialize"
            && let Some(old) = self.session.opening()
        {
            let bridge = Rc::clone(self);
            tasks.spawn_local(async move { post::end_session(&bridge, &old).await });
        }
    }

    /// The host no longer wants the answer to this request.
    fn cancel(self: &Rc<Self>, id: &Id, tasks: &mut JoinSet<()>) -> Cancelled {
        let mut flights = self.flights.borrow_mut();
        let Some(flight) = flights.get(id) else {
            // Answered already; a server of a session is told all the same, as without a bridge.
            return match self.session.now() {
                State::None => Cancelled::Here,
                State::Opening | State::Open(_) => Cancelled::ByServer,
            };
        };
        match flight.era {
            Era::Opening => return Cancelled::Here,
            Era::Batch => return Cancelled::ByServer,
            Era::Session | Era::Modern | Era::Listen => {}
        }
        if flight.era != Era::Session || !flight.sent.get() {
            // Closing the stream is how version 2026-07-28 cancels over HTTP.
            flight.abort.abort();
            flights.remove(id);
            return Cancelled::Here;
        }
        let (bridge, id, serial) = (Rc::clone(self), id.clone(), flight.serial);
        let abort = flight.abort.clone();
        let mut ending = self.ending.subscribe();
        tasks.spawn_local(async move {
            tokio::select! {
                () = sleep(CANCELLED) => {}
                _ = ending.wait_for(|ending| *ending) => {}
            }
            if bridge.landed(&id, serial) {
                abort.abort();
            }
        });
        Cancelled::ByServer
    }

    /// A request is over; tells whether it was under way.
    fn landed(&self, id: &Id, serial: u64) -> bool {
        let mut flights = self.flights.borrow_mut();
        let is_same = flights
            .get(id)
            .is_some_and(|flight| flight.serial == serial);
        is_same && flights.remove(id).is_some()
    }

    /// A line that is no message.
    pub(crate) fn refuse_line(&self, code: i32, why: &str, tasks: &mut JoinSet<()>) {
        say(why);
        self.tell(error("null", code, why, json!({})), tasks);
    }

    /// A line for the host, as soon as it reads.
    fn tell(&self, line: Vec<u8>, tasks: &mut JoinSet<()>) {
        let out = self.out.clone();
        tasks.spawn_local(async move { out.line(line, Held::default()).await });
    }

    /// A number that nothing else has.
    pub(crate) fn serial(&self) -> u64 {
        self.serials.set(self.serials.get().wrapping_add(1));
        self.serials.get()
    }

    /// The gateway can't be reached.
    pub(crate) fn away(&self, why: &str) {
        if !self.is_away.replace(true) {
            say(&format!(
                "the gateway can't be reached ({why}); trying again"
            ));
        }
    }

    /// The gateway has answered.
    pub(crate) fn reached(&self) {
        if self.is_away.replace(false) {
            say("the gateway is back");
        }
    }

    /// The whole body of an answer, up to a bound.
    pub(crate) async fn collect(
        &self,
        reply: &mut Reply,
        bytes_max: usize,
        held: &mut Held,
    ) -> Result<Vec<u8>, Trouble> {
        let too_large = || Trouble::TooLarge(bytes_max >> 20);
        if reply
            .length()
            .is_some_and(|length| length > bytes_max as u64)
        {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(piece) = reply.next().await {
            let piece = piece.map_err(Trouble::Unanswered)?;
            let size = body.len().saturating_add(piece.len());
            if size > bytes_max {
                return Err(too_large());
            }
            self.answers
                .grow(held, size)
                .await
                .map_err(|_| Trouble::Busy)?;
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    /// Ends subscriptions: they would go on for ever.
    pub(crate) fn end_streams(&self) {
        self.flights.borrow_mut().retain(|_, flight| {
            let is_endless = flight.era == Era::Listen;
            if is_endless {
                flight.abort.abort();
            }
            !is_endless
        });
    }

    /// Answers what nobody answered in time.
    pub(crate) async fn give_up(&self) {
        let left: Vec<Id> = self
            .flights
            .borrow_mut()
            .drain()
            .map(|(id, _)| id)
            .collect();
        let trouble = Trouble::Unanswered("the bridge ends".to_owned());
        for id in left {
            self.out.line(trouble.answer(&id), Held::default()).await;
        }
    }
}

/// Who ends a request that the host no longer wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cancelled {
    /// It is done.
    Here,
    /// The server has to be told.
    ByServer,
}
