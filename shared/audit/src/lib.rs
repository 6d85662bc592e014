//! The audit log's format: what a record says, how lines are chained, how a log is checked.
//!
//! A log is JSON Lines in segments, one record a line:
//!
//! ```text
//! {"seq":N,"time":"2026-11-23T11:22:33.123456789Z","prev":"<64 hex>","kind":...}
//! ```
//!
//! `seq` counts from 0 without gaps and is the leaf's index in the Merkle tree to come (RFC 6962);
//! `prev` is the SHA-256 of the line before, without its newline, and 64 zeros for the first line.
//! Nothing that a caller sends can add a line or a member: strings are escaped, JSON is spliced
//! only after it was checked. The writers allocate nothing once their buffer has grown. Nothing
//! here does I/O but [`verify()`] (over a `BufRead`) and [`segments`].

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )
)]

pub mod ahead;
mod call;
mod chain;
mod event;
mod hidden;
pub mod json;
mod line;
mod outcome;

pub mod segments;
pub mod time;
pub mod verify;

pub use call::{CallRecord, Findings, Found, Params, Restored, Ruled};
pub use chain::{Chain, LINE_OVERHEAD_BYTES, digest};
pub use event::{
    ApprovalEvent, CredentialEvent, Event, IdentityEvent, ToolTold, ToolsEvent, ToolsTold,
    Undelivered, WitnessEvent,
};
pub use hidden::Hidden;
pub use line::{Flaw, Head, Line};
pub use outcome::{ResultRecord, Status};
pub use segments::SegmentName;
pub use verify::{
    Problem, ProblemKind, Progress, Report, Start, Torn, VerifyOptions, unanswered, verify,
    verify_watched,
};
