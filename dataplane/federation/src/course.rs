//! An answer on its way as a stream: each event as it comes, with names and ids as the client is to
//! have them, and what the server asks meanwhile.

use std::rc::Rc;
use std::time::Duration;

use hyper::Method as Verb;
use tokio::time::{Instant, sleep_until};
use varistor_model::Era;

use crate::calls::Unanswered;
use crate::feed::{Event, Feed};
use crate::json::Changes;
use crate::order::Turn;
use crate::own;
use crate::parked;
use crate::passage::{Outcome, Passage};
use crate::reply::{Outlet, error_text};
use crate::rounds;
use crate::run::Hub;
use crate::said::{Kind, Said};
use crate::session::{Asked, Session};

/// How long the call of a legacy client that went away goes on.
const DEAF: Duration = Duration::from_secs(60);

/// An answer on its way as a stream.
pub(crate) struct Course {
    pub(crate) turn: Rc<Turn>,
    pub(crate) outlet: Outlet,
}

impl Course {
    /// Passes the stream on until either side ends it.
    pub(crate) async fn run(&self, mut unanswered: Unanswered, mut feed: Feed) {
        let passage = unanswered.passage.clone();
        let mut deaf = None;
        loop {
            let event = tokio::select! {
                biased;
                () = self.outlet.gone(), if deaf.is_none() => {
                    if self.turn.session.is_none() {
                        return;
                    }
                    deaf = Instant::now().checked_add(DEAF);
                    continue;
                }
                () = until(deaf), if deaf.is_some() => return,
                event = feed.next() => event,
            };
            let passed = match event {
                None => break,
                Some(Ok(event)) => match self.question(&event) {
                    None => self.pass(&passage, event).await,
                    Some(data) if unanswered.is_asked() && parked::may_ask(&self.turn, &data) => {
                        match parked::park(self, unanswered, feed, &data).await {
                            Ok(()) => return,
                            Err(parked) => {
                                (unanswered, feed) = *parked;
                                parked::refuse(&self.turn, &unanswered, &data).await;
                                None
                            }
                        }
                    }
                    Some(data) => {
                        parked::refuse(&self.turn, &unanswered, &data).await;
                        None
                    }
                },
                Some(Err(trouble)) => {
                    let text = format!("Server {} broke off: {trouble}.", passage.target.server);
                    let text = error_text(self.turn.ask.id(), own::NO_ANSWER, &text);
                    self.outlet.message(text).await;
                    break;
                }
            };
            if let Some(asks) = passed {
                Box::pin(rounds::go(self, passage.clone(), asks)).await;
                break;
            }
        }
        unanswered.answered();
    }

    /// Passes one event on; what the client has to be asked is given back.
    pub(crate) async fn pass(&self, passage: &Passage, mut event: Event) -> Option<String> {
        // Only a stream of one session can be taken up again.
        let resumable = self.turn.session.is_some() && passage.open.era == Era::Legacy;
        event.id = event
            .id
            .take_if(|_| resumable)
            .map(|id| tagged(&passage.target.server, &id));
        if let Some(data) = event.data.take_if(|data| !data.is_empty()) {
            event.data = match Said::read(&data).map(|said| said.kind) {
                None => return None,
                Some(Kind::Result | Kind::Error(_)) => match passage.outcome(&data) {
                    Some(Outcome::Done(_, text)) => Some(text),
                    Some(Outcome::Asks(text)) => return Some(text),
                    None => return None,
                },
                Some(Kind::Notification) => Some(passage.notice(&data)),
                Some(Kind::Request) => Some(self.asked(passage, &data)?),
            };
        }
        // A client that has gone is noticed by whoever waits for it.
        self.outlet.send(&event).await;
        None
    }

    /// What a server in a session asks of a client that has none.
    fn question(&self, event: &Event) -> Option<String> {
        let data = event
            .data
            .as_ref()
            .filter(|_| self.turn.session.is_none())?;
        let said = Said::read(data)?;
        (said.kind == Kind::Request).then(|| data.clone())
    }

    /// A request of the server to the client, under a number of its own.
    fn asked(&self, passage: &Passage, data: &str) -> Option<String> {
        let session = self.turn.session.as_ref();
        let session = session.filter(|_| passage.open.era == Era::Legacy)?;
        asked_of(&self.turn.hub, session, &passage.target.server, data)
    }
}

/// A request of a server to the client of this session, with an id that leads back.
pub(crate) fn asked_of(hub: &Hub, session: &Session, server: &str, data: &str) -> Option<String> {
    let id = Said::read(data)?.id()?;
    let number = hub.number();
    let asked = Asked::Server(server.to_owned(), id.to_owned());
    if !session.ask(number, asked) {
        return None;
    }
    let mut changes = Changes::default();
    changes.replace(data, id, format!(r#""{}{number}""#, own::ASKED));
    Some(changes.apply(data))
}

/// The id of an event with the server that can take its stream up again.
pub(crate) fn tagged(server: &str, id: &str) -> String {
    format!("{server}/{id}")
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => core::future::pending().await,
    }
}

impl Passage {
    /// Tells a session that its answer is not awaited any more.
    pub(crate) async fn cancel(&self, turn: &Turn) {
        if self.open.era == Era::Legacy {
            let (id, server) = (&self.id, &self.target.server);
            let mut outgoing = self.open.outgoing(server, Verb::POST);
            outgoing.body = format!(
                "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\
                 \"params\":{{\"requestId\":{id},\"reason\":\"the client went away\"}}}}"
            );
            let _ = turn.hub.inner.send(&turn.who, outgoing).await;
        }
    }
}
