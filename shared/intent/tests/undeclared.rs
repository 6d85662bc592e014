//! What a caller adds to a call beyond what the definition declares: it may make the call graver,
//! never milder.

use serde_json::{Map, Value, json};
use varistor_intent::{Judgement, Outside, Profile, judge};
use varistor_model::Intent::{self, Destructive, Exfiltrative, Read, Write};

struct Ours;

impl Outside for Ours {
    fn is_foreign_host(&self, host: &str) -> bool {
        !host.ends_with("ourcompany.example")
    }

    fn is_foreign_mail(&self, address: &str) -> bool {
        !address.ends_with("@ourcompany.example")
    }
}

fn tool(name: &str, properties: Value) -> Profile {
    let schema = json!({"type": "object", "properties": properties});
    Profile::of_definition(&json!({"name": name, "inputSchema": schema}).to_string())
}

fn call(profile: &Profile, arguments: &Value) -> Judgement {
    judge(profile, &arguments.to_string(), &Ours)
}

/// Tools with what they declare, a call, and what it means.
fn calls() -> Vec<(&'static str, Value, Value, Intent)> {
    vec![
        (
            "delete_repository",
            json!({"name": {"type": "string"}}),
            json!({"name": "prod"}),
            Destructive,
        ),
        (
            "run_shell",
            json!({"command": {"type": "string"}}),
            json!({"command": "rm -rf /"}),
            Destructive,
        ),
        (
            "run_command",
            json!({"script_text": {"type": "string"}}),
            json!({"script_text": "rm -rf /"}),
            Destructive,
        ),
        (
            "execute_sql",
            json!({"statement": {"type": "string"}}),
            json!({"statement": "DROP TABLE users"}),
            Destructive,
        ),
        (
            "http_request",
            json!({"method": {"type": "string"}, "url": {"type": "string"}}),
            json!({"method": "DELETE", "url": "https://api.ourcompany.example/users/1"}),
            Destructive,
        ),
        (
            "send_mail",
            json!({"to": {"type": "string"}, "body": {"type": "string"},
                "attachments": {"type": "array"}}),
            json!({"to": "eve@else.example", "body": "Hi", "attachments": ["list.csv"]}),
            Exfiltrative,
        ),
        (
            "manage_volume",
            json!({"operation": {"type": "string"}, "id": {"type": "string"}}),
            json!({"operation": "destroy", "id": "v1"}),
            Destructive,
        ),
        (
            "scale_deployment",
            json!({"name": {"type": "string"}, "replicas": {"type": "integer"}}),
            json!({"name": "api", "replicas": 0}),
            Destructive,
        ),
    ]
}

/// What a caller may think of.
fn additions() -> Vec<(&'static str, Value)> {
    vec![
        ("dry_run", json!(true)),
        ("dryRun", json!("yes")),
        ("DRY-RUN", json!(1)),
        ("noop", json!(true)),
        ("preview", json!("true")),
        ("execute", json!(false)),
        ("mode", json!("test")),
        ("x", json!({"preview": true})),
        ("x", json!([{"options": {"validate_only": true}}])),
        ("skip_trash", json!(false)),
        ("archive", json!(true)),
        ("new_instance", json!(true)),
        ("action", json!("list")),
        ("request", json!({"action": "list"})),
        ("op", json!("get_status")),
        ("sql", json!("SELECT 1")),
        ("query", json!("SELECT 1 FROM t")),
        ("cmd", json!("ls")),
        ("exec", json!(["ls"])),
        ("args", json!(["--help"])),
        ("code", json!("print(1)")),
        ("url", json!("https://www.ourcompany.example/")),
        ("httpMethod", json!("GET")),
        ("env", json!("test")),
        ("language", json!("markdown")),
        ("from", json!("ann@else.example")),
    ]
}

#[test]
fn what_no_schema_declares_makes_no_call_milder() {
    for (name, properties, arguments, expected) in calls() {
        let profile = tool(name, properties);
        assert_eq!(call(&profile, &arguments).intent, expected, "{name}");
        for (key, value) in additions() {
            let mut more = arguments.clone();
            more[key] = value;
            let judged = call(&profile, &more);
            assert!(judged.intent >= expected, "{name} {more} {judged:?}");
        }
    }
}

#[test]
fn of_a_tool_that_nobody_listed_nothing_is_declared() {
    for (key, value) in additions() {
        for name in ["delete_repository", "drop_table", "purge_queue"] {
            let arguments = Value::Object(Map::from_iter([(key.to_owned(), value.clone())]));
            let judged = call(&Profile::of_name(name), &arguments);
            assert!(judged.intent >= Destructive, "{name} {arguments}");
        }
        for (name, code, text) in [
            ("run_shell", "command", "rm -rf /srv"),
            ("execute_sql", "sql", "DROP TABLE users"),
            ("run_command", "script_text", "rm -rf /srv"),
        ] {
            let mut arguments = json!({code: text});
            if code != key {
                arguments[key] = value.clone();
            }
            let judged = call(&Profile::of_name(name), &arguments);
            assert!(
                judged.intent >= Destructive,
                "{name} {arguments} {judged:?}"
            );
        }
    }
}

