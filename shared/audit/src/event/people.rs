//! What people decided, and what could not be told to them.

use core::fmt::Display;

use super::Details;

/// What became of a held call, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct ApprovalEvent<'a> {
    /// The approval's name, as the call's record has it.
    pub id: &'a [u8; 16],
    /// `approve`, `deny`, `expire`; `open` and `close` of a window.
    pub decision: &'static str,
    /// Who; empty for the clock.
    pub by: &'a str,
    /// In whose words; may be empty.
    pub note: &'a str,
    /// For how long the agent may use the tool, in milliseconds; 0: this once.
    pub for_ms: u64,
}

impl ApprovalEvent<'_> {
    pub(super) fn write(&self, details: &mut Details<'_>) {
        details.hex("approval", self.id);
        details.text("decision", self.decision);
        for (key, text) in [("by", self.by), ("note", self.note)] {
            if !text.is_empty() {
                details.text(key, text);
            }
        }
        if self.for_ms > 0 {
            details.number("for_ms", self.for_ms);
        }
    }
}

/// A message to people that was given up.
#[derive(Clone, Copy)]
pub struct Undelivered<'a> {
    /// The channel, as `KIND/NAME`.
    pub channel: &'a str,
    /// The kind of event that it told of.
    pub event: &'a str,
    /// The message's id.
    pub message: &'a str,
    /// How many events it told of.
    pub count: u64,
    /// Attempts that failed.
    pub attempts: u64,
    /// The last failure.
    pub error: &'a dyn Display,
}

impl Undelivered<'_> {
    pub(super) fn write(&self, details: &mut Details<'_>) {
        details.text("channel", self.channel);
        details.text("event", self.event);
        details.text("message", self.message);
        details.number("count", self.count);
        details.number("attempts", self.attempts);
        details.display("error", self.error);
    }
}
