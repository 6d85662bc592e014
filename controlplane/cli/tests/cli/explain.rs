//! `varictl explain`: each message is answered by one line that says what the gateway would do.
//!
//! Example values are put together from halves, so that nobody takes them for leaked ones.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{Place, Run};

const MAIL: &str = "anna.meier@acme-mail.org";
const AGENT: [&str; 3] = ["explain", "--agent", "my-agent"];

fn key() -> String {
    "AKIA|Z7Q4M2X6T5W3B7RN".replace('|', "")
}

fn call(tool: &str, arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": tool, "arguments": arguments}})
}

fn result(text: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": text}]}})
}

/// The answers to these lines, one each.
#[track_caller]
fn answers(place: &Place, arguments: &[&str], lines: &[String]) -> Vec<Value> {
    let mut input = lines.join("\n");
    input.push('\n');
    let run = place.run_with(arguments, &input).ended(0);
    let answers: Vec<Value> = run.out.lines().map(parsed).collect();
    assert_eq!(answers.len(), lines.len(), "{}", run.out);
    answers
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[track_caller]
fn answer(place: &Place, arguments: &[&str], line: &Value) -> Value {
    answers(place, arguments, &[line.to_string()]).remove(0)
}

#[track_caller]
fn decided(answer: &Value, decision: &str, reason: Value) {
    let said = (&answer["decision"], &answer["reason"]);
    assert_eq!(said, (&json!(decision), &reason), "{answer}");
    let goes_on = ["allow", "redact"].contains(&decision);
    assert_eq!(!answer["forward"].is_null(), goes_on, "{answer}");
    assert_eq!(answer["text"].is_string(), !goes_on, "{answer}");
}

#[test]
fn a_permitted_call_goes_on_byte_for_byte() {
    let place = Place::with_policy();
    let odd = r#"{ "jsonrpc":"2.0","id" : 1e0,"method":"tools/call"}"#;
    let line = r#"{"jsonrpc": "2.0", "params": {"arguments": {"n": 1.50, "t": "\u0041"},
        "name": "get_item"}, "method": "tools/call", "id": "x"}"#
        .replace("\n        ", " ");
    let said = answers(&place, &AGENT, &[line.clone(), odd.to_owned()]);
    decided(&said[0], "allow", Value::Null);
    assert_eq!(said[0]["server"], "example");
    assert_eq!(said[0]["tool"], "get_item");
    assert_eq!(said[0]["intent"]["type"], "read");
    assert_eq!(said[0]["intent"]["evidence"], json!(["name.verb"]));
    assert_eq!(said[0]["findings"], json!([]));
    let run = place.run_with(&AGENT, &line);
    assert!(
        run.out.ends_with(&format!("\"forward\":{line}}}\n")),
        "{}",
        run.out
    );
    decided(&said[1], "reject", json!("id_invalid"));
}

#[test]
fn what_policy_forbids_is_denied_and_what_needs_a_human_is_held() {
    let place = Place::with_policy();
    let secret = call("get_item", &json!({"key": key()}));
    let denied = answer(&place, &AGENT, &secret);
    decided(&denied, "deny", json!("dlp_refused"));
    assert_eq!(denied["findings"][0]["class"], "secret");
    assert_eq!(denied["findings"][0]["path"], "/params/arguments/key");
    let logged = answer(&place, &AGENT, &call("get_item", &json!({"to": MAIL})));
    decided(&logged, "allow", Value::Null);
    assert_eq!(logged["findings"][0]["entity"], "email");
    let held = answer(&place, &AGENT, &call("delete_item", &json!({})));
    decided(&held, "hold", json!("held"));
    assert_eq!(held["intent"]["type"], "destructive");
    let hidden = answer(&place, &AGENT, &call("export_customers", &json!({})));
    decided(&hidden, "deny", json!("tool_unknown"));
    let elsewhere = json!({"server": "other", "message": call("get_item", &json!({}))});
    decided(
        &answer(&place, &AGENT, &elsewhere),
        "deny",
        json!("route_unknown"),
    );
}

