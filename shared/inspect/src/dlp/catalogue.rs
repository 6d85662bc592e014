//! What is looked for without an operator's doing: one entry a detector, kept as data in
//! `shared/inspect/catalogue`.
//!
//! A scanned row's `scan` runs over every byte, so it begins with a literal and has a fixed,
//! minimal tail; its `pattern` finds the exact span in the window. Examples are tests. A `|` in
//! them is taken out: it keeps them from looking like leaked secrets to scanners of this
//! repository. Where a `|` is meant, `¦` stands.

mod files;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;
use varistor_model::Class;

use super::Validator;
use super::ids::Check;
use files::FILES;

/// One detector.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The name in records and placeholders.
    pub(super) entity: String,
    /// The broader kind; the entity itself when there is none.
    pub(super) parent: String,
    /// The class that policy speaks about.
    pub(super) class: Class,
    /// How a candidate is confirmed.
    pub(super) validator: Validator,
    /// The expression in the database; empty when something else finds the candidates.
    pub(super) scan: String,
    /// The expression of the exact span, of the whole value, or of the identity number.
    pub(super) pattern: String,
    /// The expression that the name of the value must hold; empty for all but keyed rows.
    pub(super) key: String,
    /// Which check an identity number must pass.
    pub(super) check: Option<Check>,
    /// Phrases that must stand before a weak match.
    pub(super) context: Vec<String>,
    /// Whether an identity number counts without them.
    pub(super) alone: bool,
    /// Least entropy, in hundredths of a bit a byte.
    pub(super) entropy: u16,
    /// Whether only a policy that names the entity wants it.
    pub(super) optional: bool,
    /// In percent.
    pub(super) confidence: u8,
    /// Texts that hold exactly one.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    pub(super) found: Vec<String>,
    /// Texts that hold none.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    pub(super) not_found: Vec<String>,
    /// Where the form is documented.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    pub(super) source: String,
}

/// Every row.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter()
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let read = FILES
        .iter()
        .map(|(name, text)| read(text).map_err(|error| (name, error)));
    match read.collect::<Result<Vec<_>, _>>() {
        Ok(files) => files.concat(),
        // A test reads every file; a build whose data can't be read must not protect anybody.
        Err((name, error)) => unreachable!("the catalogue's {name} can't be read: {error}"),
    }
});

/// A file of the catalogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Found by a literal.
    #[serde(default)]
    detector: Vec<Scanned>,
    /// Told by their name.
    #[serde(default)]
    keyed: Vec<Keyed>,
    /// Identity numbers.
    #[serde(default)]
    number: Vec<Number>,
    /// Found by code.
    #[serde(default)]
    builtin: Vec<Builtin>,
}

/// Where the value of an option of a command stands in a pattern.
const OPTION: &str = "{OPTION}";

/// It: between quotes, or up to what ends a word of a shell.
const OPTION_VALUE: &str = concat!(
    r#"(?:'([^'\n]{4,128})'|"([^"\n]{4,128})"|"#,
    r#"([^\s"'`$<>|;&(){}\\/-][^\s"'`<>|;&(){}\\]{3,127}))"#
);

/// What every row has.
#[derive(Deserialize)]
struct Common {
    entity: String,
    parent: Option<String>,
    class: String,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    entropy: f64,
    confidence: u8,
    found: Vec<String>,
    not_found: Vec<String>,
    source: String,
}

#[derive(Deserialize)]
struct Scanned {
    #[serde(flatten)]
    common: Common,
    scan: String,
    pattern: Option<String>,
    validate: String,
}

#[derive(Deserialize)]
struct Keyed {
    #[serde(flatten)]
    common: Common,
    key: String,
    pattern: String,
}

#[derive(Deserialize)]
struct Number {
    #[serde(flatten)]
    common: Common,
    shape: String,
    check: String,
    alone: bool,
    #[serde(default)]
    context: Vec<String>,
}

#[derive(Deserialize)]
struct Builtin {
    #[serde(flatten)]
    common: Common,
    validate: String,
    #[serde(default)]
    context: Vec<String>,
}

fn read(text: &str) -> Result<Vec<Row>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    for row in file.detector {
        let scan = row.scan;
        let pattern = row.pattern.unwrap_or_else(|| scan.clone());
        rows.push(Row {
            pattern: pattern.replace(OPTION, OPTION_VALUE),
            scan,
            ..base(row.common, &row.validate)?
        });
    }
    for row in file.keyed {
        rows.push(Row {
            key: row.key,
            pattern: row.pattern,
            ..base(row.common, "keyed")?
        });
    }
    for row in file.number {
        let check = Check::named(&row.check).ok_or_else(|| format!("no check {:?}", row.check))?;
        rows.push(Row {
            pattern: row.shape,
            check: Some(check),
            alone: row.alone,
            context: row.context,
            ..base(row.common, "number")?
        });
    }
    for row in file.builtin {
        rows.push(Row {
            context: row.context,
            ..base(row.common, &row.validate)?
        });
    }
    Ok(rows)
}

