//! What stands around the messages of an answer: HTTP with a body of known length, HTTP with a
//! stream of events in chunks, or the end of a line.

use std::io::Write;

/// What stands around the data of an event.
const EVENT: [&str; 2] = ["event: message\ndata: ", "\n\n"];
/// How long a client is told to wait before it opens a stream again, in milliseconds.
const RETRY_MS: u32 = 500;

/// How the messages of an answer are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// HTTP, one message.
    Json,
    /// HTTP, a stream of events, with ids or without.
    Events { ids: bool },
    /// Standard output, one message a line.
    Lines,
}

impl Framing {
    /// Appends what comes before the first message, which has this length.
    pub(super) fn open(self, length: usize, out: &mut Vec<u8>) {
        match self {
            Self::Json => write_json_head("200 OK", "", length, out),
            Self::Events { .. } => out.extend_from_slice(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                  Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n",
            ),
            Self::Lines => {}
        }
    }

    /// Appends the beginning of the message with this number and length.
    pub(super) fn begin(self, number: u32, length: usize, out: &mut Vec<u8>) {
        let chunk = length + EVENT[0].len() + EVENT[1].len();
        // Writing into a Vec does not fail, here and below.
        match self {
            Self::Events { ids: false } => drop(write!(out, "{chunk:x}\r\n{}", EVENT[0])),
            Self::Events { ids: true } => {
                let retry = match number {
                    1 => format!("retry: {RETRY_MS}\n"),
                    _ => String::new(),
                };
                let id = format!("id: {number}\n{retry}");
                let chunk = chunk + id.len();
                drop(write!(out, "{chunk:x}\r\n{id}{}", EVENT[0]));
            }
            Self::Json | Self::Lines => {}
        }
    }

    /// Appends the end of a message.
    pub(super) fn finish(self, out: &mut Vec<u8>) {
        match self {
            Self::Json => {}
            Self::Events { .. } => {
                out.extend_from_slice(EVENT[1].as_bytes());
                out.extend_from_slice(b"\r\n");
            }
            Self::Lines => out.push(b'\n'),
        }
    }

    /// Appends what comes after the last message.
    pub(super) fn close(self, out: &mut Vec<u8>) {
        if matches!(self, Self::Events { .. }) {
            out.extend_from_slice(b"0\r\n\r\n");
        }
    }

    /// Appends an answer of one message that is never an event; `fields` end in CRLF.
    pub(super) fn write_alone(self, status: &str, fields: &str, message: &str, out: &mut Vec<u8>) {
        if self != Self::Lines {
            write_json_head(status, fields, message.len(), out);
        }
        out.extend_from_slice(message.as_bytes());
        if self == Self::Lines {
            self.finish(out);
        }
    }

    /// Appends one whole message.
    pub(super) fn write(self, number: u32, message: &str, out: &mut Vec<u8>) {
        self.begin(number, message.len(), out);
        out.extend_from_slice(message.as_bytes());
        self.finish(out);
    }
}

/// Appends the event that opens a stream and gives its first id: it has no data.
pub(super) fn write_priming(out: &mut Vec<u8>) {
    let event = format!("id: 0\nretry: {RETRY_MS}\ndata: \n\n");
    drop(write!(out, "{:x}\r\n{event}\r\n", event.len()));
}

/// A comment that keeps a stream open, as a chunk.
pub(super) const COMMENT: &[u8] = b"d\r\n: keep-alive\n\r\n";

/// Appends a response without a body.
pub(super) fn write_empty(status: &str, out: &mut Vec<u8>) {
    drop(write!(
        out,
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"
    ));
}

/// Appends the head of a response whose body is `length` bytes of JSON; `fields` end in CRLF.
fn write_json_head(status: &str, fields: &str, length: usize, out: &mut Vec<u8>) {
    drop(write!(
        out,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{fields}\
         Content-Length: {length}\r\n\r\n"
    ));
}

/// Appends a failure of the server, in words.
pub(super) fn write_failure(status: &str, out: &mut Vec<u8>) {
    let body = "the mock server fails on purpose\n";
    drop(write!(
        out,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nRetry-After: 1\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
}

#[cfg(test)]
mod tests {
    use super::{COMMENT, Framing, write_priming};
    use crate::wire::Head;

    #[test]
    fn a_stream_with_ids_is_framed() {
        for ids in [false, true] {
            let framing = Framing::Events { ids };
            let mut out = Vec::new();
            framing.open(0, &mut out);
            write_priming(&mut out);
            out.extend_from_slice(COMMENT);
            framing.write(1, "{}", &mut out);
            framing.write(2, "[]", &mut out);
            framing.close(&mut out);
            let mut head = Head::of_response(&out).unwrap().unwrap();
            let mut body = Vec::new();
            let used = head.body.read(&out[head.bytes..], &mut body).unwrap();
            assert_eq!(used, out.len() - head.bytes);
            assert!(head.body.has_ended() && head.event_stream);
            let body = String::from_utf8(body).unwrap();
            assert!(body.contains(": keep-alive\n"), "{body}");
            assert_eq!(body.contains("id: 2\nevent: message\ndata: []\n\n"), ids);
            assert_eq!(body.contains("id: 1\nretry: 500\n"), ids);
        }
    }
}
