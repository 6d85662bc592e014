//! The organisation's rules, compiled: what is tested, how tests combine, what follows.
//!
//! Refuses nothing itself: who loads a program checks every index, and its fingerprint.

use rkyv::{Archive, Deserialize, Serialize};

/// All rules of a policy directory.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[rkyv(derive(Debug))]
pub struct RuleProgram {
    /// Over everything below as it lies in the archive; a program with another one is refused.
    pub fingerprint: u64,
    /// The rows that follow.
    pub body: RuleBody,
}

/// What a [`RuleProgram`] holds.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[rkyv(derive(Debug, Hash))]
pub struct RuleBody {
    /// In the order of files and lines; the order means nothing.
    pub rules: Vec<RuleRow>,
    /// Conditions as trees in pre-order.
    pub nodes: Vec<Node>,
    /// Distinct tests, the cheapest first.
    pub atoms: Vec<AtomRow>,
    /// Places in the arguments, as a tree: row 0 is the arguments, parents stand before children.
    pub paths: Vec<PathRow>,
    /// Expressions of `MATCHES`.
    pub patterns: Vec<String>,
    /// Names of time zones.
    pub zones: Vec<String>,
    /// What is remembered of calls.
    pub counters: Vec<Counter>,
}

/// One rule.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[rkyv(derive(Debug, Hash))]
pub struct RuleRow {
    /// Its name, unique in the program.
    pub name: String,
    /// `FILE:LINE`.
    pub place: String,
    /// Evaluated and reported, not enforced.
    pub shadow: bool,
    /// Index into `RuleBody::nodes`: the root of its condition.
    pub condition: u32,
    /// What follows when it holds.
    pub actions: Vec<RuleAction>,
}

/// What follows when a rule holds.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub enum RuleAction {
    /// The call may go on.
    Allow,
    /// The call is refused; the reason is for the agent and the record, perhaps empty.
    Deny(String),
    /// A human must approve the call.
    Hold,
    /// Findings of these entities are replaced.
    Redact(Vec<String>),
    /// Somebody is told.
    Notify(NotifyChannel),
    /// The record gets at least this level: an index into the levels of the language.
    LogLevel(u8),
    /// Calls for which the rule holds are counted against a rate.
    Limit(RuleLimit),
    /// The call is put before a human afterwards.
    Flag,
    /// The session ends.
    EndSession,
}

/// Who is told.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub struct NotifyChannel {
    /// Such as `slack`.
    pub kind: String,
    /// Such as `#security-alerts`.
    pub name: String,
}

/// A rate that calls are counted against.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub struct RuleLimit {
    /// Calls in a period.
    pub count: u64,
    /// The period in milliseconds.
    pub period_ms: u64,
    /// Who shares a counter: a scope as a number.
    pub per: u8,
    /// Names the counter, so that it survives recompilation.
    pub cell: u64,
}

/// One node of a condition.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[rkyv(derive(Debug, Hash))]
pub struct Node {
    /// 0: all children; 1: any child; 2: a test.
    pub kind: u8,
    /// Of a test: whether its contrary is meant.
    pub negate: bool,
    /// Of a test: index into `RuleBody::atoms`.
    pub atom: u16,
    /// Index behind the last descendant. The first child stands behind the node, each next one at
    /// the `end` of the one before.
    pub end: u32,
}

/// A test, and how it is written.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[rkyv(derive(Debug, Hash))]
pub struct AtomRow {
    /// In the language.
    pub text: String,
    /// What is tested.
    pub test: Atom,
}

/// A test that is true, false or unknown.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub enum Atom {
    /// A text of the call.
    Text(u8, TextTest),
    /// Whether a set of the call (its number) holds any of these.
    Set(u8, Vec<String>),
    /// Whether a number of the call (its number) lies in any of these ranges.
    Number(u8, Vec<NumberRange>),
    /// Whether a part of the time lies in any of these ranges: index into `RuleBody::zones`, part.
    Time(u16, u8, Vec<NumberRange>),
    /// An annotation of the tool, by its name.
    Annotation(String, ValueTest),
    /// What stands at a place of the arguments: index into `RuleBody::paths`.
    Argument(u16, ValueTest),
    /// The number of findings of an entity.
    Findings(String, Vec<NumberRange>),
    /// How often a counter counted: index into `RuleBody::counters`.
    Count(u16, Vec<NumberRange>),
    /// Whether the value that a counter looks at was seen before.
    Seen(u16),
    /// Whether a text of the call is there.
    TextExists(u8),
    /// Whether a set of the call has members.
    SetExists(u8),
    /// Whether a number of the call is known.
    NumberExists(u8),
}

/// Numbers from `low` to `high`, both included.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub struct NumberRange {
    /// The first one.
    pub low: u64,
    /// The last one.
    pub high: u64,
}

/// A test of a text.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub enum TextTest {
    /// It is one of these, sorted.
    Among(Vec<String>),
    /// It begins with one of these.
    Starts(Vec<String>),
    /// It ends with one of these.
    Ends(Vec<String>),
    /// One of these stands in it; an array: one of these is an element.
    Holds(Vec<String>),
    /// An expression matches somewhere: index into `RuleBody::patterns`.
    Matches(u16),
}

/// A test of a JSON value.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub enum ValueTest {
    /// It is there.
    Exists,
    /// A string that passes the test.
    Text(TextTest),
    /// A number in any of these ranges.
    Number(Vec<DecimalRange>),
    /// `true` or `false`.
    Truth(bool),
}

/// Decimal numbers between two bounds.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub struct DecimalRange {
    /// None: from the least number on.
    pub low: Option<DecimalBound>,
    /// None: to the greatest number.
    pub high: Option<DecimalBound>,
}

/// One end of a [`DecimalRange`].
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub struct DecimalBound {
    /// As JSON writes numbers.
    pub number: String,
    /// Whether the number itself lies in the range.
    pub included: bool,
}

/// One step of a place in the arguments.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub struct PathRow {
    /// Index into `RuleBody::paths`, less than its own; row 0 names itself.
    pub parent: u16,
    /// The step from there.
    pub step: PathStep,
}

/// A step into a JSON value.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub enum PathStep {
    /// The arguments themselves.
    Root,
    /// The member of an object with this key.
    Key(String),
    /// The element of an array with this number.
    Index(u32),
    /// Any element of an array.
    Any,
}

/// Something that is remembered of admitted calls.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub struct Counter {
    /// Names it across compilations: a hash of what is counted, how long, and for whom.
    pub name: u64,
    /// Who shares it: a scope as a number.
    pub per: u8,
    /// How long calls count, in milliseconds; 0: as long as the process runs.
    pub within_ms: u64,
    /// What is counted.
    pub what: Counted,
}

/// What a counter looks at.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[rkyv(derive(Debug, Hash))]
pub enum Counted {
    /// Calls for which a condition holds: index into `RuleBody::nodes`.
    Calls(u32),
    /// Values of a text of the call.
    Text(u8),
    /// Values at a place of the arguments: index into `RuleBody::paths`.
    Argument(u16),
}
