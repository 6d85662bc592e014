//! No head is accepted that some lenient reader would end elsewhere or frame otherwise.
//!
//! The readers here are written apart from the parser, and tolerant in the ways that real servers
//! are: bare LF or CR as line ends, folded lines, blanks and control bytes around names and values,
//! the first or the last of several, signs, lists, any coding that mentions chunked.

#![expect(clippy::unwrap_used, reason = "a failure here fails the test")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use varistor_http1::{Field, Framing, HttpMethod, Progress, RequestHead};
use varistor_model::Reason;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    Length(u64),
    /// A length that no two readers need agree on.
    Strange(Vec<u8>),
    Chunked,
    OtherCoding,
}

/// Where one reader sees the head end, and every statement about the body in it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reading {
    end: usize,
    claims: Vec<Claim>,
    hosts: usize,
}

#[derive(Clone, Copy)]
enum LineEnd {
    /// CRLF.
    Strict,
    /// LF, with a CR before it or not.
    Lf,
    /// CR, LF or CRLF.
    Either,
}

fn read(bytes: &[u8], line_end: LineEnd, folds: bool) -> Option<Reading> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut at = 0;
    let end = loop {
        let rest = bytes.get(at..)?;
        let (len, next) = match line_end {
            LineEnd::Strict => {
                let len = rest.windows(2).position(|pair| pair == b"\r\n")?;
                (len, len + 2)
            }
            LineEnd::Lf => {
                let lf = rest.iter().position(|byte| *byte == b'\n')?;
                (lf - usize::from(lf > 0 && rest[lf - 1] == b'\r'), lf + 1)
            }
            LineEnd::Either => {
                let len = rest.iter().position(|byte| b"\r\n".contains(byte))?;
                (len, len + 1 + usize::from(rest[len..].starts_with(b"\r\n")))
            }
        };
        let line = &rest[..len];
        at += next;
        match line {
            [] if lines.is_empty() => {}
            [] => break at,
            [b' ' | b'\t', ..] if folds && lines.len() > 1 => {
                lines.last_mut().unwrap().extend_from_slice(line);
            }
            line => lines.push(line.to_vec()),
        }
    };
    let mut reading = Reading {
        end,
        claims: Vec::new(),
        hosts: 0,
    };
    for line in lines.iter().skip(1) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = cleaned(&line[..colon]);
        let value = cleaned(&line[colon + 1..]);
        match name.as_slice() {
            b"content-length" => reading.claims.push(length(&value)),
            b"transfer-encoding" => {
                reading
                    .claims
                    .push(match value.windows(7).any(|part| part == b"chunked") {
                        true => Claim::Chunked,
                        false => Claim::OtherCoding,
                    })
            }
            b"host" => reading.hosts += 1,
            _ => {}
        }
    }
    Some(reading)
}

/// In lower case, without blanks and control bytes around it.
fn cleaned(part: &[u8]) -> Vec<u8> {
    let odd = |byte: &u8| *byte <= b' ' || *byte >= 0x7f;
    let start = part
        .iter()
        .position(|byte| !odd(byte))
        .unwrap_or(part.len());
    let end = part
        .iter()
        .rposition(|byte| !odd(byte))
        .map_or(start, |last| last + 1);
    part[start..end].to_ascii_lowercase()
}

fn length(value: &[u8]) -> Claim {
    let text = std::str::from_utf8(value).unwrap_or_default();
    match text.parse() {
        Ok(length) if !text.starts_with('+') => Claim::Length(length),
        _ => Claim::Strange(value.to_vec()),
    }
}

/// The statement that the parser acted upon.
fn accepted(head: &RequestHead) -> Vec<Claim> {
    match head.framing() {
        Framing::None => vec![],
        Framing::Length(length) => vec![Claim::Length(length)],
        Framing::Chunked => vec![Claim::Chunked],
    }
}

