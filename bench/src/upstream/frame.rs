//! HTTP around an answer: a body of known length, or a stream of events in chunks.

use std::io::Write;

/// What stands around the data of an event.
const EVENT: [&str; 2] = ["event: message\ndata: ", "\n\n"];

/// Appends a response without a body.
pub(super) fn write_empty(status: &str, out: &mut Vec<u8>) {
    // Writing into a Vec does not fail, here and below.
    drop(write!(
        out,
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"
    ));
}

/// Appends the head of a response whose body is `length` bytes of JSON; `fields` end in CRLF.
pub(super) fn write_json_head(status: &str, fields: &str, length: usize, out: &mut Vec<u8>) {
    drop(write!(
        out,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{fields}\
         Content-Length: {length}\r\n\r\n"
    ));
}

/// Appends the head of a stream of events.
pub(super) fn open_events(out: &mut Vec<u8>) {
    out.extend_from_slice(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
          Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
}

/// Appends the beginning of an event whose data, `length` bytes, follows.
pub(super) fn open_event(length: usize, out: &mut Vec<u8>) {
    let chunk = length + EVENT[0].len() + EVENT[1].len();
    drop(write!(out, "{chunk:x}\r\n{}", EVENT[0]));
}

/// Appends what ends an event.
pub(super) fn close_event(out: &mut Vec<u8>) {
    out.extend_from_slice(EVENT[1].as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Appends what ends a stream of events.
pub(super) fn close_events(out: &mut Vec<u8>) {
    out.extend_from_slice(b"0\r\n\r\n");
}
