//! One HTTP request to a server or a provider of the policy, without redirects.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT, WWW_AUTHENTICATE};
use hyper::{Method, Request, Uri};
use varistor_identity::bounds;
use varistor_origin::{Link, LinkError, Place, connector, looked_up};
use zeroize::Zeroizing;

/// Whom is trusted on the way.
#[derive(Clone, Copy)]
pub(crate) struct Trust<'t> {
    /// PEM certificates in the place of the machine's.
    pub(crate) ca: Option<&'t str>,
    /// Whether it may be at an address that is not public.
    pub(crate) allow_private: bool,
}

/// What is sent.
#[derive(Default)]
pub(crate) struct Sent<'s> {
    /// The media type and the body of a POST; a GET without.
    pub(crate) body: Option<(&'static str, &'s [u8])>,
    pub(crate) authorization: Option<&'s str>,
    /// Whether the body of the answer may be a stream without end, and is not read.
    pub(crate) is_for_head: bool,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `WWW-Authenticate`.
    pub(crate) challenge: String,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// Asks there. The error names no URL.
pub(crate) async fn asked(url: &str, trust: Trust<'_>, sent: Sent<'_>) -> Result<Answer, String> {
    let malformed = || "it is no URL that can be asked for".to_owned();
    let uri: Uri = url.parse().map_err(|_| malformed())?;
    let authority = uri.authority().ok_or_else(malformed)?;
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let tls = uri.scheme_str() == Some("https");
    let is_here = is_loopback(&host);
    if !tls && !is_here {
        return Err("it is http, and not on this machine".to_owned());
    }
    let place = Place {
        port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
        host,
        tls,
    };
    let may_go = trust.allow_private || is_here;
    let resolve = looked_up(move |ip| varistor_model::may_connect(ip, may_go));
    let ca = trust.ca.map(PathBuf::from);
    let roots = move || connector(ca.as_deref().map(Path::new));
    let link = Link::new(place, resolve, Box::new(roots));
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::get(path)
        .header(HOST, authority.as_str())
        .header(USER_AGENT, concat!("varictl/", env!("CARGO_PKG_VERSION")))
        .header(CONNECTION, "close");
    let mut body = Bytes::new();
    let mut accepted = "application/json";
    if let Some((media, content)) = sent.body {
        request = request.method(Method::POST).header(CONTENT_TYPE, media);
        body = Bytes::copy_from_slice(content);
        if sent.is_for_head {
            accepted = "application/json, text/event-stream";
        }
    }
    if let Some(authorization) = sent.authorization {
        request = request.header("authorization", authorization);
    }
    let request = request.header(ACCEPT, accepted).body(Full::new(body));
    let request = request.map_err(|error| error.to_string())?;
    let reply = link.send(request, &std::cell::Cell::new(false)).await;
    let mut reply = reply.map_err(|error| match error {
        LinkError::Absent(why) | LinkError::Unfit(why) | LinkError::Broken(why) => why,
    })?;
    let challenges = reply.headers().get_all(WWW_AUTHENTICATE).iter();
    let challenges: Vec<_> = challenges.filter_map(|value| value.to_str().ok()).collect();
    let challenge = challenges.join(", ");
    let mut body = Zeroizing::new(Vec::new());
    while !sent.is_for_head
        && let Some(part) = reply.next().await
    {
        body.extend_from_slice(&part?);
        if body.len() > bounds::DOCUMENT_BYTES_MAX {
            return Err("its answer is longer than 64 KiB".to_owned());
        }
    }
    Ok(Answer {
        status: reply.status(),
        challenge,
        body,
    })
}

fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}
