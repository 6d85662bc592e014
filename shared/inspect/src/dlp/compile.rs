//! Compiles the catalogue and an operator's own patterns into what a snapshot carries.
//!
//! Refuses a pattern that either of the two engines refuses, that matches empty text, or whose
//! name could not stand in a placeholder.

use hyperscan::{
    BlockDatabase, BlockMode, Builder, CpuFeatures, Pattern, PatternFlags, Patterns, Platform, Tune,
};
use varistor_model::{Class, DlpAction};
use varistor_snapshot::schema::{Detector, Dlp};

use super::catalogue::{self, Row};
use super::encoded::{RUN_MIN, RUN_REACH};
use super::ids::Check;
use super::{Validator, confirm, gazetteer, runs, trigger};

/// How far an operator's pattern without an upper bound may reach, in bytes.
const CUSTOM_WINDOW_MAX: usize = 4096;
/// Longest name of an operator's pattern, in bytes.
const CUSTOM_NAME_BYTES_MAX: usize = 64;

/// What a policy says about data-loss prevention.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// What follows a finding in arguments, by `Class` as a number.
    pub request: [DlpAction; 3],
    /// What follows a finding in answers, by `Class` as a number.
    pub response: [DlpAction; 3],
    /// Entities that are looked for only where a policy names them: the names.
    pub wanted: &'a [&'a str],
    /// The operator's own patterns.
    pub custom: &'a [Custom<'a>],
}

/// An operator's own pattern; its findings are of class `pii`.
#[derive(Clone, Copy, Debug)]
pub struct Custom<'a> {
    /// The entity: 1 to 64 of `A-Z a-z 0-9 _ - .`, unlike all others.
    pub name: &'a str,
    /// A regular expression over bytes: no look-around, no back-references, ASCII classes.
    pub pattern: &'a str,
    /// What follows a finding, in both directions.
    pub action: DlpAction,
}

/// Why there is no database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// Patterns of the operator, all that are wrong.
    #[error("{} custom pattern(s) cannot be used", .0.len())]
    Custom(Vec<CustomProblem>),
    /// The library refused what each pattern alone passed.
    #[error("the patterns cannot be compiled together: {0}")]
    Database(String),
}

/// What is wrong with one of the operator's patterns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CustomProblem {
    /// Index into `Settings::custom`.
    pub index: usize,
    /// Whether it is about the name; otherwise it is about the pattern.
    pub in_name: bool,
    /// What was found and what was expected.
    pub message: String,
}

/// Compiles what the settings look for: classes that are passed on unrecorded in both directions
/// are left out. The database is for any x86-64 processor with AVX2.
///
/// # Errors
///
/// All custom patterns that cannot be used.
pub fn compile(settings: &Settings<'_>) -> Result<Dlp, CatalogueError> {
    let mut detectors = Vec::new();
    let mut patterns = Patterned::default();
    for row in catalogue::rows().filter(|row| is_wanted(row, settings)) {
        if !row.scan.is_empty() {
            patterns.add(&row.scan, &row.pattern, detectors.len());
        }
        detectors.push(detector(row));
    }
    let (words, lexicon) = vocabulary(&detectors);
    patterns.all.extend(words);
    let mut problems = Vec::new();
    for (index, custom) in settings.custom.iter().enumerate() {
        let earlier = settings.custom.get(..index).unwrap_or_default();
        let name = check_name(custom.name, earlier);
        problems.extend(name.map(|message| CustomProblem {
            index,
            in_name: true,
            message,
        }));
        match window_of(custom.pattern) {
            Ok(window) => {
                patterns.add(custom.pattern, custom.pattern, detectors.len());
                detectors.push(Detector {
                    entity: custom.name.to_owned(),
                    parent: custom.name.to_owned(),
                    confidence: 100,
                    entropy: 0,
                    key: String::new(),
                    check: 0,
                    context: Vec::new(),
                    alone: true,
                    class: Class::Pii as u8,
                    validator: Validator::Pattern as u8,
                    window,
                    pattern: custom.pattern.to_owned(),
                    action: Some(custom.action as u8),
                });
            }
            Err(message) => problems.push(CustomProblem {
                index,
                in_name: false,
                message,
            }),
        }
    }
    if !problems.is_empty() {
        return Err(CatalogueError::Custom(problems));
    }
    let number = |actions: [DlpAction; 3]| actions.map(|action| action as u8);
    Ok(Dlp {
        request: number(settings.request),
        response: number(settings.response),
        database: database(patterns.all).map_err(CatalogueError::Database)?,
        run_database: database(patterns.runs).map_err(CatalogueError::Database)?,
        detectors,
        lexicon,
        covers: true,
    })
}

