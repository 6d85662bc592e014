//! Calls that wait for a human: what is held, who has released it, and what that release is good
//! for.
//!
//! A release is bound to one call: its token, server, tool, arguments and policy, as a digest
//! ([`Fingerprint`]). It passes that call once, within its time. Whatever is not released in time
//! is refused. Everything is bounded ([`varistor_model::limits`]); what finds no room is refused.
//!
//! Pure: the time and the names of new approvals come from outside. What must survive a restart is
//! told as [`Entry`] values, for a journal; [`Book::apply`] makes a book of them again.

mod book;
mod call;
mod fingerprint;
mod id;
mod journal;
mod link;

pub use book::{Book, Claim, Refused, Verdict};
pub use call::{Call, Fate, Window};
pub use fingerprint::{Bound, Fingerprint};
pub use id::ApprovalId;
pub use journal::{Entry, Held, Terms, Word};
pub use link::{LINK_CHARS_MAX, Link, LinkKey};
