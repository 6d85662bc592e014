//! Judges a definition: name and description together, hints last.
//!
//! Refuses to let one of them lower what the other says clearly; where both are unclear it is a
//! write.

mod believing;
mod handing;
mod making;
mod outward;
mod paying;
mod wholesale;

use varistor_model::Intent;

use crate::definition::Definition;
use crate::description::{self, Description, phrase};
use crate::ground::{Ground, Judgement};
use crate::keys::{self, Meaning};
use crate::lexicon::{Verb, about};
use crate::linear;
use crate::name::{self, Name};
use crate::table::{Table, hash, key_hash};

/// What a definition says.
pub(crate) struct Base {
    pub(crate) judgement: Judgement,
    pub(crate) verb: Option<Verb>,
    /// The hash of the verb.
    pub(crate) verb_hash: u64,
    pub(crate) subjects: u64,
    pub(crate) has_minor_units: bool,
    /// Whether what it takes away lies in the trash, unless more is asked for.
    pub(crate) is_kept: bool,
    /// Whether it hands out what has a name, with its value.
    pub(crate) shows_values: bool,
    /// Whether what the organisation keeps goes where an argument says.
    pub(crate) moves: bool,
    /// Whether it goes to an address that an argument says.
    pub(crate) aims: bool,
    phrases: u64,
}

/// The ground of a judgement that rests on nothing.
const UNKNOWN: &str = "default";

/// Judges a definition; where the rules know nothing, the model speaks.
pub(crate) fn of(definition: &Definition) -> Base {
    let mut base = ruled(definition);
    if base
        .judgement
        .decisive()
        .is_none_or(|ground| ground.code != UNKNOWN)
    {
        return base;
    }
    let (intent, likely) = linear::likeliest(definition);
    let ground = Ground::new("model.words", intent, likely);
    let is_deed = intent == Intent::Read && base.phrases & phrase::DEED != 0;
    if linear::is_heard(&base.judgement, intent, likely) && !is_deed {
        base.judgement.decide(ground);
    } else {
        base.judgement.note(ground);
    }
    base
}

/// Judges a definition by rules alone.
pub(crate) fn ruled(definition: &Definition) -> Base {
    let name = name::read(&definition.name);
    let text = if definition.description.trim().is_empty() {
        &definition.title
    } else {
        &definition.description
    };
    let told = description::read(text);
    let mut judgement = believing::together(&name, &told);
    followed(&name, &told, &mut judgement);
    if !has_operation(definition) {
        beyond(&name, &told, &mut judgement);
    }
    forever(&name, &told, &mut judgement);
    if (name.subjects | told.subjects) & about::ORIGINAL != 0 && judgement.intent == Intent::Write {
        judgement.raise(Ground::new("description.factory", Intent::Destructive, 70));
    }
    hints(definition, &told, &mut judgement);
    // `report_subscription` of which is said that it mails one.
    let is_noun = name.is_doubtful
        && name.verb == Some(Verb::Read)
        && judgement.intent == Intent::Write
        && (name.subjects | told.subjects) & about::HTTP == 0
        && told.lead == Some(Verb::Write);
    let is_told = is_noun || name.verb.is_none_or(|verb| verb == Verb::Generic);
    let verb = if is_told {
        told.lead.or(name.verb)
    } else {
        name.verb
    };
    let verb_hash = if is_told && told.lead_hash != 0 {
        told.lead_hash
    } else {
        name.verb_hash
    };
    let subjects = name.subjects | told.subjects;
    making::settled(definition, &name, &told, &mut judgement);
    handing::credentials(definition, &name, &told, &mut judgement);
    wholesale::taken(&name, &told, &mut judgement);
    wholesale::let_in(definition, &name, &told, &mut judgement);
    wholesale::opened(&name, &told, &mut judgement);
    paying::settled(definition, &name, &told, &mut judgement);
    outward::settled(definition, &name, &told, &mut judgement);
    Base {
        judgement,
        verb: if judgement.intent == Intent::Read
            && verb.is_some_and(|verb| verb.is_active() && verb != Verb::Export)
        {
            Some(Verb::Read)
        } else {
            verb
        },
        verb_hash,
        subjects: subjects | told.handed & about::ENVIRON,
        is_kept: told.phrases & phrase::KEPT != 0,
        shows_values: handing::shows_values(&name, &told),
        moves: outward::moves(definition, &told),
        aims: told.phrases & phrase::TO_URL != 0,
        has_minor_units: told.phrases & phrase::MINOR != 0,
        phrases: told.phrases,
    }
}