/// The expressions of both databases.
#[derive(Default)]
struct Patterned {
    /// Looked for in all text.
    all: Vec<Pattern>,
    /// Looked for around runs.
    runs: Vec<Pattern>,
}

impl Patterned {
    /// Adds what a detector is led by; `exact` is what each of its findings is.
    fn add(&mut self, scan: &str, exact: &str, id: usize) {
        let in_run = width(exact) <= RUN_REACH && runs::longest(exact) >= RUN_MIN;
        let patterns = if in_run {
            &mut self.runs
        } else {
            &mut self.all
        };
        patterns.push(expression(scan, id));
    }
}

/// What lets names of values and names of people be found, as far as a detector needs it: words for
/// the database, and the lexicon.
fn vocabulary(detectors: &[Detector]) -> (Vec<Pattern>, Vec<u32>) {
    let is_named =
        |row: &Detector| Validator::numbered(row.validator).is_some_and(Validator::has_words);
    let words = match detectors.iter().any(is_named) {
        true => trigger::words().map(trigger_of).collect(),
        false => Vec::new(),
    };
    let is_proper = |row: &Detector| {
        [Validator::Person as u8, Validator::Address as u8].contains(&row.validator)
    };
    let lexicon = match detectors.iter().any(is_proper) {
        true => gazetteer::table(),
        false => Vec::new(),
    };
    (words, lexicon)
}

/// The row in the snapshot.
fn detector(row: &Row) -> Detector {
    let reach = if row.scan.is_empty() {
        0
    } else {
        width(&row.pattern)
    };
    Detector {
        entity: row.entity.clone(),
        parent: row.parent.clone(),
        class: row.class as u8,
        confidence: row.confidence,
        entropy: row.entropy,
        key: row.key.clone(),
        check: row.check.map_or(0, Check::number),
        context: row.context.clone(),
        alone: row.alone,
        validator: row.validator as u8,
        window: u32::try_from(reach).unwrap_or(u32::MAX),
        pattern: row.pattern.clone(),
        action: None,
    }
}

/// The longest match of a pattern of the catalogue, in bytes.
fn width(pattern: &str) -> usize {
    let info = expression(pattern, 0).info();
    info.map_or(CUSTOM_WINDOW_MAX, |info| {
        info.max_width().clamp(1, CUSTOM_WINDOW_MAX)
    })
}

fn is_wanted(row: &Row, settings: &Settings<'_>) -> bool {
    let named = [&row.entity, &row.parent]
        .iter()
        .any(|name| settings.wanted.contains(&name.as_str()));
    (named || !row.optional)
        && [settings.request, settings.response]
            .iter()
            .any(|actions| actions.get(row.class as usize) != Some(&DlpAction::Allow))
}

/// A word that names what follows, in any case.
fn trigger_of((word, id): (&str, u32)) -> Pattern {
    Pattern {
        flags: PatternFlags::CASELESS,
        id: Some(id as usize),
        ..expression(word, 0)
    }
}

fn expression(text: &str, id: usize) -> Pattern {
    Pattern {
        expression: text.to_owned(),
        flags: PatternFlags::empty(),
        id: Some(id),
        ext: hyperscan::ExprExt::default(),
        som: None,
    }
}

