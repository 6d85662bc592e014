//! `varictl check`: everything that is wrong with the policy directory, in one run.

use clap::Args;
use serde::Serialize;
use varistor_compile::Problem;
use varistor_snapshot::schema::Policy;

use crate::building;
use crate::directory::PolicyDir;
use crate::exit::Exit;
use crate::output::{self, Tone, count, tinted};

/// Say everything that is wrong with the policy directory.
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    ok: bool,
    problems: &'a [Problem],
    warnings: &'a [Problem],
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Counts>,
}

#[derive(Serialize)]
struct Counts {
    servers: usize,
    organisations: usize,
    teams: usize,
    roles: usize,
    agents: usize,
    detectors: usize,
    rules: usize,
}

impl Check {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let outcome = building::compile(dir);
        if self.json {
            return answer(&outcome);
        }
        match outcome {
            Ok(compiled) => {
                building::warn(&compiled.warnings);
                let ok = tinted("ok", Tone::Good);
                output::line(&format!("{ok}: {}", Counts::of(&compiled.policy).text()))?;
                Ok(Exit::Done)
            }
            Err(problems) => {
                building::show(&problems);
                Ok(Exit::Wrong)
            }
        }
    }
}

fn answer(
    outcome: &Result<varistor_compile::Compiled, varistor_compile::Problems>,
) -> anyhow::Result<Exit> {
    match outcome {
        Ok(compiled) => {
            let counts = Some(Counts::of(&compiled.policy));
            let warnings = &compiled.warnings;
            output::json(&Answer {
                ok: true,
                problems: &[],
                warnings,
                counts,
            })?;
            Ok(Exit::Done)
        }
        Err(found) => {
            let (problems, warnings) = (&found.problems, &found.warnings);
            output::json(&Answer {
                ok: false,
                problems,
                warnings,
                counts: None,
            })?;
            Ok(Exit::Wrong)
        }
    }
}

impl Counts {
    fn of(policy: &Policy) -> Self {
        Self {
            servers: policy.servers.len(),
            organisations: policy.organisations.len(),
            teams: policy.teams.len(),
            roles: policy.roles.len(),
            agents: policy.agents.len(),
            detectors: policy.dlp.detectors.len(),
            rules: policy.rules.body.rules.len(),
        }
    }

    fn text(&self) -> String {
        [
            count(self.servers, "server"),
            count(self.organisations, "organisation"),
            count(self.teams, "team"),
            count(self.roles, "role"),
            count(self.agents, "agent"),
            count(self.detectors, "detector"),
            count(self.rules, "rule"),
        ]
        .join(", ")
    }
}
