//! The running gateway: whether it answers, what drives it, whether it serves this policy, and
//! whether clients reach it.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use serde::Deserialize;
use varistor_snapshot::schema::Policy;

use super::Report;
use crate::admin::{self, AdminError, Gateway, Question};
use crate::snapshots;

const GATEWAY: &str = "gateway";
const DRIVER: &str = "driver";
const WAY: &str = "way";
/// Longest wait for a connection.
const PATIENCE: Duration = Duration::from_secs(2);
/// `runtime.driver` in a snapshot.
const IO_URING: u8 = 1;

/// What the gateway says of itself, as far as it matters here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    driver: String,
    driver_detail: String,
    listen: String,
    generation: u64,
    audit: Audit,
    servers: Vec<Server>,
    killed: Vec<String>,
    kill_kept: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Audit {
    state: String,
    signing_error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Server {
    name: String,
    state: String,
    breaker: String,
    breaker_cause: String,
}

pub(super) fn look(policy: Option<&Policy>, report: &mut Report<'_>) {
    let dir = report.dir;
    let gateway = [Gateway::Socket(dir.socket())];
    let asked = admin::ask(&gateway, &Question::Get("/v1/status".to_owned()));
    let answer = asked.map(|mut answers| answers.pop());
    let status: Status = match answer {
        Ok(Some(Ok(answer))) => match serde_json::from_slice(&answer.body) {
            Ok(status) => status,
            Err(error) => {
                let found = format!("its status can't be read: {error}");
                report.problem(GATEWAY, found, "run varistor and varictl of one version");
                return;
            }
        },
        Ok(Some(Err(error @ AdminError::NotRunning(_)))) => {
            let mend = format!("varistor --dir {}", dir.root().display());
            report.warn(GATEWAY, error.to_string(), mend);
            without(policy, report);
            return;
        }
        Ok(Some(Err(error))) => {
            let mend = format!(
                "run this as the gateway's user; its log and {} say more",
                dir.socket().display()
            );
            report.problem(GATEWAY, error.to_string(), mend);
            return;
        }
        Ok(None) => return,
        Err(error) => {
            report.problem(GATEWAY, format!("{error:#}"), "run it again");
            return;
        }
    };
    driver(&status, policy, report);
    state(&status, report);
    way(&status.listen, report);
}

/// What can be said of the driver without a gateway.
fn without(policy: Option<&Policy>, report: &mut Report<'_>) {
    let setting = std::fs::read_to_string("/proc/sys/kernel/io_uring_disabled");
    let is_forced = policy.is_some_and(|policy| policy.runtime.driver == IO_URING);
    let mend = "sysctl kernel.io_uring_disabled=0, or let the gateway drive sockets by epoll";
    match setting.as_deref().map(str::trim) {
        Ok("2") if is_forced => {
            let found = "the policy wants io_uring, and this kernel has it switched off";
            report.problem(DRIVER, found, mend);
        }
        Ok(number @ ("1" | "2")) => {
            let found =
                format!("io_uring is off (kernel.io_uring_disabled={number}), so epoll is used");
            report.warn(DRIVER, found, mend);
        }
        _ => report.ok(
            DRIVER,
            "io_uring is not switched off; the gateway tells when it runs",
        ),
    }
}

fn driver(status: &Status, policy: Option<&Policy>, report: &mut Report<'_>) {
    let Status {
        driver,
        driver_detail,
        ..
    } = status;
    let found = format!("{driver} ({driver_detail})");
    let is_auto = policy.is_none_or(|policy| policy.runtime.driver == 0);
    if driver == "epoll" && is_auto {
        let mend = "permit the system calls io_uring_setup, io_uring_enter and io_uring_register \
                    to it (containers often forbid them), and set kernel.io_uring_disabled=0; \
                    or say `runtime: { driver: epoll }`";
        report.warn(DRIVER, found, mend);
    } else {
        report.ok(DRIVER, found);
    }
}

fn state(status: &Status, report: &mut Report<'_>) {
    let flag = report.dir.flag();
    let current = snapshots::current(report.dir).ok().flatten();
    let current = current.map_or(0, |current| current.generation());
    if status.generation != current {
        let found = format!(
            "it serves generation {}; the newest is {current}",
            status.generation
        );
        report.warn(GATEWAY, found, format!("varictl push{flag}"));
    }
    if !["", "ok", "good", "writing"].contains(&status.audit.state.as_str()) {
        let found = format!("its audit log is in the state `{}`", status.audit.state);
        report.problem(
            GATEWAY,
            found,
            "make room on the disk of the log; its own log says more",
        );
    }
    if let Some(error) = &status.audit.signing_error {
        let found = format!("the audit log is not signed: {error}");
        report.problem(GATEWAY, found, "look at the keys in state/ and at the disk");
    }
    if !status.killed.is_empty() {
        let found = format!("stopped by the kill switch: {}", status.killed.join(", "));
        report.warn(
            GATEWAY,
            found,
            format!("`varictl kill --list{flag}`, then `varictl revive`"),
        );
    }
    if status.kill_kept == Some(false) {
        let found = "what is stopped is not on the disk, so a restart would forget it";
        report.problem(
            GATEWAY,
            found,
            "make room on the disk of state/, then stop it again",
        );
    }
    for server in &status.servers {
        if server.breaker == "open" || server.state.contains("fail") {
            let found = format!(
                "server {}: {} {}",
                server.name, server.state, server.breaker_cause
            );
            report.warn(
                GATEWAY,
                found,
                "start it, or mend its URL or credential in the policy",
            );
        }
    }
    let found = format!(
        "it serves generation {} at {}",
        status.generation, status.listen
    );
    report.ok_if_quiet(GATEWAY, found);
}

/// Whether a client's connection is taken.
fn way(listen: &str, report: &mut Report<'_>) {
    let addresses = listen.to_socket_addrs().into_iter().flatten();
    let mut near = addresses.map(|mut address| {
        if address.ip().is_unspecified() {
            address.set_ip(match address.is_ipv4() {
                true => std::net::Ipv4Addr::LOCALHOST.into(),
                false => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        address
    });
    let Some(address) = near.next() else { return };
    match TcpStream::connect_timeout(&address, PATIENCE) {
        Ok(_) => report.ok(WAY, format!("clients are taken at {address}")),
        Err(error) => report.problem(
            WAY,
            format!("no connection to {address}: {error}"),
            "look at firewall rules, and whether something else has that port",
        ),
    }
}
