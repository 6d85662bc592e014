//! Says what in the definition of a tool speaks to the model rather than about the tool: hidden
//! characters, look-alike names, and instructions that reach beyond the tool's own job.
//!
//! Pure functions over the JSON of one element of `tools/list`: no I/O, no clock, no randomness.
//! Signals decide, not remembered attacks: which acts a sentence asks for (fetch, pass on, keep
//! quiet, prefer, disregard), of what (credentials, conversations, other tools), and whether that
//! is the tool's own subject. Nothing is repaired and nothing refused here; callers do that.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod asked;
mod characters;
mod encoded;
mod flag;
mod fold;
mod lexicon;
mod look;
mod markup;
mod names;
mod own;
mod rules;
mod sentence;
mod spelled;
mod texts;

pub use flag::{Flag, Kind, is_suspicious};
pub use look::look;
pub use names::skeleton;
