//! A child's standard output: messages to those whom they are for, noise to nobody.

use std::rc::Rc;

use serde_json::value::RawValue;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;

use super::{Child, Sharing};
use crate::gauge::Gauge;
use crate::lines::Lines;
use crate::message::{Kind, Message, Method, rewritten};
use crate::say::Level;
use crate::session::Session;
use crate::table::{Answer, Pending, To};

/// Bytes of a line that are shown when it is none.
const SHOWN_BYTES: usize = 200;
/// The answer to requests of a server that several clients share.
const NO_REQUESTS: &str = r#"{"code":-32601,"message":"no client can be asked here"}"#;

/// Why a child can't be understood any more.
enum Broken {
    TooLong,
    NotText,
    NotJson,
}

/// Reads until the end of the output, or until something in it can't be.
pub(super) async fn run(child: &Rc<Child>, mut from: pipe::Receiver) {
    let mut lines = Lines::new(child.spec.message_bytes_max);
    loop {
        match from.read_buf(lines.room()).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        let mut broken = None;
        let taken = lines.take(|line| {
            if broken.is_none() {
                broken = heard(child, line).err().map(|why| (why, line.to_vec()));
            }
        });
        if taken.is_err() {
            broken.get_or_insert_with(|| (Broken::TooLong, lines.rest().to_vec()));
        }
        if let Some((why, line)) = broken {
            let bytes_max = child.spec.message_bytes_max;
            let what = match why {
                Broken::TooLong => format!("is longer than {bytes_max} bytes (answer_bytes)"),
                Broken::NotText => "is not UTF-8".to_owned(),
                Broken::NotJson => "is no JSON-RPC message".to_owned(),
            };
            let shown = child.mask.excerpt(&line, SHOWN_BYTES);
            child.gives_up(&format!("a line of its output {what}: {shown}"));
            break;
        }
    }
    child.fell_silent();
}

/// One line.
fn heard(child: &Rc<Child>, line: &[u8]) -> Result<(), Broken> {
    let line = line.trim_ascii();
    if line.is_empty() {
        return Ok(());
    }
    let text = core::str::from_utf8(line).map_err(|_| Broken::NotText)?;
    match Message::read(text) {
        Ok(message) => route(child, text, &message),
        // 2025-03-26: a batch.
        Err(_) if text.starts_with('[') => match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(batch) => {
                for one in batch {
                    let message = Message::read(one.get()).map_err(|_| Broken::NotJson)?;
                    route(child, one.get(), &message);
                }
            }
            Err(_) => noise(child, line),
        },
        Err(_) if is_meant_as_message(text) => return Err(Broken::NotJson),
        Err(_) => noise(child, line),
    }
    Ok(())
}

/// Banners and what programs print while they are debugged do not look like `{"`.
fn is_meant_as_message(text: &str) -> bool {
    let inside = text.strip_prefix('{').map(str::trim_start);
    inside.is_some_and(|inside| inside.starts_with('"'))
}

fn noise(child: &Child, line: &[u8]) {
    Gauge::add(&child.gauge.noise);
    if !child.noisy.replace(true) {
        let shown = child.mask.excerpt(line, SHOWN_BYTES);
        child.say(
            Level::Info,
            format_args!(
                "server {}: its standard output also holds lines that are no messages; they are \
                 left out: {shown}",
                child.spec.name
            ),
        );
    }
}

fn route(child: &Rc<Child>, text: &str, message: &Message) {
    let part = |place: &Option<_>| {
        let place: Option<core::ops::Range<usize>> = place.clone();
        place.and_then(|place| Some((place.clone(), text.get(place)?)))
    };
    match message.kind {
        Kind::Response | Kind::Error(_) => {
            let pending = part(&message.id).and_then(|(_, raw)| child.table.borrow_mut().take(raw));
            match pending {
                Some(pending) => answered(child, (text, message), pending),
                None => child.drops(),
            }
        }
        Kind::Request(method) => asked(child, (text, message), method),
        Kind::Notification(Method::Progress) => {
            let table = child.table.borrow();
            let found = part(&message.parts.token)
                .and_then(|(place, raw)| Some((place, table.of(raw)?)))
                .and_then(|(place, pending)| Some((place, pending.token.as_ref()?, pending)));
            let told = found.is_some_and(|(place, token, pending)| {
                told(pending, rewritten(text, &mut [(place, token)]))
            });
            if !told {
                child.drops();
            }
        }
        Kind::Notification(method) => notified(child, (text, message), method),
    }
}

