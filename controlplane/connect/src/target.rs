//! Where the gateway is; refuses plain HTTP to other machines, over which a token could be read.

use std::net::IpAddr;
use std::path::PathBuf;

use hyper::Uri;
use varistor_origin::{Link, Place, connector, looked_up};

/// A URL that the bridge may send a token to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    scheme: Scheme,
    host: String,
    port: u16,
    authority: String,
    path: String,
}

/// How the bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Plain, to this machine only.
    Loopback,
    /// Plain, to anywhere, because somebody said so.
    Plain,
    /// TLS.
    Tls,
}

/// Why a URL can't be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TargetError {
    /// No absolute URL of the two schemes.
    #[error("{0}: expected http://HOST:PORT/mcp/SERVER or https://HOST/mcp/SERVER")]
    Malformed(String),
    /// It would show the token to the network.
    #[error(
        "{0}: the token would cross the network in clear; use https, or say --allow-http if \
         something else protects the way"
    )]
    Clear(String),
}

impl Target {
    /// Reads a URL. `allow_http` permits plain HTTP to other machines.
    ///
    /// # Errors
    /// No such URL, or one that would show the token. What stands before an `@` is not repeated.
    pub fn parse(url: &str, allow_http: bool) -> Result<Self, TargetError> {
        let shown = || match url.rsplit_once('@') {
            Some((_, rest)) => format!("..@{rest}"),
            None => url.to_owned(),
        };
        let malformed = || TargetError::Malformed(shown());
        let uri: Uri = url.parse().map_err(|_| malformed())?;
        let authority = uri.authority().ok_or_else(malformed)?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(malformed());
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Tls,
            Some("http") if is_loopback(&host) => Scheme::Loopback,
            Some("http") if allow_http => Scheme::Plain,
            Some("http") => return Err(TargetError::Clear(shown())),
            _ => return Err(malformed()),
        };
        let usual = if scheme == Scheme::Tls { 443 } else { 80 };
        Ok(Self {
            scheme,
            host,
            port: uri.port_u16().unwrap_or(usual),
            authority: authority.as_str().to_owned(),
            path: uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
        })
    }

    /// The way there, over which nothing has gone yet. Authorities (PEM) to trust, or those of the
    /// machine.
    pub(crate) fn link(&self, authority: Option<PathBuf>) -> Link {
        let scheme = self.scheme;
        let resolve = looked_up(move |ip| scheme != Scheme::Loopback || ip.is_loopback());
        let trust = move || {
            let hint = if authority.is_none() { " (--ca)" } else { "" };
            connector(authority.as_deref()).map_err(|error| format!("{error}{hint}"))
        };
        let place = Place {
            host: self.host.clone(),
            port: self.port,
            tls: scheme == Scheme::Tls,
        };
        Link::new(place, resolve, Box::new(trust))
    }

    /// What the field `Host` says.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Path and query.
    pub fn path(&self) -> &str {
        &self.path
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_goes_in_clear_to_another_machine_unasked() {
        for url in [
            "http://127.0.0.1:7332/mcp/a",
            "http://[::1]/mcp/a",
            "http://localhost/x",
        ] {
            let target = Target::parse(url, false).unwrap();
            assert_eq!(target.scheme, Scheme::Loopback, "{url}");
        }
        for url in [
            "http://gw.example/mcp/a",
            "http://127.0.0.1.example/",
            "http://10.0.0.1/",
        ] {
            let refused = Target::parse(url, false).unwrap_err();
            assert_eq!(refused, TargetError::Clear(url.to_owned()));
            assert_eq!(Target::parse(url, true).unwrap().scheme, Scheme::Plain);
        }
    }

    #[test]
    fn parts_of_a_url_are_told_apart() {
        let target = Target::parse("https://gw.example/mcp/crm?x=1", false).unwrap();
        assert_eq!((&*target.host, target.port), ("gw.example", 443));
        assert_eq!(target.path(), "/mcp/crm?x=1");
        let target = Target::parse("http://[::1]:9", false).unwrap();
        assert_eq!((&*target.host, target.port), ("::1", 9));
        assert_eq!((target.authority(), target.path()), ("[::1]:9", "/"));
    }

    #[test]
    fn what_is_no_url_is_refused_without_its_password() {
        for url in ["", "gw.example/mcp", "ftp://a/", "http:///x", "/mcp/a"] {
            assert!(Target::parse(url, true).is_err(), "{url}");
        }
        let refused = Target::parse("https://me:secret@gw/mcp", false).unwrap_err();
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}
