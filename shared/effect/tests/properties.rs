//! What holds for any text: no panic, the same answer twice, bounded depth, linear work.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use varistor_effect::{
    Access, Effects, HttpRequest, Language, Outside, elastic, graphql, http, mongo, mongo_text,
    path, redis, script, shell, sql,
};
use varistor_model::Intent;

struct Everyone;

impl Outside for Everyone {
    fn is_foreign_host(&self, host: &str) -> bool {
        host != "localhost"
    }

    fn is_foreign_mail(&self, _address: &str) -> bool {
        true
    }
}

const LANGUAGES: [Language; 8] = [
    Language::Python,
    Language::JavaScript,
    Language::Ruby,
    Language::Perl,
    Language::Php,
    Language::Shell,
    Language::PowerShell,
    Language::Unknown,
];

/// Every judge over one text.
fn all(text: &str) -> Vec<Effects> {
    let request = HttpRequest {
        method: text,
        url: text,
        headers: &[(text, text)],
        has_body: true,
        body: Some(text),
    };
    let post = HttpRequest {
        method: "POST",
        ..request
    };
    let mut found = vec![
        sql(text),
        shell(text, &Everyone),
        http(&request, &Everyone),
        http(&post, &Everyone),
        graphql(text),
        mongo(text, Some(true)),
        mongo_text(text),
        redis(text),
        elastic("POST", text, Some(text)),
        path(text, Access::Read),
        path(text, Access::Write),
    ];
    found.extend(LANGUAGES.map(|language| script(language, text, &Everyone)));
    found
}

/// All lines of the cases, without what is wanted of them.
fn corpus() -> Vec<String> {
    let files = [
        include_str!("cases/sql.txt"),
        include_str!("cases/shell.txt"),
        include_str!("cases/python.txt"),
        include_str!("cases/javascript.txt"),
        include_str!("cases/http.txt"),
        include_str!("cases/graphql.txt"),
        include_str!("cases/mongo.txt"),
        include_str!("cases/redis.txt"),
    ];
    let lines = files.iter().flat_map(|file| file.lines());
    let lines = lines.filter(|line| !line.starts_with('#'));
    let cases = lines.filter_map(|line| line.split_once(" | "));
    cases.map(|(_, text)| text.replace("\\n", "\n")).collect()
}

/// A case with one part replaced by a part of another one.
fn mutant() -> impl Strategy<Value = String> {
    let cases = corpus();
    let count = cases.len();
    (
        0..count,
        0..count,
        0..100_usize,
        0..100_usize,
        "[ -~\n]{0,4}",
    )
        .prop_map(move |(a, b, from, to, between)| {
            let cut = |text: &str, percent: usize| {
                let at = text.chars().count() * percent / 100;
                text.chars().take(at).collect::<String>()
            };
            let tail: String = cases[b]
                .chars()
                .skip(cases[b].chars().count() * to / 100)
                .collect();
            cut(&cases[a], from) + &between + &tail
        })
}

/// A word that a shell takes as it stands.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Nothing is written beside the sources when a case fails.
fn configuration() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(500)
    }
}

proptest! {
    #![proptest_config(configuration())]

    #[test]
    fn any_text_is_judged_the_same_twice(text in "\\PC{0,200}") {
        prop_assert_eq!(all(&text), all(&text));
    }

    #[test]
    fn mutated_code_is_judged_the_same_twice(text in mutant()) {
        prop_assert_eq!(all(&text), all(&text));
    }

    #[test]
    fn what_is_quoted_behind_echo_is_only_read(text in mutant()) {
        let found = shell(&format!("echo {}", quoted(&text)), &Everyone);
        prop_assert_eq!(found.intent(), Some(Intent::Read));
    }

    #[test]
    fn what_stands_in_a_string_of_sql_is_only_read(text in mutant()) {
        let text = text.replace('\'', "''").replace(['\\', '!'], "");
        let found = sql(&format!("SELECT '{text}'"));
        prop_assert_eq!(found.intent(), Some(Intent::Read));
    }

    #[test]
    fn a_destructive_statement_behind_another_is_found(text in mutant()) {
        // Whatever is left open in front, the text may not become mild.
        let found = sql(&format!("SELECT 1; DROP TABLE t; {text}"));
        prop_assert!(found.intent() >= Some(Intent::Destructive));
    }

    #[test]
    fn wrapping_a_command_keeps_what_it_does(at in 0..corpus().len()) {
        let text = &corpus()[at];
        let plain = shell(text, &Everyone).intent();
        let wrapped = shell(&format!("bash -c {}", quoted(text)), &Everyone).intent();
        prop_assert!(wrapped >= plain, "{:?} {:?}", plain, wrapped);
        let grouped = shell(&format!("{{\n{text}\n}}"), &Everyone).intent();
        prop_assert!(grouped >= plain, "{:?} {:?}", plain, grouped);
    }
}

