//! How a client is greeted: what all servers within its reach offer together.
//!
//! A server that does not say in time what it offers is believed to offer everything: an empty list
//! of prompts misleads nobody, a capability that is missing can't be used once the server is back.

use std::rc::Rc;

use core::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::timeout;
use varistor_model::{Era, ProtocolVersion};

use crate::door::Who;
use crate::json::{Object, quoted};
use crate::link::{Holder, LEGACY, MODERN};
use crate::lists::FAN_OUT;
use crate::names::Naming;
use crate::offers::Offers;
use crate::order::Turn;
use crate::reply::Reply;
use crate::search;
use crate::session::Session;

/// What either offers when it is not known.
const EVERYTHING: Offers = Offers {
    tools: true,
    prompts: true,
    resources: true,
    subscribe: true,
    completions: true,
    logging: true,
};
/// Largest parameters of `initialize`: each session keeps them.
const HELLO_BYTES_MAX: usize = 64 * 1024;
/// How long a greeting waits for servers that nobody has met yet.
const WAIT: Duration = Duration::from_secs(3);
const INFO: &str = concat!(
    r#"{"name":"varistor","title":"Varistor","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""}"#
);
const INSTRUCTIONS: &str = "These are the tools, prompts and resources of several servers. What \
    stands before the first two underscores of a name is the server. A list that lacks a server \
    which can't be reached says so in its metadata (varistor/unavailable).";
const SEARCHING: &str = " There are many tools: look for those that you need with search_tools, \
    and call what it finds with call_tool.";

/// Opens a session.
pub(crate) async fn initialize(turn: &Rc<Turn>) -> Reply {
    let params = turn.ask.params();
    let wanted = params.text("protocolVersion").unwrap_or_default();
    let version = match ProtocolVersion::named(wanted.as_bytes()) {
        Some(version) if version.name() != MODERN => version.name(),
        _ => LEGACY,
    };
    let place = turn.ask.params_place().unwrap_or_default();
    let hello = turn.ask.text.get(place).unwrap_or("{}").to_owned();
    if hello.len() > HELLO_BYTES_MAX {
        let text = "The parameters of initialize are larger than 64 KiB.";
        return turn.error(400, (-32602, text));
    }
    // What servers are asked with is sound, so that whoever refuses it has no such era.
    if !is_sound(&hello) {
        let text = "The parameters lack protocolVersion, capabilities or clientInfo.";
        return turn.error(400, (-32602, text));
    }
    let Some(session) = turn.member.begin(&turn.hub, hello, &turn.who) else {
        return Reply::bare(503);
    };
    let mut who = turn.who.clone();
    who.meta = session.holder.meta().into();
    let mut beginning = Beginning {
        turn: Rc::clone(turn),
        session: Some(Rc::clone(&session)),
    };
    let greeting = match greeting(turn, (&who, &session.holder), true).await {
        Ok(greeting) => greeting,
        Err(reply) => return reply,
    };
    beginning.session = None;
    let info = &greeting.info;
    let result = format!(
        "{{\"protocolVersion\":\"{version}\",\"serverInfo\":{info},{}}}",
        greeting.members()
    );
    Reply {
        session: Some(session.id.clone()),
        ..turn.result(&result)
    }
}

/// Whether the parameters of `initialize` are what each version asks for.
fn is_sound(hello: &str) -> bool {
    let Some(hello) = Object::read(hello) else {
        return false;
    };
    let info = hello.object("clientInfo").unwrap_or_default();
    hello.text("protocolVersion").is_some()
        && hello.object("capabilities").is_some()
        && info.text("name").is_some()
        && info.text("version").is_some()
}

/// Tells a modern client what there is.
pub(crate) async fn discover(turn: &Rc<Turn>) -> Reply {
    let greeting = match greeting(turn, (&turn.who, turn.plain()), false).await {
        Ok(greeting) => greeting,
        Err(reply) => return reply,
    };
    let info = &greeting.info;
    turn.result(&format!(
        "{{\"resultType\":\"complete\",\"supportedVersions\":[\"{MODERN}\"],{},\
         \"ttlMs\":60000,\"cacheScope\":\"private\",\
         \"_meta\":{{\"io.modelcontextprotocol/serverInfo\":{info}}}}}",
        greeting.members()
    ))
}

