//! What the gateway tells about itself: `varictl status` and Prometheus.

use core::fmt::Write as _;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::Control;

/// The body of `GET /v1/status`.
pub(super) fn status(control: &Control) -> Value {
    let published = control.hub.published();
    let policy = published.serving.policy();
    let counters = &control.hub.counters;
    let ledger = control.ledger.state();
    let servers: Vec<_> = published
        .upstreams
        .iter()
        .map(|upstream| {
            let addresses = upstream.addresses.load();
            json!({
                "name": upstream.name,
                "host": upstream.host,
                "port": upstream.port,
                "addresses": addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "state": if addresses.is_empty() { "unresolved" } else { "up" },
            })
        })
        .collect();
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
        "panics": counters.panics.load(Ordering::Relaxed),
        "audit": {
            "seq": ledger.seq,
            "segment": ledger.segment,
            "state": if ledger.failed { "failed" } else { "ok" },
            "depth": ledger.depth,
        },
        "servers": servers,
        "draining": control.hub.is_draining(),
    })
}

/// The body of `GET /v1/metrics`, in the Prometheus text format.
pub(super) fn metrics(control: &Control) -> String {
    let counters = &control.hub.counters;
    let ledger = control.ledger.state();
    let generation = control.hub.published().serving.generation();
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let rows: [(&str, &str, &str, u64); 10] = [
        (
            "varistor_connections",
            "gauge",
            "Open client connections.",
            count(&counters.connections),
        ),
        (
            "varistor_accepted_total",
            "counter",
            "Connections accepted.",
            count(&counters.accepted),
        ),
        (
            "varistor_requests_total",
            "counter",
            "Requests with a sound head.",
            count(&counters.requests),
        ),
        (
            "varistor_denied_total",
            "counter",
            "Requests refused.",
            count(&counters.denied),
        ),
        (
            "varistor_failed_total",
            "counter",
            "Forwarded, no answer passed.",
            count(&counters.failed),
        ),
        (
            "varistor_panics_total",
            "counter",
            "Connections that panicked.",
            count(&counters.panics),
        ),
        (
            "varistor_snapshot_generation",
            "gauge",
            "The generation that serves.",
            generation,
        ),
        (
            "varistor_snapshot_swaps_total",
            "counter",
            "Snapshots swapped in.",
            count(&counters.swaps),
        ),
        (
            "varistor_audit_seq",
            "gauge",
            "The next record's number.",
            ledger.seq,
        ),
        (
            "varistor_audit_failed",
            "gauge",
            "1 while records can't be written.",
            u64::from(ledger.failed),
        ),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in rows {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
        );
    }
    let _ = writeln!(
        text,
        "# HELP varistor_driver_info The driver of the sockets.\n# TYPE varistor_driver_info \
         gauge\nvaristor_driver_info{{driver=\"{}\",detail=\"{}\"}} 1",
        control.driving.name(),
        control.driving.detail()
    );
    text
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
