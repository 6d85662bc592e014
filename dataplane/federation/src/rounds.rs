//! What a server of 2026-07-28 wants to know before it answers, asked of a legacy client by
//! requests on the stream of its call (*Multi Round-Trip Requests*).

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::course::Course;
use crate::feed::Feed;
use crate::json::{Object, quoted};
use crate::own::ASKED;
use crate::passage::{Outcome, Passage};
use crate::reply::error_text;
use crate::said::{Kind, Said};
use crate::session::Asked;
use crate::trouble::Trouble;

/// Most rounds of one call.
const ROUNDS_MAX: usize = 16;
/// Most questions of one round.
const QUESTIONS_MAX: usize = 32;
/// How long a client has for one answer: a person may have to give it.
const ANSWER: Duration = Duration::from_secs(600);

/// Asks, and asks the server again, until it answers. `text` is its response.
pub(crate) async fn go(course: &Course, mut passage: Passage, mut text: String) {
    for _ in 0..ROUNDS_MAX {
        let answers = match round(course, &text).await {
            Ok(answers) => answers,
            Err(why) => return fail(course, &why).await,
        };
        passage = passage.again(&course.turn, &answers);
        match sent(course, &passage).await {
            Ok(None) => return,
            Ok(Some(asks)) => text = asks,
            Err(trouble) => {
                let server = &passage.target.server;
                return fail(course, &format!("Server {server}: {trouble}.")).await;
            }
        }
    }
    fail(course, "The server asks back without an end.").await;
}

async fn fail(course: &Course, why: &str) {
    let text = error_text(course.turn.ask.id(), -32603, why);
    course.outlet.message(text).await;
}

/// Asks everything that a response asks for; the members that carry the answers.
async fn round(course: &Course, text: &str) -> Result<String, String> {
    let said = Said::read(text).ok_or("The server's answer is none.")?;
    let result = said.result();
    let mut members = String::new();
    if let Some(requests) = result.object("inputRequests") {
        let mut answers = Vec::new();
        for (key, request) in requests.iter() {
            if answers.len() >= QUESTIONS_MAX {
                return Err("The server asks too much at once.".into());
            }
            let answer = question(course, request).await?;
            answers.push(format!("{}:{answer}", quoted(key)));
        }
        members.push_str(&format!(r#""inputResponses":{{{}}},"#, answers.join(",")));
    }
    if let Some(state) = result.get("requestState") {
        members.push_str(&format!(r#""requestState":{state},"#));
    }
    match members.is_empty() {
        true => Err("The server wants to know more and does not say what.".into()),
        false => Ok(members),
    }
}

/// Asks one thing; the result as it stands in the client's response.
async fn question(course: &Course, request: &str) -> Result<String, String> {
    let request = Object::read(request).unwrap_or_default();
    let method = request.get("method").unwrap_or(r#""""#);
    let params = request.get("params").unwrap_or("{}");
    let session = course.turn.session.as_ref();
    let session = session.ok_or("There is no session to ask in.")?;
    let number = course.turn.hub.number();
    let (waits, answer) = oneshot::channel();
    if !session.ask(number, Asked::Here(waits)) {
        return Err("The client has too many requests to answer.".into());
    }
    let sent = course.outlet.message(format!(
        r#"{{"jsonrpc":"2.0","id":"{ASKED}{number}","method":{method},"params":{params}}}"#
    ));
    let text = match sent.await {
        false => Err(()),
        true => tokio::select! {
            answer = timeout(ANSWER, answer) => match answer {
                Ok(answer) => answer.map_err(|_| ()),
                Err(_) => Err(()),
            },
            () = course.outlet.gone() => Err(()),
        },
    };
    // Whatever came of it, nobody waits for it any more.
    session.answered(number);
    let text = text.map_err(|()| "The client did not answer what the server wants to know.")?;
    let said = Said::read(&text).ok_or("The client's answer is none.")?;
    match said.kind {
        Kind::Result => Ok(said.message.get("result").unwrap_or("{}").to_owned()),
        _ => Err("The client refused to answer what the server wants to know.".into()),
    }
}

/// Sends the request; what the server wants to know next, if anything.
async fn sent(course: &Course, passage: &Passage) -> Result<Option<String>, Trouble> {
    let turn = &course.turn;
    let answer = turn.hub.inner.send(&turn.who, passage.outgoing()).await?;
    if answer.is_stream {
        let mut feed = Feed::new(answer.content);
        while let Some(event) = feed.next().await {
            let event = event?;
            if let Some(asks) = course.pass(passage, event).await {
                return Ok(Some(asks));
            }
        }
        return Ok(None);
    }
    let status = answer.status;
    let text = answer.content.whole(turn.who.plan.answer_bytes_max).await?;
    match passage.outcome(&text) {
        Some(Outcome::Asks(text)) => Ok(Some(text)),
        Some(Outcome::Done(_, text)) => {
            course.outlet.message(text).await;
            Ok(None)
        }
        None => Err(Trouble::Refused(status, text)),
    }
}
