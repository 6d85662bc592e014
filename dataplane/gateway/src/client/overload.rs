//! The refusal of a request that nobody looked at, because the worker can't keep up.
//!
//! The connection is then left alone for about as long as the client was asked to wait. A client
//! that keeps to that loses little; one that does not would have the worker busy with refusals. A
//! crowd that was refused at once does not come back at once: some are left alone for a quarter
//! less, some for a quarter more.

use std::sync::atomic::Ordering;
use std::time::Duration;

use varistor_model::Reason;
use varistor_model::limits::SHED_PAUSE_MS;
use varistor_pipeline::refusal;

use super::{Guest, Next, serve};
use crate::hub::Counters;
use crate::worker::Worker;

/// Refuses the request whose head the guest holds.
pub(super) async fn refuse(worker: &Worker, guest: &mut Guest) -> Next {
    Counters::count(&worker.hub.counters.denied);
    Counters::count(&worker.hub.counters.shed);
    // A body that is still on its way is not waited for.
    let close = !guest.skip_buffered();
    let mut out = worker.buffer();
    refusal::unread(Reason::Overloaded, close, &mut out);
    if close {
        guest.send_last(&mut out).await;
        return Next::Close;
    }
    let next = serve::sent(guest, &mut out).await;
    worker.give_back(out);
    monoio::time::sleep(pause(worker.hub.counters.shed.load(Ordering::Relaxed))).await;
    next
}

/// For how long the connection of the refusal with this number is left alone.
const fn pause(number: u64) -> Duration {
    let spread_ms = SHED_PAUSE_MS / 2;
    // By its number, so that neighbours come far apart.
    let part_ms = number.wrapping_mul(211) % spread_ms;
    Duration::from_millis(SHED_PAUSE_MS - spread_ms / 2 + part_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_comes_back_little_by_little() {
        let mut all: Vec<_> = (0..500).map(|number| pause(number).as_millis()).collect();
        all.sort_unstable();
        assert_eq!((all[0], all[499]), (750, 1_249));
        assert!(all.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{all:?}");
    }
}
