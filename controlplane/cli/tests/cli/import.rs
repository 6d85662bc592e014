//! Clients' files on a laptop: what is shown, what is moved, and that all of it comes back.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::program::{Place, Run};

const SECRET: &str = "canary-77aa01-value";
const CURSOR: &str = r#"{
  "mcpServers": {
    "github": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-github"],
      "env": { "GITHUB_PERSONAL_ACCESS_TOKEN": "canary-77aa01-value" }
    },
    "api": { "url": "https://api.example.com/mcp?key=canary-77aa01-value" }
  }
}
"#;

/// A home with programs to start, and Cursor's file in it.
fn laptop() -> (Place, PathBuf) {
    let place = Place::with_policy();
    let home = place.root().join("home");
    fs::create_dir_all(home.join("bin")).unwrap();
    fs::create_dir_all(home.join(".cursor")).unwrap();
    for program in ["npx", "some-command", "sh"] {
        let path = home.join("bin").join(program);
        fs::write(&path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let file = home.join(".cursor/mcp.json");
    fs::write(&file, CURSOR).unwrap();
    (place, file)
}

fn text(path: &PathBuf) -> String {
    fs::read_to_string(path).unwrap()
}

/// Nothing of it is a secret.
#[track_caller]
fn quiet(run: Run) -> Run {
    let hit = run.out.contains(SECRET) || run.err.contains(SECRET);
    assert!(!hit, "out: {}\nerr: {}", run.out, run.err);
    run
}

/// Everything below the policy directory that an import could leave.
fn made(place: &Place) -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["", "state/imports", "cache", "../home/.config/varistor"] {
        let entries = fs::read_dir(place.file(folder)).into_iter().flatten();
        for entry in entries {
            let name = entry.unwrap().file_name().into_string().unwrap();
            names.push(format!("{folder}/{name}"));
        }
    }
    names.sort();
    names
}

#[test]
fn a_dry_run_shows_everything_but_values_and_changes_nothing() {
    let (place, file) = laptop();
    let before = made(&place);
    let run = quiet(place.run_at_home(&["import", "--dry-run"]).ended(0));
    for expected in [
        "github moves to http://127.0.0.1:7332/mcp/github",
        "env GITHUB_PERSONAL_ACCESS_TOKEN -> ${vault:github-github_personal_access_token}",
        "api stays: its URL holds a credential",
        "mcpServers.api.url looks like a credential and stays in plain text",
        "as agent my-org/cursor, by imported-cursor.yaml",
    ] {
        assert!(run.out.contains(expected), "{expected} in\n{}", run.out);
    }
    let run = quiet(
        place
            .run_at_home(&["import", "--dry-run", "--json"])
            .ended(0),
    );
    let file_said = &run.json()["files"][0];
    assert_eq!(
        file_said["moves"][0]["secrets"][0]["place"],
        json!("env GITHUB_PERSONAL_ACCESS_TOKEN")
    );
    assert_eq!(file_said["stays"][0]["at"], json!(["mcpServers", "api"]));
    // Nobody is there to say yes.
    let run = quiet(place.run_at_home(&["import"]).ended(2));
    assert!(run.err.contains("--yes"), "{}", run.err);
    assert_eq!(made(&place), before);
    assert_eq!(text(&file), CURSOR);
}

#[test]
fn what_is_moved_is_private_and_comes_back_byte_for_byte() {
    let (place, file) = laptop();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    // A link stays one.
    let kept = file.with_file_name("kept.json");
    fs::rename(&file, &kept).unwrap();
    symlink("kept.json", &file).unwrap();
    let before = made(&place);
    quiet(place.run_at_home(&["import", "--yes"]).ended(0));
    assert!(file.is_symlink());
    let new = text(&kept);
    assert!(
        new.contains("\"connect\", \"http://127.0.0.1:7332/mcp/github\""),
        "{new}"
    );
    assert!(new.contains("key=canary"), "what stays is as it was: {new}");
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(&kept), 0o640);
    let token = place.root().join("home/.config/varistor/cursor.token");
    assert_eq!(mode(&token), 0o600);
    for name in ["state/imports/0001.backup", "state/imports/0001.json"] {
        let path = place.file(name);
        assert_eq!(mode(&path), 0o600, "{name}");
        let bytes = fs::read(&path).unwrap();
        let shown = bytes
            .windows(SECRET.len())
            .any(|part| part == SECRET.as_bytes());
        assert!(!shown, "{name} shows the secret");
    }
    place.run_at_home(&["check"]).ended(0);
    let again = place.run_at_home(&["import", "--yes"]).ended(0);
    assert!(
        again
            .out
            .contains("github stays: it is behind the gateway already"),
        "{}",
        again.out
    );

    let undone = quiet(place.run_at_home(&["import", "--undo"]).ended(0));
    assert!(undone.err.contains("byte for byte"), "{}", undone.err);
    assert!(file.is_symlink());
    assert_eq!(text(&kept), CURSOR);
    assert_eq!(mode(&kept), 0o640);
    let left: Vec<_> = made(&place)
        .into_iter()
        .filter(|name| !before.contains(name))
        .collect();
    assert_eq!(
        left,
        ["/cache", "state/imports/0001.json"],
        "only the journal is left"
    );
    let revoked = text(&place.file("state/revoked.jsonl"));
    assert_eq!(revoked.lines().count(), 1);
    place.run_at_home(&["import", "--undo"]).ended(2);
}

