//! The words of the language: fields with their types, units, levels, names of days.

use crate::ast::{LiteralKind, Step};

/// What a field is, and so what it can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A text of the call.
    Text(TextField),
    /// A set of texts.
    Set(SetField),
    /// A whole number, counted in its unit.
    Number(NumberField, Unit),
    /// A part of the time, in the rule's zone.
    Time(TimePart, Unit),
    /// The name of the rule's zone.
    Zone,
    /// A value of the server's annotations, or of the arguments: any type.
    Annotation,
    /// See [`Type::Annotation`].
    Argument,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nothing in particular.
    Plain,
    /// Hundredths.
    Percent,
    /// Milliseconds.
    Duration,
    /// Bytes.
    Size,
    /// `read`, `write`, `destructive`, `exfiltrative`, from the mildest to the most severe.
    Intent,
    /// Monday is 0.
    Weekday,
    /// Days, moved by [`DATE_ZERO`].
    Date,
    /// From 0 to 23: a range may go over midnight.
    Hour,
    /// From 0 to 59.
    Minute,
}

/// Dates are counted from here in programs, so that they are never negative: 1970-01-01 is this.
pub const DATE_ZERO: u64 = 1 << 31;

macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal, $about:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $name {
            $(#[doc = $about] $variant,)*
        }

        impl $name {
            /// Every one, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the language.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The one with this number, if there is one.
            #[must_use]
            pub fn numbered(number: u8) -> Option<Self> {
                Self::ALL.get(number as usize).copied()
            }
        }
    };
}

fields! {
    /// Fields that are texts; an empty text is none.
    TextField {
        ToolServer = "tool.server", "The server that is called.";
        ToolName = "tool.name", "The tool that is called.";
        ToolCategory = "tool.category", "What the operator calls the server.";
        AgentId = "agent.id", "The agent's name.";
        AgentOrganisation = "agent.organisation", "Its organisation.";
        AgentTeam = "agent.team", "Its team.";
        TokenId = "token.id", "The id of its token.";
        SessionId = "session.id", "The id of its session.";
        SessionProtocol = "session.protocol", "The version of the protocol.";
        SessionClient = "session.client", "What the client calls itself.";
    }
}

fields! {
    /// Fields that are sets of texts.
    SetField {
        ToolTags = "tool.tags", "The operator's labels of tool and server.";
        AgentRoles = "agent.roles", "Roles of the agent.";
        AgentLabels = "agent.labels", "Labels of the agent.";
    }
}

fields! {
    /// Fields that are whole numbers.
    NumberField {
        ActionType = "action.type", "The intent of the call, as its number.";
        ActionConfidence = "action.confidence", "How sure the intent is, in percent.";
        TokenAge = "token.age", "Milliseconds since the token was issued.";
        SessionAge = "session.age", "Milliseconds since the session began.";
        SessionCalls = "session.calls", "Calls of the session before this one.";
        RequestBytes = "request.bytes", "Size of the request's body.";
    }
}

fields! {
    /// Parts of the time.
    TimePart {
        Hour = "time.hour", "0 to 23.";
        Minute = "time.minute", "0 to 59.";
        Weekday = "time.weekday", "Monday is 0.";
        Date = "time.date", "Days, moved by [`DATE_ZERO`].";
    }
}

/// Levels of a record, from the mildest on.
pub const LEVELS: [&str; 6] = ["debug", "info", "notice", "warning", "error", "critical"];

/// Names of days, from Monday on.
pub const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Units of durations, the longest first, with their milliseconds.
pub const DURATIONS: [(&str, u64); 6] = [
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Units of sizes, the largest first, with their bytes.
pub const SIZES: [(&str, u64); 4] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10), ("B", 1)];

/// Periods of rates, with their milliseconds.
pub const PERIODS: [(&str, u64); 4] = [
    ("second", 1000),
    ("minute", 60_000),
    ("hour", 3_600_000),
    ("day", 24 * 3_600_000),
];

