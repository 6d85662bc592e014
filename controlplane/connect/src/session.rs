//! The session of a host that speaks a version which has them: remembered so well that it can be
//! opened anew when the server has lost it.

use std::cell::Cell;
use std::sync::Arc;

use bytes::Bytes;
use hyper::header::HeaderValue;
use serde::Deserialize;
use tokio::sync::{Mutex, watch};

use crate::message::Envelope;

/// Longest session id, in bytes; the gateway's are some hundreds.
const ID_BYTES_MAX: usize = 4096;

/// An open session.
#[derive(Debug)]
pub(crate) struct Opened {
    /// Counts openings, so that whoever meets a lost session knows whether it is replaced already.
    pub(crate) generation: u64,
    /// `Mcp-Session-Id`, where the server gave one.
    pub(crate) id: Option<HeaderValue>,
    /// The version that was agreed on.
    pub(crate) version: HeaderValue,
    /// The line that opened it.
    pub(crate) initialize: Bytes,
}

/// How far a session is.
#[derive(Clone, Debug)]
pub(crate) enum State {
    /// The host has not asked for one.
    None,
    /// The host has asked for one.
    Opening,
    /// It is there.
    Open(Arc<Opened>),
}

/// The host's session.
#[derive(Debug)]
pub(crate) struct Session {
    state: watch::Sender<State>,
    generations: Cell<u64>,
    /// The host has said `notifications/initialized`.
    is_initialized: Cell<bool>,
    /// It is being told to the server, and what follows has to wait.
    announcing: watch::Sender<bool>,
    /// One at a time opens a lost session anew.
    pub(crate) renewing: Mutex<()>,
}

#[derive(Deserialize)]
struct Agreed {
    #[serde(rename = "protocolVersion")]
    version: String,
}

impl Session {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            state: watch::Sender::new(State::None),
            generations: Cell::new(0),
            is_initialized: Cell::new(false),
            announcing: watch::Sender::new(false),
            renewing: Mutex::new(()),
        }
    }

    /// How far it is at this moment.
    pub(crate) fn now(&self) -> State {
        self.state.borrow().clone()
    }

    /// The session, once it is no longer being opened.
    pub(crate) async fn settled(&self) -> Option<Arc<Opened>> {
        let mut state = self.state.subscribe();
        loop {
            match &*state.borrow_and_update() {
                State::None => return None,
                State::Open(opened) => return Some(Arc::clone(opened)),
                State::Opening => {}
            }
            if state.changed().await.is_err() {
                return None;
            }
        }
    }

    /// Tells of every change.
    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// The host asks for a session; gives the one that it had.
    pub(crate) fn opening(&self) -> Option<Arc<Opened>> {
        self.is_initialized.set(false);
        match self.state.send_replace(State::Opening) {
            State::Open(opened) => Some(opened),
            State::None | State::Opening => None,
        }
    }

    /// It got none.
    pub(crate) fn failed(&self) {
        self.state.send_if_modified(|state| {
            let was_opening = matches!(state, State::Opening);
            if was_opening {
                *state = State::None;
            }
            was_opening
        });
    }

    /// It got one: the answer to `initialize`, and the session id of its head. `None` where the
    /// answer is an error.
    pub(crate) fn opened(
        &self,
        initialize: &Bytes,
        answer: &Envelope<'_>,
        id: Option<&HeaderValue>,
    ) -> Option<Arc<Opened>> {
        let opened = self.read(initialize, answer, id)?;
        self.state.send_replace(State::Open(Arc::clone(&opened)));
        Some(opened)
    }

    /// What an answer to `initialize` would open.
    pub(crate) fn read(
        &self,
        initialize: &Bytes,
        answer: &Envelope<'_>,
        id: Option<&HeaderValue>,
    ) -> Option<Arc<Opened>> {
        let agreed: Agreed = serde_json::from_str(answer.result?.get()).ok()?;
        let generation = self.generations.get().saturating_add(1);
        self.generations.set(generation);
        Some(Arc::new(Opened {
            generation,
            id: id.filter(|id| id.len() <= ID_BYTES_MAX).cloned(),
            version: HeaderValue::from_str(&agreed.version).ok()?,
            initialize: initialize.clone(),
        }))
    }

    /// Puts a session in the place of a lost one.
    pub(crate) fn renewed(&self, opened: Arc<Opened>) {
        self.state.send_replace(State::Open(opened));
    }

    /// The host says that it is ready: begins, or ends, to be told to the server.
    pub(crate) fn announcing(&self, begins: bool) {
        self.is_initialized.set(true);
        self.announcing.send_replace(begins);
    }

    /// Waits until the server knows that the host is ready.
    pub(crate) async fn announced(&self) {
        let mut announcing = self.announcing.subscribe();
        // The sender is ours, so it is there.
        let _known = announcing.wait_for(|announcing| !announcing).await;
    }

    /// Whether it has.
    pub(crate) fn is_initialized(&self) -> bool {
        self.is_initialized.get()
    }
}
