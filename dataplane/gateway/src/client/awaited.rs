//! A request for which something is on its way: the key that its token names, which the provider
//! may only just have begun to use, or its server's first access token, or the one that its own
//! is exchanged for. It waits a bounded time
//! until the control thread has looked.

use std::rc::Rc;
use std::time::Duration;

use varistor_model::Reason;
use varistor_model::limits::{KEY_WAIT_MS, TOKEN_WAIT_MS, WAITS_MAX};
use varistor_pipeline::order::{Notes, Turned};
use varistor_pipeline::serving::Local;

use super::Guest;
use crate::worker::Worker;
use crate::worker::watch::is_gone;

/// How often it is seen whether a look has ended.
const LOOK: Duration = Duration::from_millis(10);

/// The time that one request has in all.
pub(super) struct Patience {
    local: Rc<Local>,
    ends_ns: Option<u64>,
}

/// What a request was turned away for want of.
#[derive(Clone, Copy)]
pub(super) enum Lack {
    Key,
    Token,
}

impl Patience {
    pub(super) const fn new(local: Rc<Local>) -> Self {
        Self {
            local,
            ends_ns: None,
        }
    }

    /// Goes on with another view of the policy.
    pub(super) fn goes_on_with(&mut self, local: &Rc<Local>) {
        self.local = Rc::clone(local);
    }

    fn ends_ns(&mut self, now_ns: u64, wait_ms: u64) -> u64 {
        let wait_ns = wait_ms.saturating_mul(1_000_000);
        let ends_ns = self.ends_ns;
        let ends_ns = ends_ns.unwrap_or_else(|| now_ns.saturating_add(wait_ns));
        self.ends_ns = Some(ends_ns);
        ends_ns
    }
}

/// What the request was turned away for want of, if it was.
#[inline]
pub(super) fn lack<T>(judged: &Result<T, Turned>) -> Option<Lack> {
    match judged {
        Err(Turned::Denied(denial)) => match denial.reason {
            Reason::KeyUnknown => Some(Lack::Key),
            Reason::UpstreamToken => Some(Lack::Token),
            _ => None,
        },
        _ => None,
    }
}

/// Whether such a request is to be judged again: what it lacked may be there by now.
pub(super) async fn again(
    worker: &Rc<Worker>,
    guest: &mut Guest,
    patience: &mut Patience,
    (lack, notes): (Lack, &mut Notes),
) -> bool {
    let count = worker.waits.get();
    if count >= WAITS_MAX {
        return false;
    }
    worker.waits.set(count.saturating_add(1));
    let has_come = match lack {
        Lack::Key => key(worker, guest, patience, notes).await,
        Lack::Token => token(worker, guest, patience, notes).await,
    };
    let count = worker.waits.get();
    worker.waits.set(count.saturating_sub(1));
    if has_come {
        *notes = Notes::default();
        // What is judged now is judged by the time that it is now.
        guest.now = worker.clock.now();
    }
    has_come
}

/// Waits until keys were looked at.
async fn key(worker: &Worker, guest: &Guest, patience: &mut Patience, notes: &Notes) -> bool {
    let seeking = &worker.hub.seeking;
    // Before the wish: a look that ends right behind it counts.
    let before = seeking.rounds();
    let now_ns = worker.clock.mono_ns();
    let wished = notes.awaited().is_some_and(|key| seeking.wish(key, now_ns));
    wished && {
        let ends_ns = patience.ends_ns(now_ns, KEY_WAIT_MS);
        until(worker, guest, ends_ns, || seeking.rounds() != before).await
    }
}

/// Waits until the server's first access token was asked for.
async fn token(worker: &Worker, guest: &Guest, patience: &mut Patience, notes: &Notes) -> bool {
    let Some(bearer) = notes.awaited_token(&patience.local) else {
        return false;
    };
    worker.hub.wanted.notify_one();
    let ends_ns = patience.ends_ns(worker.clock.mono_ns(), TOKEN_WAIT_MS);
    until(worker, guest, ends_ns, || !bearer.is_awaited()).await
}

/// Waits until this holds; false when the time is over, or nobody waits any more.
async fn until(worker: &Worker, guest: &Guest, ends_ns: u64, holds: impl Fn() -> bool) -> bool {
    while !holds() {
        let is_over = worker.clock.mono_ns() >= ends_ns || worker.hub.is_draining();
        if is_over || is_gone(guest.fd()) {
            return false;
        }
        monoio::time::sleep(LOOK).await;
    }
    true
}
