//! Which records are meant: the options that query, tail and export share.

use clap::Args;
use varistor_audit::Status;
use varistor_model::{Decision, Intent, Reason};
use varistor_records::{Field, Period, Selection, when};

use crate::exit::wrong;
use crate::nearest;

/// Which records.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Which records")]
pub(super) struct Filters {
    /// From then on: RFC 3339, a date (UTC), yesterday, or a duration ago, as in 2h
    #[arg(long, value_name = "TIME", value_parser = instant_ns)]
    since: Option<u64>,
    /// Before then
    #[arg(long, value_name = "TIME", value_parser = instant_ns)]
    until: Option<u64>,
    /// Of this day (UTC): a date, today or yesterday
    #[arg(long, value_name = "DAY", value_parser = day, conflicts_with_all = ["since", "until"])]
    on: Option<Period>,
    /// Of this agent, as AGENT or ORGANISATION/AGENT; like all that follow, repeatable
    #[arg(long, value_name = "NAME")]
    agent: Vec<String>,
    /// Of this organisation
    #[arg(long, value_name = "NAME")]
    organisation: Vec<String>,
    /// With this token, by its id or the first digits of it
    #[arg(long, value_name = "ID", value_parser = hex)]
    token: Vec<String>,
    /// In this session, by its id or the first digits of it
    #[arg(long, value_name = "ID", value_parser = hex)]
    session: Vec<String>,
    /// Of this server
    #[arg(long, value_name = "NAME")]
    server: Vec<String>,
    /// Of this tool, as TOOL or SERVER/TOOL
    #[arg(long, value_name = "NAME")]
    tool: Vec<String>,
    /// With this intent: read, write, destructive, exfiltrative
    #[arg(long, value_name = "INTENT", value_parser = intent)]
    intent: Vec<String>,
    /// With this decision: allow, redact, hold, deny
    #[arg(long, value_name = "DECISION", value_parser = decision)]
    decision: Vec<String>,
    /// Refused for this reason, as in rule_denied
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: Vec<String>,
    /// Decided by this permission or rule, or with this rule holding
    #[arg(long, value_name = "NAME")]
    rule: Vec<String>,
    /// With a finding of this entity, as in iban
    #[arg(long, value_name = "ENTITY")]
    finding: Vec<String>,
    /// Results that ended so, as in ok or timeout
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Vec<String>,
    /// Of this approval, by its id or the first digits of it
    #[arg(long, value_name = "ID", value_parser = hex)]
    approval: Vec<String>,
    /// Of this kind: call, result, event, or one event as in kill
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// With this text in them, case counts; one layer of JSON escapes is undone
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

impl Filters {
    /// The selection; refuses times that lie the wrong way round.
    pub(super) fn selection(&self) -> anyhow::Result<Selection> {
        let mut selection = Selection::default().within(self.period()?);
        for (field, values) in [
            (Field::Agent, &self.agent),
            (Field::Organisation, &self.organisation),
            (Field::Token, &self.token),
            (Field::Session, &self.session),
            (Field::Server, &self.server),
            (Field::Tool, &self.tool),
            (Field::Intent, &self.intent),
            (Field::Decision, &self.decision),
            (Field::Reason, &self.reason),
            (Field::Rule, &self.rule),
            (Field::Finding, &self.finding),
            (Field::Status, &self.status),
            (Field::Approval, &self.approval),
            (Field::Kind, &self.kind),
        ] {
            selection = selection.with(field, values.iter().map(String::as_str));
        }
        Ok(match &self.text {
            Some(text) if text.is_empty() => return Err(wrong("--text is empty")),
            Some(text) => selection.with_text(text),
            None => selection,
        })
    }

    fn period(&self) -> anyhow::Result<Period> {
        period((self.since, "--since"), (self.until, "--until"), self.on)
    }
}

/// The period between two times, or the day.
pub(super) fn period(
    (from, from_name): (Option<u64>, &str),
    (until, until_name): (Option<u64>, &str),
    day: Option<Period>,
) -> anyhow::Result<Period> {
    if let Some(day) = day {
        return Ok(day);
    }
    let period = Period {
        from_ns: from.unwrap_or(0),
        until_ns: until.unwrap_or(u64::MAX),
    };
    match period.from_ns < period.until_ns {
        true => Ok(period),
        false => Err(wrong(format!(
            "{from_name} is not before {until_name}: no record is between"
        ))),
    }
}

/// An instant, seen from now.
pub(super) fn instant_ns(text: &str) -> Result<u64, String> {
    when::instant_ns(text, when::now_ns()).map_err(|error| error.to_string())
}

/// A day, seen from now.
pub(super) fn day(text: &str) -> Result<Period, String> {
    when::day(text, when::now_ns()).map_err(|error| error.to_string())
}

fn hex(text: &str) -> Result<String, String> {
    let digits = text.to_ascii_lowercase();
    let is_hex = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    match is_hex && digits.len() <= 32 {
        true => Ok(digits),
        false => Err("expected an id, up to 32 hexadecimal digits".to_owned()),
    }
}

fn intent(text: &str) -> Result<String, String> {
    known(text, "intent", Intent::ALL.map(Intent::name))
}

fn decision(text: &str) -> Result<String, String> {
    known(text, "decision", Decision::ALL.map(Decision::name))
}

fn status(text: &str) -> Result<String, String> {
    known(text, "status", Status::ALL.map(Status::name))
}

fn reason(text: &str) -> Result<String, String> {
    known(
        text,
        "reason",
        Reason::ALL.iter().map(|reason| reason.name()),
    )
}

fn known(
    text: &str,
    what: &str,
    names: impl IntoIterator<Item = &'static str>,
) -> Result<String, String> {
    let names: Vec<&str> = names.into_iter().collect();
    match names.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "there is no such {what}{}",
            nearest::hint(text, names)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_not_there_are_refused_with_those_that_are() {
        assert_eq!(intent("read"), Ok("read".to_owned()));
        assert!(intent("reed").unwrap_err().contains("did you mean read"));
        assert!(reason("rule_deny").unwrap_err().contains("rule_denied"));
        assert!(
            decision("no")
                .unwrap_err()
                .contains("allow, redact, hold, deny")
        );
        assert!(status("okay").is_err());
        assert_eq!(hex("AB12"), Ok("ab12".to_owned()));
        assert!(hex("").is_err() && hex("xyz").is_err() && hex(&"a".repeat(33)).is_err());
    }

    #[test]
    fn times_that_lie_the_wrong_way_round_are_refused() {
        assert!(period((Some(2), "--since"), (Some(1), "--until"), None).is_err());
        assert!(period((Some(1), "--since"), (Some(1), "--until"), None).is_err());
        assert_eq!(
            period((None, ""), (None, ""), None).unwrap(),
            Period::ALWAYS
        );
    }
}
