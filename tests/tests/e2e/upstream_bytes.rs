//! Answers that are no HTTP, that two readers could end differently, or that answer something else:
//! told, recorded and survived, on both drivers and in both eras.

use std::io::Write;
use std::net::TcpStream;

use serde_json::json;
use varistor_tests::upstream::Handled;
use varistor_tests::{Driver, Upstream, on_both_drivers};

use crate::trial::Seen::{Cut, Refused, Whole};
use crate::trial::{Case, SOUND, Seen, Trial, allowed};

on_both_drivers!(
    every_answer_that_is_none_is_told_and_passes,
    a_flood_of_interim_answers_ends,
);

/// What stands for the right answer, and for its length, in the bytes below.
const ANSWER: &str = "{ANSWER}";
const LENGTH: &str = "{LENGTH}";

/// A tool, the bytes it is answered with before the connection closes, what the caller sees.
type Row = (&'static str, &'static str, Seen);

const INVALID: Seen = Refused("upstream_invalid");
const CLOSED: Seen = Refused("upstream_closed");

#[rustfmt::skip]
const HEADS: &[Row] = &[
    ("nothing", "", CLOSED),
    ("half_a_head", "HTTP/1.1 200 OK\r\nContent-Ty", CLOSED),
    ("ssh", "SSH-2.0-OpenSSH_9.2\r\n\r\n", INVALID),
    ("tls_alert", "\x15\x03\x03\x00\x02\x02\x46", INVALID),
    ("http2", "\x00\x00\x12\x04\x00\x00\x00\x00\x00", INVALID),
    ("http09", "<html>hello</html>", INVALID),
    ("http10", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", INVALID),
    ("empty_line_first", "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", INVALID),
    ("status_of_two_digits", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", INVALID),
    ("switch", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", INVALID),
    ("fold", "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n{}", INVALID),
    ("space_before_colon", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}", INVALID),
    ("bare_lf", "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", INVALID),
    ("zero_byte", "HTTP/1.1 200 OK\r\nX-A: b\0c\r\n\r\n{}", INVALID),
    ("two_types", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
        Content-Type: text/event-stream\r\nContent-Length: 2\r\n\r\n{}", INVALID),
    ("two_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n\
        hello", INVALID),
    ("same_length_twice", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n\
        hello", INVALID),
    ("length_list", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", INVALID),
    ("length_below_zero", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", INVALID),
    ("length_beyond_64_bits", "HTTP/1.1 200 OK\r\n\
        Content-Length: 99999999999999999999\r\n\r\n", INVALID),
    ("length_and_chunked", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\
        Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", INVALID),
    ("chunked_and_length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\
        Content-Length: 5\r\n\r\n0\r\n\r\n", INVALID),
    ("unknown_coding", "HTTP/1.1 200 OK\r\n\
        Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", INVALID),
    ("interim_with_body", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello", INVALID),
    ("empty_with_body", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", INVALID),
    ("compressed", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
        Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x0b", Refused("upstream_encoding")),
    ("redirect", "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\n\
        Content-Length: 0\r\n\r\n", Refused("upstream_redirect")),
    ("stranger", "HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n", Refused("upstream_credential")),
    ("interim_answers", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {LENGTH}\r\n\r\n\
        {ANSWER}", Whole),
];

#[rustfmt::skip]
const CHUNKS: &[Row] = &[
    ("half_a_chunk", "50\r\n{\"js", CLOSED),
    ("no_last_chunk", "{LENGTH}\r\n{ANSWER}\r\n", CLOSED),
    ("size_below_zero", "-1\r\nx\r\n0\r\n\r\n", INVALID),
    ("size_with_prefix", "0x5\r\nhello\r\n0\r\n\r\n", INVALID),
    ("size_with_blank", "5 \r\nhello\r\n0\r\n\r\n", INVALID),
    ("size_beyond_64_bits", "10000000000000005\r\nhello\r\n0\r\n\r\n", INVALID),
    ("size_missing", "\r\nhello\r\n0\r\n\r\n", INVALID),
    ("size_ends_in_lf", "5\nhello\n0\n\n", INVALID),
    ("size_too_small", "2\r\nhello\r\n0\r\n\r\n", INVALID),
    ("trailer_is_none", "{LENGTH}\r\n{ANSWER}\r\n0\r\nno field\r\n\r\n", INVALID),
    ("in_chunks", "{LENGTH};a=b\r\n{ANSWER}\r\n0\r\nX-Sum: 1\r\n\r\n", Whole),
];

#[rustfmt::skip]
const BODIES: &[Row] = &[
    ("no_json", "hello", INVALID),
    ("empty", "", INVALID),
    ("blank", "  ", INVALID),
    ("byte_order_mark", "\u{feff}{ANSWER}", INVALID),
    ("two_documents", "{ANSWER}{ANSWER}", INVALID),
    ("same_key_twice", "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":7,\"result\":{}}", INVALID),
    ("half_a_surrogate", "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":\"\\ud800\"}}", INVALID),
    ("result_and_error", "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{},\"error\":{\"code\":1,\
        \"message\":\"x\"}}", INVALID),
    ("neither_result_nor_error", "{\"jsonrpc\":\"2.0\",\"id\":7}", INVALID),
    ("id_as_text", "{\"jsonrpc\":\"2.0\",\"id\":\"7\",\"result\":{}}", INVALID),
    ("notification", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\
        \"params\":{}}", INVALID),
    ("request", "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"roots/list\"}", INVALID),
];

#[rustfmt::skip]
const EVENTS: &[Row] = &[
    ("no_json_in_event", "data: hello\n\n", Cut("upstream_invalid")),
    ("wrong_id_behind_progress", "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\
        \"params\":{\"progressToken\":1,\"progress\":1}}\n\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\
        \"result\":{}}\n\n", Cut("upstream_invalid")),
    ("half_an_event", "data: {ANSWER}\n", Cut("upstream_closed")),
];

#[rustfmt::skip]
const ACCEPTED: &[Row] = &[
    ("accepted", "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", INVALID),
    ("no_content", "HTTP/1.1 204 No Content\r\n\r\n", INVALID),
    ("no_type", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", INVALID),
    ("html", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n<>", INVALID),
];

/// A table, and what stands before each of its answers.
const TABLES: &[(&[Row], &str)] = &[
    (HEADS, ""),
    (ACCEPTED, ""),
    (
        CHUNKS,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    (
        BODIES,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n",
    ),
    (
        EVENTS,
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 1000\r\n\r\n",
    ),
];

fn every_answer_that_is_none_is_told_and_passes(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, stream| {
        let name = incoming.name();
        let rows = TABLES
            .iter()
            .flat_map(|(rows, before)| rows.iter().map(move |row| (row, before)));
        let Some(((_, bytes, _), before)) = rows.clone().find(|((tool, ..), _)| *tool == name)
        else {
            return Handled::Usual;
        };
        let answer = json!({"jsonrpc": "2.0", "id": incoming.json()["id"], "result": {
            "resultType": "complete", "content": [{"type": "text", "text": "whole"}]}});
        let answer = answer.to_string();
        let length = match *before {
            "" => answer.len().to_string(),
            _ => format!("{:x}", answer.len()),
        };
        let bytes = format!(
            "{before}{}",
            bytes.replace(ANSWER, &answer).replace(LENGTH, &length)
        );
        // The gateway may have gone already, which is right too.
        let _ = stream.write_all(bytes.as_bytes());
        Handled::Close
    });
    let trial = Trial::before(&upstream.url(), driver);
    let rows = TABLES.iter().flat_map(|(rows, _)| rows.iter());
    let cases: Vec<_> = rows
        .map(|(tool, _, seen)| Case {
            tool,
            seen: *seen,
            logged: logged(*seen),
        })
        .collect();
    let calls = trial.run(&cases);
    let records = trial.end(&calls);
    assert_eq!(upstream.calls(), allowed(&records).count());
}

/// What the log says of what a caller sees.
fn logged(seen: Seen) -> &'static str {
    match seen {
        Refused("upstream_closed") | Cut("upstream_closed") => "broken",
        Refused(_) | Cut(_) => "invalid",
        _ => "ok",
    }
}

/// Interim answers are read over, but not without end.
fn a_flood_of_interim_answers_ends(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, stream| {
        if incoming.name() == SOUND || incoming.method() != "tools/call" {
            return Handled::Usual;
        }
        let bytes = match incoming.name().as_str() {
            "many_bytes" => "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(1_000),
            _ => "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".to_owned(),
        };
        flood(stream, bytes.as_bytes());
        Handled::Close
    });
    let trial = Trial::before(&upstream.url(), driver);
    let cases = ["many_bytes", "many_segments"].map(|tool| Case {
        tool,
        seen: INVALID,
        logged: "invalid",
    });
    let calls = trial.run(&cases);
    trial.end(&calls);
    assert_eq!(upstream.calls(), 12);
}

/// Sends the bytes until the gateway has had enough of them.
fn flood(stream: &mut TcpStream, bytes: &[u8]) {
    while stream.write_all(bytes).is_ok() {}
}
