//! What the gateway tells about itself: `varictl status` and Prometheus.

use core::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use varistor_ledger::{Distribution, LedgerState};

use super::metric::metric;
use super::{
    Control, channels, checkpoints, guards, identity, lent, oauth, stdio, tools, witnesses,
};

/// The body of `GET /v1/status`.
pub(super) fn status(control: &Control) -> Value {
    let published = control.hub.published();
    let policy = published.serving.policy();
    let counters = &control.hub.counters;
    let ledger = control.ledger.state();
    let servers: Vec<_> = published
        .upstreams
        .iter()
        .enumerate()
        .map(|(at, upstream)| {
            let addresses = upstream.addresses.load();
            let mut row = json!({
                "name": upstream.name,
                "host": upstream.host,
                "port": upstream.port,
                "addresses": addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "state": if addresses.is_empty() { "unresolved" } else { "up" },
            });
            stdio::add_status(control, &upstream.name, &mut row);
            oauth::add_status(control, &upstream.name, &mut row);
            guards::add_status(control, &published, at, &mut row);
            row
        })
        .collect();
    let (known, quarantined) = tools::counts(control);
    let killed = control.switch.list().into_iter();
    let killed: Vec<_> = killed.map(|row| row.selector.to_string()).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "pid": std::process::id(),
        "driver": control.driving.name(),
        "driver_detail": control.driving.detail(),
        "workers": control.workers,
        "uptime_s": control.began.elapsed().as_secs(),
        "listen": control.bound.to_string(),
        "generation": published.serving.generation(),
        "snapshot_sha256": hex(published.serving.snapshot().digest()),
        "snapshot_bytes": published.serving.snapshot().bytes(),
        "snapshot_compiled_unix_ms": policy.compiled_unix_ms.to_native(),
        "connections": counters.connections.load(Ordering::Relaxed),
        "calls": counters.requests.load(Ordering::Relaxed),
        "denied": counters.denied.load(Ordering::Relaxed),
        "failed": counters.failed.load(Ordering::Relaxed),
        "shed": counters.shed.load(Ordering::Relaxed),
        "shedding": guards::is_shedding(&published, counters),
        "panics": counters.panics.load(Ordering::Relaxed),
        "audit": audit(control, &ledger),
        "approvals": approvals(control),
        "tools": { "known": known, "quarantined": quarantined },
        "killed": killed,
        "kill_kept": control.switch.is_kept(),
        "servers": servers,
        "identity_providers": identity::status(control),
        "secrets": lent::status(control),
        "notices": channels::status(&control.hub.notices),
        "draining": control.hub.is_draining(),
    })
}

/// How the log is doing, and how far it is signed.
fn audit(control: &Control, ledger: &LedgerState) -> Value {
    let evidence = ledger.evidence.as_ref();
    let mut audit = json!({
        "seq": ledger.seq,
        "segment": ledger.segment,
        "state": if ledger.failed { "failed" } else { "ok" },
        "depth": ledger.depth,
        "signed_seq": evidence.map(|evidence| evidence.signed_seq),
        "key": evidence.map(|evidence| evidence.epoch),
        "anchor": evidence.map(|evidence| evidence.anchor.as_str()),
        "signing_error": evidence.and_then(|evidence| evidence.error.as_deref()),
    });
    witnesses::status(control, &mut audit);
    checkpoints::status(control, &mut audit);
    audit
}

/// The audit log.
fn log(control: &Control, ledger: &LedgerState, text: &mut String) {
    let published = control.hub.published();
    if let Some(privates) = published.serving.privates() {
        let help = "Calls refused because no salt or envelope was there for their record.";
        let name = "audit_private_refused_total";
        metric(text, name, ("counter", help), privates.missed());
    }
    writing(ledger, text);
    signing(ledger, text);
    witnesses::metrics(control, text);
    identity::metrics(control, text);
    lent::metrics(control, text);
    oauth::metrics(control, text);
    checkpoints::metrics(control, text);
}

/// How far the log is signed.
fn signing(ledger: &LedgerState, text: &mut String) {
    let Some(evidence) = &ledger.evidence else {
        return;
    };
    let mut gauge = |name, help, value| metric(text, name, ("gauge", help), value);
    gauge(
        "audit_signed_seq",
        "Records before this number are signed.",
        evidence.signed_seq,
    );
    gauge(
        "audit_signing_failed",
        "1 while the newest checkpoint or key of the audit log can't be written.",
        u64::from(evidence.error.is_some()),
    );
}

