//! `varictl connect` without a gateway, and what `varictl connect-info` prints.

use std::os::unix::fs::PermissionsExt;

use linux_keyutils::{KeyRing, KeyRingIdentifier};
use serde_json::{Value, json};

use crate::program::{Place, Run};

const URL: &str = "https://gateway.acme.example/mcp/github";

fn token_file(place: &Place, mode: u32) {
    let path = place.root().join("token");
    std::fs::write(&path, "secret-token\n").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn a_token_never_goes_in_clear_to_another_machine_unasked() {
    let place = Place::empty();
    let run = place
        .run(&["connect", "http://gateway.acme.example/mcp/a"])
        .ended(2);
    assert!(
        run.err.contains("in clear") && run.err.contains("--allow-http"),
        "{}",
        run.err
    );
    assert_eq!(run.out, "");
    let run = place.run(&[
        "connect",
        "http://gateway.acme.example/mcp/a",
        "--allow-http",
    ]);
    run.ended(0);
}

#[test]
fn a_token_that_others_can_read_is_refused() {
    let place = Place::empty();
    token_file(&place, 0o644);
    let run = place
        .run(&["connect", URL, "--token-file", "token"])
        .ended(2);
    assert!(
        run.err.contains("0644") && run.err.contains("chmod 600"),
        "{}",
        run.err
    );
    token_file(&place, 0o600);
    place
        .run(&["connect", URL, "--token-file", "token"])
        .ended(0);
    let run = place
        .run(&["connect", URL, "--token-env", "VARISTOR_NOT_SET"])
        .ended(2);
    assert!(run.err.contains("VARISTOR_NOT_SET"), "{}", run.err);
    place
        .run(&["connect", URL, "--token-env", "A", "--token-file", "token"])
        .ended(2);
}

#[test]
fn a_token_is_taken_from_the_kernels_keyring() {
    let name = format!("varictl-test-{}", std::process::id());
    let place = Place::empty();
    let run = place
        .run(&["connect", URL, "--token-keyring", &name])
        .ended(2);
    assert!(run.err.contains("keyctl padd user"), "{}", run.err);
    // Containers may be refused the keyrings; then there is nothing more to see.
    let Ok(ring) = KeyRing::from_special_id(KeyRingIdentifier::User, true) else {
        return;
    };
    let Ok(key) = ring.add_key(&name, "secret-token") else {
        return;
    };
    let run = place.run(&["connect", URL, "--token-keyring", &name]);
    key.invalidate().unwrap();
    let run = run.ended(0);
    assert!(!run.err.contains("secret-token"), "{}", run.err);
}

#[test]
fn what_is_no_message_is_answered_and_nothing_else_is_printed() {
    let place = Place::empty();
    let run = place.run_with(&["connect", URL], "hello\n\n{}\n").ended(0);
    let lines: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let codes: Vec<_> = lines.iter().map(|line| &line["error"]["code"]).collect();
    assert_eq!(codes, [&json!(-32700), &json!(-32600)], "{run:?}");
    assert!(lines.iter().all(|line| line["id"] == Value::Null));
}

fn info(place: &Place, client: &str) -> Run {
    token_file(place, 0o600);
    let given = [
        "connect-info",
        URL,
        "--token-file",
        "token",
        "--client",
        client,
    ];
    let run = place.run(&given).ended(0);
    assert!(!run.out.contains("secret-token"), "{}", run.out);
    assert!(
        run.out.contains(place.root().to_str().unwrap()),
        "an absolute path: {}",
        run.out
    );
    run
}

#[test]
fn every_host_gets_the_lines_that_it_reads() {
    let place = Place::empty();
    let tables = [
        ("claude", "mcpServers", Value::Null),
        ("cursor", "mcpServers", json!("stdio")),
        ("gemini", "mcpServers", Value::Null),
        ("vscode", "servers", json!("stdio")),
        ("windsurf", "mcpServers", Value::Null),
        ("zed", "context_servers", Value::Null),
    ];
    for (client, table, kind) in tables {
        let run = info(&place, client);
        let server = &run.json()[table]["github"];
        assert_eq!(server["type"], kind, "{client}");
        assert_eq!(
            server["command"],
            json!(env!("CARGO_BIN_EXE_varictl")),
            "{client}"
        );
        let arguments = server["args"].as_array().unwrap();
        assert_eq!(
            arguments[..3],
            [json!("connect"), json!(URL), json!("--token-file")]
        );
    }
    let codex = info(&place, "codex").out;
    assert!(
        codex.starts_with("[mcp_servers.github]\ncommand = \"/"),
        "{codex}"
    );
    let code = info(&place, "claude-code").out;
    assert!(
        code.starts_with("claude mcp add --transport stdio github -- /"),
        "{code}"
    );
}

#[test]
fn all_hosts_are_told_about_where_none_is_named() {
    let place = Place::empty();
    let run = place.run(&["connect-info", URL, "--name", "gh"]).ended(0);
    for place in [
        "claude_desktop_config.json",
        ".cursor",
        ".codex",
        ".gemini",
        ".vscode",
        "zed",
    ] {
        assert!(run.err.contains(place), "{place}: {}", run.err);
    }
    assert_eq!(run.out.matches("\"gh\"").count(), 6, "{}", run.out);
    place.run(&["connect-info", "https://gw.example/"]).ended(2);
}

#[test]
fn the_lines_start_a_bridge() {
    let place = Place::empty();
    let run = info(&place, "claude");
    let arguments = run.json()["mcpServers"]["github"]["args"].clone();
    let arguments: Vec<String> = serde_json::from_value(arguments).unwrap();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    place.run(&given).ended(0);
}