#[test]
fn the_decision_about_findings_is_that_of_the_policy() {
    let place = Place::with_policy();
    let line = call("get_item", &json!({"to": MAIL}));
    place.edit("pii: log", "pii: redact");
    let said = answer(&place, &AGENT, &line);
    decided(&said, "redact", Value::Null);
    let expected = call("get_item", &json!({"to": "[REDACTED:email]"}));
    assert_eq!(said["forward"], expected, "whole, its envelope too");
    let batch = answer(
        &place,
        &AGENT,
        &json!([line, call("get_item", &json!({})), line]),
    );
    let expected = json!([expected, call("get_item", &json!({})), expected]);
    assert_eq!(batch["forward"], expected);
    place.edit("pii: redact", "pii: hold");
    decided(&answer(&place, &AGENT, &line), "hold", json!("held"));
}

#[test]
fn an_answer_is_judged_in_the_context_of_its_tool() {
    let place = Place::with_policy();
    let text = format!("write to {MAIL} or\n\"{}\"", key());
    let bare = answer(&place, &AGENT, &result(&text));
    decided(&bare, "redact", Value::Null);
    assert_eq!(bare["tool"], Value::Null);
    let shown = &bare["forward"]["result"]["content"][0]["text"];
    let shown = shown.as_str().unwrap();
    assert!(
        shown.starts_with("write to [REDACTED:email] or\n\"[REDACTED:"),
        "{shown}"
    );
    assert_eq!(bare["forward"]["jsonrpc"], "2.0");
    // A tool that waits for a human has answers too, once one said yes.
    let wrapped = json!({"server": "example", "tool": "delete_item", "direction": "response",
        "message": result(&text).to_string()});
    let wrapped = answer(&place, &AGENT, &wrapped);
    decided(&wrapped, "redact", Value::Null);
    assert_eq!(wrapped["tool"], "delete_item");
    assert_eq!(wrapped["intent"]["type"], "destructive");
    assert_eq!(wrapped["forward"], bare["forward"]);
    place.edit("response: { secrets: redact", "response: { secrets: deny");
    let denied = answer(&place, &AGENT, &result(&text));
    decided(&denied, "deny", json!("answer_refused"));
    let broken = json!({"direction": "response", "message": "{\"jsonrpc\":\"2.0\"}"});
    decided(
        &answer(&place, &AGENT, &broken),
        "reject",
        json!("upstream_invalid"),
    );
}

#[test]
fn a_list_loses_what_the_agent_may_not_call() {
    let place = Place::with_policy();
    let list = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": [
        {"name": "get_item", "inputSchema": {}},
        {"name": "export_customers", "inputSchema": {}}]}});
    let line = json!({"method": "tools/list", "message": list});
    let said = answer(&place, &AGENT, &line);
    decided(&said, "allow", Value::Null);
    let left = &said["forward"]["result"]["tools"];
    assert_eq!(left, &json!([{"name": "get_item", "inputSchema": {}}]));
}

#[test]
fn the_direction_is_told_by_the_message_unless_somebody_says_it() {
    let place = Place::with_policy();
    let of_server = json!({"jsonrpc": "2.0", "method": "notifications/message",
        "params": {"level": "info", "data": MAIL}});
    let said = answer(&place, &AGENT, &of_server);
    decided(&said, "redact", Value::Null);
    assert_eq!(said["forward"]["params"]["data"], "[REDACTED:email]");
    let forced = [&AGENT[..], &["--direction", "request"]].concat();
    decided(
        &answer(&place, &forced, &of_server),
        "reject",
        json!("method_unknown"),
    );
    let wrapped = json!({"direction": "response", "message": of_server});
    decided(&answer(&place, &forced, &wrapped), "redact", Value::Null);
}

