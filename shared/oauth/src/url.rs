//! URLs, as far as they decide who may get what.

use std::net::IpAddr;

/// Whether a URL is https, or http on this machine, and names nobody.
#[must_use]
pub fn is_secure(url: &str) -> bool {
    let Some((scheme, authority, _)) = parts(url) else {
        return false;
    };
    match scheme {
        "https" => true,
        "http" => is_loopback(&host(authority)),
        _ => false,
    }
}

/// Scheme, authority and what follows; `None` for what is no absolute URL that can be asked.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let visible = url
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let plain = !authority.is_empty() && !authority.contains('@') && !url.contains('#');
    (visible && plain).then_some((scheme, authority, path))
}

/// Scheme, host and port, so that equal ones are equal.
pub(crate) fn origin(url: &str) -> Option<String> {
    let (scheme, authority, _) = parts(url)?;
    let authority = authority.to_ascii_lowercase();
    let default = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = authority.strip_suffix(default).unwrap_or(&authority);
    Some(format!("{scheme}://{authority}"))
}

/// The path without query.
pub(crate) fn path(url: &str) -> Option<&str> {
    let (.., path) = parts(url)?;
    path.split('?').next()
}

/// The place of a document of this kind about a URL: RFC 8615, as RFC 8414 and RFC 9728 use it.
pub(crate) fn well_known(url: &str, kind: &str, path: &str) -> Option<String> {
    let (scheme, authority, _) = parts(url)?;
    Some(format!("{scheme}://{authority}/.well-known/{kind}{path}"))
}

/// Whether the server's URL lies within the resource: same origin, and the resource's path in front
/// of its own.
pub(crate) fn is_within(server: &str, resource: &str) -> bool {
    let same = origin(server).is_some_and(|own| Some(own) == origin(resource));
    let (Some(path), Some(prefix)) = (path(server), path(resource)) else {
        return false;
    };
    let prefix = prefix.trim_end_matches('/');
    let rest = path.strip_prefix(prefix);
    same && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn host(authority: &str) -> String {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    host.unwrap_or_default().to_ascii_lowercase()
}

fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_tls_only_this_machine_is_asked() {
        for good in [
            "https://a.example/x?y",
            "http://127.0.0.1:9/x",
            "http://[::1]:9",
            "http://localhost",
        ] {
            assert!(is_secure(good), "{good}");
        }
        for bad in [
            "http://a.example/",
            "http://127.0.0.1.example/",
            "http://10.0.0.1/",
            "https://user@a.example/",
            "https:///x",
            "https://a.example/#x",
            "https://a.example/\\x",
            "https://a.example/x y",
            "ftp://a.example/",
            "a.example",
            "",
        ] {
            assert!(!is_secure(bad), "{bad}");
        }
    }

    #[test]
    fn a_resource_is_the_server_or_what_it_lies_in() {
        let server = "https://a.example/v1/mcp?x=1";
        for good in [
            "https://a.example",
            "https://A.example:443/",
            "https://a.example/v1",
            "https://a.example/v1/mcp",
            "https://a.example/v1/mcp/",
        ] {
            assert!(is_within(server, good), "{good}");
        }
        for bad in [
            "http://a.example",
            "https://a.example:8443",
            "https://b.example/v1/mcp",
            "https://a.example.evil/v1",
            "https://a.example/v",
            "https://a.example/v1/mcp/x",
        ] {
            assert!(!is_within(server, bad), "{bad}");
        }
    }
}
