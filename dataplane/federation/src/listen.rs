//! What servers say by themselves, on its way to whoever listens: the stream of a session, or a
//! subscription of 2026-07-28.
//!
//! A server is listened to while somebody listens here. When it breaks off, it is tried again, less
//! and less often. What servers say in one session is for everybody who shares it (`audience.rs`).

use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Method as Verb;
use tokio::sync::Notify;
use tokio::time::sleep;
use varistor_model::Era;

use crate::audience;
use crate::door::{Call, Who};
use crate::feed::{Event, Feed};
use crate::inner::Outgoing;
use crate::json::{elements, quoted};
use crate::link::{Holder, Link, Open};
use crate::members::Member;
use crate::order::Turn;
use crate::parked::refusal;
use crate::reply::{Outlet, Reply, result_text};
use crate::run::Hub;
use crate::session::Session;
use crate::spoken::for_session;
use crate::subscription::{LISTS, Subscription};
use crate::trouble::Trouble;

/// Silence after which a stream is shown to be alive, and its client to be there.
const ALIVE: Duration = Duration::from_secs(25);
/// The first wait before a server is tried again, and the longest.
const AGAIN: Duration = Duration::from_millis(500);
const AGAIN_MAX: Duration = Duration::from_secs(30);

/// Most URIs that one client subscribes to at once.
pub(crate) const URIS_MAX: usize = 256;

/// Who listens.
#[derive(Clone)]
pub(crate) enum Ear {
    Session(Weak<Session>),
    Subscription(Rc<Subscription>),
    /// All subscriptions in one session with a server.
    Audience(Rc<Link>),
}

/// Opens the stream of a session, or takes one up again.
pub(crate) async fn open(hub: &Rc<Hub>, member: &Rc<Member>, call: Call) -> Reply {
    let id = call.session.as_deref().unwrap_or_default();
    let Some(session) = member.session(id, &call.who) else {
        return Reply::bare(if id.is_empty() { 400 } else { 404 });
    };
    if let Some(last) = &call.last_event {
        return crate::resume::resume(hub, &session, last).await;
    }
    let (outlet, reply) = Reply::stream();
    let ended = session.open_stream(outlet.clone());
    // At once: clients wait for the head.
    outlet.send(&Event::comment()).await;
    let hub = Rc::clone(hub);
    tokio::task::spawn_local(async move {
        for (link, _) in session.holder.opened().await {
            listen_to(&hub, &session, &link.server);
        }
        let missing: Vec<String> = session.missing.borrow().iter().cloned().collect();
        for server in missing {
            listen_to(&hub, &session, &server);
        }
        tokio::select! {
            biased;
            // Another stream has taken its place, or the session is over.
            _ = ended => {}
            () = stay(&outlet) => session.close_stream(),
        }
    });
    reply
}

/// Until the client has gone.
pub(crate) async fn stay(outlet: &Outlet) {
    loop {
        tokio::select! {
            () = outlet.gone() => return,
            () = sleep(ALIVE) => {
                outlet.send(&Event::comment()).await;
            }
        }
    }
}

/// Listens to a server on behalf of a session whose stream is open.
pub(crate) fn listen_to(hub: &Rc<Hub>, session: &Rc<Session>, server: &str) {
    if session.stream().is_none() {
        return;
    }
    session.listens(server, || {
        let ear = Ear::Session(Rc::downgrade(session));
        let (hub, server) = (Rc::clone(hub), server.to_owned());
        let holder = Rc::clone(&session.holder);
        let who = session.speaker();
        let task = tokio::task::spawn_local(async move {
            listen(&hub, &who, (&holder, &server), &ear).await;
        });
        task.abort_handle()
    });
}

