//! Secrets go in and never come out.

use crate::program::Place;

const CANARY: &str = "canary-5f1d0c";

#[test]
fn a_secret_is_set_listed_by_name_and_removed() {
    let place = Place::with_policy();
    let runs = [
        place
            .run_with(&["vault", "set", "github"], &format!("{CANARY}\n"))
            .ended(0),
        place.run(&["vault", "list"]).ended(0),
        place.run(&["vault", "list", "--json"]).ended(0),
        place
            .run_with(&["vault", "set", "github", "--servers", "example"], CANARY)
            .ended(0),
    ];
    for run in &runs {
        assert!(
            !run.out.contains(CANARY) && !run.err.contains(CANARY),
            "{run:?}"
        );
    }
    assert!(runs[1].out.contains("github"));
    let listed = place.run(&["vault", "list", "--json"]).json();
    assert_eq!(listed[0]["name"], "github");
    assert_eq!(listed[0]["servers"], serde_json::json!(["example"]));
    let file = std::fs::read_to_string(place.file("vault.json")).unwrap();
    assert!(!file.contains(CANARY));
    let missing = place.run(&["vault", "rm", "gihtub"]).ended(2);
    assert!(
        missing.err.contains("did you mean github?"),
        "{}",
        missing.err
    );
    let removed = place.run(&["vault", "rm", "github"]).ended(0);
    for run in [&runs[0], &removed] {
        assert!(run.err.contains("varictl push"), "{}", run.err);
    }
    assert_eq!(
        place.run(&["vault", "list", "--json"]).json(),
        serde_json::json!([])
    );
}

#[test]
fn a_policy_that_names_a_secret_compiles_once_it_is_there() {
    let place = Place::with_policy();
    let credential = "    credential: { header: \"Authorization: Bearer ${vault:github}\" }";
    place.edit(
        "    url: http://127.0.0.1:8080/mcp\n",
        &format!("    url: http://127.0.0.1:8080/mcp\n{credential}\n"),
    );
    let run = place.run(&["check"]).ended(2);
    assert!(
        run.err.contains("github") && run.err.contains("varistor.yaml:"),
        "{}",
        run.err
    );
    place.run_with(&["vault", "set", "github"], CANARY).ended(0);
    place.run(&["check"]).ended(0);
    place.run(&["compile"]).ended(0);
    let snapshot = std::fs::read(place.file("state/current.snapshot")).unwrap();
    assert!(
        !snapshot
            .windows(CANARY.len())
            .any(|bytes| bytes == CANARY.as_bytes())
    );
}

#[test]
fn a_value_is_never_taken_from_the_command_line_and_never_empty() {
    let place = Place::with_policy();
    place.run(&["vault", "set", "github", CANARY]).ended(2);
    place.run_with(&["vault", "set", "github"], "\n").ended(2);
    place
        .run_with(&["vault", "set", "Not a name"], CANARY)
        .ended(2);
    assert_eq!(
        place.run(&["vault", "list", "--json"]).json(),
        serde_json::json!([])
    );
}

#[test]
fn a_secret_for_a_server_that_the_policy_does_not_have_is_set_with_a_warning() {
    let place = Place::with_policy();
    let arguments = ["vault", "set", "github", "--servers", "exampel"];
    let run = place.run_with(&arguments, CANARY).ended(0);
    assert!(run.err.contains("did you mean example?"), "{}", run.err);
}

#[test]
fn init_never_replaces_a_vault() {
    let place = Place::with_policy();
    place.run(&["vault", "init"]).ended(2);
    std::fs::remove_file(place.file("vault.json")).unwrap();
    let run = place.run(&["vault", "list"]).ended(1);
    assert!(run.err.contains("vault.json"), "{}", run.err);
    place.run(&["vault", "init"]).ended(0);
    place.run(&["vault", "list"]).ended(0);
}
