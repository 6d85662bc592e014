//! A comparison through the built program: its table, its file, its plots, and what fails it.

use std::process::{Command, Output};
use std::time::Instant;

use anyhow::Context;
use serde_json::Value;

use crate::process::Server;

/// Runs a short comparison.
fn compare(arguments: &[&str]) -> anyhow::Result<Output> {
    let command = [
        "compare",
        "--rounds",
        "2",
        "--seconds",
        "0.3",
        "--warmup",
        "0.1",
    ];
    // One core for both, so that the test runs on any machine.
    let cores = ["--gateway-cores", "0", "--load-cores", "0"];
    Ok(Command::new(env!("CARGO_BIN_EXE_varistor-bench"))
        .args(command)
        .args(cores)
        .args(arguments)
        .output()?)
}

/// A proxy that runs already, as `--target` names it.
fn target(name: &str, upstream: &Server) -> anyhow::Result<(Server, String)> {
    let proxy = Server::start(&["proxy", "--upstream", upstream.address()])?;
    let (url, pid) = (&proxy.url, proxy.pid());
    let target =
        format!("{name}={url},pid={pid},header=X-One: s3cret, s3cret,header=X-Two: s3cret");
    Ok((proxy, target))
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_comparison_prints_a_table_and_keeps_every_number() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let upstream = Server::start(&["upstream"])?;
    let (_proxy, target) = target("mine", &upstream)?;
    let (file, plots) = (folder.path().join("run.jsonl"), folder.path().join("plots"));
    let (out, plot) = (file.to_string_lossy(), plots.to_string_lossy());
    let output = compare(&[
        "--gateways",
        "direct,bare",
        "--target",
        &target,
        "--connections",
        "2,4",
        "--upstream",
        &upstream.url,
        "--out",
        &out,
        "--plot",
        &plot,
    ])?;
    let (table, errors) = said(&output);
    assert!(output.status.success(), "{errors}");
    for text in [
        "closed loop, 2 connections",
        "closed loop, 4 connections",
        "CPU us/call",
    ] {
        assert!(table.contains(text), "{text} is not in {table}");
    }
    for name in ["direct", "bare", "mine"] {
        let starts = |line: &&str| line.trim_start().starts_with(name);
        assert_eq!(table.lines().filter(starts).count(), 5, "{name}: {table}");
    }
    let text = std::fs::read_to_string(&file)?;
    let lines: Vec<Value> = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let (head, rows) = lines.split_first().context("no line")?;
    assert!(head["run"]["kernel"].is_string() && head["run"]["command"][1] == "compare");
    assert!(head["load_average_after"].is_string(), "{head}");
    // Headers hold tokens.
    assert!(
        text.contains("header=X-One: ***,header=X-Two: ***"),
        "{head}"
    );
    assert!(
        !text.contains("s3cret") && !table.contains("s3cret"),
        "{text}"
    );
    // Two rounds, two numbers of connections, three gateways.
    assert_eq!(rows.len(), 12, "{text}");
    for row in rows {
        assert_eq!(row["report"]["errors"], 0, "{row}");
        let cpu = row["cpu_per_call"]["total_us"]
            .as_f64()
            .context("no CPU time")?;
        assert_eq!(cpu > 0.0, row["gateway"] != "direct", "{row}");
        let rss = row["memory"]["rss_kib"].as_u64().context("no memory")?;
        assert_eq!(rss > 500, row["gateway"] != "direct", "{row}");
        if row["gateway"] != "direct" {
            // These processes are ours, so that their peaks can be reset.
            assert_eq!(row["memory"]["peak_since"], "reset", "{row}");
            let share = row["core_share"].as_f64().context("no share")?;
            assert!(share > 0.01 && share < 1.1, "{row}");
        }
    }
    // The second round runs backwards.
    let first_of = |round: u64| rows.iter().find(|row| row["round"] == round);
    assert_ne!(
        first_of(0).map(|r| &r["gateway"]),
        first_of(1).map(|r| &r["gateway"])
    );
    // Both go as fast as they can: the difference in latency means nothing.
    assert!(!table.contains("p50 added"), "{table}");
    assert!(!plots.join("closed-added-p50.svg").exists());
    for stem in ["closed-cpu", "closed-rate"] {
        let svg = std::fs::read_to_string(plots.join(format!("{stem}.svg")))?;
        assert!(svg.contains("4 connections"), "{stem}");
        let png = std::fs::read(plots.join(format!("{stem}.png")))?;
        assert!(
            png.starts_with(b"\x89PNG") && png.ends_with(b"IEND\xaeB`\x82"),
            "{stem}"
        );
    }
    Ok(())
}

