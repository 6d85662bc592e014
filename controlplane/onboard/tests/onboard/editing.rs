//! A file says other servers, and every other byte stays.

use varistor_onboard::{Client, Document, DocumentError, Kind, Syntax};

use crate::{FILES, file, planned};

fn start(name: &str) -> Vec<String> {
    [
        "/usr/bin/varictl",
        "connect",
        &format!("http://127.0.0.1:7332/mcp/{name}"),
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The file with everything moved that can move.
fn rewritten(client: &'static Client, text: &str) -> String {
    let plan = planned(client, text);
    let starts: Vec<_> = plan
        .moves
        .iter()
        .map(|one| (one.at.clone(), start(&one.server)))
        .collect();
    let document = Document::parse(client.syntax, text.as_bytes()).unwrap();
    let bytes = document.rewritten(client.kind, &starts).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn vscode_keeps_comments_commas_and_layout() {
    let (client, text) = file("vscode.json");
    let expected = "{
\t// Asked for once, kept by the editor.
\t\"inputs\": [
\t\t{
\t\t\t\"type\": \"promptString\",
\t\t\t\"id\": \"perplexity-key\",
\t\t\t\"description\": \"Perplexity API Key\",
\t\t\t\"password\": true
\t\t},
\t],
\t\"servers\": {
\t\t/* The remote one */
\t\t\"github\": {
\t\t\t\"type\": \"stdio\",
\t\t\t\"command\": \"/usr/bin/varictl\",
\t\t\t\"args\": [\"connect\", \"http://127.0.0.1:7332/mcp/github\"], // a secret
\t\t},
\t\t\"perplexity\": {
\t\t\t\"type\": \"stdio\",
\t\t\t\"command\": \"/usr/bin/varictl\",
\t\t\t\"args\": [\"connect\", \"http://127.0.0.1:7332/mcp/perplexity\"],
\t\t\t// as the documentation says

\t\t\t\"dev\": { \"watch\": \"src/**/*.ts\" }
\t\t},
\t}, // behind
}
";
    let new = rewritten(client, &text);
    // Blanks where something was taken out are not what this is about.
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim_end);
        lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(lines(&new), lines(expected), "{new}");
}

