//! What a verb does to an object of these subjects.

use varistor_model::Intent;

use crate::lexicon::{Verb, about};
use crate::table::Table;

/// The intent of a verb over these subjects, and how sure that is; `None` for a verb that says
/// nothing without its arguments.
pub(crate) const fn of(verb: Verb, subjects: u64) -> Option<(Intent, u8)> {
    Some(match verb {
        Verb::Generic => return None,
        Verb::Read => (Intent::Read, 85),
        Verb::Write | Verb::Pay => {
            let is_open = subjects & about::PUBLIC != 0 && subjects & about::CLOSED == 0;
            if is_open && subjects & about::LINK != 0 {
                (Intent::Exfiltrative, 70)
            } else {
                (Intent::Write, 85)
            }
        }
        Verb::Share | Verb::Forward => {
            if subjects & about::PUBLIC != 0 {
                (Intent::Exfiltrative, 80)
            } else {
                (Intent::Write, 75)
            }
        }
        Verb::Delete => {
            let is_light = subjects & (about::LIGHT | about::CACHE) != 0;
            if is_light && subjects & (about::ARTEFACT | about::STORE) == 0 {
                (Intent::Write, 60)
            } else {
                (Intent::Destructive, 90)
            }
        }
        Verb::Remove => {
            let stored = about::MESSAGE | about::STORE | about::PEOPLE | about::PRIVATE;
            let is_whole = subjects & about::ALL != 0 && subjects & stored != 0;
            if is_whole && subjects & (about::LIGHT | about::CACHE) == 0 {
                (Intent::Destructive, 75)
            } else if subjects & (about::LIGHT | about::CACHE | about::TIE) != 0 {
                (Intent::Write, 65)
            } else {
                (Intent::Destructive, 75)
            }
        }
        Verb::Clear if subjects & about::SOFT != 0 && subjects & about::FACTORY == 0 => {
            (Intent::Write, 70)
        }
        Verb::Clear | Verb::Restore if subjects & about::FACTORY != 0 => (Intent::Destructive, 95),
        Verb::Clear => {
            if subjects & (about::LIGHT | about::CACHE | about::TIE) != 0
                && subjects & about::SESSION == 0
            {
                (Intent::Write, 60)
            } else {
                (Intent::Destructive, 65)
            }
        }
        Verb::Restore => {
            if subjects & about::STORE != 0 && subjects & about::TRASH == 0 {
                (Intent::Destructive, 65)
            } else {
                (Intent::Write, 70)
            }
        }
        Verb::Export => exported(subjects),
        Verb::Disable => {
            if subjects & about::PROTECTION != 0 {
                (Intent::Destructive, 80)
            } else {
                (Intent::Write, 80)
            }
        }
    })
}

/// The intent of handing out these subjects at once.
const fn exported(subjects: u64) -> (Intent, u8) {
    let told_only = about::METADATA | about::TELLING;
    let is_store = subjects & (about::ALL | about::STORE) != 0 && subjects & about::METADATA == 0;
    if subjects & (about::PEOPLE | about::CREDENTIAL) != 0 {
        (Intent::Exfiltrative, 75)
    } else if is_store
        || subjects & (about::HOLDER | about::PRIVATE) != 0 && subjects & told_only == 0
    {
        (Intent::Exfiltrative, 60)
    } else {
        (Intent::Read, 55)
    }
}

/// Verbs that do something else to certain objects, one bit each.
static TURNING: Table<128> = Table::of(&[
    (1, "capture"),
    (2, "resolve"),
    (
        4,
        "format sort highlight trim split normalize normalise wrap",
    ),
    (8, "generate"),
    (16, "format"),
    (32, "take"),
    (64, "drop drag"),
    (128, "release lift end expire waive"),
    (256, "cancel"),
    (512, "recall"),
    (1_024, "port"),
    (2_048, "override defeat jumper mask"),
    (4_096, "make"),
    (8_192, "print"),
    (
        16_384,
        "redact anonymise anonymize pseudonymise pseudonymize mask scrub obfuscate",
    ),
    (32_768, "publish"),
    (65_536, "move hover turn scroll"),
    (262_144, "expire"),
    (
        524_288,
        "inhibit defeat jumper circumvent disarm unguard unprotect neutralise neutralize",
    ),
    (131_072, "shorten reduce lower decrease cut trim"),
    (1_048_576, "select"),
]);

/// The intent of a verb that does something else to these subjects than to most.
pub(crate) fn turned(verb: u64, subjects: u64) -> Option<(Intent, u8)> {
    let kinds = TURNING.find(verb);
    if kinds == 0 {
        return None;
    }
    let is = |kind: u64, objects: u64| kinds & kind != 0 && subjects & objects != 0;
    if is(16, about::DISK) {
        return Some((Intent::Destructive, 80));
    }
    // Only what guards is inhibited.
    if kinds & 524_288 != 0 && subjects & (about::CACHE | about::LIGHT) == 0 {
        return Some((Intent::Destructive, 65));
    }
    let is_lost = is(262_144, about::STORE) && subjects & (about::LINK | about::CACHE) == 0
        || is(128, about::HOLD) && subjects & about::MONEY == 0
        || is(256, about::CONTRACT)
        || is(512, about::SERIAL)
        || is(1_024, about::ELSEWHERE)
        || is(131_072, about::HOLD)
        || is(2_048, about::SAFETY);
    if is_lost {
        return Some((Intent::Destructive, 65));
    }
    if is(4_096, about::PUBLIC) && subjects & about::CLOSED == 0 {
        return Some((Intent::Exfiltrative, 70));
    }
    let stored = about::PRIVATE | about::PUBLISHED | about::STORE | about::PEOPLE;
    if is(16_384, stored) && subjects & (about::VALUE | about::CELL) == 0 {
        return Some((Intent::Destructive, 65));
    }
    if is(32_768, about::PUBLIC | about::WEB) && subjects & (about::CLOSED | about::ARTEFACT) == 0 {
        return Some((Intent::Exfiltrative, 70));
    }
    if is(65_536, about::POINTER) {
        return Some((Intent::Read, 70));
    }
    let is_written = is(8_192, about::TIE)
        || is(1, about::MONEY)
        || is(2, about::PUBLISHED | about::PROTECTION)
        || is(4, about::CELL)
        || is(8, about::CREDENTIAL | about::ACCESS | about::TIE)
        || is(8, about::DISK)
        || is(32, about::STORE) && subjects & (about::BROWSER | about::VALUE) == 0
        || is(64, about::BROWSER)
        || is(1_048_576, about::BROWSER) && subjects & about::POINTER == 0;
    is_written.then_some((Intent::Write, 70))
}
