//! Lists of all servers, put together: in the order of their names, page by page, each within its
//! own time. A list that lacks a server says so.
//!
//! A cursor names the server and the cursor of its own where the next page begins. It is believed
//! no further than that: whoever makes one up gets what the server's own list permits.

use std::collections::HashSet;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::StreamExt as _;
use hyper::Method as Verb;
use tokio::time::timeout;
use varistor_model::Era;

use crate::items::{Item, List};
use crate::json::{Changes, elements, quoted};
use crate::link::{self, Link, Open};
use crate::listen::listen_to;
use crate::names::Naming;
use crate::order::Turn;
use crate::reply::{Reply, result_text};
use crate::said::Said;
use crate::trouble::Trouble;

/// Servers that are asked at the same time, for one request.
pub(crate) const FAN_OUT: usize = 16;
/// After so many entries, or bytes of them, a page ends.
const PAGE_ITEMS: usize = 1000;
const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Most bytes of entries that are put together for one request.
const ALL_BYTES: usize = 64 * 1024 * 1024;
/// Most pages of one server that are read for one page.
const PAGES_MAX: usize = 64;

/// A page that is put together.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) items: Vec<Item>,
    pub(crate) missing: Vec<Missing>,
    /// Where the next one begins.
    pub(crate) next: Option<Cursor>,
    bytes: usize,
}

/// A server whose part is missing.
#[derive(Debug)]
pub(crate) struct Missing {
    pub(crate) server: String,
    pub(crate) trouble: Trouble,
}

/// A place in a merged list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    server: String,
    /// The server's own; none at its beginning.
    own: Option<String>,
}

/// What one server gave.
struct Part {
    server: String,
    items: Vec<Item>,
    next: Option<String>,
}

/// Answers a request for a list.
pub(crate) async fn list(turn: &Rc<Turn>) -> Reply {
    let list = List::of(turn.ask.method);
    let cursor = match turn.ask.params().text("cursor") {
        None => None,
        Some(text) => match Cursor::read(&text).filter(|it| turn.who.reaches(&it.server)) {
            Some(cursor) => Some(cursor),
            None => return turn.error(400, (-32602, "There is no such cursor")),
        },
    };
    let page = page(turn, list, cursor).await;
    match page.missing.first() {
        // Nothing is left of it to be told.
        Some(missing) if turn.who.naming == Naming::Own => {
            turn.trouble(&missing.server, &missing.trouble)
        }
        _ => told(turn, list, page).await,
    }
}

/// Puts a page together. Servers are asked together, but no further than the page reaches.
pub(crate) async fn page(turn: &Rc<Turn>, list: List, from: Option<Cursor>) -> Page {
    let mut page = Page::default();
    // It is never closed.
    let _turn = turn.member.merging.acquire().await;
    let reach = turn.who.reach.iter();
    let left = reach.filter(|server| from.as_ref().is_none_or(|from| **server >= from.server));
    let each = left.map(|server| {
        let own = from.as_ref().filter(|from| from.server == *server);
        part(
            turn,
            list,
            (server.clone(), own.and_then(|from| from.own.clone())),
        )
    });
    let mut parts = futures_util::stream::iter(each).buffered(FAN_OUT);
    while let Some((server, part)) = parts.next().await {
        if page.is_full() {
            page.next = Some(Cursor { server, own: None });
            break;
        }
        match part {
            Err(trouble) => page.missing.push(Missing { server, trouble }),
            Ok(part) => {
                page.add(part);
                if page.next.is_some() {
                    break;
                }
            }
        }
    }
    turn.member.catalogue.learn(list, &page.items);
    page
}

/// All entries, page after page, as far as memory goes; whose part is cut off is missing.
pub(crate) async fn all(turn: &Rc<Turn>, list: List) -> (Vec<Item>, Vec<Missing>) {
    let (mut items, mut missing) = (Vec::new(), Vec::new());
    let mut from = None;
    let mut bytes = 0_usize;
    for _ in 0..PAGES_MAX {
        let page = page(turn, list, from).await;
        bytes = bytes.saturating_add(page.bytes);
        items.extend(page.items);
        missing.extend(page.missing);
        from = page.next;
        if from.is_none() || bytes >= ALL_BYTES {
            break;
        }
    }
    if let Some(from) = from {
        let left = turn.who.reach.iter().filter(|it| **it >= from.server);
        missing.extend(left.map(|server| Missing {
            server: server.clone(),
            trouble: Trouble::TooLarge,
        }));
    }
    (items, missing)
}

