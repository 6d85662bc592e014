//! A store of secrets that answers as the documentation of OpenBao and HashiCorp Vault shows: two
//! versions of the key-value engine, logins, namespaces, and what it says when it refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::upstream::{Handled, Incoming, Upstream, reply};

/// The only token that is no login's.
pub const TOKEN: &str = "s.9fQ2xJ7vbKq7wVz3mTb9xLc5";
/// The only role, and its secret id.
pub const ROLE: &str = "59d6d1ca-47bb-4e7e-a40b-8be3bc5a0ba8";
/// See [`ROLE`].
pub const SECRET_ID: &str = "84896a0c-1347-aa90-a4f6-aca8b7558780";

/// See the module.
pub struct Store {
    state: Arc<Mutex<State>>,
    listener: Upstream,
}

/// What it holds and does.
#[derive(Default)]
pub struct State {
    /// Fields by path behind `/v1/`; those with `/data/` in it are of the second version.
    pub secrets: BTreeMap<String, Value>,
    /// Whether it is sealed.
    pub is_sealed: bool,
    /// The namespace that it serves.
    pub namespace: Option<String>,
    /// The JWT that it takes for the role.
    pub jwt: Option<String>,
    /// Tokens of logins.
    tokens: BTreeSet<String>,
}

impl Store {
    /// Starts it.
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let own = Arc::clone(&state);
        let listener = Upstream::behaving(move |incoming, stream| {
            let (status, body) = own.lock().expect("no panic").answer(incoming);
            let fields = "Content-Type: application/json\r\nCache-Control: no-store\r\n";
            reply(stream, status, fields, body.to_string().as_bytes());
            Handled::Answered
        });
        Self { state, listener }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.listener.address())
    }

    /// What it holds and does.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }
}

/// A server that tells what it is sent as `X-mail`.
pub fn telling() -> Upstream {
    Upstream::behaving(|incoming, stream| {
        let message = incoming.json();
        if message["params"]["arguments"]["wish"] != "tell" {
            return Handled::Usual;
        }
        let text = format!("it is {}.", incoming.field("x-mail").unwrap_or_default());
        let body = json!({"jsonrpc": "2.0", "id": message["id"], "result": {
            "resultType": "complete", "isError": false,
            "content": [{"type": "text", "text": text}]}});
        let fields = "Content-Type: application/json\r\n";
        reply(stream, 200, fields, body.to_string().as_bytes());
        Handled::Answered
    })
}

impl State {
    fn answer(&mut self, incoming: &Incoming) -> (u16, Value) {
        let path = incoming.head.split(' ').nth(1).unwrap_or_default();
        let Some(path) = path.strip_prefix("/v1/") else {
            return (404, json!({"errors": []}));
        };
        if self.is_sealed {
            return (503, json!({"errors": ["Vault is sealed"]}));
        }
        let denied = || (403, json!({"errors": ["permission denied"]}));
        if incoming.field("x-vault-namespace") != self.namespace {
            return denied();
        }
        if let Some(method) = path
            .strip_prefix("auth/")
            .and_then(|it| it.strip_suffix("/login"))
        {
            return self.login(method, &incoming.json());
        }
        let token = incoming.field("x-vault-token").unwrap_or_default();
        if token != TOKEN && !self.tokens.contains(&token) {
            return denied();
        }
        match self.secrets.get(path) {
            None => (404, json!({"errors": []})),
            Some(fields) if path.contains("/data/") => (
                200,
                json!({"request_id": "a", "lease_id": "", "renewable": false, "data": {
                    "data": fields, "metadata": {
                        "created_time": "2018-03-22T02:24:06.945319214Z", "custom_metadata": null,
                        "deletion_time": "", "destroyed": false, "version": 2}}}),
            ),
            Some(fields) => (
                200,
                json!({"auth": null, "data": fields, "lease_duration": 3600, "lease_id": "",
                    "renewable": false}),
            ),
        }
    }

    fn login(&mut self, method: &str, said: &Value) -> (u16, Value) {
        let is_good = match method {
            "approle" => said["role_id"] == ROLE && said["secret_id"] == SECRET_ID,
            _ => said["role"] == ROLE && self.jwt.as_ref().is_some_and(|jwt| said["jwt"] == *jwt),
        };
        if !is_good {
            return (400, json!({"errors": ["invalid role or secret ID"]}));
        }
        let token = format!("s.login-{}~mTb9xLc5dKq7wVz3", self.tokens.len());
        self.tokens.insert(token.clone());
        (
            200,
            json!({"auth": {"renewable": true, "lease_duration": 1200, "metadata": null,
                "token_policies": ["default"], "accessor": "fd6c9a00-d2dc-3b11-0be5-af7ae0e1d374",
                "client_token": token}, "warnings": null, "wrap_info": null, "data": null,
                "lease_duration": 0, "renewable": false, "lease_id": ""}),
        )
    }
}
