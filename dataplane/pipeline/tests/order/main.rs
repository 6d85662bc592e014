//! The whole order without a socket: a policy, a token, bytes in, a decision out.

mod bench;
mod decisions;
mod lists;
mod random_policies;