/// A session whose client does not know it yet: when this is dropped, it ends.
struct Beginning {
    turn: Rc<Turn>,
    session: Option<Rc<Session>>,
}

impl Drop for Beginning {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.turn.member.end(&self.turn.hub, &session);
        }
    }
}

/// What a client is told at first, as JSON.
struct Greeting {
    info: String,
    capabilities: String,
    instructions: Option<String>,
}

impl Greeting {
    /// The members that both eras have.
    fn members(&self) -> String {
        let mut all = format!("\"capabilities\":{}", self.capabilities);
        if let Some(text) = &self.instructions {
            all.push_str(&format!(",\"instructions\":{text}"));
        }
        all
    }
}

/// Of all servers together; of a single one its own, which must be there then.
async fn greeting(
    turn: &Rc<Turn>,
    (who, holder): (&Who, &Rc<Holder>),
    legacy: bool,
) -> Result<Greeting, Reply> {
    if who.naming == Naming::Joined {
        let offers = offers(turn, who, holder).await;
        return Ok(Greeting {
            info: INFO.to_owned(),
            capabilities: capabilities(turn, offers, legacy),
            instructions: Some(instructions(turn)),
        });
    }
    let server = who.reach.first().ok_or_else(|| Reply::bare(404))?;
    let opened = holder.link(server).open(&turn.hub, who, holder).await;
    let open = opened.map_err(|trouble| turn.trouble(server, &trouble))?;
    let offers = turn.hub.offers(server).unwrap_or_default();
    let about = open.about.clone();
    let is_same = (open.era == Era::Legacy) == legacy;
    // In its own era, a server can do whatever it says.
    let whole = about.capabilities.filter(|_| is_same);
    Ok(Greeting {
        info: about.info.unwrap_or_else(|| INFO.to_owned()),
        capabilities: whole.unwrap_or_else(|| capabilities(turn, offers, false)),
        instructions: about.instructions,
    })
}

async fn offers(turn: &Rc<Turn>, who: &Who, holder: &Rc<Holder>) -> Offers {
    let each = turn.who.reach.iter().map(|server| async move {
        if let Some(offers) = turn.hub.offers(server) {
            return offers;
        }
        let link = holder.link(server);
        match timeout(WAIT, link.open(&turn.hub, who, holder)).await {
            Ok(Ok(_)) => turn.hub.offers(server).unwrap_or_default(),
            Ok(Err(_)) | Err(_) => EVERYTHING,
        }
    });
    let all = futures_util::stream::iter(each).buffer_unordered(FAN_OUT);
    all.fold(Offers::default(), async |sum, offers| sum.or(offers))
        .await
}

/// Virtual servers have tools only. `list_changed` is told wherever a client listens.
fn capabilities(turn: &Turn, offers: Offers, legacy: bool) -> String {
    let mut all = Vec::new();
    if offers.tools || turn.who.naming == Naming::Joined {
        all.push(r#""tools":{"listChanged":true}"#);
    }
    if turn.who.view.is_none() {
        if offers.prompts {
            all.push(r#""prompts":{"listChanged":true}"#);
        }
        match (offers.resources, offers.subscribe) {
            (false, _) => {}
            (true, false) => all.push(r#""resources":{"listChanged":true}"#),
            (true, true) => all.push(r#""resources":{"listChanged":true,"subscribe":true}"#),
        }
        if offers.completions {
            all.push(r#""completions":{}"#);
        }
    }
    // Warnings about servers that are missing are log messages of the federation itself.
    if offers.logging || legacy {
        all.push(r#""logging":{}"#);
    }
    format!("{{{}}}", all.join(","))
}

fn instructions(turn: &Turn) -> String {
    let mut text = String::new();
    if turn.who.view.is_none() {
        text.push_str(INSTRUCTIONS);
    }
    if search::is_on(turn) {
        text.push_str(SEARCHING);
    }
    quoted(text.trim_start())
}
