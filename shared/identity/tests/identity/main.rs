//! Tokens as providers and attackers make them.

mod attacks;
mod key_sets;
mod mapping;
mod signer;
