//! Accepts one request whose head is sound: known host, allowed origin, known route and media.
//!
//! Refuses DNS rebinding (Host, Origin), bodies that are no plain JSON, and methods that a route
//! does not have. The framing itself was checked while the head was parsed.

use varistor_http1::{Field, HttpMethod, RequestHead};
use varistor_model::Reason;

use crate::order::Turned;
use crate::outside::Client;
use crate::refusal::LocalAnswer;
use crate::serving::Serving;

/// A request that may be looked at. Made here only.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Index of the server that the route names, when there is one of that name.
    server: Option<u32>,
    verb: HttpMethod,
}

const ROUTE: &[u8] = b"/mcp/";
/// All servers as one; behind it, with `/@`, the name of a virtual server.
const TOGETHER: &[u8] = b"/mcp";
/// The same for clients that know the HTTP+SSE of 2024-11-05 only.
const EVENT_STREAM: &[u8] = b"/sse";
const METADATA: &[u8] = b"/.well-known/oauth-protected-resource";

impl Request {
    pub(crate) const fn verb(self) -> HttpMethod {
        self.verb
    }

    pub(crate) const fn server(self) -> Option<u32> {
        self.server
    }
}

/// Accepts the request.
///
/// # Errors
/// The answer to give on the spot (metadata, CORS preflight), or the reason of a refusal.
pub fn accept(serving: &Serving, client: &impl Client) -> Result<Request, Turned> {
    let (head, bytes) = client.head();
    addressed(serving, client)?;
    let target = head.target(bytes);
    if let Some(route) = metadata_route(target) {
        return Err(metadata(serving, head.method(), route));
    }
    let name = server_name(target).ok_or(Reason::RouteUnknown)?;
    let server = core::str::from_utf8(name)
        .ok()
        .and_then(|name| serving.server_named(name));
    let verb = verb(client)?;
    Ok(Request { server, verb })
}

/// Whether the request is the federation's to answer: for all servers as one, for a virtual server,
/// for a server whose eras are bridged, or of a client that knows HTTP+SSE only.
#[must_use]
pub fn is_together(serving: &Serving, client: &impl Client) -> bool {
    let (head, bytes) = client.head();
    let target = head.target(bytes);
    let bridged = || {
        let name = core::str::from_utf8(server_name(target)?).ok()?;
        serving.server(serving.server_named(name)?)
    };
    view_name(target).is_some()
        || event_stream(target).is_some()
        || (serving.bridges() && bridged().is_some_and(|row| row.bridged))
}

/// A request for the federation that may be looked at. Made here only.
#[derive(Clone, Copy, Debug)]
pub struct Joint {
    verb: HttpMethod,
    server: Option<u32>,
    is_on_stream: bool,
}

impl Joint {
    pub(crate) const fn verb(self) -> HttpMethod {
        self.verb
    }

    /// The server, where it is for a single one.
    pub(crate) const fn server(self) -> Option<u32> {
        self.server
    }

    /// Whether its answer comes on an event stream: what is wrong with a message is said there, by
    /// whoever judges what becomes of it.
    pub(crate) const fn is_on_stream(self) -> bool {
        self.is_on_stream
    }
}

/// Accepts a request for the federation.
///
/// # Errors
/// As [`accept`].
pub fn accept_together(serving: &Serving, client: &impl Client) -> Result<Joint, Turned> {
    addressed(serving, client)?;
    let (head, bytes) = client.head();
    let target = head.target(bytes);
    let of_stream = event_stream(target);
    let rest = match of_stream {
        None => target.strip_prefix(TOGETHER).ok_or(Reason::RouteUnknown)?,
        Some((rest, query)) => {
            // A stream has no session yet, a message belongs to one.
            match (head.method(), query.is_empty()) {
                (HttpMethod::Get, true) | (HttpMethod::Post, false) | (HttpMethod::Options, _) => {}
                _ => return Err(Reason::MethodNotAllowed.into()),
            }
            rest
        }
    };
    let server = match view_of(rest) {
        Some(Some(name)) if !has_view(serving, name) => return Err(Reason::RouteUnknown.into()),
        Some(_) => None,
        None => {
            let name = server_of(rest).and_then(|name| core::str::from_utf8(name).ok());
            let server = name.and_then(|name| serving.server_named(name));
            Some(server.ok_or(Reason::RouteUnknown)?)
        }
    };
    Ok(Joint {
        verb: verb(client)?,
        server,
        is_on_stream: of_stream.is_some(),
    })
}

