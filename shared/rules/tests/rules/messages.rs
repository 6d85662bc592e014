//! What a person is told, word for word.

use varistor_rules::{Diagnostic, Known, KnownTool, Severity, Source, check, parse, render};

fn known() -> Known {
    let tool = |server: &str, name: &str, category: &str, tags: &[&str]| KnownTool {
        server: server.to_owned(),
        name: name.to_owned(),
        category: category.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    };
    let all = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    Known {
        servers: all(&["stripe", "github"]),
        tools: Some(vec![
            tool("stripe", "create_refund", "financial", &["money"]),
            tool("github", "create_issue", "source-control", &[]),
        ]),
        categories: all(&["financial", "source-control"]),
        tags: all(&["money"]),
        roles: all(&["admin", "developer"]),
        entities: all(&["email", "credit_card"]),
        channels: all(&["slack"]),
        ..Known::default()
    }
}

fn found(text: &str, known: &Known) -> Vec<Diagnostic> {
    let source = Source {
        name: "acme.rules",
        text,
    };
    let parsed = parse(0, text);
    let mut all = parsed.diagnostics;
    all.extend(check(&[source], &[parsed.file], known));
    all
}

fn told(text: &str) -> String {
    let source = Source {
        name: "acme.rules",
        text,
    };
    render(&found(text, &known()), &[source])
}

