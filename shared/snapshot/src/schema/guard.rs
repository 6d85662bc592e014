//! What keeps a failing server from its callers and from other servers: its circuit breaker, and
//! how many of its calls may be under way.

use rkyv::{Archive, Deserialize, Serialize};

/// The guard of one server.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Guard {
    /// Failures in a row that open the breaker; 0 switches it off.
    pub failures: u32,
    /// For how long it opens at first.
    pub open_ms: u64,
    /// Answers that take longer are slow; 0 calls none so.
    pub slow_ms: u64,
    /// Most calls under way at once, over all workers.
    pub calls_max: u32,
}
