//! Configurations as the clients' documentation shows them, through the whole crate.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod adding;
mod catalogue;
mod editing;
mod outside;
mod planning;

use std::collections::BTreeSet;

use varistor_onboard::{Client, Detector, Document, Known, Lookup, Plan, plan};
use zeroize::Zeroizing;

/// Finds nothing by form: what is found here is found by its name.
pub(crate) struct ByName;

impl Detector for ByName {
    fn is_secret(&mut self, _name: &str, _value: &str) -> bool {
        false
    }
}

/// The client and its file.
pub(crate) fn file(name: &str) -> (&'static Client, String) {
    let path = format!("{}/tests/files/{name}", env!("CARGO_MANIFEST_DIR"));
    let id = name.split('.').next().unwrap();
    let client = Client::named(id).unwrap();
    (client, std::fs::read_to_string(path).unwrap())
}

pub(crate) const FILES: [&str; 9] = [
    "claude.json",
    "claude-code.json",
    "cursor.json",
    "vscode.json",
    "windsurf.json",
    "zed.json",
    "gemini.json",
    "codex.toml",
    "opencode.jsonc",
];

fn env(name: &str) -> Option<Zeroizing<String>> {
    let value = match name {
        "API_KEY" => "from-env-1",
        "CURSOR_KEY" => "from-env-2",
        "FIGMA_TOKEN" | "FIGMA_OAUTH_TOKEN" => "from-env-3",
        "DB_CONNECTION_STRING" => "postgres://ann:from-env-4@db.example/shop",
        "EXTERNAL_API_KEY" => "from-env-5",
        "DOCS_KEY" => "from-env-6",
        "OPEN_SECRET" => "from-env-7",
        "PADDED" => "from-env=8=",
        "HOST_NAME" => "a.example",
        "BASE_URL" => "https://a.example",
        "WHOLE_URL" => "https://a.example/from-env-9",
        "FOLDER" => "/Users/username/shop",
        _ => return None,
    };
    Some(Zeroizing::new(value.to_owned()))
}

/// The plan for a document.
pub(crate) fn planned(client: &'static Client, text: &str) -> Plan {
    let document = Document::parse(client.syntax, text.as_bytes()).unwrap();
    let found = document.servers(client).unwrap();
    let inputs = document.inputs();
    let mut known = Known {
        servers: BTreeSet::new(),
        secrets: BTreeSet::new(),
        gateways: vec!["http://127.0.0.1:7332".to_owned()],
        cache: "/srv/varistor/cache".into(),
        is_program: &|name| name != "missing",
        is_path: &|path| path.starts_with("/Users/username/"),
        env_file: &|path| {
            let text = "# file\nexport DB_PASSWORD=\"from-file-1\"\nMODE=loud\n";
            (path == "/home/ann/.env").then(|| Zeroizing::new(text.to_owned()))
        },
        lookup: Lookup {
            env: &env,
            input: &|id| {
                let value = match id {
                    "perplexity-key" => "asked-1",
                    "pin" => "asked-2",
                    "tenant" => "acme",
                    _ => return None,
                };
                Some(Zeroizing::new(value.to_owned()))
            },
            is_plain_input: &|id| {
                let mut inputs = inputs.iter();
                inputs.any(|input| input.id == id && !input.is_password)
            },
            home: "/home/ann".into(),
            project: None,
        },
    };
    plan(client, &found, &mut known, &mut ByName)
}
