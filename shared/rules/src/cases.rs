//! Runs the test cases of rule files through the very evaluation that a gateway runs.
//!
//! Refuses cases whose facts don't fit the fields, and says of a case that fails what happened.

mod given;
mod tree;

use std::fmt::Write as _;

use varistor_model::Decision;
use varistor_snapshot::schema::rules::{ArchivedRuleProgram, RuleAction};

use crate::ast::{Case, File};
use crate::compile::compile;
use crate::diagnostic::Diagnostic;
use crate::evaluate::{Rules, Verdict};
use crate::format;
use crate::history::{History, Recorded};
use crate::known::Known;
use crate::load::Loaded;
use crate::lower::{Lowering, ZONE_DEFAULT, lower};
use crate::scratch::Scratch;
use crate::source::{Source, position};

use given::Given;

/// Memory for the earlier calls of one case, in bytes.
const HISTORY_BYTES: usize = 64 * 1024 * 1024;
/// Most rules that a report explains.
const EXPLAINED_MAX: usize = 10;

/// How a case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The name of the case.
    pub name: String,
    /// `FILE:LINE`.
    pub place: String,
    /// `None`: it passed. Otherwise what happened, over several lines.
    pub failure: Option<String>,
}

/// A case ready to run.
pub(crate) struct Prepared {
    earlier: Vec<(Given, u32)>,
    given: Given,
    expect: Vec<RuleAction>,
}

