//! Requests that two readers could take differently are refused, each with the status that the
//! table names; nothing of them reaches the upstream.

use serde_json::json;
use varistor_tests::{Connection, Driver, on_both_drivers};

use crate::world::World;

on_both_drivers!(
    every_malformed_request_is_refused,
    a_refused_request_ends_its_connection,
    well_formed_requests_of_every_kind_pass,
    every_split_of_a_request_is_read_alike,
);

const BODY: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

/// `{R}` is a right request line, `{H}` right fields without framing, `{A}` the address, `{T}` the
/// token, `{B}` the body and `{L}` its length.
const CORPUS: &str = include_str!("../../corpus/malformed_http.json");

fn every_malformed_request_is_refused(driver: Driver) {
    let world = World::start(driver);
    let token = world.policy.token("tester");
    let mut wrong = Vec::new();
    for Case {
        name,
        statuses,
        request,
    } in cases()
    {
        let mut connection = world.gateway.connect();
        connection.send(fill(&request, world.gateway.address(), &token).as_bytes());
        connection.finish();
        let status = connection.head().map(|head| head.status);
        if !status.is_some_and(|status| statuses.contains(&status)) {
            wrong.push(format!("{name}: {status:?}, right is {statuses:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(world.upstream.seen().len(), 0);
    world.end();
}

/// A request, and the statuses with which it may be refused.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    statuses: Vec<u16>,
    request: String,
}

/// The corpus, and cases too long to be written down.
fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = serde_json::from_str(CORPUS).expect("the corpus");
    assert!(cases.len() > 80);
    let long = "a".repeat(9 * 1024);
    let fields = |count: usize| {
        (0..count)
            .map(|n| format!("X-{n}: b\r\n"))
            .collect::<String>()
    };
    let wide = (0..9)
        .map(|n| format!("X-{n}: {}\r\n", "b".repeat(8_000)))
        .collect::<String>();
    let chunked = "Transfer-Encoding: chunked\r\n\r\n";
    let mut add = |name: &str, statuses: &[u16], line: &str, rest: &str| {
        let request = match rest.starts_with("Transfer") {
            true => format!("{line}{{H}}{rest}"),
            false => format!("{line}{{H}}{rest}Content-Length: {{L}}\r\n\r\n{{B}}"),
        };
        cases.push(Case {
            name: name.to_owned(),
            statuses: statuses.to_vec(),
            request,
        });
    };
    add(
        "field over 8 KiB",
        &[431],
        "{R}",
        &format!("X-A: {long}\r\n"),
    );
    add(
        "name over 8 KiB",
        &[431, 400],
        "{R}",
        &format!("{long}: b\r\n"),
    );
    add("over 100 fields", &[431], "{R}", &fields(101));
    add("head over 64 KiB", &[431], "{R}", &wide);
    add(
        "target over 8 KiB",
        &[414],
        &format!("POST /{long} HTTP/1.1\r\n"),
        "",
    );
    let line = format!("{chunked}5;{long}\r\nhello\r\n0\r\n\r\n");
    add("chunk line over its bound", &[400], "{R}", &line);
    let trailers = format!("{chunked}0\r\nX-A: {}\r\n\r\n", "b".repeat(6_000));
    add("trailers over their bound", &[400, 431], "{R}", &trailers);
    cases
}

fn fill(template: &str, address: &str, token: &str) -> String {
    let fields = format!(
        "Host: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\n"
    );
    template
        .replace("{R}", "POST /mcp/alpha HTTP/1.1\r\n")
        .replace("{H}", &fields)
        .replace("{A}", address)
        .replace("{T}", token)
        .replace("{L}", &BODY.len().to_string())
        .replace("{B}", BODY)
}

fn a_refused_request_ends_its_connection(driver: Driver) {
    let world = World::start(driver);
    let agent = world.tester();
    let smuggled = agent.modern(1, "tools/call", json!({"name": "read_file"}));
    for template in [
        "{R}{H}Content-Length: {L}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "{R}{H}Content-Length : {L}\r\n\r\n{B}",
        "{R}{H}Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
        "{R}{H}Content-Length: 9223372036854775808\r\n\r\n",
    ] {
        let mut connection = world.gateway.connect();
        let first = fill(template, world.gateway.address(), &agent.token);
        connection.send(&[first.as_bytes(), &smuggled].concat());
        assert!(
            connection
                .answer()
                .is_some_and(|answer| answer.status() >= 400),
            "{template}"
        );
        assert!(
            connection.answer().is_none(),
            "a second answer to {template}"
        );
    }
    assert_eq!(world.upstream.calls(), 0);
    world.end();
}

fn well_formed_requests_of_every_kind_pass(driver: Driver) {
    let world = World::start(driver);
    let token = world.policy.token("tester");
    let chunked = "{R}{H}Transfer-Encoding: chunked\r\n\r\n";
    let (first, rest) = BODY.split_at(10);
    for template in [
        "{R}{H}Content-Length: {L}\r\n\r\n{B}".to_owned(),
        "\r\n{R}{H}Content-Length: {L}\r\n\r\n{B}".to_owned(),
        "{R}{H}content-LENGTH:{L}\r\n\r\n{B}".to_owned(),
        "{R}{H}Content-Length:\t {L} \t\r\n\r\n{B}".to_owned(),
        "{R}{H}Expect: 100-continue\r\nContent-Length: {L}\r\n\r\n{B}".to_owned(),
        "{R}{H}Connection: close, X-A\r\nX-A: b\r\nContent-Length: {L}\r\n\r\n{B}".to_owned(),
        format!("{chunked}{:X}\r\n{BODY}\r\n0\r\n\r\n", BODY.len()),
        format!(
            "{chunked}a\r\n{first}\r\n{:x};x=\"y\"\r\n{rest}\r\n000\r\nX-T: z\r\n\r\n",
            rest.len()
        ),
    ] {
        let request = fill(&template, world.gateway.address(), &token);
        let answer = world.gateway.connect().exchange(request.as_bytes());
        assert_eq!(answer.status(), 200, "{template}: {answer:?}");
    }
    world.end();
}

fn every_split_of_a_request_is_read_alike(driver: Driver) {
    let world = World::start(driver);
    let token = world.policy.token("tester");
    let template = "\r\n{R}{H}Transfer-Encoding: chunked\r\n\r\n2E\r\n{B}\r\n0\r\n\r\n";
    let request = fill(template, world.gateway.address(), &token);
    let mut connection = Connection::open(world.gateway.address());
    for split in 1..request.len() {
        let (first, second) = request.as_bytes().split_at(split);
        connection.send(first);
        connection.send(second);
        let answer = connection.answer().expect("an answer");
        assert_eq!(answer.status(), 200, "split at {split}: {answer:?}");
    }
    world.end();
}
