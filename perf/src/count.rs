//! Counts: instructions by running the benches under callgrind, allocations in this process.
//!
//! Refuses to go on when a case of the library is not among the benches, or the other way round.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use varistor_perf::cases;

use crate::budgets::{Cost, Costs};

/// What every case costs.
pub(crate) fn all() -> anyhow::Result<Costs> {
    let instructions = instructions()?;
    let mut costs = Costs::new();
    for (name, _) in cases::all() {
        let counted = instructions.get(&bench_id(name)).copied();
        let Some(instructions) = counted else {
            bail!(
                "the case `{name}` is not in perf/benches/stages.rs; add\n  \
                 #[bench::{}(ready(\"{name}\"))]",
                bench_id(name)
            );
        };
        let allocations = allocations(name);
        costs.insert(
            name.to_owned(),
            Cost {
                instructions,
                allocations,
            },
        );
    }
    ensure!(
        costs.len() == instructions.len(),
        "perf/benches/stages.rs has benches that are no cases of perf/src/cases"
    );
    Ok(costs)
}

/// Allocations of one run in the steady state.
fn allocations(name: &str) -> u64 {
    let mut case = cases::warm(name);
    allocation_counter::measure(|| case.run()).count_total
}

/// The name of a case as an identifier.
fn bench_id(name: &str) -> String {
    name.replace('/', "_")
}

/// Instructions by the id of the bench.
fn instructions() -> anyhow::Result<BTreeMap<String, u64>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "bench",
            "--locked",
            "--package",
            "varistor-perf",
            "--bench",
            "stages",
            "--",
        ])
        .args(["--output-format=json", "--nosummary"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo can't be run")?;
    ensure!(
        output.status.success(),
        "the benches failed ({}); see above, or run `cargo bench -p varistor-perf`",
        output.status
    );
    let text = String::from_utf8(output.stdout).context("the benches print no UTF-8")?;
    text.lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| {
            let summary: Value = serde_json::from_str(line).context("the benches print no JSON")?;
            counted(&summary).with_context(|| format!("no instructions in this summary: {line}"))
        })
        .collect()
}

/// Id and instructions of one summary in the runner's JSON (schema version 6).
fn counted(summary: &Value) -> Option<(String, u64)> {
    let id = summary["id"].as_str()?;
    let total = &summary["profiles"][0]["summaries"]["total"]["summary"];
    let metrics = &total["Callgrind"]["Ir"]["metrics"];
    let new = metrics
        .get("Both")
        .map_or_else(|| metrics.get("Left"), |both| both.get(0))?;
    Some((id.to_owned(), new["Int"].as_u64()?))
}