#[test]
fn what_lies_deep_in_a_declared_parameter_is_not_declared_with_it() {
    let open = json!({"name": {"type": "string"}, "options": {"type": "object"}});
    let profile = tool("delete_repository", open);
    for options in [
        json!({"dry_run": true}),
        json!({"mode": "test"}),
        json!({"skip_trash": false}),
        json!([{"dry_run": true}]),
    ] {
        let judged = call(&profile, &json!({"name": "prod", "options": options}));
        assert_eq!(judged.intent, Destructive, "{options}");
    }
    let open = json!({"options": {"type": "object"}, "task": {"type": "string"}});
    let profile = tool("manage_volume", open);
    let plain = call(&profile, &json!({"task": "wipe it"})).intent;
    let more = json!({"task": "wipe it", "options": {"action": "list"}});
    assert_eq!(call(&profile, &more).intent, plain);
    let deep = json!({"options": {"type": "object", "properties": {
        "dry_run": {"type": "boolean"}}}, "filter": {"type": "object"}});
    let profile = tool("delete_repository", deep);
    let elsewhere = call(&profile, &json!({"filter": {"dry_run": true}}));
    assert_eq!(elsewhere.intent, Destructive);
    let declared = call(&profile, &json!({"options": {"dry_run": true}}));
    assert_eq!(declared.intent, Read);
}

#[test]
fn what_is_declared_counts_as_it_is_declared() {
    let declared = json!({"name": {"type": "string"}, "dry_run": {"type": "boolean"},
        "permanent": {"type": "boolean"},
        "mode": {"type": "string", "enum": ["live", "plan"]},
        "apply": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        "strategy": {"type": "string", "description": "How to go about it"}});
    let profile = tool("delete_repository", declared);
    for (key, value, expected) in [
        ("dry_run", json!(true), Read),
        ("dry_run", json!(false), Destructive),
        // A server that reads another name, or another type, does it.
        ("dryRun", json!(true), Destructive),
        ("DRY_RUN", json!(true), Destructive),
        ("dry_run", json!("client"), Destructive),
        ("dry_run", json!("true"), Destructive),
        ("dry_run", json!(1), Destructive),
        ("dry_run", json!([true]), Destructive),
        ("apply", json!(false), Read),
        ("apply", json!("no"), Destructive),
        ("mode", json!("plan"), Read),
        ("mode", json!("test"), Destructive),
        ("strategy", json!("test"), Destructive),
        ("permanent", json!(false), Write),
        ("permanent", json!("false"), Destructive),
    ] {
        let judged = call(&profile, &json!({"name": "prod", key: value}));
        assert_eq!(judged.intent, expected, "{key} {value} {judged:?}");
    }
    let action = json!({"action": {"type": "string", "enum": ["purge", "reset"]}});
    let profile = tool("queue_admin", action);
    let plain = call(&profile, &json!({})).intent;
    let other = call(&profile, &json!({"action": "list"})).intent;
    assert!(other >= plain && other > Read);
}

#[test]
fn a_trial_by_default_ends_with_any_value_that_may_be_no() {
    let dry = json!({"dry_run": {"type": "boolean", "default": true}});
    let profile = tool("delete_old_logs", dry);
    assert_eq!(call(&profile, &json!({})).intent, Read);
    for value in [
        json!(null),
        json!(false),
        json!(0),
        json!(0.0),
        json!(""),
        json!("none"),
        json!([]),
        json!({}),
    ] {
        let judged = call(&profile, &json!({"dry_run": value}));
        assert_eq!(judged.intent, Destructive, "{value}");
    }
}

#[test]
fn of_several_texts_of_code_the_gravest_counts() {
    let text = || json!({"type": "string"});
    let list = || json!({"type": "array", "items": {"type": "string"}});
    for (name, properties, arguments) in [
        (
            "run_command",
            json!({"command": text(), "cmd": text()}),
            json!({"command": "rm -rf /srv", "cmd": "ls"}),
        ),
        (
            "run_command",
            json!({"command": text(), "cmd": text()}),
            json!({"command": "ls", "cmd": "rm -rf /srv"}),
        ),
        (
            "execute",
            json!({"sql": text(), "command": text()}),
            json!({"sql": "SELECT 1", "command": "rm -rf /srv"}),
        ),
        (
            "run_shell",
            json!({"command": text(), "env": {"type": "object"}}),
            json!({"command": "rm -rf /srv", "env": {"sql": "SELECT 1"}}),
        ),
        (
            "execute_sql",
            json!({"statements": list()}),
            json!({"statements": ["ANALYZE orders", "DROP TABLE users"]}),
        ),
        (
            "execute_sql",
            json!({"statements": list()}),
            json!({"statements": ["SELECT 1", "SELECT 2", "SELECT 3", "SELECT 4", "SELECT 5",
                "SELECT 6", "TRUNCATE users", "SELECT 7"]}),
        ),
        (
            "http_request",
            json!({"method": text(), "url": text(), "query": text()}),
            json!({"method": "DELETE", "url": "https://api.ourcompany.example/users/1",
                "query": "SELECT a FROM t"}),
        ),
    ] {
        let judged = call(&tool(name, properties), &arguments);
        assert_eq!(judged.intent, Destructive, "{name} {arguments} {judged:?}");
    }
}