fn base(common: Common, validator: &str) -> Result<Row, String> {
    let class = match common.class.as_str() {
        "pii" => Class::Pii,
        "secret" => Class::Secret,
        "financial" => Class::Financial,
        other => return Err(format!("no class {other:?}")),
    };
    let validator =
        Validator::named(validator).ok_or_else(|| format!("no validator {validator:?}"))?;
    // Eight bits a byte at most.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 800"
    )]
    let entropy = (common.entropy * 100.0).clamp(0.0, 800.0) as u16;
    Ok(Row {
        parent: common.parent.unwrap_or_else(|| common.entity.clone()),
        entity: common.entity,
        class,
        validator,
        scan: String::new(),
        pattern: String::new(),
        key: String::new(),
        check: None,
        context: Vec::new(),
        alone: false,
        entropy,
        optional: common.optional,
        confidence: common.confidence,
        found: common.found,
        not_found: common.not_found,
        source: common.source,
    })
}

/// Every entity that is looked for without an operator's doing: its name, the broader kind it
/// belongs to (itself when there is none), and its class.
pub fn entities() -> impl Iterator<Item = (&'static str, &'static str, Class)> {
    let mut known = BTreeSet::new();
    rows()
        .filter(move |row| known.insert(row.entity.as_str()))
        .map(|row| (row.entity.as_str(), row.parent.as_str(), row.class))
}

#[cfg(test)]
mod page;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dlp::{Findings, OwnSecrets, Scanner, Settings, compile};
    use std::sync::Arc;
    use varistor_model::DlpAction;
    use varistor_snapshot::schema::ArchivedDlp;

    #[test]
    fn every_example_is_found_once_or_not_at_all() {
        let wanted: Vec<_> = rows().map(|row| row.entity.as_str()).collect();
        let settings = Settings {
            request: [DlpAction::Log; 3],
            response: [DlpAction::Log; 3],
            wanted: &wanted,
            custom: &[],
        };
        let dlp = compile(&settings).unwrap();
        let bytes = rkyv::to_bytes::<rkyv::rancor::Error>(&dlp).unwrap();
        let archived = rkyv::access::<ArchivedDlp, rkyv::rancor::Error>(&bytes).unwrap();
        let mut scanner = Scanner::open(archived).unwrap();
        let own = [b"tide-Kettle-9-marble".as_slice(), b"qX7mZw2Kp9Rt4Vb8Ny3L"];
        let own = OwnSecrets::new(1, own.into_iter()).unwrap();
        scanner.recognise(Arc::new(own));
        let mut findings = Findings::default();
        let mut wrong = Vec::new();
        for row in rows() {
            assert!(
                !row.found.is_empty() && !row.not_found.is_empty() && !row.source.is_empty(),
                "{}",
                row.entity
            );
            let examples = row.found.iter().map(|text| (text, 1));
            for (text, count) in examples.chain(row.not_found.iter().map(|text| (text, 0))) {
                let text = text.replace('|', "").replace('\u{a6}', "|");
                let payload = serde_json::to_vec(&serde_json::json!({ "text": text })).unwrap();
                scanner.scan(archived, &payload, &mut findings).unwrap();
                let entities: Vec<_> = findings
                    .iter()
                    .map(|finding| dlp.detectors[usize::from(finding.detector)].entity.as_str())
                    .collect();
                let found = entities
                    .iter()
                    .filter(|entity| **entity == row.entity)
                    .count();
                if found != count {
                    wrong.push(format!("{} in {text:?}: {entities:?}", row.entity));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn rows_have_what_their_validator_needs() {
        for row in rows() {
            let name = &row.entity;
            assert_eq!(row.validator.is_scanned(), !row.scan.is_empty(), "{name}");
            assert_eq!(
                row.validator == Validator::Keyed,
                !row.key.is_empty(),
                "{name}"
            );
            assert_eq!(
                row.validator == Validator::Number,
                row.check.is_some(),
                "{name}"
            );
            let is_number = row.validator == Validator::Number;
            assert!(!is_number || row.alone || !row.context.is_empty(), "{name}");
            assert!((1..=100).contains(&row.confidence), "{name}");
        }
    }
}
