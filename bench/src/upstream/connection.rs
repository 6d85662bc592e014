//! One client's connection to the mock server.

use std::io;
use std::time::Duration;

use monoio::io::AsyncWriteRentExt;
use monoio::net::TcpStream;

use super::Upstream;
use super::answer::{Message, WRONG_ID, write_empty};
use super::faults::Fault;
use crate::wire::{Head, Inbox, Method};

/// The pace of [`Fault::Slow`].
const SLOW: Duration = Duration::from_secs(1);

/// What happens after an answer.
#[derive(PartialEq, Eq)]
enum Next {
    Go,
    Close,
}

/// Answers requests until the client or a fault ends it.
pub(super) async fn serve(mut stream: TcpStream, upstream: &Upstream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut inbox, mut body, mut out) = (Inbox::default(), Vec::new(), Vec::new());
    loop {
        let head = loop {
            if let Some(head) = Head::of_request(inbox.bytes())? {
                break head;
            }
            if inbox.receive(&mut stream).await? == 0 {
                return Ok(());
            }
        };
        inbox.discard(head.bytes);
        body.clear();
        let mut framing = head.body;
        loop {
            let used = framing.read(inbox.bytes(), &mut body)?;
            inbox.discard(used);
            if framing.has_ended() {
                break;
            }
            if inbox.receive(&mut stream).await? == 0 {
                return Ok(());
            }
        }
        out.clear();
        let next = answer(upstream, head.method, &body, &mut out).await?;
        let slowly = matches!(next, (_, Some(Fault::Slow)));
        if slowly {
            return drip(&mut stream, &out).await;
        }
        let (result, sent) = stream.write_all(out).await;
        result?;
        out = sent;
        if next.0 == Next::Close || !head.keep_alive {
            return Ok(());
        }
    }
}

async fn answer(
    upstream: &Upstream,
    method: Method,
    body: &[u8],
    out: &mut Vec<u8>,
) -> io::Result<(Next, Option<Fault>)> {
    match method {
        Method::Post => {}
        Method::Delete => {
            write_empty("200 OK", out);
            return Ok((Next::Go, None));
        }
        Method::Get | Method::Other => {
            write_empty("405 Method Not Allowed", out);
            return Ok((Next::Go, None));
        }
    }
    if let Some(recorder) = &upstream.recorder {
        recorder.keep(body)?;
    }
    let Ok(message) = serde_json::from_slice::<Message<'_>>(body) else {
        write_empty("400 Bad Request", out);
        return Ok((Next::Go, None));
    };
    let (Some(id), Some(method)) = (message.id, message.method) else {
        write_empty("202 Accepted", out);
        return Ok((Next::Go, None));
    };
    if !upstream.delay.is_zero() {
        monoio::time::sleep(upstream.delay).await;
    }
    let fault = if method == "tools/call" {
        upstream.faults.next()
    } else {
        None
    };
    match fault {
        Some(Fault::Reset) => return Ok((Next::Close, fault)),
        Some(Fault::Silent) => {
            std::future::pending::<()>().await;
        }
        Some(Fault::Huge) => upstream.answers.write_huge(id.get(), out),
        Some(Fault::WrongId) => upstream.answers.write(&method, WRONG_ID, out),
        _ => upstream.answers.write(&method, id.get(), out),
    }
    if fault == Some(Fault::Half) {
        out.truncate(out.len() / 2);
        return Ok((Next::Close, fault));
    }
    Ok((Next::Go, fault))
}

async fn drip(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        stream.write_all(vec![*byte]).await.0?;
        monoio::time::sleep(SLOW).await;
    }
    Ok(())
}
