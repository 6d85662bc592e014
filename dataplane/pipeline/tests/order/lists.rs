//! What becomes of answers.

use varistor_http1::ResponseHead;
use varistor_model::Reason;
use varistor_perf::bench::{Bench, Outcome};
use varistor_perf::policy::{grant, policy, role};
use varistor_pipeline::answer::{Passed, Plan};

fn answer(bench: &Bench, request: &str, answer: &str) -> Result<(Passed, String), Reason> {
    let token = bench.token(&["r0"]);
    let Outcome::Forwarded {
        mut forward, body, ..
    } = bench.post("github", &token, request)
    else {
        panic!("it was refused");
    };
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n";
    let mut head = ResponseHead::new();
    head.parse(bytes, false).unwrap();
    assert_eq!(forward.answering.head(&head, bytes), Ok(Plan::Json));
    let mut out = Vec::new();
    let desk = &mut *bench.desk.borrow_mut();
    let passed = forward
        .answering
        .message(desk, (&body, answer.as_bytes()), &mut out)?;
    Ok((passed, String::from_utf8(out).unwrap()))
}

fn narrow() -> Bench {
    Bench::new(&policy(
        vec![role(0, vec![grant(1, "get_*", 15, false)], 0)],
        vec![],
    ))
}

#[test]
fn a_list_shows_what_may_be_called_and_nothing_else() {
    let (passed, shown) = answer(
        &narrow(),
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
        concat!(
            r#"{"jsonrpc":"2.0","id":1,"result":{"tools":["#,
            r#"{"name":"get_a"},{"name":"delete_b"}, {"name":"get_c" }],"cacheScope":"public"}}"#
        ),
    )
    .unwrap();
    assert_eq!(passed, Passed::Changed);
    let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let names: Vec<_> = read["result"]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["name"])
        .collect();
    assert_eq!(names, ["get_a", "get_c"]);
    assert_eq!(read["result"]["cacheScope"], "private");
}

#[test]
fn an_answer_to_another_id_is_withheld() {
    for id in ["2", r#""1""#, "null"] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#);
        let request = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
        assert_eq!(
            answer(&narrow(), request, &text).err(),
            Some(Reason::UpstreamInvalid)
        );
    }
}

#[test]
fn an_answer_that_is_no_json_rpc_is_withheld() {
    let request = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    for text in [
        "",
        "{}",
        "[",
        r#"{"jsonrpc":"2.0","id":1,"result":{},"result":{}}"#,
    ] {
        assert!(answer(&narrow(), request, text).is_err(), "{text}");
    }
}

#[test]
fn a_plain_answer_keeps_its_bytes() {
    let request = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_a"}}"#;
    let text = r#"{ "jsonrpc":"2.0","id":1 ,"result":{"content":[],"x":1.50e1}}"#;
    assert_eq!(answer(&narrow(), request, text).unwrap().0, Passed::Same);
}

#[test]
fn what_is_left_of_a_list_is_redacted_in_its_place() {
    let secret = varistor_perf::text::secret();
    let (passed, shown) = answer(
        &narrow(),
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
        &format!(
            r#" {{"jsonrpc":"2.0","result":{{"cacheScope":"public","tools":[
            {{"name":"b","d":"{secret}"}},{{"name":"get_a",
            "d":"x {secret} y"}},
            {{"name":"c","d":"{secret}"}}],"n":"{secret}"}},"id":1}} "#
        ),
    )
    .unwrap();
    assert_eq!(passed, Passed::Changed);
    assert!(!shown.contains(&secret), "{shown}");
    let placeholder = shown
        .split_once("x ")
        .and_then(|pair| pair.1.split_once(" y"))
        .map(|pair| pair.0)
        .unwrap();
    assert!(!placeholder.is_empty());
    assert_eq!(
        shown,
        format!(
            r#" {{"jsonrpc":"2.0","result":{{"cacheScope":"private","tools":[{{"name":"get_a",
            "d":"x {placeholder} y"}}],"n":"{placeholder}"}},"id":1}} "#
        )
    );
}
