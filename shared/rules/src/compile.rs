//! Turns checked rule files into the program of a snapshot.
//!
//! Refuses what [`check`](crate::check()) calls an error.

use varistor_snapshot::schema::rules::{ArchivedRuleBody, Atom, AtomRow, Counted, Counter, Node};
use varistor_snapshot::schema::rules::{RuleBody, RuleProgram, RuleRow, TextTest, ValueTest};
use xxhash_rust::xxh3::Xxh3Default;

use crate::ast::File;
use crate::diagnostic::{Diagnostic, Severity};
use crate::known::Known;
use crate::limits::NODES_MAX;
use crate::lower::{Expr, LoweredCounted, Tables, lower};
use crate::source::{Source, Span};

/// A program, and what is doubtful about it.
#[derive(Debug)]
pub struct Compiled {
    /// For the snapshot.
    pub program: RuleProgram,
    /// What lints say.
    pub warnings: Vec<Diagnostic>,
}

/// Kinds of [`Node`].
pub(crate) mod kind {
    pub(crate) const ALL: u8 = 0;
    pub(crate) const ANY: u8 = 1;
    pub(crate) const LEAF: u8 = 2;
}

/// The program of a policy without rules.
#[must_use]
pub fn nothing() -> RuleProgram {
    let compiled = compile(&[], &[], &Known::default());
    // A program that is not one is refused by whoever loads it.
    compiled.map_or_else(|_| RuleProgram::default(), |compiled| compiled.program)
}

/// Compiles all files of a policy; `files` are the trees of `sources`.
///
/// # Errors
///
/// All mistakes, and the warnings among them.
pub fn compile(
    sources: &[Source<'_>],
    files: &[File],
    known: &Known,
) -> Result<Compiled, Vec<Diagnostic>> {
    let found = crate::check::check(sources, files, known);
    if let Some(at) = files.iter().position(|file| file.incomplete) {
        let span = Span {
            file: u16::try_from(at).unwrap_or(u16::MAX),
            ..Span::default()
        };
        let label = "its mistakes are told where it is read";
        let mut found = found;
        found.push(Diagnostic::error(span, "a file could not be read", label));
        return Err(found);
    }
    if found.iter().any(|one| one.severity == Severity::Error) {
        return Err(found);
    }
    let lowering = lower(sources, files, known);
    let mut body = RuleBody::default();
    for rule in &lowering.rules {
        let condition = emit(&mut body.nodes, &rule.condition, &lowering.tables);
        body.rules.push(RuleRow {
            name: rule.rule.name.value.clone(),
            place: rule.place.clone(),
            shadow: rule.rule.shadow,
            condition,
            actions: rule.actions.clone(),
        });
    }
    counters(&mut body, &lowering.tables);
    let tables = lowering.tables;
    let atoms = tables.atoms.items.into_iter().zip(tables.texts);
    body.atoms = atoms.map(|(test, text)| AtomRow { text, test }).collect();
    body.paths = tables.paths.items;
    body.patterns = tables.patterns.items;
    body.zones = tables.zones.items;
    if body.nodes.len() > NODES_MAX {
        let label = format!("at most {NODES_MAX} tests in all");
        let error = Diagnostic::error(Span::default(), "the rules are too large", label);
        return Err(vec![error]);
    }
    let fingerprint = archived_fingerprint(&body).ok_or_else(|| {
        let message = "the program can't be archived";
        vec![Diagnostic::error(Span::default(), message, "")]
    })?;
    Ok(Compiled {
        program: RuleProgram { fingerprint, body },
        warnings: found,
    })
}

fn counters(body: &mut RuleBody, tables: &Tables) {
    for counter in &tables.counters.items {
        let what = match &counter.what {
            LoweredCounted::Calls(condition) => {
                Counted::Calls(emit(&mut body.nodes, condition, tables))
            }
            LoweredCounted::Text(field) => Counted::Text(*field),
            LoweredCounted::Argument(path) => Counted::Argument(*path),
        };
        body.counters.push(Counter {
            name: counter.name,
            per: counter.per,
            within_ms: counter.within_ms,
            what,
        });
    }
}

/// Writes a condition in pre-order, the cheapest parts first, and says where it begins.
fn emit(nodes: &mut Vec<Node>, expr: &Expr, tables: &Tables) -> u32 {
    let at = nodes.len();
    let (kind, negate, atom, parts) = match expr {
        Expr::Leaf { atom, negate } => (kind::LEAF, *negate, *atom, None),
        Expr::All(parts) => (kind::ALL, false, 0, Some(parts)),
        Expr::Any(parts) => (kind::ANY, false, 0, Some(parts)),
    };
    nodes.push(Node {
        kind,
        negate,
        atom,
        end: 0,
    });
    let mut sorted: Vec<&Expr> = parts.into_iter().flatten().collect();
    sorted.sort_by_key(|part| cost(part, tables));
    for part in sorted {
        emit(nodes, part, tables);
    }
    let end = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
    if let Some(node) = nodes.get_mut(at) {
        node.end = end;
    }
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// About how many instructions it takes.
fn cost(expr: &Expr, tables: &Tables) -> u32 {
    match expr {
        Expr::Leaf { atom, .. } => tables.atoms.get(*atom).map_or(0, atom_cost),
        Expr::All(parts) | Expr::Any(parts) => parts
            .iter()
            .map(|part| cost(part, tables))
            .fold(10, u32::saturating_add),
    }
}

fn atom_cost(atom: &Atom) -> u32 {
    match atom {
        Atom::Number(..) | Atom::NumberExists(_) => 10,
        Atom::TextExists(_) | Atom::SetExists(_) => 15,
        Atom::Text(_, TextTest::Matches(_)) => 500,
        Atom::Text(..) => 20,
        Atom::Set(..) => 50,
        Atom::Time(..) => 150,
        Atom::Findings(..) => 150,
        Atom::Annotation(..) => 200,
        Atom::Argument(_, ValueTest::Text(TextTest::Matches(_))) => 2000,
        Atom::Argument(..) => 1000,
        Atom::Count(..) | Atom::Seen(_) => 3000,
    }
}

/// The fingerprint of a body as it will lie in the archive.
fn archived_fingerprint(body: &RuleBody) -> Option<u64> {
    let bytes = rkyv::to_bytes::<rkyv::rancor::Error>(body).ok()?;
    let archived = rkyv::access::<ArchivedRuleBody, rkyv::rancor::Error>(&bytes).ok()?;
    Some(fingerprint(archived))
}

/// A hash over all that a program says: another program has another one.
#[must_use]
pub fn fingerprint(body: &ArchivedRuleBody) -> u64 {
    use std::hash::{Hash as _, Hasher as _};
    let mut hasher = Xxh3Default::new();
    body.hash(&mut hasher);
    hasher.finish()
}
