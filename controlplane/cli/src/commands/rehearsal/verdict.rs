//! What the gateway would do with one message, put together from what its stages answered and
//! from the record that it would have written.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use varistor_model::{Intent, Reason, Stage};

/// What becomes of a message, from the mildest to the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::commands) enum Decision {
    /// It goes on as it came, or with list entries taken out that are not for this agent.
    Allow,
    /// It goes on with findings replaced.
    Redact,
    /// It waits for a human.
    Hold,
    /// It is refused.
    Deny,
    /// It can't be read, so that nothing is decided about it.
    Reject,
}

/// The message that goes on.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::commands) enum Forward {
    /// None does.
    Nothing,
    /// The one that came, byte for byte.
    Same,
    /// Another one in its place.
    Changed(Vec<u8>),
}

/// Everything there is to say about a message but its findings.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Verdict {
    pub(in crate::commands) decision: Decision,
    /// The name in the table of denials; `None` when the message goes on.
    pub(in crate::commands) reason: Option<&'static str>,
    /// The reason as a sentence.
    pub(in crate::commands) text: Option<String>,
    /// The permission or rule that decided, when the record names one.
    pub(in crate::commands) rule: Option<String>,
    /// The names of the organisation's rules that held, as the record lists them.
    pub(in crate::commands) rules: Option<Box<RawValue>>,
    /// What shadow rules would have decided, where that is stricter, as the record has it.
    pub(in crate::commands) shadow: Option<Box<RawValue>>,
    pub(in crate::commands) intent: Option<IntentTold>,
    pub(in crate::commands) forward: Forward,
    /// Whether the message was looked into for data.
    pub(in crate::commands) scanned: bool,
}

/// An intent with its grounds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::commands) struct IntentTold {
    /// Its name.
    #[serde(rename = "type")]
    pub(in crate::commands) name: String,
    /// How sure it is, in percent.
    pub(in crate::commands) confidence: u8,
    pub(in crate::commands) evidence: Vec<String>,
}

impl IntentTold {
    fn severity(&self) -> Option<usize> {
        Intent::ALL
            .iter()
            .position(|intent| intent.name() == self.name)
    }
}

impl Verdict {
    /// A message that goes on.
    pub(in crate::commands) const fn passed(decision: Decision, forward: Forward) -> Self {
        Self {
            decision,
            reason: None,
            text: None,
            rule: None,
            rules: None,
            shadow: None,
            intent: None,
            forward,
            scanned: true,
        }
    }

    /// A message that does not go on, for a reason of the gateway's table.
    pub(in crate::commands) fn refused(reason: Reason) -> Self {
        let row = reason.verdict();
        let decision = match (reason, row.stage) {
            (Reason::Held, _) => Decision::Hold,
            (Reason::RouteUnknown, _) => Decision::Deny,
            (Reason::UpstreamInvalid | Reason::UpstreamTooLarge, _) => Decision::Reject,
            (_, Stage::Accept | Stage::Parse) => Decision::Reject,
            _ => Decision::Deny,
        };
        let reached = row.stage >= Stage::Dlp && decision != Decision::Reject;
        Self {
            reason: Some(row.name),
            text: Some(row.text.to_owned()),
            scanned: reached && reason != Reason::DlpFailed,
            ..Self::passed(decision, Forward::Nothing)
        }
    }

    /// A line that holds no message to judge; `text` says what was found and expected.
    pub(in crate::commands) fn unreadable(reason: &'static str, text: String) -> Self {
        Self {
            reason: Some(reason),
            text: Some(text),
            scanned: false,
            ..Self::passed(Decision::Reject, Forward::Nothing)
        }
    }

