//! What is read from messages, and that it is what the bytes say.

use varistor_inspect::json::{Filtered, Kind, List, Message, Reader, Splice};
use varistor_model::{Method, Reason, Span};

fn one(reader: &mut Reader, body: &str) -> Message {
    assert_eq!(reader.read_call(body.as_bytes()), Ok(()));
    assert_eq!(reader.messages().len(), 1);
    reader.messages()[0]
}

fn cut(body: &str, span: Span) -> &str {
    body.get(span.range()).unwrap_or("outside")
}

#[test]
fn a_call_is_cut_out_exactly() {
    let body = r#" {"jsonrpc" : "2.0" , "id" : "a\u0062" , "method":"tools\/call",
        "params" : { "name" : "get\u005fissue" , "arguments" : { "n" : 1.0 , "s" : "}\"" } ,
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","progressToken":1} } } "#;
    let mut reader = Reader::new();
    let message = one(&mut reader, body);
    assert_eq!(message.kind, Kind::Request);
    assert_eq!(message.method, Method::ToolsCall);
    assert_eq!(cut(body, message.whole), body.trim());
    assert_eq!(cut(body, message.id), r#""a\u0062""#);
    assert_eq!(reader.text(message.method_text), "tools/call");
    assert_eq!(reader.text(message.name.unwrap()), "get_issue");
    assert_eq!(
        cut(body, message.arguments),
        r#"{ "n" : 1.0 , "s" : "}\"" }"#
    );
    assert!(cut(body, message.params).starts_with(r#"{ "name""#));
    assert!(cut(body, message.params).ends_with("} }"));
    assert_eq!(reader.text(message.meta_version.unwrap()), "2026-07-28");
}

#[test]
fn each_method_points_at_its_own_subject() {
    let mut reader = Reader::new();
    for (method, params, name, is_prompt) in [
        ("tools/call", r#"{"name":"t","uri":"no"}"#, Some("t"), false),
        ("prompts/get", r#"{"name":"p"}"#, Some("p"), false),
        (
            "resources/read",
            r#"{"uri":"u://x","name":"no"}"#,
            Some("u://x"),
            false,
        ),
        ("tasks/get", r#"{"taskId":"k"}"#, Some("k"), false),
        (
            "completion/complete",
            r#"{"ref":{"type":"ref/prompt","name":"p"}}"#,
            Some("p"),
            true,
        ),
        (
            "completion/complete",
            r#"{"ref":{"uri":"u","type":"ref/resource"}}"#,
            Some("u"),
            false,
        ),
        ("tools/call", "{}", None, false),
        ("tools/list", r#"{"name":"t","cursor":""}"#, None, false),
        ("custom/thing", r#"{"name":"t","Arguments":1}"#, None, false),
    ] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":0,"method":"{method}","params":{params}}}"#);
        let message = one(&mut reader, &body);
        assert_eq!(message.name.map(|text| reader.text(text)), name, "{body}");
        assert_eq!(message.reference_is_prompt, is_prompt, "{body}");
    }
}

#[test]
fn an_ambiguous_reference_is_refused() {
    let mut reader = Reader::new();
    for reference in [
        r#"{"name":"p"}"#,
        r#"{"type":"ref/prompt","name":"p","uri":"u"}"#,
        r#"{"type":"ref/resource","name":"p","uri":"u"}"#,
        r#"{"type":"ref/other","name":"p"}"#,
        r#"{"type":"ref/prompt","name":"p","Name":"q"}"#,
        r#"{"type":"ref/prompt","Name":"q"}"#,
        r#""p""#,
    ] {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":0,"method":"completion/complete",
            "params":{{"ref":{reference}}}}}"#
        );
        assert!(reader.read_call(body.as_bytes()).is_err(), "{reference}");
    }
}

#[test]
fn subscribed_uris_are_decoded_in_order() {
    let body = r#"[{"jsonrpc":"2.0","id":0,"method":"subscriptions/listen","params":
        {"notifications":{"toolsListChanged":true,"resourceSubscriptions":["a:\/\/b","c"]}}},
        {"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":
        {"resourceSubscriptions":["d"]}},{"jsonrpc":"2.0","id":2,"method":"ping"}]"#;
    let mut reader = Reader::new();
    reader.read_call(body.as_bytes()).unwrap();
    let read = |at: usize| {
        let message = &reader.messages()[at];
        reader.subscriptions(message).collect::<Vec<_>>()
    };
    assert_eq!(read(0), ["a://b", "c"]);
    assert_eq!(read(1), ["d"]);
    assert!(read(2).is_empty());
    let body = r#"{"jsonrpc":"2.0","id":0,"method":"subscriptions/listen","params":
        {"notifications":{"resourceSubscriptions":[1]}}}"#;
    assert_eq!(
        reader.read_call(body.as_bytes()),
        Err(Reason::ParamsInvalid)
    );
}

#[test]
fn versions_are_read_from_initialize_and_its_answer() {
    let mut reader = Reader::new();
    let body = r#"{"jsonrpc":"2.0","id":0,"method":"initialize",
        "params":{"protocolVersion":"2025-06-18"}}"#;
    let message = one(&mut reader, body);
    assert_eq!(
        reader.text(message.initialize_version.unwrap()),
        "2025-06-18"
    );
    let body = r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","x":1}}"#;
    reader.read_answer(body.as_bytes()).unwrap();
    let message = reader.messages()[0];
    assert_eq!(message.kind, Kind::Response);
    assert_eq!(
        reader.text(message.initialize_version.unwrap()),
        "2025-11-25"
    );
    assert_eq!(
        cut(body, message.result),
        r#"{"protocolVersion":"2025-11-25","x":1}"#
    );
}

#[test]
fn a_reader_that_refused_still_reads_the_next_message() {
    let mut reader = Reader::new();
    let good = r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#;
    for bad in [
        "",
        "{",
        "[]",
        "[{\"jsonrpc\":\"2.0\",\"method\":\"a\"},1]",
        "\u{feff}{}",
    ] {
        assert!(reader.read_call(bad.as_bytes()).is_err());
        assert!(reader.messages().is_empty());
        let message = one(&mut reader, good);
        assert_eq!(cut(good, message.id), "7");
    }
    let large = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"a":"{}"}}}}"#,
        "a".repeat(3_000_000)
    );
    one(&mut reader, &large);
    one(&mut reader, good);
}

#[test]
fn what_the_gate_passes_the_list_filter_reads_alike() {
    let body = r#"{"jsonrpc":"2.0","id":1,"result":{"resourceTemplates":[{"uriTemplate":"a:{x}"},
        {"uriTemplate":"b:{x}"}],"_meta":{"k":1.0}}}"#;
    let mut reader = Reader::new();
    reader.read_answer(body.as_bytes()).unwrap();
    let mut out = Vec::new();
    let mut splice = Splice::new(body.as_bytes(), &mut out);
    let mut keep = |_: List, uri: &str| uri.starts_with("a:");
    let message = &reader.messages()[0];
    let done = reader.filter(message, &[List::Templates], &mut keep, &mut splice);
    assert_eq!(done, Ok(Filtered::Changed { removed: 1 }));
    assert!(splice.finish());
    Reader::new().read_answer(&out).unwrap();
}
