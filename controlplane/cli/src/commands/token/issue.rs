//! `varictl token issue`: a token for an agent of the policy, remembered before it is shown.
//!
//! Refuses an agent, role, server that the policy does not have, and a life that is too long.

use clap::Args;
use varistor_compile::TOKEN_KEY_ID;
use varistor_snapshot::schema::{Agent, Policy};
use varistor_token::{Claims, Issuer, TokenRate, Verifier};
use zeroize::Zeroizing;

use super::scope;
use crate::building;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::quantities::{self, DAY_S, now_unix_s, rate_text};
use crate::registry::{self, Issued};
use crate::{agents, keys, nearest, output, snapshots};

/// Longest life of a token unless it is asked for by name, in seconds.
const LIFE_S_MAX: u64 = 90 * DAY_S;

/// Issue a token for an agent; prints the token alone.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl token issue --agent ci-bot
      everything that the roles of ci-bot allow, for 24 hours
  varictl token issue --agent acme/ci-bot --servers crm --ttl 1h --limit 60/minute
      one server, one hour, at most 60 calls a minute
  varictl token issue --agent ci-bot --tools 'crm/get_*,crm/list_*' > ci-bot.token
      only those tools

The token is a secret: whoever holds it is the agent. It is shown once and kept nowhere.")]
pub(crate) struct Issue {
    /// The agent; with its organisation when several have one of that name
    #[arg(long, value_name = "NAME|ORG/NAME")]
    agent: String,
    /// Only these servers (patterns, separated by commas) [default: all that the roles allow]
    #[arg(long, value_name = "PATTERNS")]
    servers: Vec<String>,
    /// Only these tools (patterns SERVER/TOOL) [default: all that the roles allow]
    #[arg(long, value_name = "PATTERNS")]
    tools: Vec<String>,
    /// Only these of the agent's roles [default: all of them]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    roles: Vec<String>,
    /// How long it lives, as in 15m, 24h, 30d
    #[arg(long, value_name = "DURATION", default_value = "24h",
          value_parser = quantities::duration_s)]
    ttl: u64,
    /// Accept a --ttl of up to this [default: 90d]
    #[arg(long, value_name = "DURATION", value_parser = quantities::duration_s)]
    ttl_max: Option<u64>,
    /// At most so many calls, as in 60/minute; repeatable
    #[arg(long, value_name = "RATE", value_parser = quantities::rate)]
    limit: Vec<TokenRate>,
}

impl Issue {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        self.check_life()?;
        let policy = building::policy(dir)?;
        let agent = agents::find(&policy, &self.agent)?;
        let claims = self.claims(&policy, agent)?;
        let (token, _) = issued(dir, &claims)?;
        if claims.roles.is_empty() {
            output::warning(&format!(
                "{} has no role, so this token reaches nothing; give it or its team a role",
                claims.agent
            ));
        }
        warn_if_unpushed(dir, &claims);
        output::line(&token)?;
        Ok(Exit::Done)
    }

    fn check_life(&self) -> anyhow::Result<()> {
        let longest = self.ttl_max.unwrap_or(LIFE_S_MAX);
        if self.ttl <= longest {
            return Ok(());
        }
        Err(wrong(format!(
            "--ttl {} is longer than {}; a token that lives long is stolen long: issue a shorter \
             one, or raise --ttl-max",
            quantities::duration_text(self.ttl),
            quantities::duration_text(longest)
        )))
    }

    fn claims(&self, policy: &Policy, agent: &Agent) -> anyhow::Result<Claims> {
        let servers = scope::patterns("--servers", &self.servers)?;
        let tools = scope::patterns("--tools", &self.tools)?;
        scope::check_servers(policy, &servers)?;
        scope::check_tools(policy, &tools)?;
        Ok(Claims {
            organisation: agents::organisation(policy, agent).to_owned(),
            team: agents::team(policy, agent).map(str::to_owned),
            agent: agent.name.clone(),
            roles: self.chosen_roles(policy, agent)?,
            servers,
            tools,
            expires_unix_s: now_unix_s().saturating_add(self.ttl),
            limits: self.limit.clone(),
        })
    }

    fn chosen_roles(&self, policy: &Policy, agent: &Agent) -> anyhow::Result<Vec<String>> {
        let mut own = agents::roles(policy, agent);
        for role in &self.roles {
            if !own.contains(&role.as_str()) {
                let hint = nearest::hint(role, own.iter().copied());
                let agent = &agent.name;
                return Err(wrong(format!(
                    "--roles: {agent} has no role `{role}`{hint}"
                )));
            }
        }
        own.retain(|role| self.roles.is_empty() || self.roles.iter().any(|name| name == role));
        Ok(own.into_iter().map(str::to_owned).collect())
    }
}

/// A token with these claims and its id, remembered before it is shown.
pub(in crate::commands) fn issued(
    dir: &PolicyDir,
    claims: &Claims,
) -> anyhow::Result<(Zeroizing<String>, String)> {
    let private = keys::private(&dir.key("token.key"))?;
    let token = Issuer::new(TOKEN_KEY_ID, &private)
        .and_then(|issuer| issuer.issue(claims))
        .map_err(|error| wrong(error.to_string()))?;
    let token = Zeroizing::new(token);
    let remembered = remembered(&token, claims)?;
    registry::remember(dir, &remembered)?;
    Ok((token, remembered.id))
}

/// Warns when gateways would not know the agent yet.
fn warn_if_unpushed(dir: &PolicyDir, claims: &Claims) {
    let Ok(Some(current)) = snapshots::current(dir) else {
        return;
    };
    let policy = current.policy();
    let known = policy.agents.iter().any(|agent| {
        let row = usize::try_from(agent.organisation.to_native()).ok();
        let organisation = row.and_then(|row| policy.organisations.get(row));
        agent.name == claims.agent.as_str()
            && organisation.is_some_and(|row| row.name == claims.organisation.as_str())
    });
    if !known {
        output::warning(&format!(
            "{} is not in generation {} that gateways serve; varictl push{}",
            claims.agent,
            current.generation(),
            dir.flag()
        ));
    }
}

fn remembered(token: &str, claims: &Claims) -> anyhow::Result<Issued> {
    let id = Verifier::inspect(token)?
        .ids
        .last()
        .map(ToString::to_string)
        .unwrap_or_default();
    let limits = claims
        .limits
        .iter()
        .map(|rate| rate_text(rate.count, rate.period_ns));
    Ok(Issued {
        id,
        organisation: claims.organisation.clone(),
        team: claims.team.clone(),
        agent: claims.agent.clone(),
        roles: claims.roles.clone(),
        servers: claims.servers.clone(),
        tools: claims.tools.clone(),
        limits: limits.collect(),
        issued_unix_s: now_unix_s(),
        expires_unix_s: claims.expires_unix_s,
    })
}
