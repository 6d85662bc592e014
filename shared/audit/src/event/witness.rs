//! What became of having the log's heads cosigned.

use core::fmt::Display;

use super::Details;

/// A witness said something new, or records wait for one too long.
#[derive(Clone, Copy)]
pub enum WitnessEvent<'a> {
    /// It cosigns: for the first time, or again.
    Cosigns {
        /// Its name.
        witness: &'a str,
        /// How many records it has cosigned.
        records: u64,
    },
    /// It does not cosign.
    Failed {
        /// Its name.
        witness: &'a str,
        /// `unreachable`, `refuses` or `conflicts`.
        what: &'a str,
        /// What happened.
        error: &'a dyn Display,
    },
    /// Checkpoints are exported: for the first time, or again.
    Exported {
        /// Where to.
        place: &'a str,
        /// How many records the first of them covers.
        records: u64,
    },
    /// A checkpoint could not be exported.
    Unexported {
        /// Where to.
        place: &'a str,
        /// What happened.
        error: &'a dyn Display,
    },
    /// Calls begin or cease to be denied because records wait for a quorum of witnesses.
    Overdue {
        /// Whether they are denied from now on.
        begun: bool,
        /// Records that wait.
        records: u64,
        /// For how long the oldest of them has waited, in seconds.
        seconds: u64,
    },
}

impl WitnessEvent<'_> {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Cosigns { .. } => "witness_cosigns",
            Self::Failed { .. } => "witness_failed",
            Self::Exported { .. } => "checkpoints_exported",
            Self::Unexported { .. } => "checkpoints_failed",
            Self::Overdue { begun: true, .. } => "unwitnessed_begun",
            Self::Overdue { .. } => "unwitnessed_ended",
        }
    }

    pub(super) fn write(&self, details: &mut Details<'_>) {
        match *self {
            Self::Cosigns { witness, records } => {
                details.text("witness", witness);
                details.number("records", records);
            }
            Self::Failed {
                witness,
                what,
                error,
            } => {
                details.text("witness", witness);
                details.text("what", what);
                details.display("error", error);
            }
            Self::Exported { place, records } => {
                details.text("place", place);
                details.number("records", records);
            }
            Self::Unexported { place, error } => {
                details.text("place", place);
                details.display("error", error);
            }
            Self::Overdue {
                begun: _,
                records,
                seconds,
            } => {
                details.number("records", records);
                details.number("seconds", seconds);
            }
        }
    }
}
