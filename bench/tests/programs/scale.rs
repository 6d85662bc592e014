//! Series through the built program, with tiny sizes: tables, verdicts, lines, plots.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::Context;
use serde_json::Value;

/// Runs short series.
fn scale(arguments: &[&str]) -> anyhow::Result<Output> {
    // One core for all, so that the test runs on any machine.
    let cores = ["--gateway-cores", "0", "--load-cores", "0"];
    let short = ["--rounds", "2", "--seconds", "0.3", "--warmup", "0.1"];
    Ok(Command::new(env!("CARGO_BIN_EXE_varistor-bench"))
        .arg("scale")
        .args(cores)
        .args(short)
        // A busy machine answers these in time.
        .args(["--tokens-rate", "100"])
        .args(arguments)
        .output()?)
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// The lines of a file.
fn lines(file: &Path) -> anyhow::Result<Vec<Value>> {
    let text = std::fs::read_to_string(file)?;
    let lines = text.lines().map(serde_json::from_str);
    Ok(lines.collect::<Result<_, _>>()?)
}

#[test]
fn series_of_clients_and_calls_give_verdicts_lines_and_plots() -> anyhow::Result<()> {
    series_are_sound([
        ("cores", "1", 0),
        ("connections", "1,4", 1),
        ("idle", "1,5", 2),
        ("tokens", "2,6,20", 0),
        ("lists", "10,40", 0),
        ("body", "100,5000", 0),
    ])
}

#[test]
fn series_of_policies_and_logs_give_verdicts_lines_and_plots() -> anyhow::Result<()> {
    series_are_sound([
        ("agents", "3,20", 1),
        ("tools", "1,9", 1),
        ("rules", "0,8", 1),
        ("records", "2,400", 1),
        ("setup", "0,1", 4),
    ])
}

/// Runs a series of each axis, with these sizes and the number of targets that they have.
fn series_are_sound<const N: usize>(
    series: [(&'static str, &str, usize); N],
) -> anyhow::Result<()> {
    for (axis, sizes, targets) in series {
        series_is_sound(axis, sizes, targets).context(axis)?;
    }
    Ok(())
}

/// Runs a series of two rounds and looks at all that it tells.
fn series_is_sound(axis: &'static str, sizes: &str, targets: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (file, plots) = (folder.path().join("out"), folder.path().join("plots"));
    let (out, plot) = (file.to_string_lossy(), plots.to_string_lossy());
    let output = scale(&[
        "--axes", axis, "--sizes", sizes, "--out", &out, "--plot", &plot,
    ])?;
    let (table, errors) = said(&output);
    assert!(output.status.success(), "{axis}: {errors}");
    let verdicts = table.matches(&format!("verdict {axis} ")).count();
    assert_eq!(verdicts, targets, "{table}");
    let lines = lines(&file)?;
    let kept = lines.iter().filter(|line| line["target"].is_string());
    assert_eq!(kept.count(), targets);
    let others = sizes.split(',').count() - 1;
    let reports = lines.iter().filter(|line| line["report"].is_object());
    // Two rounds: each other size once, the base once more often than these.
    assert_eq!(reports.count(), 2 * (2 * others + 1));
    let facts = lines.iter().filter(|l| l["snapshot_bytes"].is_u64());
    let facts: Vec<&Value> = facts.collect();
    assert_eq!(facts.len(), others + 1);
    for (at, point) in facts.into_iter().enumerate() {
        sound(point, at > 0);
    }
    for stem in ["cpu", "growth", "memory"] {
        let png = std::fs::read(plots.join(format!("{axis}-{stem}.png")))?;
        assert!(png.starts_with(b"\x89PNG"), "{axis}-{stem}");
        assert!(plots.join(format!("{axis}-{stem}.svg")).is_file());
    }
    Ok(())
}

/// The facts of a size; only those that are not the base have grown.
fn sound(point: &Value, grown: bool) {
    let median = |member: &str| point[member]["median"].as_f64();
    assert!(median("first_call_ms") > median("listening_ms"), "{point}");
    assert!(median("cpu_us") > Some(0.0), "{point}");
    assert_eq!(median("cpu_of_base").is_some(), grown, "{point}");
    let rss = point["memory_at_start"]["rss_kib"].as_u64();
    assert!(rss > Some(1_000), "{point}");
}

#[test]
fn a_larger_policy_is_a_larger_snapshot_and_larger_bodies_cost_more() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("out");
    let measured = |axis: &str, sizes: &str, member: &str| -> anyhow::Result<(f64, f64)> {
        let out = file.to_string_lossy();
        let output = scale(&["--axes", axis, "--sizes", sizes, "--out", &out])?;
        assert!(output.status.success(), "{}", said(&output).1);
        let lines = lines(&file)?;
        let mut values = lines
            .iter()
            .filter_map(|line| line.pointer(member)?.as_f64());
        let mut next = || values.next().with_context(|| format!("no {member}"));
        Ok((next()?, next()?))
    };
    // The words and patterns of DLP are a good megabyte of every snapshot, so rows are told by what
    // they add.
    for axis in ["agents", "tools", "rules"] {
        let (small, large) = measured(axis, "10,2000", "/snapshot_bytes")?;
        let row = (large - small) / 1990.0;
        assert!(row > 16.0, "{axis}: {row} bytes a row");
    }
    for (axis, sizes, member, least) in [
        ("body", "100,100000", "/cpu_us/median", 1.5),
        // A verification each beside none.
        ("tokens", "5,66000", "/cpu_us/median", 1.05),
    ] {
        let (small, large) = measured(axis, sizes, member)?;
        assert!(large > small * least, "{axis}: {small} and {large}");
    }
    Ok(())
}

#[test]
fn axes_that_are_not_there_are_refused_with_those_that_are() -> anyhow::Result<()> {
    for (arguments, text) in [
        (
            ["--axes", "moons", "--rounds", "1"],
            "connections, idle, agents",
        ),
        (
            ["--axes", "tools,rules", "--sizes", "1"],
            "--sizes belong to one axis",
        ),
        (
            ["--axes", "tools", "--sizes", "1,2,1"],
            "1 stands there more than once",
        ),
        (["--seconds", "0", "--axes", "tools"], "--seconds"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_varistor-bench"))
            .arg("scale")
            .args(arguments)
            .output()?;
        let (_, errors) = said(&output);
        assert!(!output.status.success());
        assert!(errors.contains(text), "{text} is not in {errors}");
    }
    Ok(())
}
