//! Scoped tokens: issued by the control plane, narrowed offline by their holder, verified here.
//!
//! A token is a [Biscuit](https://doc.biscuitsec.org/reference/specifications) signed with
//! Ed25519. This crate decides whether a token is genuine and what it permits; it refuses every
//! token that says something outside a closed vocabulary, because a restriction that is not
//! understood is a restriction that is not enforced. Verification reads no clock, draws no
//! randomness and runs no Datalog: expiry and limits are returned as data.
//!
//! # The vocabulary
//!
//! Restrictions are checks, so that any other Biscuit verifier enforces them as well. They are
//! recognised by their structure in the signed bytes, never by printed source. Every block may
//! hold each of these checks at most once:
//!
//! ```text
//! check if time($v), $v <= 2026-12-31T23:59:59Z;              // expiry; required in the first
//! check if server($v), $v.matches("(?s)\A(?:github|db-.*)\z"); // globs `github`, `db-*`
//! check if tool($v), $v.matches("(?s)\A(?:github/get_.*)\z");  // globs over `SERVER/TOOL`
//! check if intent($v), {"read", "write"}.contains($v);
//! ```
//!
//! and any block may set rate limits: `limit(COUNT, PERIOD_NS)`. Only the first block may say
//! whose token it is: `organisation("..")` and `agent("..")` once each, `team("..")` at most
//! once, any number of different `role("..")`.
//!
//! Another verifier that wants the restrictions enforced supplies the facts `time`, `server`,
//! `tool` and `intent` of the call. Biscuit has no check for rates, so limits are plain facts.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod attenuate;
pub mod bounds;
mod claims;
mod error;
mod issue;
mod pattern;
mod read;
mod verified;
mod verify;
mod wire;
mod write;

pub use attenuate::attenuate;
pub use claims::{Claims, Narrowing, TokenRate};
pub use error::TokenError;
pub use issue::Issuer;
pub use verified::{Bound, Outside, OwnedRate, Scope, Verified};
pub use verify::Verifier;
