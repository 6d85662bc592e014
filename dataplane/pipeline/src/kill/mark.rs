//! Names as keys: what a caller, a server and a tool are recognised by when they are stopped.

use varistor_model::TokenId;
use varistor_token::Verified;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Keys of a caller, of the server that it uses, and of the tool that it calls. 0: there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Of the organisation.
    pub organisation: u64,
    /// Of the team.
    pub team: u64,
    /// Of the agent.
    pub agent: u64,
    /// Bits of the token's ids, and those of all tokens that it was narrowed from.
    pub tokens: u64,
    /// Of the server.
    pub server: u64,
    /// Of the tool.
    pub tool: u64,
}

// So that an agent is not stopped by the name of a server.
const ORGANISATION: u64 = 1;
const TEAM: u64 = 2;
const AGENT: u64 = 3;
const SERVER: u64 = 4;

impl Mark {
    pub(crate) fn of(verified: &Verified) -> Self {
        let organisation = verified.organisation.as_str();
        let team = verified.team.as_deref();
        Self {
            organisation: organisation_key(organisation),
            team: team.map_or(0, |team| team_key(organisation, team)),
            agent: agent_key(organisation, &verified.agent),
            tokens: verified
                .ids
                .iter()
                .map(token_bits)
                .fold(0, |all, bits| all | bits),
            server: 0,
            tool: 0,
        }
    }

    #[inline]
    pub(crate) const fn of_server(self, server: u64) -> Self {
        Self { server, ..self }
    }
}

pub(super) fn organisation_key(name: &str) -> u64 {
    key(name, ORGANISATION)
}

pub(super) fn team_key(organisation: &str, name: &str) -> u64 {
    key(name, organisation_key(organisation).wrapping_add(TEAM))
}

pub(super) fn agent_key(organisation: &str, name: &str) -> u64 {
    key(name, organisation_key(organisation).wrapping_add(AGENT))
}

#[inline]
pub(super) fn server_key(name: &str) -> u64 {
    key(name, SERVER)
}

#[inline]
pub(super) fn tool_key(server: u64, name: &str) -> u64 {
    key(name, server)
}

/// Never 0, which stands for none.
#[inline]
fn key(name: &str, seed: u64) -> u64 {
    xxh3_64_with_seed(name.as_bytes(), seed).max(1)
}

/// Four of 64 bits: of a chain of 16 ids, less than two thirds are set.
pub(super) fn token_bits(id: &TokenId) -> u64 {
    let hash = xxh3_64(&id.0);
    let bit = |shift: u32| 1_u64 << ((hash >> shift) & 63);
    bit(0) | bit(6) | bit(12) | bit(18)
}
