//! A token of an outside identity provider: what it says, and whether the newest snapshot would
//! take it, by the very function that the gateway asks.

use serde::Serialize;
use varistor_identity::{said, verify};
use varistor_pipeline::identities::Identities;

use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::output::{self, Tone, plain, tinted};
use crate::quantities::now_unix_s;
use crate::snapshots;

/// What is known about it. `None`: there is no snapshot to ask.
#[derive(Serialize)]
struct Answer {
    issuer: String,
    subject: String,
    key: String,
    algorithm: &'static str,
    /// What sessions, approvals and limits are bound to, and what `kill` and `revoke` can name.
    holder: String,
    id: String,
    verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<Caller>,
}

/// Whose it is here.
#[derive(Serialize)]
struct Caller {
    organisation: String,
    team: Option<String>,
    agent: String,
    /// Nothing: all that the agent has.
    roles: Option<Vec<String>>,
    servers: Option<Vec<String>>,
}

pub(super) fn inspect(token: &str, dir: Option<&PolicyDir>, json: bool) -> anyhow::Result<Exit> {
    let said = said(token.as_bytes()).map_err(|refused| wrong(refused.why.to_owned()))?;
    let mut answer = Answer {
        issuer: said.issuer,
        subject: said.subject,
        key: said.key_id,
        algorithm: said.algorithm.name(),
        holder: said.holder.to_string(),
        id: said.id.to_string(),
        verified: None,
        refused: None,
        why: None,
        caller: None,
    };
    let current = match dir {
        Some(dir) => snapshots::current(dir)?,
        None => None,
    };
    if let Some(current) = &current {
        judge(token, current.policy(), &mut answer)?;
    }
    match json {
        true => output::json(&answer)?,
        false => answer.show()?,
    }
    Ok(Exit::Done)
}

fn judge(
    token: &str,
    policy: &varistor_snapshot::schema::ArchivedPolicy,
    answer: &mut Answer,
) -> anyhow::Result<()> {
    let identities = Identities::of(policy)
        .ok_or_else(|| wrong("the snapshot's keys can't be used; compile it again".to_owned()))?;
    let ring = |at| identities.compiled(at).cloned();
    let with = (now_unix_s(), &mut None);
    match verify(token.as_bytes(), identities.providers(), ring, with) {
        Err(refused) => {
            answer.verified = Some(false);
            answer.refused = Some(refused.reason.name());
            answer.why = Some(refused.why);
        }
        Ok(verified) => {
            answer.verified = Some(true);
            let has_all = verified.outside.is_some_and(|it| it.has_all_roles);
            let mut scopes = verified.scopes.into_iter();
            answer.caller = Some(Caller {
                organisation: verified.organisation,
                team: verified.team,
                agent: verified.agent,
                roles: (!has_all).then_some(verified.roles),
                servers: scopes.find_map(|scope| scope.servers),
            });
        }
    }
    Ok(())
}

impl Answer {
    fn show(&self) -> anyhow::Result<()> {
        let mut lines = vec![
            ("issuer", self.issuer.clone()),
            ("subject", self.subject.clone()),
            ("key", format!("{} ({})", self.key, self.algorithm)),
            ("holder", self.holder.clone()),
            ("id", self.id.clone()),
        ];
        if let Some(caller) = &self.caller {
            let all = || "all of the agent's".to_owned();
            let roles = caller.roles.as_ref().map_or_else(all, |all| all.join(", "));
            let every = || "all that the roles reach".to_owned();
            let servers = caller.servers.as_ref();
            lines.extend([
                ("organisation", caller.organisation.clone()),
                ("team", caller.team.clone().unwrap_or_default()),
                ("agent", caller.agent.clone()),
                ("roles", roles),
                ("servers", servers.map_or_else(every, |all| all.join(", "))),
            ]);
        }
        for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
            output::line(&format!("{name:<13}{}", plain(value)))?;
        }
        let verdict = match (self.verified, self.refused, self.why) {
            (Some(true), ..) => tinted("genuine, by the newest snapshot", Tone::Good),
            (Some(false), Some(refused), Some(why)) => {
                tinted(&format!("refused: {refused}: {why}"), Tone::Bad)
            }
            _ => tinted("not verified: there is no snapshot to ask", Tone::Warning),
        };
        output::line(&format!("{:<13}{verdict}", "signature"))
    }
}
