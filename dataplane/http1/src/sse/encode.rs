//! Writes events in one form: LF line ends, one space behind the colon; refuses to write names
//! that would be two lines.

use super::Event;
use crate::write::Unwritable;

/// Appends the event. Line ends in the data (LF, CR, CRLF) begin a new data line each, so that a
/// reader gets an LF for each. An event with nothing but a comment is written as that line and an
/// empty one.
///
/// # Errors
/// [`Unwritable::Value`] when type, id or comment hold a line end, or the id a NUL, which makes
/// readers ignore it; `out` is then as it was.
pub fn encode(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    let id = event.id.unwrap_or_default().as_bytes();
    let comment = event.comment.unwrap_or_default();
    let named = [event.event.as_bytes(), id, comment];
    let breaks = named
        .into_iter()
        .flatten()
        .any(|byte| matches!(byte, b'\r' | b'\n'));
    if breaks || id.contains(&0) {
        return Err(Unwritable::Value);
    }
    if event.comment.is_some() {
        line(out, b"", comment);
    }
    if !event.event.is_empty() {
        line(out, b"event", event.event.as_bytes());
    }
    if event.id.is_some() {
        line(out, b"id", id);
    }
    if let Some(retry) = event.retry {
        out.extend_from_slice(b"retry: ");
        crate::write::decimal(out, retry);
        out.push(b'\n');
    }
    if let Some(data) = event.data {
        lines(out, data);
    }
    out.push(b'\n');
    Ok(())
}

fn lines(out: &mut Vec<u8>, data: &[u8]) {
    let mut rest = data;
    while let Some(end) = memchr::memchr2(b'\r', b'\n', rest) {
        let (text, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        line(out, b"data", text);
        rest = match behind {
            [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
            [] => &[],
        };
    }
    line(out, b"data", rest);
}

fn line(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    for part in [name, b": ", value, b"\n"] {
        out.extend_from_slice(part);
    }
}
