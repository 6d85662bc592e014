//! One conduit of a worker: a request, its answer, the next request.
//!
//! A worker that closes the conduit before the answer is whole has cancelled its requests.

use std::io;
use std::rc::Rc;

use tokio::net::UnixStream;
use varistor_http1::{Field, Framing, HttpMethod, Progress, RequestHead, write};
use varistor_model::ProtocolVersion;
use varistor_model::limits::BODY_BYTES_MAX;

use crate::bridge::Common;
use crate::conduit::{Arrival, End};
use crate::outbox::{Item, Outbox};
use crate::reply::{Content, Exchange, Reply, event, head};
use crate::server::From;

/// Room that is kept for the next answer.
const KEPT_BYTES: usize = 64 * 1024;

/// Serves until either side ends it.
pub(crate) async fn serve(common: Rc<Common>, Arrival { end, life }: Arrival) {
    let Ok(life) = UnixStream::from_std(life) else {
        return;
    };
    let closer = end.closer();
    let lives = tokio::task::spawn_local(async move {
        // Nothing is ever sent on it.
        let _ = life.readable().await;
        closer.close();
    });
    requests(&common, &end).await;
    lives.abort();
}

async fn requests(common: &Rc<Common>, stream: &End) {
    let mut buffer = Vec::new();
    let mut head = RequestHead::new();
    let mut out = Vec::new();
    // Whatever fails here concerns this connection only, and the worker knows.
    while let Ok(Some(bytes)) = read(stream, &mut buffer, &mut head).await {
        let reply = tokio::select! {
            reply = answer(common, &head, &buffer) => reply,
            () = stream.stirred() => return,
        };
        let sent = match reply {
            Reply::Now(status, body) => {
                self::head(&mut out, status, Content::Json(body.len()), None);
                out.extend_from_slice(&body);
                send(stream, &mut out).await
            }
            Reply::Answer(exchange) => exchanged(stream, exchange, &mut out).await,
            Reply::Stream(session, outbox) => {
                let told = told(stream, &outbox, &mut out).await;
                session.close(&outbox);
                told
            }
        };
        if sent.is_err() {
            return;
        }
        buffer.drain(..bytes.min(buffer.len()));
    }
}

/// Reads one request, body included; how long it is. `None`: there is none any more.
async fn read(
    stream: &End,
    buffer: &mut Vec<u8>,
    head: &mut RequestHead,
) -> io::Result<Option<usize>> {
    head.clear();
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    loop {
        if head.resume(buffer).map_err(|_| invalid())? == Progress::Complete {
            let body = match head.framing() {
                Framing::None => 0,
                Framing::Length(bytes) => usize::try_from(bytes).map_err(|_| invalid())?,
                // Workers know the length of what they send.
                Framing::Chunked => return Err(invalid()),
            };
            if body > BODY_BYTES_MAX {
                return Err(invalid());
            }
            let whole = head.bytes().saturating_add(body);
            while buffer.len() < whole {
                if stream.read(buffer).await == 0 {
                    return Ok(None);
                }
            }
            return Ok(Some(whole));
        }
        if stream.read(buffer).await == 0 {
            return Ok(None);
        }
    }
}

async fn answer(common: &Rc<Common>, head: &RequestHead, bytes: &[u8]) -> Reply {
    let target = core::str::from_utf8(head.target(bytes)).unwrap_or_default();
    let server = common.server(target.trim_start_matches('/'));
    let Some(server) = server else {
        return Reply::Now(404, Vec::new());
    };
    let session = head.field(bytes, Field::McpSessionId);
    let session = session.and_then(|id| core::str::from_utf8(id).ok());
    match head.method() {
        HttpMethod::Post => {
            let version = head.field(bytes, Field::McpProtocolVersion);
            let modern = version == Some(ProtocolVersion::V2026_07_28.name().as_bytes());
            let unknown = version.filter(|version| ProtocolVersion::named(version).is_none());
            let from = From {
                session,
                modern,
                unknown: unknown.and_then(|version| core::str::from_utf8(version).ok()),
            };
            let body = bytes.get(head.bytes()..).unwrap_or_default();
            match core::str::from_utf8(body) {
                Ok(body) => server.post(from, body).await,
                Err(_) => Reply::Now(400, Vec::new()),
            }
        }
        HttpMethod::Get => server.listen(session),
        HttpMethod::Delete => server.delete(session),
        HttpMethod::Options => Reply::Now(405, Vec::new()),
    }
}

/// The next item, unless the worker leaves before it comes.
async fn next(stream: &End, outbox: &Outbox) -> io::Result<Item> {
    if let Some(item) = outbox.take() {
        return Ok(item);
    }
    tokio::select! {
        item = outbox.next() => Ok(item),
        // Workers send the next request behind the answer to the last.
        () = stream.stirred() => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}

/// Sends what a child answers: a response that comes first by itself, else everything as events.
async fn exchanged(stream: &End, mut exchange: Exchange, out: &mut Vec<u8>) -> io::Result<()> {
    let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
    let mut item = next(stream, &exchange.outbox).await?;
    if let Item::Response(body, code) = &item
        && exchange.outbox.is_answered()
    {
        exchange.answered(*code);
        let content = Content::Json(body.len());
        head(out, exchange.status(*code), content, exchange.session());
        out.extend_from_slice(body);
        return send(stream, out).await;
    }
    head(out, 200, Content::Events, exchange.session());
    loop {
        let over = match item {
            Item::Event(message) => {
                event(out, &message);
                false
            }
            Item::Response(message, code) => {
                event(out, &message);
                exchange.answered(code);
                exchange.outbox.is_answered()
            }
            Item::End => true,
            // The worker knows what a connection means that ends in the middle.
            Item::Broken => return Err(broken()),
        };
        if over {
            write::last_chunk(out);
            return send(stream, out).await;
        }
        item = match exchange.outbox.take() {
            Some(item) => item,
            None => {
                send(stream, out).await?;
                next(stream, &exchange.outbox).await?
            }
        };
    }
}

/// Sends what a child says by itself, until that ends.
async fn told(stream: &End, outbox: &Outbox, out: &mut Vec<u8>) -> io::Result<()> {
    head(out, 200, Content::Events, None);
    // So that the head goes on to the client at once.
    write::chunk(out, b":\n\n");
    loop {
        match outbox.take() {
            Some(Item::Event(message) | Item::Response(message, _)) => event(out, &message),
            Some(Item::End | Item::Broken) => {
                write::last_chunk(out);
                return send(stream, out).await;
            }
            None => {
                send(stream, out).await?;
                match next(stream, outbox).await? {
                    Item::Event(message) | Item::Response(message, _) => event(out, &message),
                    Item::End | Item::Broken => outbox.end(),
                }
            }
        }
    }
}

async fn send(stream: &End, out: &mut Vec<u8>) -> io::Result<()> {
    let sent = stream.write(out).await;
    if out.capacity() > KEPT_BYTES {
        *out = Vec::new();
    }
    sent
}
