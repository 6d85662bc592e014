//! How the log keeps parameters of calls, or what was found in them.

/// What a record tells of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Keeping {
    /// All, as they came.
    Whole,
    /// All but what was found in them; of a finding: its entity.
    Masked,
    /// Nothing.
    Omitted,
    /// A salted commitment: whoever has salt and value can show that they are those.
    Committed,
    /// A file of age that auditors can open.
    Encrypted,
}

impl Keeping {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Whole,
        Self::Masked,
        Self::Omitted,
        Self::Committed,
        Self::Encrypted,
    ];

    /// Its name in policies and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Masked => "masked",
            Self::Omitted => "omitted",
            Self::Committed => "committed",
            Self::Encrypted => "encrypted",
        }
    }

    /// The one with this number; what is none keeps nothing.
    #[must_use]
    pub fn numbered(number: u8) -> Self {
        let known = Self::ALL.into_iter().find(|it| *it as u8 == number);
        known.unwrap_or(Self::Omitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_of_one_keeps_nothing() {
        for keeping in Keeping::ALL {
            assert_eq!(Keeping::numbered(keeping as u8), keeping);
        }
        assert_eq!(Keeping::numbered(5), Keeping::Omitted);
    }
}
