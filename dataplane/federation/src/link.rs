//! The way to one server on behalf of one client session, or of all modern clients of a token: in
//! which era it is spoken to, and in which session.
//!
//! A link is opened on first need, once however many need it, in the client's own era where the
//! server has it. One whose session the server does not know any more is opened again.

use core::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::Method as Verb;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;
use varistor_model::Era;

use crate::audience::Audience;
use crate::door::Who;
use crate::feed::Feed;
use crate::inner::Outgoing;
use crate::json::{Object, decoded, quoted};
use crate::names::Naming;
use crate::offers::{About, Offers};
use crate::parked::Askable;
use crate::run::Hub;
use crate::said::{Kind, Said};
use crate::trouble::Trouble;

/// Whose links these are.
pub(crate) struct Holder {
    /// The era of its clients.
    pub(crate) era: Era,
    /// Parameters of `initialize`, as they stand there.
    hello: String,
    links: RefCell<BTreeMap<String, Rc<Link>>>,
    /// The level of logging that its client wants, as it stands in the request.
    pub(crate) level: RefCell<Option<String>>,
    /// Whether nothing is opened any more.
    pub(crate) ended: Cell<bool>,
}

/// The way to one server.
pub(crate) struct Link {
    pub(crate) server: String,
    open: Mutex<Option<Rc<Open>>>,
    /// Whose question the next one from a server with one pipe is.
    pub(crate) asking: Arc<Semaphore>,
    /// Resources that the client subscribed to at a server that has no method for it.
    pub(crate) watched: RefCell<BTreeSet<String>>,
    /// Who shares the server's own stream.
    pub(crate) audience: Audience,
}

/// An open link.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) era: Era,
    pub(crate) session: Option<String>,
    pub(crate) version: String,
    /// What the server says of itself.
    pub(crate) about: About,
}

/// What a response says, and the session that it opened.
pub(crate) struct Got {
    pub(crate) text: String,
    pub(crate) session: Option<String>,
}

/// The modern version.
pub(crate) const MODERN: &str = "2026-07-28";
/// The newest version with sessions.
pub(crate) const LEGACY: &str = "2025-11-25";
/// Longest time that opening one takes; the gateway's own time-outs end it before.
const OPEN: Duration = Duration::from_secs(120);
/// How the federation names itself where no client speaks for itself.
const SELF: &str = concat!(
    r#"{"name":"varistor","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""}"#
);

impl Holder {
    /// The links of one client session, which opens its own as its client opened it.
    pub(crate) fn of_session(hello: String) -> Self {
        Self {
            era: Era::Legacy,
            hello,
            links: RefCell::default(),
            level: RefCell::default(),
            ended: Cell::new(false),
        }
    }

    /// The links that all modern clients of a token share that can be asked the same.
    pub(crate) fn shared(askable: Askable) -> Self {
        let capabilities = askable.capabilities();
        let hello = format!(
            "{{\"protocolVersion\":\"{LEGACY}\",\"capabilities\":{capabilities},\
             \"clientInfo\":{SELF}}}"
        );
        Self {
            era: Era::Modern,
            ..Self::of_session(hello)
        }
    }

    /// The link to this server.
    pub(crate) fn link(&self, server: &str) -> Rc<Link> {
        let mut links = self.links.borrow_mut();
        let link = links.entry(server.to_owned()).or_insert_with(|| {
            Rc::new(Link {
                server: server.to_owned(),
                open: Mutex::default(),
                asking: Arc::new(Semaphore::new(1)),
                watched: RefCell::default(),
                audience: Audience::default(),
            })
        });
        Rc::clone(link)
    }

    /// All links that are open.
    pub(crate) async fn opened(&self) -> Vec<(Rc<Link>, Rc<Open>)> {
        let links: Vec<_> = self.links.borrow().values().cloned().collect();
        let mut all = Vec::with_capacity(links.len());
        for link in links {
            let open = link.open.lock().await.clone();
            all.extend(open.map(|open| (link, open)));
        }
        all
    }

