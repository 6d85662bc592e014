//! What makes the audit log evidence: a Merkle tree over its lines, signed heads of it, keys that
//! are destroyed once they have signed, proofs, and the check of all that.
//!
//! Beside the segments of a log (`varistor-audit` says what a segment is) stand:
//!
//! ```text
//! <first record>.checkpoints   signed heads, one after the other (see `heads`)
//! keychain                     which key signs which part (see `keychain`)
//! tree.0, tree.1, ...          hashes of lines and of full subtrees (see `levels`)
//! witnessed                    heads that witnesses have cosigned
//! ```
//!
//! FORMAT.md describes them for whoever writes a verifier of their own. It refuses to sign a head
//! that does not go on from every head that was signed before.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::cast_sign_loss
    )
)]

mod book;
mod checkpoint;
mod error;
pub mod heads;
pub mod keychain;
mod keyring;
pub mod levels;
mod lines;
pub mod merkle;
pub mod note;
mod proof;
pub mod retired;
pub mod verdict;
pub mod witness;
pub mod witnessed;

pub use book::{Book, EPOCH_NS, Signing};
pub use checkpoint::Checkpoint;
pub use error::EvidenceError;
pub use keychain::{Epoch, Keychain};
pub use keyring::Keyring;
pub use lines::time_of;
pub use note::{Note, VerifierKey};
pub use proof::{Proof, Unproved, consistency};
pub use verdict::{Verdict, verify};
