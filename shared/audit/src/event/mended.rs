//! What became of the log itself.

use super::{Details, Event};
use crate::json;

impl Event<'_> {
    /// Writes the details of an event of the log.
    pub(super) fn write_mended(&self, details: &mut Details<'_>) {
        match *self {
            Self::Repaired {
                segment,
                torn_bytes,
            } => {
                details.text("segment", segment);
                details.number("torn_bytes", torn_bytes);
            }
            Self::Restored { segment, records } => {
                details.text("segment", segment);
                details.number("records", records);
            }
            Self::OutcomeUnknown { count, calls } => {
                details.number("count", count);
                details.list("calls", calls, |seq, out| json::number(*seq, out));
            }
            Self::Full { error } => details.display("error", error),
            Self::Recovered {
                segment,
                error,
                failed_ms,
                refused,
                withdrawn,
            } => {
                details.text("segment", segment);
                details.display("error", error);
                details.number("failed_ms", failed_ms);
                details.number("refused", refused);
                details.list("withdrawn", withdrawn, |seq, out| json::number(*seq, out));
            }
            _ => {}
        }
    }
}
