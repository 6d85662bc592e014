//! The audit log of a running gateway: bounded rings from the workers, one writer thread, segments.
//!
//! It decides the order of the records and says when one stands firmly enough for its call to go
//! on. It refuses a record when a ring is full, and every record while the disk fails; a record
//! that has a number is never given up and never changed.
//!
//! The way of a record: [`Lane::push`] copies it into the lane's ring; the writer takes a batch
//! from all lanes in turn, numbers and chains the lines and writes them with one system call
//! ([`Durability::Written`](varistor_model::Durability)); a second thread syncs them in groups
//! (`Durable`), so that a slow sync holds up nobody else's record; [`Lane::collect`] hands the
//! number back.
//!
//! Evidence: a third thread takes lines once they are synced, keeps the Merkle tree over them and
//! signs its heads (`varistor-evidence`); neither a worker nor the writer hashes a leaf.
//!
//! Space: each segment is preallocated when it begins, so a segment that could be opened can be
//! filled. When no further one fits, a reserve of a few MiB is given up for a segment in which the
//! alarm stands and what the gateway says of itself; calls are denied until there is room again.

mod ahead;
mod bell;
mod clerk;
mod disk;
mod distribution;
mod journal;
mod lane;
mod ledger;
mod open;
mod pen;
mod signer;
#[cfg(test)]
mod simulation;
mod writer;

pub use distribution::Distribution;
pub use lane::{Failed, Full, Lane, Waker};
pub use ledger::{EvidenceState, Ledger, LedgerState, Options};
pub use open::LedgerError;
pub use varistor_evidence::Signing;
