//! What a token says, block by block; made by verification only.

use varistor_model::{IntentSet, TokenId};

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// One id per block, the first block's first; the last is the token's own. Revoking any of
    /// them revokes the token.
    pub ids: Vec<TokenId>,
    /// The tenant.
    pub organisation: String,
    /// The team, if the token names one.
    pub team: Option<String>,
    /// The agent.
    pub agent: String,
    /// The roles that the token names.
    pub roles: Vec<String>,
    /// One per block that restricts; ALL of them must permit a call.
    pub scopes: Vec<Scope>,
    /// The last second at which the token is valid: the earliest of all blocks.
    pub expires_unix_s: u64,
    /// The limits of all blocks; every one of them counts.
    pub limits: Vec<OwnedRate>,
    /// Where it comes from, when it is not ours: then `ids` are its holder's, which all tokens of
    /// the holder share, and its own.
    pub outside: Option<Outside>,
}

/// Where a token of an outside identity provider comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Who issued it.
    pub issuer: String,
    /// Whom it speaks for, as the issuer calls them; the start of it.
    pub subject: String,
    /// What that person is found by, over all issuers; `None` where it speaks for nobody.
    pub person: Option<[u8; 16]>,
    /// The key that signed it.
    pub key: [u8; 16],
    /// Whether its holder has all roles of the agent: policy maps none.
    pub has_all_roles: bool,
    /// What whoever presents it must hold beside it.
    pub bound: Bound,
}

/// What whoever presents a token must hold beside it (RFC 7800 section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// The private key of this JWK thumbprint (RFC 9449 section 6.1).
    pub key: Option<[u8; 32]>,
    /// The private key of the client certificate of this SHA-256 (RFC 8705 section 3.1).
    pub certificate: Option<[u8; 32]>,
}

impl Verified {
    /// What sessions, approvals, limits and the memory of calls are bound to: the token itself, or
    /// the holder of a token of an outside provider, who gets another every few minutes.
    #[must_use]
    pub fn bound_to(&self) -> Option<TokenId> {
        match self.outside {
            Some(_) => self.ids.first().copied(),
            None => self.ids.last().copied(),
        }
    }
}

/// What one block permits; `None` restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Globs over server names, at least one.
    pub servers: Option<Vec<String>>,
    /// Globs over `SERVER/TOOL`, at least one.
    pub tools: Option<Vec<String>>,
    /// Intents, at least one.
    pub intents: Option<IntentSet>,
}

impl Scope {
    /// Whether the block restricts nothing.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.servers.is_none() && self.tools.is_none() && self.intents.is_none()
    }
}

/// A rate and the block that set it: narrowed tokens share the counter of their parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedRate {
    /// The block that set the rate.
    pub owner: TokenId,
    /// Calls in a period.
    pub count: u64,
    /// The period in nanoseconds.
    pub period_ns: u64,
}
