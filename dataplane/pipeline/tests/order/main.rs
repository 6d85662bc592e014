//! The whole order without a socket: a policy, a token, bytes in, a decision out.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that can't go on has failed its test"
)]

mod apart;
mod data;
mod decisions;
mod flows;
mod journey;
mod lists;
mod pinning;
mod placeholders;
mod random_policies;
mod rules;
mod steady_state;
mod structured;
