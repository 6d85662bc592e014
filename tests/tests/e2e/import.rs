//! Servers of clients move behind a running gateway and work there: configuration files of each
//! form, imported, pushed, used by the very command that the file then starts, and taken back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use varistor_tests::policy::assert_success;
use varistor_tests::{
    Agent, Driver, Gateway, Host, PolicyDir, Upstream, on_both_drivers, programs,
};

use crate::world::{Extra, policy_before};

on_both_drivers!(
    servers_of_every_form_work_behind_the_gateway_and_come_back,
    an_argument_that_is_a_credential_reaches_the_server,
    a_server_of_the_catalogue_works_with_its_credential,
);

/// What the vault has to keep; nobody knows their form.
const IN_ENV: &str = "amber-Lantern-4417";
const IN_HEADER: &str = "birch-Harbour-9023";
const IN_ARGUMENT: &str = "cedar-Meadow-1188";

/// A client, where its file is below the home, and what stands in it. `PROGRAM` and `URL` are put
/// in; the rest is as the client's documentation shows it.
const FORMS: &[(&str, &str, &str)] = &[
    (
        "claude",
        ".config/Claude/claude_desktop_config.json",
        r#"{
  "mcpServers": {
    "files": {
      "command": "PROGRAM",
      "args": ["--legacy"],
      "env": { "FILES_API_KEY": "amber-Lantern-4417" }
    },
    "remote": {
      "command": "npx",
      "args": ["-y", "mcp-remote", "URL", "--header", "Authorization: Bearer birch-Harbour-9023"]
    }
  },
  "globalShortcut": "Ctrl+Space"
}
"#,
    ),
    (
        "claude-code",
        ".claude.json",
        r#"{"numStartups":7,"mcpServers":{"files":{"type":"stdio","command":"PROGRAM","args":[],
"env":{"FILES_API_KEY":"amber-Lantern-4417"}}},"projects":{"/srv/shop":{"allowedTools":[],
"mcpServers":{"remote":{"type":"http","url":"URL","headers":{"Authorization":
"Bearer ${REMOTE_TOKEN:-birch-Harbour-9023}"}}}}}}"#,
    ),
    (
        "cursor",
        ".cursor/mcp.json",
        r#"{
  "mcpServers": {
    "files": {
      "type": "stdio",
      "command": "PROGRAM",
      "args": [],
      "env": { "FILES_API_KEY": "${env:FILES_VALUE}", "MODE": "quiet" }
    },
    "remote": { "url": "URL", "headers": { "Authorization": "Bearer birch-Harbour-9023" } }
  }
}
"#,
    ),
    (
        "vscode",
        ".config/Code/User/mcp.json",
        r#"{
	// Servers of mine
	"servers": {
		"files": {
			"type": "stdio",
			"command": "PROGRAM",
			/* the key */
			"env": { "FILES_API_KEY": "amber-Lantern-4417" },
		},
		"remote": {
			"type": "http",
			"url": "URL",
			"headers": { "Authorization": "Bearer birch-Harbour-9023" }, // not for others
		},
	},
	"inputs": [],
}
"#,
    ),
    (
        "windsurf",
        ".codeium/windsurf/mcp_config.json",
        r#"{
  "mcpServers": {
    "files": {
      "command": "PROGRAM",
      "args": [],
      "env": {"FILES_API_KEY": "amber-Lantern-4417"},
      "disabledTools": []
    },
    "remote": {"serverUrl": "URL", "headers": {"Authorization": "Bearer birch-Harbour-9023"}}
  }
}
"#,
    ),
    (
        "zed",
        ".config/zed/settings.json",
        r#"// Zed settings
{
  "theme": "One Dark",
  "context_servers": {
    "files": {
      "source": "custom",
      "command": "PROGRAM",
      "args": [],
      "env": { "FILES_API_KEY": "amber-Lantern-4417" } // mine
    },
    "remote": { "url": "URL", "headers": { "Authorization": "Bearer birch-Harbour-9023" } },
  },
  "vim_mode": true,
}
"#,
    ),
    (
        "gemini",
        ".gemini/settings.json",
        r#"{
  "theme": "GitHub",
  "mcpServers": {
    "files": {
      "command": "PROGRAM",
      "env": { "FILES_API_KEY": "$FILES_VALUE" },
      "timeout": 15000,
      "trust": false
    },
    "remote": {
      "httpUrl": "URL",
      "headers": { "Authorization": "Bearer birch-Harbour-9023", "Accept": "application/json" }
    }
  }
}
"#,
    ),
    (
        "codex",
        ".codex/config.toml",
        r#"model = "gpt-5.1" # the model

[mcp_servers.files]
command = "PROGRAM"
startup_timeout_sec = 20

[mcp_servers.files.env]
FILES_API_KEY = "amber-Lantern-4417"

# Somewhere else
[mcp_servers.remote]
url = "URL"
bearer_token_env_var = "REMOTE_TOKEN"
"#,
    ),
];

