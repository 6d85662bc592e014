//! The endpoint that load goes to, `http://` or `https://`.
//!
//! Refused: everything that is not such a URL with a host that resolves.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::Context;

/// A resolved URL.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) url: String,
    pub(super) address: SocketAddr,
    /// For the `Host` header.
    pub(super) authority: String,
    pub(super) path: String,
    pub(super) tls: bool,
}

impl Target {
    /// # Errors
    /// Not an `http://` or `https://` URL, or a host that does not resolve.
    pub(super) fn parse(url: &str) -> anyhow::Result<Self> {
        let (tls, rest) = if let Some(rest) = url.strip_prefix("http://") {
            (false, rest)
        } else if let Some(rest) = url.strip_prefix("https://") {
            (true, rest)
        } else {
            anyhow::bail!(
                "--url {url:?} begins with neither http:// nor https://; \
                 give the endpoint, for example http://127.0.0.1:7332/mcp"
            );
        };
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        let named = authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| is_number(port));
        let resolved = if named {
            authority.to_socket_addrs()
        } else {
            format!("{authority}:{}", if tls { 443 } else { 80 }).to_socket_addrs()
        };
        let address = resolved
            .with_context(|| format!("--url {url:?}: cannot resolve {authority:?}"))?
            .next()
            .with_context(|| format!("--url {url:?}: {authority:?} has no address"))?;
        Ok(Self {
            url: url.to_owned(),
            address,
            authority: authority.to_owned(),
            path: path.to_owned(),
            tls,
        })
    }

    /// The name that a certificate must bear.
    pub(super) fn host(&self) -> &str {
        let host = match self.authority.rsplit_once(':') {
            Some((host, port)) if is_number(port) => host,
            _ => &self.authority,
        };
        host.trim_start_matches('[').trim_end_matches(']')
    }
}

fn is_number(port: &str) -> bool {
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::parse("http://127.0.0.1:7332/mcp/crm").unwrap();
        assert_eq!(target.address.to_string(), "127.0.0.1:7332");
        assert_eq!(
            (target.authority.as_str(), target.path.as_str()),
            ("127.0.0.1:7332", "/mcp/crm")
        );
        let port = |url| Target::parse(url).unwrap().address.port();
        assert_eq!(
            (port("http://127.0.0.1"), port("https://127.0.0.1/a")),
            (80, 443)
        );
    }

    #[test]
    fn a_certificate_is_asked_for_the_host_without_its_port() {
        for (url, host) in [
            ("https://127.0.0.1:8443/mcp", "127.0.0.1"),
            ("https://[::1]:8443/mcp", "::1"),
            ("https://[::1]/", "::1"),
        ] {
            let target = Target::parse(url).unwrap();
            assert!(target.tls);
            assert_eq!(target.host(), host);
        }
    }

    #[test]
    fn what_is_no_url_is_refused_with_an_example() {
        let error = Target::parse("127.0.0.1:80/mcp").unwrap_err().to_string();
        assert!(error.contains("for example http://"), "{error}");
    }
}
