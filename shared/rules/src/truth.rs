//! Kleene's logic: true, false, unknown.

/// What a condition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Truth {
    /// It is not so.
    False = 0,
    /// It is so.
    True = 1,
    /// It can't be said.
    Unknown = 2,
}

impl Truth {
    /// From what is known, if it is.
    #[must_use]
    #[inline]
    pub fn known(is: Option<bool>) -> Self {
        is.map_or(Self::Unknown, Self::from)
    }

    /// The contrary; of unknown, unknown.
    #[must_use]
    #[inline]
    pub const fn contrary(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::True => Self::False,
            Self::Unknown => Self::Unknown,
        }
    }

    /// True if either is, false if both are.
    #[must_use]
    #[inline]
    pub const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, Self::False) => Self::False,
            _ => Self::Unknown,
        }
    }

    /// The name in explanations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::False => "false",
            Self::True => "true",
            Self::Unknown => "unknown",
        }
    }
}

impl From<bool> for Truth {
    #[inline]
    fn from(is: bool) -> Self {
        if is { Self::True } else { Self::False }
    }
}
