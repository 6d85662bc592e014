//! Held calls, asked of all named gateways: each keeps its own.

use anyhow::{anyhow, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::admin::{self, Answer, Gateway, Question};
use crate::arguments::{Arguments, Gateways};
use crate::exit::wrong;

/// A held call, as `GET /v1/approvals` tells it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Held {
    pub(super) id: String,
    /// `pending`, `approved` or `denied`.
    pub(super) state: String,
    pub(super) created_unix_ms: u64,
    pub(super) expires_unix_ms: u64,
    pub(super) organisation: String,
    pub(super) team: String,
    pub(super) agent: String,
    pub(super) token: String,
    pub(super) server: String,
    pub(super) method: String,
    pub(super) tool: String,
    pub(super) intent: String,
    pub(super) why: String,
    /// The parameters: JSON text.
    pub(super) arguments: String,
    pub(super) generation: u64,
    pub(super) quorum: u64,
    pub(super) approved_by: Vec<String>,
    pub(super) denied_by: Option<String>,
    /// 0: it can be approved once only.
    pub(super) window_max_ms: u64,
}

/// A time for which an agent may use a tool without asking.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Window {
    pub(super) id: String,
    pub(super) until_unix_ms: u64,
    pub(super) organisation: String,
    pub(super) agent: String,
    pub(super) server: String,
    pub(super) tool: String,
}

/// What all gateways hold.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct All {
    pub(super) approvals: Vec<Held>,
    pub(super) windows: Vec<Window>,
}

/// The gateways that hold calls.
pub(super) struct Holders(Vec<Gateway>);

impl Holders {
    /// Those that were named, else the one of the directory.
    pub(super) fn of(arguments: &Arguments, gateways: &Gateways) -> anyhow::Result<Self> {
        gateways.chosen(arguments).map(Self)
    }

    /// Everything that they hold; fails when one of them does not answer, since what it holds
    /// would be missing.
    pub(super) fn all(&self) -> anyhow::Result<All> {
        let mut all = All::default();
        for (_, some) in self.each()? {
            all.approvals.extend(some.approvals);
            all.windows.extend(some.windows);
        }
        all.approvals.sort_by_key(|held| held.created_unix_ms);
        Ok(all)
    }

    /// The one held call whose id begins so, and where it is held.
    pub(super) fn one(&self, id: &str) -> anyhow::Result<(Gateway, Held)> {
        let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if id.is_empty() || id.len() > 32 || !is_hex(id) {
            return Err(wrong(format!(
                "{id}: expected the id of a held call, or its first digits (varictl approvals list)"
            )));
        }
        let id = id.to_ascii_lowercase();
        let mut found = Vec::new();
        for (gateway, some) in self.each()? {
            let some = some.approvals.into_iter();
            let some = some.filter(|held| held.id.starts_with(&id));
            found.extend(some.map(|held| (gateway.clone(), held)));
        }
        match found.len() {
            0 => Err(anyhow!(
                "no held call begins with {id}: it has passed, its time is over, another policy \
                 serves, or it never was"
            )),
            1 => found.pop().ok_or_else(|| anyhow!("no held call")),
            count => Err(wrong(format!(
                "{count} held calls begin with {id}; give more digits"
            ))),
        }
    }

    /// Tells a decision to the gateway that holds the call.
    pub(super) fn decide(gateway: &Gateway, id: &str, said: Value) -> anyhow::Result<Value> {
        let question = Question::Post(format!("/v1/approvals/{id}"), said);
        let answers = admin::ask(std::slice::from_ref(gateway), &question)?;
        let answer = answers
            .into_iter()
            .next()
            .ok_or_else(|| anyhow!("no gateway"))??;
        document(gateway, &answer)
    }

    fn each(&self) -> anyhow::Result<Vec<(&Gateway, All)>> {
        let question = Question::Get("/v1/approvals".to_owned());
        let answers = admin::ask(&self.0, &question)?;
        let both = self.0.iter().zip(answers);
        both.map(|(gateway, answer)| {
            let all = serde_json::from_value(document(gateway, &answer?)?)?;
            Ok((gateway, all))
        })
        .collect()
    }
}

/// The document of an answer, or the error that it tells.
fn document(gateway: &Gateway, answer: &Answer) -> anyhow::Result<Value> {
    let name = gateway.name();
    let document: Value = serde_json::from_slice(&answer.body)
        .map_err(|error| anyhow!("{name} answered with something else than JSON: {error}"))?;
    if answer.status == 200 {
        return Ok(document);
    }
    match document.get("error").and_then(Value::as_str) {
        Some(error) => bail!("{error}"),
        None => bail!("{name} answered with HTTP status {}", answer.status),
    }
}
