//! One message to one channel, as it waits on disk. Every text in it is harmless already, and it
//! has no place for arguments or findings.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use varistor_model::{Decision, Intent, Notice, NoticeKind};

use crate::courier::fresh_id;
use crate::send::now_ms;
use crate::text::plain;

/// See the module. Texts that say nothing are empty.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Message {
    /// `msg_` and 32 hex digits: the same at every attempt, so that receivers can drop copies.
    pub id: String,
    /// `KIND/NAME` of the channel.
    pub channel: String,
    /// What happened: a name of [`NoticeKind`].
    pub kind: String,
    /// How many events are put together here.
    pub count: u64,
    /// The first event, in milliseconds since 1970.
    pub first_unix_ms: u64,
    /// The last event.
    pub last_unix_ms: u64,
    /// The facts, in the order of [`FACTS`].
    facts: [String; FACTS.len()],
    /// The number of the last event's record.
    record: Option<u64>,
    /// When it was made.
    pub(crate) made_unix_ms: u64,
    /// When it may be sent.
    pub(crate) due_unix_ms: u64,
    /// Attempts that failed.
    pub(crate) failures: u32,
}

/// Names of the facts.
pub(crate) const FACTS: [&str; 11] = [
    "organisation",
    "agent",
    "server",
    "tool",
    "intent",
    "decision",
    "reason",
    "rule",
    "detail",
    "approval",
    "url",
];
/// What stands for facts in which the events of a message differ.
const SEVERAL: &str = "(several)";

impl Message {
    /// A message about one event.
    pub(crate) fn new(id: String, channel: &str, notice: &Notice, now_ms: u64) -> Self {
        Self {
            id,
            channel: channel.to_owned(),
            kind: notice.kind.name().to_owned(),
            count: 1,
            first_unix_ms: notice.unix_ms,
            last_unix_ms: notice.unix_ms,
            facts: facts(notice),
            record: notice.record,
            made_unix_ms: now_ms,
            due_unix_ms: now_ms,
            failures: 0,
        }
    }

    /// A message that somebody tries a channel with.
    #[must_use]
    pub fn test(channel: &str) -> Self {
        let now_ms = now_ms();
        Self::new(
            fresh_id(),
            channel,
            &Notice::new(NoticeKind::Test, now_ms),
            now_ms,
        )
    }

    /// Puts another event of the same burst into it.
    pub(crate) fn add(&mut self, notice: &Notice) {
        self.count = self.count.saturating_add(1);
        self.first_unix_ms = self.first_unix_ms.min(notice.unix_ms);
        self.last_unix_ms = self.last_unix_ms.max(notice.unix_ms);
        self.record = notice.record.or(self.record);
        for (mine, theirs) in self.facts.iter_mut().zip(facts(notice)) {
            if *mine != theirs {
                SEVERAL.clone_into(mine);
            }
        }
    }

    /// What it says, by name; facts that say nothing are left out.
    pub(crate) fn facts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = FACTS.into_iter().zip(self.facts.iter().map(String::as_str));
        all.filter(|(_, fact)| !fact.is_empty())
    }

    /// The number of the last event's record in the audit log.
    pub(crate) const fn record(&self) -> Option<u64> {
        self.record
    }

    /// One line for people.
    pub(crate) fn title(&self) -> String {
        let what = match NoticeKind::named(&self.kind) {
            Some(NoticeKind::Rule) => "a rule tells of a call",
            Some(NoticeKind::Held) => "a call waits for approval",
            Some(NoticeKind::Quarantined) => "a tool has changed and is set aside",
            Some(NoticeKind::Killed) => "the kill switch was used",
            Some(NoticeKind::UpstreamOpen) => "a server fails and is left alone",
            Some(NoticeKind::Witness) => "the audit log and its witnesses are at odds",
            Some(NoticeKind::Test) => "this is a test",
            None => "something happened",
        };
        match self.count {
            0 | 1 => format!("Varistor: {what}"),
            count => format!("Varistor: {what} ({count} times)"),
        }
    }

    /// When it happened, for people: RFC 3339.
    pub(crate) fn times(&self) -> String {
        let (first, last) = (time(self.first_unix_ms), time(self.last_unix_ms));
        match self.count {
            0 | 1 => last,
            _ => format!("{first} to {last}"),
        }
    }
}

/// A time as RFC 3339 writes it.
pub(crate) fn time(unix_ms: u64) -> String {
    let ms = i64::try_from(unix_ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).map_or_else(|_| "?".to_owned(), |time| time.to_string())
}

fn facts(notice: &Notice) -> [String; FACTS.len()] {
    [
        plain(&notice.organisation),
        plain(&notice.agent),
        plain(&notice.server),
        plain(&notice.tool),
        notice.intent.map_or("", Intent::name).to_owned(),
        notice.decision.map_or("", Decision::name).to_owned(),
        notice
            .reason
            .map_or("", varistor_model::Reason::name)
            .to_owned(),
        plain(&notice.rule),
        plain(&notice.detail),
        plain(&notice.approval),
        link(&notice.url),
    ]
}

/// A link is told whole or not at all: cut, it leads elsewhere.
fn link(url: &str) -> String {
    const URL_BYTES_MAX: usize = 2048;
    let fine = url.len() <= URL_BYTES_MAX && url.bytes().all(|byte| byte.is_ascii_graphic());
    if fine { url.to_owned() } else { String::new() }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn notice() -> Notice {
        Notice {
            organisation: "acme".to_owned(),
            agent: "ci-bot".to_owned(),
            server: "stripe".to_owned(),
            tool: "create_refund".to_owned(),
            intent: Some(Intent::Destructive),
            decision: Some(Decision::Hold),
            reason: Some(varistor_model::Reason::Held),
            rule: "refunds need a human".to_owned(),
            record: Some(41),
            ..Notice::new(NoticeKind::Held, 1_800_000_000_000)
        }
    }

    #[test]
    fn events_of_a_burst_keep_what_they_agree_in() {
        let mut message = Message::new("msg_1".into(), "slack/#a", &notice(), 5);
        let other = Notice {
            agent: "other".to_owned(),
            unix_ms: 1_800_000_001_000,
            record: Some(42),
            ..notice()
        };
        message.add(&other);
        let facts: Vec<_> = message.facts().collect();
        assert!(facts.contains(&("agent", "(several)")), "{facts:?}");
        assert!(facts.contains(&("server", "stripe")), "{facts:?}");
        assert_eq!(message.record(), Some(42));
        assert_eq!(
            message.title(),
            "Varistor: a call waits for approval (2 times)"
        );
        assert_eq!(
            message.times(),
            "2027-01-15T08:00:00Z to 2027-01-15T08:00:01Z"
        );
    }

    #[test]
    fn a_message_comes_back_from_disk_as_it_was() {
        let message = Message::new("msg_1".into(), "slack/#a", &notice(), 5);
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<Message>(&text).unwrap(), message);
    }

    #[test]
    fn a_link_that_could_lead_elsewhere_is_not_told() {
        for (url, told) in [
            ("https://a.example/x?y=1", "https://a.example/x?y=1"),
            ("https://a.example/\r\nx", ""),
            ("https://a.example/\u{202e}", ""),
        ] {
            assert_eq!(link(url), told);
        }
    }
}
