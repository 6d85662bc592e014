//! New values, new keys, other locks, exports and the history, by the built program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use varistor_vault::{Key, Lock, Vault};

use crate::program::Place;

const CANARY: &str = "canary-90ab44";

fn opened(place: &Place) -> Vault {
    let key = Key::load(&place.file("keys/vault.key")).unwrap();
    Vault::open(&place.file("vault.json"), &key).unwrap()
}

fn value(place: &Place, name: &str) -> String {
    let vault = opened(place);
    let secret = vault.get(name, "example").unwrap();
    String::from_utf8(secret.expose().to_vec()).unwrap()
}

#[test]
fn a_secret_is_rotated_taken_back_and_all_of_it_is_in_the_history() {
    let place = Place::with_policy();
    let set = ["vault", "set", "github", "--servers", "example"];
    place.run_with(&set, CANARY).ended(0);
    let new = format!("{CANARY}-2");
    let rotate = ["vault", "rotate", "github", "--overlap", "7d"];
    let run = place.run_with(&rotate, &new).ended(0);
    assert!(
        run.err.contains("known for 7d") && !run.err.contains(CANARY),
        "{}",
        run.err
    );
    assert_eq!(value(&place, "github"), new);
    let listed = place.run(&["vault", "list", "--json"]).json();
    assert!(listed[0]["former_until_unix_s"].is_number(), "{listed}");
    place.run(&["vault", "rotate", "github", "--back"]).ended(0);
    assert_eq!(value(&place, "github"), CANARY);
    place.run(&["vault", "rotate", "github", "--back"]).ended(2);
    let run = place.run_with(&["vault", "rotate", "gihtub"], "x").ended(2);
    assert!(run.err.contains("did you mean github?"), "{}", run.err);

    let run = place.run(&["vault", "audit", "github", "--json"]).ended(0);
    assert!(!run.out.contains(CANARY), "{}", run.out);
    let changes = run.json()["changes"].clone();
    let said: Vec<_> = changes
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["deeds"][0]["change"].clone())
        .collect();
    assert_eq!(said, [json!("set"), json!("rotated"), json!("taken_back")]);
    assert!(!changes[0]["by"].as_str().unwrap().is_empty());
    let shown = place.run(&["vault", "audit"]).ended(0);
    assert!(
        shown.out.contains("rotated") && shown.out.contains("created"),
        "{}",
        shown.out
    );
    let log = place.file("vault.log");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, text.replacen("\"rotated\"", "\"set\"", 1)).unwrap();
    let run = place.run(&["vault", "audit"]).ended(2);
    assert!(run.err.contains("was changed before line"), "{}", run.err);
}

#[test]
fn a_new_key_and_other_locks_keep_the_policy_working() {
    let place = Place::with_policy();
    place.run_with(&["vault", "set", "github"], CANARY).ended(0);
    let credential = "    credential: { header: \"Authorization: Bearer ${vault:github}\" }\n";
    place.edit(
        "    url: http://127.0.0.1:8080/mcp\n",
        &format!("    url: http://127.0.0.1:8080/mcp\n{credential}"),
    );
    let key = place.file("keys/vault.key");
    let old = fs::read_to_string(&key).unwrap();
    place.run(&["vault", "rekey"]).ended(0);
    assert_ne!(fs::read_to_string(&key).unwrap(), old);
    assert!(!place.file("keys/vault.key.new").exists());
    place.run(&["check"]).ended(0);

    let passphrase = place.root().join("passphrase");
    fs::write(&passphrase, "four words of mine\n").unwrap();
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
    let file = passphrase.to_str().unwrap();
    let given = ["vault", "key", "--passphrase", "--passphrase-file", file];
    place.run(&given).ended(0);
    assert_eq!(place.run(&["vault", "key"]).ended(0).out, "passphrase\n");
    let locked = place.run(&["check"]).ended(2);
    assert!(
        locked.err.contains("varictl vault unlock"),
        "{}",
        locked.err
    );
    place
        .run_with(&["vault", "unlock"], "not the one\n")
        .ended(2);
    let with = |given: &[&str]| {
        let status = Command::new(env!("CARGO_BIN_EXE_varictl"))
            .args(given)
            .current_dir(place.root())
            .env("VARISTOR_VAULT_PASSPHRASE_FILE", &passphrase)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(status.status.success(), "{status:?}");
    };
    with(&["check"]);
    with(&["vault", "rekey", "--passphrase-file", file]);
    with(&["check"]);
    // As systemd hands it out.
    let out = place.root().join("credentials");
    fs::create_dir(&out).unwrap();
    let out = out.join("varistor-vault");
    let out = out.to_str().unwrap();
    with(&[
        "vault",
        "key",
        "--credential",
        "varistor-vault",
        "--out",
        out,
    ]);
    place.run(&["check"]).ended(2);
    let status = Command::new(env!("CARGO_BIN_EXE_varictl"))
        .args(["vault", "key", "--file"])
        .current_dir(place.root())
        .env("CREDENTIALS_DIRECTORY", place.root().join("credentials"))
        .output()
        .unwrap();
    assert!(status.status.success(), "{status:?}");
    place.run(&["check"]).ended(0);
}

