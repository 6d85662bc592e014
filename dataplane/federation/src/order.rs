//! The whole way of a request to the federation, in one function.

use std::rc::Rc;
use std::sync::Arc;

use hyper::Method as Verb;
use hyper::header::{HeaderName, HeaderValue};
use tokio::sync::OwnedSemaphorePermit;
use varistor_model::{Era, Method};

use crate::ask::{Ask, Kind};
use crate::door::{Call, Who};
use crate::link::{Holder, Link, MODERN, Open};
use crate::members::Member;
use crate::names::Naming;
use crate::parked::Askable;
use crate::reply::Reply;
use crate::run::Hub;
use crate::session::Session;
use crate::trouble::Trouble;
use crate::{calls, greeting, listen, lists, own, search};

/// One message of a client, and everything that its answer needs.
pub(crate) struct Turn {
    pub(crate) hub: Rc<Hub>,
    pub(crate) who: Who,
    pub(crate) member: Rc<Member>,
    /// The session of a legacy client; modern ones have none.
    pub(crate) session: Option<Rc<Session>>,
    pub(crate) ask: Ask,
    pub(crate) takes_events: bool,
    /// Mirrored arguments.
    pub(crate) mirrored: Vec<(HeaderName, HeaderValue)>,
    /// Whose links serve it.
    holder: Rc<Holder>,
    /// The same for servers that must not ask its client anything.
    plain: Rc<Holder>,
}

/// Answers one request. Nothing here decides what may be done: each server is asked through the
/// gateway's order.
pub(crate) async fn order(hub: &Rc<Hub>, call: Call) -> Reply {
    let Some(member) = hub.members.member(hub, &call.who) else {
        return Reply::bare(503);
    };
    match call.verb {
        Verb::GET => return listen::open(hub, &member, call).await,
        Verb::DELETE => return own::delete(hub, &member, &call),
        _ => {}
    }
    let turn = match read(hub, member, call) {
        Ok(turn) => Rc::new(turn),
        Err(reply) => return *reply,
    };
    match turn.ask.kind {
        Kind::Notification => own::notified(&turn).await,
        Kind::Response => own::answered(&turn).await,
        Kind::Request => requested(turn).await,
    }
}

async fn requested(turn: Rc<Turn>) -> Reply {
    match turn.ask.method {
        // They are of 2026-07-28.
        Method::ServerDiscover | Method::SubscriptionsListen if turn.session.is_some() => {
            turn.error(404, (-32601, "Method not found"))
        }
        Method::Initialize => greeting::initialize(&turn).await,
        Method::ServerDiscover => greeting::discover(&turn).await,
        Method::Ping => turn.result("{}"),
        Method::LoggingSetLevel => own::set_level(&turn).await,
        Method::SubscriptionsListen => listen::subscribe(&turn),
        Method::ToolsList if search::is_on(&turn) => search::list(&turn),
        Method::ToolsList
        | Method::PromptsList
        | Method::ResourcesList
        | Method::ResourcesTemplatesList => lists::list(&turn).await,
        Method::ToolsCall if search::is_own(&turn) => search::call(&turn).await,
        Method::ToolsCall
        | Method::PromptsGet
        | Method::ResourcesRead
        | Method::ResourcesSubscribe
        | Method::ResourcesUnsubscribe
        | Method::CompletionComplete => calls::call(&turn).await,
        _ if turn.who.naming == Naming::Own => calls::call(&turn).await,
        _ => turn.error(
            404,
            (
                -32601,
                "Method not found. What belongs to one server only, as its tasks do, is at \
                 /mcp/NAME.",
            ),
        ),
    }
}

/// Reads the message, and finds the session that it belongs to.
fn read(hub: &Rc<Hub>, member: Rc<Member>, call: Call) -> Result<Turn, Box<Reply>> {
    // The worker has read it strictly; here it is found to be no single message.
    let ask = Ask::read(call.body).ok_or_else(|| {
        let text = "Batches are not taken here; send each message by itself.";
        Reply::error(400, None, (-32600, text))
    })?;
    let mut who = call.who;
    let modern = ask.era == Era::Modern || call.era == Era::Modern;
    if modern && ask.kind == Kind::Request && ask.era == Era::Legacy {
        let text = "The metadata of 2026-07-28 is missing (_meta).";
        return Err(Reply::error(400, ask.id(), (-32602, text)).into());
    }
    if modern && ask.kind == Kind::Request {
        spoken(&ask)?;
    }
    let session = match (modern, ask.method) {
        (true, _) | (_, Method::Initialize) => None,
        (false, _) => {
            let id = call.session.ok_or_else(|| {
                let text = "A session is needed: begin with initialize.";
                Reply::error(400, ask.id(), (-32600, text))
            })?;
            let found = member.session(&id, &who).ok_or_else(|| {
                let text = "There is no such session; initialize again.";
                Reply::error(404, ask.id(), (-32600, text))
            })?;
            Some(found)
        }
    };
    let holder = match &session {
        Some(session) => Rc::clone(&session.holder),
        None => member.shared(Askable::of(&ask)),
    };
    let plain = match &session {
        Some(session) => Rc::clone(&session.holder),
        None => member.shared(Askable::default()),
    };
    who.meta = match &session {
        Some(session) => session.holder.meta().into(),
        None => ask.modern_meta().into(),
    };
    Ok(Turn {
        hub: Rc::clone(hub),
        who,
        member,
        session,
        ask,
        takes_events: call.takes_events,
        mirrored: call.mirrored,
        holder,
        plain,
    })
}