#[test]
fn a_file_that_the_client_has_changed_gets_its_servers_back() {
    let (place, file) = laptop();
    place.run_at_home(&["import", "--yes"]).ended(0);
    let changed = text(&file).replacen("{\n", "{\n  // since then\n  \"seen\": 7,\n", 1);
    fs::write(&file, &changed).unwrap();
    // Somebody has written a rule into the policy file, and another secret into the vault.
    let policy = place.file("imported-cursor.yaml");
    fs::write(&policy, text(&policy) + "# mine\n").unwrap();
    let run = quiet(
        place
            .run_at_home(&["import", "--undo", "--client", "cursor"])
            .ended(0),
    );
    assert!(run.err.contains("as it is now"), "{}", run.err);
    assert!(
        run.err.contains("was changed since and stays"),
        "{}",
        run.err
    );
    let expected = CURSOR.replacen("{\n", "{\n  // since then\n  \"seen\": 7,\n", 1);
    assert_eq!(text(&file), expected);
    assert!(policy.exists());
    place.run_at_home(&["check"]).ended(0);
}

#[test]
fn a_file_that_can_be_read_two_ways_is_refused_and_no_other_is_held_up() {
    let (place, file) = laptop();
    let zed = place.root().join("home/.config/zed/settings.json");
    fs::create_dir_all(zed.parent().unwrap()).unwrap();
    let server = "{\"command\":\"some-command\",\"env\":{\"A_TOKEN\":\"canary-77aa01-value\"}}";
    let twice = format!("{{\"context_servers\":{{\"a\":{server},\"a\":{server}}}}}");
    fs::write(&zed, &twice).unwrap();
    let run = quiet(
        place
            .run_at_home(&["import", "--yes", "--except", "api"])
            .ended(0),
    );
    assert!(run.err.contains("twice"), "{}", run.err);
    assert_eq!(text(&zed), twice);
    assert!(!text(&file).contains("GITHUB"));
    let given = [
        "import",
        "--yes",
        "--file",
        "home/.config/zed/settings.json",
    ];
    quiet(place.run_at_home(&given).ended(2));
    let given = ["import", "--yes", "--file", "home/strange.json"];
    let run = place.run_at_home(&given).ended(2);
    assert!(run.err.contains("--client"), "{}", run.err);
    place.run_at_home(&["import", "--client", "emacs"]).ended(2);
}

