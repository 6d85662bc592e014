//! Whose account at a server a call uses, where the server's accounts are people's.

use core::fmt;

use crate::claims::id;

/// Whoever has an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// One account, for all callers.
    Everybody,
    /// An agent that has a token of ours.
    Agent {
        /// Its organisation.
        organisation: String,
        /// Its name.
        agent: String,
    },
    /// A person, by whatever token of an outside provider.
    Person {
        /// Who says so.
        issuer: String,
        /// Their `sub`.
        subject: String,
    },
}

/// What an owner is found by.
pub type OwnerId = [u8; 16];

impl Owner {
    /// Their id: equal for equal owners, and for those only.
    #[must_use]
    pub fn id(&self) -> OwnerId {
        match self {
            Self::Everybody => id(&["everybody"]).0,
            Self::Agent {
                organisation,
                agent,
            } => of_agent(organisation, agent),
            Self::Person { issuer, subject } => of_person(issuer, subject),
        }
    }
}

/// For a person.
impl fmt::Display for Owner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => out.write_str("everybody"),
            Self::Agent {
                organisation,
                agent,
            } => write!(out, "{organisation}/{agent}"),
            Self::Person { issuer, subject } => write!(out, "{subject} at {issuer}"),
        }
    }
}

/// The id of an agent that has a token of ours.
#[must_use]
pub fn of_agent(organisation: &str, agent: &str) -> OwnerId {
    id(&["agent", organisation, agent]).0
}

/// The id of a person, or of a workload.
#[must_use]
pub fn of_person(issuer: &str, subject: &str) -> OwnerId {
    id(&["person", issuer, subject]).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_owners_have_the_same_id() {
        let agent = |organisation: &str, agent: &str| Owner::Agent {
            organisation: organisation.to_owned(),
            agent: agent.to_owned(),
        };
        let person = |issuer: &str, subject: &str| Owner::Person {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        };
        let all = [
            Owner::Everybody,
            agent("a", "bc"),
            agent("ab", "c"),
            person("a", "bc"),
            person("ab", "c"),
        ];
        let mut ids: Vec<_> = all.iter().map(Owner::id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
    }
}
