//! One line of the log, read into its members. Texts are borrowed from the line where they stand
//! as they are.
//!
//! It refuses what the log can't contain (see [`varistor_audit::Flaw`]); members that it does not
//! know are left alone, so that newer records can be read.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use varistor_audit::{Flaw, Line};

/// A record.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Record<'l> {
    /// Its number.
    pub seq: u64,
    /// When it was written, RFC 3339 in UTC with nine digits behind the point.
    #[serde(borrow)]
    pub time: Cow<'l, str>,
    /// The same in nanoseconds since 1970.
    #[serde(skip)]
    pub time_ns: u64,
    /// The hash of the line before, in hex.
    #[serde(borrow)]
    pub prev: Cow<'l, str>,
    /// `call`, `result`, or what happened.
    #[serde(borrow)]
    pub kind: Cow<'l, str>,
    /// Whose agent it is.
    #[serde(borrow)]
    pub organisation: Cow<'l, str>,
    /// Who called.
    #[serde(borrow)]
    pub agent: Cow<'l, str>,
    /// The token's id, hex.
    #[serde(borrow)]
    pub token: Cow<'l, str>,
    /// Who issued the token, when it is not ours.
    #[serde(borrow)]
    pub issuer: Cow<'l, str>,
    /// Whom it speaks for there.
    #[serde(borrow)]
    pub holder: Cow<'l, str>,
    /// The session's id, hex.
    #[serde(borrow)]
    pub session: Cow<'l, str>,
    /// The caller's address.
    #[serde(borrow)]
    pub client: Cow<'l, str>,
    /// The server that was asked for.
    #[serde(borrow)]
    pub server: Cow<'l, str>,
    /// The method.
    #[serde(borrow)]
    pub method: Cow<'l, str>,
    /// The tool, if it is a call of one.
    #[serde(borrow)]
    pub tool: Cow<'l, str>,
    /// Prompt, resource or task.
    #[serde(borrow)]
    pub subject: Cow<'l, str>,
    /// The request's id, raw JSON.
    #[serde(borrow)]
    pub id: Option<&'l RawValue>,
    /// The parameters, raw JSON.
    #[serde(borrow)]
    pub params: Option<&'l RawValue>,
    /// Whether findings in them are masked.
    pub params_masked: bool,
    /// Why they are not there.
    #[serde(borrow)]
    pub params_omitted: Cow<'l, str>,
    /// What the call means.
    #[serde(borrow)]
    pub intent: Option<IntentTold<'l>>,
    /// What DLP found.
    #[serde(borrow)]
    pub findings: Vec<Finding<'l>>,
    /// What was put back in the place of placeholders.
    #[serde(borrow)]
    pub restored: Vec<RestoredTold<'l>>,
    /// What was decided.
    #[serde(borrow)]
    pub decision: Cow<'l, str>,
    /// Why, when it was not allowed.
    #[serde(borrow)]
    pub reason: Cow<'l, str>,
    /// The stage that refused.
    #[serde(borrow)]
    pub stage: Cow<'l, str>,
    /// The approval that it waits for, or that released it, hex.
    #[serde(borrow)]
    pub approval: Cow<'l, str>,
    /// The permission or rule that decided.
    #[serde(borrow)]
    pub rule: Cow<'l, str>,
    /// All rules that held.
    pub rules: Vec<String>,
    /// What shadow rules would have decided.
    #[serde(borrow)]
    pub shadow: Option<ShadowTold<'l>>,
    /// The level that a rule gave.
    #[serde(borrow)]
    pub level: Cow<'l, str>,
    /// Whether a human is to look at it.
    pub flagged: bool,
    /// Labels of the flow that the call completed.
    pub flow: Vec<String>,
    /// Whether the session was ended.
    pub session_ended: bool,
    /// Channels that were told.
    #[serde(borrow)]
    pub notify: Vec<ChannelTold<'l>>,
    /// The policy that decided.
    pub generation: Option<u64>,
    /// Of a result: the call's number.
    pub call: Option<u64>,
    /// Of a result: how the call ended.
    #[serde(borrow)]
    pub status: Cow<'l, str>,
    /// The server's HTTP status.
    pub http_status: Option<u16>,
    /// From the call's arrival to its end, in microseconds.
    pub duration_us: Option<u64>,
    /// Bytes of the answer's body.
    pub bytes: Option<u64>,
    /// Findings in the answer that were replaced.
    pub redacted: Option<u64>,
    /// Of an event: what happened, raw JSON.
    #[serde(borrow)]
    pub details: Option<&'l RawValue>,
}

/// The intent of a call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct IntentTold<'l> {
    /// Its name.
    #[serde(borrow, rename = "type")]
    pub name: Cow<'l, str>,
    /// Per cent.
    pub confidence: u64,
    /// Why.
    pub evidence: Vec<String>,
}