/// The serialized database; empty when there is no pattern.
fn database(patterns: Vec<Pattern>) -> Result<Vec<u8>, String> {
    if patterns.is_empty() {
        return Ok(Vec::new());
    }
    let platform = Platform::new(Tune::Generic, CpuFeatures::AVX2);
    let database: BlockDatabase = Patterns(patterns)
        .for_platform::<BlockMode>(Some(&platform))
        .map_err(|error| error.to_string())?;
    let bytes = database.serialize().map_err(|error| error.to_string())?;
    Ok(bytes.to_vec())
}

fn check_name(name: &str, earlier: &[Custom<'_>]) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if name.is_empty() || name.len() > CUSTOM_NAME_BYTES_MAX || !name.bytes().all(plain) {
        let limit = CUSTOM_NAME_BYTES_MAX;
        return Some(format!(
            "found the name {name:?}, expected 1 to {limit} letters, digits, '_', '-' or '.'"
        ));
    }
    if catalogue::rows().any(|row| row.entity == name) {
        return Some(format!(
            "the name {name:?} is one of the built-in detectors; choose another"
        ));
    }
    earlier
        .iter()
        .any(|other| other.name == name)
        .then(|| format!("the name {name:?} stands twice; choose another"))
}

/// How far the pattern's longest match reaches, if it can be used at all.
fn window_of(pattern: &str) -> Result<u32, String> {
    confirm::regex(pattern).map_err(|error| error.to_string())?;
    let alone = expression(pattern, 0);
    let info = alone.info().map_err(|error| error.to_string())?;
    if info.min_width() == 0 {
        return Err("the pattern matches empty text; it would find everything".to_owned());
    }
    database(vec![alone])?;
    let window = info.max_width().clamp(1, CUSTOM_WINDOW_MAX);
    Ok(u32::try_from(window).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom<'a>(name: &'a str, pattern: &'a str) -> Custom<'a> {
        Custom {
            name,
            pattern,
            action: DlpAction::Redact,
        }
    }

    fn compiled(custom: &[Custom<'_>], action: DlpAction) -> Result<Dlp, CatalogueError> {
        compile(&Settings {
            request: [action; 3],
            response: [action; 3],
            wanted: &[],
            custom,
        })
    }

    #[test]
    fn all_that_is_wrong_is_told_in_one_run() {
        let error = compiled(
            &[
                custom("fine", r"PAT-\d{8}"),
                custom("fine", r"[a-"),
                custom("two words", r"x*"),
                custom("email", r"(?=a)b"),
                custom("back", r"(a)\1"),
            ],
            DlpAction::Log,
        );
        let Err(CatalogueError::Custom(problems)) = error else {
            panic!("{error:?}");
        };
        let places: Vec<_> = problems.iter().map(|p| (p.index, p.in_name)).collect();
        assert_eq!(
            places,
            [
                (1, true),
                (1, false),
                (2, true),
                (2, false),
                (3, true),
                (3, false),
                (4, false)
            ]
        );
        assert!(problems.iter().all(|problem| !problem.message.is_empty()));
    }

    #[test]
    fn what_is_allowed_everywhere_is_not_looked_for() {
        let nothing = compiled(&[], DlpAction::Allow).unwrap();
        assert!(nothing.database.is_empty() && nothing.detectors.is_empty());
        let all = compiled(&[], DlpAction::Log).unwrap();
        assert_eq!(
            all.detectors.len(),
            catalogue::rows().filter(|row| !row.optional).count()
        );
        assert!(all.database.len() < 512 * 1024 && all.run_database.len() < 512 * 1024);
        let one = compiled(&[custom("x", "abc+")], DlpAction::Allow).unwrap();
        assert_eq!(one.detectors.len(), 1);
        assert_eq!(one.detectors[0].window as usize, CUSTOM_WINDOW_MAX);
    }
}
