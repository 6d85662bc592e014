//! Writes heads and chunks; refuses, by checking every name, value and target, to write what a
//! reader could take for more than one line or for a second framing.
//!
//! Each function leaves `out` as it was when it refuses. A head is written as one request or
//! status line, its fields, at most one of [`length`] and [`chunked`], then [`end`].

use crate::name::Name;
use crate::{Field, HttpMethod, byte, target};

/// What can't be written without changing the message's meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// The target is not a plain path.
    #[error("the target is not a plain path with an optional query")]
    Target,
    /// The name is empty, has a byte that no token has, or is a framing field.
    #[error("the field's name is no token, or it is Content-Length or Transfer-Encoding")]
    Name,
    /// The value holds a control byte, such as CR, LF or NUL.
    #[error("the value holds a control byte")]
    Value,
    /// The status is no three-digit number from 100 on.
    #[error("the status is not from 100 to 599")]
    Status,
}

/// Writes the line that opens a request.
///
/// # Errors
/// [`Unwritable::Target`], for a target that [`crate::RequestHead`] would refuse.
pub fn request_line(
    out: &mut Vec<u8>,
    method: HttpMethod,
    target: &[u8],
) -> Result<(), Unwritable> {
    if !target::is_valid(target) {
        return Err(Unwritable::Target);
    }
    for part in [method.name().as_bytes(), b" ", target, b" HTTP/1.1\r\n"] {
        out.extend_from_slice(part);
    }
    Ok(())
}

/// Writes the line that opens a response, with the registered reason phrase or an empty one.
///
/// # Errors
/// [`Unwritable::Status`].
pub fn status_line(out: &mut Vec<u8>, status: u16) -> Result<(), Unwritable> {
    if !(100..=599).contains(&status) {
        return Err(Unwritable::Status);
    }
    if status == 200 {
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
        return Ok(());
    }
    out.extend_from_slice(b"HTTP/1.1 ");
    decimal(out, u64::from(status));
    out.push(b' ');
    out.extend_from_slice(phrase(status).as_bytes());
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// Writes one field.
///
/// # Errors
/// [`Unwritable::Name`] or [`Unwritable::Value`].
pub fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) -> Result<(), Unwritable> {
    let run = Name::read(name).filter(|run| run.len() == name.len());
    let frames = run
        .and_then(|run| run.field())
        .is_some_and(Field::is_framing);
    let is_token = run.is_some() || name.iter().all(|byte| byte::is_token(*byte));
    if frames || name.is_empty() || !is_token {
        return Err(Unwritable::Name);
    }
    if byte::text_len(value) != value.len() {
        return Err(Unwritable::Value);
    }
    for part in [name, b": ", value, b"\r\n"] {
        out.extend_from_slice(part);
    }
    Ok(())
}

/// Writes one field that is known, without looking its name up.
///
/// # Errors
/// [`Unwritable::Name`] for a field that frames, or [`Unwritable::Value`].
pub fn known(out: &mut Vec<u8>, field: Field, value: &[u8]) -> Result<(), Unwritable> {
    if field.is_framing() {
        return Err(Unwritable::Name);
    }
    if byte::text_len(value) != value.len() {
        return Err(Unwritable::Value);
    }
    for part in [field.opening().as_bytes(), value, b"\r\n"] {
        out.extend_from_slice(part);
    }
    Ok(())
}

/// Writes a field of this name with a number.
///
/// # Errors
/// [`Unwritable::Name`].
pub fn number(out: &mut Vec<u8>, name: &[u8], value: u64) -> Result<(), Unwritable> {
    field(out, name, b"")?;
    out.truncate(out.len().saturating_sub(2));
    decimal(out, value);
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// Writes the field that says how many bytes follow.
pub fn length(out: &mut Vec<u8>, bytes: u64) {
    out.extend_from_slice(b"content-length: ");
    decimal(out, bytes);
    out.extend_from_slice(b"\r\n");
}

/// Writes the field that says that chunks follow.
pub fn chunked(out: &mut Vec<u8>) {
    out.extend_from_slice(b"transfer-encoding: chunked\r\n");
}

/// Writes the empty line that ends a head.
pub fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\r\n");
}

/// Writes one chunk. Writes nothing for no data, since an empty chunk would end the body.
pub fn chunk(out: &mut Vec<u8>, data: &[u8]) {
    if data.is_empty() {
        return;
    }
    chunk_start(out, data.len());
    out.extend_from_slice(data);
    out.extend_from_slice(CHUNK_END);
}