#[test]
fn our_gateway_is_compared_at_half_and_double_load_and_its_log_is_verified() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let plot = folder.path().to_string_lossy();
    let output = compare(&[
        "--gateways",
        "direct,varistor-epoll,varistor-off",
        "--connections",
        "4",
        "--load",
        "closed,half,double",
        "--plot",
        &plot,
    ])?;
    let (table, errors) = said(&output);
    assert!(output.status.success(), "{errors}");
    for text in [
        "half of each gateway's capacity",
        "goodput %",
        "p50 added",
        "p99 added",
        "500 B out",
    ] {
        assert!(table.contains(text), "{text} is not in {table}");
    }
    for pace in ["closed", "half", "double"] {
        let drawn = folder.path().join(format!("{pace}-added-p99.svg")).exists();
        assert_eq!(drawn, pace == "half", "{pace}");
    }
    for name in ["varistor-epoll", "varistor-off"] {
        assert!(
            errors.contains(&format!("audit log of {name}:")),
            "{errors}"
        );
    }
    Ok(())
}

#[test]
fn nginx_and_haproxy_serve_in_a_comparison() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("run.jsonl");
    let out = file.to_string_lossy();
    let arguments = ["--gateways", "nginx,haproxy", "--connections", "4", "--out"];
    let output = compare(&[arguments.as_slice(), &[&*out]].concat())?;
    let (table, errors) = said(&output);
    assert!(output.status.success(), "{errors}");
    assert!(table.contains("haproxy, keep-alive"), "{table}");
    for line in std::fs::read_to_string(&file)?.lines().skip(1) {
        let row: Value = serde_json::from_str(line)?;
        let cpu = &row["report"]["cpu"][0];
        // What serves in nginx is a child of the process that was started.
        let processes = if row["gateway"] == "nginx" { 2 } else { 1 };
        assert_eq!(cpu["processes"], processes, "{row}");
        assert!(cpu["us_per_request"].as_f64() > Some(1.0), "{row}");
    }
    Ok(())
}

#[test]
fn a_gateway_that_stops_answering_fails_the_comparison_in_bounded_time() -> anyhow::Result<()> {
    let begun = Instant::now();
    let upstream = ["upstream", "--faults", "silent", "--fault-every", "2"];
    let hanging = Server::start(&upstream)?;
    let arguments = ["--gateways", "direct", "--upstream", &hanging.url];
    let load = ["--rate", "200", "--connections", "4"];
    let output = compare(&[arguments, load].concat())?;
    let (_, errors) = said(&output);
    assert!(!output.status.success());
    assert!(
        errors.contains("calls unanswered, and too many"),
        "{errors}"
    );
    // Three tries, each with 5 s for the last answers.
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    Ok(())
}

#[test]
fn a_target_that_answers_wrongly_fails_with_its_name_and_an_example() -> anyhow::Result<()> {
    for every in ["1", "50"] {
        let liar = Server::start(&["upstream", "--faults", "wrong-id", "--fault-every", every])?;
        let target = format!("liar={}", liar.url);
        let output = compare(&["--gateways", "direct", "--target", &target])?;
        let (_, errors) = said(&output);
        assert!(!output.status.success());
        for text in ["liar", &liar.url, "another-request"] {
            assert!(errors.contains(text), "{text} is not in {errors}");
        }
    }
    Ok(())
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_is_measured() -> anyhow::Result<()> {
    for (arguments, text) in [
        (["--target", "x=ftp://y"], "ftp://y"),
        (["--seconds", "0"], "--seconds"),
        (["--load-cores", "4096"], "4096"),
        (["--target", "gone=http://127.0.0.1:1/mcp"], "gone"),
    ] {
        let gateways = ["--gateways", "direct"];
        let output = Command::new(env!("CARGO_BIN_EXE_varistor-bench"))
            .args(["compare", "--gateway-cores", "0"])
            .args([gateways, arguments].concat())
            .output()?;
        let (table, errors) = said(&output);
        assert!(!output.status.success() && table.is_empty(), "{table}");
        assert!(errors.contains(text), "{text} is not in {errors}");
    }
    Ok(())
}
