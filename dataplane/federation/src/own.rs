//! What is answered without asking a server, or tells servers something: notifications, answers of
//! the client, the level of logging, the end of a session.

use std::rc::Rc;
use std::sync::Arc;

use hyper::Method as Verb;
use tokio::sync::Semaphore;
use varistor_model::Method;

use crate::door::Call;
use crate::json::{Changes, decoded};
use crate::link::{self, Link, Open};
use crate::members::Member;
use crate::names::Naming;
use crate::order::Turn;
use crate::reply::Reply;
use crate::run::Hub;
use crate::session::Asked;

/// Ends a session.
pub(crate) fn delete(hub: &Rc<Hub>, member: &Rc<Member>, call: &Call) -> Reply {
    let id = call.session.as_deref().unwrap_or_default();
    match member.session(id, &call.who) {
        Some(session) => {
            member.end(hub, &session);
            Reply::bare(200)
        }
        None => Reply::bare(404),
    }
}

/// Takes a notification.
pub(crate) async fn notified(turn: &Rc<Turn>) -> Reply {
    let Some(session) = &turn.session else {
        // Modern clients cancel by leaving.
        return Reply::bare(202);
    };
    match turn.ask.method {
        Method::Cancelled => {
            let params = turn.ask.params();
            let id = params.get("requestId").unwrap_or_default();
            if let Some(server) = session.server_of(id) {
                let (turn, session) = (Rc::clone(turn), Rc::clone(session));
                let id = id.to_owned();
                aside(&turn.member.telling.clone(), async move {
                    let link = session.holder.link(&server);
                    if let Ok(open) = link.open(&turn.hub, &turn.who, &session.holder).await {
                        say(&turn, (&link, &open), turn.ask.text.clone()).await;
                    }
                    session.cancel(&id);
                })
                .await;
            }
        }
        Method::RootsListChanged => {
            let (turn, session) = (Rc::clone(turn), Rc::clone(session));
            aside(&turn.member.telling.clone(), async move {
                for (link, open) in session.holder.opened().await {
                    // Sessions that are no session of 2026-07-28 have no such notification.
                    if open.era == varistor_model::Era::Legacy {
                        say(&turn, (&link, &open), turn.ask.text.clone()).await;
                    }
                }
            })
            .await;
        }
        // Of a request that a server has sent: its token is that server's, who can't be told.
        _ => {}
    }
    Reply::bare(202)
}

/// Takes the answer to a request that the client was sent.
pub(crate) async fn answered(turn: &Rc<Turn>) -> Reply {
    let Some(session) = &turn.session else {
        return Reply::bare(400);
    };
    let text = &turn.ask.text;
    let number = turn.ask.id().and_then(decoded);
    let number = number.and_then(|id| id.strip_prefix(ASKED)?.parse().ok());
    match number.and_then(|number| session.answered(number)) {
        // Nobody waits for it any more.
        None => {}
        Some(Asked::Here(waits)) => _ = waits.send(text.clone()),
        Some(Asked::Server(server, id)) => {
            let mut changes = Changes::default();
            if let Some(place) = turn.ask.id_place() {
                changes.at(place, id);
            }
            let (turn, text) = (Rc::clone(turn), changes.apply(text));
            aside(&turn.member.telling.clone(), async move {
                if let Ok((link, open)) = turn.open(&server).await {
                    say(&turn, (&link, &open), text).await;
                }
            })
            .await;
        }
    }
    Reply::bare(202)
}

/// The code of errors that say that there was no answer.
pub(crate) const NO_ANSWER: i64 = -31007;
/// What leads the ids of requests to clients; a number follows.
pub(crate) const ASKED: &str = "varistor-";

/// Does it whether or not the client waits for it to be done. Where very many are being told
/// something already, the client waits.
async fn aside(telling: &Arc<Semaphore>, work: impl Future<Output = ()> + 'static) {
    let Ok(permit) = Arc::clone(telling).try_acquire_owned() else {
        return work.await;
    };
    tokio::task::spawn_local(async move {
        work.await;
        drop(permit);
    });
}

/// Sends something that needs no answer. A server that does not take it has its reasons.
async fn say(turn: &Turn, (link, open): (&Link, &Open), body: String) {
    let mut outgoing = open.outgoing(&link.server, Verb::POST);
    outgoing.body = body;
    let _ = turn.hub.inner.send(&turn.who, outgoing).await;
}

/// Tells every server that is open, and remembers it for those that are opened later.
pub(crate) async fn set_level(turn: &Rc<Turn>) -> Reply {
    let Some(session) = &turn.session else {
        return turn.error(404, (-32601, "Method not found"));
    };
    const LEVELS: [&str; 8] = [
        "debug",
        "info",
        "notice",
        "warning",
        "error",
        "critical",
        "alert",
        "emergency",
    ];
    if turn.who.naming == Naming::Own {
        let mut reach = turn.who.reach.iter();
        let offers = reach.find_map(|server| turn.hub.offers(server));
        // What it does not offer it has no method for, and would say so itself.
        if offers.is_some_and(|offers| !offers.logging) {
            return turn.error(404, (-32601, "Method not found"));
        }
    }
    let level = turn.ask.params().get("level").map(str::to_owned);
    let known = level.as_deref().and_then(decoded);
    let is_known = known.is_some_and(|level| LEVELS.contains(&&*level));
    let Some(level) = level.filter(|_| is_known) else {
        return turn.error(400, (-32602, "There is no such level"));
    };
    *session.holder.level.borrow_mut() = Some(level.clone());
    for (link, open) in session.holder.opened().await {
        let logs = turn.hub.offers(&link.server).is_some_and(|it| it.logging);
        if open.era == varistor_model::Era::Legacy && logs {
            let mut outgoing = open.outgoing(&link.server, Verb::POST);
            outgoing.body = link::set_level(&turn.hub.own_id(), &level);
            // A server that refuses it logs as it did.
            let _ = link::ask(&turn.hub, &turn.who, outgoing).await;
        }
    }
    turn.result("{}")
}