/// Words with a meaning; they are written in capitals.
pub const KEYWORDS: [&str; 20] = [
    "RULE", "SHADOW", "IF", "THEN", "AND", "OR", "NOT", "IN", "CONTAINS", "STARTS", "ENDS", "WITH",
    "MATCHES", "EXISTS", "TEST", "EARLIER", "GIVEN", "EXPECT", "ZONE", "ELSE",
];

/// Names of actions.
pub const ACTIONS: [&str; 9] = [
    "allow",
    "deny",
    "require_human_approval",
    "redact",
    "notify_channel",
    "log_level",
    "limit",
    "flag_for_review",
    "end_session",
];

/// The day with this name, or the first three letters of it.
#[must_use]
pub fn weekday(name: &str) -> Option<u8> {
    let at = WEEKDAYS
        .iter()
        .position(|day| *day == name || day.get(..3) == Some(name))?;
    u8::try_from(at).ok()
}

/// What a field is; `None`: there is no such field.
#[must_use]
pub fn field(steps: &[Step]) -> Option<Type> {
    match steps {
        [Step::Name(first), ..] if first == "args" => Some(Type::Argument),
        [Step::Name(first), Step::Name(second), _]
            if first == "tool" && second == "annotations" =>
        {
            Some(Type::Annotation)
        }
        [Step::Name(first), Step::Name(second)] => plain(&format!("{first}.{second}")),
        _ => None,
    }
}

fn plain(name: &str) -> Option<Type> {
    let text = TextField::ALL.iter().find(|field| field.name() == name);
    let set = SetField::ALL.iter().find(|field| field.name() == name);
    let number = NumberField::ALL.iter().find(|field| field.name() == name);
    let time = TimePart::ALL.iter().find(|field| field.name() == name);
    None.or(text.map(|field| Type::Text(*field)))
        .or(set.map(|field| Type::Set(*field)))
        .or(number.map(|field| Type::Number(*field, unit(*field))))
        .or(time.map(|part| Type::Time(*part, time_unit(*part))))
        .or((name == "time.zone").then_some(Type::Zone))
}

const fn unit(field: NumberField) -> Unit {
    match field {
        NumberField::ActionType => Unit::Intent,
        NumberField::ActionConfidence => Unit::Percent,
        NumberField::TokenAge | NumberField::SessionAge => Unit::Duration,
        NumberField::SessionCalls => Unit::Plain,
        NumberField::RequestBytes => Unit::Size,
    }
}

const fn time_unit(part: TimePart) -> Unit {
    match part {
        TimePart::Hour => Unit::Hour,
        TimePart::Minute => Unit::Minute,
        TimePart::Weekday => Unit::Weekday,
        TimePart::Date => Unit::Date,
    }
}

/// Names of all fields that have one, and of all functions.
pub fn names() -> impl Iterator<Item = &'static str> {
    let texts = TextField::ALL.iter().map(|field| field.name());
    let sets = SetField::ALL.iter().map(|field| field.name());
    let numbers = NumberField::ALL.iter().map(|field| field.name());
    let times = TimePart::ALL.iter().map(|field| field.name());
    let others = [
        "time.zone",
        "tool.annotations",
        "args",
        "history.count",
        "history.seen",
        "dlp.found",
        "dlp.count",
    ];
    texts.chain(sets).chain(numbers).chain(times).chain(others)
}

/// What a literal is called in messages.
#[must_use]
pub const fn literal_name(kind: &LiteralKind) -> &'static str {
    match kind {
        LiteralKind::Text(_) => "a string",
        LiteralKind::Number(_) => "a number",
        LiteralKind::Truth(_) => "true or false",
        LiteralKind::Duration(_) => "a duration",
        LiteralKind::Size(_) => "a size",
        LiteralKind::Weekday(_) => "a weekday",
        LiteralKind::Date(_) => "a date",
        LiteralKind::Rate(..) => "a rate",
    }
}