    /// What a legacy client says of itself, as metadata of 2026-07-28.
    pub(crate) fn meta(&self) -> String {
        let hello = Object::read(&self.hello).unwrap_or_default();
        let capabilities = hello.get("capabilities").unwrap_or("{}");
        let info = hello.get("clientInfo").unwrap_or(SELF);
        let level = self.level.borrow();
        let level = level
            .as_ref()
            .map(|level| format!(r#","io.modelcontextprotocol/logLevel":{level}"#));
        format!(
            "\"io.modelcontextprotocol/protocolVersion\":\"{MODERN}\",\
             \"io.modelcontextprotocol/clientCapabilities\":{capabilities},\
             \"io.modelcontextprotocol/clientInfo\":{info}{}",
            level.unwrap_or_default()
        )
    }

    /// Ends the sessions with all servers.
    pub(crate) async fn end(&self, hub: &Rc<Hub>, who: &Who) {
        for (link, open) in self.opened().await {
            if open.session.is_some() {
                let outgoing = open.outgoing(&link.server, Verb::DELETE);
                // A server that is not there has ended it by itself.
                let _ = timeout(who.plan.answer, hub.inner.send(who, outgoing)).await;
            }
        }
    }
}

impl Link {
    /// The link, opened if need be. Whoever gives up waiting does not stop it from being opened: a
    /// program may take long to start.
    pub(crate) async fn open(
        self: &Rc<Self>,
        hub: &Rc<Hub>,
        who: &Who,
        holder: &Rc<Holder>,
    ) -> Result<Rc<Open>, Trouble> {
        if holder.ended.get() {
            return Err(Trouble::Broken);
        }
        if let Ok(open) = self.open.try_lock()
            && let Some(open) = &*open
        {
            return Ok(Rc::clone(open));
        }
        let (link, hub) = (Rc::clone(self), Rc::clone(hub));
        let (who, holder) = (who.clone(), Rc::clone(holder));
        let opening = tokio::task::spawn_local(async move {
            let mut open = link.open.lock().await;
            if let Some(open) = &*open {
                return Ok(Rc::clone(open));
            }
            let negotiated = timeout(OPEN, link.negotiate(&hub, &who, &holder)).await;
            let opened = Rc::new(negotiated.map_err(|_| Trouble::Late)??);
            *open = Some(Rc::clone(&opened));
            Ok(opened)
        });
        opening.await.unwrap_or(Err(Trouble::Broken))
    }

    /// The server does not know this session any more.
    pub(crate) async fn lose(&self, lost: &Rc<Open>) {
        let mut open = self.open.lock().await;
        // Somebody else may have opened it anew meanwhile.
        open.take_if(|open| Rc::ptr_eq(open, lost));
    }

    async fn negotiate(&self, hub: &Rc<Hub>, who: &Who, holder: &Holder) -> Result<Open, Trouble> {
        let order = match holder.era {
            Era::Modern => [Era::Modern, Era::Legacy],
            Era::Legacy => [Era::Legacy, Era::Modern],
        };
        let mut refused = None;
        if order.iter().all(|era| hub.lacks(&self.server, *era)) {
            hub.forget(&self.server);
        }
        for era in order {
            if hub.lacks(&self.server, era) {
                continue;
            }
            let tried = match era {
                Era::Modern => self.discover(hub, who).await,
                Era::Legacy => self.initialize(hub, who, holder).await,
            };
            match tried {
                Ok(open) => return Ok(open),
                Err(trouble) if is_of_another_era(&trouble) => {
                    hub.learn(&self.server, era, None);
                    refused.get_or_insert(trouble);
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Err(refused.unwrap_or(Trouble::Invalid))
    }

    async fn discover(&self, hub: &Rc<Hub>, who: &Who) -> Result<Open, Trouble> {
        let mut open = Open {
            era: Era::Modern,
            session: None,
            version: MODERN.into(),
            about: About::default(),
        };
        if hub.has(&self.server, Era::Modern) && who.naming == Naming::Joined {
            return Ok(open);
        }
        let id = hub.own_id();
        let body = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"server/discover\",\
             \"params\":{{\"_meta\":{{{}}}}}}}",
            own_meta()
        );
        let mut outgoing = open.outgoing(&self.server, Verb::POST);
        outgoing.method = Some("server/discover".into());
        outgoing.body = body;
        let got = ask(hub, who, outgoing).await?;
        hub.learn(&self.server, Era::Modern, Some(Offers::read(&got.text)));
        open.about = About::read(who, &got.text);
        Ok(open)
    }

    async fn initialize(&self, hub: &Rc<Hub>, who: &Who, holder: &Holder) -> Result<Open, Trouble> {
        let id = hub.own_id();
        let hello = &holder.hello;
        let outgoing = Outgoing {
            verb: Verb::POST,
            server: self.server.clone(),
            body: format!(
                r#"{{"jsonrpc":"2.0","id":{id},"method":"initialize","params":{hello}}}"#
            ),
            ..Outgoing::default()
        };
        let got = ask(hub, who, outgoing).await?;
        hub.learn(&self.server, Era::Legacy, Some(Offers::read(&got.text)));
        let said = Said::read(&got.text).ok_or(Trouble::Invalid)?;
        let version = said.result().text("protocolVersion");
        let version = match version.as_deref() {
            // Some servers echo what they are asked for; a session is never of this version.
            None | Some(MODERN) => LEGACY.to_owned(),
            Some(version) => version.to_owned(),
        };
        let open = Open {
            era: Era::Legacy,
            session: got.session,
            version,
            about: About::read(who, &got.text),
        };
        let say = |body: String| {
            let mut outgoing = open.outgoing(&self.server, Verb::POST);
            outgoing.body = body;
            outgoing
        };
        let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        told(hub.inner.send(who, say(initialized.into())).await?)?;
        let level = holder.level.borrow().clone();
        if let Some(level) = level.filter(|_| Offers::read(&got.text).logging) {
            // A server that refuses it logs as it pleases, which was so before.
            let _ = ask(hub, who, say(set_level(&hub.own_id(), &level))).await;
        }
        Ok(open)
    }
}

impl Open {
    /// A request to this server, in its era and session.
    pub(crate) fn outgoing(&self, server: &str, verb: Verb) -> Outgoing {
        Outgoing {
            verb,
            server: server.to_owned(),
            version: Some(self.version.clone()),
            session: self.session.clone(),
            ..Outgoing::default()
        }
    }
}

/// What the federation says of itself: what it learns of a server is for all clients, and must not
/// depend on what one of them says.
fn own_meta() -> String {
    format!(
        "\"io.modelcontextprotocol/protocolVersion\":\"{MODERN}\",\
         \"io.modelcontextprotocol/clientCapabilities\":{{}},\
         \"io.modelcontextprotocol/clientInfo\":{SELF}"
    )
}

/// Whether a refusal says that the server is not spoken to like that. Any error does: servers know
/// only their own.
const fn is_of_another_era(trouble: &Trouble) -> bool {
    matches!(
        trouble,
        Trouble::Refused(200 | 400 | 404..=406 | 415 | 422, _)
    )
}

/// Sends a request and waits for its own response, which is no error.
pub(crate) async fn ask(hub: &Rc<Hub>, who: &Who, outgoing: Outgoing) -> Result<Got, Trouble> {
    let id = Said::read(&outgoing.body).and_then(|said| said.id().map(str::to_owned));
    let id = id.ok_or(Trouble::Invalid)?;
    let answer = hub.inner.send(who, outgoing).await?;
    let (status, session) = (answer.status, answer.session);
    let text = match answer.is_stream {
        true => Feed::new(answer.content).response(&id).await?,
        false => answer.content.whole(who.plan.answer_bytes_max).await?,
    };
    let said = Said::read(&text);
    let own = said.as_ref().is_some_and(|said| said.answers(&id));
    match said.map(|said| said.kind) {
        Some(Kind::Result) if status == 200 && own => Ok(Got { text, session }),
        Some(Kind::Result) if status == 200 => Err(Trouble::Invalid),
        _ => Err(Trouble::Refused(status, text)),
    }
}

/// A notification that was taken.
fn told(answer: crate::inner::Answer) -> Result<(), Trouble> {
    match answer.status {
        200..=299 => Ok(()),
        status => Err(Trouble::Refused(status, String::new())),
    }
}

/// The request that sets this level, as it stands in a request.
pub(crate) fn set_level(id: &str, level: &str) -> String {
    let level = decoded(level).map_or_else(|| level.to_owned(), |text| quoted(&text));
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"logging/setLevel","params":{{"level":{level}}}}}"#
    )
}
