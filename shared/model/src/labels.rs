//! What a call does to the flow of data: the three legs of the lethal trifecta.

/// A set of labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Labels(u8);

impl Labels {
    /// No label.
    pub const NONE: Self = Self(0);
    /// Data of the organisation or of a person comes in that is not public.
    pub const PRIVATE_READ: Self = Self(1);
    /// Content comes in that outsiders can write.
    pub const UNTRUSTED_IN: Self = Self(1 << 1);
    /// Something leaves the organisation.
    pub const EXTERNAL_OUT: Self = Self(1 << 2);
    /// All three: who reads private data and untrusted content and can send is open to theft.
    pub const TRIFECTA: Self = Self(7);
    /// Each label with the word that stands for it in policies, rules and records.
    pub const NAMES: [(&'static str, Self); 3] = [
        ("private-read", Self::PRIVATE_READ),
        ("untrusted-in", Self::UNTRUSTED_IN),
        ("external-out", Self::EXTERNAL_OUT),
    ];

    /// The set with these bits; others are dropped.
    #[must_use]
    pub const fn of_bits(bits: u8) -> Self {
        Self(bits & Self::TRIFECTA.0)
    }

    /// The set as bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set without the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of the other set are in this one.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The words of the labels.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let mine = Self::NAMES
            .into_iter()
            .filter(move |(_, label)| self.has(*label));
        mine.map(|(name, _)| name)
    }
}

/// What follows when a call brings the third leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Trifecta {
    /// Nothing; legs are not kept.
    Off = 0,
    /// It is recorded.
    Log = 1,
    /// The call is held for a human.
    #[default]
    Hold = 2,
    /// The call is denied.
    Deny = 3,
}

impl Trifecta {
    /// Each with its word in policies.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("off", Self::Off),
        ("log", Self::Log),
        ("hold", Self::Hold),
        ("deny", Self::Deny),
    ];

    /// What a number stands for; an unknown one denies.
    #[must_use]
    pub const fn numbered(number: u8) -> Self {
        match number {
            0 => Self::Off,
            1 => Self::Log,
            2 => Self::Hold,
            _ => Self::Deny,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_add_up_to_the_trifecta() {
        let two = Labels::PRIVATE_READ.and(Labels::UNTRUSTED_IN);
        assert!(!two.has(Labels::TRIFECTA));
        assert_eq!(two.and(Labels::EXTERNAL_OUT), Labels::TRIFECTA);
        assert_eq!(Labels::TRIFECTA.without(two), Labels::EXTERNAL_OUT);
        let names: Vec<_> = Labels::TRIFECTA.names().collect();
        assert_eq!(names, ["private-read", "untrusted-in", "external-out"]);
        assert_eq!(Labels::of_bits(255), Labels::TRIFECTA);
        for (_, action) in Trifecta::NAMES {
            assert_eq!(Trifecta::numbered(action as u8), action);
        }
    }
}