/// The files that `controlplane/onboard/tests` plans, as the clients' documentation shows them.
#[test]
fn every_documented_file_is_imported_into_a_policy_that_compiles() {
    let (place, _) = laptop();
    let files = [
        ("claude.json", ".config/Claude/claude_desktop_config.json"),
        ("claude-code.json", ".claude.json"),
        ("cursor.json", ".cursor/mcp.json"),
        ("vscode.json", ".config/Code/User/mcp.json"),
        ("windsurf.json", ".codeium/windsurf/mcp_config.json"),
        ("zed.json", ".config/zed/settings.json"),
        ("gemini.json", ".gemini/settings.json"),
        ("codex.toml", ".codex/config.toml"),
        ("opencode.jsonc", ".config/opencode/opencode.json"),
    ];
    let home = place.root().join("home");
    fs::copy(home.join("bin/npx"), home.join("bin/python")).unwrap();
    let documented = concat!(env!("CARGO_MANIFEST_DIR"), "/../onboard/tests/files");
    fs::write(home.join(".env"), format!("SHOP={SECRET}\n")).unwrap();
    let mut texts = Vec::new();
    for (name, at) in files {
        let text = fs::read_to_string(format!("{documented}/{name}")).unwrap();
        let text = text.replace("/home/ann/.env", home.join(".env").to_str().unwrap());
        let path = home.join(at);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
        texts.push((path, text));
    }
    let mut command = place.command_at_home(&["import", "--yes", "--json"]);
    for name in [
        "API_KEY",
        "CURSOR_KEY",
        "DB_CONNECTION_STRING",
        "EXTERNAL_API_KEY",
        "DOCS_KEY",
        "OPEN_SECRET",
    ] {
        command.env(name, SECRET);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let (out, err) = (output.stdout, String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{err}");
    let plans: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let plans = plans["files"].as_array().unwrap();
    assert_eq!(plans.len(), files.len());
    for plan in plans {
        assert!(!plan["moves"].as_array().unwrap().is_empty(), "{plan}");
        let policy = place.file(plan["policy"].as_str().unwrap());
        let policy = fs::read_to_string(policy).unwrap();
        assert!(!policy.contains(SECRET), "{plan}\n{policy}");
    }
    place.run_at_home(&["check"]).ended(0);
    for (path, text) in &texts {
        let new = fs::read_to_string(path).unwrap();
        assert_ne!(new, *text);
        for secret in [
            "example-token-1\"",
            "example-key-3",
            "s3cret",
            "example-key-10",
        ] {
            assert!(!new.contains(secret), "{}: {new}", path.display());
        }
    }
    place.run_at_home(&["import", "--undo"]).ended(0);
    for (path, text) in texts {
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            text,
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_server_that_came_later_is_another_import() {
    let (place, file) = laptop();
    place.run_at_home(&["import", "--yes"]).ended(0);
    let first = text(&file);
    let later = first.replacen(
        "\"mcpServers\": {",
        "\"mcpServers\": { \"github-2\": { \"command\": \"some-command\" },",
        1,
    );
    fs::write(&file, &later).unwrap();
    place.run_at_home(&["import", "--yes"]).ended(0);
    assert!(place.file("imported-cursor-2.yaml").exists());
    place.run_at_home(&["check"]).ended(0);
    place.run_at_home(&["import", "--undo"]).ended(0);
    assert_eq!(text(&file), later);
    place.run_at_home(&["import", "--undo"]).ended(0);
    assert!(!place.file("imported-cursor.yaml").exists());
    assert!(text(&file).contains("GITHUB_PERSONAL_ACCESS_TOKEN"));
}

#[test]
fn a_server_that_could_not_be_put_back_is_named_and_its_backup_stays() {
    let (place, file) = laptop();
    place.run_at_home(&["import", "--yes"]).ended(0);
    let backup = place.file("state/imports/0001.backup");
    fs::write(&file, "{ \"mcpServers\": {} }\n").unwrap();
    let run = quiet(place.run_at_home(&["import", "--undo"]).ended(1));
    assert!(run.err.contains("github is no more in it"), "{}", run.err);
    assert!(backup.exists());
    let listed = place.run(&["vault", "list", "--json"]).ended(0).json();
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");

    fs::remove_file(&file).unwrap();
    let run = quiet(place.run_at_home(&["import", "--undo"]).ended(0));
    assert!(run.err.contains("it was gone"), "{}", run.err);
    assert_eq!(text(&file), CURSOR);
    assert!(!backup.exists());
}

/// The journal as a run leaves it that is cut off.
fn cut_off(place: &Place) {
    let journal = place.file("state/imports/0001.json");
    let whole = text(&journal).replacen("\"done\"", "\"begun\"", 1);
    assert!(whole.contains("\"begun\""), "{whole}");
    fs::write(&journal, whole).unwrap();
}

#[test]
fn an_import_that_was_cut_off_and_whose_file_went_on_is_not_thrown_away() {
    let (place, file) = laptop();
    place.run_at_home(&["import", "--yes"]).ended(0);
    let changed = text(&file).replacen("{\n", "{\n  \"seen\": 7,\n", 1);
    fs::write(&file, &changed).unwrap();
    cut_off(&place);
    quiet(place.run_at_home(&["import", "--undo"]).ended(0));
    assert_eq!(
        text(&file),
        CURSOR.replacen("{\n", "{\n  \"seen\": 7,\n", 1)
    );
}

#[test]
fn an_import_that_was_cut_off_and_whose_file_says_nothing_of_it_stays() {
    let (place, file) = laptop();
    place.run_at_home(&["import", "--yes"]).ended(0);
    let token = place.root().join("home/.config/varistor/cursor.token");
    let backup = place.file("state/imports/0001.backup");
    // It says nothing of the import any more: what is in the backup is nowhere else.
    fs::write(&file, "{ \"seen\": 8 }\n").unwrap();
    cut_off(&place);
    let run = quiet(place.run_at_home(&["import", "--undo"]).ended(2));
    assert!(run.err.contains("neither as before"), "{}", run.err);
    assert!(token.exists() && backup.exists());
    let listed = place.run(&["vault", "list", "--json"]).ended(0).json();
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");

    fs::write(&file, CURSOR).unwrap();
    place.run_at_home(&["import", "--undo"]).ended(2);
    assert!(!token.exists() && !backup.exists());
}

/// Kills as many imports and undoings as `VARISTOR_IMPORT_KILLS` says, at random.
#[test]
fn a_killed_import_leaves_the_old_file_or_the_new_one() {
    let kills = std::env::var("VARISTOR_IMPORT_KILLS").map_or(4, |text| text.parse().unwrap());
    let (place, file) = laptop();
    let began = Instant::now();
    place.run_at_home(&["import", "--yes"]).ended(0);
    let took = began.elapsed();
    let new = text(&file);
    place.run_at_home(&["import", "--undo"]).ended(0);
    for kill in 0..kills {
        let given: &[&str] = match kill % 2 {
            0 => &["import", "--yes"],
            _ => &["import", "--undo"],
        };
        let mut command = place.command_at_home(given);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut random = [0; 8];
        getrandom(&mut random);
        let share = u64::from_le_bytes(random) % 1000;
        let wait = took.mul_f64(f64::from(u32::try_from(share).unwrap()) / 1000.0);
        // Where a kill comes is what this is about, so there is nothing to wait for.
        std::thread::park_timeout(wait.min(Duration::from_secs(5)));
        drop(child.kill());
        child.wait().unwrap();
        let found = text(&file);
        // The agent and its token get another number while what was cut off is there.
        let is_new = found.contains("/mcp/github") && !found.contains("canary-77aa01-value\" }");
        assert!(found == CURSOR || is_new, "neither: {found}");
        place.run_at_home(&["check"]).ended(0);
        if kill % 2 == 1 {
            // Whatever was left, the rest of it can be taken back.
            let run = place.run_at_home(&["import", "--undo"]);
            assert!([0, 2].contains(&run.status), "{run:?}");
            assert_eq!(text(&file), CURSOR, "{run:?}");
        }
    }
    place.run_at_home(&["import", "--undo"]);
    place.run_at_home(&["import", "--yes"]).ended(0);
    assert_eq!(text(&file).len(), new.len());
    let listed = place.run(&["vault", "list", "--json"]).ended(0).json();
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
}

fn getrandom(bytes: &mut [u8]) {
    use std::io::Read as _;
    let mut source = fs::File::open("/dev/urandom").unwrap();
    source.read_exact(bytes).unwrap();
}
