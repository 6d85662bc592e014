//! Definitions that name a thing and no deed: whether calling them sets it, runs it or makes it up.
//!
//! Refuses to call a thing a setting unless a parameter says what it is set to.

use varistor_model::Intent;

use super::UNKNOWN;
use crate::definition::{Definition, Property};
use crate::description::Description;
use crate::ground::{Ground, Judgement};
use crate::keys::{self, Meaning};
use crate::lexicon::{Verb, about};
use crate::name::Name;
use crate::table::{Table, hash, key_hash};
use crate::values::{self, word};
use crate::words;

/// Verbs that have something done that was defined before.
static RUNNING: Table<16> = Table::of(&[(1, "run execute perform runs executes")]);

/// What only tells something when it is run.
static ASKED: Table<32> = Table::of(&[(
    1,
    "question questions report reports card cards dashboard chart metric search",
)]);

/// What follows from what a definition names.
pub(super) fn settled(
    definition: &Definition,
    name: &Name,
    told: &Description,
    judgement: &mut Judgement,
) {
    let is_nameless = (name.verb.is_none() || name.is_doubtful) && told.lead.is_none();
    let subjects = name.subjects | told.subjects;
    if judgement.intent == Intent::Read
        && is_nameless
        && (sets(definition) || switches(definition, subjects) || admits(definition, subjects))
    {
        judgement.decide(Ground::new("schema.sets", Intent::Write, 50));
    }
    let is_unknown = judgement
        .decisive()
        .is_some_and(|ground| ground.code == UNKNOWN);
    let is_asked = RUNNING.find(name.verb_hash) != 0
        && words::of_name(definition.name.as_bytes()).any(|word| ASKED.find(word.hash) != 0);
    if is_unknown && is_asked {
        judgement.decide(Ground::new("name.asks", Intent::Read, 50));
    }
    // A password that is made up belongs to nobody yet.
    let is_made_up = name.verb_hash == hash(b"generate")
        && name.subjects & about::CREDENTIAL != 0
        && told
            .lead
            .is_none_or(|lead| matches!(lead, Verb::Read | Verb::Write))
        && words::of_text(definition.description.as_bytes())
            .take(16)
            .any(|word| RANDOM.find(word.hash) != 0)
        && !definition.properties.iter().any(is_owner);
    if is_made_up && judgement.intent == Intent::Write {
        judgement.decide(Ground::new("description.random", Intent::Read, 60));
    }
}

static RANDOM: Table<16> = Table::of(&[(1, "random randomly strong memorable")]);

/// Whether a parameter says whose password it will be.
fn is_owner(property: &Property) -> bool {
    OWNERS.find(key_hash(property.name.as_bytes())) != 0
}

static OWNERS: Table<32> = Table::of(&[(
    1,
    "user userid username account accountid name id client clientid service email vault item",
)]);

/// Whether a guard is switched by a parameter that every call has: `mfa_policy(enforce)`,
/// `dnssec(state: on | off)`. One that a call may leave out only selects.
fn switches(definition: &Definition, subjects: u64) -> bool {
    let is_off = |choice: &String| values::words(choice.as_bytes()) & word::OFF != 0;
    subjects & about::PROTECTION != 0
        && definition.properties.iter().any(|property| {
            let name = property.name.as_bytes();
            let meaning = keys::meaning(key_hash(name)).or_else(|| keys::inferred(name));
            let is_switch = match meaning {
                Some(Meaning::Enabled | Meaning::Disabled | Meaning::Guarded) => true,
                Some(Meaning::State | Meaning::Mode | Meaning::Operation) => {
                    property.choices.len() <= 5 && property.choices.iter().any(is_off)
                }
                _ => false,
            };
            is_switch && definition.requires(property)
        })
}

/// Whether a call has to say who gets which access: `page.permissions(principal, access)`.
fn admits(definition: &Definition, subjects: u64) -> bool {
    let asks = |wanted: fn(Meaning) -> bool| {
        definition.properties.iter().any(|property| {
            let name = property.name.as_bytes();
            let meaning = keys::meaning(key_hash(name)).or_else(|| keys::inferred(name));
            meaning.is_some_and(wanted) && definition.requires(property)
        })
    };
    subjects & about::ACCESS != 0
        && asks(|meaning| meaning == Meaning::Recipient)
        && asks(|meaning| matches!(meaning, Meaning::Visibility | Meaning::Role))
}

/// Words of a parameter that say who may see something.
static SEEN: Table<16> = Table::of(&[(1, "acl privacy visibility sharing")]);

/// Whether a parameter of a thing without a deed is what it is set to.
fn sets(definition: &Definition) -> bool {
    definition.properties.iter().any(|property| {
        let name = property.name.as_bytes();
        let meaning = keys::meaning(key_hash(name)).or_else(|| keys::inferred(name));
        let is_seen = match meaning {
            _ if keys::chooses_audience(&property.choices) => true,
            Some(Meaning::Public | Meaning::Private) => true,
            Some(Meaning::Visibility) => {
                property
                    .choices
                    .iter()
                    .any(|choice| values::words(choice.as_bytes()) & word::PUBLIC != 0)
                    || words::of_name(name).any(|word| SEEN.find(word.hash) != 0)
            }
            _ => false,
        };
        is_seen && property.is_outermost
    })
}
