//! Says what a call of a tool intends: read, write, destructive or exfiltrative, and on what
//! grounds.
//!
//! A tool is judged once, from its definition; a call is judged from that and from its arguments.
//! Pure functions over text: no I/O, no clock, no randomness. Judging a call whose arguments carry
//! no code, path or URL allocates nothing.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod base;
mod code;
mod definition;
mod description;
mod facts;
mod ground;
mod json;
mod judge;
mod keys;
mod labels;
mod lexicon;
pub mod linear;
mod name;
mod ours;
mod parties;
mod plain;
mod profile;
mod resource;
mod secrets;
mod spelling;
mod table;
mod values;
mod verdict;
mod words;

pub use ground::{GROUNDS_MAX, Ground, Judgement};
pub use judge::judge;
pub use profile::Profile;
pub use resource::resource;
pub use varistor_effect::Outside;
