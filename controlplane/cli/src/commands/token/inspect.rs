//! `varictl token inspect`: what a token says, and whether it would be accepted.
//!
//! With a policy directory the signature is checked and revocations are looked up; without one
//! the token is only read, and the answer says so.

mod outside;

use clap::Args;
use serde::Serialize;
use varistor_compile::TOKEN_KEY_ID;
use varistor_model::TokenId;
use varistor_token::{OwnedRate, Scope, Verified, Verifier};

use crate::arguments::Arguments;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::output::{self, Tone, plain, tinted};
use crate::quantities::{duration_text, is_over, now_unix_s, rate_text, time_text};
use crate::{keys, registry, terminal};

/// Show what a token says, and whether it is genuine.
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// The token [default: standard input]
    token: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// What is known about a token. `None`: no policy directory to ask.
#[derive(Serialize)]
struct Answer {
    id: String,
    ids: Vec<String>,
    verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'static str>,
    revoked: Option<bool>,
    expired: bool,
    organisation: String,
    team: Option<String>,
    agent: String,
    roles: Vec<String>,
    scopes: Vec<ScopeRow>,
    limits: Vec<LimitRow>,
    expires: String,
    expires_unix_s: u64,
}

#[derive(Serialize)]
struct ScopeRow {
    servers: Option<Vec<String>>,
    tools: Option<Vec<String>>,
    intents: Option<Vec<&'static str>>,
}

#[derive(Serialize)]
struct LimitRow {
    rate: String,
    owner: String,
}

impl Inspect {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let dir = PolicyDir::find_if_any(arguments.dir.as_deref())?;
        let token = terminal::token(self.token.as_deref())?;
        if varistor_identity::looks_like_one(token.as_bytes()) {
            return outside::inspect(&token, dir.as_ref(), self.json);
        }
        let said = Verifier::inspect(&token).map_err(|error| wrong(error.to_string()))?;
        let answer = judge(&token, &said, dir.as_ref())?;
        if self.json {
            output::json(&answer)?;
        } else {
            answer.show()?;
        }
        Ok(Exit::Done)
    }
}

fn judge(token: &str, said: &Verified, dir: Option<&PolicyDir>) -> anyhow::Result<Answer> {
    let mut refused = None;
    let mut revoked = None;
    if let Some(dir) = dir {
        let key = keys::public(&dir.key("token.pub"))?;
        let verifier = Verifier::new([(TOKEN_KEY_ID, key)])?;
        refused = verifier
            .verify(token.as_bytes())
            .err()
            .map(|reason| reason.verdict().text);
        let dead = registry::revoked(dir)?;
        revoked = Some(said.ids.iter().any(|id| dead.contains(id)));
    }
    let own = said.ids.last().map(ToString::to_string).unwrap_or_default();
    Ok(Answer {
        id: own,
        ids: said.ids.iter().map(TokenId::to_string).collect(),
        verified: dir.map(|_| refused.is_none()),
        refused,
        revoked,
        expired: is_over(said.expires_unix_s, now_unix_s()),
        organisation: said.organisation.clone(),
        team: said.team.clone(),
        agent: said.agent.clone(),
        roles: said.roles.clone(),
        scopes: said.scopes.iter().map(scope_row).collect(),
        limits: said.limits.iter().map(limit_row).collect(),
        expires: time_text(said.expires_unix_s),
        expires_unix_s: said.expires_unix_s,
    })
}

fn scope_row(scope: &Scope) -> ScopeRow {
    ScopeRow {
        servers: scope.servers.clone(),
        tools: scope.tools.clone(),
        intents: scope
            .intents
            .map(|set| set.iter().map(|intent| intent.name()).collect()),
    }
}

fn limit_row(rate: &OwnedRate) -> LimitRow {
    LimitRow {
        rate: rate_text(rate.count, rate.period_ns),
        owner: rate.owner.to_string(),
    }
}

impl Answer {
    fn show(&self) -> anyhow::Result<()> {
        self.field("signature", &self.signature())?;
        self.field("life", &self.life())?;
        self.field("id", &self.id)?;
        if self.ids.len() > 1 {
            let parents: Vec<&str> = self.ids.iter().rev().skip(1).map(String::as_str).collect();
            self.field("narrowed from", &parents.join(", "))?;
        }
        self.field("organisation", &plain(&self.organisation))?;
        self.field(
            "team",
            self.team.as_deref().map(plain).as_deref().unwrap_or("none"),
        )?;
        self.field("agent", &plain(&self.agent))?;
        self.field("roles", &list(&self.roles))?;
        if self.scopes.is_empty() {
            self.field("reaches", "all that the roles allow")?;
        }
        for scope in &self.scopes {
            self.field("and only", &scope.text())?;
        }
        for limit in &self.limits {
            self.field("limit", &format!("{} (set by {})", limit.rate, limit.owner))?;
        }
        Ok(())
    }

    fn field(&self, name: &str, value: &str) -> anyhow::Result<()> {
        output::line(&format!("{name:<14}{value}"))
    }

    fn signature(&self) -> String {
        match (self.verified, self.refused) {
            (None, _) => tinted("not checked (no policy directory)", Tone::Warning),
            (Some(true), _) => tinted("verified", Tone::Good),
            (Some(false), reason) => {
                let reason = reason.unwrap_or_default();
                tinted(&format!("NOT VALID here: {reason}"), Tone::Bad)
            }
        }
    }

    fn life(&self) -> String {
        let now = now_unix_s();
        if self.revoked == Some(true) {
            return tinted("revoked", Tone::Bad);
        }
        if self.expired {
            let ago = duration_text(now.saturating_sub(self.expires_unix_s));
            return tinted(
                &format!("expired {ago} ago, at {}", self.expires),
                Tone::Bad,
            );
        }
        let left = duration_text(self.expires_unix_s.saturating_sub(now));
        format!("expires in {left}, at {}", self.expires)
    }
}

impl ScopeRow {
    fn text(&self) -> String {
        let mut parts = Vec::new();
        if let Some(servers) = &self.servers {
            parts.push(format!("servers {}", list(servers)));
        }
        if let Some(tools) = &self.tools {
            parts.push(format!("tools {}", list(tools)));
        }
        if let Some(intents) = &self.intents {
            parts.push(format!("intents {}", intents.join(", ")));
        }
        parts.join("; ")
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        plain(&names.join(", ")).into_owned()
    }
}
