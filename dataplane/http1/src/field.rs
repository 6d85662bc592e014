//! The header fields that the gateway knows by name; decides which of them may stand only once.

use crate::name::Name;

macro_rules! fields {
    ($($name:ident $wire:literal $once:literal $hop:literal)*) => {
        /// A known header field, of a request or a response. Names match in any case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Field {
            $(#[doc = concat!("`", $wire, "`")] $name,)*
        }

        impl Field {
            /// Every known field.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name on the wire, in lower case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $wire,)*
                }
            }

            /// The name with what stands before a value.
            pub(crate) const fn opening(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($wire, ": "),)*
                }
            }

            /// Whether a second line of it makes the message refused, because two readers could
            /// take different ones.
            #[must_use]
            pub const fn stands_once(self) -> bool {
                match self {
                    $(Self::$name => $once,)*
                }
            }

            /// Whether it concerns one connection only and is never passed on
            /// (RFC 9110 section 7.6.1).
            #[must_use]
            pub const fn is_hop_by_hop(self) -> bool {
                match self {
                    $(Self::$name => $hop,)*
                }
            }
        }
    };
}

#[rustfmt::skip]
fields! {
    Host "host" true false
    Origin "origin" true false
    Authorization "authorization" true false
    Dpop "dpop" true false
    ContentType "content-type" true false
    ContentEncoding "content-encoding" true false
    ContentLength "content-length" true true
    TransferEncoding "transfer-encoding" true true
    Accept "accept" false false
    McpSessionId "mcp-session-id" true false
    McpProtocolVersion "mcp-protocol-version" true false
    McpMethod "mcp-method" true false
    McpName "mcp-name" true false
    LastEventId "last-event-id" true false
    UserAgent "user-agent" false false
    Traceparent "traceparent" false false
    Tracestate "tracestate" false false
    Baggage "baggage" false false
    Connection "connection" false true
    KeepAlive "keep-alive" false true
    ProxyConnection "proxy-connection" false true
    ProxyAuthenticate "proxy-authenticate" false true
    ProxyAuthorization "proxy-authorization" true true
    Te "te" false true
    Trailer "trailer" false true
    Upgrade "upgrade" false true
    Http2Settings "http2-settings" false true
    Expect "expect" false true
    AcceptEncoding "accept-encoding" false false
    AcceptLanguage "accept-language" false false
    Cookie "cookie" false false
    SetCookie "set-cookie" false false
    Forwarded "forwarded" false false
    XForwardedFor "x-forwarded-for" false false
    XForwardedHost "x-forwarded-host" false false
    XForwardedProto "x-forwarded-proto" false false
    Via "via" false false
    Date "date" false false
    Server "server" false false
    CacheControl "cache-control" false false
    Vary "vary" false false
    Allow "allow" false false
    Location "location" true false
    RetryAfter "retry-after" false false
    WwwAuthenticate "www-authenticate" false false
    XAccelBuffering "x-accel-buffering" false false
    AccessControlRequestMethod
        "access-control-request-method" false false
    AccessControlRequestHeaders
        "access-control-request-headers" false false
}

impl Field {
    /// How many fields are known.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// Whether it says how long a body is.
    pub(crate) const fn is_framing(self) -> bool {
        matches!(self, Self::ContentLength | Self::TransferEncoding)
    }

    /// The field with this name, in any case.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        let read = Name::read(name)?;
        read.field().filter(|_| read.len() == name.len())
    }
}

/// Whether the name is one of the protocol's own: `Mcp-` and anything, in any case.
pub(crate) fn is_mcp(name: &[u8]) -> bool {
    name.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"mcp-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_field_in_any_case() {
        for field in Field::ALL {
            let name = field.name();
            assert_eq!(Field::named(name.as_bytes()), Some(*field), "{name}");
            assert_eq!(Field::named(name.to_uppercase().as_bytes()), Some(*field));
            assert_eq!(
                Field::named(name.replace('-', "_").as_bytes()).is_some(),
                !name.contains('-')
            );
            assert_eq!(Field::named(format!("{name} ").as_bytes()), None);
        }
    }

    #[test]
    fn every_field_of_the_protocol_stands_once() {
        for field in Field::ALL {
            assert!(field.stands_once() || !field.name().starts_with("mcp-"));
        }
    }
}
