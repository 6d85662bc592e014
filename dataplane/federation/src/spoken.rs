//! What a server says on a stream that belongs to no request, as the client of a session is to have
//! it: lists and updates under joined names, questions under ids of their own, answers only where
//! that very server was asked.

use crate::course::asked_of;
use crate::json::{Changes, quoted};
use crate::run::Hub;
use crate::said::{Kind, Said};
use crate::session::Session;
use crate::subscription::{LISTS, UPDATED};

/// What a server says by itself, as the client of a session is to have it.
pub(crate) fn for_session(
    hub: &Hub,
    session: &Session,
    server: &str,
    data: &str,
) -> Option<String> {
    let said = Said::read(data)?;
    match said.kind {
        Kind::Request => asked_of(hub, session, server, data),
        // Nothing was asked here: it would answer what another server was asked.
        Kind::Result | Kind::Error(_) => None,
        Kind::Notification => {
            let params = said.params();
            let method = said.method();
            if LISTS.iter().any(|(_, notice)| *notice == method) {
                return Some(format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#));
            }
            if method.starts_with("notifications/subscriptions/") {
                return None;
            }
            let mut changes = Changes::default();
            if let (UPDATED, Some(place), Some(uri)) =
                (&*method, params.get("uri"), params.text("uri"))
            {
                let uri = session.who().naming.uri(server, &uri);
                changes.replace(data, place, quoted(&uri));
            }
            Some(changes.apply(data))
        }
    }
}

/// The same on a stream that was taken up again, where the answer comes to what was asked there.
pub(crate) fn resumed(hub: &Hub, session: &Session, server: &str, data: &str) -> Option<String> {
    let said = Said::read(data)?;
    match said.kind {
        Kind::Result | Kind::Error(_) => {
            let awaited = session.awaits(said.id()?, server);
            awaited.then(|| data.to_owned())
        }
        Kind::Request | Kind::Notification => for_session(hub, session, server, data),
    }
}
