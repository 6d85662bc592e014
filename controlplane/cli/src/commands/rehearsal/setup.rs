//! Which snapshot is rehearsed, and for whom: a policy directory compiled in memory and a token of
//! one of its agents, or a policy that permits everything.

use anyhow::Context;
use ed25519_dalek::SigningKey;
use varistor_compile::TOKEN_KEY_ID;
use varistor_inspect::dlp::OwnSecrets;
use varistor_snapshot::Snapshot;
use varistor_snapshot::schema::{Policy, TokenKey};
use varistor_token::{Claims, Issuer};
use zeroize::Zeroizing;

use super::Rehearsal;
use super::anything;
use crate::commands::vault;
use crate::directory::PolicyDir;
use crate::exit::wrong;
use crate::quantities::{DAY_S, now_unix_s};
use crate::{agents, building, keys};

/// How long a token made here lives, in seconds: longer than any standard input.
const LIFE_S: u64 = 365 * DAY_S;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Scope {
    /// All that the gateway decides.
    Whole,
    /// Sensitive data alone.
    Data,
    /// Intents alone.
    Intent,
}

/// Who is asked for.
#[derive(Clone, Copy, Debug)]
pub(in crate::commands) enum Who<'a> {
    /// An agent of the policy.
    Agent(&'a str),
    /// The holder of a token.
    Token(&'a str),
}

/// A rehearsal of the whole gateway.
pub(in crate::commands) fn whole(dir: &PolicyDir, who: Who<'_>) -> anyhow::Result<Rehearsal> {
    let mut policy = building::policy(dir)?;
    let token = match who {
        Who::Token(token) => Zeroizing::new(token.to_owned()),
        Who::Agent(name) => {
            let agent = agents::find(&policy, name)?;
            let roles = agents::roles(&policy, agent).into_iter();
            let claims = Claims {
                organisation: agents::organisation(&policy, agent).to_owned(),
                team: agents::team(&policy, agent).map(str::to_owned),
                roles: roles.map(str::to_owned).collect(),
                ..claims(&agent.name)
            };
            let private = if dir.key("token.key").exists() {
                keys::private(&dir.key("token.key"))?
            } else {
                trust_new_key(&mut policy)?
            };
            issue(&private, &claims)?
        }
    };
    served(&policy, token, own(Some(dir))?)
}

/// A rehearsal in which nothing but the data, or nothing at all, decides. A directory lends its
/// rows of servers, and what it looks for.
pub(in crate::commands) fn permissive(
    scope: Scope,
    dir: Option<&PolicyDir>,
) -> anyhow::Result<Rehearsal> {
    let mut policy = match (dir, scope) {
        (Some(dir), _) => building::policy(dir)?,
        (None, Scope::Intent) => anything::policy(anything::nothing()?),
        (None, Scope::Whole | Scope::Data) => anything::policy(anything::everything()?),
    };
    if scope == Scope::Intent {
        policy.dlp = anything::nothing()?;
    }
    anything::permit(&mut policy);
    let private = trust_new_key(&mut policy)?;
    let claims = Claims {
        organisation: anything::AGENT.to_owned(),
        roles: vec![anything::AGENT.to_owned()],
        ..claims(anything::AGENT)
    };
    served(&policy, issue(&private, &claims)?, own(dir)?)
}

pub(super) fn claims(agent: &str) -> Claims {
    Claims {
        organisation: String::new(),
        team: None,
        agent: agent.to_owned(),
        roles: Vec::new(),
        servers: Vec::new(),
        tools: Vec::new(),
        expires_unix_s: now_unix_s().saturating_add(LIFE_S),
        limits: Vec::new(),
    }
}

pub(super) fn issue(private: &[u8; 32], claims: &Claims) -> anyhow::Result<Zeroizing<String>> {
    let token = Issuer::new(TOKEN_KEY_ID, private).and_then(|issuer| issuer.issue(claims));
    token
        .map(Zeroizing::new)
        .map_err(|error| wrong(error.to_string()))
}

/// Makes the policy in memory know tokens by a key that nobody else has.
pub(super) fn trust_new_key(policy: &mut Policy) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let private = random()?;
    let public = Issuer::new(TOKEN_KEY_ID, &private)?.public();
    policy.keys.token = vec![TokenKey {
        id: TOKEN_KEY_ID,
        public,
    }];
    Ok(private)
}

/// Seals the policy for this process alone and opens it as a gateway does.
pub(super) fn served(
    policy: &Policy,
    token: Zeroizing<String>,
    own: OwnSecrets,
) -> anyhow::Result<Rehearsal> {
    let mut policy = policy.clone();
    varistor_inspect::glob::arrange(&mut policy);
    let signer = SigningKey::from_bytes(&*random()?);
    let sealed = varistor_snapshot::seal(&policy, &signer)?;
    let snapshot = Snapshot::open(&sealed, &[signer.verifying_key()], None)
        .context("the policy can't be opened")?;
    Rehearsal::new(snapshot, token, own)
}

/// What recognises the secrets of the directory's vault, where there is one that can be opened.
pub(super) fn own(dir: Option<&PolicyDir>) -> anyhow::Result<OwnSecrets> {
    let Some(dir) = dir.filter(|dir| dir.vault().exists() && dir.key("vault.key").exists()) else {
        return Ok(OwnSecrets::default());
    };
    let vault = vault::open(dir)?;
    let values = vault.values().collect::<Result<Vec<_>, _>>();
    let values = values.map_err(vault::told)?;
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).context("the system gives no random numbers")?;
    let values = values.iter().map(varistor_vault::Secret::expose);
    OwnSecrets::new(u64::from_le_bytes(seed), values).context("too many secrets")
}

fn random() -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut bytes[..])
        .map_err(|error| anyhow::anyhow!("the kernel gives no random bytes: {error}"))?;
    Ok(bytes)
}