    /// Adds what a record of the call says. Of several, as a batch has them, the most severe
    /// intent stays.
    pub(in crate::commands) fn learn(&mut self, record: &[u8]) {
        let Ok(record) = serde_json::from_slice::<Record>(record) else {
            return;
        };
        self.rule = self.rule.take().or(record.rule);
        self.rules = self.rules.take().or(record.rules);
        self.shadow = self.shadow.take().or(record.shadow);
        if let Some(row) = record.intent {
            let told = IntentTold {
                name: row.name,
                confidence: row.confidence,
                evidence: row.evidence.list(),
            };
            if self.intent.as_ref().map(IntentTold::severity) < Some(told.severity()) {
                self.intent = Some(told);
            }
        }
    }
}

/// How many findings the record of a result says were replaced; none when there is no such record.
pub(in crate::commands) fn replaced(record: &[u8]) -> u64 {
    let record = serde_json::from_slice::<Record>(record);
    record.map_or(0, |record| record.redacted)
}

/// The members of a record that explain.
#[derive(Deserialize)]
struct Record {
    intent: Option<IntentRow>,
    rule: Option<String>,
    rules: Option<Box<RawValue>>,
    shadow: Option<Box<RawValue>>,
    #[serde(default)]
    redacted: u64,
}

#[derive(Deserialize)]
struct IntentRow {
    #[serde(rename = "type")]
    name: String,
    confidence: u8,
    #[serde(default)]
    evidence: Evidence,
}

/// One ground or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Evidence {
    One(String),
    Many(Vec<String>),
}

impl Default for Evidence {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Evidence {
    fn list(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_leads_to_a_decision_that_stops_the_message() {
        for reason in Reason::ALL {
            let verdict = Verdict::refused(*reason);
            assert!(verdict.decision >= Decision::Hold, "{reason:?}");
            assert_eq!(verdict.forward, Forward::Nothing);
        }
        let of = |reason| Verdict::refused(reason).decision;
        assert_eq!(of(Reason::Held), Decision::Hold);
        assert_eq!(of(Reason::DlpRefused), Decision::Deny);
        assert_eq!(of(Reason::ToolUnknown), Decision::Deny);
        assert_eq!(of(Reason::TokenExpired), Decision::Deny);
        assert_eq!(of(Reason::RouteUnknown), Decision::Deny);
        assert_eq!(of(Reason::JsonDuplicateKey), Decision::Reject);
        assert_eq!(of(Reason::MethodUnknown), Decision::Reject);
        assert_eq!(of(Reason::BodyTooLarge), Decision::Reject);
    }

    #[test]
    fn the_most_severe_intent_of_a_batch_stays() {
        let mut verdict = Verdict::passed(Decision::Allow, Forward::Same);
        for (name, evidence) in [
            ("read", r#""verb""#),
            ("write", r#"["a","b"]"#),
            ("read", "[]"),
        ] {
            let record = format!(
                r#"{{"intent":{{"type":"{name}","confidence":70,"evidence":{evidence}}}}}"#
            );
            verdict.learn(record.as_bytes());
        }
        let intent = verdict.intent.unwrap();
        assert_eq!((&*intent.name, intent.confidence), ("write", 70));
        assert_eq!(intent.evidence, ["a", "b"]);
    }

    #[test]
    fn what_rules_said_passes_as_the_record_has_it_and_the_first_of_a_batch_stays() {
        let mut verdict = Verdict::passed(Decision::Allow, Forward::Same);
        verdict.learn(br#"{"rule":"a/b"}"#);
        assert!(verdict.rules.is_none() && verdict.shadow.is_none());
        verdict.learn(br#"{"rules":["x","y"],"shadow":{"rule":"z","decision":"deny"}}"#);
        verdict.learn(br#"{"rules":["other"]}"#);
        let raw = |raw: Option<Box<RawValue>>| raw.map(|raw| raw.get().to_owned());
        assert_eq!(raw(verdict.rules).as_deref(), Some(r#"["x","y"]"#));
        let shadow = r#"{"rule":"z","decision":"deny"}"#;
        assert_eq!(raw(verdict.shadow).as_deref(), Some(shadow));
    }
}
