//! The ways in which an upstream can fail its client.

use std::cell::Cell;

/// What goes wrong.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// The connection is reset instead of an answer.
    Reset,
    /// The connection closes after half of the answer.
    Half,
    /// The answer carries another request's id.
    WrongId,
    /// The answer comes one byte a second.
    Slow,
    /// The answer is 64 MiB long.
    Huge,
    /// No answer ever comes.
    Silent,
}

/// Decides which tool call goes wrong.
pub(super) struct Faults {
    fault: Option<Fault>,
    every: u64,
    calls: Cell<u64>,
}

impl Faults {
    pub(super) fn new(fault: Option<Fault>, every: u64) -> Self {
        Self {
            fault,
            every: every.max(1),
            calls: Cell::new(0),
        }
    }

    /// Whether connections may end in a reset.
    pub(super) fn resets(&self) -> bool {
        self.fault == Some(Fault::Reset)
    }

    /// Counts a tool call, and says how it fails, if it does.
    pub(super) fn next(&self) -> Option<Fault> {
        let fault = self.fault?;
        let calls = self.calls.get().wrapping_add(1);
        self.calls.set(calls);
        calls.is_multiple_of(self.every).then_some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Faults};

    #[test]
    fn every_third_call_goes_wrong() {
        let faults = Faults::new(Some(Fault::Half), 3);
        let wrong: Vec<bool> = (0..6).map(|_| faults.next().is_some()).collect();
        assert_eq!(wrong, [false, false, true, false, false, true]);
    }
}
