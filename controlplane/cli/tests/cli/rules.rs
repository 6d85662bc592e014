//! Rule files: checked, tested, formatted, compared, and seen at work in `explain`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use serde_json::json;

use crate::program::Place;

const GOOD: &str = "\
RULE \"no export\"
IF tool.name STARTS WITH \"export_\"
THEN deny(\"nothing leaves\")
";
const UGLY: &str = "# Why it is so.\nRULE   'no export' IF tool.name STARTS WITH 'export_' # all\n\
                    THEN deny('nothing leaves')\n";

fn write(place: &Place, name: &str, text: &str) -> PathBuf {
    let path = place.file(name);
    fs::write(&path, text).unwrap();
    path
}

fn read(place: &Place, name: &str) -> String {
    fs::read_to_string(place.file(name)).unwrap()
}

#[test]
fn check_underlines_mistakes_of_rules_beside_those_of_the_policy() {
    let place = Place::with_policy();
    place.edit("roles: [developer]", "roles: [developper]");
    let text = "\tRULE \"a\u{202e}\" IF tool.srver = \"x\" THEN deny\n";
    write(&place, "a.rules", text);
    let run = place.run(&["check"]).ended(2);
    let drawn = "error: a.rules:1:15: unknown field `tool.srver`\n  |\n1 | \tRULE \"a\u{fffd}\" IF \
                 tool.srver = \"x\" THEN deny\n  | \t             ^^^^^^^^^^ there is no such \
                 field\n  = help: did you mean `tool.server`?\n";
    assert!(run.err.contains(drawn), "{}", run.err);
    assert!(
        run.err.contains("the unknown role \"developper\""),
        "{}",
        run.err
    );
    assert!(
        run.err.ends_with("2 problems in the policy directory\n"),
        "{}",
        run.err
    );
    let answer = place.run(&["check", "--json"]).ended(2).json();
    let expected = json!({"file": "a.rules", "line": 1, "column": 15,
        "found": "unknown field `tool.srver`", "expected": "there is no such field",
        "help": "did you mean `tool.server`?"});
    assert_eq!(answer["problems"][0], expected);
}

#[test]
fn check_warns_of_names_that_fit_nothing_and_counts_rules() {
    let place = Place::with_policy();
    let text = "RULE \"a\" IF tool.server = \"exmaple\" THEN deny\n";
    write(&place, "a.rules", text);
    let run = place.run(&["check"]).ended(0);
    let told = "warning: a.rules:1:27: no known server \"exmaple\"\n";
    assert!(run.err.starts_with(told), "{}", run.err);
    assert!(run.err.contains("did you mean `example`?"), "{}", run.err);
    assert!(run.out.ends_with(", 1 rule\n"), "{}", run.out);
    assert_eq!(place.run(&["check", "--json"]).json()["counts"]["rules"], 1);
}

#[test]
fn a_test_that_fails_stops_whatever_needs_the_policy() {
    let place = Place::with_policy();
    let case = |expected: &str| {
        format!("{GOOD}\nTEST \"exports\"\nGIVEN tool.name = \"export_all\"\nEXPECT {expected}\n")
    };
    write(&place, "a.rules", &case("allow"));
    for arguments in [["check"].as_slice(), &["compile"], &["push"], &["diff"]] {
        let run = place.run(arguments).ended(2);
        for told in [
            "error: a.rules:5:6: the test \"exports\" fails",
            "expected allow, found deny",
            "rule \"no export\" (a.rules:1) holds:",
            "tool.name STARTS WITH \"export_\": true",
        ] {
            assert!(run.err.contains(told), "{arguments:?}: {}", run.err);
        }
        assert!(run.out.is_empty(), "{arguments:?}: {}", run.out);
    }
    write(&place, "a.rules", &case("deny"));
    place.run(&["check"]).ended(0);
    assert_eq!(
        place.run(&["compile", "--json"]).ended(0).json()["generation"],
        2
    );
}

#[test]
fn fmt_shapes_the_files_of_the_directory_in_place() {
    let place = Place::with_policy();
    let path = write(&place, "a.rules", UGLY);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    let elsewhere = place.root().join("shared.rules");
    fs::write(&elsewhere, UGLY).unwrap();
    symlink(&elsewhere, place.file("b.rules")).unwrap();
    write(&place, "c.rules", GOOD);
    let told = "varistor/a.rules\nvaristor/b.rules\n";
    let run = place.run(&["fmt", "--check"]).ended(1);
    assert_eq!(run.out, told);
    assert_eq!(read(&place, "a.rules"), UGLY);

    assert_eq!(place.run(&["fmt"]).ended(0).out, told);
    let shaped = read(&place, "a.rules");
    for kept in [
        "# Why it is so.\n",
        "# all\n",
        "THEN deny(\"nothing leaves\")\n",
    ] {
        assert!(shaped.contains(kept), "{shaped}");
    }
    assert_eq!(read(&place, "b.rules"), shaped);
    assert_eq!(read(&place, "c.rules"), GOOD);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o664
    );
    assert!(place.file("b.rules").is_symlink());
    let left = fs::read_dir(place.root().join("varistor")).unwrap();
    let left = left.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().contains(".new")
    });
    assert_eq!(left.count(), 0);
    assert_eq!(place.run(&["fmt", "--check"]).ended(0).out, "");
    assert_eq!(place.run(&["fmt"]).ended(0).out, "");
}

