//! Servers that the gateway starts itself, and those of HTTP+SSE: what the policy says of them,
//! their state, their records.

mod specs;

use std::rc::Rc;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use varistor_audit::Event;
use varistor_stdio::{Bridge, Level, Options, Shown, Spec, Told};

pub(super) use specs::specs;

use super::metric::metric_of_each;
use super::{Control, Journal, names};
use crate::hub::Hub;
use crate::log;
use crate::switch::Switch;

/// Records that wait for the log; what does not fit stands on standard error only.
const TOLD_MAX: usize = 256;

/// Starts the bridge with these servers; what it tells is to be recorded.
pub(crate) fn start(
    (hub, switch): (&Arc<Hub>, &Switch),
    servers: Vec<Spec>,
) -> anyhow::Result<(Bridge, mpsc::Receiver<Told>)> {
    let (told, records) = mpsc::channel(TOLD_MAX);
    let kill = Arc::clone(&hub.kill);
    let bridge = Bridge::start(Options {
        stopped: Box::new(move |name| kill.stopped().has_server(name)),
        stops: switch.versions.subscribe(),
        say,
        told,
        resolve: |host, port, allow_private| {
            Box::pin(async move { names::resolve(&host, port, allow_private).await })
        },
    });
    let bridge = bridge.context("the thread of stdio servers can't be started")?;
    bridge.servers().serve(servers);
    // It is started once.
    let _ = hub.children.set(bridge.servers().clone());
    Ok((bridge, records))
}

fn say(level: Level, text: core::fmt::Arguments<'_>) {
    match level {
        Level::Info => log::info(text),
        Level::Warning => log::warning(text),
    }
}

/// Records what the bridge tells.
pub(super) async fn record(journal: Rc<Journal>, mut told: mpsc::Receiver<Told>) {
    while let Some(told) = told.recv().await {
        let event = Event::Child {
            server: &told.server,
            what: told.what,
            detail: &told.detail,
        };
        journal.record(&event).await;
    }
}

/// Adds what there is to tell of a server that the gateway starts itself.
pub(super) fn add_status(control: &Control, server: &str, row: &mut Value) {
    let Some(shown) = control.servers.board().shown(server) else {
        return;
    };
    row["state"] = json!(shown.state());
    row["stdio"] = json!({
        "children": shown.children,
        "sessions": shown.sessions,
        "starts": shown.starts,
        "crashes": shown.crashes,
        "refused": shown.refused,
        "dropped": shown.dropped,
        "noise": shown.noise,
        "pause_ms": shown.pause_ms,
        "last_error": shown.last_error,
    });
}

/// Appends the metrics of servers that the gateway starts itself, in the Prometheus text format.
pub(super) fn metrics(control: &Control, text: &mut String) {
    let published = control.hub.published();
    let board = control.servers.board();
    let rows = published.upstreams.iter();
    let rows = rows.filter_map(|it| Some((it.name.as_str(), board.shown(&it.name)?)));
    let rows: Vec<_> = rows.collect();
    let mut add = |name: &str, said: (&str, &str), value: fn(&Shown) -> u64| {
        let rows = rows.iter().map(|(server, shown)| (*server, value(shown)));
        metric_of_each(text, &format!("stdio_{name}"), said, "server", rows);
    };
    let help = "Children of a server that the gateway starts itself.";
    add("children", ("gauge", help), |it| it.children);
    let help = "Sessions with its children.";
    add("sessions", ("gauge", help), |it| it.sessions);
    let help = "Children started.";
    add("starts_total", ("counter", help), |it| it.starts);
    let help = "Children that failed or could not be started.";
    add("crashes_total", ("counter", help), |it| it.crashes);
    let help = "Messages of children that reached nobody.";
    add("dropped_total", ("counter", help), |it| it.dropped);
    let help = "Lines of children that were no messages.";
    add("noise_total", ("counter", help), |it| it.noise);
}
