//! Servers that are reached over the HTTP+SSE of 2024-11-05: `transport: sse`.

use varistor_model::limits::{STDIO_CHILDREN_DEFAULT, STDIO_CHILDREN_MAX};
use varistor_snapshot::schema::{Credential, EventStream};

use super::stdio::{IDLE_MS, START_MS};
use crate::problem::Report;
use crate::read::{Fields, number, word};
use crate::url::Url;

/// Keys of servers that are started by a command or have an event stream.
pub(super) const SHARED: [&str; 4] = ["instances", "start_timeout", "idle", "children"];

/// What a policy says about the streams of a server.
pub(super) struct Terms {
    shared: bool,
    idle_ms: u64,
    start_ms: u64,
    streams_max: u32,
}

/// Whether this is what the policy says of the server's transport.
pub(super) fn is_meant(fields: &Fields<'_>, report: &mut Report) -> bool {
    if fields.get("command").is_some() {
        // That key is refused there.
        return false;
    }
    let words = [("streamable-http", false), ("http", false), ("sse", true)];
    let node = fields.get("transport");
    let said = node.and_then(|node| word(node, &fields.path("transport"), &words, report));
    said == Some(true)
}

/// The terms of a server that has an event stream.
pub(super) fn terms(fields: &Fields<'_>, report: &mut Report) -> Terms {
    let shared = fields.get("instances").and_then(|node| {
        let words = [("session", false), ("shared", true)];
        word(node, &fields.path("instances"), &words, report)
    });
    let streams = fields.get("children").and_then(|node| {
        let bounds = 1..=STDIO_CHILDREN_MAX;
        number(node, &fields.path("children"), bounds, report)
    });
    let idle_ms = fields.read("idle", report, super::duration);
    let start_ms = fields.read("start_timeout", report, super::duration);
    Terms {
        shared: shared.unwrap_or(false),
        idle_ms: idle_ms.unwrap_or(IDLE_MS),
        start_ms: start_ms.unwrap_or(START_MS),
        streams_max: streams.unwrap_or(STDIO_CHILDREN_DEFAULT),
    }
}

impl Terms {
    /// The stream at this place.
    pub(super) fn stream(self, url: Url, credentials: Vec<Credential>) -> EventStream {
        EventStream {
            host: url.host,
            port: url.port,
            tls: url.tls,
            authority: url.authority,
            path: url.path,
            credentials,
            shared: self.shared,
            idle_ms: self.idle_ms,
            start_ms: self.start_ms,
            streams_max: self.streams_max,
        }
    }
}
