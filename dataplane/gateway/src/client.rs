//! One client connection: requests one after the other, each judged, relayed or refused.

mod awaited;
mod events;
mod federate;
mod guest;
mod held;
mod overload;
mod relay;
mod serve;
mod telling;

use std::rc::Rc;
use std::sync::atomic::Ordering;

use varistor_model::limits::AUTH_FAILURES_MAX;
use varistor_pipeline::outside::Client as _;
use varistor_pipeline::refusal;

use crate::hub::Counters;
use crate::worker::Worker;

pub(crate) use guest::Guest;
use guest::HeadRead;

/// What becomes of a client connection after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another request may come.
    Again,
    /// Another may come, unless too many in a row had no valid token.
    AgainUnlessTooMany,
    /// It is over.
    Close,
}

/// Serves a connection to its end.
pub(crate) async fn serve(worker: Rc<Worker>, mut guest: Guest) {
    let mut failures = 0_u32;
    while !worker.hub.is_draining() {
        match guest.read_head().await {
            HeadRead::Complete => {}
            HeadRead::Closed => break,
            HeadRead::Refused(reason) => {
                let mut answer = Vec::new();
                refusal::bare(reason, &mut answer);
                Counters::count(&worker.hub.counters.denied);
                guest.send_last(&mut answer).await;
                break;
            }
        }
        // What the federation asks belongs to a request that was counted, and let in.
        let inner = guest.is_inner();
        let asked = u64::from(!inner);
        worker
            .hub
            .counters
            .requests
            .fetch_add(asked, Ordering::Relaxed);
        let next = match !inner && worker.sheds(guest.now().mono_ns) {
            true => overload::refuse(&worker, &mut guest).await,
            false => serve::request(&worker, &mut guest).await,
        };
        match next {
            Next::Close => break,
            Next::Again => failures = 0,
            Next::AgainUnlessTooMany => failures = failures.saturating_add(1),
        }
        if failures >= AUTH_FAILURES_MAX || !guest.finish_request() {
            break;
        }
    }
}
