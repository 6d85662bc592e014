//! What the machine gives: room on the disk, a clock that goes forward, layers of the sandbox.

use std::path::Path;
use std::time::{Duration, SystemTime};

use varistor_snapshot::schema::Policy;

use super::Report;
use crate::quantities::{now_unix_ms, time_text};
use crate::snapshots;

const DISK: &str = "disk";
const CLOCK: &str = "clock";
const SANDBOX: &str = "sandbox";
/// Room under which the gateway's log soon has none, in bytes: some hours of a busy gateway.
const FREE_BYTES_MIN: u64 = 1 << 30;
/// What the reserve and the end of a segment want, in bytes; below it calls are denied.
const FREE_BYTES_NONE: u64 = 16 << 20;
/// A file that is newer than now by this is no matter of rounding.
const AHEAD: Duration = Duration::from_secs(60);

pub(super) fn look(policy: Option<&Policy>, report: &mut Report<'_>) {
    for name in ["audit", "state"] {
        let path = report.dir.root().join(name);
        if path.is_dir() {
            disk(&path, report);
        }
    }
    clock(report);
    sandbox(policy, report);
}

fn disk(path: &Path, report: &mut Report<'_>) {
    let shown = path.display();
    let room = match rustix::fs::statvfs(path) {
        Ok(room) => room,
        Err(error) => {
            report.problem(DISK, format!("{shown}: {error}"), "mount it");
            return;
        }
    };
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    let mebibytes = free >> 20;
    let mend = "make room, or take old segments away with `varictl audit retain`";
    if free < FREE_BYTES_NONE {
        report.problem(
            DISK,
            format!("{shown}: {mebibytes} MiB are free, so calls are denied"),
            mend,
        );
    } else if free < FREE_BYTES_MIN {
        report.warn(DISK, format!("{shown}: {mebibytes} MiB are free"), mend);
    } else {
        report.ok(DISK, format!("{shown}: {mebibytes} MiB are free"));
    }
    // File systems without a table of files say that they have none.
    if room.f_files > 0 && room.f_favail < 1000 {
        let found = format!("{shown}: room for {} more files", room.f_favail);
        report.problem(
            DISK,
            found,
            "remove files, or make a file system with more inodes",
        );
    }
}

/// A clock that was set back makes tokens live longer and certificates begin later.
fn clock(report: &mut Report<'_>) {
    let mend = "set it by NTP (systemd-timesyncd, chrony); tokens and certificates depend on it";
    let now = now_unix_ms();
    if let Ok(Some(current)) = snapshots::current(report.dir) {
        let compiled = current.policy().compiled_unix_ms.to_native();
        if compiled > now.saturating_add(60_000) {
            let when = time_text(compiled / 1000);
            let found = format!("the snapshot is of {when}, which is yet to come");
            report.problem(CLOCK, found, mend);
        }
    }
    let latest = SystemTime::now().checked_add(AHEAD);
    for folder in ["audit", "state"] {
        let files = std::fs::read_dir(report.dir.root().join(folder));
        let newer = files.into_iter().flatten().flatten().find(|file| {
            let changed = file.metadata().and_then(|data| data.modified());
            changed.is_ok_and(|changed| latest.is_some_and(|latest| changed > latest))
        });
        if let Some(file) = newer {
            let found = format!("{} was changed in the future", file.path().display());
            report.problem(CLOCK, found, mend);
        }
    }
    let daemon = Path::new("/run/systemd/timesync");
    if daemon.is_dir() && !daemon.join("synchronized").exists() {
        report.warn(
            CLOCK,
            "systemd-timesyncd has not set it since the start",
            mend,
        );
    }
    report.ok_if_quiet(CLOCK, "it is not behind what was written");
}

fn sandbox(policy: Option<&Policy>, report: &mut Report<'_>) {
    let rows = policy.into_iter().flat_map(|policy| &policy.servers);
    let kept: Vec<_> = rows
        .filter(|row| {
            row.stdio
                .as_ref()
                .is_some_and(|stdio| stdio.sandbox.is_some())
        })
        .map(|row| row.name.as_str())
        .collect();
    let layers = match varistor_sandbox::Sandbox::of_this_program() {
        Ok(sandbox) => sandbox.available(),
        Err(error) => {
            report.warn(SANDBOX, error.to_string(), "run `varictl sandbox layers`");
            return;
        }
    };
    for layer in layers.iter().filter(|layer| !layer.is_available) {
        let needed_by = match kept.as_slice() {
            [] => "no server of the policy needs it".to_owned(),
            servers => format!("servers in a sandbox: {}", servers.join(", ")),
        };
        let found = format!("{} is missing ({}); {needed_by}", layer.name, layer.detail);
        let mend = layer.remedy.clone().unwrap_or_default();
        // Which of them a server can do without depends on its profile; the gateway decides.
        report.warn(SANDBOX, found, mend);
    }
    report.ok_if_quiet(SANDBOX, "every layer is there");
}