/// How deep the rings are, how large batches and how slow the disk.
fn writing(ledger: &LedgerState, text: &mut String) {
    let depth = ledger.depth as u64;
    let help = "Records that wait in the rings of workers.";
    metric(text, "audit_ring_records", ("gauge", help), depth);
    let help = "Records refused because the disk failed.";
    metric(
        text,
        "audit_refused_total",
        ("counter", help),
        ledger.refused,
    );
    let help = "Records written at once.";
    histogram(
        text,
        ("audit_batch_records", help),
        &ledger.batch_records,
        1.0,
    );
    let help = "Time to write a batch to the kernel.";
    histogram(text, ("audit_write_seconds", help), &ledger.write_ns, 1e-9);
    let help = "Time to bring what was written to the device.";
    histogram(text, ("audit_sync_seconds", help), &ledger.sync_ns, 1e-9);
}

/// A histogram in the Prometheus text format; values are multiplied with `unit`.
fn histogram(text: &mut String, (name, help): (&str, &str), of: &Distribution, unit: f64) {
    let mut line = |line: core::fmt::Arguments<'_>| {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{line}");
    };
    line(format_args!("# HELP varistor_{name} {help}"));
    line(format_args!("# TYPE varistor_{name} histogram"));
    for (bound, count) in &of.upto {
        let bound = *bound as f64 * unit;
        line(format_args!(
            "varistor_{name}_bucket{{le=\"{bound}\"}} {count}"
        ));
    }
    let (count, sum) = (of.count, of.sum as f64 * unit);
    line(format_args!(
        "varistor_{name}_bucket{{le=\"+Inf\"}} {count}"
    ));
    line(format_args!("varistor_{name}_sum {sum}"));
    line(format_args!("varistor_{name}_count {count}"));
}

/// Calls that wait for a human, and who waits for them.
fn approvals(control: &Control) -> Value {
    let counts = control.hub.holds.counts();
    json!({
        "pending": counts.pending,
        "decided": counts.decided,
        "windows": counts.windows,
        "waiters": counts.waiters,
    })
}

/// The body of `GET /v1/metrics`, in the Prometheus text format.
pub(super) fn metrics(control: &Control) -> String {
    let counters = &control.hub.counters;
    let ledger = control.ledger.state();
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let mut text = String::with_capacity(2048);
    let mut gauge = |name, help, value| metric(&mut text, name, ("gauge", help), value);
    gauge(
        "connections",
        "Open client connections.",
        read(&counters.connections),
    );
    let killed = control.switch.list().len() as u64;
    gauge("killed", "What the kill switch has stopped.", killed);
    let generation = control.hub.published().serving.generation();
    gauge(
        "snapshot_generation",
        "The generation that serves.",
        generation,
    );
    gauge("audit_seq", "The next record's number.", ledger.seq);
    gauge(
        "audit_failed",
        "1 while records can't be written.",
        u64::from(ledger.failed),
    );
    let mut counter = |name, help, value| metric(&mut text, name, ("counter", help), value);
    counter(
        "accepted_total",
        "Connections accepted.",
        read(&counters.accepted),
    );
    counter(
        "requests_total",
        "Requests with a sound head.",
        read(&counters.requests),
    );
    counter("denied_total", "Requests refused.", read(&counters.denied));
    counter(
        "failed_total",
        "Requests forwarded without an answer.",
        read(&counters.failed),
    );
    counter(
        "panics_total",
        "Connections that ended in a panic.",
        read(&counters.panics),
    );
    counter(
        "snapshot_swaps_total",
        "Snapshots swapped in.",
        read(&counters.swaps),
    );
    log(control, &ledger, &mut text);
    guards::metrics(control, &mut text);
    stdio::metrics(control, &mut text);
    placeholders(control, &mut text);
    people(control, &mut text);
    pins(control, &mut text);
    let (driver, detail) = (control.driving.name(), control.driving.detail());
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "# HELP varistor_driver_info The driver of the sockets.\n# TYPE varistor_driver_info \
         gauge\nvaristor_driver_info{{driver=\"{driver}\",detail=\"{detail}\"}} 1"
    );
    text
}

/// What people are asked and told.
fn people(control: &Control, text: &mut String) {
    let pending = control.hub.holds.counts().pending as u64;
    let help = "Calls that wait for a human's approval.";
    metric(text, "approvals_pending", ("gauge", help), pending);
    for (name, kind, help, value) in channels::metrics(&control.hub.notices) {
        metric(text, name, (kind, help), value);
    }
}

fn placeholders(control: &Control, text: &mut String) {
    let (kept, refused) = control.hub.shelf.counts();
    let help = "Values that placeholders can be turned back to.";
    metric(text, "placeholders_kept", ("gauge", help), kept);
    let help = "Values that found no room, so that their placeholders are irreversible.";
    let name = "placeholders_refused_total";
    metric(text, name, ("counter", help), refused);
}

fn pins(control: &Control, text: &mut String) {
    let (known, quarantined) = tools::counts(control);
    let help = "Tools whose definitions are known.";
    metric(text, "tools_known", ("gauge", help), known);
    let help = "Tools that wait for `varictl tools approve`.";
    metric(text, "tools_quarantined", ("gauge", help), quarantined);
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