fn answered(child: &Child, (text, message): (&str, &Message), pending: Pending) {
    child.answers();
    match pending.to {
        To::Client(outbox) => {
            let change = message.id.clone().map(|place| (place, &*pending.id));
            let mut change: Vec<_> = change.into_iter().collect();
            let code = match message.kind {
                Kind::Error(code) => Some(code),
                _ => None,
            };
            outbox.response(rewritten(text, &mut change), code);
        }
        To::Own(reply) => {
            let (kind, text) = (message.kind, text.to_owned());
            // Nobody waits any more: then it was too late.
            let _ = reply.send(Answer { kind, text });
        }
    }
    if let Some(session) = pending.session {
        session.touch();
    }
}

/// A request of the server.
fn asked(child: &Rc<Child>, (text, message): (&str, &Message), method: Method) {
    let id = message.id.clone().and_then(|place| text.get(place));
    if let Some(session) = child.only_session() {
        let reachable = session.is_streaming() || !child.table.borrow().is_quiet(&session);
        if method != Method::Ping || reachable {
            return to_client(child, &session, rewritten(text, &mut []));
        }
    }
    let Some(id) = id else { return };
    let said = match method {
        Method::Ping => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#),
        _ => {
            child.drops();
            format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{NO_REQUESTS}}}"#)
        }
    };
    // A child that does not read has more waiting than this.
    let _ = child.input.send_line(said.into_bytes());
}

fn notified(child: &Rc<Child>, (text, message): (&str, &Message), method: Method) {
    let raw = |place: &Option<core::ops::Range<usize>>| text.get(place.clone()?);
    if let (Some(place), Some(number)) = (
        message.parts.subscription.clone(),
        raw(&message.parts.subscription),
    ) {
        let table = child.table.borrow();
        let pending = table.of(number);
        let told = pending
            .is_some_and(|pending| told(pending, rewritten(text, &mut [(place, &pending.id)])));
        if !told {
            child.drops();
        }
        return;
    }
    if let (Method::Cancelled, Some(number)) = (method, raw(&message.parts.cancelled))
        && child.sharing == Sharing::Modern
    {
        // The server ends a subscription.
        match child.table.borrow_mut().take(number).map(|it| it.to) {
            Some(To::Client(outbox)) => outbox.lacks(),
            _ => child.drops(),
        }
        return;
    }
    if let Some(session) = child.only_session() {
        return to_client(child, &session, rewritten(text, &mut []));
    }
    let uri = raw(&message.parts.uri);
    let concerns = |session: &Session| match method {
        Method::ListChanged => true,
        Method::ResourceUpdated => uri.is_some_and(|uri| session.subscriptions.has(uri)),
        _ => false,
    };
    let sessions = child.sessions();
    let mut concerned = sessions.iter().filter(|it| concerns(it)).peekable();
    // Whose it is can't be known.
    if concerned.peek().is_none() {
        return child.drops();
    }
    for session in concerned {
        let message = rewritten(text, &mut []);
        if session.stream(message).is_err() {
            child.drops();
        }
    }
}

/// Puts a message into the answer of the request that it belongs to; whether there was room.
fn told(pending: &Pending, message: Vec<u8>) -> bool {
    match &pending.to {
        To::Client(outbox) => outbox.event(message).is_ok(),
        To::Own(_) => true,
    }
}

/// To the client's stream, else along with an answer that it waits for, else when it comes.
fn to_client(child: &Child, session: &Rc<Session>, message: Vec<u8>) {
    let streaming = session.is_streaming();
    let Err(message) = session.stream(message) else {
        return;
    };
    let along = child.table.borrow().newest_of(session);
    let along = along.filter(|_| !streaming);
    let kept = match along {
        Some(outbox) => outbox.event(message).is_ok(),
        None => !streaming && session.park(message),
    };
    if !kept {
        child.drops();
    }
}
