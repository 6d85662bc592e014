//! What becomes of the servers of each client's file.

use varistor_onboard::{Header, Plan, Said, Why, policy};

use crate::{FILES, file, planned};

/// Values that stand in the files or come from around them, and may stand nowhere else.
const SECRETS: [&str; 5] = [
    "example-token-",
    "example-key-",
    "s3cret-",
    "from-env-",
    "asked-",
];

fn header() -> Header {
    Header {
        remarks: vec!["From a test".to_owned()],
        organisation: "my-org".to_owned(),
        agent: "agent".to_owned(),
        role: "imported".to_owned(),
    }
}

pub(crate) fn text(plan: &Plan) -> String {
    policy(&header(), &plan.moves)
}

/// Each secret of a plan: name, place, value.
pub(crate) fn secrets(plan: &Plan) -> Vec<(&str, &str, &str)> {
    let all = plan.moves.iter().flat_map(|one| &one.secrets);
    all.map(|one| (one.name.as_str(), one.place.as_str(), one.value.as_str()))
        .collect()
}

pub(crate) fn left(plan: &Plan) -> Vec<(&str, Why)> {
    let all = plan.left.iter();
    all.map(|left| (left.at.last().unwrap().as_str(), left.why.clone()))
        .collect()
}

#[test]
fn no_value_stays_in_a_policy() {
    for name in FILES {
        let (client, text_of_file) = file(name);
        let plan = planned(client, &text_of_file);
        assert!(!plan.moves.is_empty(), "{name}");
        let text = text(&plan);
        for secret in SECRETS {
            assert!(!text.contains(secret), "{name}: {secret} in\n{text}");
        }
        for (name, _, _) in secrets(&plan) {
            assert!(
                text.contains(&format!("${{vault:{name}}}")),
                "{name} in\n{text}"
            );
        }
    }
}

