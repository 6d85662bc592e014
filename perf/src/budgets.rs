//! The file of budgets: what each case may cost, and with which tools that was counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;
use varistor_perf::cases;

/// The file, from the root of the checkout.
pub(crate) const FILE: &str = "perf/budgets.toml";

const OPENING: &str = "\
# What one run of each case costs in the steady state: instructions counted under callgrind, and
# allocations. `make perf` fails when a case is more than 2 % away from its number here, or when its
# allocations differ. `make perf-accept` writes this file anew; the commit says why.
# The cases stand in `perf/src/cases/`, the method in `perf/METHOD.md`.
";

/// Costs by the name of the case.
pub(crate) type Costs = BTreeMap<String, Cost>;

/// Everything in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Budgets {
    /// What it was counted with.
    pub(crate) tools: Tools,
    /// What each case may cost.
    pub(crate) cases: Costs,
}

/// What one run costs.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cost {
    /// Instructions of the processor.
    pub(crate) instructions: u64,
    /// Calls of the allocator that return memory.
    pub(crate) allocations: u64,
}

/// What the numbers depend on besides the code.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tools {
    rustc: String,
    valgrind: String,
    libc: String,
    /// Valgrind shows programs the processor's vector instructions up to AVX2.
    avx2: bool,
}

impl Budgets {
    /// Reads the file.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let text = fs::read_to_string(path())
            .with_context(|| format!("{FILE} can't be read; `make perf-accept` makes it"))?;
        toml::from_str(&text).with_context(|| format!("{FILE} is not in its form"))
    }

    /// Writes the file, in the order of the way of a call.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        let Tools {
            rustc,
            valgrind,
            libc,
            avx2,
        } = &self.tools;
        let mut text = format!(
            "{OPENING}\n[tools]\nrustc = \"{rustc}\"\nvalgrind = \"{valgrind}\"\n\
             libc = \"{libc}\"\navx2 = {avx2}\n\n[cases]\n"
        );
        for (name, _) in cases::all() {
            if let Some(cost) = self.cases.get(name) {
                writeln!(
                    text,
                    "\"{name}\" = {{ instructions = {}, allocations = {} }}",
                    cost.instructions, cost.allocations
                )?;
            }
        }
        fs::write(path(), text).with_context(|| format!("{FILE} can't be written"))
    }
}

impl Tools {
    /// The tools of this machine.
    pub(crate) fn here() -> anyhow::Result<Self> {
        Ok(Self {
            rustc: first_line("rustc", "--version")?,
            valgrind: first_line("valgrind", "--version")?,
            libc: first_line("ldd", "--version")?,
            avx2: std::arch::is_x86_feature_detected!("avx2"),
        })
    }

    /// What is other here than when the budgets were made.
    pub(crate) fn difference(&self, here: &Self) -> Option<String> {
        (self != here).then(|| {
            format!(
                "note: the budgets were counted with other tools, which moves numbers too:\n  \
                 there: {self:?}\n  here:  {here:?}"
            )
        })
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("budgets.toml")
}

fn first_line(program: &str, argument: &str) -> anyhow::Result<String> {
    let output = Command::new(program)
        .arg(argument)
        .output()
        .with_context(|| {
            format!("{program} can't be run; `make setup` installs what is missing")
        })?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}
