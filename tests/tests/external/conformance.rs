//! The official conformance suite counts the same through the gateway as without it.
//!
//! The counts of every scenario are compared, not exit codes: the suite exits with 0 for several
//! faults of a proxy that only lower a count.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use varistor_tests::process::Process;
use varistor_tests::{Driver, programs};

use crate::report::{self, Report};
use crate::servers::{Carrier, Open, Server};

/// A server to be started, and what its row of the policy says of eras.
type Row<'a> = (fn() -> Server, &'a str);

/// The frozen sets of requirements of the suite.
const REQUIREMENTS: [&str; 2] = ["2025-11-25", "2026-07-28"];

#[test]
fn the_official_suite_counts_the_same_through_the_gateway() {
    compare(Server::fixture);
}

#[test]
fn the_suite_counts_the_same_for_a_python_server() {
    compare(Server::python);
}

/// What no carrier of a server's messages can change; the rest of the matrix is `make conformance`.
#[test]
fn the_suite_counts_what_carriers_let_through() {
    let (stdio, events) = (Server::python_over_stdio, Server::python_over_event_stream);
    let rows = [(stdio as fn() -> Server, "own"), (events, "bridged")];
    matrix(&rows, &["2026-07-28"]);
}

/// Every carrier, with eras of its own and bridged, in both eras. It takes minutes, so `make test`
/// has a part of it.
#[test]
fn the_whole_matrix_of_carriers_and_eras() {
    if std::env::var_os("VARISTOR_MATRIX").is_none() {
        return;
    }
    let carriers: [fn() -> Server; 4] = [
        Server::fixture,
        Server::python,
        Server::python_over_stdio,
        Server::python_over_event_stream,
    ];
    let rows: Vec<_> = carriers
        .into_iter()
        .flat_map(|carrier| ["own", "bridged"].map(|eras| (carrier, eras)))
        .collect();
    matrix(&rows, &REQUIREMENTS);
}

/// Runs the suite through the gateway at each of these servers and prints what it counts beside
/// what it counts without the gateway, with the scenarios that differ. The scenarios that may are
/// named here, each with the reason.
fn matrix(rows: &[Row<'_>], requirements: &[&str]) {
    let mut wrong = String::new();
    for requirements in requirements {
        for (start, eras) in rows {
            let server = start();
            let old = matches!(server.carrier, Carrier::EventStream(_)) && *eras == "own";
            if old && *requirements == "2026-07-28" {
                // It knows no such version; bridged, it is asked all the same.
                continue;
            }
            let direct = run(&server.url(), requirements);
            drop(server);
            let server = start();
            let row = format!("eras: {eras}");
            let through = run_with(&server, Driver::Epoll, &row, requirements);
            let label = format!("{} {eras}", server.kind());
            println!(
                "{label:<28} {requirements} direct {} through {}",
                report::sums(&direct),
                report::sums(&through)
            );
            let different = report::difference(&direct, &through);
            for (scenario, how) in different {
                let known = expected(&server, eras, &scenario);
                println!("    {scenario}: {}", known.unwrap_or(&how));
                if known.is_none() {
                    wrong.push_str(&format!("{label} {requirements} {scenario}: {how}\n"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Each run has a server of its own, so that none sees what another has left behind.
fn compare(start: fn() -> Server) {
    let mut differences = String::new();
    for requirements in REQUIREMENTS {
        let direct = {
            let server = start();
            run(&server.url(), requirements)
        };
        let name = start().name;
        println!(
            "{name:<10} {requirements} direct    {}",
            report::sums(&direct)
        );
        for driver in [Driver::IoUring, Driver::Epoll] {
            let through = run_through(&start(), driver, requirements);
            let label = driver.name();
            println!(
                "{name:<10} {requirements} {label:<9} {}",
                report::sums(&through)
            );
            for (scenario, how) in report::difference(&direct, &through) {
                differences.push_str(&format!("{requirements} on {label}: {scenario}: {how}"));
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// Why this scenario counts otherwise with this carrier; nothing when it must not.
fn expected(server: &Server, eras: &str, scenario: &str) -> Option<&'static str> {
    let is_http = matches!(server.carrier, Carrier::Http);
    match scenario {
        "server-sse-multiple-streams" if eras == "bridged" || !is_http => {
            Some("an answer that needs no stream is a document")
        }
        "server-sse-polling" if !is_http => Some("only HTTP streams can be taken up again"),
        _ => None,
    }
}

/// The suite can't send a token, so a forwarder in front of the gateway adds it.
fn run_through(server: &Server, driver: Driver, requirements: &str) -> Report {
    run_with(server, driver, "eras: own", requirements)
}

fn run_with(server: &Server, driver: Driver, row: &str, requirements: &str) -> Report {
    let open = Open::start_with(server, driver, row);
    let forwarder = Process::start(&programs::node(), |command| {
        command.arg(programs::folder().join("node/with-token.mjs"));
        command.arg(format!("http://{}", open.gateway.address()));
        command.env("TOKEN", &open.token);
    });
    let address = forwarder.wait_for_address();
    let report = run(
        &format!("http://{address}/mcp/{}", server.name),
        requirements,
    );
    drop(forwarder);
    open.gateway.stop();
    open.policy.verify_audit();
    report
}

fn run(url: &str, requirements: &str) -> Report {
    let results = TempDir::new().expect("a folder");
    let package = "node/node_modules/@modelcontextprotocol/conformance/dist/index.js";
    // The suite's test against DNS rebinding wants a URL with `localhost`.
    let url = url.replace("127.0.0.1", "localhost");
    let output = Command::new(programs::node())
        .arg(programs::folder().join(package))
        .args([
            "server",
            "--url",
            &url,
            "--requirements",
            requirements,
            "-o",
        ])
        .arg(results.path())
        .stdin(Stdio::null())
        .output()
        .expect("the suite runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("Total:"), "the suite did not finish: {said}");
    keep(results.path(), url.as_str());
    report::read(results.path())
}

/// Where `VARISTOR_KEEP_RESULTS` names a folder, what the suite wrote is kept there.
fn keep(results: &Path, url: &str) {
    let Some(folder) = std::env::var_os("VARISTOR_KEEP_RESULTS") else {
        return;
    };
    let name = url.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let target = Path::new(&folder).join(name);
    let copied = Command::new("cp")
        .arg("-r")
        .arg(results)
        .arg(&target)
        .status();
    assert!(
        copied.is_ok_and(|status| status.success()),
        "{}",
        target.display()
    );
}
