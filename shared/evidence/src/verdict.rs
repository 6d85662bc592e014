//! The check of a log with its evidence: lines, chain, tree, heads, keys.
//!
//! It reads everything once, in order. The roots that were signed decide; the hashes in `tree.0`
//! only tell which line it was. Memory: the keys, one line, and one block of hashes.

mod locate;
mod problem;
mod signed;

use std::io;
use std::path::Path;

use varistor_audit::{
    Head, ProblemKind, Progress, Report, SegmentName, Start, VerifyOptions, segments,
    verify_watched,
};

pub use problem::{EvidenceProblem, What};

use self::locate::Tree;
use crate::note::{Note, VerifierKey};

/// What a verifier brings along.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The log's first key, as it was told when the log began.
    pub anchor: Option<VerifierKey>,
    /// Heads that the verifier kept from earlier, or got from a witness.
    pub heads: Vec<Note>,
    /// Keys of witnesses whose word is asked for.
    pub witnesses: Vec<VerifierKey>,
    /// How many of them must have cosigned; `None`: all.
    pub quorum: Option<usize>,
}

impl Known {
    /// How many witnesses must have cosigned.
    pub(crate) fn quorum(&self) -> usize {
        self.quorum.unwrap_or(self.witnesses.len())
    }
}

/// Which part of a log is checked.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// The first record; the check begins where its segment does.
    pub from: u64,
    /// The last record; the check ends where its segment does.
    pub to: u64,
}

impl Default for Extent {
    fn default() -> Self {
        Self {
            from: 0,
            to: u64::MAX,
        }
    }
}

/// What verification found.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Of lines and chain.
    pub report: Report,
    /// What is wrong with the rest, in the order of the log.
    pub problems: Vec<EvidenceProblem>,
    /// The log's first key; `None` of a log that was never signed.
    pub anchor: Option<VerifierKey>,
    /// Keys that the log has had.
    pub keys: u64,
    /// Heads that were checked.
    pub heads: u64,
    /// Lines that the newest good head covers.
    pub signed: u64,
    /// Lines that were signed once, as far as any head says.
    pub signed_most: u64,
    /// Lines that the newest head that enough witnesses cosigned covers, and when they did, in
    /// seconds since 1970.
    pub witnessed: Option<(u64, u64)>,
    /// When the first record behind it was written, in nanoseconds since 1970; `None` where there
    /// is none, or its line says no time.
    pub unwitnessed_ns: Option<u64>,
    /// The files of the tree are not what the lines come to. A start makes them anew.
    pub tree_damaged: bool,
    /// An unfinished note at the end of the newest file of heads.
    pub torn_head: bool,
}

impl Verdict {
    /// Whether records or evidence were changed. What is missing at the end is no change.
    #[must_use]
    pub fn is_tampered(&self) -> bool {
        !self.report.is_sound() || self.problems.iter().any(|problem| !problem.is_end())
    }

    /// The first record that was signed and is not there; `None` when none is missing at the end.
    #[must_use]
    pub fn truncated(&self) -> Option<u64> {
        let mut ends = self.problems.iter().filter(|problem| problem.is_end());
        ends.next().map(|problem| problem.index)
    }

    /// The first record that is not what was written; with whether it is exactly this one, or one
    /// from it on.
    #[must_use]
    pub fn first_bad(&self) -> Option<(u64, bool)> {
        let lines = self.report.first_bad().map(|index| (index, true));
        let evidence = self.problems.iter().filter(|problem| problem.is_record());
        let evidence = evidence.map(|problem| (problem.index, problem.exact)).min();
        match (lines, evidence) {
            // Where the tree only knows a range, a line of that range that the chain names is it.
            (Some(line), Some((_, false))) => Some(line),
            (None, None) => {
                // No record is known to be bad; those that the damaged evidence spoke of may be.
                let changed = self.problems.iter().filter(|problem| !problem.is_end());
                changed.map(|problem| (problem.index, false)).min()
            }
            (line, evidence) => line.into_iter().chain(evidence).min(),
        }
    }

    /// A broken link says that one of two lines was changed, and where the second is the last one,
    /// not which. The tree may know: a line that is proved good is not the one.
    fn blame(&mut self) {
        let mut exact = self.problems.iter().filter(|problem| problem.exact);
        let exact = exact
            .find(|problem| problem.is_record())
            .map(|problem| problem.index);
        for problem in &mut self.report.problems {
            let behind = problem.index.saturating_add(1);
            let is_good = problem.index < self.signed || exact == Some(behind);
            if problem.kind == ProblemKind::Altered && is_good {
                (problem.index, problem.kind) = (behind, ProblemKind::Unlinked);
            }
        }
    }

    /// Lines behind the newest good head.
    #[must_use]
    pub fn unsigned(&self) -> u64 {
        let records = self
            .report
            .last_seq
            .map_or(0, |last| last.saturating_add(1));
        records.saturating_sub(self.signed)
    }
}

/// Verifies the log in `dir`.
///
/// # Errors
/// When files can't be read; never because of what is in them.
pub fn verify(
    dir: &Path,
    known: &Known,
    (extent, options): (Extent, &VerifyOptions),
    progress: impl FnMut(Progress),
) -> io::Result<Verdict> {
    let mut verdict = Verdict::default();
    // Before the lines: whatever is signed stands in them already.
    let chain = signed::chain(dir, known, &mut verdict)?;
    let heads = signed::Heads::open(dir, chain, known)?;
    let names = within(segments::list(dir)?, extent);
    let first = names.first().map_or(0, |name| name.0);
    let mut tree = Tree::begin(dir, first, heads)?;
    let readers = names.into_iter().map(|name| segments::reader(dir, name));
    let start = match extent.from {
        0 => options.start,
        _ => Start::Anywhere,
    };
    let options = VerifyOptions { start, ..*options };
    let mut failed = Ok(());
    let covered = tree.witnessed();
    let report = verify_watched(readers, &options, progress, &mut |place, line| {
        if place == covered {
            verdict.unwitnessed_ns = Head::read(line).map(|head| head.time_ns);
        }
        if failed.is_ok() {
            failed = tree.line(place, line);
        }
    })?;
    failed?;
    tree.finish(extent.to == u64::MAX, &mut verdict)?;
    verdict.report = report;
    verdict.blame();
    verdict.problems.sort_by_key(|problem| problem.index);
    Ok(verdict)
}

/// The segments that hold the records asked for.
fn within(names: Vec<SegmentName>, extent: Extent) -> Vec<SegmentName> {
    let first = names
        .iter()
        .rposition(|name| name.0 <= extent.from)
        .unwrap_or(0);
    let wanted = names.into_iter().skip(first);
    wanted.take_while(|name| name.0 <= extent.to).collect()
}
