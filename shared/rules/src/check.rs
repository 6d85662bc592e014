//! Everything that is wrong or doubtful in a set of rule files, in one run.

use crate::ast::File;
use crate::diagnostic::Diagnostic;
use crate::known::Known;
use crate::limits::DIAGNOSTICS_MAX;
use crate::lints;
use crate::lower::{Lowering, lower};
use crate::source::Source;

/// Types, names and lints. `files` are the trees of `sources`, in the same order; mistakes of
/// reading are [`Parsed::diagnostics`](crate::Parsed::diagnostics).
#[must_use]
pub fn check(sources: &[Source<'_>], files: &[File], known: &Known) -> Vec<Diagnostic> {
    let lowering = lower(sources, files, known);
    let mut found = lints::lints(&lowering, files);
    found.extend(mistakes(lowering));
    sorted(found)
}

pub(crate) fn mistakes(lowering: Lowering<'_>) -> Vec<Diagnostic> {
    lowering.diagnostics
}

fn sorted(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by_key(|one| (one.span.file, one.span.start, one.severity));
    found.truncate(DIAGNOSTICS_MAX);
    found
}
