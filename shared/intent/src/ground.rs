//! What a judgement says, and what it rests on: a bounded list that keeps the gravest grounds.

use varistor_model::{Intent, Labels, Span};

/// One ground of a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// A stable code, `place.what`, for example `name.verb` or `argument.amount`.
    pub code: &'static str,
    /// What it speaks for.
    pub intent: Intent,
    /// How strongly, 0 to 100.
    pub confidence_percent: u8,
    /// The argument that it rests on, as bytes of `arguments`.
    pub span: Option<Span>,
}

impl Ground {
    /// A ground that rests on no argument.
    #[must_use]
    pub const fn new(code: &'static str, intent: Intent, confidence_percent: u8) -> Self {
        Self {
            code,
            intent,
            confidence_percent,
            span: None,
        }
    }

    /// The same ground, resting on this argument.
    #[must_use]
    pub const fn at(self, span: Option<Span>) -> Self {
        Self { span, ..self }
    }
}

/// How many grounds are kept: a record names a few.
pub const GROUNDS_MAX: usize = 6;

/// The intent of a call, and its grounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The intent.
    pub intent: Intent,
    /// How sure that is, 0 to 100.
    pub confidence_percent: u8,
    /// What the call does to the flow of data.
    pub labels: Labels,
    // Filled from the front, in the order in which they were found; no code stands twice.
    grounds: [Option<Ground>; GROUNDS_MAX],
}

impl Judgement {
    /// A judgement with one ground.
    #[must_use]
    pub const fn of(ground: Ground) -> Self {
        Self {
            intent: ground.intent,
            confidence_percent: ground.confidence_percent,
            labels: Labels::NONE,
            grounds: [Some(ground), None, None, None, None, None],
        }
    }

    /// What it rests on, in the order in which it was found.
    pub fn grounds(&self) -> impl Iterator<Item = &Ground> {
        self.grounds.iter().flatten()
    }

    /// The ground that decided: the first one of the judged intent.
    #[must_use]
    pub fn decisive(&self) -> Option<&Ground> {
        self.grounds().find(|ground| ground.intent == self.intent)
    }

    /// Remembers a ground without following it. Of too many, the mildest makes room.
    pub fn note(&mut self, ground: Ground) {
        if self.grounds().any(|kept| kept.code == ground.code) {
            return;
        }
        if let Some(free) = self.grounds.iter_mut().find(|kept| kept.is_none()) {
            *free = Some(ground);
            return;
        }
        let mildest = self.grounds.iter_mut().flatten();
        if let Some(mildest) = mildest.min_by_key(|kept| (kept.intent, kept.confidence_percent))
            && mildest.intent < ground.intent
        {
            *mildest = ground;
        }
    }

    /// Follows a ground that speaks for something graver; notes any other.
    pub fn raise(&mut self, ground: Ground) {
        self.note(ground);
        if ground.intent > self.intent {
            self.intent = ground.intent;
            self.confidence_percent = ground.confidence_percent;
        } else if ground.intent == self.intent {
            self.confidence_percent = self.confidence_percent.max(ground.confidence_percent);
        }
    }

    /// Follows a ground whatever it speaks for.
    pub fn decide(&mut self, ground: Ground) {
        self.note(ground);
        self.intent = ground.intent;
        self.confidence_percent = ground.confidence_percent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graver_ground_is_followed_and_a_milder_one_only_noted() {
        let mut judgement = Judgement::of(Ground::new("a", Intent::Write, 70));
        judgement.raise(Ground::new("b", Intent::Read, 99));
        assert_eq!(
            (judgement.intent, judgement.confidence_percent),
            (Intent::Write, 70)
        );
        judgement.raise(Ground::new("c", Intent::Exfiltrative, 60));
        assert_eq!(judgement.decisive().map(|ground| ground.code), Some("c"));
        judgement.decide(Ground::new("d", Intent::Read, 80));
        assert_eq!(judgement.intent, Intent::Read);
        assert_eq!(judgement.grounds().count(), 4);
    }

    #[test]
    fn of_too_many_grounds_the_mildest_make_room() {
        let mut judgement = Judgement::of(Ground::new("0", Intent::Read, 1));
        for code in ["1", "2", "3", "4", "5", "5"] {
            judgement.raise(Ground::new(code, Intent::Write, 50));
        }
        judgement.raise(Ground::new("6", Intent::Destructive, 50));
        let codes: Vec<_> = judgement.grounds().map(|ground| ground.code).collect();
        assert_eq!(codes, ["6", "1", "2", "3", "4", "5"]);
    }
}
