//! Every line of the files in `cases/` gets the intent that stands in front of it.

use varistor_effect::{
    Access, Effects, HttpRequest, Language, Outside, elastic, graphql, http, mongo_text, path,
    query, redis, script, shell, sql,
};

/// An organisation that owns `acme.example`, loopback and names without a dot.
struct Acme;

impl Outside for Acme {
    fn is_foreign_host(&self, host: &str) -> bool {
        let own = ["acme.example", ".internal"]
            .iter()
            .any(|own| host.ends_with(own));
        !own && host.contains('.') && !host.starts_with("127.")
    }

    fn is_foreign_mail(&self, address: &str) -> bool {
        !address.ends_with("@acme.example")
    }
}

/// Judges each case and lists those that come out otherwise; `at_least` keeps the file from
/// shrinking unseen.
fn check(file: &str, at_least: usize, judge: impl Fn(&str) -> Effects) {
    let mut count = 0;
    let mut wrong = Vec::new();
    for line in file
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (wanted, text) = line.split_once(" | ").unwrap_or((line, ""));
        let effects = judge(&text.replace("\\n", "\n").replace("<CR>", "\r"));
        let found = effects.intent().map_or("none", |intent| intent.name());
        count += 1;
        if found != wanted {
            let grounds: Vec<_> = effects.iter().map(|effect| effect.evidence).collect();
            wrong.push(format!("{wanted}, found {found} {grounds:?}: {text}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count >= at_least, "only {count} cases");
}

#[test]
fn sql_gets_the_intent_of_its_gravest_statement() {
    check(include_str!("cases/sql.txt"), 280, sql);
}

#[test]
fn command_lines_get_the_intent_of_what_they_would_run() {
    check(include_str!("cases/shell.txt"), 780, |text| {
        shell(text, &Acme)
    });
}

#[test]
fn scripts_get_the_intent_of_their_calls() {
    check(include_str!("cases/python.txt"), 85, |text| {
        script(Language::Python, text, &Acme)
    });
    check(include_str!("cases/javascript.txt"), 55, |text| {
        script(Language::JavaScript, text, &Acme)
    });
}

#[test]
fn requests_get_the_intent_of_method_target_and_body() {
    check(include_str!("cases/http.txt"), 40, |text| {
        let mut parts = text.splitn(3, ' ');
        let method = parts.next().unwrap_or_default();
        let url = parts.next().unwrap_or_default();
        let body = parts.next();
        let request = HttpRequest {
            method,
            url,
            headers: &[],
            has_body: body.is_some(),
            body,
        };
        http(&request, &Acme)
    });
}

#[test]
fn a_header_that_replaces_the_method_decides() {
    let request = HttpRequest {
        method: "POST",
        url: "https://api.acme.example/items/3",
        headers: &[("X-HTTP-Method-Override", "DELETE")],
        ..HttpRequest::default()
    };
    let found = http(&request, &Acme)
        .gravest()
        .map(|effect| effect.evidence);
    assert_eq!(found, Some("http.delete"));
}

#[test]
fn stores_get_the_intent_of_their_commands() {
    check(include_str!("cases/graphql.txt"), 22, graphql);
    check(include_str!("cases/mongo.txt"), 30, mongo_text);
    check(include_str!("cases/redis.txt"), 28, redis);
    check(include_str!("cases/query.txt"), 70, query);
    check(include_str!("cases/elastic.txt"), 24, |text| {
        let mut parts = text.splitn(3, ' ');
        let method = parts.next().unwrap_or_default();
        elastic(method, parts.next().unwrap_or_default(), parts.next())
    });
}

#[test]
fn paths_get_the_intent_of_touching_them() {
    check(include_str!("cases/path.txt"), 50, |text| {
        let (access, name) = text.split_once(' ').expect("an access and a path");
        let access = match access {
            "read" => Access::Read,
            "write" => Access::Write,
            _ => Access::Delete,
        };
        path(name, access)
    });
}