/// What the first sentence says beyond its first verb.
fn followed(name: &Name, told: &Description, judgement: &mut Judgement) {
    let Some((intent, sure)) = told.also else {
        return;
    };
    let is_dump = name.verb == Some(Verb::Export) && name.subjects & about::PEOPLE != 0;
    let is_returned = !is_dump
        && told.phrases & phrase::RETURNED != 0
        && told.subjects & about::VALUE != 0
        && intent <= Intent::Write
        && told.lead != Some(Verb::Export)
        && (name.is_doubtful
            || name.verb == Some(Verb::Remove)
            || BLANKING.find(name.verb_hash) != 0);
    if is_returned {
        judgement.decide(Ground::new("description.returned", Intent::Read, 60));
        return;
    }
    let ground = Ground::new("description.also", intent, sure.min(60));
    let is_read = judgement.intent == Intent::Read;
    // `Gets or creates a shareable link` creates one.
    let opens = (name.subjects & told.subjects) & (about::LINK | about::ACCESS) != 0;
    if is_read && opens && told.subjects & about::SHARING != 0 {
        judgement.raise(ground);
        return;
    }
    let is_sure = judgement.confidence_percent >= 85 && told.phrases & phrase::EITHER != 0
        || name.verb_hash == hash(b"simulate");
    if (is_read && !is_sure && intent > Intent::Read) || name.said.is_none() {
        judgement.raise(ground);
    } else {
        judgement.note(ground);
    }
}

/// Whether an argument says which of several deeds is done.
fn has_operation(definition: &Definition) -> bool {
    definition.properties.iter().any(|property| {
        let meaning = keys::meaning(key_hash(property.name.as_bytes()));
        matches!(meaning, Some(Meaning::Operation | Meaning::Method))
    })
}

/// A deletion that follows what the name says: `Rolls back the migration and drops its tables`.
fn beyond(name: &Name, told: &Description, judgement: &mut Judgement) {
    let is_either = told.phrases & phrase::EITHER != 0;
    if let Some((Intent::Destructive, sure)) = told.also
        && judgement.intent == Intent::Write
        && !is_either
        && (sure >= 70 || TAKING.find(name.verb_hash) != 0)
        && MAKING.find(name.verb_hash) == 0
    {
        judgement.raise(Ground::new("description.also", Intent::Destructive, 60));
    }
}

/// Verbs that take what is waiting.
static TAKING: Table<16> = Table::of(&[(1, "pull take collect dequeue receive claim drain")]);

/// Verbs that make something: that it stays made destroys nothing.
static MAKING: Table<64> = Table::of(&[(
    1,
    "create add send post submit publish pay insert upload reply comment transfer generate write \
     save \
     commit merge store forward make copy clone import \
     update set edit modify",
)]);

/// Verbs that make what they are done to unreadable.
static BLANKING: Table<16> = Table::of(&[(1, "redact mask obfuscate anonymise anonymize scrub")]);

/// Verbs that leave nothing in what they are done to.
static EMPTYING: Table<16> = Table::of(&[(1, "purge empty flush wipe erase expunge clear")]);

/// Verbs that put something new in the place of what was valid.
static RENEWING: Table<32> = Table::of(&[(
    1,
    "rotate roll regenerate reset renew reissue refresh replace recreate cycle rekey rollover \
     change",
)]);

