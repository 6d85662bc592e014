//! Says what a piece of code or a command would do if it ran: read, write, destroy, exfiltrate.
//!
//! Pure functions over text: no I/O, no clock, no randomness.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod effect;
mod http;
mod language;
mod outside;
mod path;
mod script;
mod shell;
mod sql;
mod stores;
mod words;

pub use effect::{Effect, Effects};
pub use http::{HttpRequest, http};
pub use language::Language;
pub use outside::Outside;
pub use path::{Access, path};
pub use script::script;
pub use shell::shell;
pub use sql::sql;
pub use stores::{elastic, graphql, mongo, mongo_text, redis};
