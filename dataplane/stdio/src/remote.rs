//! A child that is no process: the event stream of a server of 2024-11-05, and the posts that go
//! with it (*Transports › HTTP with SSE* of that version). Its lines are the messages, in both
//! directions, so that everything else treats it as a child.
//!
//! Refuses an endpoint at another origin, and follows no redirect: the credential goes nowhere
//! else.

mod endpoint;
mod posts;

use std::rc::Rc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, HOST, HeaderValue};
use hyper::http::request::Builder;
use hyper::{Method, Request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use varistor_http1::sse::Decoder;
use varistor_origin::{Link, LinkError, Reply};

use crate::bridge::Resolve;
use crate::lines::Lines;
use crate::spec::Events;
use posts::Posts;

/// Why it ended, for a person; the lines that a child would have written to standard error.
pub(crate) type Why = String;

/// One event stream, from its beginning to its end.
pub(crate) struct Remote {
    events: Events,
    link: Link,
    message_bytes_max: usize,
}

impl Remote {
    pub(crate) fn new(events: &Events, resolve: Resolve, message_bytes_max: usize) -> Rc<Self> {
        let allow_private = events.allow_private;
        let look_up = move |host: &str, port| {
            let found = resolve(host.to_owned(), port, allow_private);
            Box::pin(async move { Ok(found.await) }) as _
        };
        let tls = events.tls.clone();
        let trust = move || match tls.clone() {
            Some(config) => Ok(TlsConnector::from(config)),
            None => Err("it has no TLS".to_owned()),
        };
        let link = Link::new(events.place.clone(), Box::new(look_up), Box::new(trust));
        Rc::new(Self {
            events: events.clone(),
            link,
            message_bytes_max,
        })
    }

    /// Carries lines from `input` as posts, and events as lines to `output`, until either ends.
    /// Dropping it ends everything that is under way.
    pub(crate) async fn run(
        self: Rc<Self>,
        input: pipe::Receiver,
        mut output: pipe::Sender,
    ) -> Why {
        let mut stream = match self.open().await {
            Ok(stream) => stream,
            Err(why) => return why,
        };
        let mut decoder = Decoder::bounded(self.message_bytes_max);
        let mut tasks = JoinSet::new();
        let (refused, mut refusals) = mpsc::unbounded_channel::<Vec<u8>>();
        let mut posts = Some((input, Lines::new(usize::MAX), refused));
        loop {
            let piece = tokio::select! {
                piece = stream.next() => piece,
                Some(answer) = refusals.recv() => match output.write_all(&answer).await {
                    Ok(()) => continue,
                    Err(_) => return String::new(),
                },
                Some(ended) = tasks.join_next() => match ended {
                    Ok(why) => return why,
                    Err(_) => return "a post was given up".to_owned(),
                },
            };
            let piece = match piece {
                None => return "its event stream ended".to_owned(),
                Some(Err(why)) => return format!("its event stream broke off: {why}"),
                Some(Ok(piece)) => piece,
            };
            let mut rest = &*piece;
            loop {
                let event = match decoder.push(&mut rest) {
                    Ok(Some(event)) => event,
                    Ok(None) => break,
                    Err(_) => return "its event stream holds no usable events".to_owned(),
                };
                let data = event.data.unwrap_or_default();
                match (event.event, posts.take()) {
                    ("endpoint", Some((input, lines, refused))) => {
                        let path = match endpoint::path(&self.events, data) {
                            Ok(path) => path,
                            Err(why) => return why,
                        };
                        let posts = Posts::new(Rc::clone(&self), path);
                        tasks.spawn_local(posts.run((input, lines), refused));
                    }
                    ("" | "message", early) => {
                        posts = early;
                        if output.write_all(&line(data)).await.is_err() {
                            return String::new();
                        }
                    }
                    (_, early) => posts = early,
                }
            }
        }
    }

    async fn open(&self) -> Result<Reply, Why> {
        let request = self.request(Method::GET, &self.events.path);
        let request = request.header(ACCEPT, "text/event-stream");
        let mut reply = self.sent(request, Bytes::new()).await?;
        if reply.status() != 200 || !is_stream(&reply) {
            let status = reply.status();
            // What it says is not for the log: it may repeat the credential.
            let _ = reply.next().await;
            return Err(format!(
                "it answered its event stream's GET with status {status}, which is no event stream"
            ));
        }
        Ok(reply)
    }

    /// The request line, host and credential of a request.
    fn request(&self, method: Method, path: &str) -> Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.events.authority);
        for (name, value) in &self.events.credentials {
            // What is no value was refused before.
            if let Ok(mut value) = HeaderValue::from_str(value) {
                value.set_sensitive(true);
                request = request.header(name, value);
            }
        }
        request
    }

    async fn sent(&self, request: Builder, body: Bytes) -> Result<Reply, Why> {
        let request = request.body(Full::new(body));
        let request = request.map_err(|error| format!("it can't be asked: {error}"))?;
        let sent = self.link.send(request, &core::cell::Cell::new(false)).await;
        sent.map_err(|error| match error {
            LinkError::Absent(why) | LinkError::Unfit(why) => {
                format!("it could not be reached: {why}")
            }
            LinkError::Broken(why) => format!("it broke off: {why}"),
        })
    }
}

fn is_stream(reply: &Reply) -> bool {
    let kind = reply.headers().get(hyper::header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// A message as one line: line ends can stand between the tokens of JSON only.
fn line(data: &[u8]) -> Vec<u8> {
    let blank = |byte: &u8| match byte {
        b'\n' | b'\r' => b' ',
        byte => *byte,
    };
    let mut line: Vec<u8> = data.iter().map(blank).collect();
    line.push(b'\n');
    line
}

/// The next lines; `None` at the end.
async fn more(input: &mut pipe::Receiver, lines: &mut Lines) -> Option<Vec<Bytes>> {
    loop {
        if input.read_buf(lines.room()).await.ok()? == 0 {
            return None;
        }
        let mut all = Vec::new();
        let taken = lines.take(|line| all.push(Bytes::copy_from_slice(line)));
        debug_assert!(taken.is_ok(), "there is no longest line");
        if !all.is_empty() {
            return Some(all);
        }
    }
}
