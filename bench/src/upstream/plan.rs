//! What one answer will be: decided before a byte of it is written.

use std::time::Duration;

use super::fault::Fault;
use super::text::Text;

/// The answer to one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Wait before the answer.
    pub(super) delay: Duration,
    /// What the result of a tool holds.
    pub(super) text: Text,
    /// Events of the stream that answers, the result included; 0 for plain JSON.
    pub(super) events: u32,
    /// How the answer goes wrong.
    pub(super) fault: Option<Fault>,
}