impl Page {
    fn is_full(&self) -> bool {
        self.items.len() >= PAGE_ITEMS || self.bytes >= PAGE_BYTES
    }

    fn add(&mut self, part: Part) {
        let mut seen: HashSet<String> = HashSet::new();
        for item in part.items {
            // Two of one name could not be told apart.
            if seen.insert(item.name.clone()) {
                self.bytes = self.bytes.saturating_add(item.text.len());
                self.items.push(item);
            }
        }
        self.next = part.next.map(|own| Cursor {
            server: part.server,
            own: Some(own),
        });
    }
}

/// What one server gives, in its time.
async fn part(
    turn: &Rc<Turn>,
    list: List,
    (server, own): (String, Option<String>),
) -> (String, Result<Part, Trouble>) {
    let offers = turn.hub.offers(&server);
    let lacks = offers.is_some_and(|offers| match list {
        List::Tools => !offers.tools,
        List::Prompts => !offers.prompts,
        List::Resources | List::Templates => !offers.resources,
    });
    if lacks {
        let part = Part {
            server: server.clone(),
            items: Vec::new(),
            next: None,
        };
        return (server, Ok(part));
    }
    let read = read(turn, list, &server, own);
    let read = timeout(turn.who.plan.answer, read).await;
    (server, read.unwrap_or(Err(Trouble::Late)))
}

async fn read(
    turn: &Rc<Turn>,
    list: List,
    server: &str,
    own: Option<String>,
) -> Result<Part, Trouble> {
    let mut part = Part {
        server: server.to_owned(),
        items: Vec::new(),
        next: own,
    };
    let mut bytes = 0_usize;
    for _ in 0..PAGES_MAX {
        let text = match ask(turn, list, server, part.next.as_deref()).await {
            Ok(text) => text,
            // It has no such list, whatever it said before.
            Err(trouble) if trouble.code() == Some(-32601) => return Ok(part),
            Err(trouble) => return Err(trouble),
        };
        let said = Said::read(&text).ok_or(Trouble::Invalid)?;
        let result = said.result();
        let entries = result.get(list.key()).and_then(elements);
        for entry in entries.ok_or(Trouble::Invalid)? {
            bytes = bytes.saturating_add(entry.len());
            part.items.extend(list.items(&turn.who, server, entry));
        }
        part.next = result.text("nextCursor").map(|cursor| cursor.into_owned());
        if part.next.is_none() || part.items.len() >= PAGE_ITEMS || bytes >= PAGE_BYTES {
            break;
        }
    }
    Ok(part)
}

/// One page of a server; in a session that is lost, once more in a new one.
async fn ask(
    turn: &Rc<Turn>,
    list: List,
    server: &str,
    cursor: Option<&str>,
) -> Result<String, Trouble> {
    let (link, open) = turn.open(server).await?;
    match asked(turn, list, (&link, &open), cursor).await {
        Err(trouble) if trouble.is_lost_session() && open.session.is_some() => {
            link.lose(&open).await;
            let (link, open) = turn.open(server).await?;
            asked(turn, list, (&link, &open), cursor).await
        }
        other => other,
    }
}

