//! What a trial showed, for people and as JSON.

use serde_json::{Value, json};
use varistor_sandbox::{LAUNCH_FAILED, Profile};

use super::handshake::Met;
use super::propose::{Proposal, line};
use super::refusal::Refusal;
use super::trace::{Ended, Refusals};
use crate::output::{self, Tone, count, plain, table::Table, tinted};

/// Everything that was seen of a server.
#[derive(Debug)]
pub(super) struct Seen {
    /// What it was refused.
    pub(super) refusals: Refusals,
    /// How it ended.
    pub(super) status: Ended,
    /// How the talk went, if there was one.
    pub(super) met: Option<Met>,
}

impl Seen {
    /// Whether it did what it should.
    pub(super) fn is_good(&self) -> bool {
        match &self.met {
            Some(met) => met.failure.is_none(),
            None => self.status == Ended::Status(0),
        }
    }

    fn proposal(&self) -> Proposal {
        Proposal::of(&self.refusals, std::env::home_dir().as_deref())
    }
}

/// As JSON.
pub(super) fn json(profile: &Profile, seen: &Seen) -> anyhow::Result<()> {
    let proposal = seen.proposal();
    let refused: Vec<Value> = seen
        .refusals
        .iter()
        .map(|(refusal, times)| {
            let (kind, what) = words(refusal);
            json!({"kind": kind, "what": what, "times": times})
        })
        .collect();
    let mut told = json!({
        "good": seen.is_good(),
        "ended": ended(seen.status),
        "refused": refused,
        "left_out": proposal.left_out,
        "line": line(profile),
    });
    if !proposal.is_empty() {
        told["proposed"] = json!(line(&proposal.added_to(profile)));
    }
    if let Some(met) = &seen.met {
        told["server"] = json!(met.server);
        told["protocol_version"] = json!(met.version);
        told["tools"] = json!(met.tools);
        told["failure"] = json!(met.failure);
    }
    output::json(&told)
}

/// For people: on standard output, or on standard error where that is the program's.
pub(super) fn people(profile: &Profile, seen: &Seen, raw: bool) -> anyhow::Result<()> {
    let say = |text: &str| match raw {
        true => {
            output::note(text);
            Ok(())
        }
        false => output::line(text),
    };
    match &seen.met {
        Some(met) => say(&talk(met))?,
        None => say(&ended(seen.status))?,
    }
    if seen.status == Ended::Status(LAUNCH_FAILED) {
        return say("The launcher failed; standard error says why.");
    }
    if seen.refusals.is_empty() {
        say("Nothing was refused.")?;
        return say(&format!(
            "The policy line of this server:\n  {}",
            line(profile)
        ));
    }
    let mut table = Table::new(&["REFUSED", "WHAT", "TIMES"]);
    for (refusal, times) in &seen.refusals {
        let (kind, what) = words(refusal);
        table.row(&[kind, &what, &times.to_string()]);
    }
    say(&table.text())?;
    let proposal = seen.proposal();
    if !proposal.left_out.is_empty() {
        let paths = proposal
            .left_out
            .iter()
            .map(|path| format!("  {}", path.display()));
        let paths: Vec<String> = paths.map(|path| plain(&path).into_owned()).collect();
        say(&format!(
            "Not proposed, because it is wide, shared or looks like a secret:\n{}",
            paths.join("\n")
        ))?;
    }
    let now = line(profile);
    if proposal.is_empty() {
        return say(&format!(
            "The policy line of this server:\n  {}",
            plain(&now)
        ));
    }
    let all = line(&proposal.added_to(profile));
    say(&format!(
        "A server that works may do without. If it needs all of that, the policy line is\n  {}\n\
         and without it\n  {}",
        plain(&all),
        plain(&now)
    ))
}

fn talk(met: &Met) -> String {
    let name = met.server.as_deref().unwrap_or("the server");
    let tools = count(met.tools.len(), "tool");
    match &met.failure {
        None => format!(
            "{}: {} listed {tools} ({})",
            tinted("works", Tone::Good),
            plain(name),
            plain(met.version.as_deref().unwrap_or("no version")),
        ),
        Some(why) => format!("{}: {}", tinted("does not work", Tone::Bad), plain(why)),
    }
}

fn ended(status: Ended) -> String {
    match status {
        Ended::Status(status) => format!("ended with status {status}"),
        Ended::Signal(signal) => format!("ended by {signal}"),
    }
}

fn words(refusal: &Refusal) -> (&'static str, String) {
    let shown = |path: &std::path::Path| path.display().to_string();
    match refusal {
        Refusal::Read(path) => ("read", shown(path)),
        Refusal::Write(path) => ("write", shown(path)),
        Refusal::Execute(path) => ("execute", shown(path)),
        Refusal::Network => (
            "network",
            "a socket of the Internet, or names of hosts".to_owned(),
        ),
        Refusal::UnixSocket => ("unix_sockets", "a socket of the Unix domain".to_owned()),
        Refusal::Call(name) => ("system call", name.clone()),
    }
}
