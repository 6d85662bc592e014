//! The upstream's answer on its way to the client: read, judged, passed on.

mod content;

use std::rc::Rc;

use varistor_audit::Status;
use varistor_model::Reason;
use varistor_pipeline::answer::{Answering, Passed, Plan};
use varistor_pipeline::order::Notes;
use varistor_pipeline::outside::{Client as _, Ledger as _};
use varistor_pipeline::passage::Passage;
use varistor_pipeline::refusal::Telling;
use varistor_pipeline::stages::forward::Forward;

use self::content::Rest;
use super::{Guest, Next, events, serve};
use crate::hub::Counters;
use crate::upstream::{Connection, exchange};
use crate::worker::watch::is_gone;
use crate::worker::{View, Worker};

/// Sends the request on and brings the answer back. The result's record is in the ring before the
/// last byte of the answer leaves.
pub(super) async fn relay(
    worker: &Rc<Worker>,
    view: &View,
    guest: &mut Guest,
    (notes, head): (&Notes, Vec<u8>),
    mut forward: Forward,
) -> Next {
    let index = usize::try_from(forward.server).unwrap_or(usize::MAX);
    let Some(upstream) = view.published.upstreams.get(index) else {
        let ended = (&mut forward.answering, Reason::Internal, None);
        return fail(worker, guest, notes, ended).await;
    };
    let exchanged = exchange(worker, upstream, (&mut *guest, &head), &mut forward).await;
    // An answer may go on for hours.
    worker.give_back_wiped(head);
    let Forward {
        mut answering,
        passage,
        ..
    } = forward;
    let headed = exchanged.and_then(|connection| {
        upstream.bridged(connection.head.status())?;
        let plan = answering.head(&connection.head, &connection.buffer)?;
        Ok((connection, plan))
    });
    let (mut connection, plan) = match headed {
        Ok(headed) => headed,
        Err(reason) => {
            let ended = (&mut answering, reason, Some(passage));
            return fail(worker, guest, notes, ended).await;
        }
    };
    if plan == Plan::Events {
        let both = (connection, answering, passage);
        return events::relay(worker, guest, notes, both).await;
    }
    let answer_max = view.local.policy().runtime.answer_bytes_max.to_native();
    let read = content::read(worker, &mut connection, usize::try_from(answer_max).ok()).await;
    let mut out = worker.buffer();
    let answered = match &read {
        Ok(content) => answer(
            worker,
            guest,
            (&mut answering, plan),
            (&connection, content.bytes(&connection)),
            &mut out,
        ),
        Err(reason) => Err(*reason),
    };
    match answered {
        Err(reason) => {
            let ended = (&mut answering, reason, Some(passage));
            fail(worker, guest, notes, ended).await
        }
        Ok(()) => {
            judge(worker, &answering, passage);
            result(worker, &answering);
            if read.is_ok_and(|content| content.end(worker) == Rest::Reusable) {
                keep(worker, view, upstream.pool, connection);
            }
            let next = serve::sent(guest, &mut out).await;
            worker.give_back(out);
            next
        }
    }
}

/// Tells the server's breaker how it did.
fn judge(worker: &Worker, answering: &Answering, passage: Passage) {
    let now_ns = || worker.clock.mono_ns();
    match answering.is_server_failure() {
        true => passage.failed(now_ns()),
        false => passage.answered(now_ns),
    }
}

/// Writes head and content for the client into `out`.
fn answer(
    worker: &Worker,
    guest: &Guest,
    (answering, plan): (&mut Answering, Plan),
    (connection, body): (&Connection, &[u8]),
    out: &mut Vec<u8>,
) -> Result<(), Reason> {
    if matches!(plan, Plan::Empty | Plan::Withheld) || body.is_empty() {
        if answering.awaits_response() && plan == Plan::Json && !answering.is_finished() {
            return Err(Reason::UpstreamInvalid);
        }
        answering.write_head(guest, (Plan::Empty, Some(0)), None, out);
        return Ok(());
    }
    let mut changed = worker.buffer();
    let passed = {
        let desk = &mut *worker.desk.borrow_mut();
        answering.message(desk, (guest.body(), body), &mut changed)?
    };
    let passed = match passed {
        Passed::Same => body,
        Passed::Changed => changed.as_slice(),
        Passed::Dropped => return Err(Reason::UpstreamInvalid),
    };
    if answering.lacks_response() {
        return Err(Reason::UpstreamInvalid);
    }
    let head = connection.buffer.get(..connection.head.bytes());
    let from = (&connection.head, head.unwrap_or_default());
    let session = answering.session(from, || worker.nonce())?;
    answering.write_head(guest, (plan, Some(passed.len())), session.as_deref(), out);
    out.extend_from_slice(passed);
    worker.give_back(changed);
    Ok(())
}

fn keep(worker: &Worker, view: &View, pool: u64, mut connection: Box<Connection>) {
    let idle_ms = view.local.policy().runtime.upstream_idle_ms.to_native();
    let now_ns = worker.clock.mono_ns();
    connection.reused = true;
    connection.watched.work_for(None);
    connection.watched.rests();
    connection.watched.set_idle(true);
    connection
        .watched
        .until(now_ns.saturating_add(idle_ms.saturating_mul(1_000_000)));
    worker.pool.borrow_mut().keep(pool, connection);
}

/// Puts the result's record into the ring.
pub(super) fn result(worker: &Worker, answering: &Answering) {
    let now = worker.clock.now();
    worker
        .seals
        .post(&mut |line| answering.write_record(now, line));
}

/// Tells the client that the forwarded call has no answer that it may see.
pub(super) async fn fail(
    worker: &Worker,
    guest: &mut Guest,
    notes: &Notes,
    (answering, reason, passage): (&mut Answering, Reason, Option<Passage>),
) -> Next {
    Counters::count(&worker.hub.counters.failed);
    let cancelled = reason == Reason::UpstreamClosed && is_gone(guest.fd());
    // A client that left says nothing of the server: its place is given back, that is all.
    if let Some(passage) = passage.filter(|_| !cancelled) {
        passage.ended(reason, worker.clock.mono_ns());
    }
    answering.failed(match cancelled {
        true if guest.was_killed() => Status::Killed,
        true => Status::Cancelled,
        false => status_of(reason),
    });
    result(worker, answering);
    let mut out = worker.buffer();
    let serving = answering.local().serving();
    let record = Some(answering.record());
    let telling = Telling {
        serving,
        client: &*guest,
        notes,
        record,
        close: false,
    };
    telling.denial(reason.into(), &mut out);
    serve::sent(guest, &mut out).await
}

pub(super) const fn status_of(reason: Reason) -> Status {
    match reason {
        Reason::UpstreamTimeout => Status::Timeout,
        Reason::UpstreamUnresolved | Reason::UpstreamUnreachable | Reason::UpstreamTls => {
            Status::Unreachable
        }
        Reason::UpstreamClosed => Status::Broken,
        Reason::Killed | Reason::ToolKilled => Status::Killed,
        Reason::AnswerRefused | Reason::AnswerHeld | Reason::AnswerUnfit => Status::Withheld,
        Reason::Internal => Status::NotForwarded,
        _ => Status::Invalid,
    }
}
