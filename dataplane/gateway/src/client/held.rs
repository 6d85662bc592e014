//! A held call whose client can wait: an event stream of comments keeps it there until somebody
//! decides, for as long as policy says.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use varistor_http1::{Field, sse, write};
use varistor_model::{Denial, Reason};
use varistor_pipeline::holds::{Answer, Waiting};
use varistor_pipeline::order::Notes;
use varistor_pipeline::outside::Client as _;
use varistor_pipeline::refusal::Telling;

use super::Guest;
use crate::worker::watch::is_gone;
use crate::worker::{View, Worker};

/// How often it is looked whether client and gateway are still there.
const LOOK: Duration = Duration::from_secs(1);
/// Looks from one comment to the next: proxies cut what is silent for half a minute.
const COMMENT_EVERY: u32 = 5;

/// How the wait ended.
pub(super) enum Wait {
    /// Somebody approved, or another policy serves: the call comes again.
    Released,
    /// Nobody waits, or not long enough: the refusal to tell.
    Refused(Denial),
    /// The client went away.
    Gone,
}

/// Waits for a decision about the call.
pub(super) async fn wait(
    worker: &Rc<Worker>,
    view: &View,
    guest: &mut Guest,
    (notes, denial, record): (&Notes, Denial, Option<u64>),
) -> Wait {
    let wait_ms = view.local.policy().approvals.wait_ms.to_native();
    let waits = notes.waits().filter(|waits| !waits.asks);
    let Some(waits) = waits.filter(|_| wait_ms > 0 && can_wait(guest)) else {
        return Wait::Refused(denial);
    };
    let mut head = worker.buffer();
    let telling = Telling {
        serving: view.local.serving(),
        client: &*guest,
        notes,
        record,
        close: false,
    };
    telling.stream_head(&mut head);
    if open(guest, &mut head).await.is_err() {
        return Wait::Gone;
    }
    worker.give_back(head);
    let ends_ns = worker
        .clock
        .mono_ns()
        .saturating_add(wait_ms.saturating_mul(1_000_000));
    let mut waiting = worker.hub.holds.waiting(waits.id);
    let mut looks = 0_u32;
    loop {
        let left_ns = ends_ns.saturating_sub(worker.clock.mono_ns());
        if let Some(answer) = decided(&mut waiting, LOOK.min(Duration::from_nanos(left_ns))).await {
            return match answer {
                Answer::Approved => Wait::Released,
                Answer::Denied => Wait::Refused(Reason::ApprovalDenied.into()),
                // Its decision was the former policy's. That it waited counts for nothing.
                Answer::Ended if has_changed(worker, view) => Wait::Released,
                Answer::Ended => Wait::Refused(Reason::ApprovalExpired.into()),
            };
        }
        worker.clock.renew();
        if worker.clock.mono_ns() >= ends_ns || worker.hub.is_draining() {
            return Wait::Refused(denial);
        }
        looks = looks.saturating_add(1);
        let silent = looks.is_multiple_of(COMMENT_EVERY);
        if is_gone(guest.fd()) || (silent && comment(guest).await.is_err()) {
            return Wait::Gone;
        }
    }
}

/// What was decided, if it was within this time.
async fn decided(waiting: &mut Waiting, time: Duration) -> Option<Answer> {
    monoio::time::timeout(time, waiting).await.ok()
}

/// Whether another policy serves than the one that held the call.
fn has_changed(worker: &Worker, view: &View) -> bool {
    !Arc::ptr_eq(&worker.view().published, &view.published)
}

/// Whether the client takes an event stream in answer to one request.
fn can_wait(guest: &Guest) -> bool {
    let (head, bytes) = guest.head();
    let mut values = head.values(bytes, Field::Accept);
    let takes = values.any(|value| {
        value
            .to_ascii_lowercase()
            .windows(b"text/event-stream".len())
            .any(|part| part == b"text/event-stream")
    });
    // A batch is answered as a whole.
    takes && guest.body().trim_ascii_start().first() == Some(&b'{')
}

async fn open(guest: &mut Guest, head: &mut Vec<u8>) -> std::io::Result<()> {
    guest.send(head).await?;
    guest.set_streaming();
    comment(guest).await
}

async fn comment(guest: &mut Guest) -> std::io::Result<()> {
    let comment = sse::Event {
        comment: Some(b"waiting for a human's approval"),
        ..sse::Event::default()
    };
    let mut event = Vec::with_capacity(64);
    sse::encode(&comment, &mut event).map_err(|_| std::io::ErrorKind::InvalidInput)?;
    let mut out = Vec::with_capacity(128);
    write::chunk(&mut out, &event);
    guest.send(&mut out).await
}

/// A whole HTTP response of ours as the last event of an open stream.
pub(super) fn last_event(answer: &mut Vec<u8>) {
    let content = answer
        .windows(4)
        .position(|part| part == b"\r\n\r\n")
        .and_then(|at| answer.get(at.saturating_add(4)..))
        .unwrap_or_default();
    let mut event = Vec::with_capacity(content.len().saturating_add(64));
    if !content.is_empty() {
        let message = sse::Event {
            data: Some(content),
            ..sse::Event::default()
        };
        // JSON is text without carriage returns outside of strings, which escape them.
        let _ = sse::encode(&message, &mut event);
    }
    answer.clear();
    write::chunk(answer, &event);
    write::last_chunk(answer);
}
