//! One client's connection to the mock server.

use std::io;
use std::time::Duration;

use monoio::io::AsyncWriteRentExt;
use monoio::net::TcpStream;
use serde_json::value::RawValue;

use super::Upstream;
use super::answer::{Asked, WRONG_ID, write_error};
use super::fault::Fault;
use super::frame::write_empty;
use super::message::{Message, Params};
use super::plan::Plan;
use super::wish;
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
    let Some(message) = Message::read(body) else {
        write_empty("400 Bad Request", out);
        return Ok((Next::Go, None));
    };
    let Some(id) = message.id.filter(|_| !message.method.is_empty()) else {
        write_empty("202 Accepted", out);
        return Ok((Next::Go, None));
    };
    let mut plan = upstream.plan;
    let mut asked = Asked {
        method: &message.method,
        id: id.get(),
        progress_token: None,
    };
    if asked.method == "tools/call" {
        plan.fault = upstream.faults.next();
        if wish::may_be_in(body) {
            let params = Params::read(body);
            asked.progress_token = params.meta.progress_token.map(RawValue::get);
            if let Err(reason) = wish::apply(params.arguments, &mut plan) {
                write_error(asked.id, "200 OK", -32602, &reason, out);
                return Ok((Next::Go, None));
            }
        }
    }
    if !plan.delay.is_zero() {
        monoio::time::sleep(plan.delay).await;
    }
    Ok((finish(upstream, asked, &plan, out).await, plan.fault))
}

/// Appends the answer, right or wrong as planned.
async fn finish(upstream: &Upstream, asked: Asked<'_>, plan: &Plan, out: &mut Vec<u8>) -> Next {
    match plan.fault {
        Some(Fault::Reset) => return Next::Close,
        Some(Fault::Silent) => std::future::pending::<()>().await,
        Some(Fault::Huge) => upstream.answers.write_huge(&asked, plan, out),
        Some(Fault::WrongId) => {
            let other = Asked {
                id: WRONG_ID,
                ..asked
            };
            upstream.answers.write(&other, plan, out);
        }
        _ => upstream.answers.write(&asked, plan, out),
    }
    if plan.fault == Some(Fault::Half) {
        out.truncate(out.len() / 2);
        return Next::Close;
    }
    Next::Go
}

async fn drip(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        stream.write_all(vec![*byte]).await.0?;
        monoio::time::sleep(SLOW).await;
    }
    Ok(())
}
