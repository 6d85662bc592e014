//! What name and description say together, and which of them is believed where they differ.
//!
//! Refuses to let a description hide what a name shows plainly.

use varistor_model::Intent;

use super::UNKNOWN;
use crate::description::{Description, phrase};
use crate::ground::{Ground, Judgement};
use crate::lexicon::{Verb, about};
use crate::linear;
use crate::name::{Informs, Name};
use crate::table::{Table, hash};
use crate::verdict;

pub(super) fn together(name: &Name, told: &Description) -> Judgement {
    let exported = verdict::of(Verb::Export, name.subjects | told.subjects);
    if name.verb == Some(Verb::Export)
        && told.lead == Some(Verb::Write)
        && let Some((Intent::Exfiltrative, sure)) = exported
    {
        return Judgement::of(Ground::new("name.export", Intent::Exfiltrative, sure));
    }
    // The figures of a report, in whatever form they come.
    if name.verb == Some(Verb::Export)
        && matches!(name.said, Some((Intent::Read, _)))
        && name.subjects & about::TELLING != 0
        && matches!(told.lead, Some(Verb::Write | Verb::Export))
    {
        return Judgement::of(Ground::new("name.summary", Intent::Read, 60));
    }
    if let Some(judgement) = informed(name, told) {
        return judgement;
    }
    let named = |intent, sure| Ground::new("name.verb", intent, sure);
    let described = |intent, sure| Ground::new("description.verb", intent, sure);
    match (name.said, told.said) {
        // `estop_events`, of which no deed is told.
        (None, None) if name.tells && told.phrases & phrase::NOMINAL != 0 => {
            Judgement::of(Ground::new("name.informs", Intent::Read, 60))
        }
        (None, None) => Judgement::of(Ground::new(UNKNOWN, Intent::Write, 30)),
        (Some((intent, sure)), None) => Judgement::of(named(intent, sure.saturating_sub(10))),
        // `spill_gate_model`, of which is said that it computes.
        (None, Some((Intent::Read, sure))) if name.tells => {
            Judgement::of(described(Intent::Read, sure))
        }
        (None, Some((intent, sure))) => Judgement::of(described(intent, sure.saturating_sub(15))),
        (Some((intent, sure)), Some((other, other_sure))) if intent == other => {
            let sure = sure.max(other_sure).saturating_add(5).min(95);
            let mut judgement = Judgement::of(named(intent, sure));
            judgement.note(described(other, other_sure));
            judgement
        }
        (Some((intent, sure)), Some((other, other_sure))) => {
            let mut judgement = Judgement::of(named(intent, sure));
            let ground = described(other, other_sure);
            if believes(name, told, intent, other) {
                judgement.decide(Ground {
                    confidence_percent: other_sure
                        .saturating_sub(15)
                        .max(linear::UNSURE.saturating_add(5)),
                    ..ground
                });
            } else {
                judgement.note(ground);
                judgement.confidence_percent = sure.saturating_sub(20);
            }
            judgement
        }
    }
}

/// What a name says whose end only tells, where the description agrees.
fn informed(name: &Name, told: &Description) -> Option<Judgement> {
    let is_read = matches!(told.said, Some((Intent::Read, _)));
    // `Open deletion requests`, of a list.
    let is_adjective = ADJECTIVES.find(told.lead_hash) != 0;
    let is_nominal = told.said.is_none() && told.phrases & phrase::NOMINAL != 0 || is_adjective;
    let takes = matches!(
        name.verb,
        Some(Verb::Delete | Verb::Remove | Verb::Clear | Verb::Disable)
    );
    // `notion_delete_template` that is said to show one is not believed.
    let informs = told.phrases & phrase::INFORMS != 0;
    let is_headed = told.lead.is_none() || is_adjective || informs;
    let is_told = match name.informs {
        Informs::Yes => is_read || is_nominal,
        Informs::Maybe if !name.tells => is_read && informs,
        Informs::Maybe => (is_read || is_nominal) && (is_headed || !takes),
        Informs::No => false,
    };
    if !is_told {
        return None;
    }
    let mut judgement = Judgement::of(Ground::new("name.informs", Intent::Read, 70));
    if let Some((intent, sure)) = told.said {
        judgement.note(Ground::new("description.verb", intent, sure));
    }
    Some(judgement)
}

