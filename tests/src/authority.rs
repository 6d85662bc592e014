//! An OAuth authorization server that takes nothing but what it should: gives access tokens to one
//! client (RFC 6749 section 4.4), for one resource, and can be told to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::consents::Consents;
use crate::form::{form, unescaped};
use crate::upstream::{Handled, Incoming, Upstream, reply};

/// The name of the only client.
pub const CLIENT: &str = "gate:way";
/// Its secret, with what a form has to escape.
pub const SECRET: &str = "s3cret&half=+%41 é/7fQ2xJ9";

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// See the module.
pub struct Authority {
    state: Arc<Mutex<State>>,
    listener: Upstream,
}

/// What it does and has done.
pub struct State {
    /// What it calls itself; `None`: by where it is asked.
    pub issuer: Option<String>,
    /// What a token must be asked for with.
    pub scope: Option<&'static str>,
    /// What tokens are for.
    pub resource: Option<String>,
    /// Whether the client's secret belongs into the body.
    pub takes_post: bool,
    /// For how long a token holds, in seconds.
    pub lifetime_s: u64,
    /// What it answers to whoever wants a token, instead of one.
    pub failing: Option<(u16, Value)>,
    /// Tokens that it has given, and until when they hold.
    pub given: Vec<(String, Instant)>,
    /// Tokens that a server behind it was shown.
    pub used: BTreeSet<String>,
    /// What was wrong with requests for tokens.
    pub refused: Vec<String>,
    /// People who log in here.
    pub consents: Consents,
    /// Tokens that were shown to be exchanged, in their order.
    pub subjects: Vec<String>,
    /// What exchanges must be for.
    pub audience: Option<String>,
    /// People whose tokens are exchanged for nothing.
    pub barred: BTreeSet<String>,
}

impl Authority {
    /// Starts it; tokens hold for five minutes.
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State {
            issuer: None,
            scope: None,
            resource: None,
            takes_post: false,
            lifetime_s: 300,
            failing: None,
            given: Vec::new(),
            used: BTreeSet::new(),
            refused: Vec::new(),
            consents: Consents::default(),
            subjects: Vec::new(),
            audience: None,
            barred: BTreeSet::new(),
        }));
        let own = Arc::clone(&state);
        let listener = Upstream::behaving(move |incoming, stream| {
            if let Some((_, query)) = asked(incoming, "/authorize") {
                let here = format!("http://{}", incoming.field("host").unwrap_or_default());
                let to = form(query.as_bytes())
                    .and_then(|query| lock(&own).consents.consent(&here, &query));
                match to {
                    Some(to) => reply(stream, 302, &format!("Location: {to}\r\n"), b""),
                    None => reply(stream, 400, "", b"no"),
                }
                return Handled::Answered;
            }
            let (status, body) = lock(&own).answer(incoming).unwrap_or((404, json!({})));
            let fields = "Content-Type: application/json\r\nCache-Control: no-store\r\n";
            reply(stream, status, fields, body.to_string().as_bytes());
            Handled::Answered
        });
        Self { state, listener }
    }

    /// Its name as an issuer.
    pub fn url(&self) -> String {
        format!("http://{}", self.listener.address())
    }

    /// What it does and has done.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Requests for tokens so far.
    pub fn asked(&self) -> usize {
        let seen = self.listener.seen();
        seen.iter().filter(|it| it.is("POST")).count()
    }

    /// A server that answers to live tokens only. Where it names nobody else as its authorization
    /// server, it is that itself.
    pub fn guarding(&self, named: Option<String>) -> Upstream {
        let state = Arc::clone(&self.state);
        Upstream::behaving(move |incoming, stream| {
            let own = format!("http://{}", incoming.field("host").unwrap_or_default());
            let fields = "Content-Type: application/json\r\n";
            let mut send = |status, fields: &str, body: Value| {
                reply(stream, status, fields, body.to_string().as_bytes());
                Handled::Answered
            };
            if incoming.is("GET") && incoming.head.contains(" /meta ") {
                let issuer = named.as_ref().unwrap_or(&own);
                let body = json!({"resource": format!("{own}/mcp"),
                    "authorization_servers": [issuer]});
                return send(200, fields, body);
            }
            let mut state = lock(&state);
            if !incoming.head.contains(" /mcp ") {
                let (status, body) = state.answer(incoming).unwrap_or((404, json!({})));
                return send(status, fields, body);
            }
            if state.admits(incoming) {
                let message = incoming.json();
                state.look_whose(&message, incoming);
                if message["params"]["arguments"]["wish"] != "token" {
                    return Handled::Usual;
                }
                // It tells what only the two should know.
                let token = incoming.field("authorization").unwrap_or_default();
                let token = token.trim_start_matches("Bearer ").to_owned();
                let result = json!({"resultType": "complete", "isError": false,
                    "content": [{"type": "text", "text": format!("it is {token}.")}]});
                let body = json!({"jsonrpc": "2.0", "id": message["id"], "result": result});
                return send(200, fields, body);
            }
            let challenge = format!(
                "WWW-Authenticate: Bearer error=\"invalid_token\", \
                 resource_metadata=\"{own}/meta\"\r\n"
            );
            send(401, &challenge, json!({}))
        })
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no panic")
}

