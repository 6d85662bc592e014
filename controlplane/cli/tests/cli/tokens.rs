//! The life of a token: issued, inspected, narrowed, listed, revoked.

use crate::program::Place;

fn issue(place: &Place, more: &[&str]) -> String {
    let arguments = [&["token", "issue", "--agent", "my-agent"], more].concat();
    let run = place.run(&arguments).ended(0);
    assert_eq!(
        run.out.lines().count(),
        1,
        "the token stands alone: {}",
        run.out
    );
    run.out.trim_end().to_owned()
}

#[test]
fn an_issued_token_is_verified_and_says_what_was_asked_for() {
    let place = Place::with_policy();
    let more = [
        "--servers",
        "example",
        "--tools",
        "example/{get,list}_*",
        "--ttl",
        "1h",
    ];
    let token = issue(
        &place,
        &[more.as_slice(), &["--limit", "60/minute"]].concat(),
    );
    let said = place
        .run(&["token", "inspect", "--json", &token])
        .ended(0)
        .json();
    assert_eq!(said["verified"], true);
    assert_eq!(said["revoked"], false);
    assert_eq!(said["expired"], false);
    assert_eq!(said["agent"], "my-agent");
    assert_eq!(said["organisation"], "my-org");
    assert_eq!(said["team"], "my-team");
    assert_eq!(said["roles"], serde_json::json!(["developer"]));
    assert_eq!(said["scopes"][0]["servers"], serde_json::json!(["example"]));
    let tools = serde_json::json!(["example/get_*", "example/list_*"]);
    assert_eq!(said["scopes"][0]["tools"], tools);
    assert_eq!(said["limits"][0]["rate"], "60/minute");
    let shown = place.run_with(&["token", "inspect"], &token).ended(0);
    assert!(
        shown.out.contains("verified") && shown.out.contains("expires in"),
        "{}",
        shown.out
    );
}

#[test]
fn a_narrowed_token_is_made_without_a_directory_and_still_verified() {
    let place = Place::with_policy();
    let token = issue(&place, &[]);
    let elsewhere = Place::empty();
    let narrowed = elsewhere
        .run_with(
            &["token", "attenuate", "--intents", "read", "--ttl", "10m"],
            &token,
        )
        .ended(0);
    let narrowed = narrowed.out.trim_end();
    let unchecked = elsewhere.run(&["token", "inspect", narrowed]).ended(0);
    assert!(unchecked.out.contains("not checked"), "{}", unchecked.out);
    let said = place
        .run(&["token", "inspect", "--json", narrowed])
        .ended(0)
        .json();
    assert_eq!(said["verified"], true);
    assert_eq!(said["ids"].as_array().unwrap().len(), 2);
    assert_eq!(said["scopes"][0]["intents"], serde_json::json!(["read"]));
    let parent = place.run(&["token", "inspect", "--json", &token]).json();
    assert!(said["expires_unix_s"].as_u64() < parent["expires_unix_s"].as_u64());
}

#[test]
fn a_token_of_another_directory_is_not_valid_here() {
    let (place, other) = (Place::with_policy(), Place::with_policy());
    let token = issue(&other, &[]);
    let said = place
        .run(&["token", "inspect", "--json", &token])
        .ended(0)
        .json();
    assert_eq!(said["verified"], false);
    let shown = place.run(&["token", "inspect", &token]).ended(0);
    assert!(shown.out.contains("NOT VALID"), "{}", shown.out);
}

#[test]
fn names_that_the_policy_does_not_have_are_answered_with_near_misses() {
    let place = Place::with_policy();
    let cases: &[(&[&str], &str)] = &[
        (&["--agent", "my-agnet"], "did you mean my-agent?"),
        (
            &["--agent", "my-orgg/my-agent"],
            "did you mean my-org/my-agent?",
        ),
        (
            &["--agent", "my-agent", "--servers", "exampel"],
            "did you mean example?",
        ),
        (
            &["--agent", "my-agent", "--tools", "exampel/*"],
            "did you mean example?",
        ),
        (&["--agent", "my-agent", "--tools", "get"], "SERVER/TOOL"),
        (
            &["--agent", "my-agent", "--roles", "developr"],
            "did you mean developer?",
        ),
        (&["--agent", "my-agent", "--ttl", "91d"], "--ttl-max"),
    ];
    for (more, expected) in cases {
        let run = place.run(&[&["token", "issue"], *more].concat()).ended(2);
        assert!(run.err.contains(expected), "{more:?}: {}", run.err);
        assert!(run.out.is_empty(), "{more:?}: {}", run.out);
    }
    assert!(!place.file("state/tokens.jsonl").exists());
}

