//! What test cases of rule files are and say.

use varistor_rules::{Known, Outcome, Source, parse, test};

const RULES: &str = r##"RULE "refunds need a human"
IF tool.category = "financial" AND action.type = "destructive"
THEN require_human_approval
 AND notify_channel("slack", "#security-alerts")
 AND log_level("critical")

RULE "nothing leaves after private data was read"
IF (action.type = "exfiltrative" OR tool.tags CONTAINS "external-out")
   AND history.count(action.type = "read" AND tool.tags CONTAINS "private-read", within = 30m) > 0
THEN deny("data read in this session may not leave")

RULE "small reads"
IF action.type = "read" AND args.limit <= 100
THEN allow

RULE "nights"
IF time.zone = "Europe/Berlin" AND time.hour IN 22..6
THEN flag_for_review

RULE "new recipients"
IF tool.name = "send" AND NOT history.seen(args.to, per = agent)
THEN require_human_approval
"##;

fn run(cases: &str) -> Vec<Outcome> {
    let text = format!("{RULES}{cases}");
    let source = Source {
        name: "acme.rules",
        text: &text,
    };
    let parsed = parse(0, &text);
    assert_eq!(parsed.diagnostics, []);
    test(&[source], &[parsed.file], &Known::default()).unwrap_or_else(|found| {
        panic!("{}", varistor_rules::render(&found, &[source]));
    })
}

#[test]
fn what_is_as_expected_passes() {
    let outcomes = run(r##"
TEST "a refund is held"
GIVEN tool.server = "stripe" AND tool.name = "create_refund" AND tool.category = "financial"
  AND action.type = "destructive" AND args.amount = 50000
EXPECT require_human_approval AND log_level("critical")
   AND notify_channel("slack", "#security-alerts")

TEST "nothing leaves"
EARLIER action.type = "read" AND tool.tags = ("private-read", "x"), ago = 10m, times = 2
GIVEN action.type = "exfiltrative"
EXPECT deny

TEST "the reason is told"
EARLIER action.type = "read" AND tool.tags CONTAINS "private-read"
GIVEN action.type = "exfiltrative"
EXPECT deny("data read in this session may not leave")

TEST "an hour later it may leave"
EARLIER action.type = "read" AND tool.tags CONTAINS "private-read", ago = 1h
GIVEN action.type = "exfiltrative"
EXPECT nothing

TEST "another session may"
EARLIER action.type = "read" AND tool.tags CONTAINS "private-read" AND session.id = "other"
GIVEN action.type = "exfiltrative"
EXPECT nothing

TEST "small reads pass"
GIVEN action.type = "read" AND args.limit = 100
EXPECT allow

TEST "reads without a limit are not allowed by a rule"
GIVEN action.type = "read"
EXPECT nothing

TEST "at night"
GIVEN action.type = "write" AND time.zone = "Europe/Berlin" AND time.hour = 3
EXPECT flag_for_review

TEST "by day"
GIVEN action.type = "write" AND time.hour = 12
EXPECT nothing

TEST "a new recipient is held"
EARLIER tool.name = "send" AND action.type = "write" AND args.to = "bob", ago = 7d
GIVEN tool.name = "send" AND action.type = "write" AND args.to = "eve"
EXPECT require_human_approval

TEST "a known one is not"
EARLIER tool.name = "send" AND action.type = "write" AND args.to = "bob", ago = 7d
GIVEN tool.name = "send" AND action.type = "write" AND args.to = "bob"
EXPECT nothing
"##);
    assert_eq!(outcomes.len(), 11);
    for outcome in outcomes {
        assert_eq!(outcome.failure, None, "{}", outcome.name);
    }
}

#[test]
fn what_fails_says_what_happened() {
    let outcomes = run(r#"
TEST "a refund is allowed"
GIVEN tool.category = "financial" AND action.type = "destructive"
EXPECT allow
"#);
    assert_eq!(outcomes[0].place, "acme.rules:24");
    let expected = "\
expected allow, found hold
rule \"refunds need a human\" (acme.rules:1) holds:
  action.type = \"destructive\": true
  tool.category = \"financial\": true
given tool.category = \"financial\" AND action.type = \"destructive\"";
    assert_eq!(outcomes[0].failure.as_deref(), Some(expected));
}

#[test]
fn what_is_missing_is_told_with_the_rules_that_do_not_hold() {
    let outcomes = run(r#"
TEST "a refund is held and flagged"
GIVEN tool.category = "other" AND action.type = "destructive"
EXPECT require_human_approval AND flag_for_review
"#);
    let expected = "\
expected hold, found nothing
expected flag_for_review, which does not follow
rule \"refunds need a human\" (acme.rules:1) does not hold:
  action.type = \"destructive\": true
  tool.category = \"financial\": false
rule \"new recipients\" (acme.rules:20) does not hold:
  tool.name = \"send\": false
  history.seen(args.to, per = agent): unknown
given tool.category = \"other\" AND action.type = \"destructive\"";
    assert_eq!(outcomes[0].failure.as_deref(), Some(expected));
}

#[test]
fn facts_that_fit_no_field_are_mistakes() {
    for (given, message) in [
        ("tool.nmae = \"x\"", "unknown field `tool.nmae`"),
        ("tool.name != \"x\"", "not a fact"),
        ("action.type = 5", "wrong type: found a number"),
        ("history.count(args.a = 1, within = 1h) = 2", "not a fact"),
        ("args.a = 1 AND args.a.b = 2", "not a fact"),
        ("args[*] = 1", "not a fact"),
        (
            "time.zone = \"Mars/Base\"",
            "unknown time zone \"Mars/Base\"",
        ),
    ] {
        let text = format!("TEST \"t\" GIVEN {given} EXPECT nothing");
        let source = Source {
            name: "t.rules",
            text: &text,
        };
        let parsed = parse(0, &text);
        assert_eq!(parsed.diagnostics, [], "{text}");
        let found = test(&[source], &[parsed.file], &Known::default()).unwrap_err();
        assert_eq!(found[0].message, message, "{text}");
    }
}
