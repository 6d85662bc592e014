//! A refusal, small enough to copy, and how each is told to the caller.

use crate::{Reason, Stage};

/// Why a message was not passed on. Carries no text and nothing of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// What was wrong.
    pub reason: Reason,
    /// When it helps to come back, in milliseconds from now; 0 when unknown.
    pub retry_after_ms: u64,
}

impl Denial {
    /// The stage that refused.
    #[must_use]
    pub const fn stage(self) -> Stage {
        self.reason.verdict().stage
    }

    /// The same denial, with the time after which it helps to come back.
    #[must_use]
    pub const fn after_ms(self, retry_after_ms: u64) -> Self {
        Self {
            retry_after_ms,
            ..self
        }
    }
}

impl From<Reason> for Denial {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            retry_after_ms: 0,
        }
    }
}

/// Whose fault a denial is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The caller sent what may not or cannot pass.
    Caller,
    /// The upstream could not be reached or answered wrongly.
    Upstream,
    /// The gateway could not do its part.
    Gateway,
}

/// In which form a denial is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// The HTTP status of the row, always, with a JSON-RPC error as body. Framing,
    /// authentication, sessions, and what the protocol answers with a status.
    Http,
    /// A JSON-RPC error with HTTP 200 (the row's status on 2026-07-28).
    Rpc,
    /// `tools/call`: a tool error, HTTP 200 and `isError: true`. Other methods: as `Rpc`.
    Call,
}

/// One row of the table of denials (see [`Reason::verdict`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The stage that refuses.
    pub stage: Stage,
    /// Whose fault it is.
    pub fault: Fault,
    /// The form of the answer.
    pub shape: Shape,
    /// The HTTP status when the form has one.
    pub status: u16,
    /// The JSON-RPC error code.
    pub code: i32,
    /// The reason's name in records, metrics and `_meta`.
    pub name: &'static str,
    /// One sentence for the caller, that a model can act on.
    pub text: &'static str,
}
