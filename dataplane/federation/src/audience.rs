//! All who listen to one server in one session: a server with sessions says each thing on one
//! stream only (*Transports › Listening for messages from the server*), and keeps one list of
//! subscriptions for all of them.

use core::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use hyper::Method as Verb;
use tokio::sync::{Mutex, Notify};
use tokio::task::AbortHandle;
use varistor_model::Era;

use crate::door::Who;
use crate::json::quoted;
use crate::link::{self, Holder, Link, Open};
use crate::listen::{Ear, Listened, listen};
use crate::run::Hub;
use crate::subscription::Subscription;
use crate::trouble::Trouble;

/// Who shares the stream of one link.
#[derive(Default)]
pub(crate) struct Audience {
    seats: RefCell<Vec<Rc<Seat>>>,
    /// Listens to the server as long as there is anybody here.
    stream: RefCell<Option<AbortHandle>>,
    /// Who holds it tells the server of subscriptions: what is told later counts.
    telling: Mutex<()>,
}

struct Seat {
    who: Who,
    subscription: Rc<Subscription>,
    /// The server has nothing to say.
    ended: Notify,
}

/// Gives the seat up when whoever has it goes.
struct Leave {
    hub: Rc<Hub>,
    link: Rc<Link>,
    open: Rc<Open>,
    seat: Rc<Seat>,
}

/// Listens with the others until this one is no longer wanted, or the server has nothing to say.
pub(crate) async fn join(
    hub: &Rc<Hub>,
    who: &Who,
    (holder, link): (&Rc<Holder>, &Rc<Link>),
    open: &Rc<Open>,
    subscription: &Rc<Subscription>,
) -> Result<Listened, Trouble> {
    let seat = Rc::new(Seat {
        who: who.clone(),
        subscription: Rc::clone(subscription),
        ended: Notify::new(),
    });
    link.audience.seats.borrow_mut().push(Rc::clone(&seat));
    let leave = Leave {
        hub: Rc::clone(hub),
        link: Rc::clone(link),
        open: Rc::clone(open),
        seat,
    };
    let listens = link.audience.stream.borrow().is_some();
    if listens {
        let uris = subscription.own_uris(&link.server);
        subscribe(hub, who, (link, open), uris).await;
    } else {
        let (hub, who) = (Rc::clone(hub), who.clone());
        let (holder, link) = (Rc::clone(holder), Rc::clone(link));
        let own = Rc::clone(&link);
        let task = tokio::task::spawn_local(async move {
            let ear = Ear::Audience(Rc::clone(&link));
            listen(&hub, &who, (&holder, &link.server), &ear).await;
            link.audience.end();
        });
        *own.audience.stream.borrow_mut() = Some(task.abort_handle());
    }
    leave.seat.ended.notified().await;
    let now = link.open(hub, who, holder).await?;
    Ok(match now.era {
        Era::Legacy => Listened::Never,
        // Another version of the server, which everybody listens to by themselves.
        Era::Modern => Listened::Spoke,
    })
}

/// Subscribes to resources, in this session.
pub(crate) async fn subscribe(
    hub: &Rc<Hub>,
    who: &Who,
    (link, open): (&Link, &Open),
    uris: impl IntoIterator<Item = String>,
) {
    let _turn = link.audience.telling.lock().await;
    for uri in uris {
        let outgoing = about(hub, (link, open), "resources/subscribe", &uri);
        // One that it does not have is not heard of.
        let _ = link::ask(hub, who, outgoing).await;
    }
}

/// A request about one resource.
fn about(
    hub: &Hub,
    (link, open): (&Link, &Open),
    method: &str,
    uri: &str,
) -> crate::inner::Outgoing {
    let (id, uri) = (hub.own_id(), quoted(uri));
    let mut outgoing = open.outgoing(&link.server, Verb::POST);
    outgoing.body = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"{method}\",\"params\":{{\"uri\":{uri}}}}}"
    );
    outgoing
}

impl Audience {
    /// The resources that anybody here subscribed to, as the server knows them.
    pub(crate) fn uris(&self, server: &str) -> BTreeSet<String> {
        let seats = self.seats.borrow();
        let all = seats.iter().map(|seat| seat.subscription.own_uris(server));
        all.flatten().collect()
    }

    /// Whoever came last of those who are here.
    pub(crate) fn speaker(&self) -> Option<Who> {
        self.seats.borrow().last().map(|seat| seat.who.clone())
    }

    /// Tells everybody who wants it what a server says; false when nobody is here any more.
    pub(crate) async fn hears(&self, server: &str, data: &str) -> bool {
        let seats = self.seats.borrow().clone();
        for seat in &seats {
            if let Some(text) = seat.subscription.hears(server, data) {
                seat.subscription.offer(text).await;
            }
        }
        !seats.is_empty()
    }

    /// The server has nothing to say to anybody.
    fn end(&self) {
        self.stream.take();
        for seat in self.seats.borrow().iter() {
            seat.ended.notify_one();
        }
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        let audience = &self.link.audience;
        let mut seats = audience.seats.borrow_mut();
        seats.retain(|seat| !Rc::ptr_eq(seat, &self.seat));
        let is_last = seats.is_empty();
        drop(seats);
        if is_last && let Some(stream) = audience.stream.take() {
            stream.abort();
        }
        let wanted = audience.uris(&self.link.server);
        let own = self.seat.subscription.own_uris(&self.link.server);
        let unwanted: Vec<_> = own
            .into_iter()
            .filter(|uri| !wanted.contains(uri))
            .collect();
        if unwanted.is_empty() {
            return;
        }
        let (hub, seat) = (Rc::clone(&self.hub), Rc::clone(&self.seat));
        let (link, open) = (Rc::clone(&self.link), Rc::clone(&self.open));
        tokio::task::spawn_local(async move {
            let _turn = link.audience.telling.lock().await;
            for uri in unwanted {
                // Somebody may have come for it meanwhile.
                if !link.audience.uris(&link.server).contains(&uri) {
                    let outgoing = about(&hub, (&link, &open), "resources/unsubscribe", &uri);
                    // A session that is gone has forgotten it.
                    let _ = link::ask(&hub, &seat.who, outgoing).await;
                }
            }
        });
    }
}
