//! What goes to one server: calls of tools, prompts, resources, completions, subscriptions.
//!
//! Only names, URIs, ids and tokens of a request are changed, and of an answer the same. A request
//! is sent once; when the server says that it does not know the session, it has not looked at the
//! request, which then goes out once more in a new one.

use std::rc::Rc;

use hyper::Method as Verb;
use hyper::header::HeaderValue;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use varistor_model::{Era, Method, Subject};

use crate::catalogue::{self, Target};
use crate::course::Course;
use crate::feed::Feed;
use crate::inner::{Answer, Outgoing};
use crate::items::List;
use crate::link::{Link, Open};
use crate::names::{self, Naming, Split};
use crate::order::Turn;
use crate::passage::{Outcome, Passage};
use crate::reply::Reply;
use crate::said::{Kind, Said};
use crate::session::InFlight;
use crate::trouble::Trouble;
use crate::{listen, parked, rounds, uris};

/// Answers a request that one server can answer.
pub(crate) async fn call(turn: &Rc<Turn>) -> Reply {
    if let Some(reply) = parked::taken_up(turn).await {
        return reply;
    }
    let target = match routed(turn).await {
        Ok(target) => target,
        Err(reply) => return reply,
    };
    let Some((session, id)) = turn.session.as_ref().zip(turn.ask.id()) else {
        return carried(turn, target, None).await;
    };
    // Before 2026-07-28, a client that goes away does not cancel: it says so.
    let Some(flight) = session.fly(id, &target.server) else {
        let text = "There are 256 requests of this session under way already; wait for one.";
        return turn.error(429, (-31003, text));
    };
    let cancelled = flight.cancelled();
    let (done, reply) = oneshot::channel();
    let turn = Rc::clone(turn);
    tokio::task::spawn_local(async move {
        tokio::select! {
            reply = carried(&turn, target, Some(flight)) => {
                // Nobody may wait for it any more.
                let _ = done.send(reply);
            }
            () = cancelled.notified() => {}
        }
    });
    reply.await.unwrap_or_else(|_| Reply::bare(202))
}

/// Which server, and its own name or URI.
async fn routed(turn: &Rc<Turn>) -> Result<Target, Reply> {
    if turn.who.naming == Naming::Own {
        let ask = &turn.ask;
        let server = turn.who.reach.first().cloned();
        return Ok(Target {
            server: server.ok_or_else(|| Reply::bare(404))?,
            name: match ask.method.subject() {
                Subject::Task => ask.task(),
                _ => ask.name().or_else(|| ask.uri()),
            }
            .unwrap_or_default(),
        });
    }
    let name = turn.ask.name();
    let by_name = match turn.ask.method {
        Method::ToolsCall => name.map(|name| (List::Tools, name)),
        Method::PromptsGet | Method::CompletionComplete => name.map(|it| (List::Prompts, it)),
        _ => None,
    };
    if let Some((list, name)) = by_name {
        if let Some(target) = catalogue::target(turn, list, &name).await {
            return Ok(target);
        }
        let reply = turn.error(200, (-32602, &catalogue::unknown(turn, list, &name)));
        let record = attempted(turn, &name).await;
        return Err(Reply { record, ..reply });
    }
    let uri = turn.ask.uri().unwrap_or_default();
    let found = match uris::split(&uri) {
        Some((server, own)) => Some((server, own)),
        // Where there is one server only, nothing else can be meant.
        None => turn
            .who
            .reach
            .first()
            .filter(|_| turn.who.reach.len() == 1)
            .map(|it| (&**it, &*uri)),
    };
    let found = found.filter(|(server, _)| turn.who.reaches(server) && turn.who.view.is_none());
    let found = found.map(|(server, own)| Target {
        server: server.to_owned(),
        name: own.to_owned(),
    });
    found.ok_or_else(|| {
        let text = "Resource not found. URIs begin with mcp+SERVER+ here; take them from lists \
                    and results.";
        turn.error(200, (-32602, text))
    })
}

