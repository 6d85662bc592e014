//! What records can be selected by, and how a record answers to each of them.

use crate::record::Record;

/// A member of records that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Field {
    /// `call`, `result`, `event` (neither of them), or one kind of event.
    Kind = 1,
    /// Whose agent it is.
    Organisation = 2,
    /// Who called, as `AGENT` or `ORGANISATION/AGENT`.
    Agent = 3,
    /// The token's id or its first digits, hex.
    Token = 4,
    /// The session's id or its first digits, hex.
    Session = 5,
    /// The server; of an event, the server that it is about.
    Server = 6,
    /// The tool, as `TOOL` or `SERVER/TOOL`.
    Tool = 7,
    /// What the call means.
    Intent = 8,
    /// What was decided.
    Decision = 9,
    /// Why it was refused.
    Reason = 10,
    /// The permission or rule that decided, or a rule that held.
    Rule = 11,
    /// An entity that DLP found, in the call or in its answer.
    Finding = 12,
    /// How a call ended.
    Status = 13,
    /// The approval's id.
    Approval = 14,
}

impl Field {
    /// Whether results have it, too: it may stand in a call or in its result.
    #[must_use]
    pub const fn is_of_results(self) -> bool {
        matches!(self, Self::Kind | Self::Finding | Self::Status)
    }

    /// Whether the record has this value.
    #[must_use]
    pub(crate) fn is(self, wanted: &str, record: &Record<'_>) -> bool {
        match self {
            Self::Kind => match wanted {
                "event" => !record.is_call() && !record.is_result(),
                _ => record.kind == wanted,
            },
            Self::Organisation => record.organisation == wanted,
            Self::Agent => {
                record.agent == wanted || is_pair(wanted, &record.organisation, &record.agent)
            }
            Self::Token => record.token.starts_with(wanted),
            Self::Session => record.session.starts_with(wanted),
            Self::Server => match &*record.server {
                "" => record.detail("server").is_some_and(|name| name == wanted),
                server => server == wanted,
            },
            Self::Tool => record.tool == wanted || is_pair(wanted, &record.server, &record.tool),
            Self::Intent => record.intent_name() == wanted,
            Self::Decision => record.decision == wanted,
            Self::Reason => record.reason == wanted,
            Self::Rule => record.rule == wanted || record.rules.iter().any(|name| name == wanted),
            Self::Finding => record.findings.iter().any(|found| found.entity == wanted),
            Self::Status => record.status == wanted,
            Self::Approval => match &*record.approval {
                "" => record
                    .detail("approval")
                    .is_some_and(|id| id.starts_with(wanted)),
                id => id.starts_with(wanted),
            },
        }
    }
}

/// Whether `wanted` is `of/name`.
fn is_pair(wanted: &str, of: &str, name: &str) -> bool {
    let rest = wanted.strip_prefix(of);
    !name.is_empty() && rest.and_then(|rest| rest.strip_prefix('/')) == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_named_alone_or_with_its_server() {
        for (wanted, expected) in [
            ("get", true),
            ("crm/get", true),
            ("crm/", false),
            ("a/get", false),
        ] {
            let record = Record {
                server: "crm".into(),
                tool: "get".into(),
                ..Record::default()
            };
            assert_eq!(Field::Tool.is(wanted, &record), expected, "{wanted}");
        }
        assert!(!is_pair("crm/", "crm", ""));
    }

    #[test]
    fn an_event_is_whatever_is_neither_call_nor_result() {
        let of = |kind: &'static str| Record {
            kind: kind.into(),
            ..Record::default()
        };
        assert!(Field::Kind.is("event", &of("kill")) && Field::Kind.is("kill", &of("kill")));
        assert!(!Field::Kind.is("event", &of("call")) && !Field::Kind.is("event", &of("result")));
    }
}
