//! What policy demands of a human's approval.

use rkyv::{Archive, Deserialize, Serialize};

/// Held calls. Times are in milliseconds.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Approvals {
    /// A held call that nobody has decided about for this long is refused.
    pub expiry_ms: u64,
    /// How long a call waits for a decision before its client is told that it is held; 0: not at
    /// all.
    pub wait_ms: u64,
    /// Where people decide, without a slash at its end.
    pub page: Option<String>,
    /// What a release needs.
    pub terms: ApprovalTerms,
    /// What releases of some tools need: of those that match, the strictest of each.
    pub exceptions: Vec<ApprovalException>,
}

impl Default for Approvals {
    /// What holds when a policy says nothing: 15 minutes (people read, ask each other), of which
    /// the client waits 10 seconds (MCP clients give up after a minute; somebody who is there
    /// decides within seconds); one approval, good for one call.
    fn default() -> Self {
        Self {
            expiry_ms: 15 * 60_000,
            wait_ms: 10_000,
            page: None,
            terms: ApprovalTerms {
                quorum: 1,
                window_ms: 0,
            },
            exceptions: Vec::new(),
        }
    }
}

/// What a release needs.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ApprovalTerms {
    /// How many people must approve; at least 1.
    pub quorum: u8,
    /// The longest time for which an agent may be given a tool; 0: not at all.
    pub window_ms: u64,
}

/// What releases of some tools need.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ApprovalException {
    /// Index into `Policy::servers`.
    pub server: u32,
    /// Glob over names of tools and prompts, or URIs of resources.
    pub name: String,
    /// What they need.
    pub terms: ApprovalTerms,
}
