//! Every command explains itself.

use crate::program::Place;

const COMMANDS: &[&[&str]] = &[
    &[],
    &["init"],
    &["import"],
    &["catalog"],
    &["catalog", "search"],
    &["catalog", "show"],
    &["catalog", "add"],
    &["catalog", "import"],
    &["discover"],
    &["doctor"],
    &["kill"],
    &["sandbox"],
    &["sandbox", "try"],
    &["sandbox", "layers"],
    &["revive"],
    &["check"],
    &["compile"],
    &["diff"],
    &["explain"],
    &["fmt"],
    &["push"],
    &["replay"],
    &["rollback"],
    &["status"],
    &["token"],
    &["token", "issue"],
    &["token", "attenuate"],
    &["token", "inspect"],
    &["token", "revoke"],
    &["token", "list"],
    &["tools", "flags"],
    &["audit"],
    &["audit", "verify"],
    &["audit", "tail"],
    &["audit", "query"],
    &["audit", "show"],
    &["audit", "export"],
    &["audit", "report"],
    &["approvals"],
    &["approvals", "serve"],
    &["approvals", "link"],
    &["approvals", "approver"],
    &["approvals", "approver", "add"],
    &["approvals", "approver", "list"],
    &["approvals", "approver", "remove"],
    &["channels"],
    &["channels", "test"],
    &["vault"],
    &["vault", "init"],
    &["vault", "set"],
    &["vault", "list"],
    &["vault", "rm"],
    &["vault", "rotate"],
    &["vault", "rekey"],
    &["vault", "key"],
    &["vault", "unlock"],
    &["vault", "export"],
    &["vault", "import"],
    &["vault", "audit"],
    &["schema"],
    &["tools"],
    &["tools", "list"],
    &["tools", "diff"],
    &["tools", "approve"],
];

#[test]
fn every_command_has_a_help_text_that_begins_with_its_purpose() {
    let place = Place::empty();
    for command in COMMANDS {
        let run = place.run(&[*command, &["--help"]].concat()).ended(0);
        let purpose = run.out.lines().next().unwrap();
        assert!(
            purpose.len() > 15 && purpose.len() <= 80,
            "{command:?}: {purpose}"
        );
        assert!(run.out.contains("Usage: varictl"), "{command:?}");
        assert!(run.err.is_empty(), "{command:?}: {}", run.err);
    }
}

#[test]
fn the_commands_that_need_it_show_examples() {
    let place = Place::empty();
    let commands: [&[&str]; 6] = [
        &["audit", "query", "--help"],
        &["audit", "export", "--help"],
        &["audit", "report", "--help"],
        &["push", "--help"],
        &["fmt", "--help"],
        &["token", "issue", "--help"],
    ];
    for command in commands {
        assert!(place.run(command).out.contains("Examples:"), "{command:?}");
    }
    assert!(
        place
            .run(&["token", "attenuate", "--help"])
            .out
            .contains("Examples:")
    );
}

#[test]
fn wrong_use_ends_with_two_and_says_so_on_standard_error() {
    let place = Place::empty();
    let uses: &[&[&str]] = &[
        &[],
        &["nonsense"],
        &["check", "--nonsense"],
        &["check", "--dir", "missing"],
        &["check"],
        &["push", "--to", "host:1"],
        &["token", "attenuate", "x"],
        &["token", "issue"],
        &["token", "issue", "--agent", "a", "--ttl", "soon"],
        &["token", "issue", "--agent", "a", "--limit", "60"],
        &["audit", "query", "--since", "soon"],
        &["audit", "query", "--intent", "reed"],
        &["audit", "query", "--on", "today", "--since", "1h"],
        &["audit", "export", "--format", "xml"],
        &["audit", "report", "--from", "1h", "--to", "2h"],
    ];
    for arguments in uses {
        let run = place.run(arguments).ended(2);
        assert!(run.out.is_empty(), "{arguments:?}: {}", run.out);
        assert!(!run.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_schema_is_a_json_schema() {
    let schema = Place::empty().run(&["schema"]).ended(0).json();
    assert!(
        schema["$schema"]
            .as_str()
            .unwrap()
            .contains("json-schema.org")
    );
    assert!(schema["properties"]["servers"].is_object());
}

#[test]
fn nothing_is_coloured_when_nobody_looks() {
    let place = Place::with_policy();
    for arguments in [["check"].as_slice(), &["status"], &["nonsense"]] {
        let run = place.run(arguments);
        assert!(
            !run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'),
            "{run:?}"
        );
    }
}
