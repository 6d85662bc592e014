//! One child process: started, heard, spoken to and ended. What it answers is routed by
//! `child/output.rs`.

mod body;
mod errors;
pub(crate) mod files;
pub(crate) mod input;
mod order;
mod output;

use core::cell::{Cell, RefCell};
use core::fmt;
use std::io;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tokio::net::unix::pipe;
use tokio::sync::{Notify, oneshot};

use crate::bridge::Resolve;
use crate::gauge::Gauge;
use crate::mask::Mask;
use crate::message::rewritten;
use crate::remote::Remote;
use crate::say::{Level, Say};
use crate::session::Session;
use crate::spec::{Source, Spec};
use crate::table::{Answer, Pending, Table, To};
use body::{Body, End, Ends};
use input::{Full, Input};
pub(crate) use order::MARK;

/// Who uses a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// One session.
    Session,
    /// Many sessions; the bridge initialises it.
    Sessions,
    /// Requests of 2026-07-28.
    Modern,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It may serve soon.
    Starting,
    /// It serves.
    Ready,
    /// It gets no new requests.
    Ending,
    /// Nothing of it is left.
    Ended,
}

/// See the module.
pub(crate) struct Child {
    pub(crate) spec: Rc<Spec>,
    pub(crate) sharing: Sharing,
    pub(crate) gauge: Arc<Gauge>,
    pub(crate) table: RefCell<Table>,
    pub(crate) input: Input,
    say: Say,
    mask: Mask,
    body: Body,
    state: Cell<State>,
    /// Woken when the state changes.
    changed: Notify,
    /// Whether it has ever answered anything.
    answered: Cell<bool>,
    /// Whether its noise was told of.
    noisy: Cell<bool>,
    /// Whether it was told why it is of no use.
    broken: Cell<bool>,
    /// Whether somebody wanted its end.
    wanted_gone: Cell<bool>,
    sessions: RefCell<Vec<Weak<Session>>>,
    used: Cell<Instant>,
    began: Instant,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Nobody had asked it to.
    pub(crate) crashed: bool,
    /// Whether it had answered anything.
    pub(crate) answered: bool,
    /// Whether its keeper was killed, so that something may be left.
    pub(crate) unkept: bool,
}

/// Time that a child has to end once its input has.
const CLOSED: Duration = Duration::from_millis(2_000);
/// Input of a child that waits, at most: one largest message, and some.
const INPUT_BYTES_MORE: usize = 4 * 1024 * 1024;

impl Child {
    /// Starts one. `ended` is called once nothing of it is left.
    ///
    /// # Errors
    /// There is no process or no descriptor left, or no folder can be made.
    pub(crate) fn start(
        spec: &Rc<Spec>,
        sharing: Sharing,
        (gauge, say): (&Arc<Gauge>, Say),
        (mark, resolve): (&str, Resolve),
        ended: impl FnOnce(Ended) + 'static,
    ) -> io::Result<Rc<Self>> {
        let waiting_max = spec.message_bytes_max.saturating_add(INPUT_BYTES_MORE);
        let (ends, order) = match &spec.source {
            Source::Program(program) => {
                let order = order::order(program, mark).written()?;
                files::put(program)?;
                (Ends::of_program()?, Some(order))
            }
            Source::Events(events) => {
                let remote = Remote::new(events, resolve, spec.message_bytes_max);
                (Ends::of_stream(remote)?, None)
            }
        };
        let input = Input::new(ends.input, waiting_max);
        let child = Rc::new(Self {
            spec: Rc::clone(spec),
            sharing,
            gauge: Arc::clone(gauge),
            table: RefCell::default(),
            input,
            say,
            mask: Mask::of(spec.secrets.iter().map(|secret| secret.as_str())),
            body: ends.body,
            state: Cell::new(State::Starting),
            changed: Notify::new(),
            answered: Cell::new(false),
            noisy: Cell::new(false),
            broken: Cell::new(false),
            wanted_gone: Cell::new(false),
            sessions: RefCell::default(),
            used: Cell::new(Instant::now()),
            began: Instant::now(),
        });
        if let Some(order) = order {
            // It is smaller than what may wait.
            let _ = child.input.send(&order);
        }
        Gauge::add(&gauge.children);
        Gauge::add(&gauge.starts);
        let own = Rc::clone(&child);
        tokio::task::spawn_local(async move { own.input.run().await });
        let own = Rc::clone(&child);
        let live = async move { own.live((ends.output, ends.end), ended).await };
        tokio::task::spawn_local(live);
        Ok(child)
    }

