//! URLs, hosts, origins and listeners, as strictly as the gateway will use them (RFC 3986).
//!
//! Refuses every spelling that two programs could read differently: user information, fragments,
//! numbers that some take for addresses (`0x7f.1`, `2130706433`), backslashes, escapes in hosts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::problem::Wrong;

/// Longest URL in bytes.
const URL_BYTES_MAX: usize = 2048;
/// Longest DNS name in bytes (RFC 1035).
const HOST_BYTES_MAX: usize = 253;
/// Longest label of a DNS name in bytes.
const LABEL_BYTES_MAX: usize = 63;

/// An http or https URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) tls: bool,
    /// Lower case, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Value of the `Host` header: with brackets, and with the port unless it is the default one.
    pub(crate) authority: String,
    /// Path and query; begins with `/`.
    pub(crate) path: String,
}

impl Url {
    /// Whether the URL itself says that the upstream is near: loopback, a private address, or
    /// `localhost`.
    pub(crate) fn is_private(&self) -> bool {
        let private = match self.address() {
            Some(IpAddr::V4(ip)) => ip.is_private(),
            Some(IpAddr::V6(ip)) => ip.is_unique_local(),
            None => false,
        };
        private || self.is_loopback()
    }

    /// Whether it never leaves the machine.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.address() {
            Some(ip) => ip.is_loopback(),
            None => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    /// Whether it is an address where no MCP server is expected: link-local (where clouds keep
    /// their metadata services), unspecified, multicast.
    pub(crate) fn is_dubious(&self) -> bool {
        let Some(ip) = self.address() else {
            return false;
        };
        let link_local = match ip {
            IpAddr::V4(ip) => ip.is_link_local() || ip.is_broadcast(),
            IpAddr::V6(ip) => ip.is_unicast_link_local(),
        };
        link_local || ip.is_unspecified() || ip.is_multicast()
    }

    fn address(&self) -> Option<IpAddr> {
        self.host.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
    }

    /// Scheme and authority.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }
}

/// A URL such as `https://api.example.com/mcp/`.
pub(crate) fn url(text: &str) -> Result<Url, Wrong> {
    let wrong = || Wrong::expected("a URL such as https://api.example.com/mcp/");
    let (tls, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
        Some(_) => return Err(wrong().help("only http and https can be reached")),
        None => return Err(wrong()),
    };
    if text.len() > URL_BYTES_MAX {
        return Err(Wrong::expected(format!(
            "a URL of at most {URL_BYTES_MAX} bytes"
        )));
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).ok_or_else(wrong)?;
    if authority.contains('@') {
        let help = "put credentials into the vault and name them under `credential`";
        return Err(Wrong::expected("a URL without user name or password")
            .help(help)
            .hidden());
    }
    let (shown, port) = split_port(authority)?;
    let host = host(shown)?;
    let default = if tls { 443 } else { 80 };
    let port = port.unwrap_or(default);
    let suffix = if port == default {
        String::new()
    } else {
        format!(":{port}")
    };
    let authority = format!("{}{suffix}", bracketed(&host));
    Ok(Url {
        tls,
        host,
        port,
        authority,
        path: check_path(path)?,
    })
}

/// A mail server: `smtps://HOST` (TLS at once, port 465) or `smtp://HOST` (STARTTLS, port 587).
pub(crate) fn smtp(text: &str) -> Result<Url, Wrong> {
    let wrong = || Wrong::expected("a mail server such as smtps://mail.acme.example:465");
    let (tls, rest) = match text.split_once("://") {
        Some(("smtps", rest)) => (true, rest),
        Some(("smtp", rest)) => (false, rest),
        _ => return Err(wrong().help("smtps is TLS at once, smtp is STARTTLS")),
    };
    let found = url(&format!("https://{rest}")).map_err(|_| wrong())?;
    if found.path != "/" {
        return Err(wrong());
    }
    let is_named = rest.rsplit(']').next().is_some_and(|end| end.contains(':'));
    let port = match (is_named, tls) {
        (true, _) => found.port,
        (false, true) => 465,
        (false, false) => 587,
    };
    Ok(Url { tls, port, ..found })
}

