//! What an issuer says about a token, and what a holder takes away from it.

use varistor_model::IntentSet;

/// What the first block of a token says. Bounds are in [`crate::bounds`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The tenant.
    pub organisation: String,
    /// The team in it, if the token speaks for one.
    pub team: Option<String>,
    /// The agent that the token is for.
    pub agent: String,
    /// Its roles, each once.
    pub roles: Vec<String>,
    /// Globs over server names; empty means all that the roles allow.
    pub servers: Vec<String>,
    /// Globs over `SERVER/TOOL`; empty means all that the roles allow.
    pub tools: Vec<String>,
    /// The last second at which the token is valid, counted from 1970.
    pub expires_unix_s: u64,
    /// Rates that calls with this token, and with all narrowed from it, share.
    pub limits: Vec<TokenRate>,
}

/// `count` calls per `period_ns`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRate {
    /// Calls in a period.
    pub count: u64,
    /// The period in nanoseconds.
    pub period_ns: u64,
}

/// What a holder takes away. `None` leaves a restriction as it is; a list permits what it names,
/// within what the token permitted before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Globs over server names; an empty list is refused.
    pub servers: Option<Vec<String>>,
    /// Globs over `SERVER/TOOL`; an empty list is refused.
    pub tools: Option<Vec<String>>,
    /// The intents that remain; an empty set is refused.
    pub intents: Option<IntentSet>,
    /// The last second at which the narrowed token is valid. A later one than the token's own
    /// changes nothing.
    pub expires_unix_s: Option<u64>,
    /// Rates on top of the token's own.
    pub limits: Vec<TokenRate>,
}