impl State {
    /// Tokens that it has given, oldest first.
    pub fn tokens(&self) -> Vec<String> {
        self.given.iter().map(|(token, _)| token.clone()).collect()
    }

    /// Holds what a call says of who makes it against the token that it came with.
    fn look_whose(&mut self, message: &Value, incoming: &Incoming) {
        let Some(who) = message["params"]["arguments"]["who"].as_str() else {
            return;
        };
        let said = incoming.field("authorization").unwrap_or_default();
        if !said.starts_with(&format!("Bearer of-{who}-")) {
            self.consents.crossed.push(format!("{who}: {said}"));
        }
    }

    fn admits(&mut self, incoming: &Incoming) -> bool {
        let now = Instant::now();
        let said = incoming.field("authorization").unwrap_or_default();
        let said = said.strip_prefix("Bearer ").unwrap_or_default();
        let mut given = self.given.iter();
        let holds = given.any(|(token, until)| said == token && now < *until);
        if holds {
            self.used.insert(said.to_owned());
        }
        holds
    }

    fn answer(&mut self, incoming: &Incoming) -> Option<(u16, Value)> {
        let here = format!("http://{}", incoming.field("host").unwrap_or_default());
        let path = incoming.head.split(' ').nth(1).unwrap_or_default();
        match path {
            "/.well-known/oauth-authorization-server" => {
                let issuer = self.issuer.as_ref().unwrap_or(&here);
                let method = ["client_secret_basic", "client_secret_post"];
                let method = method[usize::from(self.takes_post)];
                let body = json!({"issuer": issuer, "token_endpoint": format!("{here}/token"),
                    "authorization_endpoint": format!("{here}/authorize"),
                    "registration_endpoint": format!("{here}/register"),
                    "code_challenge_methods_supported": ["S256"],
                    "authorization_response_iss_parameter_supported": true,
                    "token_endpoint_auth_methods_supported": [method]});
                Some((200, body))
            }
            "/token" => Some(self.token(incoming)),
            "/register" => Some(self.consents.register(&incoming.json())),
            _ => None,
        }
    }

    fn token(&mut self, incoming: &Incoming) -> (u16, Value) {
        let asked = form(&incoming.body).unwrap_or_default();
        if asked.get("grant_type").is_some_and(|it| it == EXCHANGE) {
            return self.exchanged(incoming);
        }
        if asked
            .get("grant_type")
            .is_some_and(|it| it != "client_credentials")
        {
            if let Some(failing) = &self.failing {
                return failing.clone();
            }
            let granted = self.consents.granted(&asked, self.resource.as_ref());
            let (person, refresh) = match granted {
                Ok(granted) => granted,
                Err(error) => return (400, json!({"error": error})),
            };
            let token = format!("of-{person}-{}~Kq7wVz3mTb9xLc5d", self.given.len());
            let until = Instant::now() + Duration::from_secs(self.lifetime_s);
            self.given.push((token.clone(), until));
            let body = json!({"access_token": token, "token_type": "Bearer",
                "expires_in": self.lifetime_s, "refresh_token": refresh});
            return (200, body);
        }
        if let Err(wrong) = self.check(incoming) {
            self.refused.push(wrong.to_owned());
            return (
                400,
                json!({"error": "invalid_request", "error_description": wrong}),
            );
        }
        if let Some(failing) = &self.failing {
            return failing.clone();
        }
        // Nothing that a detector would know.
        let token = format!("opaque-{}~Kq7wVz3mTb9xLc5d", self.given.len());
        let until = Instant::now() + Duration::from_secs(self.lifetime_s);
        self.given.push((token.clone(), until));
        let body = json!({"access_token": token, "token_type": "Bearer",
            "expires_in": self.lifetime_s});
        (200, body)
    }

