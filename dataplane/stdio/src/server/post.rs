//! A POST: its messages go to the child that they are for, as lines.

use std::rc::Rc;

use serde_json::json;
use serde_json::value::RawValue;
use varistor_model::ProtocolVersion;

use super::start::Refused;
use super::{From, Server};
use crate::child::input::Full;
use crate::child::{Child, Sharing};
use crate::gauge::Gauge;
use crate::message::{Kind, Message, Method, rewritten};
use crate::outbox::Outbox;
use crate::reply::{Exchange, Opening, Reply};
use crate::session::Session;
use crate::spec::Instances;
use crate::subscriptions::TooMany;
use crate::table::{Pending, To};

type One<'a> = (&'a str, Message);

/// What several clients share can't be asked to forget or to speak up for one of them.
const NOTHING: &str = "{}";
/// The code of limits.
const TOO_MANY: (i64, &str) = (
    -31003,
    "This session has subscribed to too many resources: unsubscribe from some.",
);

/// Said in place of a server.
enum Instead {
    /// The result, as JSON.
    Result(&'static str),
    /// An error's code and message.
    Error((i64, &'static str)),
}

impl Instead {
    /// The response to the request with this id, and the code of an error.
    fn response(self, id: &str) -> (Vec<u8>, Option<i64>) {
        match self {
            Self::Result(said) => (result(id, said), None),
            Self::Error((code, message)) => {
                let error = json!({"code": code, "message": message});
                let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#);
                (text.into_bytes(), Some(code))
            }
        }
    }
}

impl Server {
    /// Takes a POST.
    pub(crate) async fn post(self: &Rc<Self>, from: From<'_>, body: &str) -> Reply {
        let Some(messages) = split(body) else {
            return Reply::Now(400, Vec::new());
        };
        let first = messages.first();
        let id = first.and_then(|(text, message)| text.get(message.id.clone()?));
        let opens = first.is_some_and(|(_, it)| it.kind == Kind::Request(Method::Initialize));
        if let Some(requested) = from.unknown {
            return unsupported(id, requested);
        }
        if from.modern {
            if messages
                .iter()
                .any(|one| is_request(one) && !one.1.parts.is_modern)
            {
                let text = "protocolVersion or clientCapabilities is missing in _meta";
                return Reply::failure(400, id, &json!({"code": -32602, "message": text}));
            }
            return match messages.iter().any(is_request) {
                // Nothing of it is for a child: a closed connection cancels.
                false => Reply::Now(202, Vec::new()),
                true => match self.modern().await {
                    Ok(child) => self.ask(&child, None, (&messages, id)),
                    Err(refused) => refusal(refused, id),
                },
            };
        }
        match from.session {
            None if opens && messages.len() == 1 => self.open(&messages, id).await,
            None => Reply::error(400, id, "A session is needed: send `initialize` first."),
            Some(_) => match self.session(from.session) {
                Ok(session) => {
                    session.touch();
                    let child = Rc::clone(&session.child);
                    self.ask(&child, Some(&session), (&messages, id))
                }
                Err(status) => Reply::error(status, id, "Session not found."),
            },
        }
    }

    pub(super) fn is_for_sessions(&self) -> bool {
        self.spec.instances == Instances::Shared
    }

    /// `initialize`: a session begins.
    async fn open(self: &Rc<Self>, messages: &[One<'_>], id: Option<&str>) -> Reply {
        match self.spec.instances {
            Instances::Session => match self.start(Sharing::Session).await {
                Err(refused) => refusal(refused, id),
                Ok(child) => {
                    let Some(session) = self.admit(&child) else {
                        child.end();
                        return refusal(Refused::Unavailable, id);
                    };
                    let reply = self.ask(&child, Some(&session), (messages, id));
                    self.opening(reply, session)
                }
            },
            Instances::Shared => match self.shared().await {
                Err(refused) => refusal(refused, id),
                Ok((child, welcome)) => {
                    let Some(session) = self.admit(&child) else {
                        return refusal(Refused::Unavailable, id);
                    };
                    let outbox = Rc::new(Outbox::awaiting(1));
                    outbox.response(result(id.unwrap_or("null"), &welcome), None);
                    let reply = Reply::Answer(exchange(outbox, &child));
                    self.opening(reply, session)
                }
            },
        }
    }

    fn opening(self: &Rc<Self>, mut reply: Reply, session: Rc<Session>) -> Reply {
        let opens = Opening {
            server: Rc::clone(self),
            session,
            lasts: false,
        };
        if let Reply::Answer(exchange) = &mut reply {
            exchange.opens = Some(opens);
        }
        reply
    }

    /// Hands messages to a child.
    fn ask(
        self: &Rc<Self>,
        child: &Rc<Child>,
        session: Option<&Rc<Session>>,
        (messages, id): (&[One<'_>], Option<&str>),
    ) -> Reply {
        let requests = messages.iter().filter(|it| is_request(it)).count();
        let outbox = Rc::new(Outbox::awaiting(requests));
        let mut exchange = exchange(Rc::clone(&outbox), child);
        for (text, message) in messages {
            let sent = match message.kind {
                Kind::Request(method) => {
                    let local = session.filter(|_| child.sharing == Sharing::Sessions);
                    let own = message.id.clone().and_then(|place| text.get(place));
                    let uri = message.parts.uri.clone();
                    let uri = uri.and_then(|place| text.get(place));
                    match local.and_then(|it| instead(child, it, method, uri)) {
                        Some(said) => {
                            let (response, code) = said.response(own.unwrap_or("null"));
                            outbox.response(response, code);
                            Ok(())
                        }
                        None => request(&mut exchange, session, text, message),
                    }
                }
                _ => tell(child, session, text, message),
            };
            if sent == Err(Full) {
                Gauge::add(&self.gauge.refused);
                return refusal(Refused::Full, id);
            }
        }
        match requests {
            0 => Reply::Now(202, Vec::new()),
            _ => Reply::Answer(exchange),
        }
    }
}

fn exchange(outbox: Rc<Outbox>, child: &Rc<Child>) -> Exchange {
    Exchange {
        outbox,
        child: Rc::clone(child),
        numbers: Vec::new(),
        modern: child.sharing == Sharing::Modern,
        opens: None,
    }
}

fn request(
    exchange: &mut Exchange,
    session: Option<&Rc<Session>>,
    text: &str,
    message: &Message,
) -> Result<(), Full> {
    let part = |place: &Option<core::ops::Range<usize>>| text.get(place.clone()?);
    let pending = Pending {
        id: part(&message.id).unwrap_or_default().into(),
        token: part(&message.parts.token).map(Into::into),
        session: session.cloned(),
        to: To::Client(Rc::clone(&exchange.outbox)),
    };
    let number = exchange.child.ask(text, message, pending)?;
    exchange.numbers.push(number);
    Ok(())
}

/// What a request is answered with that is not for a child which several clients share. `None`: it
/// is.
fn instead(
    child: &Child,
    session: &Rc<Session>,
    method: Method,
    uri: Option<&str>,
) -> Option<Instead> {
    let others = |uri: &str| {
        let sessions = child.sessions();
        let mut others = sessions.iter().filter(|it| !Rc::ptr_eq(it, session));
        others.any(|it| it.subscriptions.has(uri))
    };
    match (method, uri) {
        (Method::Ping | Method::SetLevel, _) => Some(Instead::Result(NOTHING)),
        (Method::Subscribe, Some(uri)) => match session.subscriptions.add(uri) {
            Ok(()) => None,
            Err(TooMany) => Some(Instead::Error(TOO_MANY)),
        },
        (Method::Unsubscribe, Some(uri)) => {
            session.subscriptions.remove(uri);
            others(uri).then_some(Instead::Result(NOTHING))
        }
        _ => None,
    }
}

/// A notification or a response of the client.
fn tell(
    child: &Child,
    session: Option<&Rc<Session>>,
    text: &str,
    message: &Message,
) -> Result<(), Full> {
    let cancelled = message.parts.cancelled.clone();
    let line = match (message.kind, cancelled, child.sharing) {
        (Kind::Notification(Method::Cancelled), Some(place), _) => {
            let id = text.get(place.clone()).unwrap_or_default();
            let number = session.and_then(|it| child.table.borrow().number_of(it, id));
            // It has been answered, or never was there.
            let Some(number) = number else { return Ok(()) };
            rewritten(text, &mut [(place, &number.to_string())])
        }
        (_, _, Sharing::Session) => rewritten(text, &mut []),
        // Of a child that is initialised already, or that has asked for nothing.
        (Kind::Notification(Method::Initialized) | Kind::Response | Kind::Error(_), _, _) => {
            return Ok(());
        }
        _ => rewritten(text, &mut []),
    };
    child.input.send_line(line)
}

/// No server is asked whether it knows a version that nobody has.
fn unsupported(id: Option<&str>, requested: &str) -> Reply {
    let supported = [ProtocolVersion::V2026_07_28.name()];
    let error = json!({"code": -32022, "message": "Unsupported protocol version",
        "data": {"supported": supported, "requested": requested}});
    Reply::failure(400, id, &error)
}

fn is_request((_, message): &One<'_>) -> bool {
    matches!(message.kind, Kind::Request(_))
}

/// The messages of a body: one, or a batch (2025-03-26).
fn split(body: &str) -> Option<Vec<One<'_>>> {
    let body = body.trim_ascii();
    if !body.starts_with('[') {
        return Some(vec![(body, Message::read(body).ok()?)]);
    }
    let batch: Vec<&RawValue> = serde_json::from_str(body).ok()?;
    let read = |one: &&RawValue| Message::read(one.get()).ok();
    let batch: Option<Vec<_>> = batch
        .iter()
        .map(|one| Some(((*one).get(), read(one)?)))
        .collect();
    batch.filter(|batch| !batch.is_empty())
}

fn result(id: &str, result: &str) -> Vec<u8> {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#).into_bytes()
}

/// The gateway has words of its own for these statuses (`gateway/src/upstream.rs`).
fn refusal(refused: Refused, id: Option<&str>) -> Reply {
    match refused {
        Refused::Full => Reply::Now(503, Vec::new()),
        Refused::Unavailable => Reply::Now(502, Vec::new()),
        Refused::Legacy => Reply::error(
            400,
            id,
            "This server does not know protocol version 2026-07-28: send `initialize`.",
        ),
    }
}
