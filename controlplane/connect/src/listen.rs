//! What the server of a session sends on its own: a stream that is kept open, and taken up again
//! where it broke.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use tokio::time::sleep;
use varistor_origin::{LinkError, Reply};

use crate::answer::{Ended, Reading};
use crate::bridge::Bridge;
use crate::credential::Reloaded;
use crate::heads::Fields;
use crate::post::Refusal;
use crate::renew;
use crate::say::say;
use crate::session::{Opened, State};

/// Wait before a stream is opened again, unless the server says otherwise.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);
/// First wait while the gateway can't be reached; it doubles.
const WAIT_FIRST: Duration = Duration::from_millis(100);
/// Longest such wait.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// Wait after a refusal that only a person can help with.
const REFUSED: Duration = Duration::from_secs(30);

/// What came of opening a stream.
pub(crate) enum Stream {
    /// It is open.
    Open(Reply),
    /// The gateway refuses it with this status; the token was of this generation.
    Refused(u16, u64),
    /// There is no connection.
    Absent,
}

/// Opens the stream of a session, behind the last event that came.
pub(crate) async fn open(bridge: &Bridge, session: &Opened, last_event: Option<&str>) -> Stream {
    let (token, generation) = bridge.credential.borrow().current();
    let mut fields = Fields::of_session(session);
    if let Some(last_event) = last_event {
        fields.resume(last_event);
    }
    let target = &bridge.target;
    let request = match fields.request(Method::GET, target, token, Bytes::new()) {
        Ok(request) => request,
        // A path or a token that makes no request would have failed before.
        Err(_) => return Stream::Absent,
    };
    match bridge.link.send(request, &Cell::new(false)).await {
        Ok(reply) if (200..300).contains(&reply.status()) => Stream::Open(reply),
        Ok(mut reply) => {
            let refusal = Refusal::read(bridge, &mut reply).await;
            bridge.link.keep(reply);
            Stream::Refused(refusal.status, generation)
        }
        Err(LinkError::Absent(_) | LinkError::Unfit(_) | LinkError::Broken(_)) => Stream::Absent,
    }
}

/// Keeps the stream of the host's session open, whichever session that is, until the end.
pub(crate) async fn keep(bridge: Rc<Bridge>) {
    let mut sessions = bridge.session.watch();
    let mut ending = bridge.ending.subscribe();
    loop {
        let now = sessions.borrow_and_update().clone();
        let following = async {
            match &now {
                State::Open(session) => follow(&bridge, session).await,
                State::None | State::Opening => {}
            }
            // Not offered, or no session: nothing to do until there is another one.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = following => {}
            changed = sessions.changed() => if changed.is_err() { return },
            _ = ending.wait_for(|ending| *ending) => return,
        }
    }
}

/// Follows the stream of one session; returns when the server has none to offer.
async fn follow(bridge: &Bridge, session: &Opened) {
    let mut reading = Reading::endless(bridge);
    let mut has_been_open = false;
    let mut wait = WAIT_FIRST;
    loop {
        match open(bridge, session, reading.last_event.as_deref()).await {
            Stream::Open(reply) => {
                has_been_open = true;
                wait = WAIT_FIRST;
                if let Ended::Failed(trouble) = reading.read(reply).await {
                    say(&format!(
                        "something that the server sent was dropped: {trouble}"
                    ));
                }
                sleep(reading.retry.unwrap_or(PAUSE)).await;
            }
            Stream::Refused(404, _) if has_been_open => {
                if let Err(trouble) = renew::session(bridge, session).await {
                    say(&trouble.to_string());
                    sleep(REFUSED).await;
                }
            }
            Stream::Refused(401, generation) => {
                let reloaded = bridge.credential.borrow_mut().reload(generation);
                if !matches!(reloaded, Ok(Reloaded::Changed)) {
                    sleep(REFUSED).await;
                }
            }
            Stream::Refused(400..=428, _) => return,
            Stream::Refused(..) | Stream::Absent => {
                sleep(wait).await;
                wait = (wait * 2).min(WAIT_MAX);
            }
        }
    }
}