#[test]
fn every_line_is_answered_whatever_is_wrong_with_it() {
    let place = Place::with_policy();
    let lines = [
        ("", "json_invalid"),
        ("nonsense", "json_invalid"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"#, "json_invalid"),
        (
            r#"{"jsonrpc":"2.0","id":1,"id":1,"method":"ping"}"#,
            "json_duplicate_key",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"no/such"}"#,
            "method_unknown",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#,
            "params_invalid",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"\ud800"}}"#,
            "json_surrogate",
        ),
        ("5", "rpc_invalid"),
        (r#"{"message":{},"server":5}"#, "line_invalid"),
        (r#"{"message":{},"direction":"up"}"#, "line_invalid"),
        (r#"{"message":"\ud800"}"#, "line_invalid"),
        (r#"{"message":7}"#, "rpc_invalid"),
    ];
    let input: Vec<String> = lines.iter().map(|(line, _)| (*line).to_owned()).collect();
    let said = answers(&place, &AGENT, &input);
    for ((line, reason), said) in lines.iter().zip(&said) {
        decided(said, "reject", json!(reason));
        assert_eq!(said["findings"], json!([]), "{line}");
    }
}

#[test]
fn a_message_of_the_largest_size_is_read_and_a_larger_one_is_not() {
    let place = Place::with_policy();
    let of_size = |bytes: usize| {
        let empty = call("get_item", &json!({"text": ""})).to_string();
        let text = "x "
            .repeat(bytes)
            .split_at(bytes - empty.len())
            .0
            .to_owned();
        call("get_item", &json!({"text": text})).to_string()
    };
    let most = 4 * 1024 * 1024;
    let lines = [of_size(most), of_size(most + 1), of_size(200)];
    let said = answers(&place, &AGENT, &lines);
    decided(&said[0], "allow", Value::Null);
    decided(&said[1], "reject", json!("body_too_large"));
    decided(&said[2], "allow", Value::Null);
    let run = place.run_with(&AGENT, &format!("{}\n{}", "x".repeat(65 << 20), lines[2]));
    let lines: Vec<Value> = run.ended(0).out.lines().map(parsed).collect();
    decided(&lines[0], "reject", json!("line_too_long"));
    decided(&lines[1], "allow", Value::Null);
}

#[test]
fn a_batch_and_a_modern_call_are_judged_as_their_versions_want() {
    let place = Place::with_policy();
    let batch = json!([
        call("get_item", &json!({})),
        call("create_item", &json!({"to": MAIL}))
    ]);
    let said = answer(&place, &AGENT, &batch);
    decided(&said, "allow", Value::Null);
    assert_eq!(said["intent"]["type"], "write");
    assert_eq!(said["findings"][0]["path"], "/1/params/arguments/to");
    let mut modern = call("get_ü", &json!({}));
    modern["params"]["_meta"] = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28"});
    decided(&answer(&place, &AGENT, &modern), "allow", Value::Null);
}

#[test]
fn offsets_are_bytes_of_the_string_that_the_pointer_leads_to() {
    let place = Place::empty();
    let line = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"x","arguments":
        {{"a/b~c":["\u00e4\n\ud83d\ude00 {MAIL} \"\\",{{"n":4111111111111111}}]}}}}}}"#
    );
    let line = line.replace("\n        ", "");
    let arguments = ["explain", "--dlp-only", "--show-values"];
    let said = answers(&place, &arguments, std::slice::from_ref(&line)).remove(0);
    let message = parsed(&line);
    let found = said["findings"].as_array().unwrap();
    assert_eq!(found.len(), 2, "{said}");
    assert_eq!(found[0]["path"], "/params/arguments/a~1b~0c/0");
    for finding in found {
        let at = |name: &str| usize::try_from(finding[name].as_u64().unwrap()).unwrap();
        let text = match message.pointer(finding["path"].as_str().unwrap()).unwrap() {
            Value::String(text) => text.clone(),
            number => number.to_string(),
        };
        assert_eq!(&text[at("start")..at("end")], finding["value"], "{finding}");
    }
    assert_eq!(found[1]["in"], "number");
    let keyed = json!({"jsonrpc": "2.0", "id": 1, "result": {"x": {MAIL: {"y": 1}}}});
    let keyed = &answer(&place, &arguments, &keyed)["findings"][0];
    assert_eq!(
        (&keyed["in"], &keyed["value"]),
        (&json!("key"), &json!(MAIL))
    );
    assert_eq!(keyed["path"], format!("/result/x/{MAIL}"));
}

