//! Every message of the corpus is judged as its table says, whole and at every split.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure here fails the test"
)]

#[path = "corpus/cases.rs"]
mod cases;

use cases::{Case, cuts};
use varistor_http1::{Chunked, Framing, Progress, RequestHead, ResponseFraming, ResponseHead};
use varistor_model::Reason;

/// The answer of a parser in the words of the tables, and the length of the head.
type Answer = (String, usize);

fn request(head: &mut RequestHead, answer: Result<Progress, Reason>) -> Answer {
    match answer {
        Err(reason) => (reason.name().to_owned(), 0),
        Ok(Progress::Partial) => ("partial".to_owned(), 0),
        Ok(Progress::Complete) => match head.framing() {
            Framing::None => ("none".to_owned(), head.bytes()),
            Framing::Length(length) => (format!("length {length}"), head.bytes()),
            Framing::Chunked => ("chunked".to_owned(), head.bytes()),
        },
    }
}

fn response(head: &mut ResponseHead, answer: Result<Progress, Reason>) -> Answer {
    match answer {
        Err(reason) => (reason.name().to_owned(), 0),
        Ok(Progress::Partial) => ("partial".to_owned(), 0),
        Ok(Progress::Complete) => match head.framing() {
            ResponseFraming::None => ("none".to_owned(), head.bytes()),
            ResponseFraming::Length(length) => (format!("length {length}"), head.bytes()),
            ResponseFraming::Chunked => ("chunked".to_owned(), head.bytes()),
            ResponseFraming::UntilClose => ("until_close".to_owned(), head.bytes()),
        },
    }
}

/// Judges a case whole, at every split, byte by byte, and with other bytes behind it.
fn judge(
    case: &Case,
    parse: &mut dyn FnMut(&[u8]) -> Answer,
    resume: &mut dyn FnMut(&[u8]) -> Answer,
) {
    let Case {
        expected,
        why,
        bytes,
    } = case;
    let whole = parse(bytes);
    assert_eq!(&whole.0, expected, "{why}");
    let is_refused = !["partial", "none", "chunked", "until_close"].contains(&expected.as_str())
        && !expected.starts_with("length");
    let mut ended = false;
    for cut in cuts(bytes.len()) {
        let part = parse(&bytes[..cut]);
        if is_refused {
            ended |= part == whole;
            assert!(
                part == whole || part.0 == "partial",
                "{why}: {part:?} at {cut}"
            );
            assert_eq!(part == whole, ended, "{why}: refused, then not, at {cut}");
        } else if whole.1 > 0 && cut >= whole.1 {
            assert_eq!(part, whole, "{why} at {cut}");
        } else {
            assert_eq!(part.0, "partial", "{why} at {cut}");
        }
    }
    let mut dripped = resume(&[]);
    for len in 1..=bytes.len() {
        if dripped.0 == "partial" {
            dripped = resume(&bytes[..len]);
        }
    }
    assert_eq!(dripped, whole, "{why}, byte by byte");
    if expected != "partial" {
        let longer = [bytes, &b"GET / HTTP/1.1\r\n\r\n\0\xff"[..]].concat();
        assert_eq!(parse(&longer), whole, "{why}, with bytes behind");
    }
}

#[test]
fn every_request_is_judged_as_the_table_says_at_every_split() {
    let cases = cases::read(include_str!("corpus/requests.txt"));
    assert!(cases.len() >= 120, "{}", cases.len());
    for case in &cases {
        let (mut head, mut dripped) = (RequestHead::new(), RequestHead::new());
        judge(
            case,
            &mut |bytes| {
                let answer = head.parse(bytes);
                request(&mut head, answer)
            },
            &mut |bytes| {
                let answer = dripped.resume(bytes);
                request(&mut dripped, answer)
            },
        );
    }
}

#[test]
fn every_response_is_judged_as_the_table_says_at_every_split() {
    let cases = cases::read(include_str!("corpus/responses.txt"));
    for case in &cases {
        let (mut head, mut dripped) = (ResponseHead::new(), ResponseHead::new());
        judge(
            case,
            &mut |bytes| {
                let answer = head.parse(bytes, false);
                response(&mut head, answer)
            },
            &mut |bytes| {
                let answer = dripped.resume(bytes, false);
                response(&mut dripped, answer)
            },
        );
    }
}

/// Decodes the parts one behind the other, in the words of the table.
fn decode(parts: &[&[u8]]) -> String {
    let mut body = Vec::new();
    let mut chunked = Chunked::new();
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() && !chunked.has_ended() {
            match chunked.decode(rest) {
                Err(reason) => {
                    assert_eq!(reason, Reason::FramingInvalid);
                    assert_eq!(
                        chunked.decode(b"0\r\n\r\n"),
                        Err(reason),
                        "broken once and for all"
                    );
                    return "refused".to_owned();
                }
                Ok(piece) => {
                    assert!(piece.consumed > 0, "no progress");
                    body.extend_from_slice(&rest[piece.data]);
                    rest = &rest[piece.consumed..];
                }
            }
        }
        assert!(rest.is_empty(), "the body ended before the bytes");
    }
    match chunked.has_ended() {
        true => format!("data {}", String::from_utf8(body).unwrap()),
        false => "partial".to_owned(),
    }
}

