//! OpenBao and HashiCorp Vault, over the HTTP interface that both have: as whom the gateway asks,
//! and a field of a secret of the key-value engine, in its first or its second version.

use anyhow::Context as _;
use hyper::Method;
use serde_json::Value;
use varistor_notify::{Asked, Target, Trust, ask};
use varistor_snapshot::schema::{ArchivedSecretStore, ArchivedStoreAuth};
use zeroize::Zeroizing;

use super::super::safe::{Safe, text};
use super::super::{names, publish};
use super::file;

/// What the vault calls the receiver of secrets that a store is asked with.
const RECEIVER: &str = "_secrets";
const JSON: &str = "application/json";

/// A store, and the token that it is asked with.
pub(super) struct Session {
    url: String,
    namespace: Option<String>,
    trust: Trust,
    token: Zeroizing<String>,
}

/// Why a secret can't be had.
pub(super) enum Missed {
    /// The store can't be asked: the next one need not be tried.
    Store(String),
    /// This one can't be had.
    Secret(String),
}

impl Missed {
    fn why(&self) -> &str {
        match self {
            Self::Store(why) | Self::Secret(why) => why,
        }
    }
}

impl Session {
    /// Logs in, where that is to be done.
    ///
    /// # Errors
    /// Why not; nothing of what was sent.
    pub(super) async fn begin(row: &ArchivedSecretStore, safe: &Safe) -> anyhow::Result<Self> {
        let roots = publish::roots(row.ca.as_ref().map(|path| path.as_str()))?;
        let trust = Trust::new(roots, (row.allow_private, false), |host, port, private| {
            Box::pin(names::resolve_checked(host, port, private))
        })?;
        let mut session = Self {
            url: row.url.trim_end_matches('/').to_owned(),
            namespace: row.namespace.as_ref().map(ToString::to_string),
            trust,
            token: Zeroizing::new(String::new()),
        };
        session.token = match &row.auth {
            ArchivedStoreAuth::Token(parts) => text(safe.vault()?, RECEIVER, parts)?,
            ArchivedStoreAuth::AppRole(row) => {
                let secret = text(safe.vault()?, RECEIVER, &row.secret_id)?;
                let said = [
                    ("role_id", row.role_id.as_str()),
                    ("secret_id", secret.as_str()),
                ];
                session.login(row.mount.as_str(), said).await?
            }
            ArchivedStoreAuth::Jwt(row) => {
                let token = file(std::path::Path::new(row.token_file.as_str()))?;
                let token = core::str::from_utf8(&token).context("a token that is no text")?;
                let said = [("role", row.role.as_str()), ("jwt", token)];
                session.login(row.mount.as_str(), said).await?
            }
        };
        Ok(session)
    }

    /// A token for these words (`auth/MOUNT/login`).
    async fn login(
        &self,
        mount: &str,
        said: [(&str, &str); 2],
    ) -> anyhow::Result<Zeroizing<String>> {
        let body: serde_json::Map<String, Value> = said
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        let body = serde_json::to_vec(&body)?;
        let path = format!("auth/{mount}/login");
        let answer = self.ask((Method::POST, body), &path).await;
        let answer = answer.map_err(|missed| anyhow::anyhow!("{}", missed.why()))?;
        let token = answer.pointer("/auth/client_token").and_then(Value::as_str);
        let token =
            token.with_context(|| format!("{path}: its answer has no auth.client_token"))?;
        Ok(Zeroizing::new(token.to_owned()))
    }

    /// A field of the secret at this path behind `/v1/`.
    ///
    /// # Errors
    /// Why it can't be had, and whether that is the store's fault.
    pub(super) async fn read(&self, path: &str, field: &str) -> Result<Zeroizing<Vec<u8>>, Missed> {
        let answer = self.ask((Method::GET, Vec::new()), path).await?;
        let found = found(&answer, path, field);
        found.map_err(|error| Missed::Secret(format!("{error:#}")))
    }

    async fn ask(&self, (method, body): (Method, Vec<u8>), path: &str) -> Result<Value, Missed> {
        let url = format!("{}/v1/{path}", self.url);
        let target = Target::read(&url, false);
        let target = target.map_err(|error| Missed::Store(format!("{url}: {error}")))?;
        let mut fields = vec![("accept", JSON), ("x-vault-request", "true")];
        if !self.token.is_empty() {
            fields.push(("x-vault-token", self.token.as_str()));
        }
        if let Some(namespace) = &self.namespace {
            fields.push(("x-vault-namespace", namespace));
        }
        let asked = Asked {
            method,
            suffix: "",
            media: JSON,
            fields: &fields,
            body,
        };
        let answer = ask(&target, &self.trust, asked).await;
        let answer = answer.map_err(|failure| Missed::Store(format!("{url}: {failure}")));
        let (status, body) = answer?;
        let body = Zeroizing::new(body);
        let hint = match status {
            200 => {
                let read = serde_json::from_slice(&body);
                return read.map_err(|_| Missed::Store(format!("{url}: its answer is no JSON")));
            }
            403 => ": its policy does not let this token do so",
            404 => {
                ": there is nothing at this path (the second version of the engine wants `data/` behind its mount)"
            }
            503 => ": it is sealed, or down for maintenance",
            _ => "",
        };
        let why = format!("{url}: status {status}{hint}");
        Err(match status {
            400..500 => Missed::Secret(why),
            _ => Missed::Store(why),
        })
    }
}

/// The field of a secret that an answer holds.
fn found(answer: &Value, path: &str, field: &str) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let data = answer.get("data");
    // The second version has `metadata` beside the fields' own `data`.
    let is_second = |data: &&Value| data.get("metadata").is_some_and(Value::is_object);
    let fields = match data.filter(is_second).and_then(|data| data.get("data")) {
        Some(fields) => Some(fields),
        None => data,
    };
    let fields = fields.and_then(Value::as_object);
    let fields = fields.with_context(|| format!("{path}: there is no secret in the answer"))?;
    match fields.get(field) {
        Some(Value::String(text)) if !text.is_empty() => {
            Ok(Zeroizing::new(text.clone().into_bytes()))
        }
        Some(_) => anyhow::bail!("{path}: its field {field} is no text"),
        None => {
            let others: Vec<&str> = fields.keys().map(String::as_str).take(16).collect();
            anyhow::bail!("{path}: no field {field}; there are {}", others.join(", "))
        }
    }
}
