//! What a definition says beyond its verb: that it pays whom nobody paid before, that what it is
//! given leaves for somebody else, that it shows what is hidden.
//!
//! Refuses to let a payee be entered for a payment, and the deed of a sender for a leak.

use varistor_model::Intent;

use crate::definition::Definition;
use crate::description::{Description, phrase};
use crate::ground::{Ground, Judgement};
use crate::lexicon::{Verb, about};
use crate::name::Name;
use crate::table::{Table, hash};
use crate::words;

/// Those who are paid.
static PAYEES: Table<32> =
    Table::of(&[(1, "beneficiary payee recipient creditor vendor supplier")]);

/// Ends of names that hand out a file as a whole.
static FILES: Table<16> = Table::of(&[(1, "csv xlsx json file dump export extract")]);

/// What follows from what a definition says beyond its verb.
pub(super) fn settled(
    definition: &Definition,
    name: &Name,
    told: &Description,
    judgement: &mut Judgement,
) {
    if judgement.intent == Intent::Write && pays_new(definition, name, told) {
        judgement.raise(Ground::new("name.new_payee", Intent::Destructive, 65));
    }
    if judgement.intent <= Intent::Write && told.phrases & phrase::LEAVES != 0 {
        judgement.raise(Ground::new("description.leaves", Intent::Exfiltrative, 60));
    }
    let kept = about::SETTING | about::ENVIRON | about::CREDENTIAL;
    let is_unmasked = told.phrases & phrase::UNMASKS != 0
        || [hash(b"reveal"), hash(b"unmask")].contains(&name.verb_hash);
    let is_shown = judgement.intent == Intent::Read && told.phrases & phrase::WITHHELD == 0;
    if is_unmasked && is_shown && (name.subjects | told.objects) & kept != 0 {
        judgement.raise(Ground::new("description.unmasks", Intent::Exfiltrative, 60));
    }
    let is_nameless = name.verb.is_none() && told.lead.is_none();
    let last = words::of_name(definition.name.as_bytes()).last();
    let last = last.unwrap_or_default();
    let is_file = FILES.find(last.hash) != 0;
    let is_whole = told.subjects & about::ALL != 0;
    if is_nameless && is_file && is_whole && name.subjects & about::PEOPLE != 0 {
        judgement.raise(Ground::new(
            "description.everybody",
            Intent::Exfiltrative,
            60,
        ));
    }
    let is_figure = TELLING_END & crate::lexicon::subjects(&[last.hash]) != 0;
    if is_nameless && is_figure && judgement.decisive().is_some_and(is_unknown) {
        judgement.decide(Ground::new("name.figure", Intent::Read, 50));
    }
}

/// The subjects of a name whose end only tells something.
const TELLING_END: u64 = about::TELLING;

fn is_unknown(ground: &Ground) -> bool {
    ground.code == super::UNKNOWN
}

/// Whether somebody is paid who was never paid before.
fn pays_new(definition: &Definition, name: &Name, told: &Description) -> bool {
    let pays = name.verb == Some(Verb::Pay) || told.lead == Some(Verb::Pay);
    let is_new = |words: words::Words<'_>| {
        let mut before = 0;
        words.take(24).any(|word| {
            let last = core::mem::replace(&mut before, word.hash);
            last == hash(b"new") && PAYEES.find(word.hash) != 0
        })
    };
    pays && (is_new(words::of_name(definition.name.as_bytes()))
        || is_new(words::of_text(definition.description.as_bytes())))
}
