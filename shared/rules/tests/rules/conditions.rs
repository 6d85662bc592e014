//! What single conditions are for single calls, one a line: `T` true, `F` false, `?` unknown.

use varistor_rules::Truth;
use varistor_rules::vocabulary::{NumberField, SetField, TextField};

use crate::call::{Call, time, truth};

fn expect(rows: &[(&str, char)], call: &Call) {
    for (condition, expected) in rows {
        let found = match truth(condition, call) {
            Truth::True => 'T',
            Truth::False => 'F',
            Truth::Unknown => '?',
        };
        assert_eq!(found, *expected, "{condition}\n{:?}", call.arguments);
    }
}

fn with_arguments(text: &str) -> Call {
    Call {
        arguments: Some(text.to_owned()),
        ..Call::default()
    }
}

#[test]
fn conditions_on_numbers_in_arguments() {
    let call = with_arguments(
        r#"{"n":50000,"f":7.50,"neg":-3,"e":1.5e3,"big":9007199254740993,"s":"50000","sf":"7.5",
           "word":"abc","pad":" 50000","hex":"0x10","zero":-0.0,"null":null,
           "o":{},"l":[5],"t":true}"#,
    );
    expect(
        &[
            ("args.n = 50000", 'T'),
            ("args.n = 50000.0", 'T'),
            ("args.n = 5e4", 'T'),
            ("args.n != 50000", 'F'),
            ("args.n > 49999.999", 'T'),
            ("args.n >= 50000", 'T'),
            ("args.n < 50000", 'F'),
            ("args.n <= 50000", 'T'),
            ("args.n IN 1..50000", 'T'),
            ("args.n IN 1..49999", 'F'),
            ("args.n IN (1, 2, 50000)", 'T'),
            ("args.n NOT IN (1, 2)", 'T'),
            ("args.n > 48KB", 'T'),
            ("args.n > 49KB", 'F'),
            ("args.f = 7.5", 'T'),
            ("args.f < 7.500000000000000000000000001", 'T'),
            ("args.neg < 0", 'T'),
            ("args.neg > -3.1", 'T'),
            ("args.neg <= -3", 'T'),
            ("args.e = 1500", 'T'),
            ("args.zero = 0", 'T'),
            ("args.zero < 0", 'F'),
            // Beyond the integers that a float holds: no digit is rounded away.
            ("args.big > 9007199254740992", 'T'),
            ("args.big <= 9007199254740992", 'F'),
            ("args.big = 9007199254740993", 'T'),
            // Strings that spell a number count as it.
            ("args.s = 50000", 'T'),
            ("args.s > 49999", 'T'),
            ("args.s < 10", 'F'),
            ("args.sf = 7.50", 'T'),
            // Others are of the wrong type.
            ("args.word > 5", '?'),
            ("args.pad > 5", '?'),
            ("args.hex > 5", '?'),
            ("args.null > 5", '?'),
            ("args.o > 5", '?'),
            ("args.l > 5", '?'),
            ("args.t = 1", '?'),
            ("args.missing > 5", '?'),
            ("NOT args.missing > 5", '?'),
            ("args.missing != 5", '?'),
            ("args.n = \"50000\"", '?'),
            ("args.n CONTAINS \"5\"", '?'),
            ("args.n MATCHES \"5\"", '?'),
        ],
        &call,
    );
}

