//! The crate from outside: what has one canonical form, and what lists do to pins.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod generate;

mod canonical;
mod quarantine;
mod twins;
