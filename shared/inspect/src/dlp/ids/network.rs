//! Addresses of networks and identifiers of software.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// UUID in its canonical form: 8, 4, 4, 4 and 12 hexadecimal digits (RFC 9562 section 4).
pub(super) fn uuid(text: &[u8]) -> bool {
    let mut groups = text.split(|byte| *byte == b'-');
    let all = [8, 4, 4, 4, 12].iter().all(|length| {
        let group = groups.next().unwrap_or_default();
        group.len() == *length && group.iter().all(u8::is_ascii_hexdigit)
    });
    all && groups.next().is_none()
}

/// IPv4 address: four decimal numbers to 255 without leading zeros (RFC 6943 section 3.1.1, strict
/// form), not the unspecified one.
pub(super) fn ipv4(text: &[u8]) -> bool {
    parsed::<Ipv4Addr>(text).is_some_and(|address| !address.is_unspecified())
}

/// IPv6 address without a zone (RFC 4291 section 2.2), not the unspecified one, which programs
/// write between names.
pub(super) fn ipv6(text: &[u8]) -> bool {
    parsed::<Ipv6Addr>(text).is_some_and(|address| !address.is_unspecified())
}

fn parsed<Address: FromStr>(text: &[u8]) -> Option<Address> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// MAC address: six pairs of hexadecimal digits between `:` or `-`, or three groups of four
/// between `.` (IEEE 802 section 8.1).
pub(super) fn mac(text: &[u8]) -> bool {
    [(b':', 2, 6), (b'-', 2, 6), (b'.', 4, 3)]
        .iter()
        .any(|(separator, length, count)| {
            let mut groups = text.split(|byte| byte == separator);
            let all = groups
                .by_ref()
                .take(*count)
                .filter(|group| group.len() == *length && group.iter().all(u8::is_ascii_hexdigit));
            all.count() == *count && groups.next().is_none()
        })
}