#[test]
fn conditions_on_texts_in_arguments() {
    let call = with_arguments(
        r#"{"sql":"DROP TABLE users","esc":"a\u0062c\n","to":"eve@evil.example","t":true,"f":false,
           "n":5,"empty":"","list":["x","y\u007a"],"mixed":["x",1],"none":[]}"#,
    );
    expect(
        &[
            ("args.sql = \"DROP TABLE users\"", 'T'),
            ("args.sql != \"DROP TABLE users\"", 'F'),
            ("args.sql STARTS WITH \"DROP\"", 'T'),
            ("args.sql STARTS WITH (\"ALTER\", \"DROP\")", 'T'),
            ("args.sql ENDS WITH \"users\"", 'T'),
            ("args.sql NOT ENDS WITH \"users\"", 'F'),
            ("args.sql CONTAINS \"TABLE\"", 'T'),
            ("args.sql CONTAINS \"table\"", 'F'),
            ("args.sql MATCHES '(?i)\\bdrop\\s+table\\b'", 'T'),
            ("args.sql MATCHES '^TABLE'", 'F'),
            ("args.sql IN (\"a\", \"DROP TABLE users\")", 'T'),
            ("args.sql IN [\"a\"]", 'F'),
            ("args.esc = \"abc\\n\"", 'T'),
            ("args.esc STARTS WITH \"ab\"", 'T'),
            ("args.to ENDS WITH \"@ours.example\"", 'F'),
            ("NOT args.to ENDS WITH \"@ours.example\"", 'T'),
            ("args.empty = \"\"", 'T'),
            ("args.t = true", 'T'),
            ("args.t", 'T'),
            ("args.f", 'F'),
            ("NOT args.f", 'T'),
            ("args.t != false", 'T'),
            ("args.n", '?'),
            ("args.sql = true", '?'),
            ("args.list CONTAINS \"x\"", 'T'),
            ("args.list CONTAINS \"yz\"", 'T'),
            ("args.list CONTAINS \"z\"", 'F'),
            ("args.list CONTAINS (\"q\", \"x\")", 'T'),
            ("args.list NOT CONTAINS \"q\"", 'T'),
            ("args.mixed CONTAINS \"x\"", 'T'),
            ("args.mixed CONTAINS \"q\"", '?'),
            ("args.none CONTAINS \"q\"", 'F'),
            ("args.list = \"x\"", '?'),
            ("args.missing = \"x\"", '?'),
            ("args.missing CONTAINS \"x\"", '?'),
        ],
        &call,
    );
}

#[test]
fn conditions_on_places_in_arguments() {
    let call = with_arguments(
        r#"{"a":{"b":{"c":1}},"items":[{"k":"x","n":1},{"k":"y","n":20}],"odd key":{"é.\"":2},
           "holes":[{"k":"x"},{}],"none":[],"nested":[[1,2],[3]],"null":null}"#,
    );
    expect(
        &[
            ("args.a.b.c = 1", 'T'),
            ("args[\"a\"].b[\"c\"] = 1", 'T'),
            ("args[\"odd key\"][\"é.\\\"\"] = 2", 'T'),
            ("args.items[0].k = \"x\"", 'T'),
            ("args.items[1].n > 10", 'T'),
            ("args.items[2].n > 10", '?'),
            ("args.items[*].n > 10", 'T'),
            ("args.items[*].n > 100", 'F'),
            ("args.items[*].k = \"y\"", 'T'),
            // The contrary of "any element is": no element is.
            ("args.items[*].k != \"y\"", 'F'),
            ("args.items[*].k != \"z\"", 'T'),
            ("args.holes[*].k = \"x\"", 'T'),
            ("args.holes[*].k = \"z\"", '?'),
            ("args.none[*].k = \"x\"", 'F'),
            ("args.nested[*][0] = 3", 'T'),
            ("args.nested[*][1] = 5", '?'),
            ("args.nested[0][*] = 2", 'T'),
            ("args.a[*] = 1", '?'),
            ("args.a[0] = 1", '?'),
            ("args.items.k = \"x\"", '?'),
            ("args.a.b.c.d = 1", '?'),
            ("EXISTS args.a.b", 'T'),
            ("args.a.b EXISTS", 'T'),
            ("EXISTS args.null", 'T'),
            ("EXISTS args.none", 'T'),
            ("EXISTS args.none[0]", 'F'),
            ("EXISTS args.holes[*].k", 'T'),
            ("EXISTS args.missing", 'F'),
            ("NOT EXISTS args.missing", 'T'),
            ("EXISTS args", 'T'),
        ],
        &call,
    );
}

