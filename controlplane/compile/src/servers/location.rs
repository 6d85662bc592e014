//! Where a server is, or how it is started, and the credential that goes there.

use varistor_snapshot::schema::{Credential, EventStream, OAuth, Stdio};

use super::{events, oauth, stdio};
use crate::context::Context;
use crate::problem::{Place, Report, Wrong};
use crate::read::{Fields, boolean, index, list, parsed};
use crate::template;
use crate::url::{Url, url};
use crate::yaml::Node;

/// Most headers of one server.
const HEADERS_MAX: usize = 8;
/// `Host` of requests to the socket of the gateway itself, where servers that it starts are, and
/// those of HTTP+SSE.
const OWN_AUTHORITY: &str = "stdio";

/// See the module.
pub(super) struct Location {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: bool,
    pub(super) path: String,
    pub(super) authority: String,
    pub(super) allow_private: bool,
    pub(super) stdio: Option<Stdio>,
    pub(super) events: Option<EventStream>,
    /// Of a server that workers reach themselves.
    pub(super) credentials: Vec<Credential>,
    pub(super) oauth: Option<OAuth>,
}

/// `None` when there is neither a usable URL nor a usable command.
pub(super) fn location(
    (name, at): (&str, Place),
    fields: &Fields<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Location> {
    let is_stream = events::is_meant(fields, report);
    let stdio = stdio::stdio((name, is_stream), fields, context, report);
    let node = match fields.get("command") {
        None => url_of(fields, at, report),
        Some(_) => None,
    };
    let url = node.and_then(|node| parsed(node, &fields.path("url"), report, url));
    let allow_private = fields.read("allow_private", report, boolean);
    if let (Some(node), Some(url)) = (node, &url)
        && url.is_dubious()
        && allow_private != Some(true)
    {
        let wrong = Wrong::expected("the address of an MCP server").help(
            "cloud providers keep their metadata at link-local addresses; if this is meant, say \
             `allow_private: true`",
        );
        let found = format!("the address {} for {}", url.host, fields.path("url"));
        report.refuse(node.place, found, wrong);
    }
    let given = given((name, url.as_ref()), is_stream, fields, (context, report));
    let Given { credentials, oauth } = given;
    let terms = is_stream.then(|| events::terms(fields, report));
    let location = match (stdio, url, terms) {
        (Some(stdio), ..) => Location {
            stdio: Some(stdio),
            credentials,
            ..Location::bridged(name)
        },
        (None, url, None) => Location {
            credentials,
            oauth,
            ..Location::of_url(url?)
        },
        (None, url, Some(terms)) => {
            let url = url?;
            Location {
                allow_private: url.is_private(),
                // The credential goes to the server, not to the bridge.
                events: Some(terms.stream(url, credentials)),
                ..Location::bridged(name)
            }
        }
    };
    Some(Location {
        allow_private: allow_private.unwrap_or(location.allow_private),
        ..location
    })
}

impl Location {
    fn of_url(url: Url) -> Self {
        Self {
            allow_private: url.is_private(),
            host: url.host,
            port: url.port,
            tls: url.tls,
            path: url.path,
            authority: url.authority,
            stdio: None,
            events: None,
            credentials: Vec::new(),
            oauth: None,
        }
    }

    /// Behind the gateway's own bridge.
    fn bridged(name: &str) -> Self {
        Self {
            host: String::new(),
            port: 0,
            tls: false,
            path: format!("/{name}"),
            authority: OWN_AUTHORITY.to_owned(),
            allow_private: false,
            stdio: None,
            events: None,
            credentials: Vec::new(),
            oauth: None,
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

/// The gateway's own credential.
#[derive(Default)]
struct Given {
    credentials: Vec<Credential>,
    oauth: Option<OAuth>,
}

/// One header, several, or access tokens.
fn given(
    (server, url): (&str, Option<&Url>),
    is_stream: bool,
    fields: &Fields<'_>,
    (context, report): (&Context<'_>, &mut Report),
) -> Given {
    let path = fields.path("credential");
    let Some(node) = fields.get("credential") else {
        return Given::default();
    };
    let inner = Fields::of(
        node,
        &path,
        &["header", "headers", "query", "oauth"],
        report,
    );
    let keys = ["header", "headers", "query", "oauth"];
    let (node, key, members) = match keys.map(|key| inner.get(key)) {
        [None, None, Some(node), None] if !is_stream => {
            (node, "query", vec![(node, inner.path("query"))])
        }
        [Some(node), None, None, None] => (node, "header", vec![(node, inner.path("header"))]),
        [None, Some(node), None, None] => {
            let path = inner.path("headers");
            let members = list(node, &path, report).iter().enumerate();
            let members = members.map(|(at, member)| (member, index(&path, at)));
            (node, "headers", members.collect())
        }
        [None, None, None, Some(node)] => {
            let path = inner.path("oauth");
            if is_stream {
                let found = format!("{path} for a server with `transport: sse`");
                let wrong = Wrong::expected("a server over Streamable HTTP, or a header");
                report.refuse(node.place, found, wrong);
            }
            return Given {
                oauth: oauth::oauth((server, url), (node, &path), context, report),
                ..Given::default()
            };
        }
        _ => {
            let found =
                format!("not one of \"header\", \"headers\", \"query\" and \"oauth\" in {path}");
            let wrong = match is_stream {
                true => "one of them, and no query for `transport: sse`",
                false => "one of them",
            };
            report.refuse(node.place, found, Wrong::expected(wrong));
            return Given::default();
        }
    };
    let credentials = headers(
        (server, url),
        (node, &path, key),
        members,
        (context, report),
    );
    Given {
        credentials,
        ..Given::default()
    }
}

/// The headers with the gateway's own credential.
fn headers(
    (server, url): (&str, Option<&Url>),
    (node, path, key): (&Node, &str, &str),
    members: Vec<(&Node, String)>,
    (context, report): (&Context<'_>, &mut Report),
) -> Vec<Credential> {
    if !(1..=HEADERS_MAX).contains(&members.len()) {
        let found = format!("a list of {} for {path}.{key}", members.len());
        let wrong = Wrong::expected(format!("1 to {HEADERS_MAX} headers"));
        report.refuse(node.place, found, wrong);
        return Vec::new();
    }
    let mut found: Vec<Credential> = Vec::with_capacity(members.len());
    for (member, path) in members {
        let credential = credential((server, member, key), &path, context, report);
        let is_known = |one: &Credential| found.iter().any(|known| known.header == one.header);
        if credential.as_ref().is_some_and(is_known) {
            let what = format!("the header of {path}, which stands there before");
            report.refuse(member.place, what, Wrong::expected("each header once"));
        }
        found.extend(credential);
    }
    remarks((node, path, key), &found, url, report);
    found
}

/// What is worth a look: a value that everybody reads who reads the policy, or the network.
fn remarks(
    (node, path, key): (&Node, &str, &str),
    found: &[Credential],
    url: Option<&Url>,
    report: &mut Report,
) {
    if found.is_empty() {
        return;
    }
    if !found
        .iter()
        .any(|one| template::secrets(one).next().is_some())
    {
        let wrong = Wrong::expected("${vault:NAME}");
        let help = "put it into the vault: varictl vault set NAME";
        let found = format!("{path}.{key} has its value in the policy itself");
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
}

fn credential(
    (server, node, key): (&str, &Node, &str),
    path: &str,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Credential> {
    // The text may hold a secret, so no message shows it.
    let credential = parsed(node, path, report, |text| {
        let read = match key {
            "query" => template::parameter(text),
            _ => template::credential(text),
        };
        read.map_err(Wrong::hidden)
    })?;
    let secrets = context.secrets;
    secrets.check_all(&credential.value, server, node.place, report);
    Some(credential)
}
