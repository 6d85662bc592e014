//! The content of an answer that is one message: where it lies once it has been read whole.
//!
//! Refused: content that is longer than permitted, or that ends too early.

use varistor_http1::{Chunked, ResponseFraming};
use varistor_model::Reason;
use varistor_model::limits::BODY_BYTES_MAX;

use crate::upstream::Connection;
use crate::worker::Worker;

/// Content that was read to its end.
pub(super) enum Content {
    /// It came with the head, and lies behind it in the connection's buffer, to its end.
    InPlace,
    /// It was put together.
    Gathered(Vec<u8>, Rest),
}

impl Content {
    pub(super) fn bytes<'c>(&'c self, connection: &'c Connection) -> &'c [u8] {
        match self {
            Self::InPlace => {
                let content = connection.buffer.get(connection.head.bytes()..);
                content.unwrap_or_default()
            }
            Self::Gathered(bytes, _) => bytes,
        }
    }

    /// Lets go of it.
    pub(super) fn end(self, worker: &Worker) -> Rest {
        match self {
            Self::InPlace => Rest::Reusable,
            Self::Gathered(bytes, rest) => {
                worker.give_back(bytes);
                rest
            }
        }
    }
}

/// Whether a connection can serve again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Reusable,
    Spent,
}

/// Reads the whole content. The head stays in the connection's buffer.
pub(super) async fn read(
    worker: &Worker,
    connection: &mut Connection,
    bytes_max: Option<usize>,
) -> Result<Content, Reason> {
    let bytes_max = bytes_max.unwrap_or(usize::MAX).min(BODY_BYTES_MAX);
    if is_whole(connection, bytes_max) {
        return Ok(Content::InPlace);
    }
    let mut bytes = worker.buffer();
    let rest = gather(connection, &mut bytes, bytes_max).await?;
    Ok(Content::Gathered(bytes, rest))
}

/// Whether head and content came together, with nothing behind them, and more may follow later.
fn is_whole(connection: &Connection, bytes_max: usize) -> bool {
    let head = &connection.head;
    let content = connection.buffer.len().saturating_sub(head.bytes());
    head.framing() == ResponseFraming::Length(content as u64)
        && content <= bytes_max
        && head.keep_alive()
}

/// Reads the whole content into `body`. The head stays in the connection's buffer.
async fn gather(
    connection: &mut Connection,
    body: &mut Vec<u8>,
    bytes_max: usize,
) -> Result<Rest, Reason> {
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