    async fn live(self: Rc<Self>, (output, end): (pipe::Receiver, End), ended: impl FnOnce(Ended)) {
        let output = output::run(&self, output);
        let (how, ()) = tokio::join!(end.comes(&self), output);
        self.set(State::Ended);
        Gauge::take(&self.gauge.children);
        let crashed = !self.wanted_gone.get();
        let name = &self.spec.name;
        if crashed && !self.broken.get() {
            let ran = self.began.elapsed().as_millis();
            self.fails(&how.why);
            let text = format_args!("server {name}: {} (after {ran} ms)", how.why);
            self.say(Level::Warning, text);
        }
        ended(Ended {
            crashed,
            answered: self.answered.get(),
            unkept: how.unkept,
        });
    }

    /// Hands a request to the child; its number.
    pub(crate) fn ask(
        &self,
        text: &str,
        places: &crate::message::Message,
        pending: Pending,
    ) -> Result<u64, Full> {
        let number = self.table.borrow_mut().add(pending);
        let own = number.to_string();
        let places = [places.id.clone(), places.parts.token.clone()];
        let places = places.into_iter().flatten();
        let mut changes: Vec<_> = places.map(|place| (place, own.as_str())).collect();
        self.used.set(Instant::now());
        match self.input.send_line(rewritten(text, &mut changes)) {
            Ok(()) => Ok(number),
            Err(full) => {
                self.table.borrow_mut().remove(number);
                Err(full)
            }
        }
    }

