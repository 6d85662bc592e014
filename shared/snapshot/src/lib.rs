//! The policy snapshot: its schema, its sealed envelope, and the verified map of it.
//!
//! [`seal`] makes the bytes of a snapshot file, [`Snapshot::open`] is the only way from such bytes
//! to rows that anything may act on. What is damaged, unsigned, of another schema or not newer
//! than asked is refused, and the caller keeps what it has.

mod envelope;
mod error;
mod memory;
pub mod schema;
mod snapshot;

pub use envelope::{HEADER_BYTES, SNAPSHOT_BYTES_MAX, seal};
pub use error::SnapshotError;
pub use snapshot::Snapshot;
