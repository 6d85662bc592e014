//! What the load sends and when: mixes, ramps, steps; what it writes; what it refuses.

use std::net::TcpListener;

use crate::process::{Server, load, run};

#[test]
fn every_kind_of_a_mix_gets_the_answer_it_asks_for() -> anyhow::Result<()> {
    let server = Server::start(&["upstream", "--tools", "100"])?;
    let mix = "small=30,small-sse=10,medium=10,medium-sse=5,large=5,large-sse=5,huge=2,\
               huge-sse=2,upload=10,list=10,stream=10";
    for (driver, tools) in [("auto", "1"), ("epoll", "100")] {
        let mut arguments = vec!["--url", &server.url, "--rate", "500", "--duration", "0.6"];
        arguments.extend(["--connections", "8", "--mix", mix, "--era", "both"]);
        arguments.extend(["--tools", tools, "--driver", driver]);
        let (_, report) = load(&arguments)?;
        assert_eq!(report["errors"], 0, "{report}");
        let kinds = report["kinds"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let requests = |kind: &serde_json::Value| kind["requests"].as_u64().unwrap_or_default();
        assert_eq!(kinds.len(), 11);
        assert!(kinds.iter().all(|kind| requests(kind) > 0), "{report}");
        let sum: u64 = kinds.iter().map(requests).sum();
        assert_eq!(report["requests"].as_u64(), Some(sum));
    }
    Ok(())
}

#[test]
fn a_call_that_nobody_blocks_and_a_value_that_nobody_redacts_are_unexpected() -> anyhow::Result<()>
{
    let server = Server::start(&["upstream"])?;
    let mut arguments = vec!["--url", &server.url, "--rate", "200", "--duration", "0.3"];
    arguments.extend([
        "--mix",
        "small=2,blocked=1,redacted=1",
        "--connections",
        "4",
    ]);
    let (succeeded, report) = load(&arguments)?;
    assert!(succeeded);
    for kind in report["kinds"].as_array().into_iter().flatten() {
        let is_right = kind["kind"] == "small";
        assert_eq!(kind["errors"] == 0, is_right, "{report}");
        assert_eq!(kind["requests"] == 0, !is_right, "{report}");
        assert_eq!(kind["errors"], kind["unexpected"], "{report}");
    }
    Ok(())
}

#[test]
fn steps_and_ramps_are_reported_part_by_part() -> anyhow::Result<()> {
    let server = Server::start(&["upstream"])?;
    let pid = server.pid();
    for (pace, asked) in [
        (
            ["--steps", "100,300", "--step-seconds", "0.3"],
            [100.0, 300.0],
        ),
        (
            ["--ramp", "0.001:400", "--step-seconds", "0.3"],
            [100.0, 300.0],
        ),
    ] {
        let mut arguments = vec!["--url", &server.url, "--connections", "4", "--pid", &pid];
        arguments.extend(pace);
        if pace[0] == "--ramp" {
            arguments.extend(["--duration", "0.6"]);
        }
        let (_, report) = load(&arguments)?;
        assert_eq!(report["errors"], 0, "{report}");
        let steps = report["steps"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        assert_eq!(steps.len(), 2, "{report}");
        for (step, asked) in steps.iter().zip(asked) {
            let number = |name: &str| step[name].as_f64().unwrap_or_default();
            assert!((number("rate_asked") - asked).abs() < 1.0, "{report}");
            assert!((number("requests") - asked * 0.3).abs() <= 2.0, "{report}");
            assert!(number("cpu_us_per_request") > 0.1, "{report}");
        }
    }
    Ok(())
}

#[test]
fn latencies_can_be_written_for_the_plotter() -> anyhow::Result<()> {
    let server = Server::start(&["upstream"])?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("run.hgrm");
    let file = path.to_string_lossy();
    let mut arguments = vec!["--url", &server.url, "--rate", "200", "--duration", "0.2"];
    arguments.extend(["--hgrm", &file]);
    let (_, report) = load(&arguments)?;
    let text = std::fs::read_to_string(&path)?;
    let requests = report["requests"].as_u64().unwrap_or_default();
    assert!(
        text.contains(&format!("Total count    = {requests:12}]")),
        "{text}"
    );
    Ok(())
}

#[test]
fn people_get_a_table_and_progress_only_where_they_ask() -> anyhow::Result<()> {
    let server = Server::start(&["upstream"])?;
    let pace = ["--url", &server.url, "--rate", "100", "--duration", "1"];
    let (_, table, errors) = run(&[&pace[..], &["--progress", "--warmup", "0.1"]].concat())?;
    for part in ["open loop at 100/s", "p99.9", "driver ", "cpu of load"] {
        assert!(table.contains(part), "{table}");
    }
    assert!(
        errors.contains("1 of 1 s") && errors.contains("p99"),
        "{errors}"
    );
    let quick = ["--url", &server.url, "--rate", "100", "--duration", "0.1"];
    let (_, _, errors) = run(&quick)?;
    assert_eq!(errors, "");
    Ok(())
}

#[test]
fn what_cannot_be_done_is_refused_with_a_way_out() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("tokens");
    std::fs::write(&path, "\n")?;
    let tokens = path.to_string_lossy();
    // A port that was free a moment ago, so that nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let url = format!("http://{free}/mcp");
    for (arguments, says) in [
        (vec!["--closed"], "does a server listen there?"),
        (vec!["--rate", "0"], "--rate must be"),
        (vec!["--closed", "--rate", "5"], "cannot be used with"),
        (vec![], "required"),
        (vec!["--ramp", "100"], "as in 1000:20000"),
        (
            vec!["--closed", "--step-seconds", "1"],
            "needs --steps or --ramp",
        ),
        (vec!["--closed", "--tokens", &tokens], "write one a line"),
        (
            vec!["--closed", "--mix", "spec", "--request-bytes", "9"],
            "cannot be used with",
        ),
        (vec!["--closed", "--request-bytes", "9"], "the smallest has"),
        (vec!["--closed", "--header", "x"], "Name: value"),
        (vec!["--closed", "--ca", "x"], "for https://"),
        (
            vec!["--closed", "--sessions-per-connection", "2"],
            "needs --era legacy",
        ),
        (
            vec!["--closed", "--threads", "9", "--connections", "8"],
            "is more than",
        ),
        (vec!["--closed", "--pid", "4294967295"], "no such process"),
    ] {
        let (succeeded, _, errors) = run(&[&["--url", &url], &arguments[..]].concat())?;
        assert!(
            !succeeded && errors.contains(says),
            "{arguments:?}: {errors}"
        );
    }
    Ok(())
}
