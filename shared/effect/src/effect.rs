//! What was found: grounds of a judgement, and the bounded list that keeps the gravest of them.

use varistor_model::Intent;

/// One ground for a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What running it would do.
    pub intent: Intent,
    /// How sure that is, 0 to 100.
    pub confidence_percent: u8,
    /// A stable code, `subject.what`, for example `sql.delete_without_where`.
    pub evidence: &'static str,
}

impl Effect {
    /// An effect of these three parts.
    #[must_use]
    pub const fn new(intent: Intent, confidence_percent: u8, evidence: &'static str) -> Self {
        Self {
            intent,
            confidence_percent,
            evidence,
        }
    }

    /// What orders effects: the intent first, then how sure it is.
    const fn weight(self) -> (u8, u8) {
        (self.intent as u8, self.confidence_percent)
    }
}

/// How many grounds are kept: a record names a few, not a whole script.
const EFFECTS_MAX: usize = 4;

/// What was found, gravest first; of more than four, the gravest are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    // Filled from the front, ordered by falling weight; no evidence stands twice.
    kept: [Option<Effect>; EFFECTS_MAX],
}

impl Effects {
    /// Nothing found.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The list with one effect.
    #[must_use]
    pub fn of(effect: Effect) -> Self {
        let mut effects = Self::default();
        effects.push(effect);
        effects
    }

    /// Adds an effect. One with the same evidence is kept once, at its gravest.
    pub fn push(&mut self, effect: Effect) {
        let same = |kept: &Effect| kept.evidence == effect.evidence;
        if let Some(place) = self
            .kept
            .iter()
            .position(|kept| kept.is_some_and(|k| same(&k)))
        {
            if self
                .at(place)
                .is_some_and(|kept| kept.weight() >= effect.weight())
            {
                return;
            }
            if let Some(tail) = self.kept.get_mut(place..) {
                tail.rotate_left(1);
            }
            if let Some(last) = self.kept.last_mut() {
                *last = None;
            }
        }
        let lighter = |kept: &Option<Effect>| kept.is_none_or(|k| k.weight() < effect.weight());
        if let Some(place) = self.kept.iter().position(lighter)
            && let Some(tail) = self.kept.get_mut(place..)
        {
            tail.rotate_right(1);
            if let Some(first) = tail.first_mut() {
                *first = Some(effect);
            }
        }
    }

    /// Adds all effects of another list.
    pub fn extend(&mut self, other: &Self) {
        for effect in other.iter() {
            self.push(effect);
        }
    }

    /// The gravest effect, the surest of those that are equally grave.
    #[must_use]
    pub fn gravest(&self) -> Option<Effect> {
        self.at(0)
    }

    /// The intent of the gravest effect.
    #[must_use]
    pub fn intent(&self) -> Option<Intent> {
        self.gravest().map(|effect| effect.intent)
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gravest().is_none()
    }

    /// The effects kept, gravest first.
    pub fn iter(&self) -> impl Iterator<Item = Effect> + '_ {
        self.kept.iter().flatten().copied()
    }

    fn at(&self, place: usize) -> Option<Effect> {
        self.kept.get(place).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_are_kept_in_order_and_no_evidence_twice() {
        let mut effects = Effects::default();
        assert!(effects.is_empty());
        for (intent, percent, evidence) in [
            (Intent::Read, 90, "a"),
            (Intent::Write, 50, "b"),
            (Intent::Destructive, 40, "c"),
            (Intent::Write, 80, "d"),
            (Intent::Destructive, 90, "c"),
            (Intent::Destructive, 10, "c"),
            (Intent::Exfiltrative, 5, "e"),
            (Intent::Read, 100, "f"),
        ] {
            effects.push(Effect::new(intent, percent, evidence));
        }
        let kept: Vec<_> = effects
            .iter()
            .map(|effect| (effect.evidence, effect.confidence_percent))
            .collect();
        assert_eq!(kept, [("e", 5), ("c", 90), ("d", 80), ("b", 50)]);
        assert_eq!(effects.intent(), Some(Intent::Exfiltrative));
    }
}
