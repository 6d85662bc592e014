//! One request for all servers as one: checked, handed to the federation, its answer brought back
//! as it comes.
//!
//! What the federation answers was judged where the worker serves it (`worker/inner.rs`): each part
//! of it is the answer of a request of its own.

use std::rc::Rc;

use varistor_http1::{Chunked, ResponseFraming, write};
use varistor_model::Reason;
use varistor_pipeline::order::{Notes, Turned};
use varistor_pipeline::refusal::Telling;
use varistor_pipeline::together::{Together, together, write_answer_head};

use super::awaited::{Patience, again, lack};
use super::serve::{refuse, sent};
use super::{Guest, Next};
use crate::upstream::{Connection, Upstream};
use crate::worker::{View, Worker};

/// Serves the request whose head the guest holds.
pub(super) async fn request(worker: &Rc<Worker>, guest: &mut Guest) -> Next {
    let view = worker.view();
    let mut notes = Notes::default();
    let mut patience = Patience::new(Rc::clone(&view.local));
    let judged = loop {
        let judged = together(&worker.desk, &view.local, &mut *guest, &mut notes).await;
        let Some(lack) = lack(&judged) else {
            break judged;
        };
        if !again(worker, guest, &mut patience, (lack, &mut notes)).await {
            break judged;
        }
    };
    let reason = match judged {
        Ok(together) => match relay(worker, &view, guest, &together).await {
            Ok(next) => return next,
            Err(reason) => reason.into(),
        },
        Err(Turned::Denied(denial)) => denial,
        Err(Turned::Local(answer)) => {
            let mut out = worker.buffer();
            let telling = Telling {
                serving: view.local.serving(),
                client: &*guest,
                notes: &notes,
                record: None,
                close: false,
            };
            telling.local(answer, &mut out);
            return sent(guest, &mut out).await;
        }
    };
    refuse(worker, &view, guest, &notes, reason).await.next()
}

/// Sends the request on and the answer back. An error says that no byte of an answer was sent.
async fn relay(
    worker: &Rc<Worker>,
    view: &View,
    guest: &mut Guest,
    together: &Together,
) -> Result<Next, Reason> {
    let upstream = worker.hub.federation().ok_or(Reason::Internal)?;
    let mut connection = connect(worker, upstream).await?;
    // A client that goes away is noticed there: what that means depends on its era. What needs no
    // answer gets there all the same.
    let fd = together.awaits_answer().then(|| guest.fd());
    connection.watched.work_for(fd);
    let mut out = core::mem::take(&mut connection.buffer);
    out.clear();
    together.write_head(&view.local, &*guest, &mut out);
    out.extend_from_slice(guest.body_slice());
    connection.watched.set_sending(true);
    let written = connection.stream.write(&mut out).await;
    connection.watched.set_sending(false);
    connection.buffer = out;
    written.map_err(|_| Reason::Internal)?;
    let idle = together.is_endless();
    if idle {
        let warrant = together.warrant();
        connection.watched.last(worker.clock.now(), warrant.clone());
        // What changed while it was not watched.
        warrant.check(&worker.view().local, &worker.hub.seeking.rings)?;
        // The federation ends it: answers of calls in flight come on it.
        connection.watched.set_idle(!together.is_on_stream());
    }
    connection
        .read_head()
        .await
        .map_err(|(reason, _)| match reason {
            Reason::Killed => Reason::Killed,
            _ => Reason::Internal,
        })?;
    let mut out = worker.buffer();
    let length = match connection.head.framing() {
        ResponseFraming::Length(bytes) => Some(bytes),
        ResponseFraming::None => Some(0),
        ResponseFraming::Chunked | ResponseFraming::UntilClose => None,
    };
    let head = (&connection.head, connection.buffer.as_slice());
    write_answer_head(&*guest, head, length, &mut out)?;
    if idle {
        guest.rest();
        connection.rest();
    }
    let passed = pass(guest, &mut connection, length, &mut out).await;
    worker.give_back(out);
    if passed.is_err() {
        return Ok(Next::Close);
    }
    if !idle {
        keep(worker, view, upstream.pool, connection);
    }
    Ok(Next::Again)
}

async fn connect(worker: &Worker, upstream: &Upstream) -> Result<Box<Connection>, Reason> {
    if let Some(connection) = worker.pool.borrow_mut().take(upstream.pool) {
        return Ok(connection);
    }
    let opened = Connection::open(worker, upstream, 0).await;
    opened.map_err(|_| Reason::Internal)
}

/// Passes the content on as it comes. An error: one of both sides is gone.
async fn pass(
    guest: &mut Guest,
    connection: &mut Connection,
    length: Option<u64>,
    out: &mut Vec<u8>,
) -> Result<(), ()> {
    let head = connection.head.bytes();
    let mut left = length;
    let mut chunks = Chunked::of_response();
    loop {
        let input = connection.buffer.get(head..).unwrap_or_default();
        let ended = match &mut left {
            Some(left) => {
                let bytes = usize::try_from(*left)
                    .unwrap_or(usize::MAX)
                    .min(input.len());
                out.extend_from_slice(input.get(..bytes).unwrap_or_default());
                *left = left.saturating_sub(bytes as u64);
                *left == 0
            }
            None => decode(&mut chunks, input, out)?,
        };
        connection.buffer.truncate(head);
        if !out.is_empty() {
            guest.send(out).await.map_err(|_| ())?;
        }
        if ended {
            return Ok(());
        }
        connection.rest_again();
        match connection.read().await {
            Ok(count) if count > 0 => {}
            Ok(_) | Err(_) => return Err(()),
        }
    }
}

/// Takes chunks apart and puts their data into chunks for the client; whether it was the last one.
fn decode(chunks: &mut Chunked, input: &[u8], out: &mut Vec<u8>) -> Result<bool, ()> {
    let mut rest = input;
    loop {
        let piece = chunks.decode(rest).map_err(|_| ())?;
        write::chunk(out, rest.get(piece.data.clone()).unwrap_or_default());
        rest = rest.get(piece.consumed..).unwrap_or_default();
        if piece.end {
            write::last_chunk(out);
            return Ok(true);
        }
        if piece.consumed == 0 {
            return Ok(false);
        }
    }
}

fn keep(worker: &Worker, view: &View, pool: u64, mut connection: Box<Connection>) {
    let idle_ms = view.local.policy().runtime.upstream_idle_ms.to_native();
    let idle_ns = idle_ms.saturating_mul(1_000_000);
    connection.reused = true;
    connection.buffer.clear();
    connection.watched.work_for(None);
    connection.watched.set_idle(true);
    let now_ns = worker.clock.mono_ns();
    connection.watched.until(now_ns.saturating_add(idle_ns));
    worker.pool.borrow_mut().keep(pool, connection);
}
