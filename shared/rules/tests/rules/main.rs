//! The rule language from outside: text in, verdicts and messages out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod call;
mod cases;
mod conditions;
mod design;
mod differential;
mod formatting;
mod generate;
mod hostile;
mod lints;
mod memory;
mod messages;
mod naive;
mod program;
mod verdicts;