fn has_view(serving: &Serving, name: &[u8]) -> bool {
    let views = &serving.policy().federation.views;
    let found = views.binary_search_by(|view| view.name.as_bytes().cmp(name));
    found.is_ok()
}

/// What stands behind `/sse` in a target, and behind its question mark.
fn event_stream(target: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = target.strip_prefix(EVENT_STREAM)?;
    let end = rest.iter().position(|byte| *byte == b'?');
    let (rest, query) = match end.and_then(|end| rest.split_at_checked(end)) {
        Some((rest, query)) => (rest, query.get(1..).unwrap_or_default()),
        None => (rest, &b""[..]),
    };
    (rest.is_empty() || rest.starts_with(b"/")).then_some((rest, query))
}

/// The virtual server that a target names; `Some(None)` is all servers as one.
fn view_name(target: &[u8]) -> Option<Option<&[u8]>> {
    view_of(target.strip_prefix(TOGETHER)?)
}

fn view_of(rest: &[u8]) -> Option<Option<&[u8]>> {
    match rest {
        b"" => Some(None),
        rest => {
            let name = rest.strip_prefix(b"/@")?;
            is_plain(name).then_some(Some(name))
        }
    }
}

/// Known host, allowed origin.
fn addressed(serving: &Serving, client: &impl Client) -> Result<(), Reason> {
    let (head, bytes) = client.head();
    let host = head
        .field(bytes, Field::Host)
        .ok_or(Reason::HeadMalformed)?;
    if !is_served(serving, host) {
        return Err(Reason::HostUnknown);
    }
    let origin = head.field(bytes, Field::Origin);
    if origin.is_some_and(|origin| !is_allowed(serving, origin, host)) {
        return Err(Reason::OriginRefused);
    }
    Ok(())
}

/// The HTTP method, with the media that it needs.
fn verb(client: &impl Client) -> Result<HttpMethod, Turned> {
    let (head, bytes) = client.head();
    let origin = head.field(bytes, Field::Origin);
    match head.method() {
        HttpMethod::Options if origin.is_some() => Err(Turned::Local(LocalAnswer::Preflight)),
        HttpMethod::Options => Err(Reason::MethodNotAllowed.into()),
        HttpMethod::Post => {
            media(head, bytes)?;
            Ok(HttpMethod::Post)
        }
        verb => Ok(verb),
    }
}

/// `/mcp/<server>`, without a query: nothing in it would be read.
fn server_name(target: &[u8]) -> Option<&[u8]> {
    server_of(target.strip_prefix(TOGETHER)?)
}

fn server_of(rest: &[u8]) -> Option<&[u8]> {
    rest.strip_prefix(b"/").filter(|name| is_plain(name))
}

/// What names of servers are made of.
fn is_plain(name: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    !name.is_empty() && name.iter().all(plain)
}

fn metadata_route(target: &[u8]) -> Option<&[u8]> {
    let rest = target.strip_prefix(METADATA)?;
    let together = rest.is_empty() || view_name(rest).is_some();
    (together || rest.starts_with(ROUTE)).then_some(rest)
}

fn metadata(serving: &Serving, verb: HttpMethod, route: &[u8]) -> Turned {
    if verb != HttpMethod::Get {
        return Reason::MethodNotAllowed.into();
    }
    let server = server_name(route)
        .and_then(|name| core::str::from_utf8(name).ok())
        .and_then(|name| serving.server_named(name));
    match (route.is_empty() || view_name(route).is_some(), server) {
        (true, _) => Turned::Local(LocalAnswer::Metadata { server: None }),
        (false, Some(index)) => Turned::Local(LocalAnswer::Metadata {
            server: Some(index),
        }),
        (false, None) => Reason::RouteUnknown.into(),
    }
}