#[test]
fn values_are_shown_only_to_those_who_ask() {
    let place = Place::empty();
    let beside = call(
        "x",
        &json!({"t": format!("{MAIL} and {}", key()), MAIL: {"k": key()}}),
    );
    let hidden = |run: &Run, skipped: &str| {
        let shown = run.out.split(skipped).next().unwrap();
        assert!(
            shown.contains("email") && shown.contains("secret"),
            "{shown}"
        );
        assert!(!shown.contains(MAIL) && !shown.contains(&key()), "{shown}");
    };
    for line in [beside.clone(), result(&format!("{MAIL} {}", key()))] {
        let line = line.to_string();
        hidden(
            &place.run_with(&["explain", "--dlp-only"], &line),
            "\"forward\"",
        );
        hidden(
            &place.run_with(&["explain", "--dlp-only", "--human"], &line),
            "never",
        );
        let values = place.run_with(&["explain", "--dlp-only", "--show-values"], &line);
        let said = values.json();
        let found = said["findings"].as_array().unwrap().iter();
        let mut found: Vec<&str> = found.map(|f| f["value"].as_str().unwrap()).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, [&key(), MAIL]);
    }
}

#[test]
fn data_alone_needs_no_policy_and_takes_one_when_it_is_named() {
    let place = Place::with_policy();
    let line = call(
        "export_customers",
        &json!({"to": MAIL, "id": "PAT-12345678"}),
    );
    let wrapped = json!({"server": "nowhere", "message": line});
    let bare = answer(&place, &["explain", "--dlp-only"], &wrapped);
    assert_eq!(
        (&bare["decision"], &bare["server"]),
        (&json!("redact"), &json!("nowhere"))
    );
    assert_eq!(bare["findings"].as_array().unwrap().len(), 1);
    assert!(bare.get("intent").is_none(), "{bare}");
    place.edit(
        "  response: {",
        "  custom: [{ name: patient_id, pattern: 'PAT-\\d{8}', action: deny }]\n  response: {",
    );
    let named = ["explain", "--dlp-only", "--dir", "varistor"];
    let said = answer(&place, &named, &wrapped);
    decided(&said, "deny", json!("dlp_refused"));
    let entities: Vec<_> = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["entity"])
        .collect();
    assert_eq!(entities, ["patient_id", "email"], "by where they stand");
    let whole = answer(
        &place,
        &AGENT,
        &json!({"server": "example", "message":
        call("get_item", &json!({"id": "PAT-12345678"}))}),
    );
    decided(&whole, "deny", json!("dlp_refused"));
}

#[test]
fn intents_alone_need_no_policy() {
    let place = Place::empty();
    let arguments = ["explain", "--intent-only"];
    for (tool, intent) in [
        ("get_x", "read"),
        ("send_x", "write"),
        ("drop_x", "destructive"),
    ] {
        let said = answer(&place, &arguments, &call(tool, &json!({"to": MAIL})));
        assert_eq!(said["intent"]["type"], intent);
        assert_eq!(
            (&said["decision"], &said["findings"]),
            (&json!("allow"), &json!([]))
        );
    }
}

