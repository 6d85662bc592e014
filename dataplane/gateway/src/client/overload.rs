//! The refusal of a request that nobody looked at, because the worker can't keep up.
//!
//! The connection is then left alone for as long as the client was asked to wait. A client that
//! keeps to that loses nothing; one that does not would have the worker busy with refusals.

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
    monoio::time::sleep(Duration::from_millis(SHED_PAUSE_MS)).await;
    next
}
