//! A linear model over the words of a definition, for tools whose verbs are unknown or unclear.
//!
//! It never speaks where names and descriptions are clear. Its weights are made by the example
//! `train` and lie in `weights.bin`: one signed byte for each bucket and intent, in parts of 32.

use varistor_model::Intent;

use crate::base;
use crate::definition::{self, Definition};
use crate::ground::Judgement;
use crate::lexicon;
use crate::table::{SEED, hashed, key_hash};
use crate::words::{self, Word};

/// Into how many buckets words are hashed.
pub const BUCKETS: usize = 8192;
/// What one step of a weight stands for is one part of this many.
pub const PARTS: f32 = 32.0;

/// Words of a description, parameters and features that are looked at.
const WORDS_MAX: usize = 24;
const PARAMETERS_MAX: usize = 12;

static WEIGHTS: &[u8] = include_bytes!("weights.bin");

/// The buckets of a definition, as JSON text. Without its verbs it is what the model is asked about
/// most: a definition whose verbs are unknown.
#[must_use]
pub fn buckets(definition: &str, with_verbs: bool) -> Vec<u16> {
    features(&definition::read(definition), with_verbs)
}

/// What the rules alone say about a definition, as JSON text.
#[must_use]
pub fn ruled(definition: &str) -> Judgement {
    base::ruled(&definition::read(definition)).judgement
}

/// Up to this the rules know next to nothing, and the model is asked. Where they know more they do
/// better than the model on servers that neither has seen.
pub(crate) const UNSURE: u8 = 35;

/// Whether the model is heard, where it holds this intent likely, in percent: a read must be
/// likelier
/// than anything else, for it lets a call through.
#[must_use]
pub fn is_heard(ruled: &Judgement, intent: Intent, likely: u8) -> bool {
    let least = if intent == Intent::Read { 85 } else { 60 };
    ruled.confidence_percent <= UNSURE && likely >= least
}

/// How likely each intent is, mildest first, by these weights: one row of four for each bucket.
#[must_use]
pub fn likelihoods(buckets: &[u16], weights: &[u8]) -> [f32; 4] {
    let mut sums = [0_i32; 4];
    for bucket in buckets {
        let start = usize::from(*bucket).saturating_mul(4);
        let row = weights
            .get(start..start.saturating_add(4))
            .unwrap_or_default();
        for (sum, weight) in sums.iter_mut().zip(row) {
            *sum = sum.saturating_add(i32::from(weight.cast_signed()));
        }
    }
    softmax(sums)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sums of a few hundred signed bytes are small"
)]
fn softmax(sums: [i32; 4]) -> [f32; 4] {
    let most = sums.iter().copied().max().unwrap_or(0);
    let parts = sums.map(|sum| (sum.saturating_sub(most) as f32 / PARTS).exp());
    let all: f32 = parts.iter().sum();
    parts.map(|part| part / all)
}

/// The likeliest intent of a definition, and how likely it is in percent.
pub(crate) fn likeliest(definition: &Definition) -> (Intent, u8) {
    let likely = likelihoods(&features(definition, true), WEIGHTS);
    let best = Intent::ALL.into_iter().zip(likely).fold(
        (Intent::Write, 0.0),
        |best: (Intent, f32), one| {
            if one.1 > best.1 { one } else { best }
        },
    );
    (best.0, percent(best.1))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a likelihood lies between 0 and 1"
)]
fn percent(likelihood: f32) -> u8 {
    (likelihood * 100.0) as u8
}

/// Where a word stands; it is hashed with it.
#[derive(Clone, Copy)]
enum Role {
    Name,
    First,
    Last,
    Pair,
    Part,
    Told,
    Lead,
    ToldPair,
    Parameter,
    Always,
}

fn features(definition: &Definition, with_verbs: bool) -> Vec<u16> {
    let mut found = vec![bucket(Role::Always, 0)];
    let is_kept = |word: &Word| with_verbs || lexicon::verb(&word.forms()).is_none();
    let name = words::of_name(definition.name.as_bytes()).filter(|word| !word.is_number());
    let name: Vec<Word> = name.filter(is_kept).take(12).collect();
    for word in &name {
        found.push(bucket(Role::Name, base_form(word)));
        found.push(bucket(Role::Part, word.front()));
    }
    found.extend(name.first().map(|word| bucket(Role::First, word.hash)));
    found.extend(name.last().map(|word| bucket(Role::Last, word.hash)));
    pairs(&name, Role::Pair, &mut found);
    let text = definition.description.as_bytes();
    let told = words::of_text(text.get(..text.len().min(400)).unwrap_or_default());
    let told: Vec<Word> = told.filter(is_kept).take(WORDS_MAX).collect();
    for word in &told {
        found.push(bucket(Role::Told, base_form(word)));
    }
    found.extend(told.first().map(|word| bucket(Role::Lead, base_form(word))));
    pairs(
        told.get(..told.len().min(8)).unwrap_or_default(),
        Role::ToldPair,
        &mut found,
    );
    for property in definition.properties.iter().take(PARAMETERS_MAX) {
        found.push(bucket(Role::Parameter, key_hash(property.name.as_bytes())));
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn base_form(word: &Word) -> u64 {
    let [_, one, _] = word.forms();
    one
}

fn pairs(words: &[Word], role: Role, found: &mut Vec<u16>) {
    let mut rest = words;
    while let [one, behind @ ..] = rest {
        if let Some(other) = behind.first() {
            found.push(bucket(role, one.hash.rotate_left(17) ^ other.hash));
        }
        rest = behind;
    }
}

fn bucket(role: Role, hash: u64) -> u16 {
    let mut mixed = hashed(SEED, role as u8);
    for byte in hash.to_le_bytes() {
        mixed = (mixed ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let folded = (mixed ^ (mixed >> 29)) & 0x1fff;
    u16::try_from(folded).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_have_their_size() {
        assert_eq!(WEIGHTS.len(), BUCKETS * 4);
        assert!(WEIGHTS.iter().any(|weight| *weight != 0));
    }

    #[test]
    fn likelihoods_make_a_whole() {
        let buckets = buckets(
            r#"{"name":"frob_user","description":"Frobnicate it."}"#,
            true,
        );
        assert!(buckets.iter().all(|bucket| usize::from(*bucket) < BUCKETS));
        let likely = likelihoods(&buckets, WEIGHTS);
        assert!((likely.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}
