//! Makes a right answer go wrong on its way; what it says is spoiled where it is written.

use std::time::Duration;

use memchr::memmem;

use super::delivery::{Delivery, End};
use super::fault::Fault;
use super::frame;

/// Between two bytes of a slow answer.
const SLOW: Duration = Duration::from_secs(1);
/// Between two bytes of a slow head.
const TRICKLE: Duration = Duration::from_millis(100);
/// Between two bytes that are to be segments of their own: the client has to have read one.
const SPLIT: Duration = Duration::from_millis(1);
/// What Content-Length promises beyond what comes.
const PROMISED_BYTES: usize = 100;
/// A line that is no JSON.
const GARBAGE: &[u8] = b"warning: this line is no message\n";

/// Spoils an answer over HTTP. `pace` replaces the usual wait between two bytes.
pub(super) fn spoil_http(fault: Fault, pace: Duration, out: &mut Delivery) {
    let wait = |usual: Duration| if pace.is_zero() { usual } else { pace };
    match fault {
        Fault::Reset => end_without_answer(End::Reset, out),
        Fault::Silent => end_without_answer(End::Hold, out),
        Fault::Half => halve(End::Close, out),
        Fault::HalfOpen => halve(End::Hold, out),
        Fault::Slow => out.drip = Some((0..out.bytes.len(), wait(SLOW))),
        Fault::TrickleHead => out.drip = Some((0..head_bytes(&out.bytes), wait(TRICKLE))),
        Fault::Split => {
            out.pauses.clear();
            out.drip = Some((head_bytes(&out.bytes)..out.bytes.len(), wait(SPLIT)));
        }
        // In a stream the result stands there twice already.
        Fault::Duplicate if !is_stream(&out.bytes) => out.bytes.extend_from_within(..),
        Fault::BadChunk => break_chunk(&mut out.bytes),
        Fault::ShortLength => change_length(&mut out.bytes, |length| length / 2),
        Fault::LongLength => change_length(&mut out.bytes, |length| length + PROMISED_BYTES),
        Fault::Status429 => fail("429 Too Many Requests", out),
        Fault::Status500 => fail("500 Internal Server Error", out),
        Fault::Status503 => fail("503 Service Unavailable", out),
        // A subscription has no result that could be missing; it just ends.
        Fault::StreamEnd if matches!(out.end, End::Stay(_)) => {
            frame::Framing::Events { ids: false }.close(&mut out.bytes);
            out.end = End::Next;
        }
        Fault::Stale => out.end = End::Close,
        _ => {}
    }
}

/// Spoils an answer on standard output.
pub(super) fn spoil_lines(fault: Fault, pace: Duration, out: &mut Delivery) {
    match fault {
        Fault::Reset => end_without_answer(End::Close, out),
        Fault::Silent => end_without_answer(End::Next, out),
        Fault::Half => halve(End::Close, out),
        Fault::HalfOpen => halve(End::Hold, out),
        Fault::Slow => {
            let wait = if pace.is_zero() { SLOW } else { pace };
            out.drip = Some((0..out.bytes.len(), wait));
        }
        Fault::Garbage => drop(out.bytes.splice(0..0, GARBAGE.iter().copied())),
        Fault::NoNewline => drop(out.bytes.pop()),
        _ => {}
    }
}

fn end_without_answer(end: End, out: &mut Delivery) {
    out.bytes.clear();
    out.pauses.clear();
    out.end = end;
}

fn halve(end: End, out: &mut Delivery) {
    out.halve();
    out.end = end;
}

fn fail(status: &str, out: &mut Delivery) {
    end_without_answer(End::Next, out);
    frame::write_failure(status, &mut out.bytes);
}

/// The length of the head, the empty line included.
fn head_bytes(bytes: &[u8]) -> usize {
    memmem::find(bytes, b"\r\n\r\n").map_or(bytes.len(), |at| at + 4)
}

fn is_stream(bytes: &[u8]) -> bool {
    length_field(bytes).is_none()
}

/// Where the value of Content-Length stands, and what it is.
fn length_field(bytes: &[u8]) -> Option<(std::ops::Range<usize>, usize)> {
    let name = b"Content-Length: ";
    let head = bytes.get(..head_bytes(bytes))?;
    let start = memmem::find(head, name)? + name.len();
    let digits = head
        .get(start..)?
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    let range = start..start + digits.count();
    let value = std::str::from_utf8(head.get(range.clone())?)
        .ok()?
        .parse()
        .ok()?;
    Some((range, value))
}

