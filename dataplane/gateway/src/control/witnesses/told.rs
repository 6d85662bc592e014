//! What is told of witnesses: status and metrics.

use serde_json::{Value, json};

use super::super::Control;
use super::super::metric::{metric, metric_of_each};
use super::{Row, Standing};

/// How much of the log waits: records, and the seconds that the oldest of them has waited.
fn waits(control: &Control) -> (u64, u64) {
    let state = &mut *control.evidence.witnesses.0.borrow_mut();
    let covered = state.covered();
    let records = control.ledger.state().seq.saturating_sub(covered);
    let now_ns = control.clock.mono_ns();
    let since_ns = state.waiting.oldest(covered).unwrap_or(now_ns);
    (records, now_ns.saturating_sub(since_ns) / 1_000_000_000)
}

/// Adds what `GET /v1/status` says of them, where the policy has some.
pub(in super::super) fn status(control: &Control, audit: &mut Value) {
    if control.evidence.witnesses.0.borrow().rows.is_empty() {
        return;
    }
    let (records, seconds) = waits(control);
    let state = control.evidence.witnesses.0.borrow();
    let row = |row: &Row| {
        json!({
            "name": row.witness.key.name(),
            "url": row.witness.url,
            "state": row.standing.name(),
            "cosigned": row.cosigned,
            "cosigned_unix_s": (row.at_unix_s > 0).then_some(row.at_unix_s),
            "failures": row.failures,
            "error": row.error,
        })
    };
    audit["witnesses"] = state.rows.iter().map(row).collect();
    audit["quorum"] = json!(state.quorum);
    audit["unwitnessed"] = json!(records);
    audit["unwitnessed_s"] = json!(seconds);
    audit["unwitnessed_max_s"] = match state.within_ns {
        0 => Value::Null,
        ns => json!(ns / 1_000_000_000),
    };
    audit["overdue"] = json!(state.overdue);
}

/// Appends the metrics of witnesses, in the Prometheus text format.
pub(in super::super) fn metrics(control: &Control, text: &mut String) {
    if control.evidence.witnesses.0.borrow().rows.is_empty() {
        return;
    }
    let (records, seconds) = waits(control);
    let state = control.evidence.witnesses.0.borrow();
    let help = "Records that no quorum of witnesses has cosigned.";
    metric(text, "audit_unwitnessed_records", ("gauge", help), records);
    let help = "How long the oldest of them has waited.";
    metric(text, "audit_unwitnessed_seconds", ("gauge", help), seconds);
    let help = "1 while calls are denied because records wait for their witnesses too long.";
    let overdue = u64::from(state.overdue);
    metric(text, "audit_unwitnessed_overdue", ("gauge", help), overdue);
    let mut add = |name: &str, said: (&str, &str), value: fn(&Row) -> u64| {
        let rows = state
            .rows
            .iter()
            .map(|row| (row.witness.key.name(), value(row)));
        metric_of_each(text, name, said, "witness", rows);
    };
    let help = "Records that a witness has cosigned.";
    add("audit_witness_cosigned", ("gauge", help), |row| {
        row.cosigned
    });
    let help = "1 while a witness cosigns what it is asked for.";
    add("audit_witness_up", ("gauge", help), |row| {
        u64::from(row.standing == Standing::Cosigns)
    });
    let help = "How often a witness did not cosign.";
    add("audit_witness_failures_total", ("counter", help), |row| {
        row.failures
    });
}