/// Whether a request says what each must since 2026-07-28 (*Overview > _meta*).
fn spoken(ask: &Ask) -> Result<(), Box<Reply>> {
    let meta = ask.meta();
    let requested = meta.get("io.modelcontextprotocol/protocolVersion");
    let requested = requested.unwrap_or("null");
    if requested.trim_matches('"') != MODERN {
        let id = ask.id().unwrap_or("null");
        let text = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":-32022,\
             \"message\":\"Unsupported protocol version\",\
             \"data\":{{\"supported\":[\"{MODERN}\"],\"requested\":{requested}}}}}}}"
        );
        return Err(Reply::json(400, text).into());
    }
    let capabilities = meta.object("io.modelcontextprotocol/clientCapabilities");
    if capabilities.is_none() {
        let text = "clientCapabilities is missing in _meta.";
        return Err(Reply::error(400, ask.id(), (-32602, text)).into());
    }
    Ok(())
}

impl Turn {
    /// The same for somebody whose reach is another.
    pub(crate) fn with(&self, who: Who) -> Rc<Self> {
        self.changed(who, self.ask.clone())
    }

    /// Another message of the same client.
    pub(crate) fn asking(&self, ask: Ask) -> Rc<Self> {
        self.changed(self.who.clone(), ask)
    }

    fn changed(&self, who: Who, ask: Ask) -> Rc<Self> {
        Rc::new(Self {
            hub: Rc::clone(&self.hub),
            who,
            member: Rc::clone(&self.member),
            session: self.session.clone(),
            ask,
            takes_events: self.takes_events,
            mirrored: self.mirrored.clone(),
            holder: Rc::clone(&self.holder),
            plain: Rc::clone(&self.plain),
        })
    }

    /// Whose links serve what is no call.
    pub(crate) fn holder_of(&self, server: &str) -> &Rc<Holder> {
        match self.who.plan.piped.contains(server) {
            // Many share that session, and nobody could tell whom a question is for.
            true => &self.plain,
            false => &self.holder,
        }
    }

    /// Whose links serve what needs no answer to questions.
    pub(crate) const fn plain(&self) -> &Rc<Holder> {
        &self.plain
    }

    /// The client's era.
    pub(crate) fn era(&self) -> Era {
        match self.session {
            Some(_) => Era::Legacy,
            None => Era::Modern,
        }
    }

    /// The open link to a server.
    pub(crate) async fn open(&self, server: &str) -> Result<(Rc<Link>, Rc<Open>), Trouble> {
        let holder = self.holder_of(server);
        let link = holder.link(server);
        let open = link.open(&self.hub, &self.who, holder).await?;
        if let Some(session) = &self.session {
            listen::listen_to(&self.hub, session, server);
        }
        Ok((link, open))
    }

    /// The same for a call. A server with one pipe can ask about one call at a time: further ones
    /// go where nothing can be asked.
    pub(crate) async fn open_call(
        &self,
        server: &str,
    ) -> Result<(Rc<Link>, Rc<Open>, Option<OwnedSemaphorePermit>), Trouble> {
        if self.session.is_none() && !Rc::ptr_eq(&self.holder, self.holder_of(server)) {
            let link = self.holder.link(server);
            if let Ok(permit) = Arc::clone(&link.asking).try_acquire_owned() {
                let open = link.open(&self.hub, &self.who, &self.holder).await?;
                return Ok((link, open, Some(permit)));
            }
        }
        let (link, open) = self.open(server).await?;
        Ok((link, open, None))
    }

    /// A result.
    pub(crate) fn result(&self, result: &str) -> Reply {
        Reply::result(self.ask.id(), result)
    }

    /// An error; only modern clients are told of it by the status, too.
    pub(crate) fn error(&self, status: u16, error: (i64, &str)) -> Reply {
        let status = match self.era() {
            Era::Modern => status,
            Era::Legacy => 200,
        };
        Reply::error(status, self.ask.id(), error)
    }

    /// A server gave nothing: what the gateway or it said of that.
    pub(crate) fn trouble(&self, server: &str, trouble: &Trouble) -> Reply {
        let status = match trouble {
            // To a legacy client, 404 would mean that its session is gone.
            Trouble::Refused(404, _) if self.era() == Era::Legacy => 502,
            Trouble::Refused(status, _) if *status >= 400 => *status,
            Trouble::Late => 504,
            _ => 502,
        };
        let text = format!("Server {server} gave no answer that can be passed on: {trouble}.");
        Reply::error(
            status,
            self.ask.id(),
            (trouble.code().unwrap_or(own::NO_ANSWER), &text),
        )
    }
}
