//! `varictl tools` against a gateway that answers as it is told.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::{Value, json};

use crate::fake_gateway::{Asked, on_socket};
use crate::program::{Place, Run};

const DIGEST: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

fn asked(place: &Place, status: u16, body: &Value) -> Receiver<Asked> {
    let body = body.to_string();
    on_socket(&place.file("run/admin.sock"), move |_| (status, body))
}

fn run(given: &[&str], status: u16, body: &Value) -> (Run, Asked) {
    let place = Place::with_policy();
    let asked = asked(&place, status, body);
    let run = place.run(given);
    (run, asked.recv_timeout(Duration::from_secs(20)).unwrap())
}

fn listed() -> Value {
    json!({"left_out": 0, "tools": [
        {"server": "crm", "tool": "get\u{202e}", "state": "quarantined", "cause": "twin",
            "twin": "mail/get", "sha256": DIGEST, "first_seen_unix_s": 1_796_000_000,
            "flags": ["name_not_ascii"]},
        {"server": "mail", "tool": "get", "state": "approved", "cause": null, "sha256": DIGEST,
            "approved_by": "ann", "first_seen_unix_s": 1_796_000_000, "flags": []}]})
}

#[test]
fn the_list_says_what_waits_and_why() {
    let (told, asked) = run(&["tools", "list"], 200, &listed());
    let told = told.ended(0);
    assert!(asked.head.starts_with("GET /v1/tools "), "{}", asked.head);
    assert!(told.out.contains("crm/get\\u{202e}"), "{}", told.out);
    assert!(told.out.contains("looks like mail/get"), "{}", told.out);
    assert!(told.out.contains("2026-11-30T00:53:20Z"), "{}", told.out);
    assert!(told.out.contains("approved"), "{}", told.out);
    assert!(told.err.contains("1 tool in quarantine"), "{}", told.err);
    let (told, _) = run(&["tools", "list", "--quarantined"], 200, &listed());
    assert!(!told.ended(0).out.contains("approved"));
    let given = ["tools", "list", "--server", "mail", "--json"];
    let (told, _) = run(&given, 200, &listed());
    let rows = told.ended(0).json()[0]["answer"]["tools"].clone();
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
    assert_eq!(rows[0]["approved_by"], "ann");
    let none = json!({"left_out": 0, "tools": []});
    let (told, _) = run(&["tools", "list"], 200, &none);
    assert!(told.ended(0).err.contains("no tool"));
}

#[test]
fn the_difference_marks_words_and_spells_out_what_does_not_show() {
    let body = json!({"server": "crm", "tool": "get", "state": "quarantined", "cause": "changed",
        "sha256": DIGEST, "pinned_sha256": "0".repeat(64), "first_seen_unix_s": 1_796_000_000,
        "pinned_definition": "{\"description\":\"Reads a file.\",\"name\":\"get\"}",
        "offered_definition":
            "{\"description\":\"Reads a \u{200b}secret file.\",\"icons\":[],\"name\":\"get\"}"});
    let (told, asked) = run(&["tools", "diff", "crm/get"], 200, &body);
    let told = told.ended(0);
    let question: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(question, json!({"server": "crm", "tool": "get"}));
    let (trusted, offered) = ("0".repeat(64), DIGEST);
    let expected = format!(
        "crm/get: quarantined (changed)\ntrusted  {trusted}  seen first\noffered  {offered}  \
         2026-11-30T00:53:20Z\n\ndescription\n    Reads a {{+<U+200B>secret+}} file.\n\nicons\n    \
         {{+[]+}}\n\nto trust it: varictl tools approve 'crm/get' --sha256 {offered}\n"
    );
    assert_eq!(told.out, expected);
    let missing = json!({"error": "no list held crm/x yet"});
    let (told, _) = run(&["tools", "diff", "crm/x"], 404, &missing);
    assert!(told.ended(1).err.contains("no list held crm/x yet"));
}

#[test]
fn approving_binds_to_the_digest_and_fails_when_the_gateway_refuses() {
    let done = json!({"approved": [{"server": "crm", "tool": "get", "sha256": DIGEST}],
        "refused": [], "unsaved": null});
    let given = [
        "tools", "approve", "crm/get", "--sha256", DIGEST, "--by", "ann",
    ];
    let (told, asked) = run(&given, 200, &done);
    assert_eq!(told.ended(0).out, "crm/get: trusted as 44136fa355b3\n");
    assert!(
        asked.head.starts_with("POST /v1/tools/approve "),
        "{}",
        asked.head
    );
    let question: Value = serde_json::from_slice(&asked.body).unwrap();
    let tools = json!([{"server": "crm", "tool": "get", "sha256": DIGEST}]);
    assert_eq!(question, json!({"by": "ann", "tools": tools}));
    let refused = json!({"approved": [], "unsaved": null,
        "refused": [{"server": "crm", "tool": "get",
            "error": "the definition is another one now"}]});
    let (told, _) = run(&given, 200, &refused);
    let told = told.ended(1);
    assert!(
        told.err
            .contains("crm/get: the definition is another one now"),
        "{}",
        told.err
    );
    let unsaved = json!({"approved": done["approved"], "refused": [], "unsaved": "no space left"});
    let (told, _) = run(&given, 200, &unsaved);
    assert!(told.ended(0).err.contains("no space left"));
    let (told, _) = run(&given, 400, &json!({"error": "expected a name"}));
    assert!(told.ended(2).err.contains("expected a name"));
}

#[test]
fn wrong_use_is_told_before_anybody_is_asked() {
    let place = Place::with_policy();
    for given in [
        &["tools", "approve"][..],
        &["tools", "approve", "crm/get"],
        &["tools", "approve", "crm/get", "--sha256", "12"],
        &["tools", "approve", "--all"],
        &["tools", "approve", "--server", "crm"],
        &["tools", "approve", "crm/get", "--server", "crm", "--all"],
        &["tools", "diff", "crm"],
        &["tools", "diff"],
    ] {
        let run = place.run(given).ended(2);
        assert!(!run.err.contains("isn't running"), "{given:?}: {}", run.err);
    }
    let run = place.run(&["tools", "list"]).ended(1);
    assert!(run.err.contains("isn't running"), "{}", run.err);
}
