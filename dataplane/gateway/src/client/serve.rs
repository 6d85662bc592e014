//! One request: judged by the pipeline, then relayed, answered on the spot, or refused.

use core::cell::RefCell;
use std::rc::Rc;

use varistor_model::{Denial, Stage};
use varistor_pipeline::order::{self, Notes, Turned};
use varistor_pipeline::outside::Client as _;
use varistor_pipeline::refusal::Telling;
use varistor_pipeline::serving::Local;

use super::{Guest, Next, relay};
use crate::hub::Counters;
use crate::worker::Worker;

/// Serves the request whose head the guest holds.
pub(crate) async fn request(worker: &Rc<Worker>, guest: &mut Guest) -> Next {
    let view = worker.view();
    let mut notes = Notes::default();
    let mut head = worker.buffer();
    let desk: &RefCell<_> = &worker.desk;
    let judged = order::order(
        desk,
        &view.local,
        (&mut *guest, &worker.seals),
        &mut notes,
        &mut head,
    )
    .await;
    let next = match judged {
        Ok(forward) => relay::relay(worker, &view, guest, (&notes, &head), forward).await,
        Err(Turned::Denied(denial)) => refuse(worker, &view.local, guest, &notes, denial).await,
        Err(Turned::Local(answer)) => {
            let mut out = worker.buffer();
            let serving = view.local.serving();
            let telling = Telling {
                serving,
                client: guest,
                notes: &notes,
                record: None,
                close: false,
            };
            telling.local(answer, &mut out);
            sent(guest, &mut out).await
        }
    };
    worker.give_back(head);
    next
}

/// Records a refusal and tells it.
async fn refuse(
    worker: &Rc<Worker>,
    local: &Rc<Local>,
    guest: &mut Guest,
    notes: &Notes,
    denial: Denial,
) -> Next {
    Counters::count(&worker.hub.counters.denied);
    let pending = order::refused(&worker.desk, local, (&*guest, &worker.seals), notes, denial);
    let record = match pending {
        Some(pending) => pending.await.ok(),
        None => None,
    };
    let unread = guest.body().is_empty() && !guest.skip_buffered();
    let mut out = worker.buffer();
    let telling = Telling {
        serving: local.serving(),
        client: &*guest,
        notes,
        record,
        close: unread,
    };
    telling.denial(denial, &mut out);
    if unread {
        guest.send_last(&mut out).await;
        return Next::Close;
    }
    match sent(guest, &mut out).await {
        Next::Again if denial.stage() == Stage::Authenticate => Next::AgainUnlessTooMany,
        next => next,
    }
}

pub(super) async fn sent(guest: &mut Guest, out: &mut Vec<u8>) -> Next {
    match guest.send(out).await {
        Ok(()) => Next::Again,
        Err(_) => Next::Close,
    }
}
