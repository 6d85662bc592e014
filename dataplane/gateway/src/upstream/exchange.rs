//! One request to an upstream, until the head of its answer is there.
//!
//! A request is sent again only when a pooled connection turned out to be closed before a byte of
//! an answer came, and never when it is a `tools/call`: that may have run.

use varistor_model::Reason;
use varistor_pipeline::stages::forward::{Forward, Payload};

use super::{Connection, Upstream};
use crate::client::Guest;
use crate::worker::Worker;
use crate::worker::watch::Fate;

/// Longest wait for the head of a stream that says what happens on the server, when it happens.
const ENDLESS_MS: u64 = 3_600_000;
/// Bodies up to this size go out in one write with the head.
const JOINED_BYTES_MAX: usize = 64 * 1024;

/// Sends the request and reads the answer's head.
pub(crate) async fn exchange(
    worker: &Worker,
    upstream: &Upstream,
    (guest, head): (&mut Guest, &[u8]),
    forward: &mut Forward,
) -> Result<Box<Connection>, Reason> {
    let connect_ms = forward
        .answering
        .local()
        .policy()
        .runtime
        .connect_ms
        .to_native();
    let pooled = worker.pool.borrow_mut().take(upstream.pool);
    if let Some(connection) = pooled {
        match attempt(worker, connection, (guest, head), forward).await {
            Err((_, true)) if forward.answering.may_be_sent_again() => {}
            other => return other.map_err(|(reason, _)| reason),
        }
    }
    let connection = Connection::open(worker, upstream, connect_ms).await?;
    attempt(worker, connection, (guest, head), forward)
        .await
        .map_err(|(reason, _)| reason)
}

async fn attempt(
    worker: &Worker,
    mut connection: Box<Connection>,
    (guest, head): (&mut Guest, &[u8]),
    forward: &mut Forward,
) -> Result<Box<Connection>, (Reason, bool)> {
    // A server may keep the head of an endless stream back until it has something to say.
    let wait_ms = match forward.answering.is_endless() {
        true => ENDLESS_MS,
        false => forward.answering.first_byte_ms(),
    };
    let wait_ns = wait_ms.saturating_mul(1_000_000);
    connection
        .watched
        .until(worker.clock.mono_ns().saturating_add(wait_ns));
    let client = forward.answering.ends_with_client().then(|| guest.fd());
    connection.watched.work_for(client);
    connection.watched.works_at(&forward.target);
    // The operator may have pulled the switch while the call waited for the log or a connection.
    let stopped = worker.hub.kill.target(&forward.target);
    stopped.map_err(|reason| (reason, false))?;
    connection.buffer.clear();
    connection.watched.set_sending(true);
    let sent = send(&mut connection, guest, head, &mut forward.body).await;
    connection.watched.set_sending(false);
    if sent.is_err() {
        return Err(match connection.watched.fate() {
            Fate::Alive => (Reason::UpstreamClosed, connection.reused),
            Fate::Expired => (Reason::UpstreamTimeout, false),
            Fate::Killed => (Reason::Killed, false),
            Fate::Drained | Fate::Abandoned => (Reason::UpstreamClosed, false),
        });
    }
    connection.read_head().await?;
    Ok(connection)
}

async fn send(
    connection: &mut Connection,
    guest: &mut Guest,
    head: &[u8],
    body: &mut Payload,
) -> std::io::Result<()> {
    let mut out = core::mem::take(&mut connection.buffer);
    // Room for all of it: what grows leaves a copy of the credential behind.
    let more = match body {
        Payload::Changed(body) => body.len(),
        Payload::Untouched if guest.body_bytes() <= JOINED_BYTES_MAX => guest.body_bytes(),
        Payload::Untouched | Payload::None => 0,
    };
    out.reserve(head.len().saturating_add(more));
    out.extend_from_slice(head);
    let result = match body {
        Payload::None => connection.stream.write(&mut out).await,
        Payload::Changed(body) => {
            out.extend_from_slice(body);
            connection.stream.write(&mut out).await
        }
        Payload::Untouched if guest.body_bytes() <= JOINED_BYTES_MAX => {
            out.extend_from_slice(guest.body_slice());
            connection.stream.write(&mut out).await
        }
        Payload::Untouched => match connection.stream.write(&mut out).await {
            Ok(()) => guest.send_body(&mut connection.stream).await,
            Err(error) => Err(error),
        },
    };
    // Nothing of the credential stays behind, whatever comes back.
    out.clear();
    out.resize(head.len(), 0);
    out.clear();
    connection.buffer = out;
    result
}
