//! What a definition says is taken as a whole, or opened to everybody.
//!
//! Refuses to call a list of names taken: only what carries contents counts.

use varistor_model::Intent;

use crate::definition::Definition;
use crate::description::{Description, phrase};
use crate::ground::{Ground, Judgement};
use crate::lexicon::{Verb, about};
use crate::name::Name;
use crate::table::Table;
use crate::words;

/// Verbs that take contents as a whole: alone, out of what is private, or to somebody else.
static TAKING: Table<128> = Table::of(&[
    (
        1,
        "download dump export extract stream iterate siphon offload pull zip bulk grab scrape \
         harvest vacuum takeout",
    ),
    (
        2,
        "download copy sync mirror pull pack bundle zip backup back dump stream export extract \
         replicate clone synchronise synchronize iterate grab scrape harvest takeout archive",
    ),
    (
        4,
        "mirror replicate copy sync clone transfer push export synchronise synchronize move \
         upload",
    ),
    (
        8,
        "list count search find describe delete remove update create",
    ),
]);

/// What is taken as a whole.
pub(super) fn taken(name: &Name, told: &Description, judgement: &mut Judgement) {
    if judgement.intent > Intent::Write || told.phrases & phrase::TRIED != 0 {
        return;
    }
    // `channel_history_dump` dumps, whatever stands in front.
    let end = TAKING.find(name.last) & 3;
    let verbs = TAKING.find(name.verb_hash) | TAKING.find(told.lead_hash) | end;
    let is_other = TAKING.find(name.verb_hash) & 8 != 0 && end == 0;
    let subjects = name.subjects | told.subjects;
    // Single records about persons, as files: no figures of a report.
    let is_raw = told.phrases & phrase::RAW != 0;
    if is_raw && (verbs & 1 != 0 || told.phrases & phrase::AS_FILES != 0) {
        judgement.raise(Ground::new("description.raw", Intent::Exfiltrative, 60));
    }
    let everybody = about::PEOPLE | about::ALL;
    let is_spelled_out = told.objects & everybody == everybody
        || end & 1 != 0 && told.subjects & about::SENSITIVE != 0;
    let is_told_only = name.subjects & (about::TELLING | about::METADATA) != 0 && !is_spelled_out;
    if is_other || is_told_only {
        return;
    }
    let is_whole = subjects & about::ALL != 0 || told.phrases & phrase::EXHAUSTS != 0;
    let has = |kinds: u64| subjects & kinds != 0;
    if verbs & 1 != 0 && is_whole && has(about::PEOPLE | about::TREE) {
        judgement.raise(Ground::new(
            "description.everybody",
            Intent::Exfiltrative,
            60,
        ));
    } else if verbs & 2 != 0
        && is_whole
        && has(about::HOLDER)
        && (verbs & 4 == 0 || has(about::MESSAGE | about::STORE))
    {
        judgement.raise(Ground::new("description.whole", Intent::Exfiltrative, 60));
    } else if verbs & 4 != 0
        && told.phrases & phrase::ELSEWHERE != 0
        && has(about::HOLDER | about::STORE | about::PEOPLE)
    {
        judgement.raise(Ground::new(
            "description.elsewhere",
            Intent::Exfiltrative,
            60,
        ));
    }
}

/// Words of a name that say that somebody is no part of the organisation.
static OUTER: Table<16> = Table::of(&[(1, "outside external outsider outsiders")]);

/// Verbs that begin a description of what others may do from now on.
static LETTING: Table<64> = Table::of(&[(
    1,
    "let lets allow allows permit permits enable enables give gives authorise authorises \
     authorize \
     authorizes entitle entitles empower empowers",
)]);

/// Access for somebody who is no part of the organisation.
pub(super) fn let_in(
    definition: &Definition,
    name: &Name,
    told: &Description,
    judgement: &mut Judgement,
) {
    let is_outer = words::of_name(definition.name.as_bytes())
        .any(|word| OUTER.find(word.hash) != 0)
        || told.phrases & phrase::ELSEWHERE != 0;
    let is_given = matches!(name.verb, Some(Verb::Share)) || matches!(told.lead, Some(Verb::Share));
    // `Lets a partner read accounts` reads nothing itself.
    let first = words::of_text(definition.description.as_bytes()).next();
    let is_let = first.is_some_and(|word| LETTING.find(word.hash) != 0);
    let is_let = is_let && matches!(name.verb, None | Some(Verb::Share | Verb::Write));
    let is_granted =
        judgement.intent == Intent::Write || judgement.intent == Intent::Read && is_let;
    if is_outer && (is_given || is_let) && is_granted {
        judgement.raise(Ground::new("name.outsider", Intent::Exfiltrative, 60));
    }
}

/// Verbs that find out whether something is so.
static CHECKING: Table<16> = Table::of(&[(1, "check verify test audit detect is find")]);

/// What is opened to whoever comes: `readable without signing in`.
pub(super) fn opened(name: &Name, told: &Description, judgement: &mut Judgement) {
    let makes = matches!(told.lead, Some(Verb::Write | Verb::Share));
    let is_made_public = makes
        && told.objects & about::PUBLIC != 0
        && name.subjects & (about::LINK | about::SHARING) != 0;
    let subjects = name.subjects | told.subjects;
    // `Public link to a recording`: what is one's own, for whoever has the link.
    let kept = about::PRIVATE | about::HOLDER | about::SENSITIVE | about::CREDENTIAL | about::FILE;
    let is_open_link = told.phrases & phrase::OPEN_LINK != 0
        && name.subjects & about::LINK != 0
        && subjects & kept != 0;
    if !(is_made_public || is_open_link || told.phrases & phrase::OPEN != 0)
        || judgement.intent > Intent::Write
    {
        return;
    }
    let is_way = match judgement.intent {
        Intent::Read => {
            let is_returned = told.phrases & phrase::RETURNED != 0;
            name.subjects & (about::SHARING | about::LINK) != 0
                || (is_returned && told.subjects & about::LINK != 0)
        }
        _ => {
            subjects & (about::LINK | about::SHARING | about::PUBLIC) != 0
                || name.verb == Some(Verb::Share)
        }
    };
    let is_looking = judgement.intent == Intent::Read && CHECKING.find(name.verb_hash) != 0;
    if is_way && !is_looking && name.subjects & about::CLOSED == 0 {
        judgement.raise(Ground::new("description.open", Intent::Exfiltrative, 65));
    }
}
