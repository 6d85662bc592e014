//! The policy directory, and whether it is what starts and serves.

use anyhow::Context;
use varistor_compile::{Compiled, Problem, Problems};
use varistor_snapshot::schema::{ArchivedPolicy, Policy};

use super::Report;
use crate::snapshots;

const POLICY: &str = "policy";
const SNAPSHOT: &str = "snapshot";

pub(super) fn look(compiled: &Result<Compiled, Problems>, report: &mut Report<'_>) {
    let flag = report.dir.flag();
    let warnings = match compiled {
        Ok(compiled) => &compiled.warnings,
        Err(problems) => {
            for problem in &problems.problems {
                let place = place(problem);
                let expected = format!("expected {}", problem.expected);
                let help = problem.help.clone().unwrap_or(expected);
                report.problem(POLICY, format!("{place}: {}", problem.found), help);
            }
            &problems.warnings
        }
    };
    for warning in warnings {
        let place = place(warning);
        let expected = format!("expected {}", warning.expected);
        let help = warning.help.clone().unwrap_or(expected);
        report.warn(POLICY, format!("{place}: {}", warning.found), help);
    }
    report.ok_if_quiet(POLICY, "it compiles");
    match snapshots::current(report.dir) {
        Err(error) => report.problem(
            SNAPSHOT,
            format!("{error:#}"),
            format!("varictl compile{flag}, if the keys are those that the gateway knows"),
        ),
        Ok(None) => report.problem(
            SNAPSHOT,
            "there is none, so no gateway can start from here",
            format!("varictl compile{flag}"),
        ),
        Ok(Some(current)) => {
            let generation = current.generation();
            let Ok(compiled) = compiled else { return };
            match is_same(current.policy(), &compiled.policy) {
                Ok(true) => {
                    report.ok(
                        SNAPSHOT,
                        format!("generation {generation} is the policy directory"),
                    );
                }
                Ok(false) => report.warn(
                    SNAPSHOT,
                    format!(
                        "the policy directory says something else than generation {generation}"
                    ),
                    format!("look with `varictl diff{flag}`, then `varictl push{flag}`"),
                ),
                Err(error) => report.problem(
                    SNAPSHOT,
                    format!("generation {generation} can't be compared: {error:#}"),
                    format!("varictl compile{flag}"),
                ),
            }
        }
    }
}

/// File and line; a whole file has none.
fn place(problem: &Problem) -> String {
    match problem.line {
        0 => problem.file.clone(),
        line => format!("{}:{line}", problem.file),
    }
}

fn is_same(current: &ArchivedPolicy, policy: &Policy) -> anyhow::Result<bool> {
    let archive = rkyv::to_bytes::<rkyv::rancor::Error>(policy)
        .context("the policy can't be put into an archive")?;
    let new = rkyv::access::<ArchivedPolicy, rkyv::rancor::Error>(&archive)
        .context("the policy's archive can't be read back")?;
    Ok(varistor_compile::diff(current, new).is_empty())
}
