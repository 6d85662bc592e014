//! Every kind of bad configuration gets one clear message, and all of them come in one run.

use std::os::unix::fs::PermissionsExt;

use crate::program::Place;

/// A policy with seven mistakes, each on a line of its own.
const MISTAKES: &str = "\
listen: 127.0.0.1:7332
lisen: 127.0.0.1:7333
servers:
  crm:
    url: http://127.0.0.1:8080/mcp
    credential: { header: \"Authorization: Bearer ${vault:missing}\" }
organisations:
  acme:
    roles:
      reader: { allow: [\"crm/{get\"] }
      writer: { allow: 7 }
    agents:
      one: { roles: [raeder] }
      two: { roles: [reader] }
      two: { roles: [reader] }
";

fn with_mistakes() -> Place {
    let place = Place::with_policy();
    std::fs::write(place.file("varistor.yaml"), MISTAKES).unwrap();
    std::fs::write(place.file("unreadable.yaml"), b"\xff\xfe").unwrap();
    let key = place.file("keys/session.key");
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o640)).unwrap();
    place
}

#[test]
fn every_kind_is_named_with_its_place_in_one_run_with_status_two() {
    let run = with_mistakes().run(&["check"]).ended(2);
    let expected = [
        ("unknown key", "varistor.yaml:2:", "lisen"),
        ("missing vault entry", "varistor.yaml:6:", "missing"),
        ("bad glob", "varistor.yaml:10:", "crm/{get"),
        ("wrong type", "varistor.yaml:11:", "7"),
        ("duplicate agent", "varistor.yaml:15:", "two"),
        ("unreadable file", "unreadable.yaml", "UTF-8"),
        ("wrong permissions", "keys/session.key", "0640"),
    ];
    for (kind, place, word) in expected {
        let told = run
            .err
            .lines()
            .filter(|line| line.contains(place) && line.contains(word));
        assert_eq!(told.count(), 1, "{kind}: {}", run.err);
    }
    assert!(run.err.lines().all(|line| line.starts_with("error: ")
        || line.starts_with("warning: ")
        || line.ends_with("in the policy directory")));
    assert!(run.out.is_empty(), "{}", run.out);
}

#[test]
fn a_dangling_role_is_named_once_every_file_could_be_read() {
    let place = with_mistakes();
    std::fs::remove_file(place.file("unreadable.yaml")).unwrap();
    let run = place.run(&["check"]).ended(2);
    let told = |line: &&str| line.contains("varistor.yaml:13:") && line.contains("raeder");
    assert_eq!(run.err.lines().filter(told).count(), 1, "{}", run.err);
    assert!(run.err.contains("did you mean \"reader\"?"), "{}", run.err);
}

#[test]
fn the_same_problems_come_as_json() {
    let answer = with_mistakes().run(&["check", "--json"]).ended(2).json();
    assert_eq!(answer["ok"], false);
    let problems = answer["problems"].as_array().unwrap();
    assert!(problems.len() >= 7, "{problems:?}");
    for problem in problems {
        let text = |name: &str| problem[name].as_str().unwrap_or_default();
        assert!(
            !text("file").is_empty() && !text("found").is_empty(),
            "{problem}"
        );
        assert!(!text("expected").is_empty(), "{problem}");
    }
}

#[test]
fn the_commands_that_need_the_policy_refuse_it_alike() {
    let place = with_mistakes();
    for arguments in [
        ["compile"].as_slice(),
        &["push"],
        &["diff"],
        &["token", "issue", "--agent", "two"],
    ] {
        let run = place.run(arguments).ended(2);
        assert!(
            run.err.contains("varistor.yaml:2:"),
            "{arguments:?}: {}",
            run.err
        );
        assert!(run.out.is_empty(), "{arguments:?}: {}", run.out);
    }
}

#[test]
fn keys_that_only_the_control_plane_holds_are_checked_too() {
    let place = Place::with_policy();
    for name in ["snapshot.key", "token.key", "vault.key"] {
        let key = place.file(&format!("keys/{name}"));
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o604)).unwrap();
    }
    let run = place.run(&["check"]).ended(2);
    for name in ["snapshot.key", "token.key", "vault.key"] {
        let told = |line: &&str| line.contains(name) && line.contains("0604");
        assert_eq!(
            run.err.lines().filter(told).count(),
            1,
            "{name}: {}",
            run.err
        );
    }
    assert!(run.err.contains("3 problems"), "{}", run.err);
}

#[test]
fn a_directory_without_keys_is_told_what_makes_them() {
    let place = Place::empty();
    std::fs::create_dir(place.root().join("varistor")).unwrap();
    std::fs::write(place.file("varistor.yaml"), "servers: {}\n").unwrap();
    let run = place.run(&["check"]).ended(2);
    for name in ["snapshot.key", "session.key", "token.pub"] {
        let told = |line: &str| line.contains(name) && line.contains("varictl init");
        assert!(run.err.lines().any(told), "{name}: {}", run.err);
    }
}