/// JSON in UTF-8, not compressed (RFC 9110 sections 8.3 and 8.4).
fn media(head: &RequestHead, bytes: &[u8]) -> Result<(), Reason> {
    if head
        .field(bytes, Field::ContentEncoding)
        .is_some_and(|coding| !coding.eq_ignore_ascii_case(b"identity"))
    {
        return Err(Reason::EncodingUnsupported);
    }
    let kind = head
        .field(bytes, Field::ContentType)
        .ok_or(Reason::MediaUnsupported)?;
    let mut parts = kind.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case(b"application/json"));
    let utf8 = parts.all(|parameter| {
        let mut pair = parameter.splitn(2, |byte| *byte == b'=');
        match (pair.next(), pair.next()) {
            (Some(name), Some(value)) if name.eq_ignore_ascii_case(b"charset") => {
                value.trim_ascii().eq_ignore_ascii_case(b"utf-8")
                    || value.eq_ignore_ascii_case(b"\"utf-8\"")
            }
            (Some(_), Some(_)) => true,
            _ => parameter.is_empty(),
        }
    });
    if json && utf8 {
        Ok(())
    } else {
        Err(Reason::MediaUnsupported)
    }
}

/// Whether this gateway answers for the host, whatever its port.
fn is_served(serving: &Serving, host: &[u8]) -> bool {
    let name = without_port(host);
    let runtime = &serving.policy().runtime;
    let own = without_port(runtime.listen.as_bytes());
    let loopback = |name: &[u8]| {
        [&b"localhost"[..], b"127.0.0.1", b"[::1]"]
            .iter()
            .any(|known| same(known, name))
    };
    same(own, name)
        || (loopback(own) && loopback(name))
        || runtime
            .hosts
            .iter()
            .any(|known| same(known.as_bytes(), name))
}

/// Same origin, or one that the policy lists. `null` is neither.
fn is_allowed(serving: &Serving, origin: &[u8], host: &[u8]) -> bool {
    let authority = origin
        .strip_prefix(b"http://")
        .or_else(|| origin.strip_prefix(b"https://"));
    authority.is_some_and(|authority| same(authority, host))
        || serving
            .policy()
            .runtime
            .origins
            .iter()
            .any(|known| same(known.as_bytes(), origin))
}

fn same(left: &[u8], right: &[u8]) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// `name`, `name:port`, `[v6]`, `[v6]:port` without the port.
fn without_port(authority: &[u8]) -> &[u8] {
    if authority.starts_with(b"[") {
        let end = authority.iter().position(|byte| *byte == b']');
        return end
            .and_then(|end| authority.get(..=end))
            .unwrap_or(authority);
    }
    authority
        .split(|byte| *byte == b':')
        .next()
        .unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_is_taken_off_a_host() {
        for (authority, name) in [
            ("localhost:7332", "localhost"),
            ("localhost", "localhost"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("[::1", "[::1"),
        ] {
            assert_eq!(without_port(authority.as_bytes()), name.as_bytes());
        }
    }

    #[test]
    fn a_route_names_all_servers_or_a_virtual_one() {
        assert_eq!(view_name(b"/mcp"), Some(None));
        assert_eq!(view_name(b"/mcp/@support"), Some(Some(&b"support"[..])));
        for target in [
            "/mcp/",
            "/mcp/@",
            "/mcp/@a/b",
            "/mcp/a",
            "/mcp?x",
            "/mcp2",
            "/",
        ] {
            assert_eq!(view_name(target.as_bytes()), None, "{target}");
        }
    }

    #[test]
    fn an_event_stream_has_the_routes_of_all_others_and_a_query() {
        for (target, parts) in [
            ("/sse", Some(("", ""))),
            ("/sse/crm", Some(("/crm", ""))),
            (
                "/sse/@support?sessionId=1",
                Some(("/@support", "sessionId=1")),
            ),
            ("/sse?a?b", Some(("", "a?b"))),
            ("/sse2", None),
            ("/mcp", None),
        ] {
            let parts =
                parts.map(|(rest, query): (&str, &str)| (rest.as_bytes(), query.as_bytes()));
            assert_eq!(event_stream(target.as_bytes()), parts, "{target}");
        }
    }

    #[test]
    fn a_route_names_one_server_and_nothing_else() {
        assert_eq!(server_name(b"/mcp/git-hub2"), Some(&b"git-hub2"[..]));
        for target in [
            "/mcp",
            "/mcp/",
            "/mcp/a/b",
            "/mcp/a?x=1",
            "/MCP/a",
            "/mcp/a%20",
            "/",
        ] {
            assert_eq!(server_name(target.as_bytes()), None, "{target}");
        }
    }
}