/// Opens a subscription to all servers.
pub(crate) fn subscribe(turn: &Rc<Turn>) -> Reply {
    let params = turn.ask.params();
    let filter = params.object("notifications").unwrap_or_default();
    let wanted = |key: &str| filter.get(key) == Some("true");
    let uris = filter.get("resourceSubscriptions").and_then(elements);
    let uris = uris.unwrap_or_default();
    if uris.len() > URIS_MAX {
        let text = "One subscription takes 256 URIs at most.";
        return turn.error(400, (-32602, text));
    }
    let Ok(permit) = Arc::clone(&turn.member.listening).try_acquire_owned() else {
        let text = "There are 16 subscriptions of this token already; end one first.";
        return turn.error(429, (-31003, text));
    };
    let uris = uris.into_iter();
    let uris = uris
        .filter_map(crate::json::decoded)
        .map(|uri| uri.into_owned());
    let naming = turn.who.naming;
    let honoured = |uri: &String| {
        let mut reach = turn.who.reach.iter();
        turn.who.view.is_none() && reach.any(|server| naming.own_uri(server, uri).is_some())
    };
    let (outlet, reply) = Reply::stream();
    let subscription = Rc::new(Subscription {
        outlet,
        id: turn.ask.id().unwrap_or("null").to_owned(),
        lists: LISTS
            .iter()
            .filter(|(key, _)| wanted(key))
            .map(|(_, it)| *it)
            .collect(),
        uris: uris.filter(honoured).collect(),
        naming,
        behind: Notify::new(),
    });
    let turn = Rc::clone(turn);
    tokio::task::spawn_local(async move {
        subscription
            .outlet
            .message(subscription.acknowledged())
            .await;
        let _permit = permit;
        let each = turn.who.reach.iter().map(|server| {
            let ear = Ear::Subscription(Rc::clone(&subscription));
            let turn = Rc::clone(&turn);
            async move {
                let holder = turn.holder_of(server);
                listen(&turn.hub, &turn.who, (holder, server), &ear).await;
            }
        });
        let all = futures_util::future::join_all(each);
        tokio::select! {
            () = stay(&subscription.outlet) => {}
            // Others wait for what its client does not read.
            () = subscription.behind.notified() => {}
            _ = all => {
                let result = result_text(Some(&subscription.id), r#"{"resultType":"complete"}"#);
                subscription.outlet.message(result).await;
            }
        }
    });
    reply
}

/// Listens to one server until nobody listens here, or it has nothing to say.
pub(crate) async fn listen(
    hub: &Rc<Hub>,
    who: &Who,
    (holder, server): (&Rc<Holder>, &str),
    ear: &Ear,
) {
    let link = holder.link(server);
    let mut wait = AGAIN;
    loop {
        let begun = Instant::now();
        let speaker = ear.speaker().unwrap_or_else(|| who.clone());
        match once(hub, &speaker, (holder, &link), ear).await {
            // One that closes its stream at once is not asked all the time.
            Ok(Listened::Spoke) if begun.elapsed() >= AGAIN_MAX => wait = AGAIN,
            Ok(Listened::Spoke) => {}
            Ok(Listened::Busy) => wait = AGAIN_MAX,
            Ok(Listened::Never) => return,
            Err(trouble) => {
                if let Trouble::Refused(401 | 403, _) = trouble {
                    // Its holder may have shown a newer token meanwhile.
                    match ear.speaker() {
                        Some(newer) if !newer.shows_the_same(&speaker) => continue,
                        _ => return ear.stops(server),
                    }
                }
                // It may come back as another version.
                hub.forget(server);
            }
        }
        sleep(wait).await;
        wait = wait.saturating_mul(2).min(AGAIN_MAX);
    }
}

/// How listening ended.
pub(crate) enum Listened {
    /// The stream was there.
    Spoke,
    /// Somebody else listens in the same session.
    Busy,
    /// The server has none.
    Never,
}

async fn once(
    hub: &Rc<Hub>,
    who: &Who,
    (holder, link): (&Rc<Holder>, &Rc<Link>),
    ear: &Ear,
) -> Result<Listened, Trouble> {
    let open = link.open(hub, who, holder).await?;
    returned(ear, &link.server).await;
    match ear {
        Ear::Subscription(it) if open.era == Era::Legacy => {
            return audience::join(hub, who, (holder, link), &open, it).await;
        }
        Ear::Audience(_) if open.era == Era::Modern => return Ok(Listened::Never),
        Ear::Audience(_) => {
            let uris = link.audience.uris(&link.server);
            audience::subscribe(hub, who, (link, &open), uris).await;
        }
        Ear::Session(_) | Ear::Subscription(_) => {}
    }
    let answer = hub
        .inner
        .send(who, request(hub, who, (link, &open), ear))
        .await?;
    match answer.status {
        200 if answer.is_stream => {}
        404 if open.session.is_some() => {
            link.lose(&open).await;
            return Ok(Listened::Spoke);
        }
        // It can't be listened to in this era; that it can't is no failure.
        409 => return Ok(Listened::Busy),
        400 | 404 | 405 | 406 | 501 => return Ok(Listened::Never),
        status => {
            let text = answer.content.whole(who.plan.answer_bytes_max).await;
            return Err(Trouble::Refused(status, text.unwrap_or_default()));
        }
    }
    let mut feed = Feed::new(answer.content);
    while let Some(event) = feed.next().await {
        let Some(data) = event?.data.filter(|data| !data.is_empty()) else {
            continue;
        };
        if !matches!(ear, Ear::Session(_))
            && let Some(refusal) = refusal(&data, "No client can be asked here.")
        {
            let mut outgoing = open.outgoing(&link.server, Verb::POST);
            outgoing.body = refusal;
            // It waits for its own time-out else.
            let _ = hub.inner.send(who, outgoing).await;
        } else if !ear.hears(hub, &link.server, &data).await {
            return Ok(Listened::Never);
        }
    }
    Ok(Listened::Spoke)
}

/// The request that opens the server's own stream.
fn request(hub: &Hub, who: &Who, (link, open): (&Link, &Open), ear: &Ear) -> Outgoing {
    if open.era == Era::Legacy {
        return open.outgoing(&link.server, Verb::GET);
    }
    let (lists, uris): (Vec<&str>, Vec<String>) = match ear {
        Ear::Session(_) => (
            LISTS.iter().map(|(_, notice)| *notice).collect(),
            link.watched.borrow().iter().cloned().collect(),
        ),
        Ear::Subscription(it) => (it.lists.clone(), it.own_uris(&link.server)),
        Ear::Audience(_) => Default::default(),
    };
    let mut filter: Vec<String> = LISTS
        .iter()
        .filter(|(_, notice)| lists.contains(notice))
        .map(|(key, _)| format!(r#""{key}":true"#))
        .collect();
    if !uris.is_empty() {
        let uris: Vec<String> = uris.iter().map(|uri| quoted(uri)).collect();
        filter.push(format!(r#""resourceSubscriptions":[{}]"#, uris.join(",")));
    }
    let (id, filter, meta) = (hub.own_id(), filter.join(","), &who.meta);
    let mut outgoing = open.outgoing(&link.server, Verb::POST);
    outgoing.method = Some("subscriptions/listen".into());
    outgoing.body = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"subscriptions/listen\",\
         \"params\":{{\"notifications\":{{{filter}}},\"_meta\":{{{meta}}}}}}}"
    );
    outgoing
}

/// A server that lists had to do without is there again.
async fn returned(ear: &Ear, server: &str) {
    let Ear::Session(session) = ear else { return };
    let Some(session) = session.upgrade() else {
        return;
    };
    let was_missing = session.missing.borrow_mut().remove(server);
    let outlet = session.stream().filter(|_| was_missing);
    drop(session);
    if let Some(outlet) = outlet {
        for (_, notice) in LISTS {
            outlet
                .message(format!(r#"{{"jsonrpc":"2.0","method":"{notice}"}}"#))
                .await;
        }
    }
}

impl Ear {
    /// Whoever of those who listen has shown a token last; nothing where that is one request only.
    fn speaker(&self) -> Option<Who> {
        match self {
            Self::Session(session) => Some(session.upgrade()?.speaker()),
            Self::Subscription(_) => None,
            Self::Audience(link) => link.audience.speaker(),
        }
    }

    /// Whoever shows a token that is taken listens anew.
    fn stops(&self, server: &str) {
        if let Self::Session(session) = self
            && let Some(session) = session.upgrade()
        {
            session.stop(server);
        }
    }

    /// Takes what a server says; false when nobody listens any more.
    async fn hears(&self, hub: &Hub, server: &str, data: &str) -> bool {
        match self {
            Self::Session(session) => {
                let Some(session) = session.upgrade() else {
                    return false;
                };
                let Some(outlet) = session.stream() else {
                    return false;
                };
                let passed = for_session(hub, &session, server, data);
                drop(session);
                match passed {
                    Some(text) => outlet.message(text).await,
                    None => true,
                }
            }
            Self::Subscription(it) => match it.hears(server, data) {
                Some(text) => it.outlet.message(text).await,
                None => true,
            },
            Self::Audience(link) => link.audience.hears(server, data).await,
        }
    }
}
