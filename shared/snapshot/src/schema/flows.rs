//! Rows about flows of data.

use rkyv::{Archive, Deserialize, Serialize};

/// What follows when one session reads private data, takes in untrusted content and could send.
#[derive(Archive, Serialize, Deserialize, Debug, Default, Clone, PartialEq, Eq)]
pub struct Flows {
    /// `Trifecta` as a number.
    pub trifecta: u8,
    /// How long a leg is remembered, in hours.
    pub memory_hours: u32,
}
