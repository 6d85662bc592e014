//! The upstream's answer on its way to the client: read, judged, passed on.

use std::rc::Rc;

use varistor_audit::Status;
use varistor_http1::{Chunked, ResponseFraming};
use varistor_model::Reason;
use varistor_model::limits::BODY_BYTES_MAX;
use varistor_pipeline::answer::{Answering, Passed, Plan};
use varistor_pipeline::order::Notes;
use varistor_pipeline::outside::{Client as _, Ledger as _};
use varistor_pipeline::refusal::Telling;
use varistor_pipeline::stages::forward::Forward;

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
    (notes, head): (&Notes, &[u8]),
    mut forward: Forward,
) -> Next {
    let index = usize::try_from(forward.server).unwrap_or(usize::MAX);
    let Some(upstream) = view.published.upstreams.get(index) else {
        return fail(
            worker,
            guest,
            notes,
            (&mut forward.answering, Reason::Internal),
        )
        .await;
    };
    let exchanged = exchange(worker, upstream, (&mut *guest, head), &mut forward).await;
    let mut answering = forward.answering;
    let mut connection = match exchanged {
        Ok(connection) => connection,
        Err(reason) => return fail(worker, guest, notes, (&mut answering, reason)).await,
    };
    let plan = match answering.head(&connection.head, &connection.buffer) {
        Ok(plan) => plan,
        Err(reason) => return fail(worker, guest, notes, (&mut answering, reason)).await,
    };
    if plan == Plan::Events {
        return events::relay(worker, guest, notes, (connection, answering)).await;
    }
    let answer_max = view.local.policy().runtime.answer_bytes_max.to_native();
    let mut body = worker.buffer();
    let read = read_body(&mut connection, &mut body, usize::try_from(answer_max).ok()).await;
    let mut out = worker.buffer();
    let answered = match read {
        Ok(_) => answer(
            worker,
            guest,
            (&mut answering, plan),
            (&connection, &mut body),
            &mut out,
        ),
        Err(reason) => Err(reason),
    };
    match answered {
        Err(reason) => fail(worker, guest, notes, (&mut answering, reason)).await,
        Ok(()) => {
            result(worker, &answering);
            if read == Ok(Rest::Reusable) {
                keep(worker, view, upstream.pool, connection);
            }
            let next = serve::sent(guest, &mut out).await;
            worker.give_back(body);
            worker.give_back(out);
            next
        }
    }
}

/// Writes head and content for the client into `out`.
fn answer(
    worker: &Worker,
    guest: &Guest,
    (answering, plan): (&mut Answering, Plan),
    (connection, body): (&Connection, &mut Vec<u8>),
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
    match passed {
        Passed::Same => {}
        Passed::Changed => core::mem::swap(body, &mut changed),
        Passed::Dropped => return Err(Reason::UpstreamInvalid),
    }
    let from = (&connection.head, connection.buffer.as_slice());
    let session = answering.session(from, || worker.nonce())?;
    answering.write_head(guest, (plan, Some(body.len())), session.as_deref(), out);
    out.extend_from_slice(body);
    worker.give_back(changed);
    Ok(())
}

/// Whether a connection can serve again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Reusable,
    Spent,
}

/// Reads the whole content into `body`. The head stays in the connection's buffer.
async fn read_body(
    connection: &mut Connection,
    body: &mut Vec<u8>,
    bytes_max: Option<usize>,
) -> Result<Rest, Reason> {
    let bytes_max = bytes_max.unwrap_or(usize::MAX).min(BODY_BYTES_MAX);
    let head = connection.head.bytes();
    let mut chunks = Chunked::of_response();
    let mut at = head;
    loop {
        let input = connection.buffer.get(at..).unwrap_or_default();
        let ended = match connection.head.framing() {
            ResponseFraming::None => true,
            ResponseFraming::Length(bytes) => {
                let wanted = usize::try_from(bytes).unwrap_or(usize::MAX);
                if wanted > bytes_max {
                    return Err(Reason::UpstreamTooLarge);
                }
                let missing = wanted.saturating_sub(body.len());
                let taken = input.get(..missing.min(input.len())).unwrap_or_default();
                body.extend_from_slice(taken);
                at = at.saturating_add(taken.len());
                body.len() == wanted
            }
            ResponseFraming::Chunked => {
                let piece = chunks.decode(input)?;
                body.extend_from_slice(input.get(piece.data.clone()).unwrap_or_default());
                at = at.saturating_add(piece.consumed);
                if !piece.end && piece.consumed > 0 {
                    continue;
                }
                piece.end
            }
            ResponseFraming::UntilClose => {
                body.extend_from_slice(input);
                at = connection.buffer.len();
                false
            }
        };
        if body.len() > bytes_max {
            return Err(Reason::UpstreamTooLarge);
        }
        if ended {
            let clean = at == connection.buffer.len() && connection.head.keep_alive();
            connection.buffer.truncate(head);
            return Ok(if clean { Rest::Reusable } else { Rest::Spent });
        }
        connection.buffer.truncate(head);
        at = head;
        if connection.read().await? == 0 {
            let whole = connection.head.framing() == ResponseFraming::UntilClose;
            return if whole {
                Ok(Rest::Spent)
            } else {
                Err(Reason::UpstreamClosed)
            };
        }
    }
}

fn keep(worker: &Worker, view: &View, pool: u64, mut connection: Connection) {
    let idle_ms = view.local.policy().runtime.upstream_idle_ms.to_native();
    let now_ns = worker.clock.mono_ns();
    connection.reused = true;
    connection.idle_since_ns = now_ns;
    connection.watched.work_for(None);
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
    (answering, reason): (&mut Answering, Reason),
) -> Next {
    Counters::count(&worker.hub.counters.failed);
    let cancelled = reason == Reason::UpstreamClosed && is_gone(guest.fd());
    answering.failed(if cancelled {
        Status::Cancelled
    } else {
        status_of(reason)
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
        Reason::AnswerRefused => Status::Withheld,
        Reason::Internal => Status::NotForwarded,
        _ => Status::Invalid,
    }
}
