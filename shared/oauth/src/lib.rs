//! OAuth 2.1 from the client's side: how the gateway comes by an access token for an upstream
//! server, and where it has to ask.
//!
//! Says what to send and reads what comes back; whoever may wait does the sending. Refuses
//! metadata of another issuer or resource, endpoints without TLS beyond this machine, tokens that
//! no header can carry, and authorization servers that a server names and nobody vouches for.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod challenge;
mod discovery;
mod issued;
pub mod kept;
mod login;
mod metadata;
mod registration;
mod request;
mod url;

pub use discovery::{Ask, Discovery, DiscoveryError, Next, Place};
pub use issued::{Issued, TokenError, issued};
pub use login::{Consent, ConsentError, Granted, Login};
pub use metadata::Endpoints;
pub use registration::{RegistrationError, registered, registration};
pub use request::{Auth, Client, Grant, Request, Terms, request};
pub use url::is_secure;

/// Longest text that is taken from a document or an answer, in bytes.
const TEXT_BYTES_MAX: usize = 2 * 1024;
/// Largest document that is read, in bytes.
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
