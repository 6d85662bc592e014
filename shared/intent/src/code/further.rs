//! Code beside the code that was judged: two statements, a statement and a command line.
//!
//! Refuses to guess which of them a server runs: any may make a call graver, none makes it milder.

use varistor_effect::{Effect, Effects, Outside};
use varistor_model::Span;

use super::{command, database, look, query, request, script};
use crate::facts::{Facts, Slot};
use crate::ground::Judgement;
use crate::profile::Profile;

/// How sure it must be what further code does: most of what is no code looks a little like some.
const SURE_MIN: u8 = 50;

/// Raises to what further code does, and to what a request does that is made as well. `judged` is
/// the code that was judged already.
pub(super) fn heed(
    profile: &Profile,
    facts: &Facts<'_>,
    (outside, judged): (&dyn Outside, Span),
    judgement: &mut Judgement,
) {
    let mut heed_sure = |effects: &Effects, span| {
        let is_sure = |one: &Effect| one.confidence_percent >= SURE_MIN;
        for effect in effects.iter().filter(is_sure) {
            super::heed(judgement, &Effects::of(effect), span, false);
        }
    };
    for facts in facts.with_other_code(judged).chain(facts.without_words()) {
        let mut looks = [database, query, command, script].into_iter();
        if let Some((effects, span)) = looks.find_map(|look| look(profile, &facts, outside)) {
            heed_sure(&effects, span);
        }
    }
    // Of what is not declared nobody knows whether it is run.
    if (facts.has_more_code || facts.has_more && facts.texts > 1)
        && let Some((effects, span)) = look::anything(profile, facts, outside)
    {
        heed_sure(&effects, span);
    }
    if facts.slot(Slot::Method).is_some()
        && let Some((effects, span, true)) = request(profile, facts, outside)
    {
        heed_sure(&effects, span);
    }
}
