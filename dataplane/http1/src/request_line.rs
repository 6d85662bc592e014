//! The request line; decides method and target, and refuses other methods and versions, and every
//! spelling but the one of the standard.

use varistor_model::{Reason, Span};

use crate::line::{self, Stop, Window};
use crate::{HttpMethod, byte, target};

/// A request line and what stood before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestLine {
    pub(crate) method: HttpMethod,
    pub(crate) target: Span,
    /// Offset behind the line.
    pub(crate) end: usize,
}

/// Reads the request line (RFC 9112 section 3) and at most one line end before it.
pub(crate) fn read(bytes: &[u8]) -> Result<RequestLine, Stop> {
    let start = match bytes.first() {
        Some(b'\r') => line::ended(bytes, 0)?,
        _ => 0,
    };
    let window = Window::open(bytes, start);
    let (method, rest) = read_method(&window)?;
    let len = rest.iter().position(|byte| !byte.is_ascii_graphic());
    let len = len.ok_or_else(|| window.exhausted(Reason::TargetTooLong))?;
    let open = window.bytes.len().saturating_sub(rest.len());
    let close = open.saturating_add(len);
    match rest.get(len) {
        _ if len == 0 => return Err(Reason::HeadMalformed.into()),
        Some(b' ') => {}
        // A line of method and target alone is HTTP/0.9.
        Some(b'\r') => {
            line::ended(bytes, start.saturating_add(close))?;
            return Err(Reason::VersionUnsupported.into());
        }
        _ => return Err(Reason::HeadMalformed.into()),
    }
    if !target::is_valid(rest.get(..len).unwrap_or_default()) {
        return Err(Reason::TargetInvalid.into());
    }
    let version = close.saturating_add(1);
    let behind = read_version(&window, version)?;
    let end = line::ended(bytes, start.saturating_add(behind))?;
    if window.bytes.get(version..behind) != Some(b"HTTP/1.1") {
        return Err(Reason::VersionUnsupported.into());
    }
    let target = Span::of(start.saturating_add(open)..start.saturating_add(close));
    Ok(RequestLine {
        method,
        target: target.ok_or(Reason::TargetTooLong)?,
        end,
    })
}

/// The method and what stands behind the space after it.
fn read_method<'w>(window: &Window<'w>) -> Result<(HttpMethod, &'w [u8]), Stop> {
    /// Longer than any registered method (RFC 9110 section 16.1).
    const METHOD_BYTES_MAX: usize = 24;
    let Some(len) = window.bytes.iter().position(|byte| !byte::is_token(*byte)) else {
        return Err(match window.bytes.len() {
            0..METHOD_BYTES_MAX => Stop::Partial,
            _ => Reason::MethodNotAllowed.into(),
        });
    };
    if len >= METHOD_BYTES_MAX {
        return Err(Reason::MethodNotAllowed.into());
    }
    let (name, rest) = window.bytes.split_at(len);
    let Some((b' ', rest)) = rest.split_first() else {
        return Err(Reason::HeadMalformed.into());
    };
    if name.is_empty() {
        return Err(Reason::HeadMalformed.into());
    }
    let method = match name {
        b"POST" => HttpMethod::Post,
        b"GET" => HttpMethod::Get,
        b"DELETE" => HttpMethod::Delete,
        b"OPTIONS" => HttpMethod::Options,
        _ => return Err(Reason::MethodNotAllowed.into()),
    };
    Ok((method, rest))
}

/// The offset behind a version that is spelled as one, `HTTP/d.d` before a CR.
fn read_version(window: &Window<'_>, at: usize) -> Result<usize, Stop> {
    let text = window.bytes.get(at..).unwrap_or_default();
    if text.starts_with(b"HTTP/1.1\r") {
        return Ok(at.saturating_add(8));
    }
    let pattern = b"HTTP/0.0\r";
    for (number, expected) in pattern.iter().enumerate() {
        let Some(found) = text.get(number) else {
            return Err(window.exhausted(Reason::TargetTooLong));
        };
        let fits = match expected {
            b'0' => found.is_ascii_digit(),
            _ => found == expected,
        };
        if !fits {
            return Err(Reason::HeadMalformed.into());
        }
    }
    Ok(at.saturating_add(pattern.len()).saturating_sub(1))
}