    /// Asks something for the bridge itself: `method` with `params`, both as JSON.
    pub(crate) fn ask_own(&self, method: &str, params: &str) -> oneshot::Receiver<Answer> {
        let (reply, answer) = oneshot::channel();
        let number = self.table.borrow_mut().add(Pending {
            id: Box::default(),
            token: None,
            session: None,
            to: To::Own(reply),
        });
        let text =
            format!(r#"{{"jsonrpc":"2.0","id":{number},"method":{method},"params":{params}}}"#);
        if self.input.send_line(text.into_bytes()).is_err() {
            self.table.borrow_mut().remove(number);
        }
        answer
    }

    /// Nobody waits for this request any more: the child is told, and its answer will be dropped.
    pub(crate) fn cancel(&self, number: u64) {
        if self.table.borrow_mut().remove(number).is_some() {
            let params = format!(r#"{{"requestId":{number},"reason":"nobody waits for it"}}"#);
            let method = "notifications/cancelled";
            let text = format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#);
            // A child that does not read is ended when it is idle, or asked too much.
            let _ = self.input.send_line(text.into_bytes());
        }
    }

    pub(crate) fn state(&self) -> State {
        self.state.get()
    }

    /// It serves from now on, unless it has ended meanwhile.
    pub(crate) fn is_ready(&self) {
        if self.state.get() == State::Starting {
            self.set(State::Ready);
        }
    }

    fn set(&self, state: State) {
        self.state.set(state);
        self.changed.notify_waiters();
    }

    /// Waits until it serves; whether it does.
    pub(crate) async fn settled(&self) -> bool {
        loop {
            let changed = self.changed.notified();
            match self.state.get() {
                State::Starting => changed.await,
                State::Ready => return true,
                State::Ending | State::Ended => return false,
            }
        }
    }

    /// Waits until nothing of it is left.
    pub(crate) async fn gone(&self) {
        loop {
            let changed = self.changed.notified();
            if self.state.get() == State::Ended {
                return;
            }
            changed.await;
        }
    }

    /// Ends it in order: end of input, SIGTERM, SIGKILL, each after some time.
    pub(crate) fn end(self: &Rc<Self>) {
        if matches!(self.state.get(), State::Ending | State::Ended) {
            return;
        }
        self.wanted_gone.set(true);
        self.set(State::Ending);
        self.input.close();
        let own = Rc::clone(self);
        tokio::task::spawn_local(async move {
            if tokio::time::timeout(CLOSED, own.gone()).await.is_err() {
                own.signal(Signal::TERM);
            }
        });
    }

    /// Ends it, and everything that descends from it, at once.
    pub(crate) fn kill(&self) {
        self.wanted_gone.set(true);
        self.cut();
    }

    /// The same because it is of no use: that counts as a failure.
    pub(crate) fn gives_up(&self, why: &str) {
        if !self.broken.replace(true) && !self.wanted_gone.get() {
            self.fails(why);
            let name = &self.spec.name;
            self.say(
                Level::Warning,
                format_args!("server {name}: its child is ended: {why}"),
            );
        }
        self.cut();
    }

    fn cut(&self) {
        if self.state.get() != State::Ended {
            self.set(State::Ending);
            self.input.close();
            self.signal(Signal::INT);
        }
    }

    /// To the keeper, whose number stands for nobody else before its end was taken in. An event
    /// stream knows one only.
    fn signal(&self, signal: Signal) {
        if self.state.get() != State::Ended {
            self.body.signal(signal);
        }
    }

    /// Whether it takes longer to start than it may.
    pub(crate) fn is_overdue(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.began) > self.spec.start
    }

    /// Whether it belongs to one session.
    pub(crate) fn is_own(&self) -> bool {
        self.sharing == Sharing::Session
    }

    /// The process that keeps it, when it is one.
    pub(crate) const fn pid(&self) -> Option<Pid> {
        self.body.pid()
    }

    /// Its output is over: what was awaited will not come, and its sessions are over.
    fn fell_silent(&self) {
        if self.state.get() != State::Ended {
            self.set(State::Ending);
            self.input.close();
            // What closed its output and goes on is of no use.
            self.signal(Signal::TERM);
        }
        let pending = self.table.borrow_mut().drain();
        for one in pending {
            if let To::Client(outbox) = one.to {
                outbox.break_off();
            }
        }
        for session in self.sessions() {
            session.end();
        }
    }

    /// One more answer.
    fn answers(&self) {
        self.answered.set(true);
        self.used.set(Instant::now());
        if self.sharing == Sharing::Session {
            self.is_ready();
        }
    }

    /// Since when nothing was awaited of it; `None` while something is.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let idle = self.table.borrow().is_empty();
        idle.then(|| self.used.get())
    }

    pub(crate) fn join(&self, session: &Rc<Session>) {
        let mut sessions = self.sessions.borrow_mut();
        sessions.retain(|it| it.strong_count() > 0);
        sessions.push(Rc::downgrade(session));
    }

    pub(crate) fn sessions(&self) -> Vec<Rc<Session>> {
        let sessions = self.sessions.borrow();
        sessions.iter().filter_map(Weak::upgrade).collect()
    }

    /// The session that it is for, when it is for one.
    fn only_session(&self) -> Option<Rc<Session>> {
        let own = self.sharing == Sharing::Session;
        own.then(|| self.sessions.borrow().first()?.upgrade())?
    }

    /// A message of it reaches nobody.
    pub(crate) fn drops(&self) {
        Gauge::add(&self.gauge.dropped);
    }

    /// Keeps why it was of no use.
    pub(crate) fn fails(&self, why: &str) {
        Gauge::add(&self.gauge.crashes);
        self.gauge.last_error.store(Some(Arc::new(why.to_owned())));
    }

    fn say(&self, level: Level, text: fmt::Arguments<'_>) {
        (self.say)(level, text);
    }
}
