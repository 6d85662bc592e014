//! A host that may be reached, as a policy names it, and a target that somebody asks for.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Port of a host without one: that of HTTPS.
const PORT: u16 = 443;
/// Longest name of a host (RFC 1035 section 2.3.4).
const NAME_BYTES_MAX: usize = 253;

/// `api.example.com`, `api.example.com:8443`, `*.example.com` (names below it, at any depth),
/// `192.0.2.1:5432`, `[2001:db8::1]:443`. Port 443 unless one is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// In lower case, without brackets; of a wildcard what follows the star, with its dot.
    name: String,
    port: u16,
    is_wildcard: bool,
}

impl Host {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it, for a person.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (name, port) = split(text).ok_or("no host with a port from 1 to 65535")?;
        let name = name.to_ascii_lowercase();
        if let Ok(address) = name.parse::<IpAddr>() {
            return Ok(Self {
                name: address.to_string(),
                port,
                is_wildcard: false,
            });
        }
        let (name, is_wildcard) = match name.strip_prefix('*') {
            Some(rest) if rest.starts_with('.') => (rest.to_owned(), true),
            Some(_) => return Err("a star stands for whole labels: *.example.com"),
            None => (name, false),
        };
        let labels = name.strip_prefix('.').unwrap_or(&name);
        match is_name(labels) && (!is_wildcard || labels.contains('.')) {
            true => Ok(Self {
                name,
                port,
                is_wildcard,
            }),
            false => Err("no name of a host, as in api.example.com or *.example.com"),
        }
    }

    /// Whether what is asked for is this host.
    #[must_use]
    pub fn covers(&self, asked: &Target) -> bool {
        let is_named = match self.is_wildcard {
            true => asked.address().is_none() && asked.name.ends_with(&self.name),
            false => asked.name == self.name,
        };
        is_named && asked.port == self.port
    }

    /// Whether it may be at this address. A host that is named may be on a private network, where a
    /// wildcard may not: who can add names below it could point them anywhere. This machine and
    /// the link, where clouds keep their credentials, must be named by address or `localhost`.
    #[must_use]
    pub fn may_be_at(&self, address: IpAddr) -> bool {
        if self.name.parse() == Ok(address.to_canonical()) {
            return true;
        }
        let address = reached(address);
        let is_own = address.is_loopback();
        if is_own && self.name == "localhost" && !self.is_wildcard {
            return true;
        }
        !is_own && !is_of_link(address) && (!self.is_wildcard || !is_private(address))
    }
}

/// The address that is reached in the end: an IPv4 one that an IPv6 one carries, by its mapped form
/// (RFC 4291), a translator's prefix (NAT64: RFC 6052, RFC 8215) or 6to4 (RFC 3056).
#[must_use]
pub fn reached(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else {
        return address.to_canonical();
    };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        (0x64, 0xff9b) if c <= 1 => v4(g, h),
        (0x2002, _) => v4(b, c),
        // `::a.b.c.d`, out of use; not `::` and `::1`.
        (0, 0) if (c, d, e, f) == (0, 0, 0, 0) && (g, h) != (0, 0) && (g, h) != (0, 1) => v4(g, h),
        _ => IpAddr::V6(v6),
    }
}

/// What somebody asks to be connected with: the target of a `CONNECT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// In lower case, without a final dot; an address in its usual form.
    pub name: String,
    /// Its port.
    pub port: u16,
}

impl Target {
    /// Reads one; it always names its port.
    #[must_use]
    pub fn of(authority: &str) -> Option<Self> {
        let (name, port) = split(authority)?;
        if !authority.ends_with(&format!(":{port}")) {
            return None;
        }
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let address = name.parse::<IpAddr>().ok();
        let name = address.map_or(name, |address| address.to_string());
        (address.is_some() || is_name(&name)).then_some(Self { name, port })
    }

    /// The address, if it is one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.name.parse().ok()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.contains(':') {
            true => write!(f, "[{}]:{}", self.name, self.port),
            false => write!(f, "{}:{}", self.name, self.port),
        }
    }
}

/// Whether somebody may be connected to at this address whose name is under the control of whoever
/// runs its DNS: loopback, private and link-local addresses only where that is wanted.
#[must_use]
pub fn may_connect(address: IpAddr, allow_private: bool) -> bool {
    let address = reached(address);
    let never = match address {
        IpAddr::V4(v4) => v4.is_broadcast() || v4.octets()[0] == 0,
        IpAddr::V6(v6) => v6.is_unspecified(),
    };
    let private = match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let shared = first == 100 && (64..128).contains(&second);
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || shared
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    };
    !never && !address.is_multicast() && (allow_private || !private)
}

