//! The house rules that a machine can hold: sizes, names, arrows between crates, stages.
//!
//! Refuses what would otherwise rot unseen. It reads the checkout and runs nothing.

mod arrows;
mod lock_files;
mod sizes;
mod source;
mod stages;
mod words;
