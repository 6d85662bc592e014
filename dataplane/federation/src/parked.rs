//! Calls of modern clients whose server, in a session, wants to know something first: the call
//! stays open here while the client is asked by its result (*Multi Round-Trip Requests*), and goes
//! on when it comes back with the answer.
//!
//! Refuses answers to what was not asked, of other tokens, and with another call than the one that
//! is open. What nobody comes back for is cancelled at its server.

use core::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper::Method as Verb;
use serde_json::Value;
use varistor_model::Era;

use crate::ask::Ask;
use crate::calls::Unanswered;
use crate::course::Course;
use crate::feed::Feed;
use crate::json::quoted;
use crate::members::random_name;
use crate::order::Turn;
use crate::reply::{Reply, error_text, result_text};
use crate::run::Hub;
use crate::said::{Kind, Said};

/// The calls of one token on one route that wait for their client.
#[derive(Default)]
pub(crate) struct ParkedCalls(RefCell<HashMap<String, Parked>>);

/// One of them.
struct Parked {
    unanswered: Unanswered,
    feed: Feed,
    /// The id of the server's question, as it stands there.
    question: String,
    /// What the client called, which it must call again.
    call: Value,
    since: Instant,
    _place: Place,
}

/// A place among all calls that wait, given back at the end.
struct Place(Rc<Hub>);

impl Place {
    fn take(hub: &Rc<Hub>) -> Option<Self> {
        let taken = hub.parked.get();
        hub.parked
            .set(taken.checked_add(1).filter(|it| *it <= ALL_PARKED_MAX)?);
        Some(Self(Rc::clone(hub)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.parked.set(self.0.parked.get().saturating_sub(1));
    }
}

/// What its client can be asked, as it says with each request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Askable {
    elicitation: bool,
    sampling: bool,
    roots: bool,
}

/// What leads the states that are handed out here.
const STATE: &str = "varistor-parked-";
/// The name of the question in the client's answer.
const KEY: &str = "question";
/// Most calls of one token on one route that wait.
const PARKED_MAX: usize = 8;
/// The same of all tokens: each holds a place at its server.
const ALL_PARKED_MAX: usize = 512;
/// How long a call waits: a person may have to answer.
const WAITS: Duration = Duration::from_secs(300);

impl Askable {
    /// What a modern request declares.
    pub(crate) fn of(ask: &Ask) -> Self {
        let meta = ask.meta();
        let declared = meta.object("io.modelcontextprotocol/clientCapabilities");
        let declared = declared.unwrap_or_default();
        let has = |name| declared.get(name).is_some_and(|it| it != "null");
        Self {
            elicitation: has("elicitation"),
            sampling: has("sampling"),
            roots: has("roots"),
        }
    }

    /// The same as the capabilities of a session: forms, and samples without tools.
    pub(crate) fn capabilities(self) -> String {
        let all = [
            (self.elicitation, r#""elicitation":{}"#),
            (self.sampling, r#""sampling":{}"#),
            (self.roots, r#""roots":{}"#),
        ];
        let all: Vec<&str> = all
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, it)| *it)
            .collect();
        format!("{{{}}}", all.join(","))
    }

    /// Whether this method asks for it.
    fn takes(self, method: &str) -> bool {
        match method {
            "elicitation/create" => self.elicitation,
            "sampling/createMessage" => self.sampling,
            "roots/list" => self.roots,
            _ => false,
        }
    }
}

impl ParkedCalls {
    /// Lets go of those that nobody came back for.
    pub(crate) fn tidy(&self) {
        let mut parked = self.0.borrow_mut();
        let late = parked.extract_if(|_, call| call.since.elapsed() >= WAITS);
        let late: Vec<_> = late.collect();
        drop(parked);
        // Their servers are told.
        drop(late);
    }

