//! Upstreams: where they are or how they are started, what the operator says about their tools, and
//! which credential they get. Refuses addresses where none is expected.

mod events;
mod guard;
mod location;
mod oauth;
mod sandbox;
mod stdio;

use varistor_model::{Intent, Method};
use varistor_snapshot::schema::{Server, ToolRow};

use crate::context::Context;
use crate::files;
use crate::flows;
use crate::name;
use crate::patterns::expanded;
use crate::problem::{Report, Wrong};
use crate::quantity;
use crate::read::{Fields, each, entries, parsed, word};
use crate::yaml::Node;

/// Keys of a server.
const SERVER: &[&str] = &[
    "url",
    "transport",
    "command",
    "sha256",
    "env",
    "files",
    "directory",
    "instances",
    "start",
    "start_timeout",
    "idle",
    "children",
    "sandbox",
    "category",
    "tags",
    "credential",
    "ca",
    "timeout",
    "breaker",
    "concurrency",
    "eras",
    "server_requests",
    "methods",
    "tools",
    "pinning",
    "allow_private",
];
/// Keys of servers with an address only.
const ADDRESSED: [&str; 5] = ["url", "transport", "credential", "ca", "allow_private"];
/// The row of a server; `None` when it has neither a usable URL nor a usable command.
pub(crate) fn server(
    name: &str,
    node: &Node,
    path: &str,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Server> {
    let fields = Fields::of(node, path, SERVER, report);
    let location = location::location((name, node.place), &fields, context, report);
    let ca = fields
        .get("ca")
        .and_then(|node| files::certificate(node, &fields.path("ca"), context.dir, report));
    let requests = fields.get("server_requests").and_then(|node| {
        let words = [("allow", true), ("deny", false)];
        word(node, &fields.path("server_requests"), &words, report)
    });
    let bridged = fields.get("eras").and_then(|node| {
        let words = [("own", false), ("bridged", true)];
        word(node, &fields.path("eras"), &words, report)
    });
    let timeout = fields.read("timeout", report, duration);
    let guard = guard::guard(&fields, report);
    let category = fields.read("category", report, label);
    let tags = fields.read("tags", report, labels);
    let methods = fields.read("methods", report, methods);
    let tools = fields.read("tools", report, tools);
    let location = location?;
    Some(Server {
        name: name.to_owned(),
        allow_private: location.allow_private,
        host: location.host,
        port: location.port,
        tls: location.tls,
        path: location.path,
        authority: location.authority,
        stdio: location.stdio,
        events: location.events,
        ca,
        category: category.unwrap_or_default(),
        tags: tags.unwrap_or_default(),
        credentials: location.credentials,
        oauth: location.oauth,
        first_byte_ms: timeout.unwrap_or_default(),
        guard,
        bridged: bridged.unwrap_or(false),
        server_requests: requests.unwrap_or(true),
        methods: methods.unwrap_or_default(),
        tools: tools.unwrap_or_default(),
    })
}

/// What the operator says about tools, ranked in the order of the file.
fn tools(node: &Node, path: &str, report: &mut Report) -> Option<Vec<ToolRow>> {
    let mut rows = Vec::new();
    for (key, node) in entries(node, path, report) {
        let names = expanded(&key.text, key.place, path, report);
        let path = format!("{path}.{}", key.text);
        let fields = Fields::of(node, &path, &["intent", "tags", "labels"], report);
        let words = Intent::ALL.map(|intent| (intent.name(), intent as u8));
        let intent = fields
            .get("intent")
            .and_then(|node| word(node, &fields.path("intent"), &words, report));
        let tags = fields.read("tags", report, labels).unwrap_or_default();
        let labels = fields
            .get("labels")
            .and_then(|node| flows::labels(node, &fields.path("labels"), report));
        rows.extend(names.into_iter().map(|name| ToolRow {
            name,
            intent,
            tags: tags.clone(),
            labels,
            rank: 0,
        }));
    }
    for (rank, row) in (0..).zip(&mut rows) {
        row.rank = rank;
    }
    Some(rows)
}

fn methods(node: &Node, path: &str, report: &mut Report) -> Option<Vec<String>> {
    let mut methods = each(node, path, report, |node, path, report| {
        parsed(node, path, report, |text| {
            name::method(text)?;
            if Method::named(text.as_bytes()) != Method::Unknown {
                return Err(Wrong::expected("a method beyond the protocol's own"));
            }
            Ok(text.to_owned())
        })
    });
    methods.sort_unstable();
    methods.dedup();
    Some(methods)
}

fn labels(node: &Node, path: &str, report: &mut Report) -> Option<Vec<String>> {
    Some(each(node, path, report, label))
}

fn label(node: &Node, path: &str, report: &mut Report) -> Option<String> {
    parsed(node, path, report, |text| {
        name::other(text).map(|()| text.to_owned())
    })
}

fn duration(node: &Node, path: &str, report: &mut Report) -> Option<u64> {
    parsed(node, path, report, quantity::duration_ms)
}
