//! init, check, compile, diff: from nothing to a signed generation.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::program::Place;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn init_makes_a_directory_that_passes_its_own_check() {
    let place = Place::empty();
    let run = place.run(&["init"]).ended(0);
    assert!(
        run.out.contains("Next:") && run.out.contains("varictl token issue"),
        "{run:?}"
    );
    assert!(run.err.is_empty(), "{}", run.err);
    let checked = place.run(&["check"]).ended(0);
    assert!(
        checked.out.contains("ok: 1 server, 1 organisation"),
        "{checked:?}"
    );
    assert!(place.file("state/current.snapshot").exists());
    assert!(place.file("state/snapshots/1.snapshot").exists());
    let schema = std::fs::read_to_string(place.file("varistor.schema.json")).unwrap();
    assert_eq!(schema.trim_end(), place.run(&["schema"]).out.trim_end());
    let policy = std::fs::read_to_string(place.file("varistor.yaml")).unwrap();
    let modeline = "# yaml-language-server: $schema=./varistor.schema.json";
    assert_eq!(policy.lines().next(), Some(modeline));
}

#[test]
fn init_names_the_directory_in_its_next_steps_when_it_is_not_the_default() {
    let place = Place::empty();
    let run = place.run(&["init", "elsewhere"]).ended(0);
    assert!(
        run.out.contains("varictl push --dir elsewhere"),
        "{}",
        run.out
    );
    place.run(&["check", "--dir", "elsewhere"]).ended(0);
}

#[test]
fn private_files_are_for_their_owner_alone() {
    let place = Place::with_policy();
    for name in ["keys", "state", "state/snapshots", "audit", "run", "."] {
        assert_eq!(mode(&place.file(name)), 0o700, "{name}");
    }
    let private = [
        "keys/snapshot.key",
        "keys/token.key",
        "keys/session.key",
        "keys/vault.key",
        "vault.json",
        "state/current.snapshot",
        "state/snapshots/1.snapshot",
    ];
    for name in private {
        assert_eq!(mode(&place.file(name)), 0o600, "{name}");
    }
    let key = std::fs::read_to_string(place.file("keys/token.key")).unwrap();
    assert_eq!(key.trim_end().len(), 64);
    assert_ne!(
        key,
        std::fs::read_to_string(place.file("keys/session.key")).unwrap()
    );
}

#[test]
fn init_overwrites_nothing() {
    let place = Place::with_policy();
    let before = std::fs::read(place.file("keys/token.key")).unwrap();
    let run = place.run(&["init"]).ended(2);
    assert!(run.err.contains("already has varistor.yaml"), "{}", run.err);
    assert_eq!(std::fs::read(place.file("keys/token.key")).unwrap(), before);
    let other = Place::empty();
    std::fs::create_dir(other.root().join("varistor")).unwrap();
    std::fs::write(other.file("vault.json"), "mine").unwrap();
    other.run(&["init"]).ended(2);
    assert_eq!(std::fs::read(other.file("vault.json")).unwrap(), b"mine");
    assert!(!other.file("keys").exists());
}

#[test]
fn every_compilation_is_a_generation_of_its_own() {
    let place = Place::with_policy();
    let answer = place.run(&["compile", "--json"]).ended(0).json();
    assert_eq!(answer["generation"], 2);
    std::fs::remove_file(place.file("state/snapshots/2.snapshot")).unwrap();
    assert_eq!(place.run(&["compile", "--json"]).json()["generation"], 3);
    let current = std::fs::read(place.file("state/current.snapshot")).unwrap();
    assert_eq!(
        current,
        std::fs::read(place.file("state/snapshots/3.snapshot")).unwrap()
    );
}

#[test]
fn a_lost_counter_goes_on_from_the_current_generation() {
    let place = Place::with_policy();
    place.run(&["compile"]).ended(0);
    std::fs::remove_dir_all(place.file("state/snapshots")).unwrap();
    std::fs::remove_file(place.file("state/generation")).unwrap();
    assert_eq!(place.run(&["compile", "--json"]).json()["generation"], 3);
}

#[test]
fn two_compilations_at_once_get_two_generations() {
    let place = Place::with_policy();
    let generation = || place.run(&["compile", "--json"]).ended(0).json()["generation"].as_u64();
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(generation);
        let other = scope.spawn(generation);
        (one.join().unwrap(), other.join().unwrap())
    });
    assert_eq!([one, other].iter().flatten().sum::<u64>(), 2 + 3);
}

#[test]
fn a_bad_policy_leaves_the_current_generation_alone() {
    let place = Place::with_policy();
    let before = std::fs::read(place.file("state/current.snapshot")).unwrap();
    place.edit("roles: [developer]", "roles: [developper]");
    place.run(&["compile"]).ended(2);
    assert_eq!(
        std::fs::read(place.file("state/current.snapshot")).unwrap(),
        before
    );
    place.edit("roles: [developper]", "roles: [developer]");
    assert_eq!(place.run(&["compile", "--json"]).json()["generation"], 2);
}

#[test]
fn diff_says_who_gains_and_who_loses_what() {
    let place = Place::with_policy();
    let same = place.run(&["diff", "--exit-code"]).ended(0);
    assert!(same.out.contains("no change"), "{}", same.out);
    place.edit(
        r#"{ allow: ["example/*"] }"#,
        r#"{ allow: ["example/get_*"] }"#,
    );
    let run = place.run(&["diff"]).ended(0);
    assert!(
        run.out.contains("my-agent") && run.out.contains("example/"),
        "{}",
        run.out
    );
    assert!(run.out.to_lowercase().contains("lose"), "{}", run.out);
    place.run(&["diff", "--exit-code"]).ended(1);
    assert!(place.run(&["diff", "--json"]).ended(0).json().is_object());
    place.run(&["compile"]).ended(0);
    place.run(&["diff", "--exit-code"]).ended(0);
    place
        .run(&["diff", "--exit-code", "--against", "1"])
        .ended(1);
    place
        .run(&[
            "diff",
            "--exit-code",
            "--against",
            "varistor/state/current.snapshot",
        ])
        .ended(0);
    let missing = place.run(&["diff", "--against", "99"]).ended(2);
    assert!(missing.err.contains("there is 1, 2"), "{}", missing.err);
}

#[test]
fn a_snapshot_that_somebody_changed_is_refused() {
    let place = Place::with_policy();
    let path = place.file("state/current.snapshot");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let run = place.run(&["diff"]).ended(1);
    assert!(run.err.contains("current.snapshot"), "{}", run.err);
}

#[test]
fn a_signing_key_that_others_can_read_signs_nothing() {
    let place = Place::with_policy();
    let key = place.file("keys/snapshot.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let run = place.run(&["compile"]).ended(2);
    assert!(
        run.err.contains("0644") && run.err.contains("chmod 600"),
        "{}",
        run.err
    );
    assert!(!place.file("state/snapshots/2.snapshot").exists());
}