#[test]
fn all_mistakes_of_a_file_are_told_in_one_run() {
    let text = "\
RULE \"a\"
IF tool.nmae = \"x\" AND action.type = \"destructiv\"
THEN deny

RULE \"b\"
IF tool.tags = \"x\" && args.x
THEN denny AND log_level(\"critcal\")

RULE \"a\"
IF tool.server = 5 AND request.bytes > 10kB
THEN allow AND deny
";
    let expected = "\
error: unknown sign `&&`
 --> acme.rules:6:20
  |
6 | IF tool.tags = \"x\" && args.x
  |                    ^^ not in this language
  = help: write `AND`

error: unknown action `denny`
 --> acme.rules:7:6
  |
7 | THEN denny AND log_level(\"critcal\")
  |      ^^^^^ expected one of allow, deny, require_human_approval, redact, notify_channel, \
log_level, limit, flag_for_review, end_session
  = help: did you mean `deny`?

error: unknown unit `kB`
  --> acme.rules:10:40
   |
10 | IF tool.server = 5 AND request.bytes > 10kB
   |                                        ^^^^ expected ms, s, m, h, d, w or B, KB, MB, GB
   = help: did you mean `KB`?

error: unknown field `tool.nmae`
 --> acme.rules:2:4
  |
2 | IF tool.nmae = \"x\" AND action.type = \"destructiv\"
  |    ^^^^^^^^^ there is no such field
  = help: did you mean `tool.name`?

error: unknown name \"destructiv\"
 --> acme.rules:2:38
  |
2 | IF tool.nmae = \"x\" AND action.type = \"destructiv\"
  |                                      ^^^^^^^^^^^^ expected one of read, write, destructive, \
exfiltrative
  = help: did you mean `destructive`?

error: `tool.tags` is a set of strings, `=` does not fit
 --> acme.rules:6:4
  |
6 | IF tool.tags = \"x\" && args.x
  |    ^^^^^^^^^^^^^^^ expected `CONTAINS`, `IN` or `EXISTS`

error: unknown level \"critcal\"
 --> acme.rules:7:26
  |
7 | THEN denny AND log_level(\"critcal\")
  |                          ^^^^^^^^^ expected one of debug, info, notice, warning, error, critical
  = help: did you mean `critical`?

error: a second rule \"a\"
 --> acme.rules:9:6
  |
9 | RULE \"a\"
  |      ^^^ the first one stands at acme.rules:1

error: wrong type: found a number
  --> acme.rules:10:18
   |
10 | IF tool.server = 5 AND request.bytes > 10kB
   |                  ^ expected a string between quotes

error: wrong type: found a duration
  --> acme.rules:10:40
   |
10 | IF tool.server = 5 AND request.bytes > 10kB
   |                                        ^^^^ expected a size such as 10KB, or a whole \
number of bytes

error: actions contradict each other
  --> acme.rules:11:6
   |
11 | THEN allow AND deny
   |      ^^^^^ a stricter action of the same rule overrules it
";
    assert_eq!(told(text), expected);
}

/// The first message about a condition, and the text that it underlines.
fn first(condition: &str) -> (String, String, String) {
    let text = format!("RULE \"r\" IF {condition} THEN deny");
    let all = found(&text, &known());
    let one = all
        .first()
        .unwrap_or_else(|| panic!("{condition} is right"));
    let place = one.span.of(&text).to_owned();
    (one.message.clone(), place, one.label.clone())
}

/// A condition, the message about it, and the text that it underlines.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "tool.name",
        "`tool.name` is a string, not true or false",
        "tool.name",
    ),
    (
        "tool.tags = \"x\"",
        "`tool.tags` is a set of strings, `=` does not fit",
        "tool.tags = \"x\"",
    ),
    (
        "tool.name > \"x\"",
        "`tool.name` is a string, `>` does not fit",
        "tool.name > \"x\"",
    ),
    (
        "tool.name = (\"x\", \"y\")",
        "`tool.name` is a string, `=` does not fit",
        "tool.name = (\"x\", \"y\")",
    ),
    ("token.age > 30", "wrong type: found a number", "30"),
    ("action.confidence < 0.8", "0.8 does not fit", "0.8"),
    ("time.hour = 24", "24 does not fit", "24"),
    ("time.hour IN 9..30m", "wrong type: found a duration", "30m"),
    ("request.bytes IN 5..2", "an empty range", "5..2"),
    ("args.a IN 5..2", "an empty range", "5..2"),
    ("args.a > 30m", "wrong type: found a duration", "30m"),
    ("args.a > \"x\"", "wrong type: found a string", "\"x\""),
    (
        "args.a IN (1, \"x\")",
        "wrong type: found a string",
        "\"x\"",
    ),
    (
        "dlp.found(\"emial\")",
        "unknown entity \"emial\"",
        "\"emial\"",
    ),
    ("dlp.fond(\"email\")", "unknown function", "dlp.fond"),
    (
        "args.a MATCHES \"(\"",
        "not a regular expression that can be used",
        "\"(\"",
    ),
    (
        "args.a MATCHES '(\\w{100}){100}{100}'",
        "not a regular expression that can be used",
        "'(\\w{100}){100}{100}'",
    ),
    (
        "history.count(args.a = 1) > 0",
        "`within` is missing",
        "args.a = 1",
    ),
    (
        "history.count(history.seen(args.a), within = 1h) > 0",
        "history within history",
        "args.a",
    ),
    (
        "history.seen(time.hour)",
        "`history.seen` can't remember values of this field",
        "time.hour",
    ),
    (
        "NOT time.zone = \"UTC\"",
        "`time.zone` sets the zone of a whole rule",
        "time.zone = \"UTC\"",
    ),
    (
        "time.zone = \"Mars\"",
        "unknown time zone \"Mars\"",
        "\"Mars\"",
    ),
    ("time.weekday = mondy", "found `mondy`", "mondy"),
    (
        "time.date = 2026-13-01",
        "there is no 2026-13-01",
        "2026-13-01",
    ),
    ("args.a = \"x", "string without an end", "\"x THEN deny"),
    ("args.a = \"\\d\"", "unknown escape `\\d`", "\\d"),
    ("args.a = “x”", "unexpected character '“'", "“"),
    ("tool.name == \"create_refund\"", "unknown sign `==`", "=="),
    ("5 < args.a", "unexpected value", "5"),
    ("tool.name in (\"x\")", "found `in`", "in"),
    ("tool.name IN \"x\"", "found `THEN`", "THEN"),
    ("(args.a = 1", "found `THEN`", "THEN"),
    ("args.a = 1 args.b = 2", "found `args`", "args"),
    ("args.0 = 1", "found a number", "0"),
    ("args[-1] = 1", "found a number", "-1"),
    (
        "tool.name = \"create_refnd\"",
        "no known tool \"create_refnd\"",
        "\"create_refnd\"",
    ),
    (
        "tool.server = \"strip\"",
        "no known server \"strip\"",
        "\"strip\"",
    ),
    (
        "tool.tags CONTAINS \"mony\"",
        "no known tag \"mony\"",
        "\"mony\"",
    ),
    (
        "agent.roles CONTAINS \"admn\"",
        "no known role \"admn\"",
        "\"admn\"",
    ),
    (
        "tool.name MATCHES \"^delete_\"",
        "the pattern matches no known tool",
        "\"^delete_\"",
    ),
    (
        "tool.name STARTS WITH \"delete\"",
        "no known tool fits",
        "\"delete\"",
    ),
];

#[test]
fn a_message_says_what_was_found_where_and_what_was_expected() {
    for (condition, message, place) in MISTAKES {
        let (found, underlined, label) = first(condition);
        assert_eq!(
            (found.as_str(), underlined.as_str()),
            (*message, *place),
            "{condition}"
        );
        assert!(!label.is_empty(), "{condition}");
    }
}

fn lints(text: &str) -> Vec<String> {
    let all = found(text, &known());
    assert!(
        all.iter().all(|one| one.severity == Severity::Warning),
        "{all:?}"
    );
    all.into_iter().map(|one| one.message).collect()
}

#[test]
fn a_rule_that_can_never_hold_is_told() {
    for (condition, never) in [
        (
            "tool.name = \"create_issue\" AND tool.name = \"create_refund\"",
            true,
        ),
        (
            "tool.name = \"create_issue\" AND tool.name != \"create_issue\"",
            true,
        ),
        (
            "tool.name = \"create_issue\" AND NOT tool.name STARTS WITH \"create\"",
            true,
        ),
        (
            "agent.id STARTS WITH \"create\" AND agent.id STARTS WITH \"creation\"",
            true,
        ),
        ("args.a > 5 AND args.a < 3", true),
        ("args.a > 5 AND args.a <= 5", true),
        ("args.a >= 5 AND args.a <= 5", false),
        ("args.a[*] > 5 AND args.a[*] < 3", false),
        ("args.a = \"x\" AND args.a = \"y\"", true),
        ("args.a = true AND args.a = \"y\"", true),
        ("action.type = \"read\" AND action.type >= \"write\"", true),
        (
            "action.type != \"read\" AND action.type != \"write\" \
             AND action.type < \"destructive\"",
            true,
        ),
        ("time.hour IN 22..6 AND time.hour IN 9..17", true),
        ("time.hour IN 22..6 AND time.hour IN 5..17", false),
        ("request.bytes < 0", true),
        ("dlp.found(\"email\") AND dlp.count(\"email\") = 0", true),
        ("(args.a = 1 AND NOT args.a = 1) OR args.b = 1", false),
        (
            "(args.a = 1 AND NOT args.a = 1) OR (args.b > 1 AND args.b < 1)",
            true,
        ),
        ("agent.id = \"a\" OR agent.id = \"b\"", false),
    ] {
        let told = lints(&format!("RULE \"r\" IF {condition} THEN deny"));
        let expected = ["rule \"r\" can never hold".to_owned()];
        assert_eq!(told == expected, never, "{condition}: {told:?}");
    }
}

#[test]
fn a_rule_that_changes_nothing_is_told() {
    for (narrow, wide, covered) in [
        (
            "args.a = 1 AND args.b = 1 THEN deny",
            "args.a = 1 THEN deny",
            true,
        ),
        (
            "args.a = 1 THEN require_human_approval",
            "args.a = 1 THEN deny",
            true,
        ),
        (
            "args.a = 1 THEN allow",
            "args.a = 1 THEN redact(\"email\")",
            true,
        ),
        (
            "args.a = 1 THEN deny",
            "args.a = 1 AND args.b = 1 THEN deny",
            true,
        ),
        (
            "args.a = 1 AND args.c = 1 THEN deny",
            "args.a = 1 AND args.b = 1 THEN deny",
            false,
        ),
        (
            "args.a = 1 THEN deny AND flag_for_review",
            "args.a = 1 THEN deny AND end_session",
            false,
        ),
        (
            "args.a = 1 THEN redact(\"email\")",
            "args.a = 1 THEN redact(\"email\", \"credit_card\")",
            true,
        ),
        (
            "args.a = 1 THEN redact(\"email\")",
            "args.a = 1 THEN require_human_approval",
            false,
        ),
        (
            "agent.id = \"a\" THEN deny",
            "agent.id IN (\"a\", \"b\") THEN deny",
            true,
        ),
        (
            "agent.id = \"ab\" THEN deny",
            "agent.id STARTS WITH \"a\" THEN deny",
            true,
        ),
        (
            "agent.id = \"ba\" THEN deny",
            "agent.id STARTS WITH \"a\" THEN require_human_approval",
            false,
        ),
        (
            "session.calls > 10 THEN deny",
            "session.calls > 5 THEN deny",
            true,
        ),
        (
            "args.a = 1 THEN limit(1/hour)",
            "args.a = 1 THEN deny",
            false,
        ),
        (
            "args.a = \"x\" THEN deny",
            "args.a CONTAINS \"x\" THEN deny",
            false,
        ),
    ] {
        let told = lints(&format!("RULE \"r\" IF {narrow}\nRULE \"s\" IF {wide}\n"));
        assert_eq!(
            told.len(),
            usize::from(covered),
            "{narrow} / {wide}: {told:?}"
        );
        assert!(
            told.iter().all(|one| one.ends_with("changes nothing")),
            "{told:?}"
        );
    }
    let shadow = "RULE \"r\" IF args.a = 1 THEN deny RULE \"s\" SHADOW IF args.a = 1 THEN deny";
    assert_eq!(lints(shadow), Vec::<String>::new());
}

#[test]
fn tests_of_several_tools_that_fit_none_are_told() {
    let rule = |condition: &str| lints(&format!("RULE \"r\" IF {condition} THEN deny"));
    let none = ["rule \"r\" fits no known tool".to_owned()];
    assert_eq!(
        rule("tool.server = \"stripe\" AND tool.name = \"create_issue\""),
        none
    );
    assert_eq!(
        rule("tool.category = \"financial\" AND NOT tool.tags CONTAINS \"money\""),
        none
    );
    assert!(rule("tool.server = \"stripe\" AND tool.name = \"create_refund\"").is_empty());
    assert!(rule("NOT tool.server = \"stripe\"").is_empty());
}

#[test]
fn nothing_is_said_of_what_is_not_known() {
    let text = "RULE \"r\" IF tool.server = \"nobody\" AND tool.name MATCHES \"x\" \
                AND tool.tags CONTAINS \"y\" AND dlp.found(\"z\") THEN deny";
    assert_eq!(found(text, &Known::default()), []);
}

#[test]
fn a_pattern_that_allows_more_than_it_shows_is_told() {
    let rule = |pattern: &str, action: &str| {
        lints(&format!(
            "RULE \"r\" IF args.p MATCHES '{pattern}' THEN {action}"
        ))
        .len()
    };
    assert_eq!(rule("/srv/docs/.*", "allow"), 1);
    assert_eq!(rule("^/srv/docs/|x$", "allow"), 1);
    assert_eq!(rule("^/srv/docs/[a|b]+$", "allow"), 0);
    assert_eq!(rule("/srv/docs/.*", "deny"), 0);
}

#[test]
fn tabs_wide_letters_and_file_ends_are_underlined_where_they_are() {
    let text = "RULE \"é\"\n\tIF args.ü = 1";
    let parsed = parse(0, text);
    let source = Source { name: "x", text };
    let shown = render(&parsed.diagnostics[..1], &[source]);
    let expected = "\
error: unexpected character 'ü'
 --> x:2:10
  |
2 | \tIF args.ü = 1
  | \t        ^ means nothing here
";
    assert_eq!(shown, expected);
    let end = parse(0, "RULE \"r\" IF args.a = 1");
    assert_eq!(end.diagnostics[0].message, "found the end of the file");
}

#[test]
fn an_error_behind_many_warnings_is_told_and_stops_the_compilation() {
    let warned = |at: usize| format!("RULE \"r{at}\" IF tool.server = \"no{at}\" THEN deny\n");
    let mut text: String = (0..300).map(warned).collect();
    text.push_str("RULE \"last\" IF dlp.found(\"nothing\") THEN deny\n");
    let source = Source {
        name: "acme.rules",
        text: &text,
    };
    let file = parse(0, &text).file;
    let refused = varistor_rules::compile(&[source], &[file], &known()).unwrap_err();
    let error = refused.last().unwrap();
    assert_eq!(error.severity, Severity::Error);
    assert_eq!(error.message, "unknown entity \"nothing\"");
}

#[test]
fn of_a_long_line_the_part_around_the_place_is_drawn() {
    let long = "x".repeat(10_000);
    let text = format!("RULE \"{long}\" IF dlp.found(\"nothing\") THEN deny(\"{long}\")\n");
    let told = told(&text);
    let lines: Vec<&str> = told.lines().collect();
    let at = lines.iter().position(|line| line.contains("^^")).unwrap();
    let (drawn, mark) = (lines[at - 1], lines[at]);
    assert!(drawn.chars().count() < 300, "{told}");
    let column = mark.find('^').unwrap();
    let width = mark.matches('^').count();
    assert_eq!(&drawn[column..column + width], "\"nothing\"", "{told}");
}
