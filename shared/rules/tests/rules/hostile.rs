//! Whatever stands in a file or in a call: nothing panics, nothing is deeper than its bound.

use proptest::prelude::*;
use varistor_rules::limits::DEPTH_MAX;
use varistor_rules::{Known, Scratch, Source, check, compile, format, parse, render};

use crate::call::{Call, Program};
use crate::generate::Generator;

const WORDS: [&str; 44] = [
    "RULE",
    "TEST",
    "ZONE",
    "IF",
    "THEN",
    "AND",
    "OR",
    "NOT",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "..",
    "*",
    "=",
    "!=",
    "<",
    "IN",
    "CONTAINS",
    "STARTS",
    "WITH",
    "MATCHES",
    "EXISTS",
    "\"x\"",
    "'a'",
    "10",
    "30m",
    "10/hour",
    "2026-11-29",
    "monday",
    "true",
    "args",
    "tool",
    "history",
    "count",
    "seen",
    "deny",
    "allow",
    "GIVEN",
    "EXPECT",
    "EARLIER",
    "within",
];

/// Everything that may be done with a text.
fn everything(text: &str) {
    let source = Source { name: "x", text };
    let parsed = parse(0, text);
    let _ = render(&parsed.diagnostics, &[source]);
    let _ = format(text);
    let files = [parsed.file];
    let found = check(&[source], &files, &Known::default());
    let _ = render(&found, &[source]);
    let _ = compile(&[source], &files, &Known::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_text_is_read_without_a_panic(text in ".{0,200}") {
        everything(&text);
    }

    #[test]
    fn arbitrary_bytes_are_read_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200)
    ) {
        everything(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn arbitrary_words_are_read_without_a_panic(
        words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..60)
    ) {
        everything(&words.join(" "));
    }

    #[test]
    fn arbitrary_arguments_are_judged_without_a_panic(
        text in "[\\[\\]{}\",:a-b0-9\\\\ue. -]{0,60}"
    ) {
        let program = Program::new(
            "RULE \"r\" IF args.a[*].b = 1 OR args[0].a CONTAINS \"x\" OR args.a < 5 THEN deny",
        );
        let call = Call { arguments: Some(text), ..Call::default() };
        prop_assert!(!program.judge(&call).broken);
    }
}

#[test]
fn rules_with_a_few_letters_changed_are_read_without_a_panic() {
    for seed in 0..300 {
        let mut generator = Generator::new(seed);
        let condition = format::condition(&generator.condition(4, true));
        let mut text: Vec<char> = format!("RULE \"x\" IF {condition} THEN deny(\"y\")")
            .chars()
            .collect();
        for _ in 0..generator.rng.random_range(1..4) {
            let at = generator.rng.random_range(0..text.len());
            match generator.rng.random_range(0..3) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, ['"', '(', ')', '.', 'é', '\\'][at % 6]),
                _ => text.truncate(at + 1),
            }
        }
        everything(&text.into_iter().collect::<String>());
    }
}

#[test]
fn nesting_is_bounded_in_the_file() {
    for (open, close) in [
        ("(", ")"),
        ("NOT ", ""),
        ("history.count(", ", within = 1h) > 0"),
    ] {
        for depth in [1, DEPTH_MAX - 2, DEPTH_MAX + 1, 20_000] {
            let condition = format!("{}args.a = 1{}", open.repeat(depth), close.repeat(depth));
            let text = format!("RULE \"x\" IF {condition} THEN deny");
            let parsed = parse(0, &text);
            assert_eq!(
                parsed.diagnostics.is_empty(),
                depth < DEPTH_MAX,
                "{open} {depth}"
            );
            everything(&text);
        }
    }
}

#[test]
fn deep_arguments_are_walked_without_recursion_of_their_depth() {
    let program = Program::new("RULE \"r\" IF args.a[0][0].b = 1 THEN deny");
    for depth in [1, 64, 200_000] {
        let text = format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
        let call = Call {
            arguments: Some(text),
            ..Call::default()
        };
        let mut scratch = Scratch::new();
        assert!(
            program
                .rules()
                .evaluate(&call, &mut scratch)
                .decision
                .is_some()
        );
    }
}

#[test]
fn texts_that_would_hold_a_worker_up_are_unknown() {
    let program = Program::new("RULE \"r\" IF args.a MATCHES '\\bdrop\\s+table\\b' THEN deny");
    for (text, is_known) in [
        ("x ".repeat(2_000_000), true),
        ("é ".repeat(2_000), true),
        ("é ".repeat(1_000_000), false),
    ] {
        let call = Call {
            arguments: Some(format!("{{\"a\":\"{text}\"}}")),
            ..Call::default()
        };
        let verdict = program.judge(&call);
        assert_eq!(verdict.decision.is_none(), is_known);
    }
}

#[test]
fn a_large_file_is_read_in_linear_time() {
    let rule = "RULE \"NAME\" IF tool.name = \"x\" AND args.a IN (1, 2, 3) THEN deny\n";
    let mut text = String::new();
    for at in 0..4000 {
        text.push_str(&rule.replace("NAME", &at.to_string()));
    }
    let parsed = parse(0, &text);
    assert_eq!(
        (parsed.file.rules.len(), parsed.diagnostics.len()),
        (4000, 0)
    );
    everything(&text);
    let unfinished = "\"".repeat(100_000) + &"(".repeat(100_000);
    everything(&unfinished);
}