/// Texts that nest as deep as their length allows.
fn bombs(count: usize) -> Vec<String> {
    let nest = |open: &str, close: &str| open.repeat(count) + "x" + &close.repeat(count);
    vec![
        nest("$(", ")"),
        nest("\"$(", ")\""),
        nest("(", ")"),
        nest("{ ", "; }"),
        nest("${a:-", "}"),
        nest("$((", "))"),
        nest("<(", ")"),
        nest("`", "`"),
        nest("[", "]"),
        nest("{", "}"),
        nest("`${", "}`"),
        "sudo ".repeat(count),
        "find . -exec ".repeat(count),
        "bash -c ".repeat(count),
        "if ".repeat(count),
        "case x in a) ".repeat(count),
        "f() ".repeat(count),
        "<<A ".repeat(count),
        "ls | ".repeat(count),
        "powershell -c ".repeat(count),
        "x=$x$x; ".repeat(count),
        "SELECT ".repeat(count),
        format!("SELECT {}", nest("(", ")")),
        format!("SELECT {}", nest("(SELECT ", ")")),
        format!("SELECT 1{}", "+1".repeat(count)),
        format!("SELECT {}1", "- ".repeat(count)),
        format!("SELECT {}1", "NOT ".repeat(count)),
        format!("SELECT 1{}", " UNION SELECT 1".repeat(count)),
        format!("SELECT * FROM t WHERE a = 1{}", " OR a = 1".repeat(count)),
        format!("SELECT {}", nest("CASE WHEN ", " THEN 1 END")),
        format!("SELECT {}", nest("ARRAY[", "]")),
        format!("SELECT x{}", "::int".repeat(count)),
        format!("SELECT CAST(x AS {}", nest("ARRAY<", ">")),
        "EXPLAIN ".repeat(count),
        "WITH a AS (".repeat(count),
        "BEGIN ".repeat(count),
        "DO $$ ".repeat(count),
        "EXEC('".repeat(count),
        "eval(\"".repeat(count),
        "f(".repeat(count),
        "\\'".repeat(count),
        "'\\''".repeat(count),
        "/*!".repeat(count),
        "\"query\":".repeat(count),
        "a.".repeat(count),
        "$".repeat(count),
        "\\".repeat(count),
    ]
}

#[test]
fn deep_nesting_ends_on_a_small_stack() {
    let run = || {
        for bomb in bombs(2_000) {
            let found = all(&bomb);
            assert!(found.len() > 10);
        }
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run);
    thread.expect("a thread").join().expect("no overflow");
}

#[test]
fn large_texts_take_time_in_proportion() {
    for (small, large) in bombs(500).iter().zip(bombs(4_000)) {
        // Other processes take their turns: one try of three is enough.
        let is_quick = || {
            let (brief, long) = (elapsed(small), elapsed(&large));
            // Eight times the text: 40 times the time is room for noise, a square would be 64.
            long < brief * 40 + Duration::from_millis(400)
        };
        let quick = (0..3).any(|_| is_quick());
        assert!(quick, "{}", &large[..20.min(large.len())]);
    }
}

#[test]
fn a_mebibyte_is_judged_by_each_judge() {
    let filled = |line: &str| line.repeat((1 << 20) / line.len());
    let start = Instant::now();
    let found = [
        shell(&filled("echo hello world\n"), &Everyone),
        sql(&filled("INSERT INTO t VALUES (1, 'a');\n")),
        sql(&format!("INSERT INTO t VALUES {}(1)", filled("(1, 'a'), "))),
        script(Language::Python, &filled("x = f(1)\n"), &Everyone),
        redis(&filled("GET a\n")),
        graphql(&format!("{{ {} }}", filled("a { b } "))),
    ];
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
    use Intent::{Read, Write};
    let wanted = [Read, Write, Write, Read, Write, Read];
    assert_eq!(found.map(|effects| effects.intent()), wanted.map(Some));
    let body = format!("cat > f <<'E'\n{}E\n", "rm -rf /\n".repeat(1 << 16));
    assert_eq!(shell(&body, &Everyone).intent(), Some(Write));
}

fn elapsed(text: &str) -> Duration {
    let start = Instant::now();
    all(text);
    start.elapsed()
}
