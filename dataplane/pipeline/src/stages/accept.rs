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

/// Whether the request is for all servers as one, or for a virtual server.
#[must_use]
pub fn is_together(client: &impl Client) -> bool {
    let (head, bytes) = client.head();
    view_name(head.target(bytes)).is_some()
}

/// Accepts a request for all servers as one, or for a virtual server.
///
/// # Errors
/// As [`accept`].
pub fn accept_together(serving: &Serving, client: &impl Client) -> Result<HttpMethod, Turned> {
    addressed(serving, client)?;
    let (head, bytes) = client.head();
    let name = view_name(head.target(bytes)).ok_or(Reason::RouteUnknown)?;
    let known = |name: &[u8]| {
        let views = &serving.policy().federation.views;
        let found = views.binary_search_by(|view| view.name.as_bytes().cmp(name));
        found.is_ok()
    };
    match name {
        Some(name) if !known(name) => Err(Reason::RouteUnknown.into()),
        _ => verb(client),
    }
}

/// The virtual server that a target names; `Some(None)` is all servers as one.
fn view_name(target: &[u8]) -> Option<Option<&[u8]>> {
    match target.strip_prefix(TOGETHER)? {
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
    target.strip_prefix(ROUTE).filter(|name| is_plain(name))
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
