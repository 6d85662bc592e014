//! Why a token is not taken: what its caller hears, and what its operator reads.

use varistor_model::Reason;

/// A refusal. Small, and holds nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What the caller hears, and records say.
    pub reason: Reason,
    /// What exactly was wrong, for the operator.
    pub why: &'static str,
}

impl Refused {
    pub(crate) const fn malformed(why: &'static str) -> Self {
        Self::new(Reason::TokenMalformed, why)
    }

    pub(crate) const fn claims(why: &'static str) -> Self {
        Self::new(Reason::TokenClaims, why)
    }

    pub(crate) const fn unmapped(why: &'static str) -> Self {
        Self::new(Reason::IdentityUnmapped, why)
    }

    pub(crate) const fn new(reason: Reason, why: &'static str) -> Self {
        Self { reason, why }
    }
}

impl From<Refused> for Reason {
    fn from(refused: Refused) -> Self {
        refused.reason
    }
}
