//! Which hosts and addresses are the organisation's own: what goes elsewhere leaves it.
//!
//! Policy names its domains (`organisations.*.domains`). Without them, only names that can't belong
//! to anybody else are its own: those of private networks, and those that documentation uses for
//! one's own company.

use varistor_intent::Outside;
use varistor_snapshot::schema::ArchivedOrganisation;

/// One organisation's view of what is its own.
pub(crate) struct Own<'a>(pub(crate) Option<&'a ArchivedOrganisation>);

/// Domains that no registry gives to anybody (RFC 6761, RFC 6762, RFC 8375, ICANN SAC 113), as far
/// as they stand for the inside.
const INSIDE: &[&str] = &[
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "corp",
    "home.arpa",
    // One's own company in documentation, below a domain that nobody owns (RFC 2606).
    "acme.example",
    "company.example",
    "ourcompany.example",
    "mycompany.example",
];

impl Own<'_> {
    fn is_own(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        let stated = self.0.map(|row| &row.domains);
        let mut stated = stated.into_iter().flat_map(|domains| domains.iter());
        host.is_empty()
            || stated.any(|domain| is_within(host, domain))
            || INSIDE.iter().any(|domain| is_within(host, domain))
            // A name without a dot is found on one's own network only.
            || !host.contains(['.', ':'])
            || is_private(host)
    }
}

impl Outside for Own<'_> {
    fn is_foreign_host(&self, host: &str) -> bool {
        !self.is_own(host)
    }

    fn is_foreign_mail(&self, address: &str) -> bool {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        let ends = |c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-';
        !self.is_own(domain.split(ends).next().unwrap_or_default())
    }

    fn states_own(&self) -> bool {
        self.0.is_some_and(|row| !row.domains.is_empty())
    }
}

/// Whether a host is this domain or below it.
fn is_within(host: &str, domain: &str) -> bool {
    let Some(at) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    let (Some(before), Some(end)) = (host.get(..at), host.get(at..)) else {
        return false;
    };
    end.eq_ignore_ascii_case(domain) && (before.is_empty() || before.ends_with('.'))
}

/// Whether it is an address of a private network or of this machine.
fn is_private(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse() {
        Ok(core::net::IpAddr::V4(address)) => {
            address.is_loopback() || (address.is_private() && !address.is_link_local())
        }
        Ok(core::net::IpAddr::V6(address)) => address.is_loopback() || address.is_unique_local(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_nobody_else_is_ones_own() {
        let own = Own(None);
        for host in [
            "localhost",
            "db",
            "build.corp",
            "10.0.0.7",
            "127.0.0.1",
            "[::1]",
            "API.acme.example",
            "printer.local.",
        ] {
            assert!(!own.is_foreign_host(host), "{host}");
        }
        for host in [
            "example.com",
            "acme.example.net",
            "evilacme.example",
            "169.254.169.254",
            "8.8.8.8",
            "corp.example.org",
            "2001:db8::1",
        ] {
            assert!(own.is_foreign_host(host), "{host}");
        }
        assert!(!own.is_foreign_mail("Ann <ann@mail.acme.example>"));
        assert!(own.is_foreign_mail("ann@gmail.com"));
        assert!(own.is_foreign_mail("ann@localhost@gmail.com"));
    }
}
