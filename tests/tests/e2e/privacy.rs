//! Parameters that the log is held to without telling them: commitments, and files for auditors.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use varistor_tests::{Driver, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(records_are_held_to_what_they_do_not_tell);

const EMAIL: &str = "ada.lovelace@example.org";
const CARD: &str = "4111 1111 1111 1111";

fn policy(auditor: &str) -> String {
    format!(
        "dlp: {{ request: {{ secrets: log, financial: log, pii: log }} }}
audit:
  params: whole
  auditors: {auditor}
  privacy:
    - {{ tools: \"alpha/write_file\", params: committed }}
    - {{ tools: [\"alpha/write_secret\", \"beta/*\"], params: encrypted }}
    - {{ tools: alpha/read_file, classes: pii, params: committed }}
    - {{ tools: alpha/read_file, classes: financial, params: encrypted }}
    - {{ classes: [secrets], params: masked }}"
    )
}

/// An auditor's identity in this folder, and the recipient that belongs to it.
fn auditor(folder: &Path) -> String {
    let made = Command::new("age-keygen")
        .arg("--output")
        .arg(folder.join("identity"))
        .output()
        .expect("age-keygen (Debian package age; `make setup` installs it)");
    assert!(made.status.success(), "{made:?}");
    let told = String::from_utf8_lossy(&made.stderr).into_owned();
    let (_, key) = told.split_once("Public key: ").expect("a public key");
    key.trim().to_owned()
}

/// What age makes of a record's file.
fn opened(world: &World, folder: &Path, record: u64) -> Vec<u8> {
    let file = folder.join(format!("{record}.age"));
    let path = file.to_str().expect("a plain path");
    let written = world
        .policy
        .varictl(&["audit", "sealed", &record.to_string(), "--output", path]);
    assert!(written.status.success(), "{written:?}");
    let opened = Command::new("age")
        .args(["--decrypt", "--identity"])
        .arg(folder.join("identity"))
        .arg(&file)
        .output()
        .expect("age");
    assert!(opened.status.success(), "{opened:?}");
    opened.stdout
}

fn commitment(world: &World, record: u64, options: &[&str]) -> Output {
    let record = record.to_string();
    world
        .policy
        .varictl(&[&["audit", "commitment", &record], options].concat())
}

fn records_are_held_to_what_they_do_not_tell(driver: Driver) {
    let folder = tempfile::tempdir().expect("a folder");
    let top = policy(&auditor(folder.path()));
    let top = &top;
    let world = World::around(
        driver,
        varistor_tests::Upstream::start(),
        Extra {
            top,
            ..Extra::default()
        },
    );
    let agent = world.tester();
    let arguments = json!({"to": EMAIL, "card": CARD, "note": "plain"});
    let call = |tool: &str| {
        let answer = agent.call(tool, arguments.clone());
        answer.record().expect("a record")
    };
    let [whole, sealed, parts] = ["write_file", "write_secret", "read_file"].map(call);
    // A denied call's record hides what the policy hides.
    let refused = world.agent("writer").call("read_file", arguments.clone());
    let refused = refused.record().expect("a record");
    let big = json!({"to": "x".repeat(200_000)});
    let large = agent.call("write_secret", big.clone()).record();
    let large = large.expect("a record");
    world.gateway.status();
    let told = world.policy.records();
    let record = |seq: u64| &told[usize::try_from(seq).expect("a place")];
    for seq in [whole, sealed, parts, refused] {
        let line = record(seq).to_string();
        assert!(!line.contains(EMAIL) && !line.contains(CARD), "{line}");
    }
    assert_eq!(record(whole)["params_omitted"], "committed");
    assert_eq!(record(sealed)["params_omitted"], "encrypted");
    let read = record(parts)["params"]["arguments"].clone();
    let salt = &record(parts)["commitments"][0]["salt"];
    let expected = json!({"to": format!("[REDACTED:email:salt={salt}]"),
        "card": "[REDACTED:credit_card:sealed=0]", "note": "plain"});
    assert_eq!(read, expected, "{}", record(parts));
    assert_eq!(record(refused)["decision"], "deny");

    // Who has the value can show that it is the one, and no other.
    let matches = |seq, value: &str| commitment(&world, seq, &["--value", value]).status.code();
    assert_eq!(matches(parts, EMAIL), Some(0));
    assert_eq!(matches(parts, "ada.lovelace@example.com"), Some(2));
    assert_eq!(matches(refused, EMAIL), Some(0));
    let revealed = commitment(&world, parts, &["--reveal", "--json"]);
    let revealed: Value = serde_json::from_slice(&revealed.stdout).expect("JSON");
    let salt = revealed[0]["salt_hex"].as_str().expect("a salt").to_owned();

    // An auditor opens what is encrypted, with a program that is not ours.
    let params: Value =
        serde_json::from_slice(&opened(&world, folder.path(), sealed)).expect("JSON");
    assert_eq!(params["arguments"], arguments);
    let params = opened(&world, folder.path(), large);
    let params: Value = serde_json::from_slice(&params).expect("JSON");
    assert_eq!(params["arguments"], big);
    let card: Value = serde_json::from_slice(&opened(&world, folder.path(), parts)).expect("JSON");
    assert_eq!(card, json!([CARD]));

    // What is forgotten can't be told from anything else, and the log is as it was.
    let forgotten =
        world
            .policy
            .varictl(&["audit", "forget", &parts.to_string(), &whole.to_string()]);
    assert!(forgotten.status.success(), "{forgotten:?}");
    assert_eq!(matches(parts, EMAIL), Some(1));
    let given = commitment(&world, parts, &["--salt", &salt, "--value", EMAIL]);
    assert_eq!(
        given.status.code(),
        Some(0),
        "who kept the salt can still tell"
    );
    assert_eq!(
        matches(refused, EMAIL),
        Some(0),
        "another record has another salt"
    );
    let shown = world.policy.varictl(&["audit", "show", &parts.to_string()]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("committed") && shown.contains("audit sealed"),
        "{shown}"
    );
    let salts = fs::read_dir(world.policy.path().join("state/salts"));
    assert_eq!(salts.expect("a folder").count(), 1);
    world.end();
}
