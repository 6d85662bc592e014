//! What is looked for in payloads, and what follows what is found.

use rkyv::{Archive, Deserialize, Serialize};

/// Data-loss prevention: what is looked for. What follows stands in [`Actions`].
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Dlp {
    /// What policy says about the classes as such: `DlpAction` as a number, indexed by `Class` as a
    /// number, for arguments.
    pub request: [u8; 3],
    /// The same for answers.
    pub response: [u8; 3],
    /// The serialized Hyperscan database that runs over all text; empty when it would look for
    /// nothing.
    pub database: Vec<u8>,
    /// The one that runs only around long runs of letters and digits, for expressions whose every
    /// match holds one.
    pub run_database: Vec<u8>,
    /// The detectors; the expression with id `n` in either database belongs to row `n`.
    pub detectors: Vec<Detector>,
    /// Words of names and addresses: a hash table whose layout the inspecting crate defines; empty
    /// when nobody looks for them.
    pub lexicon: Vec<u32>,
    /// Whether a finding may make one of another class within it needless, where the classes'
    /// actions allow it: no exception treats classes otherwise, and no placeholder is reversible.
    pub covers: bool,
}

/// One detector.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Detector {
    /// What it finds, such as `credit_card`.
    pub entity: String,
    /// The broader kind it belongs to, such as `generic_api_key`; itself when there is none.
    pub parent: String,
    /// `Class` as a number.
    pub class: u8,
    /// How sure a confirmed match is, in percent.
    pub confidence: u8,
    /// Least Shannon entropy of a match, in hundredths of a bit a byte.
    pub entropy: u16,
    /// For values that only their name tells: the regular expression that the name must hold, in
    /// lower case with `_` between its words; empty for all others.
    pub key: String,
    /// Which check confirms a match; numbers are defined by the inspecting crate.
    pub validator: u8,
    /// Of an identity number: which structure and check digits it must have; numbers are defined by
    /// the inspecting crate.
    pub check: u8,
    /// Words of which one phrase must stand before a weak match, in lower case.
    pub context: Vec<String>,
    /// Whether a match of an identity number counts without such words.
    pub alone: bool,
    /// Longest match in bytes: how far before its end a match can begin.
    pub window: u32,
    /// The regular expression that finds the exact span in the window.
    pub pattern: String,
    /// The strictest action (`DlpAction` as a number) that a rule about this very detector gives
    /// it, in any direction; none when only rules about its class and about everything concern it.
    /// A finding of a detector with one is kept beside longer ones of its class. What follows
    /// stands in [`Actions`].
    pub action: Option<u8>,
}

/// What follows findings.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Actions {
    /// What follows when no exception speaks: `DlpAction` as a number in arguments and in answers,
    /// for each of `Dlp::detectors`. A detector without an entry is denied.
    pub detectors: Vec<[u8; 2]>,
    /// Findings less sure than this, in percent, are recorded at most.
    pub confidence_min: u8,
    /// What a placeholder tells of the value: 0 nothing, 1 its length, 2 a keyed hash.
    pub keep: u8,
    /// What stands in structured data where a placeholder is not valid: 0 a value of the right
    /// type, 1 nothing where the member is optional, 2 a tool error.
    pub structured: u8,
    /// At most 256. Their order means nothing.
    pub exceptions: Vec<Exception>,
    /// Which placeholders can be turned back, and for whom.
    pub placeholders: Placeholders,
}

/// Placeholders in answers that stand for their value: a later call of the same token that holds
/// one goes on with the value, to servers that are cleared for it.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
pub struct Placeholders {
    /// Indices into `Dlp::detectors`: all detectors of entities whose placeholders are
    /// reversible.
    pub reversible: Vec<u16>,
    /// Which servers get which values back.
    pub clear: Vec<Clearance>,
    /// Values are forgotten this long after the token last had to do with any, in milliseconds.
    pub idle_ms: u64,
}

/// What one server may get back.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Clearance {
    /// Index into `Policy::servers`.
    pub server: u32,
    /// Indices into `Dlp::detectors`, all of them of reversible entities.
    pub detectors: Vec<u16>,
}

/// An action for some findings of some calls. Of those that cover a finding, one decides unless
/// another is more special than it; of several that decide, the strictest.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Exception {
    /// What it is about, sorted by detector, each of them once.
    pub covers: Vec<Cover>,
    /// Bit 0: arguments; bit 1: answers.
    pub directions: u8,
    /// Whether it holds for whatever is called; otherwise `targets` say for what.
    pub everywhere: bool,
    /// Sorted as `Role::grants` are. A snapshot in another order is refused.
    pub targets: Vec<Target>,
    /// Indices into `Policy::roles`, sorted: a caller with any of them. Empty: every caller.
    pub roles: Vec<u32>,
    /// `DlpAction` as a number.
    pub action: u8,
}

/// One detector that an exception is about.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover {
    /// Index into `Dlp::detectors`.
    pub detector: u16,
    /// By what it was named: 0 nothing, 1 its class, 2 its parent, 3 itself.
    pub special: u8,
}

/// What of one server an exception holds for.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Target {
    /// Index into `Policy::servers`.
    pub server: u32,
    /// Glob over names of tools.
    pub name: String,
    /// By what the server was named: 0 `*`, 1 a pattern, 2 its name.
    pub server_special: u8,
    /// By what tools were named: 0 not at all, so that it holds for all that is no call of a tool,
    /// too; 1 `*`, 2 a pattern, 3 a name.
    pub tool_special: u8,
}
