//! Where messages are posted: the reference that the first event gives, resolved against the URL of
//! the event stream (RFC 3986 section 5.2, without dots in paths). Refuses another origin.

use hyper::Uri;

use super::Why;
use crate::spec::Events;

/// Path and query of the endpoint.
pub(super) fn path(events: &Events, data: &[u8]) -> Result<String, Why> {
    let unusable = || "its endpoint is no URL".to_owned();
    let reference = core::str::from_utf8(data).map_err(|_| unusable())?.trim();
    if reference.is_empty() || reference.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err(unusable());
    }
    let elsewhere = || "its endpoint is at another origin, where nothing is sent".to_owned();
    let end = reference.find(['/', '?', '#']).unwrap_or(reference.len());
    let has_scheme = reference
        .get(..end)
        .is_some_and(|start| start.contains(':'));
    let relative = match has_scheme.then_some(()) {
        Some(()) => of_url(events, reference).ok_or_else(elsewhere)?,
        None if reference.starts_with("//") => return Err(elsewhere()),
        None => reference.to_owned(),
    };
    let base = events.path.split('?').next().unwrap_or("/");
    let path = match relative.as_bytes().first() {
        Some(b'/') => relative,
        Some(b'?') => format!("{base}{relative}"),
        _ => {
            let folder = base.rfind('/').and_then(|at| base.get(..=at));
            format!("{}{relative}", folder.unwrap_or("/"))
        }
    };
    let path = path.split('#').next().unwrap_or_default();
    path.parse::<Uri>().map_err(|_| unusable())?;
    Ok(path.to_owned())
}

/// Path and query of an absolute URL of the same origin.
fn of_url(events: &Events, url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let tls = match uri.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let authority = uri.authority()?;
    let host = authority.host().trim_matches(['[', ']']);
    let usual = if tls { 443 } else { 80 };
    let port = authority.port_u16().unwrap_or(usual);
    let place = &events.place;
    let same = tls == place.tls && host.eq_ignore_ascii_case(&place.host) && port == place.port;
    let plain = !authority.as_str().contains('@');
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    (same && plain).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use varistor_origin::Place;

    use super::*;

    fn resolved(data: &str) -> Result<String, Why> {
        let events = Events {
            place: Place {
                host: "mcp.example".into(),
                port: 443,
                tls: true,
            },
            authority: "mcp.example".into(),
            path: "/v1/sse?team=a".into(),
            allow_private: false,
            credentials: Vec::new(),
            tls: None,
            trust: [0; 32],
        };
        path(&events, data.as_bytes())
    }

    #[test]
    fn a_reference_is_resolved_against_the_stream() {
        for (data, wanted) in [
            ("/messages/?session_id=1", "/messages/?session_id=1"),
            ("messages?s=1", "/v1/messages?s=1"),
            ("?s=1", "/v1/sse?s=1"),
            (
                "/m?s=1&from=https://x.example",
                "/m?s=1&from=https://x.example",
            ),
            ("https://mcp.example/m?s=1", "/m?s=1"),
            ("https://MCP.example:443/m#x", "/m"),
            ("https://mcp.example", "/"),
        ] {
            assert_eq!(resolved(data).as_deref(), Ok(wanted), "{data}");
        }
    }

    #[test]
    fn another_origin_is_refused() {
        for data in [
            "https://evil.example/m",
            "http://mcp.example/m",
            "https://mcp.example:444/m",
            "https://mcp.example@evil.example/m",
            "https://user@mcp.example/m",
            "//evil.example/m",
            "ftp://mcp.example/m",
            "",
            "/a b",
            "/a\r\nx: y",
        ] {
            assert!(resolved(data).is_err(), "{data}");
        }
    }
}
