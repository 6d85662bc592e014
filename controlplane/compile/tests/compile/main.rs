//! Whole policy directories: what compiles and to which rows, what is refused and in which words,
//! what two snapshots differ in.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops there"
)]

mod actions;
mod bad;
mod changes;
mod determinism;
mod directory;
mod fixture;
mod good;
mod rules;
mod vault;
