//! The organisation's rules: all `*.rules` files of the directory as one program.
//!
//! Refuses files with mistakes, names that the policy does not have where the language wants them,
//! and rules of which a test case fails. Whatever is wrong is told with its line underlined.

use std::path::Path;

use varistor_rules::ast::{Case, File};
use varistor_rules::{Diagnostic, Known, Severity, Source};
use varistor_rules::{check, compile, excerpt, nothing, parse, test};
use varistor_snapshot::schema::rules::{Atom, RuleAction, RuleProgram};
use varistor_snapshot::schema::{Channels, Server};

use crate::directory::{Access, read};
use crate::gather::Sources;
use crate::problem::{Place, Report, Wrong};
use crate::tenants::Tenants;

/// Most rule files of a directory.
const FILES_MAX: usize = 1024;

/// The rule files of a directory, read.
#[derive(Default)]
pub(crate) struct RuleFiles {
    names: Vec<String>,
    places: Vec<Place>,
    texts: Vec<String>,
    files: Vec<File>,
}

impl RuleFiles {
    /// The files of these names; what can't be read is reported.
    pub(crate) fn read(dir: &Path, names: &[String], report: &mut Report) -> Self {
        let mut all = Self::default();
        if let Some(name) = names.get(FILES_MAX) {
            let place = report.file(name);
            let found = format!("{} rule files in the directory", names.len());
            let wrong = Wrong::expected(format!("at most {FILES_MAX}"));
            report.refuse(place, found, wrong);
        }
        let mut wrong = Vec::new();
        for (number, name) in (0..).zip(names.iter().take(FILES_MAX)) {
            let Some((place, text)) = read(dir, name, Access::Policy, report) else {
                // Numbers of files stay those of names, and nothing is tested without it.
                let file = File {
                    incomplete: true,
                    ..File::default()
                };
                all.add(name, report.file(name), String::new(), file);
                continue;
            };
            let parsed = parse(number, &text);
            wrong.extend(parsed.diagnostics);
            all.add(name, place, text, parsed.file);
        }
        all.tell(wrong, report);
        all
    }

    /// The program of the rules; every mistake, lint and failed case is reported.
    pub(crate) fn compile(&self, known: &Known, report: &mut Report) -> RuleProgram {
        let sources = self.sources();
        if self.files.iter().any(|file| file.incomplete) {
            self.tell(check(&sources, &self.files, known), report);
            return nothing();
        }
        match compile(&sources, &self.files, known) {
            Ok(compiled) => {
                self.tell(compiled.warnings, report);
                self.test(&sources, known, report);
                compiled.program
            }
            Err(found) => {
                self.tell(found, report);
                nothing()
            }
        }
    }

    /// Runs the test cases.
    fn test(&self, sources: &[Source<'_>], known: &Known, report: &mut Report) {
        let cases: Vec<&Case> = self.files.iter().flat_map(|file| &file.cases).collect();
        if cases.is_empty() {
            return;
        }
        let outcomes = match test(sources, &self.files, known) {
            Ok(outcomes) => outcomes,
            Err(found) => return self.tell(found, report),
        };
        for (case, outcome) in cases.into_iter().zip(outcomes) {
            let Some(failure) = outcome.failure else {
                continue;
            };
            let (first, rest) = failure.split_once('\n').unwrap_or((&failure, ""));
            let message = format!("the test \"{}\" fails", outcome.name);
            let failed = Diagnostic::error(case.name.span, message, first);
            self.tell_one(&failed, rest.trim_end(), report);
        }
    }

    fn add(&mut self, name: &str, place: Place, text: String, file: File) {
        self.names.push(name.to_owned());
        self.places.push(place);
        self.texts.push(text);
        self.files.push(file);
    }

    fn sources(&self) -> Vec<Source<'_>> {
        let both = self.names.iter().zip(&self.texts);
        both.map(|(name, text)| Source { name, text }).collect()
    }

    fn tell(&self, found: Vec<Diagnostic>, report: &mut Report) {
        for one in found {
            self.tell_one(&one, "", report);
        }
    }

    /// Reports one mistake; `more` are further lines about it.
    fn tell_one(&self, one: &Diagnostic, more: &str, report: &mut Report) {
        let number = usize::from(one.span.file);
        let (Some(name), Some(text)) = (self.names.get(number), self.texts.get(number)) else {
            return;
        };
        let source = Source { name, text };
        let (line, column) = one.position(source);
        let place = self.places.get(number).map(|place| Place {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            ..*place
        });
        let Some(place) = place else { return };
        let help = match more {
            "" => one.help.clone(),
            more => Some(more.to_owned()),
        };
        let drawn = format!("{}{more}", excerpt(one, source));
        let wrong = Wrong {
            help,
            ..Wrong::expected(&one.label).drawn(drawn.trim_end())
        };
        match one.severity {
            Severity::Error => report.refuse(place, &one.message, wrong),
            Severity::Warning => report.warn(place, &one.message, wrong),
        }
    }
}

/// The entities that a program names, for which payloads must be searched.
pub(crate) fn entities(program: &RuleProgram) -> Vec<&str> {
    let body = &program.body;
    let tested = body.atoms.iter().filter_map(|atom| match &atom.test {
        Atom::Findings(entity, _) => Some(entity.as_str()),
        _ => None,
    });
    let actions = body.rules.iter().flat_map(|rule| &rule.actions);
    let redacted = actions.filter_map(|action| match action {
        RuleAction::Redact(entities) => Some(entities.iter().map(String::as_str)),
        _ => None,
    });
    let mut all: Vec<&str> = tested.chain(redacted.flatten()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What rules may name. Of a policy that could only be read in part nothing is known.
pub(crate) fn known(
    (sources, tenants): (&Sources<'_>, &Tenants),
    (servers, channels): (&[Server], &Channels),
    entities: Vec<String>,
    report: &Report,
) -> Known {
    if report.incomplete {
        return Known::default();
    }
    let channels = channels.rows.iter().map(|row| row.name.clone());
    // A server with a mistake has no row: its category and tags are not known.
    let is_whole = servers.len() == sources.servers.len();
    let categories = servers.iter().map(|row| &row.category);
    let of_tools = servers.iter().flat_map(|row| &row.tools);
    let of_tools = of_tools.flat_map(|tool| &tool.tags);
    let tags = servers.iter().flat_map(|row| &row.tags).chain(of_tools);
    Known {
        servers: Some(names(sources.servers.keys())),
        tools: None,
        categories: is_whole.then(|| names(categories.filter(|name| !name.is_empty()))),
        tags: is_whole.then(|| names(tags)),
        organisations: Some(names(tenants.organisations.iter().map(|row| &row.name))),
        teams: Some(names(tenants.teams.iter().map(|row| &row.name))),
        agents: Some(names(tenants.agents.iter().map(|row| &row.name))),
        roles: Some(names(tenants.roles.iter().map(|row| &row.name))),
        entities: Some(entities),
        channels: Some(channels.collect()),
    }
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> = names.cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
}