fn change_length(bytes: &mut Vec<u8>, change: impl Fn(usize) -> usize) {
    if let Some((range, length)) = length_field(bytes) {
        let lie = change(length).to_string();
        drop(bytes.splice(range, lie.into_bytes()));
    }
}

/// Puts a size in front of the body that is no number.
fn break_chunk(bytes: &mut Vec<u8>) {
    if let Some((range, _)) = length_field(bytes) {
        let name = range.start - b"Content-Length: ".len();
        drop(bytes.splice(name..range.end, *b"Transfer-Encoding: chunked"));
    }
    let body = head_bytes(bytes);
    drop(bytes.splice(body..body, *b"zz\r\n"));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{head_bytes, spoil_http, spoil_lines};
    use crate::upstream::delivery::{Delivery, End};
    use crate::upstream::fault::Fault;
    use crate::upstream::frame::Framing;

    const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    fn spoiled(fault: Fault) -> (String, Delivery) {
        let mut out = Delivery::default();
        Framing::Json.open(10, &mut out.bytes);
        out.bytes.extend_from_slice(b"0123456789");
        spoil_http(fault, Duration::ZERO, &mut out);
        (String::from_utf8(out.bytes.clone()).unwrap(), out)
    }

    #[test]
    fn lengths_lie_both_ways() {
        let (short, _) = spoiled(Fault::ShortLength);
        assert_eq!(short, format!("{HEAD}Content-Length: 5\r\n\r\n0123456789"));
        let (long, out) = spoiled(Fault::LongLength);
        assert_eq!(long, format!("{HEAD}Content-Length: 110\r\n\r\n0123456789"));
        assert_eq!(out.end, End::Next);
    }

    #[test]
    fn a_chunk_has_a_size_that_is_none() {
        let (text, _) = spoiled(Fault::BadChunk);
        let expected = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n0123456789");
        assert_eq!(text, expected);
        let mut stream = Delivery::default();
        Framing::Events { ids: false }.open(0, &mut stream.bytes);
        Framing::Events { ids: false }.write(1, "{}", &mut stream.bytes);
        spoil_http(Fault::BadChunk, Duration::ZERO, &mut stream);
        let body = &stream.bytes[head_bytes(&stream.bytes)..];
        assert!(body.starts_with(b"zz\r\n19\r\n"), "{body:?}");
    }

    #[test]
    fn an_answer_ends_as_its_fault_says() {
        for (fault, end, share) in [
            (Fault::Reset, End::Reset, 0),
            (Fault::Silent, End::Hold, 0),
            (Fault::Half, End::Close, 1),
            (Fault::HalfOpen, End::Hold, 1),
            (Fault::Stale, End::Close, 2),
            (Fault::Duplicate, End::Next, 4),
            (Fault::WrongId, End::Next, 2),
        ] {
            let whole = spoiled(Fault::WrongId).0.len();
            let (text, out) = spoiled(fault);
            assert_eq!((text.len(), out.end), (whole * share / 2, end), "{fault:?}");
        }
    }

    #[test]
    fn bytes_come_one_by_one_where_they_should() {
        let (text, out) = spoiled(Fault::Slow);
        assert_eq!(out.drip, Some((0..text.len(), Duration::from_secs(1))));
        let (_, out) = spoiled(Fault::TrickleHead);
        assert_eq!(out.drip.unwrap().0, 0..text.len() - 10);
        let (_, out) = spoiled(Fault::Split);
        assert_eq!(out.drip.unwrap().0, text.len() - 10..text.len());
    }

    #[test]
    fn a_line_loses_its_end_or_gets_a_neighbour() {
        for (fault, expected, end) in [
            (Fault::NoNewline, "{}", End::Next),
            (
                Fault::Garbage,
                "warning: this line is no message\n{}\n",
                End::Next,
            ),
            (Fault::Half, "{", End::Close),
            (Fault::HalfOpen, "{", End::Hold),
            (Fault::Silent, "", End::Next),
            (Fault::Reset, "", End::Close),
        ] {
            let mut out = Delivery::default();
            Framing::Lines.write(1, "{}", &mut out.bytes);
            spoil_lines(fault, Duration::ZERO, &mut out);
            assert_eq!(out.bytes, expected.as_bytes(), "{fault:?}");
            assert_eq!(out.end, end);
        }
    }
}
