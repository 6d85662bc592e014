//! Upstreams: where they are or how they are started, what the operator says about their tools, and
//! which credential they get. Refuses addresses where none is expected.

mod guard;
mod sandbox;
mod stdio;

use varistor_model::{Intent, Method};
use varistor_snapshot::schema::{Credential, Server, Stdio, ToolRow};

use crate::context::Context;
use crate::files;
use crate::flows;
use crate::name;
use crate::patterns::expanded;
use crate::problem::{Place, Report, Wrong};
use crate::quantity;
use crate::read::{Fields, boolean, each, entries, parsed, word};
use crate::template;
use crate::url::{Url, url};
use crate::yaml::Node;

/// Keys of a server.
const SERVER: &[&str] = &[
    "url",
    "command",
    "sha256",
    "env",
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
    "server_requests",
    "methods",
    "tools",
    "pinning",
    "allow_private",
];
/// Keys of servers with an address only.
const ADDRESSED: [&str; 4] = ["url", "credential", "ca", "allow_private"];
/// `Host` of requests to the socket of the gateway itself, where servers that it starts are.
const OWN_AUTHORITY: &str = "stdio";

/// Where a server is.
struct Location {
    host: String,
    port: u16,
    tls: bool,
    path: String,
    authority: String,
    is_private: bool,
    stdio: Option<Stdio>,
}

/// The row of a server; `None` when it has neither a usable URL nor a usable command.
pub(crate) fn server(
    name: &str,
    node: &Node,
    path: &str,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Server> {
    let fields = Fields::of(node, path, SERVER, report);
    let stdio = stdio::stdio(name, &fields, context, report);
    let place = match fields.get("command") {
        None => url_of(&fields, node.place, report),
        Some(_) => None,
    };
    let url = place.and_then(|node| parsed(node, &fields.path("url"), report, url));
    let allow_private = fields.read("allow_private", report, boolean);
    if let (Some(node), Some(url)) = (place, &url)
        && url.is_dubious()
        && allow_private != Some(true)
    {
        let wrong = Wrong::expected("the address of an MCP server").help(
            "cloud providers keep their metadata at link-local addresses; if this is meant, say \
             `allow_private: true`",
        );
        report.refuse(
            node.place,
            format!("the address {} for {path}.url", url.host),
            wrong,
        );
    }
    let credential = credential(name, &fields, url.as_ref(), context, report);
    let ca = fields
        .get("ca")
        .and_then(|node| files::certificate(node, &fields.path("ca"), context.dir, report));
    let requests = fields.get("server_requests").and_then(|node| {
        let words = [("allow", true), ("deny", false)];
        word(node, &fields.path("server_requests"), &words, report)
    });
    let timeout = fields.read("timeout", report, duration);
    let guard = guard::guard(&fields, report);
    let category = fields.read("category", report, label);
    let tags = fields.read("tags", report, labels);
    let methods = fields.read("methods", report, methods);
    let tools = fields.read("tools", report, tools);
    let location = match (stdio, url) {
        (Some(stdio), _) => Location::of_command(name, stdio),
        (None, url) => Location::of_url(url?),
    };
    Some(Server {
        name: name.to_owned(),
        allow_private: allow_private.unwrap_or(location.is_private),
        host: location.host,
        port: location.port,
        tls: location.tls,
        path: location.path,
        authority: location.authority,
        stdio: location.stdio,
        ca,
        category: category.unwrap_or_default(),
        tags: tags.unwrap_or_default(),
        credential,
        first_byte_ms: timeout.unwrap_or_default(),
        guard,
        server_requests: requests.unwrap_or(true),
        methods: methods.unwrap_or_default(),
        tools: tools.unwrap_or_default(),
    })
}

impl Location {
    fn of_url(url: Url) -> Self {
        Self {
            is_private: url.is_private(),
            host: url.host,
            port: url.port,
            tls: url.tls,
            path: url.path,
            authority: url.authority,
            stdio: None,
        }
    }

    fn of_command(name: &str, stdio: Stdio) -> Self {
        Self {
            host: String::new(),
            port: 0,
            tls: false,
            path: format!("/{name}"),
            authority: OWN_AUTHORITY.to_owned(),
            is_private: false,
            stdio: Some(stdio),
        }
    }
}

/// The URL of a server that is not started by a command.
fn url_of<'n>(fields: &Fields<'n>, at: Place, report: &mut Report) -> Option<&'n Node> {
    let node = fields.get("url");
    if node.is_none() {
        let found = format!("neither \"url\" nor \"command\" in {}", fields.name());
        let wrong = Wrong::expected("the key \"url\" or the key \"command\"");
        report.refuse(at, found, wrong);
    }
    node
}

fn credential(
    server: &str,
    fields: &Fields<'_>,
    url: Option<&Url>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Credential> {
    let path = fields.path("credential");
    let inner = Fields::of(fields.get("credential")?, &path, &["header"], report);
    let node = inner.required("header", report)?;
    // The text may hold a secret, so no message shows it.
    let credential = parsed(node, &inner.path("header"), report, |text| {
        template::credential(text).map_err(Wrong::hidden)
    })?;
    let mut secret = false;
    for name in template::secrets(&credential) {
        secret = true;
        context.secrets.check(name, server, node.place, report);
    }
    if !secret {
        let wrong = Wrong::expected("${vault:NAME}");
        let help = "put it into the vault: varictl vault set NAME";
        let found = format!("{path}.header has its value in the policy itself");
        report.warn(node.place, found, wrong.help(help));
    }
    if url.is_some_and(|url| !url.tls && !url.is_loopback()) {
        let wrong = Wrong::expected("an https URL");
        report.warn(
            node.place,
            format!("{path} is sent without encryption"),
            wrong,
        );
    }
    Some(credential)
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