/// A home with clients' files, a gateway, and a server somewhere.
struct Laptop {
    home: tempfile::TempDir,
    policy: PolicyDir,
    gateway: Gateway,
    upstream: Upstream,
}

impl Laptop {
    fn start(driver: Driver) -> Self {
        let upstream = Upstream::start();
        let policy = PolicyDir::new(&policy_before(&upstream.url(), Extra::default()));
        let gateway = Gateway::start(&policy, driver);
        let home = tempfile::tempdir().expect("a home");
        Self {
            home,
            policy,
            gateway,
            upstream,
        }
    }

    /// Puts a client's file into the home; it may be read by all, as clients leave it.
    fn put(&self, file: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    fn varictl(&self, given: &[&str]) -> Output {
        Command::new(programs::ours("varictl"))
            .args(given)
            .arg("--dir")
            .arg(self.policy.path())
            .env("HOME", self.home.path())
            .env_remove("XDG_CONFIG_HOME")
            .env("FILES_VALUE", IN_ENV)
            .env("REMOTE_TOKEN", IN_HEADER)
            .stdin(Stdio::null())
            .output()
            .expect("varictl runs")
    }

    /// Imports every client's file and pushes; what was said.
    fn import(&self) -> String {
        let gateway = format!("http://{}", self.gateway.address());
        let imported = self.varictl(&["import", "--yes", "--push", "--gateway", &gateway]);
        assert_success(&imported, "import");
        let all = [imported.stdout, imported.stderr].concat();
        String::from_utf8(all).expect("text")
    }

    fn end(self) {
        self.gateway.stop();
        self.policy.verify_audit();
    }
}

/// What a client's file says of a server: program and arguments.
fn said(client: &str, path: &Path, name: &str) -> (String, Vec<String>) {
    let text = fs::read_to_string(path).expect("a file");
    let after = match client {
        "claude-code" if name == "remote" => text.split("projects").nth(1).expect("projects"),
        _ => &text,
    };
    let after = match client {
        "codex" => after.split(&format!("[mcp_servers.{name}]")).nth(1),
        _ => after.split(&format!("\"{name}\":")).nth(1),
    };
    let after = after.expect("the server");
    let command = after.split("command").nth(1).expect("a command");
    let command = command.split('"').find(|part| part.starts_with('/'));
    let list = after.split("args").nth(1).expect("arguments");
    let list = list
        .split('[')
        .nth(1)
        .and_then(|rest| rest.split(']').next());
    let list = format!("[{}]", list.expect("a list"));
    let arguments: Vec<String> = serde_json::from_str(&list).expect("texts");
    (command.expect("a path").to_owned(), arguments)
}

fn servers_of_every_form_work_behind_the_gateway_and_come_back(driver: Driver) {
    let laptop = Laptop::start(driver);
    let program = programs::ours("varistor-stdio-child");
    let files: Vec<_> = FORMS
        .iter()
        .map(|(client, file, text)| {
            let text = text
                .replace("PROGRAM", program.to_str().expect("a plain path"))
                .replace("URL", &laptop.upstream.url());
            (*client, laptop.put(file, &text), text)
        })
        .collect();
    let outputs = laptop.import();
    for (client, path, _) in &files {
        let new = fs::read_to_string(path).expect("a file");
        let policy = laptop.policy.path().join(format!("imported-{client}.yaml"));
        let policy = fs::read_to_string(policy).expect("a policy");
        for secret in [IN_ENV, IN_HEADER] {
            let seen = new.contains(secret) || outputs.contains(secret) || policy.contains(secret);
            assert!(!seen, "{client}: {secret}\n{new}\n{outputs}\n{policy}");
        }
        works(&laptop, client, path);
    }
    assert_success(&laptop.varictl(&["import", "--undo"]), "import --undo");
    for (client, path, text) in files {
        assert_eq!(fs::read_to_string(path).expect("a file"), text, "{client}");
    }
    let listed = laptop.varictl(&["vault", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(listed.as_array().expect("a list").len(), 1);
    assert_eq!(listed[0]["name"], json!("import-backups"));
    laptop.end();
}

/// Uses both servers of a client by the commands that its file now says.
fn works(laptop: &Laptop, client: &str, path: &Path) {
    let (program, arguments) = said(client, path, "files");
    let mut host = Host::start_configured(&program, &arguments);
    host.initialize();
    host.request(
        1,
        "tools/call",
        json!({"name": "environment", "arguments": {}}),
    );
    let answer = host.next().to_string();
    let given = format!("FILES_API_KEY={IN_ENV}");
    assert!(answer.contains(&given), "{client}: {answer}");
    host.end();

    let (program, arguments) = said(client, path, "remote");
    let mut host = Host::start_configured(&program, &arguments);
    host.initialize();
    host.call(1, "read_file");
    let answer = host.next();
    let text = &answer["result"]["content"][0]["text"];
    assert_eq!(text, &json!("did read_file"), "{client}");
    host.end();
    let seen = laptop.upstream.seen();
    let call = seen
        .iter()
        .rfind(|incoming| incoming.method() == "tools/call");
    let sent = call.and_then(|call| call.field("authorization"));
    let expected = format!("Bearer {IN_HEADER}");
    assert_eq!(sent.as_deref(), Some(expected.as_str()), "{client}");
}

fn an_argument_that_is_a_credential_reaches_the_server(driver: Driver) {
    let laptop = Laptop::start(driver);
    let folder = laptop.home.path().join("bin");
    fs::create_dir_all(&folder).expect("a folder");
    let log = folder.join("arguments");
    // A program that notes how it was started, and is a server then.
    let program = folder.join("server");
    let child = programs::ours("varistor-stdio-child");
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > {}\nexec {}\n",
        log.display(),
        child.display()
    );
    fs::write(&program, script).expect("a script");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, mode).expect("a mode");
    let text = json!({"mcpServers": {"files": {"command": program,
        "args": ["--quiet it's", "--api-key", IN_ARGUMENT, "--token=dune-5521", "last"]}}});
    let path = laptop.put(".cursor/mcp.json", &text.to_string());
    laptop.import();
    let policy = laptop.policy.path().join("imported-cursor.yaml");
    let said_there = fs::read_to_string(&policy).expect("a policy");
    assert!(
        !said_there.contains(IN_ARGUMENT) && !said_there.contains("dune"),
        "{said_there}"
    );
    // The program notes its arguments where the sandbox lets nobody write.
    let open = said_there.replace(
        "profile: relaxed",
        &format!("profile: relaxed, write: [{:?}]", folder),
    );
    fs::write(&policy, open).expect("a policy");
    laptop.policy.push();
    let (program, arguments) = said("cursor", &path, "files");
    let mut host = Host::start_configured(&program, &arguments);
    host.initialize();
    host.call(1, "pid");
    assert!(host.next()["result"].is_object());
    host.end();
    let seen = fs::read_to_string(&log).expect("arguments");
    let expected = format!("--quiet it's\n--api-key\n{IN_ARGUMENT}\n--token=dune-5521\nlast\n");
    assert_eq!(seen, expected);
    let undone = laptop.varictl(&["import", "--undo"]);
    assert_success(&undone, "import --undo");
    assert_eq!(fs::read_to_string(&path).expect("a file"), text.to_string());
    assert!(policy.exists(), "it was changed since, so it stays");
    laptop.end();
}

fn a_server_of_the_catalogue_works_with_its_credential(driver: Driver) {
    let laptop = Laptop::start(driver);
    let bin = laptop.home.path().join("bin");
    fs::create_dir_all(&bin).expect("a folder");
    // What would fetch the package is a server itself.
    fs::copy(programs::ours("varistor-stdio-child"), bin.join("uvx")).expect("a program");
    let values = laptop.put("values", &format!("KAGI_API_KEY={IN_ENV}\n"));
    let values = values.to_str().expect("a plain path");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let added = Command::new(programs::ours("varictl"))
        .args(["catalog", "add", "kagi", "--values", values, "--dir"])
        .arg(laptop.policy.path())
        .env("PATH", &path)
        .stdin(Stdio::null())
        .output()
        .expect("varictl runs");
    assert_success(&added, "catalog add");
    let file = laptop.policy.path().join("catalogue-kagi.yaml");
    let text = fs::read_to_string(&file).expect("a policy");
    let said = String::from_utf8_lossy(&added.stdout).into_owned();
    assert!(
        !text.contains(IN_ENV) && !said.contains(IN_ENV),
        "{text}\n{said}"
    );
    // Nothing is fetched here, and the machine may lack what a network of one's own takes. The
    // program is named by its path, as nobody else's PATH has it.
    let hosts = text.lines().find(|line| line.contains("network:"));
    let open = text.replace(hosts.expect("a line"), "      network: any");
    let named = format!("[\"{}\"", bin.join("uvx").display());
    fs::write(&file, open.replace("[\"uvx\"", &named)).expect("a policy");
    laptop.policy.push();
    let token = laptop.policy.token("tester");
    let agent = Agent::new(laptop.gateway.address(), "kagi", &token);
    let answer = agent.initialize().call("environment", json!({}));
    let given = format!("KAGI_API_KEY={IN_ENV}");
    assert!(answer.body_text().contains(&given), "{answer:?}");
    laptop.end();
}
