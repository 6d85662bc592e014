//! What a call means, by its effect if it succeeds.

/// The intent of a call, from the mildest to the most severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Intent {
    /// No lasting change, bounded retrieval.
    Read = 0,
    /// Creates or changes state, recoverably.
    Write = 1,
    /// Deletes or overwrites what can't simply be restored.
    Destructive = 2,
    /// Moves data or access out of its trust zone.
    Exfiltrative = 3,
}

impl Intent {
    /// Every intent, mildest first.
    pub const ALL: [Self; 4] = [
        Self::Read,
        Self::Write,
        Self::Destructive,
        Self::Exfiltrative,
    ];

    /// The name in policies and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
            Self::Exfiltrative => "exfiltrative",
        }
    }

    /// The intent with this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|intent| intent.name() == name)
    }

    /// The intent with this number, if there is one.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|intent| *intent as u8 == number)
    }
}

/// A set of intents, one bit each: bit `n` is the intent numbered `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct IntentSet(u8);

impl IntentSet {
    /// No intent at all.
    pub const NONE: Self = Self(0);
    /// All four intents.
    pub const ALL: Self = Self(0b1111);

    /// The set with these bits; bits that name no intent are dropped.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The bits, for the snapshot.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// This set and one intent more.
    #[must_use]
    pub const fn with(self, intent: Intent) -> Self {
        Self(self.0 | (1 << intent as u8))
    }

    /// Whether the intent is in the set.
    #[must_use]
    pub const fn contains(self, intent: Intent) -> bool {
        self.0 & (1 << intent as u8) != 0
    }

    /// What both sets hold.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What either set holds.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the set holds nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, mildest first.
    pub fn iter(self) -> impl Iterator<Item = Intent> {
        Intent::ALL
            .into_iter()
            .filter(move |intent| self.contains(*intent))
    }
}

impl FromIterator<Intent> for IntentSet {
    fn from_iter<I: IntoIterator<Item = Intent>>(intents: I) -> Self {
        intents.into_iter().fold(Self::NONE, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set: IntentSet = [Intent::Read, Intent::Destructive].into_iter().collect();
        assert!(set.contains(Intent::Read) && set.contains(Intent::Destructive));
        assert!(!set.contains(Intent::Write) && !set.contains(Intent::Exfiltrative));
        assert_eq!(IntentSet::from_bits(set.bits()), set);
        assert_eq!(IntentSet::from_bits(0xff), IntentSet::ALL);
    }

    #[test]
    fn every_name_leads_back_to_its_intent() {
        for intent in Intent::ALL {
            assert_eq!(Intent::named(intent.name()), Some(intent));
            assert_eq!(Intent::numbered(intent as u8), Some(intent));
        }
        assert_eq!(Intent::named("Read"), None);
    }
}
