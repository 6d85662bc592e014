//! What people are told of: a few facts about one event, never a value of a message.

use crate::{Decision, Intent, Reason};

/// What kind of event it is; names stand in policies and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoticeKind {
    /// A rule with `notify_channel` held.
    Rule,
    /// A call waits for a human.
    Held,
    /// The definition of a tool changed, and the tool is set aside.
    Quarantined,
    /// Somebody pulled the kill switch, or took it back.
    Killed,
    /// A server answers so badly that it is left alone for a while.
    UpstreamOpen,
    /// A witness of the audit log remembers another history, or witnesses are late.
    Witness,
    /// Somebody tries a channel.
    Test,
}

impl NoticeKind {
    /// The kinds that `events` of a policy can name.
    pub const EVENTS: [Self; 5] = [
        Self::Held,
        Self::Quarantined,
        Self::Killed,
        Self::UpstreamOpen,
        Self::Witness,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Held => "held",
            Self::Quarantined => "quarantined",
            Self::Killed => "killed",
            Self::UpstreamOpen => "upstream_open",
            Self::Witness => "witness",
            Self::Test => "test",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let more = [Self::Rule, Self::Test];
        let mut all = Self::EVENTS.into_iter().chain(more);
        all.find(|kind| kind.name() == name)
    }
}

/// One event as people are told of it. A text that says nothing is empty. There is no field for
/// arguments or findings, so that none can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// When, in milliseconds since 1970.
    pub unix_ms: u64,
    /// Whose agent.
    pub organisation: String,
    /// Which agent.
    pub agent: String,
    /// Which server.
    pub server: String,
    /// Which tool.
    pub tool: String,
    /// What the call intended.
    pub intent: Option<Intent>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// Why it was refused.
    pub reason: Option<Reason>,
    /// The deciding rule.
    pub rule: String,
    /// The record's number in the audit log.
    pub record: Option<u64>,
    /// The approval that is asked for.
    pub approval: String,
    /// Where it can be given.
    pub url: String,
    /// What else there is to say, in words of the gateway's own, such as whom a kill concerns.
    pub detail: String,
    /// Channels that a rule names, as `KIND/NAME`; those of `events` are added by the courier.
    pub channels: Vec<String>,
}

impl Notice {
    /// A notice that says no more than this.
    #[must_use]
    pub const fn new(kind: NoticeKind, unix_ms: u64) -> Self {
        Self {
            kind,
            unix_ms,
            organisation: String::new(),
            agent: String::new(),
            server: String::new(),
            tool: String::new(),
            intent: None,
            decision: None,
            reason: None,
            rule: String::new(),
            record: None,
            approval: String::new(),
            url: String::new(),
            detail: String::new(),
            channels: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_name() {
        for kind in NoticeKind::EVENTS {
            assert_eq!(NoticeKind::named(kind.name()), Some(kind));
        }
        for kind in [NoticeKind::Rule, NoticeKind::Test] {
            assert_eq!(NoticeKind::named(kind.name()), Some(kind));
        }
        assert_eq!(NoticeKind::named("other"), None);
    }
}