#[test]
fn keys_that_some_readers_take_for_others_are_ambiguous() {
    for (arguments, expected) in [
        (r#"{"amount":1}"#, 'F'),
        (r#"{"Amount":99}"#, '?'),
        (r#"{"amount":1,"Amount":99}"#, '?'),
        (r#"{"amount":1,"AMOUNT":99}"#, '?'),
        (r#"{"amount":1,"\u0041mount":99}"#, '?'),
        (r#"{"amount":1,"amounts":99}"#, 'F'),
        (r#"{"\u0061mount":99}"#, 'T'),
        (r#"{"amount":99,"Amount":1}"#, '?'),
    ] {
        expect(
            &[("args.amount > 10", expected)],
            &with_arguments(arguments),
        );
    }
    // The long s and the Kelvin sign are their letters to some.
    let call = with_arguments("{\"desk\":1,\"de\u{17f}\u{212a}\":2}");
    expect(&[("args.desk = 1", '?')], &call);
}

#[test]
fn arguments_that_are_not_there_are_unknown() {
    let none = Call::default();
    let rows = [
        ("args.a = 1", '?'),
        ("EXISTS args.a", 'F'),
        ("args[*] = 1", '?'),
    ];
    expect(&rows, &none);
    for text in [
        "",
        "5",
        "[1]",
        "null",
        "{\"a\":",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":1,}",
    ] {
        expect(&[("args.a = 7", '?')], &with_arguments(text));
    }
}

fn known() -> Call {
    let mut call = Call::default();
    for (field, text) in [
        (TextField::ToolServer, "stripe"),
        (TextField::ToolName, "create_refund"),
        (TextField::ToolCategory, "financial"),
        (TextField::AgentId, "ci-bot"),
        (TextField::AgentTeam, ""),
        (TextField::SessionProtocol, "2026-07-28"),
    ] {
        call.texts.insert(field, text.to_owned());
    }
    let tags = ["external-out", "money"].map(str::to_owned);
    call.sets.insert(SetField::ToolTags, tags.into());
    call.sets.insert(SetField::AgentLabels, Vec::new());
    for (field, number) in [
        (NumberField::ActionType, 2),
        (NumberField::ActionConfidence, 80),
        (NumberField::RequestBytes, 10 * 1024),
        (NumberField::TokenAge, 3_600_000),
        (NumberField::SessionCalls, 3),
    ] {
        call.numbers.insert(field, number);
    }
    let hints = [
        ("readOnlyHint", "false"),
        ("title", "\"Refund\""),
        ("cost", "2.5"),
    ];
    let hints = hints.map(|(name, value)| (name.to_owned(), value.to_owned()));
    call.annotations = hints.into();
    call.findings = Some([("credit_card".to_owned(), 2)].into());
    call
}

#[test]
fn conditions_on_the_tool_and_the_caller() {
    expect(
        &[
            ("tool.server = \"stripe\"", 'T'),
            ("tool.server != \"stripe\"", 'F'),
            ("tool.server IN (\"a\", \"b\")", 'F'),
            ("tool.name MATCHES '^create_'", 'T'),
            (
                "tool.name STARTS WITH \"create_\" AND tool.category = \"financial\"",
                'T',
            ),
            ("tool.category = \"Financial\"", 'F'),
            ("tool.tags CONTAINS \"external-out\"", 'T'),
            ("tool.tags CONTAINS \"external\"", 'F'),
            ("tool.tags IN (\"a\", \"money\")", 'T'),
            ("NOT tool.tags CONTAINS \"money\"", 'F'),
            ("EXISTS tool.tags", 'T'),
            ("EXISTS agent.labels", 'F'),
            ("agent.labels CONTAINS \"prod\"", 'F'),
            ("agent.roles CONTAINS \"admin\"", '?'),
            ("EXISTS agent.roles", 'F'),
            ("agent.id = \"ci-bot\"", 'T'),
            ("agent.team = \"platform\"", 'F'),
            ("EXISTS agent.team", 'F'),
            ("agent.organisation = \"acme\"", '?'),
            ("agent.organisation != \"acme\"", '?'),
            ("EXISTS agent.organisation", 'F'),
            ("tool.annotations.readOnlyHint", 'F'),
            ("tool.annotations.readOnlyHint = false", 'T'),
            ("tool.annotations.destructiveHint", '?'),
            ("EXISTS tool.annotations.destructiveHint", 'F'),
            ("EXISTS tool.annotations.title", 'T'),
            ("tool.annotations.title CONTAINS \"Ref\"", 'T'),
            ("tool.annotations.cost > 2", 'T'),
            ("tool.annotations.cost = \"2.5\"", '?'),
        ],
        &known(),
    );
}

#[test]
fn conditions_on_intents_sizes_ages_and_findings() {
    expect(
        &[
            ("action.type = \"destructive\"", 'T'),
            ("action.type != \"destructive\"", 'F'),
            ("action.type >= \"write\"", 'T'),
            ("action.type > \"destructive\"", 'F'),
            ("action.type < \"exfiltrative\"", 'T'),
            ("action.type IN (\"destructive\", \"exfiltrative\")", 'T'),
            ("action.type IN \"read\"..\"write\"", 'F'),
            ("action.confidence < 80", 'F'),
            ("action.confidence <= 80%", 'T'),
            ("request.bytes = 10KB", 'T'),
            ("request.bytes > 10240", 'F'),
            ("request.bytes >= 10240", 'T'),
            ("request.bytes > 1MB", 'F'),
            ("request.bytes < 0", 'F'),
            ("token.age = 1h", 'T'),
            ("token.age > 59m", 'T'),
            ("token.age > 7d", 'F'),
            ("token.age IN 30m..2h", 'T'),
            ("session.age > 1h", '?'),
            ("EXISTS session.age", 'F'),
            ("EXISTS session.calls", 'T'),
            ("session.calls > 2", 'T'),
            ("session.protocol = \"2026-07-28\"", 'T'),
            ("dlp.found(\"credit_card\")", 'T'),
            ("dlp.found(\"credit_card\") = false", 'F'),
            ("dlp.found(\"credit_card\") != true", 'F'),
            ("dlp.found(\"email\")", 'F'),
            ("NOT dlp.found(\"email\")", 'T'),
            ("dlp.count(\"credit_card\") >= 2", 'T'),
            ("dlp.count(\"credit_card\") > 2", 'F'),
            ("dlp.count(\"email\") = 0", 'T'),
        ],
        &known(),
    );
    let nothing = Call::default();
    let rows = [
        ("dlp.found(\"email\")", '?'),
        ("action.type = \"read\"", '?'),
    ];
    expect(&rows, &nothing);
}

#[test]
fn conditions_on_the_time() {
    // A Sunday; 23:30 in Berlin, 07:30 on Monday in Tokyo.
    let call = Call {
        unix_ms: time("2026-11-29T22:30:00Z"),
        ..Call::default()
    };
    expect(
        &[
            ("time.hour = 22", 'T'),
            ("time.minute = 30", 'T'),
            ("time.hour IN 9..17", 'F'),
            ("time.hour IN 22..6", 'T'),
            ("time.hour IN 23..6", 'F'),
            ("time.hour NOT IN 9..17", 'T'),
            ("time.weekday = sunday", 'T'),
            ("time.weekday = \"Sunday\"", 'T'),
            ("time.weekday IN monday..friday", 'F'),
            ("time.weekday IN saturday..monday", 'T'),
            ("time.weekday IN (sat, sun)", 'T'),
            ("time.date = 2026-11-29", 'T'),
            ("time.date >= 2026-12-01", 'F'),
            ("time.date IN 2026-11-01..2026-11-30", 'T'),
            ("time.zone = \"Europe/Berlin\" AND time.hour = 23", 'T'),
            (
                "time.zone = \"Asia/Tokyo\" AND time.hour = 7 AND time.weekday = monday",
                'T',
            ),
            ("time.zone = \"Asia/Tokyo\" AND time.date = 2026-11-30", 'T'),
        ],
        &call,
    );
    // In summer, Berlin is two hours ahead: the zone's rules are known, not an offset.
    let summer = Call {
        unix_ms: time("2026-07-01T22:30:00Z"),
        ..Call::default()
    };
    let rows = [("time.zone = \"Europe/Berlin\" AND time.hour = 0", 'T')];
    expect(&rows, &summer);
}

#[test]
fn unknown_parts_decide_only_where_they_can() {
    let call = with_arguments("{\"a\":1}");
    expect(
        &[
            ("args.a = 1 AND args.x = 1", '?'),
            ("args.a = 2 AND args.x = 1", 'F'),
            ("args.a = 1 OR args.x = 1", 'T'),
            ("args.a = 2 OR args.x = 1", '?'),
            ("NOT (args.a = 1 AND args.x = 1)", '?'),
            ("NOT (args.a = 2 AND args.x = 1)", 'T'),
            ("NOT (args.a = 1 OR args.x = 1)", 'F'),
            ("NOT NOT args.a = 1", 'T'),
            ("args.a = 2 OR args.a = 1 AND args.a = 1", 'T'),
            ("(args.a = 1 OR args.a = 1) AND args.a = 2", 'F'),
            ("NOT args.a = 1 OR args.a = 1", 'T'),
        ],
        &call,
    );
}
