//! One request on its way to a server: what is changed in it, and back again in what is answered.

use std::rc::Rc;

use hyper::Method as Verb;
use varistor_model::{Era, Method, Subject};

use crate::catalogue::Target;
use crate::inner::Outgoing;
use crate::items::join_uris;
use crate::json::{Changes, is_same, quoted};
use crate::link::Open;
use crate::lists::completed;
use crate::names::Naming;
use crate::order::Turn;
use crate::said::{Kind, Said};

/// See the module.
#[derive(Clone)]
pub(crate) struct Passage {
    pub(crate) target: Target,
    naming: Naming,
    pub(crate) open: Rc<Open>,
    /// The id that the server sees, as it stands there.
    pub(crate) id: String,
    /// The id that the client chose.
    client_id: String,
    /// The progress token that the server sees, and the client's.
    token: Option<(String, String)>,
    method: Method,
    method_name: String,
    /// The client's era.
    era: Era,
    mirrored: Vec<(hyper::header::HeaderName, hyper::header::HeaderValue)>,
    body: String,
}

/// What a response comes to.
pub(crate) enum Outcome {
    /// The client gets this; with the code of the error that it is.
    Done(Option<i64>, String),
    /// A server of 2026-07-28 wants to know more, and the client is to be asked by requests.
    Asks(String),
}

impl Passage {
    /// The request, made ready for this server.
    pub(crate) fn new(turn: &Turn, target: Target, open: Rc<Open>) -> Self {
        let ask = &turn.ask;
        let mut changes = Changes::default();
        let own = quoted(&target.name);
        let named = match ask.method {
            Method::ToolsCall | Method::PromptsGet => ask.name_place(),
            Method::CompletionComplete => ask.name_place().or_else(|| ask.uri_place()),
            _ => ask.uri_place(),
        };
        if let Some(place) = named {
            changes.at(place, own);
        }
        let client_id = ask.id().unwrap_or("null").to_owned();
        let mut passage = Self {
            id: client_id.clone(),
            client_id,
            token: None,
            method: ask.method,
            method_name: ask.method_name.clone(),
            era: turn.era(),
            mirrored: turn.mirrored.clone(),
            body: String::new(),
            target,
            naming: turn.who.naming,
            open,
        };
        match (passage.era, passage.open.era) {
            (Era::Modern, Era::Legacy) => passage.share_session(turn, &mut changes),
            (Era::Legacy, Era::Modern) => out_of_session(turn, &mut changes),
            _ => {}
        }
        passage.body = changes.apply(&ask.text);
        passage
    }

