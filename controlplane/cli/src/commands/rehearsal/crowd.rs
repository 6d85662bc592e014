//! Tokens for whoever a log speaks of: one for each recorded token of each agent of the policy.

use std::collections::HashMap;

use varistor_snapshot::schema::Policy;
use varistor_token::Claims;
use zeroize::Zeroizing;

use super::Rehearsal;
use super::setup::{self, claims, issue};
use crate::directory::PolicyDir;
use crate::{agents, building};

/// Most tokens that are kept, of about a kilobyte each. When there are more, all are forgotten:
/// their calls are judged under new tokens, whose history is empty.
const TOKENS_MAX: usize = 1 << 16;

/// Who called, as a record names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::commands) struct Caller {
    pub(in crate::commands) organisation: String,
    pub(in crate::commands) agent: String,
    /// The recorded token's id, in hex; empty where none is recorded.
    pub(in crate::commands) token: String,
}

/// The agents of a policy, each with as many tokens as a log has of theirs.
pub(in crate::commands) struct Crowd {
    policy: Policy,
    private: Zeroizing<[u8; 32]>,
    tokens: HashMap<Caller, Zeroizing<String>>,
}

impl Crowd {
    /// The agents of this directory's policy, and a rehearsal of the whole gateway for them.
    pub(in crate::commands) fn gather(dir: &PolicyDir) -> anyhow::Result<(Self, Rehearsal)> {
        let mut policy = building::policy(dir)?;
        let private = setup::trust_new_key(&mut policy)?;
        let nobody = Zeroizing::new(String::new());
        let rehearsal = setup::served(&policy, nobody, setup::own(Some(dir))?)?;
        let crowd = Self {
            policy,
            private,
            tokens: HashMap::new(),
        };
        Ok((crowd, rehearsal))
    }

    /// The caller's token, with all the roles of its agent; `None` when the policy has no such
    /// agent.
    pub(in crate::commands) fn token(&mut self, caller: &Caller) -> anyhow::Result<Option<&str>> {
        if !self.tokens.contains_key(caller) {
            let Some(token) = self.issue(caller)? else {
                return Ok(None);
            };
            if self.tokens.len() >= TOKENS_MAX {
                self.tokens.clear();
            }
            self.tokens.insert(caller.clone(), token);
        }
        Ok(self.tokens.get(caller).map(|token| token.as_str()))
    }

    fn issue(&self, caller: &Caller) -> anyhow::Result<Option<Zeroizing<String>>> {
        let policy = &self.policy;
        let agent = policy.agents.iter().find(|agent| {
            agent.name == caller.agent && agents::organisation(policy, agent) == caller.organisation
        });
        let Some(agent) = agent else {
            return Ok(None);
        };
        let roles = agents::roles(policy, agent).into_iter();
        let claims = Claims {
            organisation: caller.organisation.clone(),
            team: agents::team(policy, agent).map(str::to_owned),
            roles: roles.map(str::to_owned).collect(),
            ..claims(&agent.name)
        };
        issue(&self.private, &claims).map(Some)
    }
}
