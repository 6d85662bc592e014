//! What can be wrong with a log's evidence, in words for a person.

use core::fmt;

use varistor_audit::SegmentName;

/// One thing that is not as it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceProblem {
    /// The record that was changed or is missing; of damaged evidence, the first record that the
    /// damaged part spoke of.
    pub index: u64,
    /// Whether it is exactly this record, or one from this on.
    pub exact: bool,
    /// What it is.
    pub what: What,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The records up to this number are not those whose head was signed.
    Root {
        /// How many records the head has.
        size: u64,
    },
    /// Records are missing at the end.
    Missing {
        /// How many were signed.
        signed: u64,
    },
    /// A head in this file is not signed by the key of its part of the log.
    Head(SegmentName),
    /// Something else than heads is in this file, or they are out of order.
    Heads(SegmentName),
    /// A head that the verifier brought along is none of this log.
    Foreign,
    /// The chain of keys breaks at this byte.
    Keychain(usize),
    /// The chain of keys begins with another key than the one that is known.
    Anchor,
    /// The log was signed, and the chain of keys is gone.
    NoKeychain,
    /// The hashes of records that were retired are gone, so that no head can be checked.
    NoTree,
}

impl EvidenceProblem {
    /// Whether only the end of the log is missing.
    #[must_use]
    pub const fn is_end(&self) -> bool {
        matches!(self.what, What::Missing { .. })
    }

    /// Whether it tells of a record rather than of evidence.
    #[must_use]
    pub const fn is_record(&self) -> bool {
        matches!(self.what, What::Root { .. })
    }
}

impl fmt::Display for EvidenceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = self.index;
        match &self.what {
            What::Root { size } if self.exact => write!(
                f,
                "record {index}: not the one that was signed (head of {size} records)"
            ),
            What::Root { size } => write!(
                f,
                "records {index} to {}: at least one is not the one that was signed; which, can't \
                 be told, because the tree was changed too",
                size.saturating_sub(1)
            ),
            What::Missing { signed } => write!(
                f,
                "record {index}: missing, with all behind it; {signed} records were signed"
            ),
            What::Head(segment) => write!(
                f,
                "a checkpoint behind record {index} is not signed by the key of its time ({})",
                file(*segment)
            ),
            What::Heads(segment) => write!(
                f,
                "the checkpoints behind record {index} can't be read, or are out of order ({})",
                file(*segment)
            ),
            What::Foreign => write!(f, "a checkpoint that was brought along is not of this log"),
            What::Keychain(byte) => write!(
                f,
                "the chain of keys breaks behind record {index} (keychain, byte {byte})"
            ),
            What::Anchor => write!(
                f,
                "the log begins with another key than the anchor: it is another log, or was \
                 written anew"
            ),
            What::NoKeychain => write!(
                f,
                "the chain of keys is gone (keychain); without it nothing of this log is proved"
            ),
            What::NoTree => write!(
                f,
                "the tree lacks hashes of the records before {index}, so no checkpoint can be \
                 checked (tree.0 and so on)"
            ),
        }
    }
}

fn file(segment: SegmentName) -> String {
    crate::heads::path("".as_ref(), segment)
        .display()
        .to_string()
}