#[test]
fn fmt_leaves_files_with_mistakes_and_shapes_the_others() {
    let place = Place::with_policy();
    let broken = "RULE 'a' IF THEN deny\n";
    write(&place, "a.rules", broken);
    write(&place, "b.rules", UGLY);
    let run = place.run(&["fmt"]).ended(2);
    let told = "error: found `THEN`\n --> varistor/a.rules:1:13\n  |\n1 | RULE 'a' IF THEN deny\n";
    assert!(run.err.starts_with(told), "{}", run.err);
    assert_eq!(read(&place, "a.rules"), broken);
    assert_ne!(read(&place, "b.rules"), UGLY);
}

#[test]
fn fmt_takes_named_files_without_a_policy_directory() {
    let place = Place::empty();
    fs::write(place.root().join("x.rules"), UGLY).unwrap();
    place.run(&["fmt"]).ended(2);
    assert_eq!(
        place.run(&["fmt", "--check", "x.rules"]).ended(1).out,
        "x.rules\n"
    );
    place.run(&["fmt", "x.rules"]).ended(0);
    place.run(&["fmt", "--check", "x.rules"]).ended(0);
    let missing = place.run(&["fmt", "y.rules"]).ended(2);
    assert!(
        missing.err.contains("y.rules does not exist"),
        "{}",
        missing.err
    );
    place.run(&["fmt", "."]).ended(2);
}

#[test]
fn the_rules_that_init_leaves_are_in_shape_and_work_when_they_are_wanted() {
    let place = Place::with_policy();
    place.run(&["fmt", "--check"]).ended(0);
    let text = read(&place, "example.rules");
    assert!(
        text.lines()
            .all(|line| line.is_empty() || line.starts_with('#'))
    );
    let code = [
        "RULE", "IF", "THEN", " AND", "   AND", "TEST", "GIVEN", "EXPECT",
    ];
    let wanted = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if code.iter().any(|word| rest.starts_with(word)) => rest,
        _ => line.strip_suffix('#').unwrap_or(line),
    });
    let wanted: Vec<&str> = wanted.collect();
    write(&place, "example.rules", &(wanted.join("\n") + "\n"));
    let run = place.run(&["check"]).ended(0);
    assert!(run.out.ends_with(", 2 rules\n"), "{}", run.out);
    assert!(
        run.err.lines().all(|line| !line.starts_with("error")),
        "{}",
        run.err
    );
    place.run(&["fmt", "--check"]).ended(0);
}

#[test]
fn diff_tells_rules_by_name() {
    let place = Place::with_policy();
    write(&place, "a.rules", GOOD);
    let run = place.run(&["diff", "--exit-code"]).ended(1);
    let told = "+ rule \"no export\": IF tool.name STARTS WITH \"export_\" THEN deny(\"nothing \
                leaves\")\n";
    assert_eq!(run.out, told);
    place.run(&["compile"]).ended(0);
    // Where a rule stands is no change.
    write(&place, "a.rules", &format!("# New.\n\n{GOOD}"));
    place.run(&["diff", "--exit-code"]).ended(0);
    fs::remove_file(place.file("a.rules")).unwrap();
    let answer = place.run(&["diff", "--json"]).ended(0).json();
    assert_eq!(answer["rules"][0]["what"], "\"no export\"");
    assert_eq!(answer["rules"][0]["after"], json!(null));
}

#[test]
fn explain_tells_rules_that_held_and_those_in_shadow() {
    let place = Place::with_policy();
    let rules = "RULE \"reads are fine\" IF action.type = \"read\" THEN allow\n\
                 RULE \"a look\" IF tool.name = \"get_item\" THEN flag_for_review\n\
                 RULE \"soon\" SHADOW IF tool.name = \"get_item\" THEN deny\n\
                 RULE \"no writes\" IF action.type = \"write\" THEN deny(\"read only\")\n";
    write(&place, "a.rules", rules);
    let call = |tool: &str| {
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": tool, "arguments": {}}})
        .to_string()
    };
    let explain = ["explain", "--agent", "my-agent"];
    let said = place.run_with(&explain, &call("get_item")).ended(0).json();
    assert_eq!(said["decision"], "allow", "{said}");
    assert_eq!(said["rules"], json!(["reads are fine", "a look"]), "{said}");
    assert_eq!(
        said["shadow"],
        json!({"decision": "deny", "rule": "soon"}),
        "{said}"
    );
    let human = [explain.as_slice(), &["--human"]].concat();
    let told = place.run_with(&human, &call("get_item")).ended(0).out;
    assert!(told.contains("rules    reads are fine, a look\n"), "{told}");
    assert!(told.contains("shadow   deny by soon\n"), "{told}");
    let said = place
        .run_with(&explain, &call("create_item"))
        .ended(0)
        .json();
    assert_eq!(said["decision"], "deny", "{said}");
    assert_eq!(said["rules"], json!(["no writes"]), "{said}");
    assert!(said.get("shadow").is_none(), "{said}");
    let said = place
        .run_with(&explain, &call("delete_item"))
        .ended(0)
        .json();
    assert!(said.get("rules").is_none(), "{said}");
}