/// A URL without path, such as `https://mcp.example.com`; normalised.
pub(crate) fn base(text: &str) -> Result<String, Wrong> {
    let wrong = || Wrong::expected("a URL without a path, such as https://mcp.example.com");
    let url = url(text).map_err(|_| wrong())?;
    if url.path == "/" {
        Ok(url.origin())
    } else {
        Err(wrong())
    }
}

/// A host without port, lower case; addresses of version 6 without brackets.
pub(crate) fn host(text: &str) -> Result<String, Wrong> {
    let wrong = || Wrong::expected("a DNS name or an address, such as api.example.com or 10.0.0.7");
    if let Some(inside) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return inside
            .parse::<Ipv6Addr>()
            .map(|ip| ip.to_string())
            .map_err(|_| wrong());
    }
    let host = text.to_ascii_lowercase();
    let last = host.rsplit('.').next().unwrap_or_default();
    // The URL standard takes such a host for an address in one of many notations.
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        let help = "write addresses as four decimal numbers";
        return match host.parse::<Ipv4Addr>() {
            Ok(ip) => Ok(ip.to_string()),
            Err(_) => Err(wrong().help(help)),
        };
    }
    let fine = host.len() <= HOST_BYTES_MAX && host.split('.').all(is_label);
    if fine { Ok(host) } else { Err(wrong()) }
}

/// A host as it stands in a `Host` header, without port, lower case.
pub(crate) fn served_host(text: &str) -> Result<String, Wrong> {
    host(text)
        .map(|host| bracketed(&host))
        .map_err(|wrong| match split_port(text) {
            Ok((_, Some(_))) => {
                Wrong::expected("a host without a port").help("every port is served")
            }
            _ => wrong,
        })
}

/// A value of the `Origin` header, such as `https://app.example.com`; lower case.
pub(crate) fn origin(text: &str) -> Result<String, Wrong> {
    let wrong = || Wrong::expected("an origin such as https://app.example.com, without a path");
    let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
    let scheme_fine = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if !scheme_fine {
        return Err(wrong());
    }
    if matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
        // Browsers leave the default port out, and so does `base`.
        return if rest.contains('/') {
            Err(wrong())
        } else {
            base(text).map_err(|_| wrong())
        };
    }
    let (name, _) = split_port(rest)?;
    host(name)?;
    Ok(text.to_ascii_lowercase())
}

/// A listener, `ADDRESS:PORT`.
pub(crate) fn listener(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| {
        let wrong = Wrong::expected("an address with a port, such as 127.0.0.1:7332 or [::]:7332");
        match text.strip_prefix("localhost:") {
            Some(port) => wrong.help(format!("did you mean 127.0.0.1:{port}?")),
            None => wrong,
        }
    })
}

fn bracketed(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), Wrong> {
    let bracket = authority.rfind(']').unwrap_or(0);
    let Some(colon) = authority.rfind(':').filter(|colon| *colon > bracket) else {
        return Ok((authority, None));
    };
    let (host, port) = authority.split_at_checked(colon).unwrap_or((authority, ""));
    let digits = port.get(1..).unwrap_or_default();
    let number = digits.parse::<u16>().ok().filter(|port| *port > 0);
    let exact = number.filter(|port| port.to_string() == digits);
    exact
        .map(|port| (host, Some(port)))
        .ok_or_else(|| Wrong::expected("a port from 1 to 65535"))
}

fn check_path(path: &str) -> Result<String, Wrong> {
    if path.contains('#') {
        return Err(Wrong::expected("a URL without a fragment (`#...`)"));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?%".contains(c);
    if !path.chars().all(allowed) {
        return Err(Wrong::expected(
            "a URL of visible ASCII characters, others percent-encoded",
        ));
    }
    let mut escapes = path.split('%').skip(1);
    if !escapes.all(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2) {
        return Err(Wrong::expected("two hex digits behind each `%` of the URL"));
    }
    let before_query = path.split('?').next().unwrap_or_default();
    if before_query
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        return Err(Wrong::expected("a URL without `.` and `..` in its path"));
    }
    Ok(if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    })
}

fn is_label(label: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let edges = !label.starts_with('-') && !label.ends_with('-') && !label.is_empty();
    edges && label.len() <= LABEL_BYTES_MAX && label.chars().all(allowed)
}

#[cfg(test)]
mod tests;
