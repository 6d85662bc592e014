//! What the operator learns of breakers and of shedding: status, metrics, the log, records.
//!
//! Nothing is decided here. A breaker that opened and closed again between two looks is told as
//! both, one that did so several times as one time: records of this come at a bounded pace.

use core::convert::Infallible;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;
use varistor_audit::Event;
use varistor_pipeline::breaker::{Kind, Shown};

use super::metric::{metric, metric_of_each};
use super::{Control, Journal};
use crate::hub::{Counters, Published};
use crate::log;

/// How often they are looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Adds what there is to tell of the server at this place.
pub(super) fn add_status(control: &Control, published: &Published, at: usize, row: &mut Value) {
    let breakers = published.serving.breakers();
    let Some(breaker) = breakers.get(at) else {
        return;
    };
    let shown = breaker.shown(control.clock.mono_ns());
    let kind = kind_of(published, at, &shown);
    row["breaker"] = json!(kind);
    row["breaker_left_ms"] = json!(shown.left_ms);
    row["breaker_trips"] = json!(shown.trips);
    row["refused"] = json!(shown.refused);
    row["under_way"] = json!(shown.under_way);
    if shown.kind != Kind::Closed {
        row["breaker_cause"] = json!(shown.cause.name());
    }
}

/// Where the breaker stands, `off` when the policy wants none.
fn kind_of(published: &Published, at: usize, shown: &Shown) -> &'static str {
    match published.serving.policy().servers.get(at) {
        Some(row) if row.guard.failures == 0 => "off",
        _ => shown.kind.name(),
    }
}

/// Whether requests are refused because workers can't keep up.
pub(super) fn is_shedding(published: &Published, counters: &Counters) -> bool {
    let wanted = published.serving.policy().runtime.shedding;
    wanted && counters.shedding.load(Ordering::Relaxed) > 0
}

/// Appends the metrics of shedding and of all servers, in the Prometheus text format.
pub(super) fn metrics(control: &Control, text: &mut String) {
    let published = control.hub.published();
    let counters = &control.hub.counters;
    let help = "Requests refused because a worker could not keep up.";
    let shed = counters.shed.load(Ordering::Relaxed);
    metric(text, "shed_total", ("counter", help), shed);
    let help = "1 while requests are refused for overload.";
    let shedding = u64::from(is_shedding(&published, counters));
    metric(text, "shedding", ("gauge", help), shedding);
    let now_ns = control.clock.mono_ns();
    let upstreams = published.upstreams.iter();
    let rows = upstreams.zip(published.serving.breakers());
    let rows: Vec<_> = rows
        .map(|(upstream, breaker)| (upstream.name.as_str(), breaker.shown(now_ns)))
        .collect();
    let mut add = |name: &str, said: (&str, &str), value: fn(&Shown) -> u64| {
        let rows = rows.iter().map(|(server, shown)| (*server, value(shown)));
        metric_of_each(text, name, said, "server", rows);
    };
    let help = "The breaker of a server: 0 closed, 1 half open, 2 open.";
    add("upstream_breaker", ("gauge", help), |shown| {
        match shown.kind {
            Kind::Closed => 0,
            Kind::Trying => 1,
            Kind::Open => 2,
        }
    });
    let help = "How often the breaker of a server has opened.";
    add("upstream_trips_total", ("counter", help), |shown| {
        shown.trips
    });
    let help = "Calls refused because the breaker was open or too many were under way.";
    add("upstream_refused_total", ("counter", help), |shown| {
        shown.refused
    });
    let help = "Requests sent to a server; each has taken its credential along, if it has one.";
    add("upstream_requests_total", ("counter", help), |shown| {
        shown.sent
    });
    let help = "Calls of a server under way.";
    add("upstream_under_way", ("gauge", help), |shown| {
        u64::from(shown.under_way)
    });
}

/// What was last told.
#[derive(Default)]
struct Told {
    /// Of each breaker, by where it is in memory: it outlives snapshots.
    breakers: HashMap<usize, (u64, bool)>,
    shedding: bool,
}

/// Looks after them until `end` is dropped, and then once more.
pub(super) async fn watch(
    control: Rc<Control>,
    journal: Rc<Journal>,
    mut end: oneshot::Receiver<Infallible>,
) {
    let mut told = Told::default();
    loop {
        let ended = tokio::time::timeout(LOOK, &mut end).await.is_ok();
        told.look(&control, &journal).await;
        if ended {
            return;
        }
    }
}

impl Told {
    async fn look(&mut self, control: &Control, journal: &Journal) {
        let published = control.hub.published();
        self.shedding = tell_shedding(control, journal, (&published, self.shedding)).await;
        let mut seen = HashMap::with_capacity(self.breakers.len());
        let rows = published.upstreams.iter();
        for (upstream, breaker) in rows.zip(published.serving.breakers()) {
            let key = Arc::as_ptr(breaker).addr();
            let (trips, was_open) = self.breakers.get(&key).copied().unwrap_or_default();
            let shown = breaker.shown(control.clock.mono_ns());
            let is_open = shown.kind != Kind::Closed;
            let has_opened = shown.trips > trips;
            if has_opened {
                opened(journal, &upstream.name, &shown).await;
            }
            if !is_open && (was_open || has_opened) {
                closed(journal, &upstream.name, &shown).await;
            }
            seen.insert(key, (shown.trips, is_open));
        }
        self.breakers = seen;
    }
}

async fn opened(journal: &Journal, server: &str, shown: &Shown) {
    let cause = shown.cause.name();
    log::warning(format_args!(
        "server {server}: failed again and again ({cause}); its calls are refused until it answers \
         one"
    ));
    record(journal, (server, true), shown).await;
}

async fn closed(journal: &Journal, server: &str, shown: &Shown) {
    log::info(format_args!("server {server}: answers again"));
    record(journal, (server, false), shown).await;
}

async fn record(journal: &Journal, (server, open): (&str, bool), shown: &Shown) {
    let event = Event::Breaker {
        server,
        open,
        trips: shown.trips,
        cause: shown.cause.name(),
    };
    journal.record(&event).await;
}

async fn tell_shedding(
    control: &Control,
    journal: &Journal,
    (published, before): (&Published, bool),
) -> bool {
    let counters = &control.hub.counters;
    let begun = is_shedding(published, counters);
    if begun != before {
        let refused = counters.shed.load(Ordering::Relaxed);
        match begun {
            true => log::warning(format_args!(
                "workers can't keep up: a part of the requests is refused"
            )),
            false => log::info(format_args!(
                "workers keep up again; {refused} requests were refused so far"
            )),
        }
        journal.record(&Event::Shedding { begun, refused }).await;
    }
    begun
}
