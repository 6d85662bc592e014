//! Held calls as gateways tell them. What a gateway does not say is empty.

use serde::Deserialize;

/// Longest list that is read.
pub(crate) const LISTED_MAX: usize = 200;

/// The answer to `GET /v1/approvals`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Listing {
    pub(crate) approvals: Vec<Approval>,
}

/// One held call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Approval {
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) created_unix_ms: u64,
    pub(crate) expires_unix_ms: u64,
    pub(crate) organisation: String,
    pub(crate) team: String,
    pub(crate) agent: String,
    pub(crate) token: String,
    pub(crate) server: String,
    pub(crate) tool: String,
    pub(crate) intent: String,
    pub(crate) why: String,
    /// The JSON text of the arguments, whole.
    pub(crate) arguments: String,
    pub(crate) generation: u64,
    pub(crate) quorum: u64,
    pub(crate) approved_by: Vec<String>,
    /// For how long agent and tool may be approved beyond this call; 0: not at all.
    pub(crate) window_max_ms: u64,
}

impl Approval {
    pub(crate) fn is_pending(&self) -> bool {
        self.state == "pending"
    }
}

/// What an approver decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// This call, once.
    Approve,
    /// This agent and this tool, as long as policy allows.
    ApproveFor,
    /// No.
    Deny,
}

impl Decision {
    /// The decision of a button.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "approve" => Some(Self::Approve),
            "approve_for" => Some(Self::ApproveFor),
            "deny" => Some(Self::Deny),
            _ => None,
        }
    }
}

/// Whether a text is an approval's id: 32 hex digits.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