#[test]
fn an_agent_of_two_organisations_must_be_named_with_one() {
    let place = Place::with_policy();
    let more = "organisations:\n  other:\n    agents:\n      my-agent: {}\n";
    std::fs::write(place.file("other.yaml"), more).unwrap();
    let run = place
        .run(&["token", "issue", "--agent", "my-agent"])
        .ended(2);
    assert!(
        run.err.contains("my-org/my-agent, other/my-agent"),
        "{}",
        run.err
    );
    place
        .run(&["token", "issue", "--agent", "my-org/my-agent"])
        .ended(0);
    let unpushed = place
        .run(&["token", "issue", "--agent", "other/my-agent"])
        .ended(0);
    assert!(unpushed.err.contains("has no role"), "{}", unpushed.err);
    assert!(unpushed.err.contains("varictl push"), "{}", unpushed.err);
}

#[test]
fn a_revoked_token_is_revoked_with_all_its_children_and_a_bad_policy_is_not_in_the_way() {
    let place = Place::with_policy();
    let token = issue(&place, &[]);
    let narrowed = place
        .run_with(&["token", "attenuate", "--ttl", "1m"], &token)
        .out;
    let listed = place.run(&["token", "list", "--json"]).ended(0).json();
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed[0]["state"], "live");
    place.edit("roles: [developer]", "roles: [unfinished");
    let run = place.run(&["token", "revoke", &id]).ended(0);
    assert!(
        run.out.contains("takes effect when one starts"),
        "{}",
        run.out
    );
    for token in [token.as_str(), narrowed.trim_end()] {
        let said = place.run(&["token", "inspect", "--json", token]).json();
        assert_eq!(said["revoked"], true);
    }
    let live = place.run(&["token", "list"]).ended(0);
    assert!(
        !live.out.contains(&id) && live.err.contains("1 more"),
        "{live:?}"
    );
    let all = place.run(&["token", "list", "--all"]).ended(0);
    assert!(
        all.out.contains(&id) && all.out.contains("revoked"),
        "{}",
        all.out
    );
    let current = std::fs::read(place.file("state/current.snapshot")).unwrap();
    assert_eq!(
        current,
        std::fs::read(place.file("state/snapshots/2.snapshot")).unwrap()
    );
}

#[test]
fn a_token_is_revoked_by_itself_as_well_as_by_its_id() {
    let place = Place::with_policy();
    let token = issue(&place, &[]);
    place.run_with(&["token", "revoke"], &token).ended(0);
    assert_eq!(
        place.run(&["token", "inspect", "--json", &token]).json()["revoked"],
        true
    );
    let again = place.run(&["token", "revoke", &token]).ended(0);
    assert!(again.err.contains("revoked before"), "{}", again.err);
    let lines = std::fs::read_to_string(place.file("state/revoked.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 1);
    place.run(&["token", "revoke", "neither"]).ended(2);
}

#[test]
fn a_token_stands_in_no_file_of_the_directory() {
    let place = Place::with_policy();
    let token = issue(&place, &[]);
    let line = std::fs::read_to_string(place.file("state/tokens.jsonl")).unwrap();
    assert!(line.contains("my-agent") && !line.contains(&token));
    assert!(!line.contains(&token[..40]));
}

#[test]
fn what_is_no_token_is_refused() {
    let place = Place::with_policy();
    for text in ["", "x", "eyJhbGciOiJIUzI1NiJ9.e30.x"] {
        place.run_with(&["token", "inspect"], text).ended(2);
        place
            .run_with(&["token", "attenuate", "--ttl", "1m"], text)
            .ended(2);
    }
}
