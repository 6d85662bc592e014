//! `varictl login`, `logout`, `logins`: accounts of people at servers. A person consents in their
//! browser (authorization code with PKCE); what tokens are asked for with from then on goes into
//! the vault, for that server alone.

mod exchange;
mod redirect;

use clap::Args;
use varistor_identity::Owner;
use varistor_oauth::{Login as Kept, kept};
use varistor_snapshot::schema::{OAuth, Policy, Server};

use super::vault;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::output::table::Table;
use crate::quantities::{now_unix_s, time_text};
use crate::{agents, building, nearest, output};

/// Log in to a server with a browser, for an agent or a person, or for all callers.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl login crm --agent ann
      the account that calls of the agent ann use at crm (policy: login: each)
  varictl login crm --issuer https://id.example.com --subject 4711
      the same for a person with tokens of an identity provider
  varictl login wiki
      one account for all callers (policy: login: shared)

The browser may be on this machine only: the answer comes to a port of 127.0.0.1.")]
pub(crate) struct Login {
    #[command(flatten)]
    account: Account,
    /// The port to which the answer comes [default: any that is free]
    #[arg(
        long,
        default_value_t = 0,
        value_name = "PORT",
        hide_default_value = true
    )]
    port: u16,
    /// Print the address only
    #[arg(long)]
    no_browser: bool,
}

/// Forget an account at a server.
#[derive(Args, Debug)]
pub(crate) struct Logout {
    #[command(flatten)]
    account: Account,
}

/// List the accounts at servers, never what tokens are asked for with.
#[derive(Args, Debug)]
pub(crate) struct Logins {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Whose account where.
#[derive(Args, Debug)]
struct Account {
    /// The server, as the policy calls it
    server: String,
    /// The agent whose calls use it
    #[arg(long, value_name = "NAME|ORG/NAME", conflicts_with_all = ["issuer", "subject"])]
    agent: Option<String>,
    /// The identity provider of the person whose calls use it
    #[arg(long, value_name = "URL", requires = "subject")]
    issuer: Option<String>,
    /// What that provider calls them (`sub`)
    #[arg(long, value_name = "SUB", requires = "issuer")]
    subject: Option<String>,
}

/// When a gateway takes it up.
const SOON: &str = "a running gateway knows within a second";

impl Account {
    /// The server, and who has an account there.
    fn find<'p>(&self, policy: &'p Policy) -> anyhow::Result<(&'p Server, &'p OAuth, Owner)> {
        let mut rows = policy.servers.iter();
        let server = rows.find(|row| row.name == self.server).ok_or_else(|| {
            let names = policy.servers.iter().map(|row| row.name.as_str());
            let hint = nearest::hint(&self.server, names);
            wrong(format!("the policy has no server `{}`{hint}", self.server))
        })?;
        let wanted = server.oauth.as_ref().filter(|oauth| oauth.login != 0);
        let oauth = wanted.ok_or_else(|| {
            wrong(format!(
                "nobody logs in to {}; its policy would say credential: {{ oauth: {{ login: each }} }}",
                self.server
            ))
        })?;
        Ok((server, oauth, self.owner(policy, oauth)?))
    }

    fn owner(&self, policy: &Policy, oauth: &OAuth) -> anyhow::Result<Owner> {
        let owner = match (&self.agent, &self.issuer, &self.subject) {
            (Some(name), ..) => {
                let agent = agents::find(policy, name)?;
                Owner::Agent {
                    organisation: agents::organisation(policy, agent).to_owned(),
                    agent: agent.name.clone(),
                }
            }
            (None, Some(issuer), Some(subject)) => {
                let mut known = policy.identity_providers.iter();
                if !known.any(|row| row.issuer == *issuer) {
                    let names = policy
                        .identity_providers
                        .iter()
                        .map(|it| it.issuer.as_str());
                    let hint = nearest::hint(issuer, names);
                    let text = format!("the policy has no identity provider `{issuer}`{hint}");
                    return Err(wrong(text));
                }
                Owner::Person {
                    issuer: issuer.clone(),
                    subject: subject.clone(),
                }
            }
            _ => Owner::Everybody,
        };
        match (oauth.login, &owner) {
            (1, Owner::Everybody) | (2, Owner::Agent { .. } | Owner::Person { .. }) => Ok(owner),
            (1, _) => Err(wrong(format!(
                "all callers share one account at {}: leave --agent, --issuer and --subject out",
                self.server
            ))),
            _ => Err(wrong(format!(
                "every caller has their own account at {}: say whose, with --agent NAME, or with \
                 --issuer URL --subject SUB",
                self.server
            ))),
        }
    }
}

impl Login {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let policy = building::policy(dir)?;
        let (server, oauth, owner) = self.account.find(&policy)?;
        // Before anybody is asked: what can't be kept is not asked for.
        let vault = vault::open(dir)?;
        let secret = exchange::secret(&vault, (server, oauth))?;
        drop(vault);
        let began = exchange::begin((server, oauth), secret, self.port)?;
        output::line(&began.consent.url)?;
        output::note(&format!(
            "log in to {} as {} at {}; waiting for the answer on {} for {} min",
            server.name,
            owner,
            began.from(),
            began.redirect.address(),
            redirect::WITHIN.as_secs() / 60
        ));
        if !self.no_browser {
            redirect::open(&began.consent.url);
        }
        let login = began.finish(owner, now_unix_s())?;
        let mut vault = vault::open(dir)?;
        vault
            .set(&login.name(), &[&login.server], &login.written())
            .map_err(vault::told)?;
        vault.save().map_err(vault::told)?;
        output::note(&format!(
            "{} is logged in to {}; {SOON}",
            login.owner, login.server
        ));
        Ok(Exit::Done)
    }
}

impl Logout {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let policy = building::policy(dir)?;
        let (server, _, owner) = self.account.find(&policy)?;
        let name = kept::name_of(&server.name, owner.id());
        let mut vault = vault::open(dir)?;
        if !vault.names().any(|entry| entry.name == name) {
            let text = format!("{} is not logged in to {}", owner, server.name);
            return Err(wrong(text));
        }
        vault.remove(&name).map_err(vault::told)?;
        vault.save().map_err(vault::told)?;
        output::note(&format!(
            "{} is logged out of {}; {SOON}. The server may honour tokens that it gave until they \
             expire",
            owner, server.name
        ));
        Ok(Exit::Done)
    }
}

impl Logins {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let vault = vault::open(dir)?;
        let mut all = Vec::new();
        for entry in vault.names().filter(|entry| kept::is_name(entry.name)) {
            let [server] = entry.servers else { continue };
            let secret = vault.get(entry.name, server).map_err(vault::told)?;
            all.extend(Kept::read(secret.expose()));
        }
        all.sort_by_key(|login| (login.server.clone(), login.owner.to_string()));
        if self.json {
            let rows = all.iter().map(|login| {
                serde_json::json!({
                    "server": login.server,
                    "of": login.owner.to_string(),
                    "from": login.issuer.as_ref().unwrap_or(&login.token),
                    "since_unix_s": login.since_unix_s,
                    "secret": login.name(),
                })
            });
            output::json(&rows.collect::<Vec<_>>())?;
            return Ok(Exit::Done);
        }
        let mut table = Table::new(&["SERVER", "OF", "FROM", "SINCE"]);
        for login in &all {
            table.row(&[
                login.server.as_str(),
                output::plain(&login.owner.to_string()).as_ref(),
                login.issuer.as_ref().unwrap_or(&login.token),
                time_text(login.since_unix_s).as_str(),
            ]);
        }
        table.print()?;
        Ok(Exit::Done)
    }
}
