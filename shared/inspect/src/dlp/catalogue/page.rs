//! Writes the page about the catalogue from its data, and holds the page to it.
//!
//! `WRITE_PAGE=1 cargo test -p varistor-inspect the_page` renews `catalogue/README.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::super::Validator;
use super::{Row, rows};

/// Longest expression that is shown whole, in characters.
const SHOWN_MAX: usize = 90;

const HEAD: &str = "# What is looked for

Generated from the files beside it by a test (`shared/inspect/src/dlp/catalogue/page.rs`); do not
edit.

An entity is what policy, records and placeholders name; a policy that names its *kind* means it,
too.
*Sure* is the confidence of a finding in percent; where it varies, words around, form and checks
decide. *Examples* are texts in which it must be found and must not be found; each is a test.
Entities marked \u{2020} are looked for only where a policy names them.

How well all this does is measured by `make eval`; dated reports, by entity and beside other
scanners, stand in `perf/runs`.
";

#[test]
fn the_page_about_the_catalogue_says_what_its_data_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue/README.md");
    let page = page();
    if std::env::var_os("WRITE_PAGE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "the page is old; `WRITE_PAGE=1 cargo test -p varistor-inspect the_page` renews it"
    );
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let classes = [
        ("Secrets", "secret"),
        ("Financial data", "financial"),
        ("Personal data", "pii"),
    ];
    for (title, class) in classes {
        let mut entities = BTreeMap::<_, Vec<&Row>>::new();
        for row in rows().filter(|row| row.class.name() == class) {
            entities.entry(row.entity.as_str()).or_default().push(row);
        }
        let count = entities.len();
        write!(page, "\n## {title}: {count} entities\n\n").unwrap();
        page.push_str("| entity | kind | sure | how it is told | examples | source |\n");
        page.push_str("|---|---|---|---|---|---|\n");
        for (entity, rows) in entities {
            page.push_str(&line(entity, &rows));
        }
    }
    page
}

fn line(entity: &str, rows: &[&Row]) -> String {
    let Some(first) = rows.first() else {
        return String::new();
    };
    let kind = if first.parent == entity {
        ""
    } else {
        &first.parent
    };
    let mark = if first.optional { " \u{2020}" } else { "" };
    let sure = rows.iter().map(|row| row.confidence).max().unwrap_or(0);
    let varies = matches!(
        first.validator,
        Validator::Person
            | Validator::Address
            | Validator::Phone
            | Validator::Password
            | Validator::Key
    );
    let sure = if varies {
        "varies".to_owned()
    } else {
        sure.to_string()
    };
    let told: Vec<_> = rows.iter().map(|row| told(row)).collect();
    let sum = |count: fn(&Row) -> usize| rows.iter().map(|row| count(row)).sum::<usize>();
    let mut sources: Vec<_> = rows.iter().map(|row| plain(&row.source)).collect();
    sources.dedup();
    format!(
        "| `{entity}`{mark} | {kind} | {sure} | {} | {} / {} | {} |\n",
        told.join("; or "),
        sum(|row| row.found.len()),
        sum(|row| row.not_found.len()),
        sources.join("; ")
    )
}

/// How one row is told.
fn told(row: &Row) -> String {
    let shape = expression(&row.pattern);
    let mut told = match row.validator {
        Validator::Pattern => shape,
        Validator::Token => format!("{shape}, no letter or digit beside it"),
        Validator::PrivateKey => format!("{shape}, up to its last line"),
        Validator::Url => format!("{shape}, the password no placeholder"),
        Validator::Within => format!("what stands at the parentheses of {shape}, no placeholder"),
        Validator::Keyed => format!("{shape} in a value named {}", expression(&row.key)),
        Validator::Number => {
            let check = row.check.map_or("none", super::super::ids::Check::name);
            format!("{shape}, check `{check}`")
        }
        Validator::Card => "digits by issuer and length, Luhn".to_owned(),
        Validator::Iban => "country, length of the registry, mod 97".to_owned(),
        Validator::Ssn => "`AAA-GG-SSSS` with areas and groups that are issued".to_owned(),
        Validator::Email => "a mailbox around `@`, none of a manual's".to_owned(),
        Validator::Phone => "numbering plan of the country: prefix, length".to_owned(),
        Validator::Person => "capitalised words of the lexicon, or the value's name".to_owned(),
        Validator::Address => "street, number and place, or the value's name".to_owned(),
        Validator::Birth => "a date behind words that announce it".to_owned(),
        Validator::Account => "digits behind words that announce an account".to_owned(),
        Validator::Routing => "nine digits behind words, check digit".to_owned(),
        Validator::Password => "the value's name; no word, no placeholder".to_owned(),
        Validator::Key => "the value's name, and its entropy".to_owned(),
        Validator::Own => "its keyed hash".to_owned(),
    };
    if row.entropy > 0 {
        let (whole, part) = (row.entropy / 100, row.entropy % 100);
        write!(told, ", at least {whole}.{part:02} bits a byte").unwrap();
    }
    if !row.context.is_empty() {
        let words = row.context.join(", ");
        let need = if row.alone { "helped by" } else { "behind" };
        write!(told, ", {need} words: {}", plain(&words)).unwrap();
    }
    told
}

/// An expression as code in a table.
fn expression(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_MAX).collect();
    if shown.len() < text.len() {
        shown.push('\u{2026}');
    }
    if shown.contains('`') {
        return format!("`` {} ``", plain(&shown));
    }
    format!("`{}`", plain(&shown))
}

/// Text that breaks no table.
fn plain(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
