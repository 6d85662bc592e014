//! `varictl tools`: which definitions of tools gateways trust, what changed, and a person's word.

mod approve;
mod diff;
mod flags;
mod list;

use clap::Subcommand;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::admin::{self, AdminError, Answer, Gateway, Question};
use crate::arguments::Arguments;
use crate::exit::{Exit, wrong};
use crate::output::plain;

/// See what servers say of their tools, and approve what changed.
#[derive(Debug, Subcommand)]
pub(crate) enum Tools {
    /// Show the tools that gateways know, and which of them are quarantined
    List(list::List),
    /// Show what changed in a tool's definition, word by word
    Diff(diff::Diff),
    /// Trust the definition of a quarantined tool that you have looked at
    Approve(approve::Approve),
    /// Say what in definitions speaks to the model instead of about the tool
    Flags(flags::Flags),
}

impl Tools {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        match self {
            Self::List(list) => list.run(arguments),
            Self::Diff(diff) => diff.run(arguments),
            Self::Approve(approve) => approve.run(arguments),
            Self::Flags(flags) => flags.run(),
        }
    }
}

/// `SERVER/TOOL`, as on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    server: String,
    tool: String,
}

/// A gateway's tool, as far as it is shown.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
struct Row {
    server: String,
    tool: String,
    state: String,
    cause: Option<String>,
    twin: Option<String>,
    sha256: Option<String>,
    approved_by: Option<String>,
    first_seen_unix_s: Option<u64>,
    flags: Vec<String>,
    pinned_sha256: Option<String>,
    pinned_definition: Option<String>,
    offered_definition: Option<String>,
}

/// What a gateway said, or that it said nothing.
#[derive(Serialize)]
pub(super) struct Told {
    gateway: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Value>,
}

impl Row {
    fn name(&self) -> String {
        format!("{}/{}", self.server, self.tool)
    }

    fn waits(&self) -> bool {
        self.state == "quarantined"
    }

    /// Why it waits, for a person.
    fn why(&self) -> String {
        match (self.cause.as_deref(), &self.twin) {
            (Some("twin"), Some(of)) => format!("looks like {of}"),
            (Some(cause), _) => cause.replace('_', " "),
            (None, _) => String::new(),
        }
    }
}

impl Told {
    pub(super) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(self.answer.as_ref()?).ok()
    }
}

/// Reads `SERVER/TOOL`.
fn name(text: &str) -> Result<Name, String> {
    let parts = text.split_once('/');
    let parts = parts.filter(|(server, tool)| !server.is_empty() && !tool.is_empty());
    let (server, tool) = parts.ok_or("expected SERVER/TOOL, as in github/get_issue")?;
    Ok(Name {
        server: server.to_owned(),
        tool: tool.to_owned(),
    })
}

/// Asks gateways; what they refuse as wrong use is the caller's error.
pub(super) fn ask(gateways: &[Gateway], question: &Question) -> anyhow::Result<Vec<Told>> {
    let answers = admin::ask(gateways, question)?;
    let told = gateways.iter().zip(answers);
    told.map(|(gateway, answer)| told_by(gateway.name(), answer))
        .collect()
}

fn told_by(gateway: String, answer: Result<Answer, AdminError>) -> anyhow::Result<Told> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Ok(failed(gateway, &error.to_string())),
    };
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
        let status = answer.status;
        let error = format!("{gateway} answered with HTTP status {status} and no JSON");
        return Ok(failed(gateway, &error));
    };
    match (answer.status, body.get("error").and_then(Value::as_str)) {
        (200, _) => Ok(Told {
            gateway,
            error: None,
            answer: Some(body),
        }),
        (400, Some(error)) => Err(wrong(plain(error).into_owned())),
        (status, error) => {
            let error = error.unwrap_or("no reason given");
            let error = format!("{gateway} answered with HTTP status {status}: {error}");
            Ok(failed(gateway, &error))
        }
    }
}

fn failed(gateway: String, error: &str) -> Told {
    Told {
        gateway,
        error: Some(plain(error).into_owned()),
        answer: None,
    }
}

/// Shows what went wrong; how the run ends.
pub(super) fn ended(told: &[Told]) -> Exit {
    let errors = told.iter().filter_map(|told| told.error.as_ref());
    errors.clone().for_each(|error| crate::output::error(error));
    match errors.count() {
        0 => Exit::Done,
        _ => Exit::Failed,
    }
}

/// The first digits of a digest: enough to tell definitions apart by eye.
fn short(sha256: Option<&str>) -> &str {
    let sha256 = sha256.unwrap_or_default();
    sha256.get(..12).unwrap_or(sha256)
}

/// An instant to the second.
fn time(unix_s: Option<u64>) -> String {
    let seconds = unix_s.and_then(|seconds| i64::try_from(seconds).ok());
    let time = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.map_or_else(String::new, |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_named_with_its_server() {
        let read = name("crm/a/b").unwrap();
        assert_eq!((&*read.server, &*read.tool), ("crm", "a/b"));
        for wrong in ["", "crm", "/a", "crm/"] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn digests_and_times_are_short() {
        assert_eq!(short(Some("0123456789abcdef")), "0123456789ab");
        assert_eq!(short(None), "");
        assert_eq!(time(Some(1_796_000_000)), "2026-11-30T00:53:20Z");
        assert_eq!(time(None), "");
    }
}
