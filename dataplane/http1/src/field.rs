//! The header fields that the gateway knows by name; decides which of them may stand only once.

macro_rules! fields {
    ($($name:ident $wire:literal $bytes:literal $once:literal $hop:literal)*) => {
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

            /// A match of patterns compiles to a switch over the length and then the bytes.
            const fn of_lower(name: &[u8]) -> Option<Self> {
                match name {
                    $($bytes => Some(Self::$name),)*
                    _ => None,
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
    Host "host" b"host" true false
    Origin "origin" b"origin" true false
    Authorization "authorization" b"authorization" true false
    ContentType "content-type" b"content-type" true false
    ContentEncoding "content-encoding" b"content-encoding" true false
    ContentLength "content-length" b"content-length" true true
    TransferEncoding "transfer-encoding" b"transfer-encoding" true true
    Accept "accept" b"accept" false false
    McpSessionId "mcp-session-id" b"mcp-session-id" true false
    McpProtocolVersion "mcp-protocol-version" b"mcp-protocol-version" true false
    McpMethod "mcp-method" b"mcp-method" true false
    McpName "mcp-name" b"mcp-name" true false
    LastEventId "last-event-id" b"last-event-id" true false
    UserAgent "user-agent" b"user-agent" false false
    Traceparent "traceparent" b"traceparent" false false
    Tracestate "tracestate" b"tracestate" false false
    Baggage "baggage" b"baggage" false false
    Connection "connection" b"connection" false true
    KeepAlive "keep-alive" b"keep-alive" false true
    ProxyConnection "proxy-connection" b"proxy-connection" false true
    ProxyAuthenticate "proxy-authenticate" b"proxy-authenticate" false true
    ProxyAuthorization "proxy-authorization" b"proxy-authorization" true true
    Te "te" b"te" false true
    Trailer "trailer" b"trailer" false true
    Upgrade "upgrade" b"upgrade" false true
    Http2Settings "http2-settings" b"http2-settings" false true
    Expect "expect" b"expect" false true
    AcceptEncoding "accept-encoding" b"accept-encoding" false false
    AcceptLanguage "accept-language" b"accept-language" false false
    Cookie "cookie" b"cookie" false false
    SetCookie "set-cookie" b"set-cookie" false false
    Forwarded "forwarded" b"forwarded" false false
    XForwardedFor "x-forwarded-for" b"x-forwarded-for" false false
    XForwardedHost "x-forwarded-host" b"x-forwarded-host" false false
    XForwardedProto "x-forwarded-proto" b"x-forwarded-proto" false false
    Via "via" b"via" false false
    Date "date" b"date" false false
    Server "server" b"server" false false
    CacheControl "cache-control" b"cache-control" false false
    Vary "vary" b"vary" false false
    Allow "allow" b"allow" false false
    Location "location" b"location" true false
    RetryAfter "retry-after" b"retry-after" false false
    WwwAuthenticate "www-authenticate" b"www-authenticate" false false
    XAccelBuffering "x-accel-buffering" b"x-accel-buffering" false false
    AccessControlRequestMethod
        "access-control-request-method" b"access-control-request-method" false false
    AccessControlRequestHeaders
        "access-control-request-headers" b"access-control-request-headers" false false
}

impl Field {
    /// How many fields are known.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// The field with this name, in any case.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        /// Longer than every name; a fixed size lets all of it be lowered at once.
        const NAME_BYTES_MAX: usize = 32;
        let mut buffer = [0; NAME_BYTES_MAX];
        buffer.get_mut(..name.len())?.copy_from_slice(name);
        for byte in &mut buffer {
            *byte = byte.to_ascii_lowercase();
        }
        Self::of_lower(buffer.get(..name.len())?)
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
            assert!(field.stands_once() || !is_mcp(field.name().as_bytes()));
        }
    }
}