const FRAGMENTS: &[&str] = &[
    "Content-Length: 5",
    "Content-Length: 0",
    "Content-Length: 6",
    "content-length:5",
    "Content-Length",
    "Content-Length : 5",
    "Content-Length: 5, 5",
    "Content-Length: +5",
    "Content-Length: \x0b5",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: chunked",
    "transfer-encoding:chunked",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding:\x0bchunked",
    "Transfer-Encoding:",
    "\x0bTransfer-Encoding: chunked",
    " chunked",
    "\tchunked",
    "X: y",
    "X: y",
    "Accept: a/b",
    "X",
    ":",
    "Host: b",
    "Host: a",
    "Connection: close",
    "X: a\0b",
    "X: a\rContent-Length: 7",
    "X: a\nTransfer-Encoding: chunked",
    "Content_Length: 9",
    "Mcp-Name: a",
    "Authorization: Bearer a",
];
const ENDS: &[&str] = &[
    "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n", "\n\r", "\r\n\r\n", "",
    " \r\n",
];
const STARTS: &[&str] = &[
    "POST /mcp/a HTTP/1.1\r\nHost: a\r\n",
    "POST /mcp/a HTTP/1.1\r\nHost: a\r\n",
    "GET /mcp/a HTTP/1.1\r\nHost: a\r\n",
    "\r\nDELETE /a HTTP/1.1\r\nHost: a\r\n",
    "POST /a HTTP/1.0\r\nHost: a\r\n",
    "POST /a HTTP/1.1\nHost: a\r\n",
    "POST /a HTTP/1.1\r\n",
    "GET /a\r\n",
    "\n\nPOST /a HTTP/1.1\r\nHost: a\r\n",
    "POST /a HTTP/1.1 \r\nHost: a\r\n",
];
const TAILS: &[&str] = &[
    "\r\n",
    "\r\n",
    "\n",
    "\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "",
];

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(from)
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    // Half of the messages have clean line ends, so that enough of them come to the framing rules.
    let clean = (
        pick(STARTS),
        prop::collection::vec((pick(FRAGMENTS), Just("\r\n")), 0..4),
    );
    let odd = (
        pick(STARTS),
        prop::collection::vec((pick(FRAGMENTS), pick(ENDS)), 0..6),
    );
    (prop_oneof![clean.boxed(), odd.boxed()], pick(TAILS)).prop_map(|((start, lines), tail)| {
        let mut bytes = start.as_bytes().to_vec();
        for (line, end) in lines {
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(end.as_bytes());
        }
        bytes.extend_from_slice(tail.as_bytes());
        bytes
    })
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn what_is_accepted_is_read_alike_by_every_lenient_reader() {
    let tally = std::cell::Cell::new((0_u32, 0_u32));
    let result = runner(30_000).run(&message(), |bytes| {
        let mut head = RequestHead::new();
        let mut readings = BTreeSet::new();
        for folds in [false, true] {
            for line_end in [LineEnd::Strict, LineEnd::Lf, LineEnd::Either] {
                readings.extend(read(&bytes, line_end, folds));
            }
        }
        if head.parse(&bytes) != Ok(Progress::Complete) {
            tally.set((tally.get().0, tally.get().1 + u32::from(readings.len() > 1)));
            return Ok(());
        }
        tally.set((tally.get().0 + 1, tally.get().1));
        prop_assert_eq!(readings.len(), 1, "read in several ways: {:?}", readings);
        let reading = readings.pop_first().unwrap();
        prop_assert_eq!(reading.end, head.bytes());
        prop_assert_eq!(reading.hosts, 1);
        let claims = match head.method() {
            HttpMethod::Post => reading.claims,
            _ => reading
                .claims
                .into_iter()
                .filter(|claim| *claim != Claim::Length(0))
                .collect(),
        };
        prop_assert_eq!(claims, accepted(&head));
        Ok(())
    });
    result.unwrap();
    let (accepted, ambiguous) = tally.get();
    assert!(
        accepted > 500 && ambiguous > 500,
        "{accepted} accepted, {ambiguous} ambiguous"
    );
}

#[test]
fn two_statements_about_the_body_are_always_refused() {
    let lines = [
        "Content-Length: 5",
        "Content-Length: 0",
        "content-length: 5",
        "Transfer-Encoding: chunked",
        "TRANSFER-ENCODING: chunked",
    ];
    for method in ["POST", "GET", "DELETE", "OPTIONS"] {
        for first in lines {
            for second in lines {
                for between in ["", "X: 1\r\n"] {
                    let bytes = format!(
                        "{method} /a HTTP/1.1\r\nHost: a\r\n{first}\r\n{between}{second}\r\n\r\n"
                    );
                    let answer = RequestHead::new().parse(bytes.as_bytes());
                    assert_eq!(answer, Err(Reason::FramingInvalid), "{bytes}");
                }
            }
        }
    }
}

#[test]
fn what_is_accepted_is_the_same_to_an_independent_parser() {
    let result = runner(20_000).run(&message(), |bytes| {
        let mut head = RequestHead::new();
        if head.parse(&bytes) != Ok(Progress::Complete) {
            return Ok(());
        }
        let mut fields = [httparse::EMPTY_HEADER; 128];
        let mut other = httparse::Request::new(&mut fields);
        prop_assert_eq!(
            other.parse(&bytes),
            Ok(httparse::Status::Complete(head.bytes()))
        );
        prop_assert_eq!(other.method, Some(head.method().name()));
        prop_assert_eq!(other.path.map(str::as_bytes), Some(head.target(&bytes)));
        let theirs = other
            .headers
            .iter()
            .map(|field| (field.name.as_bytes(), field.value));
        let theirs: Vec<_> = theirs.filter(|(name, _)| !name.contains(&b'_')).collect();
        let ours: Vec<_> = head.fields(&bytes).collect();
        prop_assert_eq!(ours, theirs);
        Ok(())
    });
    result.unwrap();
}

#[test]
fn a_field_of_the_protocol_never_stands_twice_in_what_is_accepted() {
    let names = [
        "Mcp-Name",
        "mcp-name",
        "MCP-Param-A",
        "mcp-param-a",
        "Authorization",
        "Origin",
        "X",
    ];
    let names = prop::collection::vec(prop::sample::select(names.to_vec()), 0..4);
    let result = runner(2_000).run(&names, |names| {
        let mut bytes = b"GET / HTTP/1.1\r\nHost: a\r\n".to_vec();
        for name in &names {
            bytes.extend_from_slice(format!("{name}: 1\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        let mut lower: Vec<_> = names.iter().map(|name| name.to_lowercase()).collect();
        lower.retain(|name| name != "x");
        lower.sort();
        let twice = lower.windows(2).any(|pair| pair[0] == pair[1]);
        let expected = if twice {
            Err(Reason::FieldDuplicated)
        } else {
            Ok(Progress::Complete)
        };
        let mut head = RequestHead::new();
        prop_assert_eq!(head.parse(&bytes), expected);
        prop_assert_eq!(head.field(&bytes, Field::Cookie), None);
        Ok(())
    });
    result.unwrap();
}