    /// The call that waits under this state, where this is the same one.
    fn take(&self, state: &str, call: &Value) -> Result<Parked, &'static str> {
        let mut parked = self.0.borrow_mut();
        match parked.get(state).map(|waits| waits.call == *call) {
            None => Err("The call that this answers is over; call again."),
            Some(false) => Err("The answer comes with another call than the one that asked."),
            Some(true) => parked.remove(state).ok_or("The call is over."),
        }
    }
}

/// Whether a server's request may be put to this client.
pub(crate) fn may_ask(turn: &Turn, data: &str) -> bool {
    let Some(said) = Said::read(data).filter(|said| said.kind == Kind::Request) else {
        return false;
    };
    let method = said.method();
    // A page to visit is asked for by an error in sessions, which tells the client.
    let is_form = said.params().text("mode").is_none_or(|mode| mode == "form");
    turn.era() == Era::Modern && is_form && Askable::of(&turn.ask).takes(&method)
}

/// Keeps a call open and asks its client; the call is given back when there is no room.
pub(crate) async fn park(
    course: &Course,
    unanswered: Unanswered,
    feed: Feed,
    data: &str,
) -> Result<(), Box<(Unanswered, Feed)>> {
    let turn = &course.turn;
    let said = Said::read(data);
    let asked = said.as_ref().and_then(|said| {
        let method = said.message.get("method")?;
        let params = said.message.get("params").unwrap_or("{}");
        Some((said.id()?, method, params))
    });
    let Some((question, method, params)) = asked else {
        return Err(Box::new((unanswered, feed)));
    };
    let full = turn.member.parked.0.borrow().len() >= PARKED_MAX;
    let room = random_name().filter(|_| !full).zip(Place::take(&turn.hub));
    let Some((name, place)) = room else {
        return Err(Box::new((unanswered, feed)));
    };
    let state = format!("{STATE}{name}");
    let result = format!(
        "{{\"resultType\":\"input_required\",\
         \"inputRequests\":{{\"{KEY}\":{{\"method\":{method},\"params\":{params}}}}},\
         \"requestState\":{}}}",
        quoted(&state)
    );
    let parked = Parked {
        unanswered,
        feed,
        question: question.to_owned(),
        call: called(turn),
        since: Instant::now(),
        _place: place,
    };
    let all = &turn.member.parked.0;
    all.borrow_mut().insert(state.clone(), parked);
    let text = result_text(turn.ask.id(), &result);
    if !course.outlet.message(text).await {
        // It has gone, and will not come back: its server is told.
        let gone = all.borrow_mut().remove(&state);
        drop(gone);
    }
    Ok(())
}

/// What is called, without what changes when it is called again.
fn called(turn: &Turn) -> Value {
    let params = turn.ask.params();
    let changes = ["inputResponses", "requestState", "_meta"];
    let kept = params.iter().filter(|(key, _)| !changes.contains(key));
    let kept =
        kept.filter_map(|(key, value)| Some((key.into(), serde_json::from_str(value).ok()?)));
    Value::Array(vec![
        Value::String(turn.ask.method_name.clone()),
        Value::Object(kept.collect()),
    ])
}

/// Goes on with a call that waits for this client; nothing when it is none of them.
pub(crate) async fn taken_up(turn: &Rc<Turn>) -> Option<Reply> {
    let params = turn.ask.params();
    let state = params.text("requestState")?;
    if turn.era() == Era::Legacy || !state.starts_with(STATE) {
        return None;
    }
    let answers = params.object("inputResponses").unwrap_or_default();
    let Some(answer) = answers.get(KEY) else {
        let text = "The answer to what was asked (inputResponses) is missing.";
        return Some(turn.error(400, (-32602, text)));
    };
    let parked = match turn.member.parked.take(&state, &called(turn)) {
        Ok(parked) => parked,
        Err(text) => return Some(turn.error(400, (-32602, text))),
    };
    let unanswered = parked.unanswered.taken_up(turn);
    let passage = &unanswered.passage;
    let mut outgoing = passage.open.outgoing(&passage.target.server, Verb::POST);
    outgoing.body = result_text(Some(&parked.question), answer);
    if let Err(trouble) = turn.hub.inner.send(&turn.who, outgoing).await {
        return Some(turn.trouble(&passage.target.server, &trouble));
    }
    let (outlet, reply) = Reply::stream();
    let course = Course {
        turn: Rc::clone(turn),
        outlet,
    };
    let feed = parked.feed;
    tokio::task::spawn_local(async move { course.run(unanswered, feed).await });
    Some(reply)
}

/// The answer to a request of a server that is put to nobody, but to a ping.
pub(crate) fn refusal(data: &str, text: &str) -> Option<String> {
    let said = Said::read(data).filter(|said| said.kind == Kind::Request)?;
    Some(match &*said.method() {
        "ping" => result_text(said.id(), "{}"),
        _ => error_text(said.id(), -32601, text),
    })
}

/// Answers a server's request that is put to nobody: it would be waited for.
pub(crate) async fn refuse(turn: &Turn, unanswered: &Unanswered, data: &str) {
    let passage = &unanswered.passage;
    let text = "The client can't be asked that: it declares no such capability.";
    let refusal = refusal(data, text).filter(|_| passage.open.era == Era::Legacy);
    let Some(refusal) = refusal else {
        return;
    };
    let mut outgoing = passage.open.outgoing(&passage.target.server, Verb::POST);
    outgoing.body = refusal;
    // It learns that nobody answers by its own time-out, if not by this.
    let _ = turn.hub.inner.send(&turn.who, outgoing).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_declares_what_its_clients_can_be_asked() {
        assert_eq!(Askable::default().capabilities(), "{}");
        let some = Askable {
            elicitation: true,
            roots: true,
            ..Askable::default()
        };
        assert_eq!(some.capabilities(), r#"{"elicitation":{},"roots":{}}"#);
        assert!(some.takes("elicitation/create") && some.takes("roots/list"));
        assert!(!some.takes("sampling/createMessage") && !some.takes("tools/call"));
    }
}
