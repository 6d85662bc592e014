//! What stood outside of a client's file: variables of the environment.

use varistor_onboard::Why;

use crate::planning::{left, secrets, text};
use crate::{file, planned};

/// Neither name nor form says that these are secrets.
#[test]
fn what_stood_outside_of_the_file_is_never_written_in_clear() {
    let gemini = |entry: &str| {
        let (client, _) = file("gemini.json");
        planned(client, &format!("{{\"mcpServers\":{{\"a\":{entry}}}}}"))
    };
    let (codex, _) = file("codex.toml");
    let remote = r#"{"command":"npx","args":["mcp-remote","https://$HOST_NAME/mcp",
        "--header","X-Shop:$OPEN_SECRET"]}"#;
    let argument =
        |argument: &str| gemini(&format!(r#"{{"command":"x","args":["--a","{argument}"]}}"#));
    let rows = [
        (
            gemini(r#"{"command":"x","env":{"SHOP":"$OPEN_SECRET","MODE":"a"}}"#),
            "env SHOP",
        ),
        (
            gemini(r#"{"httpUrl":"https://a.example/mcp","headers":{"X-Shop":"$OPEN_SECRET"}}"#),
            "header X-Shop",
        ),
        (
            planned(
                codex,
                "[mcp_servers.a]\nurl = \"https://a.example/mcp\"\n\
                 env_http_headers = { \"X-Shop\" = \"OPEN_SECRET\" }\n",
            ),
            "header X-Shop",
        ),
        (argument("$OPEN_SECRET"), "argument 2"),
        (argument("--shop=$OPEN_SECRET"), "argument 2"),
        (gemini(remote), "header X-Shop"),
    ];
    for (plan, place) in rows {
        let found: Vec<_> = secrets(&plan).iter().map(|it| (it.1, it.2)).collect();
        assert_eq!(found, [(place, "from-env-7")]);
        assert!(!text(&plan).contains("from-env"), "{}", text(&plan));
    }
    // What follows an `=` in a value is no value of its own.
    let plan = argument("$PADDED");
    assert_eq!(secrets(&plan)[0].2, "from-env=8=");
    assert!(!text(&plan).contains("from-env"), "{}", text(&plan));
    // The program puts its own variables into headers.
    let (cursor, _) = file("cursor.json");
    let entry = r#"{"mcpServers":{"a":{"command":"npx","args":["mcp-remote",
        "https://a.example/mcp","--header","X-Shop:${SHOP}"],
        "env":{"SHOP":"${env:OPEN_SECRET}"}}}}"#;
    let plan = planned(cursor, entry);
    assert_eq!(secrets(&plan)[0].1, "header X-Shop");
    assert!(!text(&plan).contains("from-env"), "{}", text(&plan));
}

#[test]
fn a_variable_may_say_where_a_server_is_and_no_more_of_its_url() {
    let (client, _) = file("gemini.json");
    let of = |url: &str| {
        let entry = format!(r#"{{"mcpServers":{{"a":{{"httpUrl":"{url}"}}}}}}"#);
        planned(client, &entry)
    };
    for url in [
        "https://$HOST_NAME/mcp",
        "${BASE_URL}/mcp",
        "https://a.example/mcp",
    ] {
        let plan = of(url);
        assert_eq!(left(&plan), [], "{url}");
        assert!(
            text(&plan).contains("url: \"https://a.example/mcp\"\n"),
            "{url}"
        );
    }
    for url in [
        "https://a.example/$OPEN_SECRET/mcp",
        "https://a.example?shop=$OPEN_SECRET",
        "$WHOLE_URL",
    ] {
        assert_eq!(left(&of(url)), [("a", Why::UrlVariable)], "{url}");
    }
}

#[test]
fn a_path_from_a_variable_is_no_secret() {
    let (client, _) = file("gemini.json");
    let entry = r#"{"mcpServers":{"a":{"command":"x","args":["$FOLDER"]}}}"#;
    let plan = planned(client, entry);
    assert_eq!(secrets(&plan), []);
    assert!(
        text(&plan).contains("/Users/username/shop"),
        "{}",
        text(&plan)
    );
}