/// Writes the line before a chunk of so many bytes, at least one, which the caller sends next and
/// [`CHUNK_END`] behind them.
pub fn chunk_start(out: &mut Vec<u8>, bytes: usize) {
    debug_assert!(bytes > 0, "an empty chunk ends the body");
    let digits = usize::BITS
        .saturating_sub(bytes.leading_zeros())
        .div_ceil(4)
        .max(1);
    for place in (0..digits).rev() {
        let nibble = bytes.wrapping_shr(place.saturating_mul(4)) & 0xf;
        out.push(b"0123456789abcdef".get(nibble).copied().unwrap_or(b'0'));
    }
    out.extend_from_slice(b"\r\n");
}

/// What stands behind the data of a chunk.
pub const CHUNK_END: &[u8] = b"\r\n";

/// What ends a chunked body: the last chunk, and no trailer.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Writes what ends a chunked body.
pub fn last_chunk(out: &mut Vec<u8>) {
    out.extend_from_slice(LAST_CHUNK);
}

/// The interim response that asks for the body.
pub const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

pub(crate) fn decimal(out: &mut Vec<u8>, number: u64) {
    /// Digits of the largest number.
    const DIGITS_MAX: usize = 20;
    let mut digits = [0_u8; DIGITS_MAX];
    let mut rest = number;
    let mut count = 0_usize;
    for place in digits.iter_mut().rev() {
        *place = b'0'.wrapping_add(u8::try_from(rest.checked_rem(10).unwrap_or(0)).unwrap_or(0));
        count = count.saturating_add(1);
        rest = rest.checked_div(10).unwrap_or(0);
        if rest == 0 {
            break;
        }
    }
    let start = DIGITS_MAX.saturating_sub(count);
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

/// The reason phrases of RFC 9110 section 15 for what is sent or passed on here.
const fn phrase(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chunked;

    #[test]
    fn what_would_be_two_lines_is_not_written() {
        let mut out = Vec::new();
        for value in [&b"a\r\nx: y"[..], b"a\nb", b"a\rb", b"a\0b", b"\x7f"] {
            assert_eq!(field(&mut out, b"a", value), Err(Unwritable::Value));
        }
        for name in [
            &b""[..],
            b"a b",
            b"a:",
            b"a\r\nb",
            b"Content-Length",
            b"transfer-encoding",
        ] {
            assert_eq!(field(&mut out, name, b"1"), Err(Unwritable::Name));
        }
        for target in [&b""[..], b"/ HTTP/1.1\r\nx: y", b"*", b"//h", b"/a/../b"] {
            assert_eq!(
                request_line(&mut out, HttpMethod::Get, target),
                Err(Unwritable::Target)
            );
        }
        for value in [&b"a\r\nx: y"[..], b"a\nb", b"a\0b"] {
            let written = known(&mut out, Field::Accept, value);
            assert_eq!(written, Err(Unwritable::Value));
        }
        for field in [Field::ContentLength, Field::TransferEncoding] {
            assert_eq!(known(&mut out, field, b"1"), Err(Unwritable::Name));
        }
        assert_eq!(number(&mut out, b"a b", 1), Err(Unwritable::Name));
        assert_eq!(status_line(&mut out, 1000), Err(Unwritable::Status));
        assert!(out.is_empty());
        for field in Field::ALL.iter().filter(|field| !field.is_framing()) {
            let (mut known_out, mut field_out) = (Vec::new(), Vec::new());
            assert_eq!(known(&mut known_out, *field, b"v"), Ok(()));
            assert_eq!(
                super::field(&mut field_out, field.name().as_bytes(), b"v"),
                Ok(())
            );
            assert_eq!(known_out, field_out);
        }
    }

    #[test]
    fn numbers_are_written_whole() {
        let mut out = Vec::new();
        for number in [0, 9, 10, 1_234_567_890, u64::MAX] {
            out.clear();
            length(&mut out, number);
            assert_eq!(out, format!("content-length: {number}\r\n").as_bytes());
        }
        for number in [1, 15, 16, 255, 256, usize::MAX] {
            out.clear();
            chunk_start(&mut out, number);
            assert_eq!(out, format!("{number:x}\r\n").as_bytes());
        }
    }

    #[test]
    fn no_data_is_no_chunk() {
        let mut out = Vec::new();
        chunk(&mut out, b"");
        chunk(&mut out, b"ab");
        last_chunk(&mut out);
        assert_eq!(out, b"2\r\nab\r\n0\r\n\r\n");
        let piece = Chunked::new().decode(&out);
        assert_eq!(
            piece,
            Ok(crate::Piece {
                consumed: 5,
                data: 3..5,
                end: false
            })
        );
    }
}
