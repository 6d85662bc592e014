//! The tree of a rule file, as it is written.
//!
//! Trees are equal when they say the same: spans and parentheses don't count.

use crate::source::Span;

/// One rule file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// `ZONE "Europe/Berlin"`: the zone of `time.*` in all rules of the file.
    pub zone: Option<Text>,
    /// The rules, as they stand.
    pub rules: Vec<Rule>,
    /// The test cases, as they stand.
    pub cases: Vec<Case>,
    /// Something of it could not be read: it may be checked, but not compiled.
    pub incomplete: bool,
}

/// A string with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What it says, escapes undone.
    pub value: String,
    /// With its quotes.
    pub span: Span,
}

/// `RULE "name" [SHADOW] IF condition THEN action AND ...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: Text,
    /// Evaluated and reported, not enforced.
    pub shadow: bool,
    /// When it holds.
    pub condition: Condition,
    /// What follows.
    pub actions: Vec<Action>,
    /// Places of `RULE`, `IF` and `THEN`.
    pub words: [Span; 3],
}

/// `TEST "name" EARLIER .. GIVEN .. EXPECT ..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub name: Text,
    /// Calls that were admitted before.
    pub earlier: Vec<Earlier>,
    /// The facts of the call.
    pub given: Vec<Comparison>,
    /// What must follow; empty: `nothing`.
    pub expect: Vec<Action>,
    /// Places of `TEST`, `GIVEN` and `EXPECT`.
    pub words: [Span; 3],
}

/// `EARLIER facts, ago = 10m, times = 3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The facts of the call.
    pub given: Vec<Comparison>,
    /// How long ago, in milliseconds.
    pub ago_ms: u64,
    /// How many calls.
    pub times: u32,
    /// The place of the word.
    pub span: Span,
}

/// What must be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All of them; two or more, none of them an `And`.
    And(Vec<Condition>),
    /// Any of them; two or more, none of them an `Or`.
    Or(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// A test.
    Test(Comparison),
}

/// A field, how it is compared, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What is looked at.
    pub left: Operand,
    /// How.
    pub operator: Operator,
    /// With what.
    pub right: Value,
    /// The whole.
    pub span: Span,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `IN`
    In,
    /// `CONTAINS`
    Contains,
    /// `STARTS WITH`
    StartsWith,
    /// `ENDS WITH`
    EndsWith,
    /// `MATCHES`
    Matches,
    /// `EXISTS`, before the field or behind it.
    Exists,
    /// Nothing: the field alone, which is true or false.
    Holds,
}

impl Operator {
    /// As it is written.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "IN",
            Self::Contains => "CONTAINS",
            Self::StartsWith => "STARTS WITH",
            Self::EndsWith => "ENDS WITH",
            Self::Matches => "MATCHES",
            Self::Exists => "EXISTS",
            Self::Holds => "",
        }
    }
}

/// What a comparison looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// What.
    pub kind: OperandKind,
    /// The whole.
    pub span: Span,
}

/// See [`Operand`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperandKind {
    /// `tool.server`, `args.items[0]["odd key"]`: the first step is a name.
    Field(Vec<Step>),
    /// `history.count(..)`.
    Count(Box<History>),
    /// `history.seen(..)`.
    Seen(Box<History>),
    /// `dlp.found("entity")`.
    Found(Text),
    /// `dlp.count("entity")`.
    Findings(Text),
}

/// One step of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `.name`
    Name(String),
    /// `["odd key"]`, where the key could not stand behind a dot.
    Key(String),
    /// `[0]`
    Index(u32),
    /// `[*]`
    Any,
}

/// What is asked of earlier calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What was so of them; a field alone, in `history.seen`, means its value.
    pub what: Condition,
    /// In what time, in milliseconds.
    pub within_ms: Option<u64>,
    /// Whose calls.
    pub per: Option<Per>,
    /// What stands between the parentheses.
    pub span: Span,
}

/// Whose calls are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Per {
    /// Those of the session; of the token where the protocol has no sessions.
    Session = 0,
    /// Those of the token.
    Token = 1,
    /// Those of the agent.
    Agent = 2,
}

impl Per {
    /// Every scope, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Session, Self::Token, Self::Agent];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Token => "token",
            Self::Agent => "agent",
        }
    }

    /// The scope with this number, if there is one.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|per| *per as u8 == number)
    }
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing, as `EXISTS` has it.
    None,
    /// One value.
    One(Literal),
    /// `("a", "b")` or `["a", "b"]`.
    List(Vec<Literal>),
    /// `9..17`, both ends included.
    Range(Literal, Literal),
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Which.
    pub kind: LiteralKind,
    /// Where.
    pub span: Span,
}

/// See [`Literal`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiteralKind {
    /// `"text"` or `'text'`.
    Text(String),
    /// `-1.5e3`, as JSON writes numbers.
    Number(String),
    /// `true`, `false`.
    Truth(bool),
    /// `30m`: milliseconds, and how it is written.
    Duration(u64),
    /// `10KB`: bytes.
    Size(u64),
    /// `monday`: 0 to 6, from Monday on.
    Weekday(u8),
    /// `2026-11-29`: days since 1970-01-01.
    Date(i32),
    /// `10/hour`: calls, milliseconds.
    Rate(u64, u64),
}

/// What follows when a rule holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Which.
    pub kind: ActionKind,
    /// The whole.
    pub span: Span,
}

/// See [`Action`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// `allow`
    Allow,
    /// `deny("reason")` or `deny`.
    Deny(Option<Text>),
    /// `require_human_approval`
    Hold,
    /// `redact("email", "ssn")`
    Redact(Vec<Text>),
    /// `notify_channel("slack", "#security-alerts")`
    Notify(Text, Text),
    /// `log_level("critical")`
    LogLevel(Text),
    /// `limit(10/hour)`, `limit(10/hour, per = token)`.
    Limit(u64, u64, Option<Per>),
    /// `flag_for_review`
    Flag,
    /// `end_session`
    EndSession,
}
