//! The steps of a request, in their order.

/// One step of the way of a request; `Stage::ORDER` is the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// One well-framed HTTP/1.1 message within limits.
    Accept,
    /// Whose token it is, whether it is alive, which snapshot rows are theirs.
    Authenticate,
    /// One JSON-RPC message, strictly read.
    Parse,
    /// Budgets of agent, tool, organisation and token.
    RateLimit,
    /// What the call intends.
    Classify,
    /// What sensitive data the payload carries.
    Dlp,
    /// Roles and rules: allow, redact, hold, deny.
    Policy,
    /// The sealed call record.
    Audit,
    /// The upstream's part: chosen, reached, answered.
    Forward,
}

impl Stage {
    /// Every stage, in the order of the request.
    pub const ORDER: [Self; 9] = [
        Self::Accept,
        Self::Authenticate,
        Self::Parse,
        Self::RateLimit,
        Self::Classify,
        Self::Dlp,
        Self::Policy,
        Self::Audit,
        Self::Forward,
    ];

    /// The name in records, metrics, file names and the README.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Authenticate => "authenticate",
            Self::Parse => "parse",
            Self::RateLimit => "rate_limit",
            Self::Classify => "classify",
            Self::Dlp => "dlp",
            Self::Policy => "policy",
            Self::Audit => "audit",
            Self::Forward => "forward",
        }
    }
}
