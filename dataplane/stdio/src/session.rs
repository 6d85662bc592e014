//! A legacy client's session with a child: its stream, what waits for it, what it subscribed to.

use core::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

use crate::child::Child;
use crate::outbox::Outbox;
use crate::subscriptions::Subscriptions;

/// See the module.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) child: Rc<Child>,
    /// Where messages that answer nothing go: the client's GET.
    stream: RefCell<Option<Rc<Outbox>>>,
    parked: RefCell<VecDeque<Vec<u8>>>,
    pub(crate) subscriptions: Subscriptions,
    /// When it last had something to do.
    used: Cell<Instant>,
}

/// Messages that wait for a stream, at most, and their bytes.
const PARKED_MAX: usize = 256;
const PARKED_BYTES_MAX: usize = 1024 * 1024;

impl Session {
    pub(crate) fn new(id: String, child: Rc<Child>) -> Self {
        Self {
            id,
            child,
            stream: RefCell::default(),
            parked: RefCell::default(),
            subscriptions: Subscriptions::default(),
            used: Cell::new(Instant::now()),
        }
    }

    pub(crate) fn touch(&self) {
        self.used.set(Instant::now());
    }

    /// When it last had something to do; `None` while its stream is open.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let streams = self.stream.borrow().is_some();
        (!streams).then(|| self.used.get())
    }

    /// Opens the stream, in place of one that was open, and puts in what waited for it.
    pub(crate) fn open(&self) -> Rc<Outbox> {
        let stream = Rc::<Outbox>::default();
        for message in self.parked.take() {
            // What was allowed to wait has room.
            let _ = stream.event(message);
        }
        if let Some(before) = self.stream.replace(Some(Rc::clone(&stream))) {
            before.end();
        }
        self.touch();
        stream
    }

    /// The client has left this stream.
    pub(crate) fn close(&self, stream: &Rc<Outbox>) {
        let mut own = self.stream.borrow_mut();
        if own.as_ref().is_some_and(|own| Rc::ptr_eq(own, stream)) {
            *own = None;
        }
        self.touch();
    }

    /// Ends the stream: nothing will come any more.
    pub(crate) fn end(&self) {
        if let Some(stream) = self.stream.take() {
            stream.end();
        }
        self.parked.take();
    }

    /// Puts a message on the stream; it is given back when there is none, or no room.
    pub(crate) fn stream(&self, message: Vec<u8>) -> Result<(), Vec<u8>> {
        match self.stream.borrow().as_ref() {
            Some(stream) => stream.event(message),
            None => Err(message),
        }
    }

    /// Whether a stream is open.
    pub(crate) fn is_streaming(&self) -> bool {
        self.stream.borrow().is_some()
    }

    /// Keeps a message until a stream opens; whether there was room.
    pub(crate) fn park(&self, message: Vec<u8>) -> bool {
        let mut parked = self.parked.borrow_mut();
        let bytes: usize = parked.iter().map(Vec::len).sum();
        let fits =
            parked.len() < PARKED_MAX && bytes.saturating_add(message.len()) <= PARKED_BYTES_MAX;
        if fits {
            parked.push_back(message);
        }
        fits
    }
}
