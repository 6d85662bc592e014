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
use crate::servers::{Open, Server};

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
            let found = report::difference(&direct, &through);
            if !found.is_empty() {
                differences.push_str(&format!("{requirements} on {label}:\n{found}"));
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// The suite can't send a token, so a forwarder in front of the gateway adds it.
fn run_through(server: &Server, driver: Driver, requirements: &str) -> Report {
    let open = Open::start(server, driver);
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