#[test]
fn another_lock_after_a_rekey_that_was_cut_off_is_around_the_new_key() {
    let place = Place::with_policy();
    place.run_with(&["vault", "set", "github"], CANARY).ended(0);
    let path = place.file("keys/vault.key");
    let new = Key::generate().unwrap();
    Key::stage(&path, &Lock::plain(&new)).unwrap();
    let mut vault = opened(&place);
    vault.rekey(&new).unwrap();
    vault.save().unwrap();
    // Here the rekey is cut off: the vault is of the staged key.
    place.run(&["vault", "key", "--file"]).ended(0);
    assert_eq!(fs::read_to_string(&path).unwrap(), *new.digits());
    assert!(!place.file("keys/vault.key.new").exists());
    assert_eq!(value(&place, "github"), CANARY);

    // A key that does not open the vault is not locked either.
    let stray = Key::generate().unwrap();
    fs::write(&path, &*stray.digits()).unwrap();
    place.run(&["vault", "key", "--file"]).ended(2);
}

#[test]
fn an_export_is_taken_elsewhere_and_shows_nothing_on_the_way() {
    let place = Place::with_policy();
    let set = ["vault", "set", "github", "--servers", "example"];
    place.run_with(&set, CANARY).ended(0);
    let export = place.root().join("export");
    let file = export.to_str().unwrap();
    place
        .run_with(&["vault", "export", file], "short\n")
        .ended(2);
    place
        .run_with(&["vault", "export", file], "four words of mine\n")
        .ended(0);
    assert_eq!(
        fs::metadata(&export).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(!fs::read_to_string(&export).unwrap().contains(CANARY));
    let other = Place::with_policy();
    other
        .run_with(&["vault", "import", file], "other words\n")
        .ended(2);
    other
        .run_with(&["vault", "import", file], "four words of mine\n")
        .ended(0);
    assert_eq!(value(&other, "github"), CANARY);
    let run = other
        .run_with(&["vault", "import", file], "four words of mine\n")
        .ended(1);
    assert!(run.err.contains("--replace"), "{}", run.err);
}

/// As many as `VARISTOR_VAULT_KILLS` says, at random.
#[test]
fn killed_changes_leave_the_old_value_or_the_new_one() {
    let kills = std::env::var("VARISTOR_VAULT_KILLS").map_or(60_u64, |text| text.parse().unwrap());
    let place = Place::with_policy();
    place.run_with(&["vault", "set", "a"], "value-0").ended(0);
    place.run_with(&["vault", "set", "b"], "other").ended(0);
    let mut before = "value-0".to_owned();
    for number in 1..=kills {
        let new = format!("value-{number}");
        let given: &[&str] = match number % 3 {
            0 => &["vault", "rekey"],
            _ => &["vault", "rotate", "a"],
        };
        let mut child = Command::new(env!("CARGO_BIN_EXE_varictl"))
            .args(given)
            .current_dir(place.root())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        // It may be gone already.
        let _ = std::io::Write::write_all(&mut input, new.as_bytes());
        drop(input);
        // Where the kill comes is what this is about: between the start and well behind the end.
        let share = number.wrapping_mul(7_919) % 40_000;
        std::thread::park_timeout(Duration::from_micros(share));
        drop(child.kill());
        child.wait().unwrap();
        let now = value(&place, "a");
        assert!(
            now == before || now == new,
            "{now}: neither {before} nor {new}"
        );
        assert_eq!(value(&place, "b"), "other");
        before = now;
    }
    let changes = opened(&place).history().unwrap();
    println!(
        "{} changes, {} cut off",
        changes.lines.len(),
        changes.cut_off
    );
    place.run(&["vault", "rekey"]).ended(0);
    assert_eq!(value(&place, "a"), before);
    assert!(!place.file("keys/vault.key.new").exists());
    place.run(&["vault", "audit"]).ended(0);
}
