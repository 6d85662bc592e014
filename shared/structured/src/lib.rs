//! Keeps `structuredContent` valid against the tool's `outputSchema` when parts of it are withheld.
//!
//! MCP clients throw when a result breaks the schema that its tool was listed with (2025-06-18 and
//! later, *Structured Content*). Decides, for each value that holds withheld data, what stands in
//! its place: a placeholder where the schema takes any string; else a value of the right type;
//! else, where the member is optional, nothing. Says so when none of that is valid.
//!
//! Both documents are hostile: schemas come from servers. Refuses to follow references out of the
//! schema, and bounds depth, sizes and steps ([`Fuel`]); regular expressions run in linear time.
//! Reads JSON that a strict gate has passed: UTF-8, distinct keys.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod check;
mod fit;
mod format;
mod govern;
mod node;
mod pattern;
mod schema;
mod stand_in;
mod twin;

pub use check::{Fuel, Verdict};
pub use fit::{Choice, Fitted, Mark, Unfit, fit, plain};
pub use node::{Form, Node, Place};
pub use schema::{SCHEMA_BYTES_MAX, Schema};
pub use twin::{place_in, same};
