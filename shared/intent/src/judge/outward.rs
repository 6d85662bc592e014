//! Where what the organisation keeps goes by what arguments say, and whether that is switched on.
//!
//! Refuses to call what is switched off a leak, and a draft one that is sent.

use varistor_model::Intent;

use super::Call;
use super::verbs::DRAFTING;
use crate::facts::Fact;
use crate::ground::Ground;
use crate::lexicon::about;

/// Grounds of a definition that hold only while what they tell of is switched on.
const WHILE_ON: [&str; 4] = [
    "description.hands_out",
    "description.elsewhere",
    "name.outsider",
    "argument.outer_place",
];

impl Call<'_> {
    /// A place that is not the organisation's own.
    pub(super) fn placed(&mut self) {
        let is_draft = self.about(about::DRAFT) && DRAFTING.find(self.profile.verb_hash) != 0;
        if is_draft {
            return;
        }
        if self.judgement.intent != Intent::Read {
            self.raise_by(Fact::Dropped, "argument.drop", Intent::Exfiltrative, 75);
        }
        self.raise_by(
            Fact::OuterPlace,
            "argument.outer_place",
            Intent::Exfiltrative,
            70,
        );
    }

    /// What is set up and left switched off hands out nothing yet.
    pub(super) fn switched_off(&mut self) {
        if self.judgement.intent != Intent::Exfiltrative {
            return;
        }
        let Some(span) = self.facts.get(Fact::Off) else {
            return;
        };
        let is_held = |ground: &Ground| {
            ground.intent < Intent::Exfiltrative || WHILE_ON.contains(&ground.code)
        };
        if self.judgement.grounds().all(is_held) {
            let ground = Ground::new("argument.switched_off", Intent::Write, 65);
            self.judgement.decide(ground.at(Some(span)));
        }
    }
}
