//! A stream of one call that broke off, taken up again at the server that its events came from.

use std::rc::Rc;

use hyper::Method as Verb;

use crate::course::tagged;
use crate::feed::Feed;
use crate::reply::Reply;
use crate::run::Hub;
use crate::session::Session;
use crate::spoken::resumed;

/// Goes on with the stream of one call, at the server that its events came from.
pub(crate) async fn resume(hub: &Rc<Hub>, session: &Rc<Session>, last: &str) -> Reply {
    let who = session.speaker();
    let Some((server, own)) = last.split_once('/').filter(|(it, _)| who.reaches(it)) else {
        return Reply::bare(404);
    };
    let link = session.holder.link(server);
    let Ok(open) = link.open(hub, &who, &session.holder).await else {
        return Reply::bare(502);
    };
    let mut outgoing = open.outgoing(server, Verb::GET);
    let Ok(own) = own.parse() else {
        return Reply::bare(400);
    };
    outgoing.fields = vec![(hyper::header::HeaderName::from_static("last-event-id"), own)];
    let answer = match hub.inner.send(&who, outgoing).await {
        Ok(answer) if answer.status == 200 && answer.is_stream => answer,
        Ok(answer) => return Reply::bare(answer.status),
        Err(_) => return Reply::bare(502),
    };
    let (outlet, reply) = Reply::stream();
    let (hub, session, server) = (Rc::clone(hub), Rc::clone(session), server.to_owned());
    tokio::task::spawn_local(async move {
        let mut feed = Feed::new(answer.content);
        loop {
            let event = tokio::select! {
                () = outlet.gone() => return,
                event = feed.next() => event,
            };
            let Some(Ok(mut event)) = event else { return };
            event.id = event.id.map(|id| tagged(&server, &id));
            let data = event.data.take().filter(|data| !data.is_empty());
            if let Some(data) = data {
                match resumed(&hub, &session, &server, &data) {
                    Some(data) => event.data = Some(data),
                    None => continue,
                }
            } else if event.id.is_some() {
                event.data = Some(String::new());
            }
            outlet.send(&event).await;
        }
    });
    reply
}
