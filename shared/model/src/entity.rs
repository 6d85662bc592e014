//! What DLP looks for, and in which direction.

/// The class of a finding; policy speaks about classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Data about a person.
    Pii = 0,
    /// A credential.
    Secret = 1,
    /// Cards, accounts.
    Financial = 2,
}

impl Class {
    /// Every class, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Pii, Self::Secret, Self::Financial];

    /// The name in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pii => "pii",
            Self::Secret => "secret",
            Self::Financial => "financial",
        }
    }

    /// The class with this number, if there is one.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| *class as u8 == number)
    }
}

/// Which way a payload travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the agent to the server.
    Request,
    /// From the server to the agent.
    Response,
}

/// What policy says about a class of findings in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DlpAction {
    /// Passed on, not recorded.
    Allow = 0,
    /// Passed on, recorded.
    Log = 1,
    /// Replaced by a placeholder.
    Redact = 2,
    /// Kept back until a human has approved it.
    Hold = 3,
    /// Refused.
    Deny = 4,
}

impl DlpAction {
    /// Every action, mildest first.
    pub const ALL: [Self; 5] = [Self::Allow, Self::Log, Self::Redact, Self::Hold, Self::Deny];

    /// The name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Log => "log",
            Self::Redact => "redact",
            Self::Hold => "hold",
            Self::Deny => "deny",
        }
    }

    /// The action with this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// The action with this number; an unknown number is a denial.
    #[must_use]
    pub const fn numbered(number: u8) -> Self {
        match number {
            0 => Self::Allow,
            1 => Self::Log,
            2 => Self::Redact,
            3 => Self::Hold,
            _ => Self::Deny,
        }
    }
}
