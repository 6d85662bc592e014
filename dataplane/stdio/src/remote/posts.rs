//! Lines of the bridge, posted one after the other. Requests do not wait for one another: a server
//! may keep the answer to a post until it has done what was asked. What is no request is through
//! before the next message leaves, as `initialize` and its notification must be.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method as Verb;
use hyper::header::CONTENT_TYPE;
use serde_json::json;
use tokio::net::unix::pipe;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;
use varistor_origin::Reply;

use super::{Remote, Why, more};
use crate::lines::Lines;
use crate::message::{Kind, Message, Method};

/// See the module.
pub(super) struct Posts {
    remote: Rc<Remote>,
    path: Rc<str>,
}

/// Posts that are under way at once; further requests are refused. A server may hold each of them
/// until it has done what was asked.
const POSTS_MAX: usize = 1024;
/// How long a post may be held.
const HELD: Duration = Duration::from_secs(600);
/// How long the next message waits for one that is no request.
const TURN: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read to keep its connection.
const KEPT_BYTES: usize = 16 * 1024;

impl Posts {
    pub(super) fn new(remote: Rc<Remote>, path: String) -> Self {
        let path = path.into();
        Self { remote, path }
    }

    /// Posts until the input ends, or the server does not take messages any more. What it refuses
    /// by itself is answered through `refused`.
    pub(super) async fn run(
        self,
        (mut input, mut lines): (pipe::Receiver, Lines),
        refused: UnboundedSender<Vec<u8>>,
    ) -> Why {
        let mut under_way = JoinSet::new();
        loop {
            let batch = tokio::select! {
                Some(ended) = under_way.join_next() => match ended {
                    Ok(Err(why)) => return why,
                    // A post that panicked is one that failed.
                    Ok(Ok(())) | Err(_) => continue,
                },
                batch = more(&mut input, &mut lines) => batch,
            };
            let Some(batch) = batch else {
                return String::new();
            };
            for line in batch {
                let (done, through) = oneshot::channel();
                let first = is_first(&line);
                // Answers and cancellations are what others may wait for.
                if !first && under_way.len() >= POSTS_MAX {
                    let answer = refusal(&line, "too many requests are under way");
                    _ = answer.map(|answer| refused.send(answer));
                    continue;
                }
                let one = (Rc::clone(&self.remote), Rc::clone(&self.path));
                let refused = refused.clone();
                under_way.spawn_local(async move {
                    let posted = post(one, line, &refused).await;
                    // Most are not waited for.
                    let _ = done.send(());
                    posted
                });
                if first {
                    // Late: the server has its reasons; the next message goes.
                    let _ = timeout(TURN, through).await;
                }
            }
        }
    }
}

/// Whether the next message may not overtake this one.
fn is_first(line: &[u8]) -> bool {
    let message = core::str::from_utf8(line).ok();
    let message = message.and_then(|text| Message::read(text).ok());
    let is_free = |kind| matches!(kind, Kind::Request(method) if method != Method::Initialize);
    !message.is_some_and(|message| is_free(message.kind))
}

/// Posts one message. An error ends the stream that its answer would come on: the server does not
/// know the stream any more. Everything else costs the message only.
async fn post(
    (remote, path): (Rc<Remote>, Rc<str>),
    line: Bytes,
    refused: &UnboundedSender<Vec<u8>>,
) -> Result<(), Why> {
    let request = remote.request(Verb::POST, &path);
    let request = request.header(CONTENT_TYPE, "application/json");
    let sent = timeout(HELD, remote.sent(request, line.clone())).await;
    let why = match sent {
        Ok(Ok(reply)) => match read(&remote, reply).await {
            200..=299 => return Ok(()),
            404 => return Err("it does not know its own event stream any more (404)".into()),
            status => format!("the server refused the request with status {status}"),
        },
        Ok(Err(why)) => why,
        Err(_) => "the server does not take the request".to_owned(),
    };
    if let Some(answer) = refusal(&line, &why) {
        // Nobody is there any more for whom it would be.
        let _ = refused.send(answer);
    }
    Ok(())
}

/// Reads what a post is answered with, which says nothing; its status.
async fn read(remote: &Remote, mut reply: Reply) -> u16 {
    let status = reply.status();
    let mut bytes = 0_usize;
    while let Some(Ok(piece)) = reply.next().await {
        bytes = bytes.saturating_add(piece.len());
        if bytes > KEPT_BYTES {
            break;
        }
    }
    remote.link.keep(reply);
    status
}

/// The answer to a request that the server did not take; nothing when it is none.
fn refusal(line: &[u8], why: &str) -> Option<Vec<u8>> {
    let text = core::str::from_utf8(line).ok()?;
    let message = Message::read(text).ok()?;
    let Kind::Request(_) = message.kind else {
        return None;
    };
    let id = text.get(message.id?)?;
    let error = json!({"code": -32603, "message": why});
    let answer = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#);
    Some(super::line(answer.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_requests_may_be_overtaken() {
        for (line, first) in [
            (r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#, true),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
                true,
            ),
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, true),
            (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, false),
            ("nonsense", true),
        ] {
            assert_eq!(is_first(line.as_bytes()), first, "{line}");
        }
    }

    #[test]
    fn a_request_that_was_refused_is_answered_under_its_id() {
        let line = br#"{"jsonrpc":"2.0","id":7,"method":"tools/call"}"#;
        let answer = String::from_utf8(refusal(line, "status 413").unwrap()).unwrap();
        assert!(answer.starts_with(r#"{"jsonrpc":"2.0","id":7,"error""#));
        assert!(answer.contains("status 413") && answer.ends_with("}}\n"));
        let line = br#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#;
        assert_eq!(refusal(line, "no"), None);
    }
}
