//! Servers past the gateway: in clients' files, and on the loopback interface.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::json;

use crate::program::Place;

const SECRET: &str = "canary-31f0-value";

/// A server on a free port that answers every request alike.
fn listener(answer: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // The whole question is one packet; a close with bytes unread would reset the answer.
            let mut question = [0; 4096];
            let _ = stream.read(&mut question);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

fn answer(status: &str, fields: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {length}\r\n\r\n{body}")
}

fn home(place: &Place) {
    let home = place.root().join("home");
    fs::create_dir_all(home.join(".cursor")).unwrap();
    fs::create_dir_all(home.join(".codex")).unwrap();
    fs::create_dir_all(home.join("shop")).unwrap();
    let connect = ["connect", "http://127.0.0.1:7332/mcp/a"];
    let cursor = json!({"mcpServers": {
        "inside": {"command": "/usr/bin/varictl", "args": connect},
        "url": {"url": "http://127.0.0.1:7332/mcp/b"},
        "outside": {"command": "npx", "args": ["-y", "x"], "env": {"API_KEY": SECRET}},
    }});
    fs::write(home.join(".cursor/mcp.json"), cursor.to_string()).unwrap();
    let codex = format!("[mcp_servers.far]\nurl = \"https://u:{SECRET}@far.example/mcp\"\n");
    fs::write(home.join(".codex/config.toml"), codex).unwrap();
    let code = json!({"projects": {home.join("shop").to_str().unwrap(): {}}});
    fs::write(home.join(".claude.json"), code.to_string()).unwrap();
    fs::write(home.join("shop/.mcp.json"), "{ \"mcpServers\": { \"a\": ").unwrap();
}

#[test]
fn servers_past_the_gateway_are_named_and_their_credentials_are_not() {
    let place = Place::with_policy();
    home(&place);
    let run = place.run_at_home(&["discover", "--no-probe"]).ended(1);
    assert!(
        !run.out.contains(SECRET) && !run.err.contains(SECRET),
        "{run:?}"
    );
    assert!(
        run.err.contains("2 servers past the gateway"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("shop/.mcp.json: it is no JSON"),
        "{}",
        run.err
    );
    let run = place
        .run_at_home(&["discover", "--no-probe", "--json"])
        .ended(1);
    assert!(!run.out.contains(SECRET), "{run:?}");
    let found = run.json();
    let rows = found["configured"].as_array().unwrap();
    let said: Vec<_> = rows
        .iter()
        .map(|row| {
            let exposed = row["exposed"].as_array().unwrap().len();
            (
                row["server"].as_str().unwrap(),
                row["behind"].as_bool().unwrap(),
                exposed,
            )
        })
        .collect();
    let expected = [
        ("inside", true, 0),
        ("outside", false, 1),
        ("url", true, 0),
        ("far", false, 1),
    ];
    assert_eq!(said, expected);
    assert_eq!(
        rows[1]["exposed"][0],
        json!(["mcpServers", "outside", "env", "API_KEY"])
    );
    assert_eq!(rows[3]["how"], json!("far.example"));
    assert_eq!(found["outside"], json!(2));
}

#[test]
fn servers_that_listen_are_told_from_others_and_from_the_policys_own() {
    let place = Place::with_policy();
    let json_type = "Content-Type: application/json\r\n";
    let result =
        r#"{"jsonrpc":"2.0","id":0,"result":{"serverInfo":{"name":"notes","version":"3"}}}"#;
    let server = listener(answer("200 OK", json_type, result));
    let known = listener(answer("200 OK", json_type, result));
    let page = listener(answer(
        "200 OK",
        "Content-Type: text/html\r\n",
        "<html></html>",
    ));
    let stranger = listener("220 mail.example ESMTP\r\n".to_owned());
    place.edit("127.0.0.1:8080", &format!("127.0.0.1:{known}"));
    fs::create_dir_all(place.root().join("home")).unwrap();
    let ports = [server, known, page, stranger].map(|port| port.to_string());
    let mut given = vec!["discover", "--json"];
    given.extend(ports.iter().flat_map(|port| ["--port", port]));
    let found = place.run_at_home(&given).ended(1).json();
    let rows = found["listening"].as_array().unwrap();
    let of = |port: u16| {
        let url = format!("http://127.0.0.1:{port}/mcp");
        rows.iter().find(|row| row["url"] == json!(url))
    };
    assert_eq!(rows.len(), 2, "{found}");
    let row = of(server).unwrap();
    assert_eq!(
        (&row["server"], &row["policy"]),
        (&json!("notes 3"), &json!(null))
    );
    assert!(row["process"]["id"].is_number(), "{row}");
    assert_eq!(of(known).unwrap()["policy"], json!("example"));
    let known = known.to_string();
    let run = place.run_at_home(&["discover", "--port", &known]).ended(0);
    assert!(run.out.contains("example of the policy"), "{}", run.out);
    assert!(
        run.err.contains("no server is past the gateway"),
        "{}",
        run.err
    );
}

/// A bridge to another gateway leads past this one.
#[test]
fn a_name_of_ours_puts_nobody_behind_the_gateway() {
    let place = Place::with_policy();
    let home = place.root().join("home");
    fs::create_dir_all(home.join(".cursor")).unwrap();
    let file = json!({"mcpServers": {
        "other": {"command": "varictl", "args": ["connect", "https://other.example/mcp/a"]},
    }});
    fs::write(home.join(".cursor/mcp.json"), file.to_string()).unwrap();
    let result =
        r#"{"jsonrpc":"2.0","id":0,"result":{"serverInfo":{"name":"fake","version":"1"}}}"#;
    let fields = "Content-Type: application/json\r\n";
    let port = listener(answer("200 OK", fields, result)).to_string();
    let found = place
        .run_at_home(&["discover", "--json", "--port", &port])
        .ended(1)
        .json();
    assert_eq!(found["configured"][0]["behind"], json!(false));
    assert_eq!(found["listening"][0]["server"], json!("fake 1"));
    let given = [
        "discover",
        "--no-probe",
        "--gateway",
        "https://other.example",
    ];
    place.run_at_home(&given).ended(0);
}

#[test]
fn a_file_that_cannot_be_read_is_no_good_news() {
    let place = Place::with_policy();
    let home = place.root().join("home");
    fs::create_dir_all(home.join(".cursor")).unwrap();
    let file = home.join(".cursor/mcp.json");
    fs::write(&file, "{ \"mcpServers\": {} }").unwrap();
    place.run_at_home(&["discover", "--no-probe"]).ended(0);
    fs::write(&file, "{ \"mcpServers\": ").unwrap();
    let run = place.run_at_home(&["discover", "--no-probe"]).ended(1);
    assert!(run.err.contains("1 file can't be read"), "{}", run.err);
}