/// Has an attempt upon a server that is out of reach refused, and so recorded, where direct ones
/// are; the number of the record.
async fn attempted(turn: &Turn, name: &str) -> Option<HeaderValue> {
    let named = match names::split(name) {
        Split::Whole(server, _) if turn.who.view.is_none() => server,
        _ => return None,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if turn.who.reaches(named) || !named.bytes().all(plain) {
        return None;
    }
    let outgoing = Outgoing {
        verb: Verb::POST,
        server: named.to_owned(),
        body: turn.ask.text.clone(),
        ..Outgoing::default()
    };
    let answer = turn.hub.inner.send(&turn.who, outgoing).await;
    answer.ok()?.record
}

/// Carries a request to its server, and the answer back.
async fn carried(turn: &Rc<Turn>, target: Target, flight: Option<InFlight>) -> Reply {
    let (unanswered, answer) = match sent(turn, &target).await {
        Ok(sent) => sent,
        Err(reply) => return reply,
    };
    let record = answer.record.clone();
    let retry_after = answer.retry_after.clone();
    let reply = match (answer.is_stream, turn.takes_events) {
        (true, true) => {
            let (outlet, reply) = Reply::stream();
            let feed = Feed::new(answer.content);
            let turn = Rc::clone(turn);
            tokio::task::spawn_local(async move {
                let course = Course { turn, outlet };
                let running = course.run(unanswered, feed);
                match flight.as_ref().map(InFlight::cancelled) {
                    None => running.await,
                    Some(cancelled) => tokio::select! {
                        () = running => {}
                        () = cancelled.notified() => {}
                    },
                }
            });
            reply
        }
        _ => whole(turn, unanswered, answer).await,
    };
    Reply {
        record,
        retry_after,
        ..reply
    }
}

/// Sends a request, in a session that is lost once more in a new one; the head of its answer.
async fn sent(turn: &Rc<Turn>, target: &Target) -> Result<(Unanswered, Answer), Reply> {
    let mut again = true;
    loop {
        let opened = turn.open_call(&target.server).await;
        let (link, open, permit) =
            opened.map_err(|trouble| turn.trouble(&target.server, &trouble))?;
        if let Some(reply) = watched(turn, target, (&link, &open)) {
            return Err(reply);
        }
        let passage = Passage::new(turn, target.clone(), Rc::clone(&open));
        let unanswered = Unanswered::new(turn, passage, permit);
        let answer = turn
            .hub
            .inner
            .send(&turn.who, unanswered.passage.outgoing());
        let answer = match answer.await {
            Ok(answer) => answer,
            Err(trouble) => return Err(turn.trouble(&target.server, &trouble)),
        };
        if answer.status == 404 && open.session.is_some() && again {
            again = false;
            unanswered.answered();
            link.lose(&open).await;
            continue;
        }
        return Ok((unanswered, answer));
    }
}

/// A request whose answer is awaited. When this is dropped first, its client has gone: a session
/// wants to be told, a server of 2026-07-28 sees that nobody reads.
pub(crate) struct Unanswered {
    pub(crate) passage: Passage,
    turn: Rc<Turn>,
    awaited: bool,
    /// Its server may ask about this call.
    asking: Option<OwnedSemaphorePermit>,
}

impl Unanswered {
    fn new(turn: &Rc<Turn>, passage: Passage, asking: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            passage,
            turn: Rc::clone(turn),
            awaited: true,
            asking,
        }
    }

    /// Whether what its server asks is about this very call.
    pub(crate) fn is_asked(&self) -> bool {
        let piped = &self.turn.who.plan.piped;
        self.asking.is_some() || !piped.contains(&self.passage.target.server)
    }

    /// The same for the request by which its client came back.
    pub(crate) fn taken_up(mut self, turn: &Rc<Turn>) -> Self {
        self.passage.taken_up(turn);
        self.turn = Rc::clone(turn);
        self
    }

    /// There is nothing to be awaited any more.
    pub(crate) fn answered(mut self) -> Passage {
        self.awaited = false;
        self.passage.clone()
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        // A legacy client that goes away does not cancel.
        let told = self.turn.session.is_none() && self.passage.open.era == Era::Legacy;
        if self.awaited && told {
            let (turn, passage) = (Rc::clone(&self.turn), self.passage.clone());
            tokio::task::spawn_local(async move { passage.cancel(&turn).await });
        }
    }
}