/// A finding; never the value.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Finding<'l> {
    /// What it is.
    #[serde(borrow)]
    pub entity: Cow<'l, str>,
    /// The message of an answer that it stands in.
    pub message: Option<u64>,
    /// Bytes of the payload, `12..31`.
    #[serde(borrow)]
    pub place: Cow<'l, str>,
    /// What followed.
    #[serde(borrow)]
    pub action: Cow<'l, str>,
    /// Per cent.
    pub confidence: u64,
}

/// What was put back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RestoredTold<'l> {
    /// What it is.
    #[serde(borrow)]
    pub entity: Cow<'l, str>,
    /// How often.
    pub count: u64,
}

/// What shadow rules say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShadowTold<'l> {
    /// What they would have decided.
    #[serde(borrow)]
    pub decision: Cow<'l, str>,
    /// The first of them.
    #[serde(borrow)]
    pub rule: Cow<'l, str>,
}

/// A channel that was told.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChannelTold<'l> {
    /// Its kind.
    #[serde(borrow)]
    pub kind: Cow<'l, str>,
    /// Its name.
    #[serde(borrow)]
    pub name: Cow<'l, str>,
}

impl<'l> Record<'l> {
    /// Reads a line, with or without its newline.
    ///
    /// # Errors
    /// Says what is wrong with a line that the log can't contain.
    pub fn read(line: &'l [u8]) -> Result<Self, Flaw> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let read = Line::read(line)?;
        let mut record: Self = serde_json::from_slice(line).map_err(|_| Flaw::NotJson)?;
        record.time_ns = read.head.time_ns;
        Ok(record)
    }

    /// Whether it is a call.
    #[must_use]
    pub fn is_call(&self) -> bool {
        self.kind == "call"
    }

    /// Whether it is a result.
    #[must_use]
    pub fn is_result(&self) -> bool {
        self.kind == "result"
    }

    /// Whether the call went on to its server.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.is_call() && matches!(&*self.decision, "allow" | "redact")
    }

    /// The name of the intent, or nothing.
    #[must_use]
    pub fn intent_name(&self) -> &str {
        self.intent.as_ref().map_or("", |intent| &intent.name)
    }

    /// Tool, subject or method: what of the server was asked for.
    #[must_use]
    pub fn what(&self) -> &str {
        let names: [&str; 3] = [&self.tool, &self.subject, &self.method];
        names
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or("")
    }

    /// `organisation/agent`, `nobody` where no token was accepted.
    #[must_use]
    pub fn who(&self) -> String {
        match (&*self.organisation, &*self.agent) {
            (_, "") => "nobody".to_owned(),
            (organisation, agent) => format!("{organisation}/{agent}"),
        }
    }

    /// `server/what`.
    #[must_use]
    pub fn target(&self) -> String {
        match (&*self.server, self.what()) {
            ("", "") => "-".to_owned(),
            ("", what) => what.to_owned(),
            (server, "") => server.to_owned(),
            (server, what) => format!("{server}/{what}"),
        }
    }

    /// A member of the details that is a text.
    #[must_use]
    pub fn detail(&self, name: &str) -> Option<String> {
        match self.detail_value(name)? {
            serde_json::Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A member of the details that is a number.
    #[must_use]
    pub fn detail_number(&self, name: &str) -> Option<u64> {
        self.detail_value(name)?.as_u64()
    }

    /// A member of the details.
    #[must_use]
    pub fn detail_value(&self, name: &str) -> Option<serde_json::Value> {
        let mut details: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(self.details?.get()).ok()?;
        details.remove(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_record_is_read_with_all_that_it_says() {
        let log = fixture::lines(&[fixture::call("crm", "get", "allow", "")]);
        let record = Record::read(&log[0]).unwrap();
        assert_eq!(record.time_ns, fixture::TIME);
        assert_eq!(
            (record.who(), record.target()),
            ("acme/bot".into(), "crm/get".into())
        );
        assert_eq!(record.intent_name(), "read");
        assert!(record.goes_on() && !record.is_result());
    }

    #[test]
    fn members_that_came_later_and_members_that_lack_do_no_harm() {
        let log = fixture::lines(&[r#","kind":"call","novelty":{"a":[1]}}"#.to_owned()]);
        let record = Record::read(&log[0]).unwrap();
        assert_eq!(
            (record.who(), record.target()),
            ("nobody".into(), "-".into())
        );
    }

    #[test]
    fn what_is_no_record_is_refused_with_the_reason() {
        assert_eq!(Record::read(b"{}").unwrap_err(), Flaw::Head);
        assert_eq!(Record::read(b"{\"seq\":").unwrap_err(), Flaw::NotJson);
        let twice = fixture::lines(&[r#","kind":"call","agent":"a","agent":"b"}"#.to_owned()]);
        assert!(Record::read(&twice[0]).is_err());
        let number = fixture::lines(&[r#","kind":"call","agent":7}"#.to_owned()]);
        assert!(Record::read(&number[0]).is_err());
    }
}