#[test]
fn every_chunked_body_is_judged_as_the_table_says_at_every_split() {
    for Case {
        expected,
        why,
        bytes,
    } in cases::read(include_str!("corpus/chunked.txt"))
    {
        assert_eq!(decode(&[&bytes]), expected, "{why}");
        for cut in cuts(bytes.len()) {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(decode(&[head, tail]), expected, "{why} at {cut}");
        }
        let drops: Vec<_> = bytes.chunks(1).collect();
        assert_eq!(decode(&drops), expected, "{why}, byte by byte");
    }
}

#[test]
fn what_stands_behind_a_chunked_body_is_left_alone() {
    let mut chunked = Chunked::of_response();
    let input = b"2\r\nab\r\n0\r\n\r\nHTTP/1.1 200 OK";
    let first = chunked.decode(input).unwrap();
    assert_eq!((first.consumed, first.data, first.end), (5, 3..5, false));
    let last = chunked.decode(&input[5..]).unwrap();
    assert_eq!(
        (last.consumed, last.data.is_empty(), last.end),
        (7, true, true)
    );
    assert_eq!(chunked.decode(b"HTTP").map(|piece| piece.consumed), Ok(0));
    assert_eq!(
        Chunked::of_response().decode(b"x"),
        Err(Reason::UpstreamInvalid)
    );
}

#[test]
fn a_chunk_that_has_begun_says_how_much_is_to_come() {
    let mut chunked = Chunked::new();
    for (part, left) in [
        ("ff", 0),
        ("ff\r", 0),
        ("\n", 0xffff),
        ("hello", 0xffff - 5),
    ] {
        chunked.decode(part.as_bytes()).unwrap();
        assert_eq!(chunked.left_in_chunk(), left, "{part:?}");
    }
}

#[test]
fn a_head_says_what_was_sent() {
    let bytes = b"\r\nPOST /mcp/a?b HTTP/1.1\r\nHost: a:1\r\nACCEPT:  x \r\naccept: y\r\n\
        Mcp-Param-Region: eu\r\nmcp-param-tenant: \r\nX_Y: 1\r\nConnection: foo, CLOSE\r\n\
        Expect: 100-continue\r\ncontent-length: 3\r\n\r\nabc";
    let mut head = RequestHead::new();
    assert_eq!(head.parse(bytes), Ok(Progress::Complete));
    use varistor_http1::{Field, HttpMethod};
    assert_eq!(
        (head.method(), head.target(bytes)),
        (HttpMethod::Post, &b"/mcp/a?b"[..])
    );
    assert_eq!(head.field(bytes, Field::Host), Some(&b"a:1"[..]));
    assert_eq!(head.field(bytes, Field::Origin), None);
    assert_eq!(head.field(bytes, Field::Accept), Some(&b"x"[..]));
    let accepts: Vec<_> = head.values(bytes, Field::Accept).collect();
    assert_eq!(accepts, [b"x", b"y"]);
    let params: Vec<_> = head.mcp_params(bytes).collect();
    assert_eq!(params, [(&b"Region"[..], &b"eu"[..]), (b"tenant", b"")]);
    assert!(head.fields(bytes).all(|(name, _)| name != b"X_Y") && head.fields(bytes).count() == 8);
    assert!(head.expects_continue() && !head.keep_alive());
    assert_eq!(&bytes[head.bytes()..], b"abc");
    assert_eq!(
        head.parse(b"GET / HTTP/1.1\r\nHost: b\r\n\r\n"),
        Ok(Progress::Complete)
    );
    assert!(!head.expects_continue() && head.keep_alive());
}

#[test]
fn a_connection_to_an_upstream_is_reused_only_when_both_sides_agree() {
    let mut head = ResponseHead::new();
    for (text, keep_alive) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", true),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive, Close\r\n\r\n",
            false,
        ),
        ("HTTP/1.1 200 OK\r\n\r\n", false),
        ("HTTP/1.1 204 No Content\r\n\r\n", true),
    ] {
        assert_eq!(head.parse(text.as_bytes(), false), Ok(Progress::Complete));
        assert_eq!(head.keep_alive(), keep_alive, "{text}");
    }
}

#[test]
fn the_answer_to_a_head_request_has_no_body() {
    let mut head = ResponseHead::new();
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(head.parse(bytes, true), Ok(Progress::Complete));
    assert_eq!(
        (head.framing(), head.status()),
        (ResponseFraming::None, 200)
    );
}
