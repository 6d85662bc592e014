//! What a run of the official suite found, scenario by scenario.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// How many checks of one scenario ended how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    passed: usize,
    failed: usize,
    total: usize,
    /// Every check with its end, to say what differs.
    checks: BTreeMap<String, usize>,
}

/// Counts by scenario.
pub type Report = BTreeMap<String, Counts>;

/// Reads `results/server-<scenario>-<time>/checks.json` of one run.
pub fn read(results: &Path) -> Report {
    let mut report = Report::new();
    for entry in fs::read_dir(results).expect("results of the suite") {
        let folder = entry.expect("an entry").path();
        let Ok(text) = fs::read_to_string(folder.join("checks.json")) else {
            continue;
        };
        let name = folder
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let checks: Vec<Value> = serde_json::from_str(&text).expect("a list of checks");
        report.insert(scenario(name).to_owned(), count(&checks));
    }
    assert!(report.len() > 20, "only {} scenarios ran", report.len());
    report
}

/// `server-ping-2026-11-23T11-50-05-413Z` is about `ping`.
fn scenario(folder: &str) -> &str {
    let name = folder.strip_prefix("server-").unwrap_or(folder);
    let time = "-2026-11-23T11-50-05-413Z".len();
    name.get(..name.len().saturating_sub(time)).unwrap_or(name)
}

fn count(checks: &[Value]) -> Counts {
    let mut counts = Counts::default();
    for check in checks {
        let status = check["status"].as_str().unwrap_or("none");
        counts.total += 1;
        counts.passed += usize::from(status == "SUCCESS");
        counts.failed += usize::from(status == "FAILURE");
        let id = check["id"].as_str().unwrap_or("nameless");
        *counts.checks.entry(format!("{id} {status}")).or_default() += 1;
    }
    counts
}

/// Sums of a report, for people.
pub fn sums(report: &Report) -> String {
    let (mut passed, mut failed, mut total) = (0, 0, 0);
    for counts in report.values() {
        passed += counts.passed;
        failed += counts.failed;
        total += counts.total;
    }
    format!(
        "{passed:>4} passed {failed:>4} failed {total:>4} checks in {}",
        report.len()
    )
}

/// Every scenario whose counts are not the same, and how; empty when nothing differs.
pub fn difference(direct: &Report, through: &Report) -> Vec<(String, String)> {
    let none = Counts::default();
    let names: std::collections::BTreeSet<_> = direct.keys().chain(through.keys()).collect();
    let sums = |counts: &Counts| (counts.passed, counts.failed, counts.total);
    let mut all = Vec::new();
    for name in names {
        let before = direct.get(name).unwrap_or(&none);
        let after = through.get(name).unwrap_or(&none);
        if sums(before) != sums(after) {
            all.push((name.clone(), told(before, after)));
        }
    }
    all
}

fn told(before: &Counts, after: &Counts) -> String {
    let mut told = format!(
        "{}/{} of {} without the gateway, {}/{} of {} through it\n",
        before.passed, before.failed, before.total, after.passed, after.failed, after.total
    );
    for (check, times) in &after.checks {
        if before.checks.get(check) != Some(times) {
            let _ = writeln!(told, "        through: {check} x{times}");
        }
    }
    for (check, times) in &before.checks {
        if after.checks.get(check) != Some(times) {
            let _ = writeln!(told, "        without: {check} x{times}");
        }
    }
    told
}
