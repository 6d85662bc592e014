//! Tokens as providers and attackers make them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attacks;
mod key_sets;
mod mapping;
mod proofs;
mod signer;