/// What can't be undone, and what is kept.
fn forever(name: &Name, told: &Description, judgement: &mut Judgement) {
    let is_forever = told.phrases & phrase::FOREVER != 0;
    if is_forever && judgement.intent == Intent::Write && MAKING.find(name.verb_hash) == 0 {
        judgement.raise(Ground::new("description.forever", Intent::Destructive, 65));
    }
    if is_forever && judgement.intent == Intent::Read && BLANKING.find(name.verb_hash) != 0 {
        judgement.raise(Ground::new("description.forever", Intent::Destructive, 60));
    }
    let is_restoring = matches!(name.verb, Some(Verb::Restore))
        || matches!(told.lead, Some(Verb::Restore))
        || name.subjects & about::STORE != 0 && name.verb == Some(Verb::Write);
    let is_replaced = told.phrases & phrase::OVERWRITES != 0
        && (is_forever || matches!(name.verb, Some(Verb::Restore)));
    if is_replaced && judgement.intent == Intent::Write {
        let sure = if is_restoring { 60 } else { 55 };
        judgement.raise(Ground::new(
            "description.overwrites",
            Intent::Destructive,
            sure,
        ));
    }
    let is_losing = told.phrases & phrase::LOSES != 0;
    if is_losing && judgement.intent == Intent::Write && MAKING.find(name.verb_hash) == 0 {
        judgement.raise(Ground::new("description.loses", Intent::Destructive, 60));
    }
    // `Set the retention; older data is deleted`, whatever the name says.
    if is_losing && judgement.intent == Intent::Read && told.lead == Some(Verb::Write) {
        judgement.raise(Ground::new("description.loses", Intent::Destructive, 55));
    }
    // Of two records one is gone, and nobody knows any more what stood in which.
    let is_merged = name.verb_hash == hash(b"merge") || told.lead_hash == hash(b"merge");
    if is_merged && is_forever && (name.subjects | told.subjects) & about::GIT == 0 {
        judgement.raise(Ground::new("description.merges", Intent::Destructive, 60));
    }
    // A new key for an old one that ends at once: whoever uses the old one is cut off.
    let is_renewed = RENEWING.find(name.verb_hash) | RENEWING.find(told.lead_hash) != 0
        || told.lead == Some(Verb::Write);
    let opens = (name.subjects | told.subjects) & about::CREDENTIAL != 0;
    if told.phrases & phrase::VOIDS != 0 && is_renewed && opens && judgement.intent == Intent::Write
    {
        judgement.raise(Ground::new("description.voids", Intent::Destructive, 60));
    }
    // What empties the bin keeps nothing in it.
    let is_emptied = EMPTYING.find(name.verb_hash) != 0 && name.subjects & about::TRASH != 0;
    let is_kept = told.phrases & phrase::KEPT != 0 && !is_forever && !is_emptied;
    if is_kept && judgement.intent == Intent::Destructive && told.subjects & about::TRASH != 0 {
        judgement.decide(Ground::new("description.kept", Intent::Write, 65));
    }
}

/// What the server says itself: it may raise.
fn hints(definition: &Definition, told: &Description, judgement: &mut Judgement) {
    if definition.reads_only == Some(true) {
        // Never followed: who lies about a tool says this first.
        judgement.note(Ground::new("annotation.read_only", Intent::Read, 50));
    }
    if definition.destroys == Some(true) {
        let ground = Ground::new("annotation.destructive", Intent::Destructive, 50);
        if judgement.intent == Intent::Write && judgement.confidence_percent < 45 {
            judgement.raise(ground);
        } else {
            judgement.note(ground);
        }
    }
    // What is described by a noun is less likely a deed.
    let hinted = if told.lead.is_none() { 50 } else { 60 };
    if definition.reads_only == Some(false)
        && judgement.intent == Intent::Read
        && judgement.confidence_percent < hinted
    {
        judgement.raise(Ground::new("annotation.writes", Intent::Write, 50));
    }
}
