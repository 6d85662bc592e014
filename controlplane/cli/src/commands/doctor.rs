//! `varictl doctor`: looks at everything that a gateway and its clients stand on, and says of each
//! finding how to mend it. Changes nothing.

mod certificates;
mod clients;
mod gateway;
mod identity;
mod keys;
mod machine;
mod permissions;
mod policy;

use clap::Args;
use serde::Serialize;
use varistor_snapshot::schema::Policy;

use crate::building;
use crate::directory::PolicyDir;
use crate::exit::Exit;
use crate::output::{self, Tone, plain, tinted};

/// Check machine, policy and gateway, and say how to mend what is wrong.
#[derive(Args, Debug)]
#[command(after_help = "\
Looks at the policy and its snapshot, keys, permissions, the vault, the running gateway and its
driver, the way of clients to it, certificates, the clock, the disk, the layers of the sandbox,
tokens of imported clients, and clients' files for credentials in plain text.

Exit status: 0 nothing has to be mended, 1 something has (with --strict: warnings count).")]
pub(crate) struct Doctor {
    /// Warnings too end with 1
    #[arg(long)]
    strict: bool,
    /// Look into no client's file
    #[arg(long)]
    no_clients: bool,
    /// Say what is well, too
    #[arg(long)]
    all: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// It is well.
    Ok,
    /// It works, and could be better or soon be worse.
    Warning,
    /// It does not work, or is not safe.
    Problem,
}

/// One finding.
#[derive(Debug, Serialize)]
struct Finding {
    /// What was looked at.
    check: &'static str,
    level: Level,
    found: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

/// What was found so far.
struct Report<'r> {
    dir: &'r PolicyDir,
    findings: Vec<Finding>,
}

impl Report<'_> {
    fn ok(&mut self, check: &'static str, found: impl Into<String>) {
        self.put(check, Level::Ok, found.into(), None);
    }

    fn warn(&mut self, check: &'static str, found: impl Into<String>, mend: impl Into<String>) {
        self.put(check, Level::Warning, found.into(), Some(mend.into()));
    }

    fn problem(&mut self, check: &'static str, found: impl Into<String>, mend: impl Into<String>) {
        self.put(check, Level::Problem, found.into(), Some(mend.into()));
    }

    fn put(&mut self, check: &'static str, level: Level, found: String, mend: Option<String>) {
        self.findings.push(Finding {
            check,
            level,
            found,
            mend,
        });
    }

    /// Says that a check found nothing, unless it did.
    fn ok_if_quiet(&mut self, check: &'static str, found: impl Into<String>) {
        if !self.findings.iter().any(|finding| finding.check == check) {
            self.ok(check, found);
        }
    }
}

impl Doctor {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let mut report = Report {
            dir,
            findings: Vec::new(),
        };
        let compiled = building::compile(dir);
        policy::look(&compiled, &mut report);
        let policy: Option<&Policy> = compiled.as_ref().ok().map(|compiled| &compiled.policy);
        permissions::look(&mut report);
        keys::look(&mut report);
        identity::look(policy, &mut report);
        gateway::look(policy, &mut report);
        certificates::look(policy, &mut report);
        machine::look(policy, &mut report);
        if !self.no_clients {
            clients::look(&mut report)?;
        }
        self.answer(&report.findings)
    }

    fn answer(&self, findings: &[Finding]) -> anyhow::Result<Exit> {
        let number = |level: Level| findings.iter().filter(|one| one.level == level).count();
        let (problems, warnings) = (number(Level::Problem), number(Level::Warning));
        if self.json {
            output::json(&serde_json::json!({
                "findings": findings, "problems": problems, "warnings": warnings}))?;
        } else {
            for finding in findings {
                if self.all || finding.level != Level::Ok {
                    show(finding)?;
                }
            }
            let (well, wrong) = (number(Level::Ok), output::count(problems, "problem"));
            let warned = output::count(warnings, "warning");
            output::note(&format!("{wrong}, {warned}, {well} well"));
        }
        Ok(match problems > 0 || (self.strict && warnings > 0) {
            true => Exit::Failed,
            false => Exit::Done,
        })
    }
}

fn show(finding: &Finding) -> anyhow::Result<()> {
    let level = match finding.level {
        Level::Ok => tinted("ok     ", Tone::Good),
        Level::Warning => tinted("warning", Tone::Warning),
        Level::Problem => tinted("problem", Tone::Bad),
    };
    output::line(&format!(
        "{level} {:<12} {}",
        finding.check,
        plain(&finding.found)
    ))?;
    if let Some(mend) = &finding.mend {
        output::line(&format!("        {:<12} mend: {}", "", plain(mend)))?;
    }
    Ok(())
}
