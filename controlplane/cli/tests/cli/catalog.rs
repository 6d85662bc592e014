//! Well-known servers: found, shown, added with what they need, and imported from registries.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;
use varistor_onboard::catalogue::{
    Answers, Catalogue, Kind, Terms, addition, file, questions, secret_name, ways,
};
use zeroize::Zeroizing;

use crate::program::{Place, Run};

const SECRET: &str = "canary-5b1e-value";

/// A policy directory, and programs that fetch servers.
fn place() -> Place {
    let place = Place::with_policy();
    let bin = place.root().join("home/bin");
    fs::create_dir_all(&bin).unwrap();
    for program in ["npx", "uvx", "docker"] {
        executable(&bin.join(program));
    }
    place
}

fn executable(path: &Path) {
    fs::write(path, "#!/bin/sh\n").unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn add(place: &Place, arguments: &[&str], input: &str) -> Run {
    let given = [&["catalog", "add"], arguments].concat();
    let run = place.run_at_home_with(&given, input);
    let hit = run.out.contains(SECRET) || run.err.contains(SECRET);
    assert!(!hit, "out: {}\nerr: {}", run.out, run.err);
    run
}

fn secrets(place: &Place) -> Vec<String> {
    let listed = place.run(&["vault", "list", "--json"]).ended(0).json();
    let names = listed.as_array().unwrap().iter();
    names
        .map(|row| {
            format!(
                "{} for {}",
                row["name"].as_str().unwrap(),
                row["servers"][0]
            )
        })
        .collect()
}

#[test]
fn servers_are_found_by_words_and_shown_with_what_they_want() {
    let place = Place::empty();
    let run = place.run(&["catalog", "search", "source-control"]).ended(0);
    for name in ["github", "gitlab", "git "] {
        assert!(run.out.contains(name), "{name} in\n{}", run.out);
    }
    let rows = place.run(&["catalog", "search", "--json"]).ended(0).json();
    assert!(rows.as_array().unwrap().len() >= 60);
    place.run(&["catalog", "search", "nosuchthing"]).ended(1);
    let run = place.run(&["catalog", "show", "github"]).ended(0);
    for said in [
        "by oci        ghcr.io/github/github-mcp-server:v0.10.0",
        "by remote     https://api.githubcopilot.com/mcp/",
        "github_token (needed, secret): Personal access token of GitHub",
        "destructive   delete_file,",
    ] {
        assert!(run.out.contains(said), "{said} in\n{}", run.out);
    }
    let shown = place
        .run(&["catalog", "show", "context7", "--json"])
        .ended(0)
        .json();
    assert_eq!(shown["ways"][0]["kind"], json!("npm"));
    assert_eq!(
        shown["ways"][1]["target"],
        json!("https://mcp.context7.com/mcp")
    );
    let run = place.run(&["catalog", "show", "gihtub"]).ended(2);
    assert!(run.err.contains("did you mean github"), "{}", run.err);
}

#[test]
fn one_command_adds_a_server_and_its_credential_once() {
    let place = place();
    let policy = fs::read_to_string(place.file("varistor.yaml")).unwrap();
    let run = add(&place, &["github"], &format!("{SECRET}\n")).ended(0);
    assert!(run.err.contains("varictl push"), "{}", run.err);
    let path = place.file("catalogue-github.yaml");
    let text = fs::read_to_string(&path).unwrap();
    for said in [
        "url: \"https://api.githubcopilot.com/mcp/\"",
        "credential: { header: \"Authorization: Bearer ${vault:github-github_token}\" }",
        "category: source-control",
        "tags: [private-read, untrusted-in]",
        "\"delete_file\": { intent: destructive }",
    ] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    assert!(
        !text.contains("get_me"),
        "what reads is judged by the call: {text}"
    );
    assert_eq!(secrets(&place), ["github-github_token for \"github\""]);
    // Again: nothing is asked, nothing changes.
    let run = add(&place, &["io.github.github/github-mcp-server"], "").ended(0);
    assert!(run.err.contains("there already"), "{}", run.err);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let now = fs::read_to_string(place.file("varistor.yaml")).unwrap();
    assert_eq!(now, policy, "the operator's own file");
    place.run(&["check"]).ended(0);
    // A second one of the same kind has a name and a secret of its own.
    add(&place, &["github", "--as", "github-ops"], SECRET).ended(0);
    assert_eq!(secrets(&place).len(), 2);
}

#[test]
fn what_the_gateway_starts_is_bounded_by_what_was_answered() {
    let place = place();
    let run = add(
        &place,
        &["filesystem", "--as", "docs", "--set", "directory=/srv/docs"],
        "",
    );
    run.ended(0);
    let text = fs::read_to_string(place.file("catalogue-docs.yaml")).unwrap();
    let cache = place.file("cache/docs");
    for said in [
        "command: [\"npx\", \"-y\", \"@modelcontextprotocol/server-filesystem@",
        "\"/srv/docs\"]",
        "network: { hosts: [\"registry.npmjs.org\"] }",
        "NODE_USE_ENV_PROXY: \"1\"",
        &format!("write: [\"/srv/docs\", \"{}\"]", cache.display()),
    ] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    assert!(cache.join("_npx").is_dir());
    // Hosts of what was answered, secrets of a file; an image gets names of variables, no values.
    let values = place.root().join("values");
    let lines = format!(
        "# mine\nGRAFANA_URL=https://g.acme.example/x\n\nGRAFANA_SERVICE_ACCOUNT_TOKEN={SECRET}\n"
    );
    fs::write(&values, lines).unwrap();
    let file = values.to_str().unwrap();
    let run = add(&place, &["grafana", "--values", file], "").ended(0);
    assert!(run.err.contains("chmod 600"), "{}", run.err);
    let text = fs::read_to_string(place.file("catalogue-grafana.yaml")).unwrap();
    assert!(text.contains("\"g.acme.example\""), "{text}");
    let given = ["grafana", "--as", "g2", "--via", "oci", "--values", "-"];
    let text = format!("GRAFANA_URL=http://g\nGRAFANA_SERVICE_ACCOUNT_TOKEN={SECRET}");
    add(&place, &given, &text).ended(0);
    let text = fs::read_to_string(place.file("catalogue-g2.yaml")).unwrap();
    let said = "\"run\", \"-i\", \"--rm\", \"-e\", \"GRAFANA_URL\", \"-e\", \
                \"GRAFANA_SERVICE_ACCOUNT_TOKEN\", \"docker.io/grafana/mcp-grafana:latest\"";
    assert!(text.contains(said), "{text}");
    place.run_at_home(&["check"]).ended(0);
}

#[test]
fn what_is_missing_taken_or_wrong_is_said_and_nothing_is_left() {
    let place = place();
    let before = fs::read_dir(place.file("")).unwrap().count();
    let refused = |arguments: &[&str], input: &str, why: &str| {
        let run = add(&place, arguments, input).ended(2);
        assert!(
            run.err.contains(why),
            "{arguments:?}: {why} in\n{}",
            run.err
        );
    };
    refused(&["github"], "", "github_token (needed, secret)");
    refused(&["clickhouse"], SECRET, "CLICKHOUSE_HOST (needed)");
    let secret = format!("github_token={SECRET}");
    refused(&["github", "--set", &secret], "", "every process can read");
    refused(&["github", "--set", "x=1"], "", "does not want to know `x`");
    refused(
        &["github", "--as", "Git Hub"],
        SECRET,
        "no name of a server",
    );
    refused(
        &["github", "--as", "example"],
        SECRET,
        "has a server `example` already",
    );
    refused(&["github", "--via", "npm"], SECRET, "--via oci or remote");
    let relative = ["filesystem", "--set", "directory=docs"];
    refused(&relative, "", "no absolute path");
    let set = ["duckduckgo", "--set", "DDG_SAFE_SEARCH=SOME"];
    refused(&set, "", "none of STRICT, MODERATE, OFF");
    fs::remove_file(place.root().join("home/bin/uvx")).unwrap();
    refused(&["time"], "", "no program `uvx` in PATH");
    // What is shown before is not done.
    let run = add(&place, &["time", "--dry-run"], "").ended(0);
    assert!(run.out.contains("mcp-server-time@"), "{}", run.out);
    let run = add(&place, &["github", "--dry-run", "--json"], "").ended(0);
    assert_eq!(
        run.json()["secrets"][0]["name"],
        json!("github-github_token")
    );
    // A secret of that name that is for another server stays what it is.
    let given = ["vault", "set", "github-github_token", "--servers", "other"];
    place.run_with(&given, "mine").ended(0);
    refused(&["github"], SECRET, "which this server may not get");
    place.run(&["vault", "rm", "github-github_token"]).ended(0);
    // A policy that does not compile takes everything back.
    fs::write(place.file("catalogue-fetch.yaml"), "# mine\n").unwrap();
    refused(&["fetch", "--via", "pypi"], "", "holds something else");
    fs::remove_file(place.file("catalogue-fetch.yaml")).unwrap();
    refused(
        &["brave-search", "--host", "not a host"],
        SECRET,
        "problem in the policy directory",
    );
    assert_eq!(secrets(&place), Vec::<String>::new());
    let left = |name: &str| place.file(name).exists();
    assert!(!left("catalogue-brave-search.yaml") && !left("catalogue-github.yaml"));
    let now = fs::read_dir(place.file("")).unwrap().count();
    assert!(now <= before + 3, "the vault's history and a cache at most");
}

/// Every entry, by every way, in one policy: names, hosts, labels and lines are what it takes.
#[test]
fn every_entry_compiles_in_a_policy() {
    let place = place();
    let bin = place.root().join("home/bin");
    let mut vault = place.vault();
    let catalogue = Catalogue::built_in().unwrap();
    let mut number = 0;
    for entry in catalogue.entries() {
        for way in ways(&entry.server) {
            let server = format!("{}-{}", entry.extra.short, way.kind.name());
            let mut answers = Answers::default();
            for question in questions(&way) {
                let value = match (question.format.as_str(), question.choices.first()) {
                    (_, Some(choice)) => choice.clone(),
                    ("number", _) => "7".to_owned(),
                    ("boolean", _) => "true".to_owned(),
                    ("filepath", _) => "/srv/a".to_owned(),
                    _ => "https://host.example".to_owned(),
                };
                answers.give(&question.key, Zeroizing::new(value));
                if question.is_secret {
                    let name = secret_name(&server, &question.key);
                    vault.set(&name, &[&server], b"x").unwrap();
                }
            }
            let terms = Terms {
                server: &server,
                cache: "/srv/cache".into(),
                is_path: &|_| false,
                hosts: &[],
            };
            let said = addition(entry, &way, &answers, &terms);
            let said = said.unwrap_or_else(|why| panic!("{server}: {why}"));
            let mut text = file(entry, &way, &said);
            if let Some(runner) = way.kind.runner() {
                let found = bin.join(runner);
                let (from, to) = (
                    format!("[\"{runner}\""),
                    format!("[\"{}\"", found.display()),
                );
                assert!(text.contains(&from), "{text}");
                text = text.replacen(&from, &to, 1);
                assert!(way.kind == Kind::Oci || text.contains("network:"), "{text}");
            }
            fs::write(place.file(&format!("catalogue-{server}.yaml")), text).unwrap();
            number += 1;
        }
    }
    vault.save().unwrap();
    assert!(number >= 60);
    place.run(&["check"]).ended(0);
}

const REGISTRY: &str = r#"{"name":"com.acme/notes","title":"Notes","description":"Notes of Acme",
    "version":"1.0.0","packages":[{"registryType":"npm","identifier":"@acme/notes",
    "version":"1.0.0","transport":{"type":"stdio"},"environmentVariables":[
    {"name":"NOTES_KEY","isRequired":true,"isSecret":true}]}],
    "_meta":{"dev.varistor/catalogue":{"short":"x","intents":{"read":["drop"]}}}}"#;

