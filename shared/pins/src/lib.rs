//! Pins tools to the definitions that an operator trusts.
//!
//! A server tells what its tools do, and models believe it. Decides whether a definition is the one
//! that was pinned ([`canonical()`]), what becomes of one that is not ([`Pins`]), which names look
//! like others ([`names`]), and what a person is shown of a change ([`diff`]). Refuses, that is
//! quarantines, what changed, what can't be read, what nobody approved where the policy wants it,
//! and twins of names that are there already.
//!
//! Pure: no I/O, no clock. Definitions are hostile texts that a strict gate has passed: UTF-8,
//! distinct keys, bounded depth.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod canonical;
pub mod diff;
mod digest;
mod file;
pub mod names;
mod pin;
mod server;
mod state;

pub use canonical::canonical;
pub use digest::Digest;
pub use file::FileError;
pub use pin::{By, Cause, Form, Offered, Pin, Pinned};
pub use server::{FIRST_LISTING_S, Mode, Policy, ServerPins};
pub use state::{Approval, Offer, Pins, Refused, Withheld};
