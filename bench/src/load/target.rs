//! The endpoint that load goes to.
//!
//! Refused: TLS, and everything that is not an `http://` URL with a host.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::Context;

/// A resolved URL.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) address: SocketAddr,
    /// For the `Host` header.
    pub(super) authority: String,
    pub(super) path: String,
}

impl Target {
    /// # Errors
    /// Not an `http://` URL, or a host that does not resolve.
    pub(super) fn parse(url: &str) -> anyhow::Result<Self> {
        let rest = url
            .strip_prefix("http://")
            .with_context(|| format!("{url:?} does not begin with http://"))?;
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        let resolved = if authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| is_number(port))
        {
            authority.to_socket_addrs()
        } else {
            format!("{authority}:80").to_socket_addrs()
        };
        let address = resolved
            .with_context(|| format!("cannot resolve {authority:?}"))?
            .next()
            .with_context(|| format!("{authority:?} has no address"))?;
        Ok(Self {
            address,
            authority: authority.to_owned(),
            path: path.to_owned(),
        })
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
        assert_eq!(
            Target::parse("http://127.0.0.1").unwrap().address.port(),
            80
        );
        assert!(Target::parse("https://127.0.0.1/mcp").is_err());
    }
}