/// A registry of two pages on a free port; the second one is asked for with its cursor.
fn registry() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // To the end of the head: what is closed with something unread takes the answer along.
            let (mut question, mut part) = (Vec::new(), [0; 4096]);
            while !question.ends_with(b"\r\n\r\n") {
                match stream.read(&mut part) {
                    Ok(length @ 1..) => question.extend_from_slice(&part[..length]),
                    _ => break,
                }
            }
            let question = String::from_utf8_lossy(&question).into_owned();
            let target = question.split(' ').nth(1).unwrap_or_default();
            let (status, body) = match target {
                "/v0/servers?version=latest&limit=100" => {
                    let body = format!(
                        r#"{{"servers":[{{"server":{REGISTRY},"_meta":{{}}}}],
                            "metadata":{{"nextCursor":"a/1"}}}}"#
                    );
                    ("200 OK", body)
                }
                "/v0/servers?version=latest&limit=100&cursor=a%2F1" => {
                    let other = r#"{"server":{"name":"com.acme/web","description":"Web",
                        "version":"2.0.0","remotes":[{"type":"streamable-http",
                        "url":"https://{tenant}.acme.example/mcp",
                        "variables":{"tenant":{"description":"Tenant"}}}]}}"#;
                    (
                        "200 OK",
                        format!(r#"{{"servers":[{other},{{"name":"bad"}}]}}"#),
                    )
                }
                _ => ("302 Found", String::new()),
            };
            let head = format!("HTTP/1.1 {status}\r\nLocation: http://other.example/\r\n");
            let ends = "Connection: close\r\n";
            let answer = format!("{head}{ends}Content-Length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

#[test]
fn servers_of_a_registry_are_taken_and_added_when_somebody_says_yes() {
    let place = place();
    let url = format!("http://127.0.0.1:{}", registry());
    let run = place.run_at_home(&["catalog", "import", &url]).ended(0);
    assert!(run.err.contains("2 servers imported"), "{}", run.err);
    assert!(run.err.contains("bad is left out"), "{}", run.err);
    let run = place.run(&["catalog", "search", "acme"]).ended(0);
    assert!(run.out.contains("imported"), "{}", run.out);
    // Nobody has looked; then somebody has.
    let run = add(&place, &["notes"], SECRET).ended(2);
    assert!(run.err.contains("--yes"), "{}", run.err);
    let given = ["notes", "--yes", "--host", "api.acme.example"];
    add(&place, &given, SECRET).ended(0);
    let text = fs::read_to_string(place.file("catalogue-notes.yaml")).unwrap();
    let said = "network: { hosts: [\"registry.npmjs.org\", \"api.acme.example\"] }";
    assert!(text.contains(said), "{text}");
    assert!(
        !text.contains("tools:"),
        "intents are not the publisher's to say: {text}"
    );
    let given = ["com.acme/web", "--yes", "--set", "tenant=eu"];
    add(&place, &given, "").ended(0);
    let text = fs::read_to_string(place.file("catalogue-web.yaml")).unwrap();
    assert!(
        text.contains("url: \"https://eu.acme.example/mcp\""),
        "{text}"
    );
    // A file does as well; what was imported before goes, unless it is kept.
    let saved = place.root().join("server.json");
    fs::write(&saved, REGISTRY).unwrap();
    let saved = saved.to_str().unwrap();
    let run = place.run(&["catalog", "import", saved]).ended(0);
    assert!(run.err.contains("1 server imported"), "{}", run.err);
    place.run(&["catalog", "show", "web"]).ended(2);
    place.run(&["catalog", "import", "--none"]).ended(0);
    place.run(&["catalog", "show", "notes"]).ended(2);
}

#[test]
fn a_registry_that_sends_elsewhere_or_comes_in_clear_is_refused() {
    let place = place();
    let url = format!("http://127.0.0.1:{}/elsewhere/servers", registry());
    let run = place.run(&["catalog", "import", &url]).ended(1);
    assert!(
        run.err.contains("redirects are not followed"),
        "{}",
        run.err
    );
    let run = place
        .run(&["catalog", "import", "http://registry.example/"])
        .ended(2);
    assert!(run.err.contains("use https"), "{}", run.err);
    let run = place
        .run(&["catalog", "import", "ftp://a.example/"])
        .ended(2);
    assert!(run.err.contains("https"), "{}", run.err);
    place.run(&["catalog", "import", "missing.json"]).ended(2);
    fs::write(place.root().join("x.json"), "{}").unwrap();
    let run = place.run(&["catalog", "import", "x.json"]).ended(2);
    assert!(run.err.contains("no list `servers`"), "{}", run.err);
}
