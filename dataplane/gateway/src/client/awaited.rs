//! A request whose token names a key that its provider may only just have begun to use: it waits
//! a bounded time until the control thread has looked.

use std::rc::Rc;
use std::time::Duration;

use varistor_model::Reason;
use varistor_model::limits::{KEY_WAIT_MS, KEY_WAITS_MAX};
use varistor_pipeline::order::{Notes, Turned};

use super::Guest;
use crate::worker::Worker;
use crate::worker::watch::is_gone;

/// How often it is seen whether a look has ended.
const LOOK: Duration = Duration::from_millis(10);

/// The time that one request has in all.
#[derive(Default)]
pub(super) struct Patience {
    ends_ns: Option<u64>,
}

/// Whether the request was turned away for want of a key only.
#[inline]
pub(super) fn lacks_key<T>(judged: &Result<T, Turned>) -> bool {
    matches!(judged, Err(Turned::Denied(denial)) if denial.reason == Reason::KeyUnknown)
}

/// Whether such a request is to be judged again: the keys may be others by now.
pub(super) async fn again(
    worker: &Rc<Worker>,
    guest: &mut Guest,
    patience: &mut Patience,
    notes: &mut Notes,
) -> bool {
    let seeking = &worker.hub.seeking;
    // Before the wish: a look that ends right behind it counts.
    let before = seeking.rounds();
    let now_ns = worker.clock.mono_ns();
    let wished = notes.awaited().is_some_and(|key| seeking.wish(key, now_ns));
    let count = worker.waits_for_keys.get();
    if !wished || count >= KEY_WAITS_MAX {
        return false;
    }
    let wait_ns = KEY_WAIT_MS.saturating_mul(1_000_000);
    let ends_ns = *patience
        .ends_ns
        .get_or_insert(now_ns.saturating_add(wait_ns));
    worker.waits_for_keys.set(count.saturating_add(1));
    let has_ended = looked(worker, guest, (before, ends_ns)).await;
    let count = worker.waits_for_keys.get();
    worker.waits_for_keys.set(count.saturating_sub(1));
    if has_ended {
        *notes = Notes::default();
        // What is judged now is judged by the time that it is now.
        guest.now = worker.clock.now();
    }
    has_ended
}

/// Waits until a look has ended; false when the time is over, or nobody waits any more.
async fn looked(worker: &Worker, guest: &Guest, (before, ends_ns): (u64, u64)) -> bool {
    while worker.hub.seeking.rounds() == before {
        let is_over = worker.clock.mono_ns() >= ends_ns || worker.hub.is_draining();
        if is_over || is_gone(guest.fd()) {
            return false;
        }
        monoio::time::sleep(LOOK).await;
    }
    true
}
