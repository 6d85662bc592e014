//! What one answer will be: decided before a byte of it is written.

use std::time::Duration;

use super::fault::Fault;
use super::text::{TEXT_BYTES_MAX, Text};

/// The answer to one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Wait before the answer.
    pub(super) delay: Duration,
    /// What the result of a tool holds.
    pub(super) text: Text,
    /// Events of the stream that answers, the result included; 0 for plain JSON.
    pub(super) events: u32,
    /// Wait between two events, or between two bytes of a fault that sends them one by one.
    pub(super) pace: Duration,
    /// How the answer goes wrong.
    pub(super) fault: Option<Fault>,
}

impl Plan {
    /// Gives the answer the form that its fault needs.
    pub(super) fn fit_fault(&mut self) {
        match self.fault {
            Some(Fault::Huge) => self.text.bytes = TEXT_BYTES_MAX,
            Some(Fault::Split) => self.events = self.events.max(1),
            // Something has to come before the result that does not come.
            Some(Fault::StreamEnd) => self.events = self.events.max(2),
            Some(Fault::ShortLength | Fault::LongLength) => self.events = 0,
            _ => {}
        }
    }
}