    /// RFC 8693: a token of the person whom another one speaks for.
    fn exchanged(&mut self, incoming: &Incoming) -> (u16, Value) {
        let error = |code: &str| (400, json!({"error": code}));
        let (subject, person) = match self.subject(incoming) {
            Ok(found) => found,
            Err(wrong) => {
                self.refused.push(wrong.to_owned());
                return error("invalid_client");
            }
        };
        self.subjects.push(subject);
        if let Some(failing) = &self.failing {
            return failing.clone();
        }
        if self.barred.contains(&person) {
            return error("access_denied");
        }
        let token = format!("of-{person}-{}~Kq7wVz3mTb9xLc5d", self.given.len());
        let until = Instant::now() + Duration::from_secs(self.lifetime_s);
        self.given.push((token.clone(), until));
        let body = json!({"access_token": token, "token_type": "Bearer",
            "issued_token_type": ACCESS_TOKEN, "expires_in": self.lifetime_s});
        (200, body)
    }

    /// The token that is to be exchanged, and whose it is.
    fn subject(&self, incoming: &Incoming) -> Result<(String, String), &'static str> {
        let mut form = self.client(incoming)?;
        let mut take = |name| form.remove(name);
        take("grant_type");
        for name in ["subject_token_type", "requested_token_type"] {
            if take(name).as_deref() != Some(ACCESS_TOKEN) {
                return Err("another kind of token");
            }
        }
        if take("resource") != self.resource || take("audience") != self.audience {
            return Err("for something else");
        }
        let subject = take("subject_token").ok_or("no token")?;
        let claims = subject.split('.').nth(1).unwrap_or_default();
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| "no JWT")?;
        let claims: Value = serde_json::from_slice(&claims).map_err(|_| "no claims")?;
        let person = claims["sub"].as_str().ok_or("nobody")?.to_owned();
        form.is_empty()
            .then_some((subject, person))
            .ok_or("something more")
    }

    /// The form that the client has sent, without what says who it is.
    fn client(&self, incoming: &Incoming) -> Result<BTreeMap<String, String>, &'static str> {
        let kind = incoming.field("content-type");
        if !incoming.is("POST") || kind.as_deref() != Some("application/x-www-form-urlencoded") {
            return Err("not a posted form");
        }
        let mut form = form(&incoming.body).ok_or("not a form without repeated fields")?;
        let (id, secret) = match incoming.field("authorization") {
            Some(_) if self.takes_post => return Err("a header of the client's"),
            Some(value) => basic(&value).ok_or("not Basic")?,
            None if self.takes_post => {
                let mut take = |name| form.remove(name).unwrap_or_default();
                (take("client_id"), take("client_secret"))
            }
            None => return Err("no header of the client's"),
        };
        if (id.as_str(), secret.as_str()) != (CLIENT, SECRET) {
            return Err("another client");
        }
        Ok(form)
    }

    fn check(&self, incoming: &Incoming) -> Result<(), &'static str> {
        let mut form = self.client(incoming)?;
        let mut take = |name| form.remove(name);
        if take("grant_type").as_deref() != Some("client_credentials") {
            return Err("another grant");
        }
        if take("scope").as_deref() != self.scope {
            return Err("other scopes");
        }
        if take("resource") != self.resource {
            return Err("another resource");
        }
        form.is_empty().then_some(()).ok_or("something more")
    }
}

/// The rest of the head, and the query, of a GET of this path.
fn asked<'i>(incoming: &'i Incoming, path: &str) -> Option<(&'i str, &'i str)> {
    let target = incoming.head.strip_prefix("GET ")?;
    let (target, rest) = target.split_once(' ')?;
    let (found, query) = target.split_once('?')?;
    (found == path).then_some((rest, query))
}

fn basic(value: &str) -> Option<(String, String)> {
    let decoded = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((unescaped(id)?, unescaped(secret)?))
}
