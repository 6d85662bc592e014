//! What keeps a failing server from others: its breaker, and how many calls it may have under way.

use varistor_model::limits::{
    BREAKER_FAILURES_DEFAULT, BREAKER_FAILURES_MAX, BREAKER_OPEN_MS_DEFAULT, SERVER_CALLS_DEFAULT,
    SERVER_CALLS_MAX,
};
use varistor_snapshot::schema::Guard;

use crate::problem::Report;
use crate::read::{Fields, number, word};
use crate::yaml::{Node, Value};

/// The guard of a server; what is not said has the default.
pub(super) fn guard(fields: &Fields<'_>, report: &mut Report) -> Guard {
    let mut guard = Guard {
        failures: BREAKER_FAILURES_DEFAULT,
        open_ms: BREAKER_OPEN_MS_DEFAULT,
        slow_ms: 0,
        calls_max: SERVER_CALLS_DEFAULT,
    };
    if let Some(node) = fields.get("breaker") {
        breaker(node, &fields.path("breaker"), &mut guard, report);
    }
    let calls = fields.get("concurrency").and_then(|node| {
        let bounds = 1..=SERVER_CALLS_MAX;
        number(node, &fields.path("concurrency"), bounds, report)
    });
    guard.calls_max = calls.unwrap_or(guard.calls_max);
    guard
}

/// `off`, or its settings.
fn breaker(node: &Node, path: &str, guard: &mut Guard, report: &mut Report) {
    if matches!(node.value, Value::Scalar { .. }) {
        let off = word(node, path, &[("off", 0)], report);
        guard.failures = off.unwrap_or(guard.failures);
        return;
    }
    let fields = Fields::of(node, path, &["failures", "open", "slow"], report);
    let failures = fields.get("failures").and_then(|node| {
        let bounds = 1..=BREAKER_FAILURES_MAX;
        number(node, &fields.path("failures"), bounds, report)
    });
    guard.failures = failures.unwrap_or(guard.failures);
    let open_ms = fields.read("open", report, super::duration);
    guard.open_ms = open_ms.unwrap_or(guard.open_ms);
    let slow_ms = fields.read("slow", report, super::duration);
    guard.slow_ms = slow_ms.unwrap_or(guard.slow_ms);
}