/// An answer in one piece.
async fn whole(turn: &Rc<Turn>, unanswered: Unanswered, answer: Answer) -> Reply {
    let status = answer.status;
    let text = match answer.is_stream {
        true => response(turn, &unanswered, Feed::new(answer.content)).await,
        false => answer.content.whole(turn.who.plan.answer_bytes_max).await,
    };
    let passage = unanswered.answered();
    let text = match text {
        Ok(text) => text,
        Err(trouble) => return turn.trouble(&passage.target.server, &trouble),
    };
    match passage.outcome(&text) {
        None if (200..=299).contains(&status) => Reply::bare(502),
        // What the gateway says of the request itself: who asks is told as ever.
        None => turn.trouble(&passage.target.server, &Trouble::Refused(status, text)),
        Some(Outcome::Done(code, text)) => Reply::json(told_by(turn, status, code), text),
        Some(Outcome::Asks(text)) if turn.takes_events => {
            let (outlet, reply) = Reply::stream();
            let turn = Rc::clone(turn);
            tokio::task::spawn_local(async move {
                let course = Course { turn, outlet };
                rounds::go(&course, passage, text).await;
            });
            reply
        }
        Some(Outcome::Asks(_)) => {
            let text = "The server asks back, which needs a client that takes event streams.";
            turn.error(200, (-32600, text))
        }
    }
}

/// The response of a stream to a client that takes none. It can't be asked.
async fn response(
    turn: &Rc<Turn>,
    unanswered: &Unanswered,
    mut feed: Feed,
) -> Result<String, Trouble> {
    while let Some(event) = feed.next().await {
        let Some(data) = event?.data.filter(|data| !data.is_empty()) else {
            continue;
        };
        match Said::read(&data) {
            Some(said) if said.answers(&unanswered.passage.id) => return Ok(data),
            Some(said) if said.kind == Kind::Request => {
                parked::refuse(turn, unanswered, &data).await;
            }
            _ => {}
        }
    }
    Err(Trouble::Invalid)
}

/// The status of a response with this code of an error.
const fn told_status(era: Era, status: u16, code: Option<i64>) -> u16 {
    match (era, status, code) {
        (Era::Modern, 200, Some(-32601)) => 404,
        (Era::Legacy, 404, _) => 200,
        (Era::Legacy, 400, Some(-32602..=-32601 | -32022..=-32020)) => 200,
        _ => status,
    }
}

fn told_by(turn: &Turn, status: u16, code: Option<i64>) -> u16 {
    told_status(turn.era(), status, code)
}

/// Subscriptions at a server of 2026-07-28 are no requests: they are what its listener asks for.
fn watched(turn: &Turn, target: &Target, (link, open): (&Rc<Link>, &Open)) -> Option<Reply> {
    let session = turn.session.as_ref().filter(|_| open.era == Era::Modern)?;
    let mut watched = link.watched.borrow_mut();
    let more = turn.ask.method == Method::ResourcesSubscribe;
    if more && watched.len() >= listen::URIS_MAX && !watched.contains(&target.name) {
        let text = "There are 256 subscriptions at this server already.";
        return Some(turn.error(200, (-32602, text)));
    }
    match turn.ask.method {
        Method::ResourcesSubscribe => watched.insert(target.name.clone()),
        Method::ResourcesUnsubscribe => watched.remove(&target.name),
        _ => return None,
    };
    drop(watched);
    session.stop(&link.server);
    listen::listen_to(&turn.hub, session, &link.server);
    Some(turn.result("{}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_status_tells_a_legacy_client_that_its_session_is_gone() {
        assert_eq!(told_status(Era::Legacy, 404, Some(-32601)), 200);
        assert_eq!(told_status(Era::Modern, 200, Some(-32601)), 404);
        assert_eq!(told_status(Era::Modern, 400, Some(-32022)), 400);
        assert_eq!(told_status(Era::Legacy, 503, Some(-31007)), 503);
    }
}
