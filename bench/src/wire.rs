//! HTTP/1.1 framing for programs that trust each other: where a message ends, and its body.
//!
//! Not strict: these programs talk to a gateway under test, never to the outside. Refused is only
//! what cannot be framed.

mod body;
mod inbox;

pub(crate) use body::Body;
pub(crate) use inbox::Inbox;

/// Headers that a head may have here.
const HEADERS_MAX: usize = 64;

/// A message that cannot be framed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unframed(pub(crate) &'static str);

impl From<Unframed> for std::io::Error {
    fn from(Unframed(reason): Unframed) -> Self {
        Self::other(reason)
    }
}

/// What the head of a request or response says about its message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Length of the head, the empty line included.
    pub(crate) bytes: usize,
    /// Status of a response, 0 of a request.
    pub(crate) status: u16,
    pub(crate) method: Method,
    pub(crate) body: Body,
    pub(crate) keep_alive: bool,
    pub(crate) event_stream: bool,
}

/// Method of a request.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
    Other,
}

impl Head {
    /// Reads the head of a request; `None` when it is not complete.
    pub(crate) fn of_request(bytes: &[u8]) -> Result<Option<Self>, Unframed> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(status) = request.parse(bytes) else {
            return Err(Unframed("not an HTTP/1.1 request"));
        };
        let httparse::Status::Complete(length) = status else {
            return Ok(None);
        };
        let mut head = Self::new(length, request.headers, Body::empty())?;
        head.method = match request.method {
            Some("GET") => Method::Get,
            Some("POST") => Method::Post,
            Some("DELETE") => Method::Delete,
            _ => Method::Other,
        };
        Ok(Some(head))
    }

    /// Reads the head of a response to a request with a body; `None` when it is not complete.
    pub(crate) fn of_response(bytes: &[u8]) -> Result<Option<Self>, Unframed> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        let Ok(status) = response.parse(bytes) else {
            return Err(Unframed("not an HTTP/1.1 response"));
        };
        let httparse::Status::Complete(length) = status else {
            return Ok(None);
        };
        let code = response.code.unwrap_or(0);
        let bodiless = matches!(code, 100..=199 | 204 | 304);
        let unlabelled = if bodiless {
            Body::empty()
        } else {
            Body::until_close()
        };
        let mut head = Self::new(length, response.headers, unlabelled)?;
        head.status = code;
        Ok(Some(head))
    }

    fn new(
        bytes: usize,
        headers: &[httparse::Header<'_>],
        unlabelled: Body,
    ) -> Result<Self, Unframed> {
        let mut head = Self {
            bytes,
            status: 0,
            method: Method::Other,
            body: unlabelled,
            keep_alive: true,
            event_stream: false,
        };
        for header in headers {
            let value = header.value.trim_ascii();
            if header.name.eq_ignore_ascii_case("content-length") {
                let length = std::str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.parse().ok());
                head.body = Body::of_length(length.ok_or(Unframed("Content-Length"))?);
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                head.body = Body::chunked();
            } else if header.name.eq_ignore_ascii_case("connection") {
                head.keep_alive = !value.eq_ignore_ascii_case(b"close");
            } else if header.name.eq_ignore_ascii_case("content-type") {
                head.event_stream = value.starts_with(b"text/event-stream");
            }
        }
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, Head, Method};

    #[test]
    fn a_request_says_how_long_it_is() {
        let bytes = b"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{}";
        assert_eq!(Head::of_request(&bytes[..20]), Ok(None));
        let head = Head::of_request(bytes).unwrap().unwrap();
        assert_eq!((head.bytes, head.method), (bytes.len() - 2, Method::Post));
        assert_eq!(head.body, Body::of_length(12));
        assert!(head.keep_alive);
    }

    #[test]
    fn a_response_without_a_length_ends_with_its_connection() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
        let head = Head::of_response(bytes).unwrap().unwrap();
        assert_eq!(head.body, Body::until_close());
        assert!(head.event_stream);
        let head = Head::of_response(b"HTTP/1.1 204 No Content\r\n\r\n")
            .unwrap()
            .unwrap();
        assert_eq!(head.body, Body::empty());
    }
}
