//! What is told of identity providers: status and metrics.

use serde_json::{Value, json};

use super::super::Control;
use super::super::metric::metric_of_each;
use super::Row;

/// What `GET /v1/status` says of them.
pub(in super::super) fn status(control: &Control) -> Value {
    let rings = control.hub.seeking.rings.all();
    let state = control.authorities.identity.0.borrow();
    let row = |row: &Row| {
        let ring = rings.get(&row.place.origin);
        let (published, kept) = ring.map_or((0, 0), |ring| ring.count());
        json!({
            "name": row.place.name,
            "issuer": row.place.issuer,
            "keys": published,
            "kept": kept,
            "seen_unix_s": (row.seen_unix_s > 0).then_some(row.seen_unix_s),
            "looks": row.looks,
            "failures": row.failures,
            "error": row.error,
        })
    };
    state.rows.iter().map(row).collect()
}

/// Appends their metrics, in the Prometheus text format.
pub(in super::super) fn metrics(control: &Control, text: &mut String) {
    let rings = control.hub.seeking.rings.all();
    let state = control.authorities.identity.0.borrow();
    if state.rows.is_empty() {
        return;
    }
    let mut add = |name: &str, said: (&str, &str), value: &dyn Fn(&Row) -> u64| {
        let rows = state
            .rows
            .iter()
            .map(|row| (row.place.name.as_str(), value(row)));
        metric_of_each(text, name, said, "provider", rows);
    };
    let help = "Keys that an identity provider publishes.";
    add("identity_keys", ("gauge", help), &|row| {
        let ring = rings.get(&row.place.origin);
        ring.map_or(0, |ring| ring.count().0 as u64)
    });
    let help = "Looks at what an identity provider publishes.";
    add("identity_looks_total", ("counter", help), &|row| row.looks);
    let help = "Looks at what an identity provider publishes that failed.";
    add("identity_failures_total", ("counter", help), &|row| {
        row.failures
    });
    let help = "When its keys were last looked at with success, in seconds since 1970.";
    add("identity_seen_seconds", ("gauge", help), &|row| {
        row.seen_unix_s
    });
}