/// Compiles the rules and runs all cases of all files.
///
/// # Errors
///
/// What is wrong with rules or cases; then none is run.
pub fn test(
    sources: &[Source<'_>],
    files: &[File],
    known: &Known,
) -> Result<Vec<Outcome>, Vec<Diagnostic>> {
    let compiled = compile(sources, files, known)?;
    let mut lowering = lower(sources, files, known);
    let prepared = prepare_all(&mut lowering, files);
    let bytes = rkyv::to_bytes::<rkyv::rancor::Error>(&compiled.program);
    let bytes = bytes.map_err(|error| refused(&error.to_string()))?;
    let program = rkyv::access::<ArchivedRuleProgram, rkyv::rancor::Error>(&bytes)
        .map_err(|error| refused(&error.to_string()))?;
    let loaded = Loaded::new(program).map_err(|error| refused(&error.reason))?;
    let places = sources.iter().zip(files).flat_map(|(source, file)| {
        file.cases.iter().map(|case| {
            let (line, _) = position(source.text, case.name.span.start);
            (case, format!("{}:{line}", source.name))
        })
    });
    let run = prepared
        .iter()
        .zip(places)
        .map(|(prepared, (case, place))| {
            let failure = match prepared {
                Some(prepared) => run(program, &loaded, prepared, case),
                None => Some("the case can't be read".to_owned()),
            };
            Outcome {
                name: case.name.value.clone(),
                place,
                failure,
            }
        });
    Ok(run.collect())
}

fn refused(reason: &str) -> Vec<Diagnostic> {
    let message = format!("the compiled rules can't be used: {reason}");
    vec![Diagnostic::error(crate::Span::default(), message, "")]
}

/// The facts of all cases; mistakes go to the lowering's.
pub(crate) fn prepare_all(lowering: &mut Lowering<'_>, files: &[File]) -> Vec<Option<Prepared>> {
    let mut prepared = Vec::new();
    for file in files {
        let zone = file.zone.as_ref().map(|zone| zone.value.as_str());
        for case in &file.cases {
            prepared.push(prepare(lowering, case, zone.unwrap_or(ZONE_DEFAULT)));
        }
    }
    prepared
}

fn prepare(lowering: &mut Lowering<'_>, case: &Case, zone: &str) -> Option<Prepared> {
    let given = Given::new(lowering, &case.given, zone);
    let mut earlier = Vec::new();
    let mut wrong = false;
    for call in &case.earlier {
        match Given::new(lowering, &call.given, zone) {
            Some(facts) => earlier.push((facts, call)),
            None => wrong = true,
        }
    }
    let expect: Vec<Option<RuleAction>> = case
        .expect
        .iter()
        .map(|action| lowering.action(action, ""))
        .collect();
    let (given, expect) = (given?, expect.into_iter().collect::<Option<Vec<_>>>()?);
    (!wrong).then_some(())?;
    // Unless the case gives the time of an earlier call, it is told from the call at hand.
    let mut calls: Vec<(Given, u32)> = earlier
        .into_iter()
        .map(|(facts, call)| (facts.before(&given, call.ago_ms), call.times))
        .collect();
    calls.sort_by_key(|(facts, _)| facts.time());
    Some(Prepared {
        earlier: calls,
        given,
        expect,
    })
}

fn run(
    program: &ArchivedRuleProgram,
    loaded: &Loaded,
    case: &Prepared,
    written: &Case,
) -> Option<String> {
    let history = History::new(HISTORY_BYTES);
    let rules = Rules {
        program,
        loaded,
        history: &history,
    };
    let mut scratch = Scratch::new();
    for (facts, times) in &case.earlier {
        for _ in 0..*times {
            rules.evaluate(facts, &mut scratch);
            if rules.record(facts, &mut scratch) == Recorded::Changed {
                return Some("an earlier call could not be recorded".to_owned());
            }
        }
    }
    let verdict = rules.evaluate(&case.given, &mut scratch);
    let actions = follow(&rules, &scratch);
    let wrong = mismatches(&case.expect, &verdict, &actions);
    if wrong.is_empty() {
        return None;
    }
    let mut report = String::new();
    for line in wrong {
        let _ = writeln!(report, "{line}");
    }
    explain(&mut report, &rules, case, &mut scratch);
    let _ = write!(report, "given {}", facts_text(written));
    Some(report)
}

fn facts_text(case: &Case) -> String {
    let facts: Vec<String> = case.given.iter().map(format::comparison).collect();
    facts.join(" AND ")
}

/// What follows, in memory of its own.
fn follow(rules: &Rules<'_>, scratch: &Scratch) -> Vec<RuleAction> {
    let read = |action| rkyv::deserialize::<RuleAction, rkyv::rancor::Error>(action).ok();
    let actions = rules.follow(scratch);
    actions.filter_map(|(_, action)| read(action)).collect()
}

fn mismatches(expect: &[RuleAction], verdict: &Verdict, actions: &[RuleAction]) -> Vec<String> {
    let mut wrong = Vec::new();
    let wanted = expect.iter().filter_map(decision).max();
    let has_decision = expect.is_empty() || wanted.is_some();
    if has_decision && wanted != verdict.decision {
        let name = |decision: Option<Decision>| decision.map_or("nothing", Decision::name);
        let (wanted, found) = (name(wanted), name(verdict.decision));
        wrong.push(format!("expected {wanted}, found {found}"));
    }
    for action in expect {
        let is = match action {
            RuleAction::Allow => true,
            RuleAction::LogLevel(level) => verdict.log_level == Some(*level),
            _ => actions.iter().any(|found| same(action, found)),
        };
        if !is && decision(action).is_none_or(|one| Some(one) == verdict.decision) {
            wrong.push(format!("expected {}, which does not follow", name(action)));
        }
    }
    wrong
}

fn decision(action: &RuleAction) -> Option<Decision> {
    match action {
        RuleAction::Allow => Some(Decision::Allow),
        RuleAction::Redact(_) => Some(Decision::Redact),
        RuleAction::Hold => Some(Decision::Hold),
        RuleAction::Deny(_) => Some(Decision::Deny),
        _ => None,
    }
}

/// Whether what follows is what a case expects: `deny` alone means any reason.
fn same(expected: &RuleAction, found: &RuleAction) -> bool {
    match (expected, found) {
        (RuleAction::Deny(reason), RuleAction::Deny(found)) => reason.is_empty() || reason == found,
        (RuleAction::Redact(entities), RuleAction::Redact(found)) => {
            entities.iter().all(|entity| found.contains(entity))
        }
        (RuleAction::Limit(limit), RuleAction::Limit(found)) => {
            (limit.count, limit.period_ms, limit.per) == (found.count, found.period_ms, found.per)
        }
        _ => expected == found,
    }
}

fn name(action: &RuleAction) -> String {
    match action {
        RuleAction::Allow => "allow".to_owned(),
        RuleAction::Deny(reason) if reason.is_empty() => "deny".to_owned(),
        RuleAction::Deny(reason) => format!("deny({reason:?})"),
        RuleAction::Hold => "require_human_approval".to_owned(),
        RuleAction::Redact(entities) => format!("redact({})", entities.join(", ")),
        RuleAction::Notify(channel) => {
            format!("notify_channel({:?}, {:?})", channel.kind, channel.name)
        }
        RuleAction::LogLevel(level) => {
            let level = crate::vocabulary::LEVELS.get(*level as usize);
            format!("log_level({:?})", level.copied().unwrap_or_default())
        }
        RuleAction::Limit(_) => "limit".to_owned(),
        RuleAction::Flag => "flag_for_review".to_owned(),
        RuleAction::EndSession => "end_session".to_owned(),
    }
}

/// Which rules hold and why, and why those do not that would decide as expected.
fn explain(report: &mut String, rules: &Rules<'_>, case: &Prepared, scratch: &mut Scratch) {
    let wanted = case.expect.iter().filter_map(decision).max();
    let mut told = 0_usize;
    let held: Vec<u16> = scratch.holding().iter().map(|one| one.rule).collect();
    for (at, row) in rules.program.body.rules.iter().enumerate() {
        let number = u16::try_from(at).unwrap_or(u16::MAX);
        let holds = held.contains(&number);
        let restricts = rules.loaded.rules.get(at).and_then(|rule| rule.restricts);
        if (!holds && (wanted.is_none() || restricts != wanted)) || told >= EXPLAINED_MAX {
            continue;
        }
        told = told.saturating_add(1);
        let does = if holds { "holds" } else { "does not hold" };
        let shadow = if row.shadow { " (shadow)" } else { "" };
        let _ = writeln!(
            report,
            "rule \"{}\" ({}){shadow} {does}:",
            row.name, row.place
        );
        for line in rules.explain(&case.given, scratch, number).lines() {
            let _ = writeln!(report, "  {line}");
        }
    }
}
