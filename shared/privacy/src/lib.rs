//! What a log keeps of values that it does not tell: salted commitments, and files of age that
//! only an auditor can open.
//!
//! Nothing here draws randomness: it comes from whoever calls. What takes long (key agreement,
//! files) is done ahead, so that a call costs one hash or one pass of a cipher.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::cast_sign_loss
    )
)]

mod commitment;
mod envelope;
mod recipient;
mod salts;

pub use commitment::{SALT_BYTES, Salt, commitment};
pub use envelope::{Envelope, NoEnvelope};
pub use recipient::{NoRecipient, Recipient};
pub use salts::{Found, Salts, erase, find};