/// Every file below a directory, with what stands in it.
fn files(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_token_is_judged_as_it_is_and_no_limit_is_used_up() {
    let place = Place::with_policy();
    let issue = [
        "token",
        "issue",
        "--agent",
        "my-agent",
        "--limit",
        "1/day",
        "--tools",
        "example/get_*",
    ];
    let token = place.run(&issue).ended(0).out.trim_end().to_owned();
    let before = files(place.root());
    let arguments = ["explain", "--token", &token];
    let get = call("get_item", &json!({})).to_string();
    let lines = [
        vec![get; 5],
        vec![call("list_items", &json!({})).to_string()],
    ]
    .concat();
    let said = answers(&place, &arguments, &lines);
    said[..5]
        .iter()
        .for_each(|said| decided(said, "allow", Value::Null));
    decided(&said[5], "deny", json!("tool_unknown"));
    let forged = ["explain", "--token", "nonsense"];
    decided(
        &answer(&place, &forged, &call("get_item", &json!({}))),
        "deny",
        json!("token_malformed"),
    );
    assert_eq!(files(place.root()), before, "nothing is written");
}

#[test]
fn people_get_sentences_and_marks_under_what_was_found() {
    let place = Place::with_policy();
    let line = result(&format!("write to {MAIL} now")).to_string();
    let arguments = [&AGENT[..], &["--human"]].concat();
    let run = place.run_with(&arguments, &line).ended(0);
    let marks = "^".repeat(MAIL.len());
    for part in [
        "redact  example",
        "findings replaced",
        "email (pii",
        &marks,
        "+ write to [REDACTED",
    ] {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    let excerpt = run
        .out
        .lines()
        .position(|line| line.contains("^^^"))
        .unwrap();
    let lines: Vec<&str> = run.out.lines().collect();
    let column = |line: &str, wanted| line.chars().position(|c| c == wanted);
    assert_eq!(column(lines[excerpt], '^'), column(lines[excerpt - 1], '•'));
    assert!(!run.out.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn wrong_use_is_refused_before_anything_is_read() {
    let place = Place::with_policy();
    let tools = place.root().join("tools.json");
    std::fs::write(&tools, r#"[{"name":1}]"#).unwrap();
    let tools = tools.to_str().unwrap();
    for arguments in [
        &["explain"][..],
        &["explain", "--agent", "nobody"],
        &["explain", "--agent", "my-agent", "--token", "x"],
        &["explain", "--dlp-only", "--intent-only"],
        &["explain", "--dlp-only", "--agent", "my-agent"],
        &["explain", "--dlp-only", "--dir", "missing"],
        &["explain", "--dlp-only", "--tools", tools],
        &["explain", "--agent", "my-agent", "--direction", "up"],
    ] {
        let run = place.run_with(arguments, "{}\n").ended(2);
        assert!(
            run.out.is_empty() && !run.err.is_empty(),
            "{arguments:?}: {run:?}"
        );
    }
    place.edit("pii: log", "pii: lock");
    let run = place.run_with(&AGENT, "{}\n").ended(2);
    assert!(run.err.contains("varistor.yaml:"), "{}", run.err);
}

#[test]
fn a_server_must_be_named_when_the_policy_has_several() {
    let place = Place::with_policy();
    place.edit(
        "servers:\n",
        "servers:\n  another:\n    url: http://127.0.0.1:8081/mcp\n",
    );
    let line = call("get_item", &json!({}));
    decided(
        &answer(&place, &AGENT, &line),
        "reject",
        json!("line_invalid"),
    );
    let named = [&AGENT[..], &["--server", "example"]].concat();
    decided(&answer(&place, &named, &line), "allow", Value::Null);
    let out_of_reach = [&AGENT[..], &["--server", "another"]].concat();
    decided(
        &answer(&place, &out_of_reach, &line),
        "deny",
        json!("scope_insufficient"),
    );
}

#[test]
fn what_servers_say_about_their_tools_decides_what_stands_in_for_values() {
    let place = Place::with_policy();
    let path = place.root().join("tools.json");
    let schema =
        json!({"type": "object", "properties": {"card": {"type": "integer", "minimum": 3}}});
    let tools = json!([{"name": "get_item", "outputSchema": schema}]);
    std::fs::write(&path, tools.to_string()).unwrap();
    let data = json!({"card": 4_111_111_111_111_111_u64});
    let message = json!({"jsonrpc": "2.0", "id": 1, "result": {
        "content": [{"type": "text", "text": data.to_string()}], "structuredContent": data}});
    let line = json!({"tool": "get_item", "direction": "response", "message": message});
    let with = [
        "explain",
        "--agent",
        "my-agent",
        "--tools",
        path.to_str().unwrap(),
    ];
    for (arguments, card) in [(&with[..], 3), (&AGENT, 0)] {
        let said = answer(&place, arguments, &line);
        decided(&said, "redact", Value::Null);
        let result = &said["forward"]["result"];
        assert_eq!(result["structuredContent"], json!({"card": card}));
        assert_eq!(
            result["content"][0]["text"],
            json!({"card": card}).to_string()
        );
    }
}

#[test]
fn rules_that_ask_history_see_the_lines_before() {
    let place = Place::with_policy();
    let rules = r#"RULE "once" IF tool.name = "get_item"
        AND history.count(tool.name = "get_item", within = 1h) > 0 THEN deny("once is enough")"#;
    std::fs::write(place.file("own.rules"), rules).unwrap();
    let line = call("get_item", &json!({})).to_string();
    let said = answers(&place, &AGENT, &[line.clone(), line]);
    decided(&said[0], "allow", Value::Null);
    decided(&said[1], "deny", json!("rule_denied"));
    assert_eq!(said[1]["rule"], "once");
}