#[test]
fn claude_desktop_with_programs() {
    let (client, text_of_file) = file("claude.json");
    let plan = planned(client, &text_of_file);
    assert_eq!(left(&plan), []);
    assert_eq!(
        secrets(&plan),
        [
            (
                "github-github_personal_access_token",
                "env GITHUB_PERSONAL_ACCESS_TOKEN",
                "example-token-1"
            ),
            (
                "postgres-argument",
                "argument 3",
                "postgresql://ann:s3cret-2@db.example/shop"
            ),
        ]
    );
    let expected = "\
# From a test
servers:
  filesystem:
    command: [\"npx\", \"-y\", \"@modelcontextprotocol/server-filesystem\", \
\"/Users/username/Desktop\", \"/Users/username/Downloads\"]
    env:
      npm_config_cache: \"/srv/varistor/cache/filesystem\"
      npm_config_offline: \"false\"
    start_timeout: 2m
    timeout: 2m
    sandbox: { network: any, read: [\"/Users/username/Desktop\", \"/Users/username/Downloads\"], \
write: [\"/srv/varistor/cache/filesystem\"] }
  github:
    command: [\"npx\", \"-y\", \"@modelcontextprotocol/server-github\"]
    env:
      GITHUB_PERSONAL_ACCESS_TOKEN: \"${vault:github-github_personal_access_token}\"
      npm_config_cache: \"/srv/varistor/cache/github\"
      npm_config_offline: \"false\"
    start_timeout: 2m
    timeout: 2m
    sandbox: { network: any, write: [\"/srv/varistor/cache/github\"] }
  postgres:
    command: [\"sh\", \"-c\", \"exec npx -y @modelcontextprotocol/server-postgres \
\\\"$ARGUMENT_3\\\"\"]
    env:
      npm_config_cache: \"/srv/varistor/cache/postgres\"
      npm_config_offline: \"false\"
      ARGUMENT_3: \"${vault:postgres-argument}\"
    start_timeout: 2m
    timeout: 2m
    sandbox: { profile: relaxed, network: any, write: [\"/srv/varistor/cache/postgres\"] }
organisations:
  \"my-org\":
    roles:
      # Reads and writes pass; what is destructive waits for a human, and what
      # carries data away is refused, unless `intents` says otherwise.
      imported: { allow: [\"filesystem/*\", \"github/*\", \"postgres/*\"] }
    agents:
      agent: { roles: [imported] }
";
    assert_eq!(text(&plan), expected);
}

#[test]
fn claude_code_with_variables_and_projects() {
    let (client, text_of_file) = file("claude-code.json");
    let plan = planned(client, &text_of_file);
    assert_eq!(left(&plan), []);
    assert!(matches!(
        plan.moves[2].said,
        Said::Http { is_sse: true, .. }
    ));
    let servers: Vec<&str> = plan.moves.iter().map(|one| one.server.as_str()).collect();
    assert_eq!(servers, ["sentry", "api", "old", "airtable"]);
    let api = Said::Http {
        url: "https://api.example.com/mcp".to_owned(),
        is_sse: false,
        headers: vec!["Authorization: Bearer ${vault:api-authorization}".to_owned()],
    };
    assert_eq!(plan.moves[1].said, api);
    assert_eq!(plan.moves[0].notes.len(), 1, "no credential is said");
    assert_eq!(
        plan.moves[3].at,
        ["projects", "/home/ann/shop", "mcpServers", "airtable"]
    );
}

#[test]
fn cursor_with_a_file_of_variables() {
    let (client, text_of_file) = file("cursor.json");
    let plan = planned(client, &text_of_file);
    // A name with an underscore is none for a header of the gateway.
    let header = Why::Header("API_KEY".to_owned());
    assert_eq!(left(&plan), [("remote", header), ("login", Why::Login)]);
    assert_eq!(
        secrets(&plan),
        [
            ("local-db_password", "env DB_PASSWORD", "from-file-1"),
            ("local-api_key", "env API_KEY", "from-env-2"),
        ]
    );
}

#[test]
fn vscode_with_comments_and_inputs() {
    let (client, text_of_file) = file("vscode.json");
    let plan = planned(client, &text_of_file);
    assert_eq!(left(&plan), []);
    let found = secrets(&plan);
    assert_eq!(found[0].2, "example-token-5");
    assert_eq!(found[1].2, "asked-1");
}

#[test]
fn windsurf_with_a_bridge_and_two_headers() {
    let (client, text_of_file) = file("windsurf.json");
    let plan = planned(client, &text_of_file);
    // A name with an underscore is none for a header of the gateway.
    let header = Why::Header("API_KEY".to_owned());
    assert_eq!(left(&plan), [("remote-http-mcp", header)]);
    let figma = Said::Http {
        url: "https://mcp.figma.example/mcp".to_owned(),
        is_sse: false,
        headers: vec!["Authorization: Bearer ${vault:figma-authorization}".to_owned()],
    };
    assert_eq!(plan.moves[1].said, figma);
    assert_eq!(*plan.moves[1].secrets[0].value, "from-env-3");
}

#[test]
fn zed_with_its_older_form_and_an_extension() {
    let (client, text_of_file) = file("zed.json");
    let plan = planned(client, &text_of_file);
    assert_eq!(left(&plan), [("mcp-server-github", Why::Extension)]);
    let found = secrets(&plan);
    assert_eq!(
        found[0],
        ("local-mcp-server-api-key", "argument 3", "example-key-7")
    );
    let Said::Stdio(said) = &plan.moves[0].said else {
        panic!("a program")
    };
    assert_eq!(
        said.command[2],
        "exec some-command arg-1 --api-key \"$ARGUMENT_3\""
    );
}

#[test]
fn gemini_with_variables_and_its_own_names() {
    let (client, text_of_file) = file("gemini.json");
    let plan = planned(client, &text_of_file);
    assert_eq!(left(&plan), []);
    assert!(text(&plan).contains("    transport: sse\n"));
    let found: Vec<&str> = secrets(&plan).iter().map(|secret| secret.2).collect();
    assert_eq!(
        found,
        [
            "from-env-5",
            "postgres://ann:from-env-4@db.example/shop",
            "example-token-9"
        ]
    );
    let Said::Stdio(said) = &plan.moves[0].said else {
        panic!("a program")
    };
    assert_eq!(said.directory.as_deref(), Some("/srv/mcp-servers/python"));
}

#[test]
fn codex_with_variables_by_name() {
    let (client, text_of_file) = file("codex.toml");
    let plan = planned(client, &text_of_file);
    assert_eq!(left(&plan), []);
    let found: Vec<&str> = secrets(&plan).iter().map(|secret| secret.2).collect();
    let expected = [
        "example-key-10",
        "from-env-3",
        "from-env-6",
        "example-token-11",
    ];
    assert_eq!(found, expected);
    let text = text(&plan);
    let said = "        - \"X-Figma-Region: us-east-1\"\n        \
                - \"Authorization: Bearer ${vault:figma-authorization}\"\n";
    assert!(text.contains(said), "{text}");
}

#[test]
fn opencode_with_lists() {
    let (client, text_of_file) = file("opencode.jsonc");
    let plan = planned(client, &text_of_file);
    assert_eq!(left(&plan), []);
    let found: Vec<&str> = secrets(&plan).iter().map(|secret| secret.2).collect();
    assert_eq!(found, ["from-env-7", "example-token-12"]);
}

#[test]
fn what_the_gateway_could_not_serve_stays_with_its_reason() {
    let (client, _) = file("cursor.json");
    let rows = [
        (
            r#"{"command":"missing"}"#,
            Why::NoProgram("missing".to_owned()),
        ),
        (
            r#"{"command":"./run.sh"}"#,
            Why::Relative("./run.sh".to_owned()),
        ),
        (
            r#"{"command":"x","cwd":"srv"}"#,
            Why::Relative("srv".to_owned()),
        ),
        (
            r#"{"command":"x","env":{"A":"${env:B}"}}"#,
            Why::Variable("env:B".to_owned()),
        ),
        (
            r#"{"command":"x","env":{"A B":"c"}}"#,
            Why::VariableName("A B".to_owned()),
        ),
        (
            r#"{"command":"x","envFile":"/no"}"#,
            Why::EnvFile("/no".to_owned()),
        ),
        (
            r#"{"command":"/usr/bin/varictl","args":["connect","https://g/mcp/a"]}"#,
            Why::Behind,
        ),
        (r#"{"url":"http://127.0.0.1:7332/mcp/a"}"#, Why::Behind),
        (
            r#"{"url":"https://a.example/mcp?api_key=abc123"}"#,
            Why::UrlCredential,
        ),
        (r#"{"url":"ws://a.example/mcp"}"#, Why::Url),
        (
            r#"{"url":"https://a.example/","headers":{"Host":"b"}}"#,
            Why::Header("Host".to_owned()),
        ),
        (r#"{"command":17}"#, Why::NoServer),
        (r#"{"disabled":true}"#, Why::NoServer),
    ];
    for (entry, why) in rows {
        let plan = planned(client, &format!("{{\"mcpServers\":{{\"a\":{entry}}}}}"));
        assert_eq!(left(&plan), [("a", why)], "{entry}");
    }
}

#[test]
fn a_password_in_a_url_becomes_a_header() {
    let (client, _) = file("cursor.json");
    let entry = r#"{"mcpServers":{"a":{"url":"https://ann:p%40ss@a.example/mcp"}}}"#;
    let plan = planned(client, entry);
    let said = Said::Http {
        url: "https://a.example/mcp".to_owned(),
        is_sse: false,
        headers: vec!["Authorization: Basic ${vault:a-authorization}".to_owned()],
    };
    assert_eq!(plan.moves[0].said, said);
    assert_eq!(secrets(&plan)[0].2, "YW5uOnBAc3M=");
}

#[test]
fn names_that_are_alike_are_told_apart() {
    let (client, _) = file("cursor.json");
    let text_of_file = r#"{"mcpServers":{
        "GitHub":{"command":"x","env":{"TOKEN":"one","token":"two"}},
        "github":{"command":"x","env":{"TOKEN":"three","OTHER_TOKEN":"three"}}}}"#;
    let plan = planned(client, text_of_file);
    let found = secrets(&plan);
    let names: Vec<&str> = found.iter().map(|secret| secret.0).collect();
    // Equal values of one server are one secret.
    assert_eq!(
        names,
        ["github-token", "github-token-2", "github-2-other_token"]
    );
}

/// Visual Studio Code asks for inputs; what it asks for as for a password is one, wherever it goes.
#[test]
fn answers_to_a_clients_questions_are_kept_where_they_are_passwords() {
    let text = r#"{
        "inputs": [
            { "type": "promptString", "id": "pin", "password": true },
            { "type": "promptString", "id": "tenant", "description": "Tenant" }
        ],
        "servers": {
            "args": { "command": "srv",
                "args": ["--tenant", "${input:tenant}", "--x", "${input:pin}", "y=${input:pin}"] },
            "web": { "url": "https://x.example/${input:tenant}/mcp",
                "headers": { "X-Id": "${input:pin}" } },
            "plain": { "url": "https://x.example/mcp", "headers": { "X-Id": "${input:tenant}" } },
            "bridge": { "command": "npx", "args": ["mcp-remote", "https://x.example/mcp",
                "--header", "X-Id: ${input:pin}"] },
            "url": { "url": "https://x.example/${input:pin}/mcp" },
            "unasked": { "url": "https://x.example/${input:other}/mcp" }
        }
    }"#;
    let plan = planned(varistor_onboard::Client::named("vscode").unwrap(), text);
    let expected = [
        ("args-x", "argument 4", "asked-2"),
        ("web-x-id", "header X-Id", "asked-2"),
        ("bridge-x-id", "header X-Id", "asked-2"),
    ];
    assert_eq!(secrets(&plan), expected);
    let expected = [
        ("url", Why::UrlCredential),
        ("unasked", Why::Variable("input:other".to_owned())),
    ];
    assert_eq!(left(&plan), expected);
    let text = self::text(&plan);
    assert!(!text.contains("asked-2"), "{text}");
    for said in [
        "https://x.example/acme/mcp",
        "X-Id: acme",
        "--tenant acme",
        "profile: relaxed",
    ] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
}
