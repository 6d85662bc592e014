//! Tests of the token crate through its public interface, with Biscuit's own library as the
//! adversary and as the independent reader.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod fixture;
mod forgery;
mod narrowing;
mod standard;
mod vocabulary;
