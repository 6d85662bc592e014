//! Finds sensitive data in JSON payloads and replaces it.
//!
//! Decides what is a finding and where it stands; what follows is policy. Refuses to report half:
//! a payload with more than can be kept, or that takes too long to confirm, is an error or says
//! that it overflowed.
//!
//! One Hyperscan pass finds where literal-led patterns end, cheap gates find digits and `@`; each
//! candidate is confirmed in its window. Strings are looked at as they decode, so that an escape
//! hides nothing; findings are told as places in the payload as it stands.

mod account;
mod address;
mod catalogue;
mod cell;
mod choose;
mod company;
mod compile;
mod confirm;
mod context;
mod emails;
mod encoded;
mod engine;
mod field;
mod financial;
mod gazetteer;
mod house;
mod ids;
mod kit;
mod lexicon;
mod locate;
mod look;
mod marks;
mod memo;
mod named;
mod numbers;
mod own;
mod peel;
mod person;
mod phone;
mod plain;
mod redact;
mod runs;
mod scanner;
mod secret;
mod settlement;
mod shape;
mod split;
mod table;
mod text;
mod trigger;
mod validator;
mod view;
mod vocabulary;
mod which;
mod words;

use varistor_model::{Class, Span};

pub use catalogue::entities;
pub use compile::{CatalogueError, Custom, CustomProblem, Settings, compile};
pub use own::{OWN_SECRET_BYTES_MIN, OwnSecrets};
pub use redact::{HashKey, Hidden, Hides, Keep, Numbers, Redaction, label, redact};
pub use scanner::Scanner;
use validator::Validator;

/// Most findings that are kept of one payload, for redaction; `limits::FINDINGS_MAX` of them are
/// meant for the record. A payload with more overflows.
pub const FINDINGS_KEPT_MAX: usize = 16 * 1024;

/// Findings below this confidence, in percent, are not told.
const CONFIDENCE_MIN: u8 = 60;

/// The id, in the database, of words that name what follows them.
const TRIGGER: u32 = 1 << 20;
/// The id of those that may name the code of a bank.
const TRIGGER_BANK: u32 = TRIGGER + 1;

/// One finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Index into `Dlp::detectors`.
    pub detector: u16,
    /// The class of the detector.
    pub class: Class,
    /// How sure it is, in percent.
    pub confidence: u8,
    /// In what clothes the value came.
    pub encoding: Encoding,
    /// Where in [`Findings::value`]'s bytes its value was kept; empty unless
    /// [`Scanner::keep_values`] asked for it.
    pub value: Span,
    /// Where it stands.
    pub place: Place,
    /// The bytes in the payload. In text and keys within one string, without its quotes, and never
    /// part of an escape or of a character; for a number the whole number.
    pub span: Span,
}

/// What had to be undone to read a value, beyond the escapes of the string it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Encoding {
    /// Nothing.
    Plain = 0,
    /// Escapes of JSON text within the string.
    Json = 1,
    /// Percent signs (RFC 3986 section 2.1).
    Url = 2,
    /// Character references of HTML.
    Html = 3,
    /// Compatibility forms or invisible characters of Unicode (UAX #15).
    Unicode = 4,
    /// RFC 4648 section 4 or 5.
    Base64 = 5,
    /// RFC 4648 section 8.
    Hex = 6,
    /// The value was spread over several strings.
    Split = 7,
}

impl Encoding {
    /// The name in explanations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Json => "json",
            Self::Url => "url",
            Self::Html => "html",
            Self::Unicode => "unicode",
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Split => "split",
        }
    }
}

/// What a finding is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A string that is a value.
    Text,
    /// The key of a member.
    Key,
    /// A number.
    Number,
}

/// The findings of one payload, by where they begin; reused from scan to scan.
#[derive(Debug, Default)]
pub struct Findings {
    found: Vec<Finding>,
    values: Vec<u8>,
    overflowed: bool,
}

impl Findings {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            found: Vec::new(),
            values: Vec::new(),
            overflowed: false,
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.found.clear();
        self.values.clear();
        self.overflowed = false;
    }

    /// The findings, by where they begin. Findings of different classes may overlap.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.found.iter()
    }

    /// The findings, by where they begin.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.found
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What a finding's value reads, with all of its encodings undone. Empty unless
    /// [`Scanner::keep_values`] asked for it.
    #[must_use]
    pub fn value(&self, finding: &Finding) -> &[u8] {
        finding.value.of_bytes(&self.values)
    }

    /// Whether the payload held more than was kept. Then what is here is not all of it, and only
    /// the payload as a whole can be acted on.
    #[must_use]
    pub const fn overflowed(&self) -> bool {
        self.overflowed
    }

    fn push(&mut self, finding: Finding) {
        if self.found.len() < FINDINGS_KEPT_MAX {
            self.found.push(finding);
        } else {
            self.overflowed = true;
        }
    }
}

impl<'f> IntoIterator for &'f Findings {
    type Item = &'f Finding;
    type IntoIter = std::slice::Iter<'f, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Why a payload could not be scanned or redacted. Always a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The snapshot's database cannot be used here.
    #[error("the pattern database cannot be read by this build or on this processor")]
    Database,
    /// A detector row with a number or pattern that this build does not know.
    #[error("detector {0} of the snapshot cannot be used by this build")]
    Detector(usize),
    /// The scanning library failed.
    #[error("the scan failed")]
    Scan,
    /// Over 4 GiB, or no JSON.
    #[error("the payload cannot be scanned")]
    Payload,
    /// Candidates whose confirmation would take too long.
    #[error("the payload holds too many candidates")]
    Overwork,
    /// More findings than can be replaced one by one.
    #[error("the payload holds more than {FINDINGS_KEPT_MAX} findings")]
    TooMany,
}

/// A finding in the decoded text, before it is located in the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hit {
    start: usize,
    end: usize,
    detector: u16,
    confidence: u8,
    encoding: Encoding,
    /// Whether it is all of the string that it begins.
    is_whole: bool,
    /// Where its value was kept.
    value: Span,
}
