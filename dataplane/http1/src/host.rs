//! Whether a Host field names one host; refuses user parts, lists, empty names and bad ports.

use core::net::Ipv6Addr;

/// Longest host, in bytes: a DNS name and a port.
const HOST_BYTES_MAX: usize = 253 + 6;

/// Whether the value is a name or address with an optional port of 1 to 65535
/// (RFC 9110 section 7.2), without percent encoding.
pub(crate) fn is_valid(value: &[u8]) -> bool {
    if value.len() > HOST_BYTES_MAX {
        return false;
    }
    if let [b'[', rest @ ..] = value {
        let Some(close) = rest.iter().position(|byte| *byte == b']') else {
            return false;
        };
        let (address, behind) = rest.split_at(close);
        return is_ipv6(address) && behind.get(1..).is_some_and(is_port_part);
    }
    let name = value
        .iter()
        .position(|byte| *byte == b':')
        .unwrap_or(value.len());
    let (name, port) = value.split_at(name);
    !name.is_empty() && name.iter().all(|byte| is_name(*byte)) && is_port_part(port)
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

fn is_ipv6(address: &[u8]) -> bool {
    core::str::from_utf8(address).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

fn is_port_part(part: &[u8]) -> bool {
    match part {
        [] => true,
        [b':', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => {
            core::str::from_utf8(digits).is_ok_and(|text| text.parse::<u16>().is_ok_and(|n| n > 0))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_one_name_or_address_with_a_port_or_without() {
        for good in [
            "a",
            "a.b:80",
            "127.0.0.1:7332",
            "[::1]",
            "[::1]:65535",
            "x_y-z.",
            "A.B",
        ] {
            assert!(is_valid(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            ":80",
            "a:",
            "a:0",
            "a:65536",
            "a:+1",
            "a:1:2",
            "u@a",
            "a,b",
            "a b",
            "a/b",
            "a%2eb",
            "[::1",
            "::1",
            "[::1]x",
            "[::1]:",
            "[g::]",
            "[]",
            "a:123456",
            "a\u{e9}",
            "[fe80::1%1]",
        ] {
            assert!(!is_valid(bad.as_bytes()), "{bad}");
        }
        assert!(!is_valid(&[b'a'; HOST_BYTES_MAX + 1]));
    }
}
