//! The kinds of calls: what they ask, and which answer is the right one.
//!
//! The answers are asked of the mock server through members of the arguments (`answer_bytes`,
//! `events`, `plant`, `structured`), so that one server serves every mix. Sizes are those that
//! real servers showed.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::upstream::planted;

/// One kind of call.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Kind {
    pub(super) name: String,
    /// Its share, relative to the weights of the others.
    pub(super) weight: f64,
    #[serde(default)]
    pub(super) method: Method,
    /// A tool of its own, whatever `--tool` and `--tools` say.
    #[serde(default)]
    pub(super) tool: Option<String>,
    #[serde(default)]
    pub(super) arguments: Map<String, Value>,
    /// The body is padded to this size in bytes.
    #[serde(default)]
    pub(super) request_bytes: usize,
    #[serde(default)]
    pub(super) expect: Expect,
    /// What must not be in the answer.
    #[serde(default)]
    pub(super) absent: Option<String>,
}

/// The method of a call.
#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum Method {
    #[default]
    Call,
    List,
}

impl Method {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Call => "tools/call",
            Self::List => "tools/list",
        }
    }
}

/// Which answer is right.
#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum Expect {
    /// A result that is no error.
    #[default]
    Allowed,
    /// A tool error, a JSON-RPC error or an HTTP error.
    Denied,
    /// A tool error and nothing else.
    ToolError,
}

/// What the mock server plants into an answer that has to be redacted.
const PLANT: &str = "card";
/// The kinds that a mix can name.
pub(super) const NAMES: [&str; 13] = [
    "small",
    "small-sse",
    "medium",
    "medium-sse",
    "large",
    "large-sse",
    "huge",
    "huge-sse",
    "upload",
    "list",
    "stream",
    "blocked",
    "redacted",
];

impl Kind {
    /// The kind of this name.
    pub(super) fn named(name: &str, weight: f64) -> Option<Self> {
        let plain = name.strip_suffix("-sse").unwrap_or(name);
        let arguments = match plain {
            "small" => r#"{"text":"a small call","answer_bytes":250}"#,
            "medium" => r#"{"text":"a medium call of any tool","answer_bytes":4000}"#,
            "large" => r#"{"path":"src/main.rs","answer_bytes":11000,"structured":true}"#,
            "huge" => r#"{"path":"src/all.rs","answer_bytes":99000,"structured":true}"#,
            "upload" => r#"{"path":"notes.txt","answer_bytes":100}"#,
            "list" => "{}",
            "stream" => r#"{"text":"a long call","answer_bytes":400,"events":6}"#,
            "blocked" | "redacted" => r#"{"answer_bytes":250}"#,
            _ => return None,
        };
        let mut kind = Self {
            name: name.to_owned(),
            weight,
            method: Method::default(),
            tool: None,
            arguments: serde_json::from_str(arguments).ok()?,
            request_bytes: 0,
            expect: Expect::default(),
            absent: None,
        };
        match plain {
            "upload" => kind.request_bytes = 4136,
            "list" => kind.method = Method::List,
            "blocked" => {
                kind.expect = Expect::ToolError;
                kind.put("text", Value::String(format!("the key is {}", secret())));
            }
            "redacted" => {
                kind.put("plant", Value::String(PLANT.to_owned()));
                kind.absent = planted(PLANT).map(str::to_owned);
            }
            _ => {}
        }
        if plain != name {
            kind.put("events", Value::from(1));
        }
        NAMES.contains(&name).then_some(kind)
    }

    fn put(&mut self, name: &str, value: Value) {
        self.arguments.insert(name.to_owned(), value);
    }

    /// The events that the answer must have at least.
    pub(super) fn events(&self) -> usize {
        self.asked("events")
    }

    /// Bytes that an answer which is allowed must have at least.
    pub(super) fn answer_bytes(&self) -> usize {
        let copies = if self.arguments.get("structured") == Some(&Value::Bool(true)) {
            2
        } else {
            1
        };
        self.asked("answer_bytes").saturating_mul(copies)
    }

    fn asked(&self, name: &str) -> usize {
        let value = self.arguments.get(name).and_then(Value::as_u64);
        value
            .and_then(|value| usize::try_from(value).ok())
            .unwrap_or(0)
    }
}

/// A value of the form of an access key; in two pieces, as this file is no secret.
fn secret() -> String {
    ["AKIA", "Z7Q2M4X9R8W5T3P6"].concat()
}

#[cfg(test)]
mod tests {
    use super::{Expect, Kind, Method, NAMES};

    #[test]
    fn every_name_of_a_kind_gives_that_kind() {
        for name in NAMES {
            let kind = Kind::named(name, 1.0).unwrap();
            assert_eq!(kind.name, name);
            assert_eq!(kind.events() == 1, name.ends_with("-sse"), "{name}");
        }
        for name in ["tiny", "upload-sse", "-sse", ""] {
            assert!(Kind::named(name, 1.0).is_none(), "{name}");
        }
    }

    #[test]
    fn kinds_say_which_answer_is_right() {
        let kind = |name| Kind::named(name, 1.0).unwrap();
        assert_eq!(kind("blocked").expect, Expect::ToolError);
        assert_eq!(kind("list").method, Method::List);
        assert!(kind("redacted").absent.is_some());
        assert_eq!(kind("large").answer_bytes(), 22_000);
        assert_eq!(kind("upload").request_bytes, 4136);
    }
}