async fn asked(
    turn: &Rc<Turn>,
    list: List,
    (link, open): (&Link, &Open),
    cursor: Option<&str>,
) -> Result<String, Trouble> {
    let mut params = Vec::new();
    if let Some(cursor) = cursor {
        params.push(format!(r#""cursor":{}"#, quoted(cursor)));
    }
    if open.era == Era::Modern {
        params.push(format!(r#""_meta":{{{}}}"#, turn.who.meta));
    }
    let (id, method, params) = (turn.hub.own_id(), list.method(), params.join(","));
    let mut outgoing = open.outgoing(&link.server, Verb::POST);
    if open.era == Era::Modern {
        outgoing.method = Some(method.into());
    }
    outgoing.body =
        format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{{params}}}}}"#);
    Ok(link::ask(&turn.hub, &turn.who, outgoing).await?.text)
}

/// Tells a page, and what is missing: in the metadata for programs, as a log message for people.
async fn told(turn: &Rc<Turn>, list: List, page: Page) -> Reply {
    let items: Vec<&str> = page.items.iter().map(|item| &*item.text).collect();
    let mut result = format!(r#"{{"{}":[{}]"#, list.key(), items.join(","));
    if let Some(next) = &page.next {
        result.push_str(&format!(r#","nextCursor":"{}""#, next.text()));
    }
    if turn.era() == Era::Modern {
        result.push_str(r#","resultType":"complete","ttlMs":0,"cacheScope":"private""#);
    }
    if !page.missing.is_empty() {
        result.push_str(&format!(r#","_meta":{{{}}}"#, unavailable(&page.missing)));
    }
    result.push('}');
    let text = result_text(turn.ask.id(), &result);
    if let Some(session) = &turn.session {
        let servers = page.missing.iter().map(|it| it.server.clone());
        session.missing.borrow_mut().extend(servers);
        for missing in &page.missing {
            listen_to(&turn.hub, session, &missing.server);
        }
    }
    if page.missing.is_empty() || !turn.takes_events || !wants_warnings(turn) {
        return Reply::json(200, text);
    }
    let (outlet, reply) = Reply::stream();
    // There is room for two.
    outlet.message(warning(&page.missing)).await;
    outlet.message(text).await;
    reply
}

/// The member of `_meta` that names what is missing.
pub(crate) fn unavailable(missing: &[Missing]) -> String {
    let each = missing.iter().map(|it| {
        let (server, reason) = (quoted(&it.server), quoted(&it.trouble.to_string()));
        format!(r#"{{"server":{server},"reason":{reason}}}"#)
    });
    let all: Vec<String> = each.collect();
    format!(r#""varistor/unavailable":[{}]"#, all.join(","))
}

/// Sessions that said nothing about it hear warnings; modern clients hear what they ask for.
fn wants_warnings(turn: &Turn) -> bool {
    const SERIOUS: [&str; 4] = ["error", "critical", "alert", "emergency"];
    let level = match &turn.session {
        Some(session) => session.holder.level.borrow().clone(),
        None => {
            let meta = turn.ask.meta();
            match meta.get("io.modelcontextprotocol/logLevel") {
                Some(level) => Some(level.to_owned()),
                None => return false,
            }
        }
    };
    level.is_none_or(|level| !SERIOUS.contains(&level.trim_matches('"')))
}

fn warning(missing: &[Missing]) -> String {
    let each = missing
        .iter()
        .map(|it| format!("{} ({})", it.server, it.trouble));
    let all: Vec<String> = each.collect();
    let text = quoted(&format!("The list lacks servers: {}", all.join(", ")));
    format!(
        "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\
         \"params\":{{\"level\":\"warning\",\"logger\":\"varistor\",\"data\":{text}}}}}"
    )
}

impl Cursor {
    fn text(&self) -> String {
        let own = self.own.as_ref().map(|own| format!(",{}", quoted(own)));
        let plain = format!("[{}{}]", quoted(&self.server), own.unwrap_or_default());
        URL_SAFE_NO_PAD.encode(plain)
    }

    fn read(text: &str) -> Option<Self> {
        let plain = URL_SAFE_NO_PAD.decode(text).ok()?;
        let mut parts: Vec<String> = serde_json::from_slice(&plain).ok()?;
        let own = if parts.len() == 2 { parts.pop() } else { None };
        let server = parts.pop().filter(|_| parts.is_empty())?;
        Some(Self { server, own })
    }
}

/// The text with the marks of a complete result of 2026-07-28 in front of all others.
pub(crate) fn completed(text: &str, result: &str, more: &str, changes: &mut Changes) {
    if let Some(place) = crate::json::place(text, result) {
        changes.lead(text, place, &format!(r#""resultType":"complete",{more}"#));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place() {
        for own in [None, Some(String::new()), Some("a\"b".into())] {
            let server = "crm".into();
            let cursor = Cursor { server, own };
            assert_eq!(Cursor::read(&cursor.text()), Some(cursor));
        }
        for text in ["", "x", "W10", "WzFd", "!"] {
            assert_eq!(Cursor::read(text), None, "{text}");
        }
    }
}
