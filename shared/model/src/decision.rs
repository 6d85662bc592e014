//! What was decided about a call, and how firmly its record must stand before it goes on.

/// The decision about a call, from the mildest to the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Decision {
    /// Forwarded as it came.
    Allow = 0,
    /// Forwarded with findings replaced.
    Redact = 1,
    /// Kept back until a human has approved it.
    Hold = 2,
    /// Refused.
    Deny = 3,
}

impl Decision {
    /// Every decision, mildest first.
    pub const ALL: [Self; 4] = [Self::Allow, Self::Redact, Self::Hold, Self::Deny];

    /// The name in policies and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Redact => "redact",
            Self::Hold => "hold",
            Self::Deny => "deny",
        }
    }

    /// The decision with this number; an unknown number is a denial.
    #[must_use]
    pub const fn numbered(number: u8) -> Self {
        match number {
            0 => Self::Allow,
            1 => Self::Redact,
            2 => Self::Hold,
            _ => Self::Deny,
        }
    }
}

/// How firmly a call's record must stand before the first byte goes upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Durability {
    /// In the file: survives a crash of the process.
    Written = 0,
    /// Synced to the device: survives a power cut.
    Durable = 1,
}

impl Durability {
    /// The name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Durable => "durable",
        }
    }

    /// The durability with this number; an unknown number is the firmer one.
    #[must_use]
    pub const fn numbered(number: u8) -> Self {
        match number {
            0 => Self::Written,
            _ => Self::Durable,
        }
    }
}
