//! Everything that is wrong or doubtful in a set of rule files, in one run.

use std::cmp::Reverse;

use crate::ast::File;
use crate::cases;
use crate::diagnostic::Diagnostic;
use crate::known::Known;
use crate::limits::DIAGNOSTICS_MAX;
use crate::lints;
use crate::lower::lower;
use crate::source::Source;

/// Types, names and lints. `files` are the trees of `sources`, in the same order; mistakes of
/// reading are [`Parsed::diagnostics`](crate::Parsed::diagnostics).
#[must_use]
pub fn check(sources: &[Source<'_>], files: &[File], known: &Known) -> Vec<Diagnostic> {
    let mut lowering = lower(sources, files, known);
    // Of rules that lost a part nothing can be said.
    let mut found = match files.iter().any(|file| file.incomplete) {
        true => Vec::new(),
        false => lints::lints(&lowering, files),
    };
    cases::prepare_all(&mut lowering, files);
    found.extend(lowering.diagnostics);
    sorted(found)
}

/// In the order of files and places. Of too many, errors stay: a rule that could not be compiled
/// must never be missing unseen.
fn sorted(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let place = |one: &Diagnostic| (one.span.file, one.span.start, one.severity);
    found.sort_by_key(|one| (Reverse(one.severity), place(one)));
    found.truncate(DIAGNOSTICS_MAX);
    found.sort_by_key(place);
    found
}
