//! How servers fail.

/// How a server failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cause {
    /// No connection, or no trusted one.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The connection ended before an answer.
    Broken,
    /// What it sent is no answer.
    Invalid,
    /// It said itself that it fails (HTTP 5xx without a JSON-RPC answer).
    Status,
    /// Too many answers took too long.
    Slow,
}

impl Cause {
    const ALL: [Self; 6] = [
        Self::Unreachable,
        Self::Timeout,
        Self::Broken,
        Self::Invalid,
        Self::Status,
        Self::Slow,
    ];

    /// Its name in the status and the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::Invalid => "invalid",
            Self::Status => "status",
            Self::Slow => "slow",
        }
    }

    pub(super) fn numbered(number: u8) -> Self {
        let known = Self::ALL.get(usize::from(number));
        known.copied().unwrap_or(Self::Unreachable)
    }
}