#[test]
fn codex_keeps_comments_and_order() {
    let (client, text) = file("codex.toml");
    let expected = "model = \"gpt-5.1\"      # which one
approval_policy = \"on-request\"

[mcp_servers.context7]
command = \"/usr/bin/varictl\" # from npm
args = [\"connect\", \"http://127.0.0.1:7332/mcp/context7\"]
startup_timeout_sec = 20

# The design tool
[mcp_servers.figma]
command = \"/usr/bin/varictl\"
args = [\"connect\", \"http://127.0.0.1:7332/mcp/figma\"]

[mcp_servers.docs]
enabled = true
tool_timeout_sec = 45 # slow
command = \"/usr/bin/varictl\"
args = [\"connect\", \"http://127.0.0.1:7332/mcp/docs\"]

[mcp_servers.inline]
command = \"/usr/bin/varictl\"
args = [\"connect\", \"http://127.0.0.1:7332/mcp/inline\"]

[history]
persistence = \"none\"
";
    assert_eq!(rewritten(client, &text), expected);
}

#[test]
fn what_is_behind_the_gateway_is_known_when_the_file_is_read_again() {
    for name in FILES {
        let (client, text) = file(name);
        let moved = planned(client, &text).moves.len();
        let new = rewritten(client, &text);
        let again = planned(client, &new);
        assert!(again.moves.is_empty(), "{name}\n{new}");
        let behind = again
            .left
            .iter()
            .filter(|left| left.why == varistor_onboard::Why::Behind);
        assert_eq!(behind.count(), moved, "{name}");
        for secret in [
            "example-token-1\"",
            "example-key-3",
            "s3cret",
            "example-token-12",
        ] {
            assert!(!new.contains(secret), "{name}: {new}");
        }
    }
}

#[test]
fn restored_servers_stand_as_they_stood_in_a_file_that_went_on() {
    for name in FILES {
        let (client, text) = file(name);
        let at: Vec<_> = planned(client, &text)
            .moves
            .into_iter()
            .map(|one| one.at)
            .collect();
        let new = rewritten(client, &text);
        let document = |text: &str| Document::parse(client.syntax, text.as_bytes()).unwrap();
        let (back, gone) = document(&new).restored(&document(&text), &at).unwrap();
        assert_eq!(gone, Vec::<Vec<String>>::new());
        if client.syntax == Syntax::Json {
            assert_eq!(String::from_utf8(back).unwrap(), text, "{name}");
            // The client has written to its file meanwhile.
            let newer = new.replacen('{', "{ \"since\": [1, 2], ", 1);
            let (back, gone) = document(&newer).restored(&document(&text), &at).unwrap();
            assert_eq!(gone, Vec::<Vec<String>>::new());
            let expected = text.replacen('{', "{ \"since\": [1, 2], ", 1);
            assert_eq!(String::from_utf8(back).unwrap(), expected, "{name}");
        } else {
            let back = document(&String::from_utf8(back).unwrap());
            assert_eq!(back.servers(client), document(&text).servers(client));
        }
    }
}

#[test]
fn every_layout_of_a_server_is_changed_in_place() {
    let rows = [
        (
            r#"{"mcpServers":{"a":{"command":"x","env":{"A":"b"},"keep":1}}}"#,
            r#"{"mcpServers":{"a":{"command": "P", "args": ["c"],"keep":1}}}"#,
        ),
        (
            r#"{"mcpServers":{"a":{"keep":1,"env":{},"command":"x","args":[]}}}"#,
            r#"{"mcpServers":{"a":{"keep":1,"command": "P", "args": ["c"]}}}"#,
        ),
        (
            "{\"mcpServers\":{\"a\":{\"url\":\"https://a/\", // \"b\", c\n\"keep\":1,}}}",
            "{\"mcpServers\":{\"a\":{\"command\": \"P\", \"args\": [\"c\"], // \"b\", c\n\
             \"keep\":1,}}}",
        ),
        (
            "{\"mcpServers\":{\"a\":{\"command\":\"x\" /* , */ , // ,\n \"env\":{}, \"k\":1}}}",
            "{\"mcpServers\":{\"a\":{\"command\": \"P\", \"args\": [\"c\"] /* , */ , // ,\n \
             \"k\":1}}}",
        ),
        (
            r#"{"mcpServers":{"a":{"k":1,"url":"https://a/","l":2,"headers":{},"type":"http"}}}"#,
            r#"{"mcpServers":{"a":{"k":1,"type": "stdio", "command": "P", "args": ["c"],"l":2}}}"#,
        ),
        (
            "{\r\n  \"mcpServers\": {\r\n    \"a\": {\r\n      \"command\": \"x\"\r\n    \
             }\r\n  }\r\n}",
            "{\r\n  \"mcpServers\": {\r\n    \"a\": {\r\n      \"command\": \"P\",\r\n      \
             \"args\": [\"c\"]\r\n    }\r\n  }\r\n}",
        ),
        (
            "\u{feff}{\"mcpServers\":{\"a\":{\"command\":\"x\"}}}",
            "\u{feff}{\"mcpServers\":{\"a\":{\"command\": \"P\", \"args\": [\"c\"]}}}",
        ),
    ];
    for (before, after) in rows {
        let document = Document::parse(Syntax::Json, before.as_bytes()).unwrap();
        let at = ["mcpServers", "a"].map(str::to_owned).to_vec();
        let start = ["P", "c"].map(str::to_owned).to_vec();
        let new = document.rewritten(Kind::Plain, &[(at, start)]).unwrap();
        assert_eq!(String::from_utf8(new).unwrap(), after);
    }
}

#[test]
fn files_that_could_be_read_two_ways_are_refused() {
    let client = Client::named("cursor").unwrap();
    let servers = |text: &str| {
        let document = Document::parse(Syntax::Json, text.as_bytes())?;
        document.servers(client)
    };
    for text in [
        r#"{"mcpServers":{"a":{"command":"x"},"a":{"command":"y"}}}"#,
        r#"{"mcpServers":{"b":{"command":"x","a":{},"a":{}}}}"#,
        r#"{"mcpServers":{"b":{"command":"x","env":{"a":"1","a":"2"}}}}"#,
        r#"{"mcpServers":{"b":{"command":"x"}},"mcpServers":{}}"#,
    ] {
        assert!(
            matches!(servers(text), Err(DocumentError::Twice(_))),
            "{text}"
        );
    }
    for (text, line) in [("{\n\"a\" 1}", 2), ("{'a':1}", 1), ("{\"a\":1}{", 1)] {
        match servers(text) {
            Err(DocumentError::Syntax { line: found, .. }) => assert_eq!(found, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let toml = Document::parse(Syntax::Toml, b"a = 1\na = 2\n").unwrap_err();
    assert!(toml.to_string().contains("line 2"), "{toml}");
    assert_eq!(servers("").unwrap(), []);
    assert_eq!(servers("// nothing yet\n").unwrap(), []);
}
