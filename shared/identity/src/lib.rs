//! Tokens of outside identity providers: JSON Web Tokens (RFC 7519) that an OAuth authorization
//! server issued, read as RFC 8725 and RFC 9068 say, and mapped to the rows of a policy.
//!
//! Refuses what two readers could take for two things, algorithms without a public key, keys that
//! the provider does not publish, tokens for another resource, and callers that policy maps to
//! nobody. Reads no clock, file or network: [`Fetching`] says what to ask the provider for, and
//! whoever may wait does so.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod algorithm;
pub mod bounds;
mod certificate;
mod claims;
mod fetching;
mod jwt;
mod key;
mod key_set;
pub mod owner;
mod proof;
mod provider;
mod refused;
mod ring_of_keys;
pub mod strict;
mod verify;
mod workload;

pub use algorithm::{Algorithm, Algorithms, Kind};
pub use certificate::{Certificate, SpiffeId, is_domain, is_path};
pub use fetching::{FetchError, Fetching, Next, metadata_urls};
pub use jwt::looks_like_one;
pub use key::{Key, KeyName, Public};
pub use key_set::{KeySet, KeySetError};
pub use owner::{Owner, OwnerId};
pub use proof::{Asked, Proof, prove};
pub use provider::{Audience, Provider, Source, path_of};
pub use refused::Refused;
pub use ring_of_keys::KeyRing;
pub use verify::{Said, Unknown, reread, said, verify};
