//! Names of upstreams, resolved away from the workers, renewed now and then.
//!
//! A name may lead to a loopback, private or link-local address only where the policy says so, or
//! where the URL itself names such a place: names are under the control of whoever runs their DNS.

use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use varistor_model::may_connect;
use varistor_origin::in_turn;

use super::Control;
use crate::log;

/// How often names are looked up again.
const RENEW: Duration = Duration::from_secs(30);
/// How often names without an address are tried.
const RETRY: Duration = Duration::from_secs(3);
/// Longest wait for one look-up.
const LOOKUP: Duration = Duration::from_secs(3);

/// The addresses of a host that may be connected to; empty when there are none.
pub(crate) async fn resolve(host: &str, port: u16, allow_private: bool) -> Vec<SocketAddr> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return vec![SocketAddr::new(address, port)];
    }
    let looked_up = tokio::time::timeout(LOOKUP, tokio::net::lookup_host((host, port))).await;
    let Ok(Ok(found)) = looked_up else {
        return Vec::new();
    };
    let mut addresses: Vec<_> = found
        .filter(|address| may_connect(address.ip(), allow_private))
        .collect();
    // IPv4 first: a host without a route to IPv6 fails slowly.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    in_turn(addresses)
}

/// The same for a host that somebody else names: an address is looked at as what a name leads to.
pub(crate) async fn resolve_checked(host: &str, port: u16, allow_private: bool) -> Vec<SocketAddr> {
    let mut found = resolve(host, port, allow_private).await;
    found.retain(|address| may_connect(address.ip(), allow_private));
    found
}

/// Keeps the addresses of all upstreams fresh. An address that served stays when a look-up fails.
pub(crate) async fn renew(control: Rc<Control>) {
    let mut since_renewal = Duration::ZERO;
    loop {
        tokio::time::sleep(RETRY).await;
        since_renewal += RETRY;
        let all = since_renewal >= RENEW;
        if all {
            since_renewal = Duration::ZERO;
        }
        for upstream in &control.hub.published().upstreams {
            let missing = upstream.addresses.load().is_empty();
            if upstream.within.is_some() || !(all || missing) {
                continue;
            }
            let found = resolve(&upstream.host, upstream.port, upstream.allow_private).await;
            if !found.is_empty() {
                if missing {
                    log::info(format_args!(
                        "server {}: {} has an address",
                        upstream.name, upstream.host
                    ));
                }
                upstream.addresses.store(Arc::new(found));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_private_addresses_only_where_that_is_wanted() {
        for (address, allow_private, may) in [
            ("127.0.0.1", false, false),
            ("127.0.0.1", true, true),
            ("169.254.169.254", false, false),
            ("::ffff:169.254.169.254", false, false),
            ("::ffff:10.0.0.1", false, false),
            ("fe80::1", false, false),
            ("fd00::1", false, false),
            ("100.64.1.1", false, false),
            ("10.1.2.3", false, false),
            ("10.1.2.3", true, true),
            ("0.0.0.0", true, false),
            ("::", true, false),
            ("224.0.0.1", true, false),
            ("93.184.216.34", false, true),
            ("2606:2800:220:1::1", false, true),
        ] {
            assert_eq!(
                may_connect(address.parse().unwrap(), allow_private),
                may,
                "{address}"
            );
        }
    }
}
