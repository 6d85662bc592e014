//! Looks into payloads: strict JSON-RPC, names and globs, intents, sensitive data.
//!
//! Pure functions over bytes and snapshot rows: no I/O, no clock, no randomness, no locks, and no
//! allocation once the reused buffers have grown to the size of the traffic.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

pub mod actions;
pub mod dlp;
pub mod glob;
pub mod intent;
pub mod json;
