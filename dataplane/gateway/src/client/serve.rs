//! One request: judged by the pipeline, then relayed, answered on the spot, or refused.

use core::cell::RefCell;
use std::rc::Rc;

use varistor_model::{Denial, Reason, Stage};
use varistor_pipeline::order::{self, Notes, Turned};
use varistor_pipeline::outside::Client as _;
use varistor_pipeline::refusal::Telling;
use varistor_pipeline::stages::accept::is_together;

use super::awaited::{Patience, again, lack};
use super::held::{self, Wait};
use super::{Guest, Next, federate, relay, telling};
use crate::hub::Counters;
use crate::worker::{View, Worker};

/// Serves the request whose head the guest holds.
pub(crate) async fn request(worker: &Rc<Worker>, guest: &mut Guest) -> Next {
    // The federation itself asks single servers only.
    if !guest.is_inner() && is_together(worker.view().local.serving(), guest) {
        let next = federate::request(worker, guest).await;
        worker.heed();
        return next;
    }
    let next = match served(worker, guest).await {
        Served::Done(next) => next,
        // Judged anew from the beginning: what held while it waited may not hold any more.
        Served::Released => match served(worker, guest).await {
            Served::Done(next) => next,
            Served::Released => Next::Close,
        },
    };
    // Behind the answer: who is stopped reads why.
    worker.heed();
    next
}

/// How serving a request ended.
pub(super) enum Served {
    /// With an answer.
    Done(Next),
    /// It was held, its client waited, and somebody has released it.
    Released,
}

impl Served {
    /// What becomes of the connection, when nothing is tried again.
    pub(super) const fn next(self) -> Next {
        match self {
            Self::Done(next) => next,
            Self::Released => Next::Close,
        }
    }
}

async fn served(worker: &Rc<Worker>, guest: &mut Guest) -> Served {
    let mut view = worker.view();
    let mut notes = Notes::default();
    let mut head = worker.buffer();
    let desk: &RefCell<_> = &worker.desk;
    let mut patience = Patience::new(Rc::clone(&view.local));
    let judged = loop {
        let parts = (&mut *guest, &worker.seals);
        let judged = order::order(desk, &view.local, parts, &mut notes, &mut head).await;
        let Some(lack) = lack(&judged) else {
            break judged;
        };
        if !again(worker, guest, &mut patience, (lack, &mut notes)).await {
            break judged;
        }
        // What came meanwhile is recognised in the answer.
        view = worker.view();
        patience.goes_on_with(&view.local);
    };
    let next = match judged {
        Ok(forward) => {
            telling::tell(worker, &view, &notes, Some(forward.answering.record()));
            relay::relay(worker, &view, guest, (&notes, head), forward).await
        }
        Err(Turned::Denied(denial)) => {
            worker.give_back(head);
            return refuse(worker, &view, guest, &notes, denial).await;
        }
        Err(Turned::Local(answer)) => {
            worker.give_back(head);
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
    Served::Done(next)
}

/// Records a refusal and tells it; of a held call, when its client can't wait any longer.
pub(super) async fn refuse(
    worker: &Rc<Worker>,
    view: &View,
    guest: &mut Guest,
    notes: &Notes,
    mut denial: Denial,
) -> Served {
    let local = &view.local;
    Counters::count(&worker.hub.counters.denied);
    let pending = order::refused(&worker.desk, local, (&*guest, &worker.seals), notes, denial);
    let record = match pending {
        Some(pending) => pending.await.ok(),
        None => None,
    };
    telling::tell(worker, view, notes, record);
    if denial.reason == Reason::Held && !guest.is_streaming() {
        let held = (notes, denial, record);
        denial = match held::wait(worker, view, guest, held).await {
            Wait::Released => return Served::Released,
            Wait::Refused(denial) => denial,
            Wait::Gone => return Served::Done(Next::Close),
        };
    }
    let unread = guest.body().is_empty() && !guest.skip_buffered();
    let killed = denial.reason == Reason::Killed;
    let mut out = worker.buffer();
    let telling = Telling {
        serving: local.serving(),
        client: &*guest,
        notes,
        record,
        close: unread || killed,
    };
    telling.denial(denial, &mut out);
    if unread {
        guest.send_last(&mut out).await;
        return Served::Done(Next::Close);
    }
    Served::Done(match sent(guest, &mut out).await {
        Next::Again if killed => Next::Close,
        Next::Again if denial.stage() == Stage::Authenticate => Next::AgainUnlessTooMany,
        next => next,
    })
}

pub(super) async fn sent(guest: &mut Guest, out: &mut Vec<u8>) -> Next {
    match guest.send_response(out).await {
        Ok(()) => Next::Again,
        Err(_) => Next::Close,
    }
}
