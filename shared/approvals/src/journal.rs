//! What happened to approvals, one entry after the other: the lines of the journal.

use serde::{Deserialize, Serialize};

use crate::{ApprovalId, Fingerprint};

/// What is shown of a held call to whoever decides about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Whose agent it is.
    pub organisation: String,
    /// The agent's team; empty when it has none.
    pub team: String,
    /// The agent.
    pub agent: String,
    /// The presented token's id, 32 hex digits.
    pub token: String,
    /// The server.
    pub server: String,
    /// The method, such as `tools/call`.
    pub method: String,
    /// The tool, prompt or resource.
    pub name: String,
    /// What the call would do: `read`, `write`, `destructive`, `exfiltrative`.
    pub intent: String,
    /// Why it is held: a rule's name, or what of the policy.
    pub why: String,
    /// The parameters, whole: JSON text.
    pub params: String,
    /// The policy that holds it.
    pub generation: u64,
}

/// What policy demands of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// When it is refused unless it was released, in milliseconds since 1970.
    pub expires_unix_ms: u64,
    /// How many people must approve; at least 1.
    pub quorum: u8,
    /// The longest time for which the agent may be given the tool, in milliseconds; 0: not at all.
    pub window_max_ms: u64,
}

/// What one person said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// Who.
    pub by: String,
    /// In whose words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// For how long the agent may use the tool without asking again, in milliseconds; 0: this once.
    #[serde(default)]
    pub for_ms: u64,
}

/// One change. Times are in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A call is held.
    Held {
        /// Its name from now on.
        id: ApprovalId,
        /// When.
        at: u64,
        /// What a release is bound to.
        print: Fingerprint,
        /// What is shown of it.
        held: Box<Held>,
        /// What a release needs.
        terms: Terms,
    },
    /// One person approved it.
    Approved {
        /// Which.
        id: ApprovalId,
        /// When.
        at: u64,
        /// Who.
        word: Word,
    },
    /// One person refused it, which decides.
    Denied {
        /// Which.
        id: ApprovalId,
        /// When.
        at: u64,
        /// Who.
        word: Word,
    },
    /// An agent may use a tool without asking.
    Opened {
        /// The call by which it came about.
        id: ApprovalId,
        /// Until when.
        until: u64,
        /// The call, without its parameters.
        held: Box<Held>,
    },
    /// That is over.
    Closed {
        /// The call by which it came about.
        id: ApprovalId,
    },
    /// The release has passed its call.
    Used {
        /// Which.
        id: ApprovalId,
    },
    /// Its time is over, or another policy serves.
    Ended {
        /// Which.
        id: ApprovalId,
        /// Whether nobody had decided.
        unanswered: bool,
    },
}

impl Held {
    /// What it takes to keep it, in bytes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let texts = [
            &self.organisation,
            &self.team,
            &self.agent,
            &self.token,
            &self.server,
            &self.name,
            &self.why,
            &self.params,
        ];
        texts
            .iter()
            .map(|text| text.len())
            .sum::<usize>()
            .saturating_add(512)
    }

    /// The same without its parameters.
    #[must_use]
    pub fn without_params(&self) -> Self {
        Self {
            params: String::new(),
            ..self.clone()
        }
    }
}