/// Whether the description is believed against the name.
fn believes(name: &Name, told: &Description, intent: Intent, other: Intent) -> bool {
    // `export_contacts` of which is said that it returns an address to load them from.
    let is_dump = name.verb == Some(Verb::Export)
        && name.subjects & about::PEOPLE != 0
        && (name.subjects | told.subjects) & about::TELLING == 0
        && told.subjects & (about::PEOPLE | about::ALL | about::FILE) != 0;
    if is_dump && (intent, other) == (Intent::Exfiltrative, Intent::Read) {
        return false;
    }
    // `share_snapshot`, that lets others restore it.
    if name.verb == Some(Verb::Share) && other == Intent::Destructive {
        return false;
    }
    // `station_availability`: `Free connectors of a station`.
    if name.tells && ADJECTIVES.find(told.lead_hash) != 0 && intent == Intent::Read {
        return false;
    }
    if name.is_doubtful || name.informs > Informs::No && (name.tells || other > intent) {
        return true;
    }
    // `kill_timer`, of which is said that it ends one: slang of those who run things.
    let is_slang = name.verb_hash == hash(b"kill") && STOPPING.find(told.lead_hash) != 0;
    if is_slang && other == Intent::Write && told.phrases & LOST == 0 {
        return true;
    }
    // `scan_queue_add`, of which is said that it adds one.
    let is_ending = name.last == told.lead_hash && ENDING.find(name.last) != 0;
    if is_ending && intent == Intent::Read && other > Intent::Read {
        return true;
    }
    // `kill_lights`, of which is said that it switches them off; `restore` of a whole store.
    let is_off = name.verb_hash == hash(b"kill") && told.lead == Some(Verb::Disable);
    let is_restored = name.verb == Some(Verb::Restore)
        && told.lead == Some(Verb::Restore)
        && told.objects & about::STORE != 0;
    if (is_off && other == Intent::Write) || (is_restored && other == Intent::Destructive) {
        return true;
    }
    differs(name, told, intent, other)
}

/// The same, by what each of them says.
fn differs(name: &Name, told: &Description, intent: Intent, other: Intent) -> bool {
    match (intent, other) {
        // What a name hides, a description may tell; what it shows plainly, none may hide.
        (Intent::Read, Intent::Destructive | Intent::Exfiltrative) => true,
        (Intent::Write, Intent::Destructive) => {
            matches!(told.lead, Some(Verb::Delete | Verb::Disable))
                && !matches!(name.verb, Some(Verb::Pay | Verb::Share))
        }
        (Intent::Destructive, Intent::Write) => {
            let is_kept = told.phrases & phrase::KEPT != 0;
            // The description names more of what is taken away.
            let takes = |verb| matches!(verb, Some(Verb::Delete | Verb::Remove | Verb::Clear));
            let is_light = told.objects & (about::LIGHT | about::CACHE) != 0;
            let is_taken = takes(told.lead)
                && takes(name.verb)
                && (is_light || name.verb == Some(Verb::Remove));
            (is_kept || is_taken) && told.phrases & phrase::FOREVER == 0
        }
        (Intent::Write, Intent::Exfiltrative) => {
            matches!(
                told.lead,
                None | Some(Verb::Export | Verb::Write | Verb::Share)
            )
        }
        // `propose_slots` that computes them.
        // A consumer of messages reads them.
        (Intent::Write, Intent::Read) => {
            SUGGESTING.find(name.verb_hash) != 0 || name.verb_hash == hash(b"consume")
        }
        (Intent::Read, Intent::Write)
            if name.verb_hash == hash(b"propose") && told.lead_hash != name.verb_hash =>
        {
            true
        }
        // Both generate, and only one of them says that it stays.
        (Intent::Read, Intent::Write)
            if name.verb_hash == hash(b"generate") && told.lead_hash == name.verb_hash =>
        {
            true
        }
        // `get_invite_link` of which is said that it creates one.
        (Intent::Read, Intent::Write) => {
            name.subjects & about::SHARING != 0
                && name.subjects & (about::LINK | about::ACCESS) != 0
                && matches!(told.lead, Some(Verb::Write | Verb::Share))
        }
        _ => false,
    }
}

/// Verbs that may only tell what could be done.
static SUGGESTING: Table<32> = Table::of(&[(
    1,
    "propose suggest estimate recommend advise forecast project quote plan draft",
)]);

/// Verbs that a name ends with in no other sense.
static ENDING: Table<32> = Table::of(&[(
    1,
    "create delete update add remove insert destroy cancel submit send book enqueue set assign",
)]);

/// Verbs that are adjectives as often.
static ADJECTIVES: Table<16> = Table::of(&[(1, "open clear free complete close")]);

/// Verbs that end what can be started again.
static STOPPING: Table<16> = Table::of(&[(1, "end stop finish close turn switch pause")]);

/// Phrases that tell of a loss.
const LOST: u64 = phrase::FOREVER | phrase::LOSES | phrase::OVERWRITES;
