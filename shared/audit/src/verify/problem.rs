//! What can be wrong with a log, in words for a person.

use core::fmt;

use crate::{Flaw, SegmentName};

/// One place where a log is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The number of the line that was changed, or that is missing here.
    pub index: u64,
    /// The segment where it showed.
    pub segment: SegmentName,
    /// Where in the segment the line begins that showed it, in bytes.
    pub offset: u64,
    /// What it is.
    pub kind: ProblemKind,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The line can't be read.
    Unreadable(Flaw),
    /// The line is longer than a line can be.
    TooLong,
    /// Another number stands where `index` belongs.
    Seq {
        /// The number that stands there.
        found: u64,
    },
    /// The line behind names another hash than this line has.
    Altered,
    /// The line names another hash than the line before it has.
    Unlinked,
    /// The segment's name is not the number of its first line.
    Name {
        /// The number of its first line.
        found: u64,
    },
    /// The log, or a segment that another follows, ends before this line.
    Missing,
    /// A later segment repeats this line, but not as it stands here.
    Contradicted,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            index,
            segment,
            offset,
            ..
        } = self;
        write!(f, "record {index}: ")?;
        match self.kind {
            ProblemKind::Unreadable(flaw) => write!(f, "the line can't be read: {flaw}"),
            ProblemKind::TooLong => write!(f, "the line is longer than a line can be"),
            ProblemKind::Seq { found } if found > *index => {
                write!(f, "missing; record {found} stands in its place")
            }
            ProblemKind::Seq { found } => {
                write!(f, "record {found} stands in its place, for a second time")
            }
            ProblemKind::Altered => write!(f, "changed; the record behind it names another hash"),
            ProblemKind::Unlinked => {
                write!(f, "its prev is not the hash of the record before it")
            }
            ProblemKind::Name { found } => {
                write!(
                    f,
                    "the segment is named otherwise than its first record, {found}"
                )
            }
            ProblemKind::Missing => write!(f, "missing; the segment before ends too early"),
            ProblemKind::Contradicted => {
                write!(
                    f,
                    "stands twice, and differently, at a segment's end and in the next"
                )
            }
        }?;
        write!(f, " ({segment}, byte {offset})")
    }
}
