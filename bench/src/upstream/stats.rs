//! What a server has done, counted, and told as one line of JSON at its end.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::fault::Fault;

/// Methods that are counted by name; all others together.
const METHODS: [&str; 6] = [
    "tools/call",
    "tools/list",
    "initialize",
    "server/discover",
    "ping",
    "subscriptions/listen",
];

/// The counters of one server.
#[derive(Default)]
pub(super) struct Stats {
    calls: [Cell<u64>; METHODS.len()],
    other_calls: Cell<u64>,
    notifications: Cell<u64>,
    faults: RefCell<BTreeMap<String, u64>>,
    connections: Cell<u64>,
    received_bytes: Cell<u64>,
    sent_bytes: Cell<u64>,
}

impl Stats {
    pub(super) fn count_call(&self, method: &str) {
        let place = METHODS.iter().position(|known| *known == method);
        let counter = place.and_then(|place| self.calls.get(place));
        add(counter.unwrap_or(&self.other_calls), 1);
    }

    pub(super) fn count_notification(&self) {
        add(&self.notifications, 1);
    }

    pub(super) fn count_fault(&self, fault: Fault) {
        let mut faults = self.faults.borrow_mut();
        let count = faults.entry(fault.name()).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn count_connection(&self) {
        add(&self.connections, 1);
    }

    pub(super) fn count_received(&self, bytes: usize) {
        add(&self.received_bytes, bytes as u64);
    }

    pub(super) fn count_sent(&self, bytes: usize) {
        add(&self.sent_bytes, bytes as u64);
    }

    /// All of them; methods and faults that never came are missing.
    pub(super) fn json(&self) -> Value {
        let mut calls = Map::new();
        let known = METHODS.iter().copied().zip(&self.calls);
        for (method, counter) in known.chain([("other", &self.other_calls)]) {
            if counter.get() > 0 {
                calls.insert(method.to_owned(), json!(counter.get()));
            }
        }
        json!({
            "calls": calls,
            "notifications": self.notifications.get(),
            "faults": *self.faults.borrow(),
            "connections": self.connections.get(),
            "bytes": {"received": self.received_bytes.get(), "sent": self.sent_bytes.get()},
        })
    }
}

fn add(counter: &Cell<u64>, count: u64) {
    counter.set(counter.get().saturating_add(count));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Fault, Stats};

    #[test]
    fn everything_that_happened_is_told_and_nothing_else() {
        let stats = Stats::default();
        for method in ["tools/call", "tools/call", "ping", "no/such"] {
            stats.count_call(method);
        }
        stats.count_fault(Fault::HalfOpen);
        stats.count_connection();
        stats.count_notification();
        stats.count_received(5);
        stats.count_sent(7);
        let expected = json!({
            "calls": {"tools/call": 2, "ping": 1, "other": 1},
            "notifications": 1, "faults": {"half-open": 1}, "connections": 1,
            "bytes": {"received": 5, "sent": 7}
        });
        assert_eq!(stats.json(), expected);
    }
}
