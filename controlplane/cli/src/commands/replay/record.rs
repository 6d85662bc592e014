//! A recorded call: who called what, what was decided, and whether it can be judged again.
//!
//! Refuses to judge again what was decided by something that the log does not tell: the token
//! itself, a limit, or a message that is not recorded.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::commands::rehearsal::crowd::Caller;
use crate::commands::rehearsal::verdict::{Decision, Verdict};

/// The members of a call's record that replaying needs.
#[derive(Deserialize)]
pub(super) struct Record<'l> {
    pub(super) seq: u64,
    #[serde(borrow)]
    pub(super) time: Cow<'l, str>,
    #[serde(borrow, default)]
    organisation: Cow<'l, str>,
    #[serde(borrow, default)]
    agent: Cow<'l, str>,
    #[serde(borrow, default)]
    token: Cow<'l, str>,
    #[serde(borrow, default)]
    pub(super) server: Cow<'l, str>,
    #[serde(borrow, default)]
    method: Cow<'l, str>,
    #[serde(borrow, default)]
    tool: Cow<'l, str>,
    #[serde(borrow, default)]
    subject: Cow<'l, str>,
    #[serde(borrow)]
    params: Option<&'l RawValue>,
    #[serde(default)]
    params_masked: bool,
    #[serde(borrow, default)]
    decision: Cow<'l, str>,
    #[serde(borrow)]
    reason: Option<Cow<'l, str>>,
    #[serde(borrow, default)]
    stage: Cow<'l, str>,
    #[serde(borrow)]
    rule: Option<Cow<'l, str>>,
    #[serde(borrow, default)]
    findings: Vec<Finding<'l>>,
}

#[derive(Deserialize)]
struct Finding<'l> {
    #[serde(borrow, default)]
    action: Cow<'l, str>,
}

/// Why a recorded call is not judged again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Skip {
    /// Its method is none of those that are replayed.
    Method,
    /// Its parameters are not in the log.
    Omitted,
    /// Its token, its session or its form was refused, before its message was judged.
    Early,
    /// A limit refused it.
    Limit,
    /// The gateway or its log failed.
    Failure,
    /// The operator had stopped its tool.
    Killed,
}

/// What was, or would be, decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fate {
    pub(super) decision: String,
    pub(super) reason: Option<String>,
    pub(super) rule: Option<String>,
}

impl Fate {
    /// What happens to an agent that the policy does not have.
    pub(super) fn of_nobody() -> Self {
        Self {
            decision: "deny".to_owned(),
            reason: Some("agent_unknown".to_owned()),
            rule: None,
        }
    }

    /// What a verdict says; a record knows no `reject`.
    pub(super) fn of(verdict: Verdict) -> Self {
        let decision = match verdict.decision {
            Decision::Allow => "allow",
            Decision::Redact => "redact",
            Decision::Hold => "hold",
            Decision::Deny | Decision::Reject => "deny",
        };
        Self {
            decision: decision.to_owned(),
            reason: verdict.reason.map(str::to_owned),
            rule: verdict.rule,
        }
    }

    /// Whether the message would go on.
    pub(super) fn goes_on(&self) -> bool {
        matches!(&*self.decision, "allow" | "redact")
    }
}

impl Record<'_> {
    /// Why it is not judged again, if it is not.
    pub(super) fn skip(&self) -> Option<Skip> {
        // What was refused before its message was read has no method in the log.
        if matches!(&*self.stage, "accept" | "authenticate" | "parse") {
            return Some(Skip::Early);
        }
        if !matches!(
            &*self.method,
            "tools/call" | "resources/read" | "prompts/get"
        ) {
            return Some(Skip::Method);
        }
        let reason = self.reason.as_deref().unwrap_or_default();
        match &*self.stage {
            "audit" | "forward" => return Some(Skip::Failure),
            "rate_limit" => return Some(Skip::Limit),
            _ if matches!(reason, "dlp_failed" | "rules_busy" | "internal") => {
                return Some(Skip::Failure);
            }
            _ if reason == "tool_killed" => return Some(Skip::Killed),
            _ => {}
        }
        (self.params.is_none()).then_some(Skip::Omitted)
    }

    /// The message that was sent, with an id of ours.
    pub(super) fn message(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        #[derive(Serialize)]
        struct Message<'m> {
            jsonrpc: &'static str,
            id: u8,
            method: &'m str,
            params: Option<&'m RawValue>,
        }
        out.clear();
        let message = Message {
            jsonrpc: "2.0",
            id: 1,
            method: &self.method,
            params: self.params,
        };
        serde_json::to_writer(out, &message)
    }

    pub(super) fn caller(&self) -> Caller {
        Caller {
            organisation: self.organisation.clone().into_owned(),
            agent: self.agent.clone().into_owned(),
            token: self.token.clone().into_owned(),
        }
    }

    /// The agent as people name it.
    pub(super) fn who(&self) -> String {
        match (&*self.organisation, &*self.agent) {
            (_, "") => "nobody".to_owned(),
            ("", agent) => agent.to_owned(),
            (organisation, agent) => format!("{organisation}/{agent}"),
        }
    }

    /// The tool, prompt or resource.
    pub(super) fn subject(&self) -> &str {
        if self.tool.is_empty() {
            &self.subject
        } else {
            &self.tool
        }
    }

    /// What was decided.
    pub(super) fn before(&self) -> Fate {
        Fate {
            decision: self.decision.clone().into_owned(),
            reason: self.reason.as_deref().map(str::to_owned),
            rule: self.rule.as_deref().map(str::to_owned),
        }
    }

    /// Whether values are masked, so that it is judged without them.
    pub(super) const fn is_masked(&self) -> bool {
        self.params_masked
    }

    /// Whether values decided that are masked: without them, a milder decision means nothing.
    pub(super) fn is_decided_by_masked(&self) -> bool {
        let strict = |finding: &Finding<'_>| matches!(&*finding.action, "redact" | "hold" | "deny");
        self.params_masked
            && (self.findings.iter().any(strict) || self.reason.as_deref() == Some("dlp_refused"))
    }
}