    /// A session that clients share: ids and tokens of its own, and no metadata that it would take
    /// for another version.
    fn share_session(&mut self, turn: &Turn, changes: &mut Changes) {
        let ask = &turn.ask;
        self.id = turn.hub.number().to_string();
        if let Some(place) = ask.id_place() {
            changes.at(place, self.id.clone());
        }
        let mut meta = ask.plain_meta();
        if let Some(token) = ask.token() {
            let number = turn.hub.number().to_string();
            let (old, new) = (
                format!(r#""progressToken":{token}"#),
                format!(r#""progressToken":{number}"#),
            );
            meta = meta.replacen(&old, &new, 1);
            self.token = Some((number, token.to_owned()));
        }
        if let Some(place) = ask.meta_place() {
            changes.at(place, format!("{{{meta}}}"));
        }
    }

    /// The same call for the request by which its client came back.
    pub(crate) fn taken_up(&mut self, turn: &Turn) {
        turn.ask
            .id()
            .unwrap_or("null")
            .clone_into(&mut self.client_id);
        if let Some((_, token)) = &mut self.token {
            // Without one, the client hears of no progress; what it does not know it ignores.
            turn.ask.token().unwrap_or("null").clone_into(token);
        }
    }

    /// The request as it is sent.
    pub(crate) fn outgoing(&self) -> Outgoing {
        let mut outgoing = self.open.outgoing(&self.target.server, Verb::POST);
        if self.open.era == Era::Modern {
            outgoing.method = Some(self.method_name.clone());
            let named = matches!(
                self.method,
                Method::ToolsCall | Method::PromptsGet | Method::ResourcesRead
            ) || self.method.subject() == Subject::Task;
            outgoing.name = named.then(|| self.target.name.clone());
            outgoing.fields.clone_from(&self.mirrored);
        }
        outgoing.body.clone_from(&self.body);
        outgoing
    }

    /// The same request with answers to what the server asked, and with another id.
    pub(crate) fn again(&self, turn: &Turn, members: &str) -> Self {
        let mut next = self.clone();
        next.id = turn.hub.number().to_string();
        let mut changes = Changes::default();
        let said = Said::read(&self.body);
        if let Some(said) = &said {
            if let Some(id) = said.id() {
                changes.replace(&self.body, id, next.id.clone());
            }
            let params = said.message.get("params");
            let place = params.and_then(|params| crate::json::place(&self.body, params));
            if let Some(place) = place {
                changes.lead(&self.body, place, members);
            }
        }
        drop(said);
        next.body = changes.apply(&self.body);
        next
    }

    /// What a response comes to; nothing when it is none to this request.
    pub(crate) fn outcome(&self, text: &str) -> Option<Outcome> {
        let said = Said::read(text)?;
        let mut changes = Changes::default();
        let id = said.id()?;
        if !is_same(id, &self.id) {
            return None;
        }
        changes.replace(text, id, self.client_id.clone());
        let code = match said.kind {
            Kind::Error(code) => Some(code),
            Kind::Result => None,
            Kind::Request | Kind::Notification => return None,
        };
        let result = said.result();
        let asks = result.text("resultType").as_deref() == Some("input_required");
        if asks && self.era == Era::Legacy {
            return Some(Outcome::Asks(text.to_owned()));
        }
        if self.naming == Naming::Joined {
            join_uris(
                (self.method, &self.target.server),
                (text, &result),
                &mut changes,
            );
        }
        if (self.era, self.open.era) == (Era::Modern, Era::Legacy) {
            self.modernised(text, &said, &mut changes);
        }
        Some(Outcome::Done(code, changes.apply(text)))
    }

    /// What 2026-07-28 demands of a result, and calls errors.
    fn modernised(&self, text: &str, said: &Said<'_>, changes: &mut Changes) {
        if let Some(result) = said.message.get("result")
            && said.result().get("resultType").is_none()
        {
            let more = match self.method {
                Method::ResourcesRead => r#""ttlMs":0,"cacheScope":"private","#,
                _ => "",
            };
            completed(text, result, more, changes);
        }
        // Resource not found; a URL to be shown, which it asks for in another way.
        if let Kind::Error(code @ (-32002 | -32042)) = said.kind {
            let error = said.message.object("error");
            if let Some(place) = error.and_then(|error| error.get("code")) {
                let new = if code == -32002 { "-32602" } else { "-32603" };
                changes.replace(text, place, new.into());
            }
        }
    }

    /// A notification that belongs to this request, as the client is to have it.
    pub(crate) fn notice(&self, text: &str) -> String {
        let Some(said) = Said::read(text) else {
            return text.to_owned();
        };
        let params = said.params();
        let mut changes = Changes::default();
        if let (Some((own, client)), Some(token)) = (&self.token, params.get("progressToken"))
            && is_same(own, token)
        {
            changes.replace(text, token, client.clone());
        }
        if said.method() == "notifications/resources/updated"
            && let (Some(place), Some(uri)) = (params.get("uri"), params.text("uri"))
        {
            let uri = self.naming.uri(&self.target.server, &uri);
            changes.replace(text, place, quoted(&uri));
        }
        changes.apply(text)
    }
}

/// A server of 2026-07-28: each request says who asks, and what that can do.
fn out_of_session(turn: &Turn, changes: &mut Changes) {
    let (ask, meta) = (&turn.ask, &turn.who.meta);
    match (ask.meta_place(), ask.params_place()) {
        (Some(place), _) => changes.lead(&ask.text, place, &format!("{meta},")),
        (None, Some(place)) => {
            changes.lead(&ask.text, place, &format!(r#""_meta":{{{meta}}},"#));
        }
        // All requests that go to one server have parameters.
        (None, None) => {}
    }
}
