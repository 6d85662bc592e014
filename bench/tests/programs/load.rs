//! The load counts what happens, no more and no less.

use crate::process::{Server, load};

#[test]
fn a_closed_loop_gives_no_errors_and_the_cpu_time_of_the_server() -> anyhow::Result<()> {
    for extra in [["--era", "modern"], ["--era", "legacy"]] {
        let server = Server::start(&["upstream"])?;
        let pid = server.pid();
        let mut arguments = vec!["--url", &server.url, "--closed", "--connections", "4"];
        arguments.extend(["--duration", "0.4", "--request-bytes", "400", "--pid", &pid]);
        arguments.extend(extra);
        let (succeeded, report) = load(&arguments)?;
        assert!(succeeded);
        assert_eq!(report["errors"], 0, "{report}");
        let requests = report["requests"].as_u64().unwrap_or_default();
        assert!(requests > 100, "{report}");
        let latency = &report["latency_us"];
        assert!(
            latency["p50"].as_f64() <= latency["max"].as_f64(),
            "{report}"
        );
        let cpu = report["cpu"][0]["us_per_request"]
            .as_f64()
            .unwrap_or_default();
        assert!(cpu > 0.1 && cpu < 10_000.0, "{report}");
    }
    Ok(())
}

#[test]
fn an_open_loop_keeps_its_rate_and_counts_from_the_intended_start() -> anyhow::Result<()> {
    let server = Server::start(&["upstream", "--delay-ms", "20", "--sse"])?;
    // One connection answers 50 calls a second at most, so that calls have to wait for it.
    let arguments = ["--rate", "100", "--connections", "1", "--duration", "1"];
    let (_, report) = load(&[&["--url", server.url.as_str()], arguments.as_slice()].concat())?;
    assert_eq!(
        report["errors"].as_u64(),
        report["unanswered"].as_u64(),
        "{report}"
    );
    let begun = report["requests"].as_u64().unwrap_or_default()
        + report["unanswered"].as_u64().unwrap_or_default();
    assert!((95..=101).contains(&begun), "{report}");
    let worst = report["latency_us"]["max"].as_f64().unwrap_or_default();
    assert!(
        worst > 200_000.0,
        "the wait for the connection is missing: {report}"
    );
    Ok(())
}

#[test]
fn wrong_and_broken_answers_are_errors() -> anyhow::Result<()> {
    for (fault, counter) in [
        ("wrong-id", "wrong"),
        ("half", "broken"),
        ("reset", "broken"),
    ] {
        let server = Server::start(&["upstream", "--faults", fault, "--fault-every", "10"])?;
        let arguments = ["--closed", "--connections", "2", "--duration", "0.3"];
        let (_, report) = load(&[&["--url", server.url.as_str()], arguments.as_slice()].concat())?;
        let good = report["requests"].as_u64().unwrap_or_default();
        let errors = report[counter].as_u64().unwrap_or_default();
        assert_eq!(report["errors"].as_u64(), Some(errors), "{report}");
        let share = errors as f64 / (good + errors) as f64;
        assert!((0.05..0.15).contains(&share), "{report}");
    }
    Ok(())
}

#[test]
fn denied_calls_are_right_where_they_are_expected() -> anyhow::Result<()> {
    let server = Server::start(&["crm"])?;
    let call = [
        "--tool",
        "get_customer",
        "--arguments",
        r#"{"id":"nobody"}"#,
        "--closed",
    ];
    let run = ["--connections", "2", "--duration", "0.2"];
    let arguments = [
        &["--url", server.url.as_str()],
        call.as_slice(),
        run.as_slice(),
    ]
    .concat();
    let (succeeded, report) = load(&arguments)?;
    assert!(!succeeded);
    assert_eq!(report["requests"], 0);
    assert_eq!(report["errors"], report["unexpected"]);
    let (succeeded, report) = load(&[arguments.as_slice(), &["--expect-denied"]].concat())?;
    assert!(succeeded);
    assert_eq!(report["errors"], 0);
    Ok(())
}
