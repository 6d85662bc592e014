//! One witness of the policy, and what is known of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Witness;

/// When one that could not be reached is tried again, at first; twice as long each time, until it
/// is as long as policy says.
const AGAIN: Duration = Duration::from_secs(5);

/// How a witness stands to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was not asked yet.
    Unasked,
    /// It has cosigned what it was asked for last.
    Cosigns,
    /// It can't be asked.
    Unreachable,
    /// It does not know the log or its keys, or answers with something else.
    Refuses,
    /// It remembers another history.
    Conflicts,
}

impl Standing {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Unasked => "unasked",
            Self::Cosigns => "cosigns",
            Self::Unreachable => "unreachable",
            Self::Refuses => "refuses",
            Self::Conflicts => "conflicts",
        }
    }
}

/// One witness and what is known of it.
pub(super) struct Row {
    pub(super) witness: Arc<Witness>,
    pub(super) standing: Standing,
    pub(super) error: Option<String>,
    /// Records that it has cosigned, and the time that it named.
    pub(super) cosigned: u64,
    pub(super) at_unix_s: u64,
    pub(super) failures: u64,
    /// The wait before it is tried again if it can't be reached.
    pub(super) again: Duration,
    /// When it is asked next.
    pub(super) due: Instant,
    pub(super) asking: bool,
}

impl Row {
    /// A witness that was not asked yet: at once, unless it has cosigned only just now, before a
    /// restart.
    pub(super) fn begun(witness: Arc<Witness>, known: Option<(u64, u64)>, every: Duration) -> Self {
        let (cosigned, at_unix_s) = known.unwrap_or_default();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let since = now.unwrap_or_default().as_secs().saturating_sub(at_unix_s);
        Self {
            witness,
            standing: Standing::Unasked,
            error: None,
            cosigned,
            at_unix_s,
            failures: 0,
            again: AGAIN,
            due: Instant::now() + every.saturating_sub(Duration::from_secs(since)),
            asking: false,
        }
    }

    /// It could be reached.
    pub(super) const fn was_reached(&mut self) {
        self.again = AGAIN;
    }

    /// It could not be reached: the wait before it is tried again.
    pub(super) fn waits_again(&mut self) -> Duration {
        let next = self.again.saturating_mul(2);
        core::mem::replace(&mut self.again, next)
    }
}