/// Addresses that are no host's, or only on this link.
fn is_of_link(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => {
            it.is_link_local() || it.is_unspecified() || it.is_broadcast() || it.is_multicast()
        }
        IpAddr::V6(it) => it.is_unicast_link_local() || it.is_unspecified() || it.is_multicast(),
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        // 100.64.0.0/10 is shared between a provider and its customers (RFC 6598).
        IpAddr::V4(it) => it.is_private() || matches!(it.octets(), [100, 64..=127, ..]),
        IpAddr::V6(it) => it.is_unique_local(),
    }
}

/// Name and port; brackets of addresses are taken off.
fn split(text: &str) -> Option<(&str, u16)> {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            (
                address,
                rest.strip_prefix(':').or(rest.is_empty().then_some(""))?,
            )
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = match port {
        "" if !text.ends_with(':') => PORT,
        _ => port.parse().ok().filter(|port| digits && *port != 0)?,
    };
    Some((name, port))
}

/// Letters, digits, hyphens and underscores between dots.
fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_plain);
    text.len() <= NAME_BYTES_MAX && text.split('.').all(is_label)
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.is_wildcard { "*" } else { "" };
        match self.name.contains(':') {
            true => write!(f, "[{}]", self.name)?,
            false => write!(f, "{star}{}", self.name)?,
        }
        match self.port {
            PORT => Ok(()),
            port => write!(f, ":{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Target {
        Target::of(text).unwrap()
    }

    fn host(text: &str) -> Host {
        Host::parse(text).unwrap()
    }

    #[test]
    fn hosts_are_read_and_written() {
        for text in [
            "api.example.com",
            "*.example.com:8443",
            "192.0.2.1:5432",
            "[2001:db8::1]",
            "[2001:db8::1]:80",
            "localhost:1",
        ] {
            assert_eq!(host(text).to_string(), text);
        }
        assert_eq!(host("API.Example.com:443").to_string(), "api.example.com");
        for bad in [
            "",
            ":443",
            "a..b",
            "a:0",
            "a:65536",
            "a:+1",
            "a:",
            "*",
            "*.com",
            "*a.b",
            "a.*.b",
            "http://a",
            "a/b",
            "[::1",
            "[1.2.3.4]",
            "a b",
            "a\r\n",
            "::1",
        ] {
            assert!(Host::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_host_covers_itself_and_a_wildcard_what_is_below() {
        assert!(host("a.example.com").covers(&asked("A.EXAMPLE.com:443")));
        assert!(host("a.example.com").covers(&asked("a.example.com.:443")));
        assert!(!host("a.example.com").covers(&asked("a.example.com:80")));
        assert!(!host("a.example.com").covers(&asked("b.a.example.com:443")));
        let below = host("*.example.com");
        assert!(below.covers(&asked("b.a.example.com:443")));
        assert!(!below.covers(&asked("example.com:443")));
        assert!(!below.covers(&asked("badexample.com:443")));
        assert!(!host("1.2.3.4").covers(&asked("01.2.3.4:443")));
        assert!(host("[::1]:80").covers(&asked("[0:0::1]:80")));
    }

    #[test]
    fn targets_name_a_host_and_a_port() {
        let target = asked("Example.COM.:8443");
        assert_eq!((target.name.as_str(), target.port), ("example.com", 8443));
        assert_eq!(asked("[0::1]:80").name, "::1");
        assert_eq!(asked("[0::1]:80").to_string(), "[::1]:80");
        for bad in [
            "example.com",
            "a:b",
            ":80",
            "a b:80",
            "a@b:80",
            "[::1]",
            "a:080",
        ] {
            assert_eq!(Target::of(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_what_is_named_so_is_on_this_machine_or_link() {
        let at = |name: &str, address: &str| host(name).may_be_at(address.parse().unwrap());
        assert!(at("db.corp.example", "10.1.2.3"));
        assert!(!at("*.corp.example", "10.1.2.3"));
        assert!(!at("*.corp.example", "fd00::1"));
        assert!(at("*.corp.example", "192.0.2.1"));
        for own in [
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "0.0.0.0",
            "169.254.169.254",
        ] {
            assert!(!at("api.example.com", own), "{own}");
        }
        assert!(at("localhost:5432", "127.0.0.1") && at("localhost:5432", "::1"));
        assert!(!at("localhost:5432", "10.0.0.1") || at("db.example", "10.0.0.1"));
        assert!(at("169.254.169.254:80", "169.254.169.254"));
        // IPv4 addresses within IPv6 ones.
        for hidden in [
            "64:ff9b::a00:5",
            "64:ff9b:1::a00:5",
            "2002:a00:5::1",
            "::10.0.0.5",
        ] {
            assert!(!at("*.corp.example", hidden), "{hidden}");
        }
        assert!(!at("db.example", "64:ff9b::a9fe:a9fe") && !at("db.example", "2002:7f00:1::"));
        assert!(at("*.corp.example", "64:ff9b::c000:201"));
        assert!(at("127.0.0.1:80", "127.0.0.1") && !at("127.0.0.1:80", "127.0.0.2"));
    }
}
