//! One stdio server: its children, its sessions, and when it may start another child.

mod post;
mod start;

use core::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use rustix::process::Pid;
use tokio::sync::Semaphore;

use crate::bridge::Common;
use crate::child::{Child, State};
use crate::gauge::Gauge;
use crate::pin::Looks;
use crate::reply::Reply;
use crate::session::Session;
use crate::spec::Spec;

/// See the module.
pub(crate) struct Server {
    pub(crate) spec: Rc<Spec>,
    pub(crate) gauge: Arc<Gauge>,
    common: Rc<Common>,
    /// Children of which something is left.
    children: RefCell<Vec<Rc<Child>>>,
    sessions: RefCell<HashMap<String, Rc<Session>>>,
    /// The child that sessions share.
    shared: Slot,
    /// The child of 2026-07-28.
    modern: Slot,
    /// The result of the bridge's own `initialize`.
    welcome: RefCell<Option<String>>,
    /// When it last turned out not to know 2026-07-28.
    legacy_since: Cell<Option<Instant>>,
    /// Children that are or are about to be.
    places: Cell<usize>,
    failures: Cell<u32>,
    not_before: Cell<Option<Instant>>,
    looks: Cell<Option<Looks>>,
    /// Set once another specification serves under its name.
    retired: Cell<bool>,
    /// Whether a child is being started before the first call.
    eager: Cell<bool>,
}

/// A child that many use.
struct Slot {
    child: RefCell<Option<Rc<Child>>>,
    /// Only one starts it.
    turn: Semaphore,
}

/// What a request says beside its body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From<'a> {
    pub(crate) session: Option<&'a str>,
    /// Whether it is one of 2026-07-28.
    pub(crate) modern: bool,
    /// A version that nobody has, if it names one.
    pub(crate) unknown: Option<&'a str>,
}

impl Default for Slot {
    fn default() -> Self {
        Self {
            child: RefCell::default(),
            turn: Semaphore::new(1),
        }
    }
}

impl Server {
    pub(crate) fn new(spec: Spec, gauge: Arc<Gauge>, common: &Rc<Common>) -> Self {
        Self {
            spec: Rc::new(spec),
            gauge,
            common: Rc::clone(common),
            children: RefCell::default(),
            sessions: RefCell::default(),
            shared: Slot::default(),
            modern: Slot::default(),
            welcome: RefCell::default(),
            legacy_since: Cell::new(None),
            places: Cell::new(0),
            failures: Cell::new(0),
            not_before: Cell::new(None),
            looks: Cell::new(None),
            retired: Cell::new(false),
            eager: Cell::new(false),
        }
    }

    /// Opens the stream of a session.
    pub(crate) fn listen(&self, session: Option<&str>) -> Reply {
        match self.session(session) {
            Ok(session) => {
                let stream = session.open();
                Reply::Stream(session, stream)
            }
            Err(status) => Reply::Now(status, Vec::new()),
        }
    }

    /// Ends a session.
    pub(crate) fn delete(&self, session: Option<&str>) -> Reply {
        match self.session(session) {
            Ok(session) => {
                self.close(&session);
                Reply::Now(200, Vec::new())
            }
            Err(status) => Reply::Now(status, Vec::new()),
        }
    }

    /// The session of this name, or the status that says why there is none.
    fn session(&self, id: Option<&str>) -> Result<Rc<Session>, u16> {
        let session = self.sessions.borrow().get(id.ok_or(400_u16)?).cloned();
        let session = session.ok_or(404_u16)?;
        match session.child.state() {
            State::Starting | State::Ready => Ok(session),
            State::Ending | State::Ended => {
                self.close(&session);
                Err(404)
            }
        }
    }

    /// A session that begins.
    fn admit(&self, child: &Rc<Child>) -> Option<Rc<Session>> {
        let session = Rc::new(Session::new(random_name()?, Rc::clone(child)));
        child.join(&session);
        let mut sessions = self.sessions.borrow_mut();
        sessions.insert(session.id.clone(), Rc::clone(&session));
        drop(sessions);
        Gauge::add(&self.gauge.sessions);
        Some(session)
    }

    /// A session that is over, and its child, if it had one of its own.
    pub(crate) fn close(&self, session: &Rc<Session>) {
        let known = self.sessions.borrow_mut().remove(&session.id);
        if known.is_some() {
            Gauge::take(&self.gauge.sessions);
        }
        session.end();
        if session.child.is_own() {
            session.child.end();
        }
    }

    /// Ends what is idle, what takes too long to start, and what is left of children that ended.
    pub(crate) fn tidy(&self, now: Instant) {
        self.children
            .borrow_mut()
            .retain(|child| child.state() != State::Ended);
        let pause = self.not_before.get();
        let pause = pause.map_or(0, |at| at.saturating_duration_since(now).as_millis());
        let pause = u64::try_from(pause).unwrap_or(u64::MAX);
        let stored = core::sync::atomic::Ordering::Relaxed;
        self.gauge.pause_ms.store(pause, stored);
        let is_over = |since: Option<Instant>| {
            since.is_some_and(|since| now.saturating_duration_since(since) >= self.spec.idle)
        };
        let sessions: Vec<_> = self.sessions.borrow().values().cloned().collect();
        for session in sessions {
            let gone = matches!(session.child.state(), State::Ending | State::Ended);
            let quiet = session.child.table.borrow().is_quiet(&session);
            if gone || (quiet && is_over(session.idle_since())) {
                self.close(&session);
            }
        }
        for child in self.living() {
            let retired = self.retired.get() && child.idle_since().is_some();
            let unused = child.sessions().is_empty() && is_over(child.idle_since());
            if child.state() == State::Starting && child.is_overdue(now) {
                child.gives_up("it did not answer in time (`start`)");
            } else if retired || (unused && !self.spec.eager) {
                child.end();
            }
        }
    }

    /// Children that are not being ended.
    fn living(&self) -> Vec<Rc<Child>> {
        let children = self.children.borrow();
        let living = |child: &&Rc<Child>| matches!(child.state(), State::Starting | State::Ready);
        children.iter().filter(living).cloned().collect()
    }

    /// The processes that keep its children.
    pub(crate) fn keepers(&self) -> Vec<Pid> {
        let children = self.children.borrow();
        let left = children.iter().filter(|it| it.state() != State::Ended);
        left.filter_map(|child| child.pid()).collect()
    }

    /// Kills all children at once.
    pub(crate) fn kill(&self) {
        for child in self.children.borrow().iter() {
            child.kill();
        }
        self.forget_sessions();
    }

    /// Another specification serves: what is under way ends, then the children.
    pub(crate) fn retire(&self) {
        self.retired.set(true);
        self.forget_sessions();
        self.tidy(Instant::now());
    }

    /// Ends all children in order.
    pub(crate) fn end(&self) {
        self.retired.set(true);
        for child in self.living() {
            child.end();
        }
        self.forget_sessions();
    }

    fn forget_sessions(&self) {
        let sessions: Vec<_> = self.sessions.borrow_mut().drain().collect();
        for (_, session) in sessions {
            Gauge::take(&self.gauge.sessions);
            session.end();
        }
    }

    /// Whether nothing is left of its children.
    pub(crate) fn is_gone(&self) -> bool {
        self.places.get() == 0
    }
}

/// A name that nobody can guess.
fn random_name() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
