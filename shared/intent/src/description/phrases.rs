//! Phrases of a description that count whatever its verb is.
//!
//! Refuses those that stand in a condition or behind a negation.

mod ending;
mod leaving;
mod outsiders;
mod reach;

pub(super) use leaving::leaves;
pub(crate) use leaving::leaves_at_once;

use super::NEGATION;
use crate::table::{Table, hash};
use crate::words::Word;

/// Phrases, one bit each.
pub(crate) mod phrase {
    /// It can't be undone.
    pub(crate) const FOREVER: u64 = 1;
    /// It lies in the trash and can be restored.
    pub(crate) const KEPT: u64 = 1 << 1;
    /// It overwrites what is there.
    pub(crate) const OVERWRITES: u64 = 1 << 2;
    /// What it made is handed back.
    pub(crate) const RETURNED: u64 = 1 << 3;
    /// Amounts are in minor units.
    pub(crate) const MINOR: u64 = 1 << 4;
    /// It says of itself that it only reads.
    pub(crate) const READS_ONLY: u64 = 1 << 5;
    /// One of several deeds, as an argument says.
    pub(crate) const EITHER: u64 = 1 << 6;
    /// Something is lost by it: `by deleting`, `is discarded`.
    pub(crate) const LOSES: u64 = 1 << 7;
    /// It is only tried.
    pub(crate) const TRIED: u64 = 1 << 8;
    /// It is led by a verb that is not known: `Curtails the output`.
    pub(crate) const DEED: u64 = 1 << 9;
    /// Whoever has it needs no account: `without a login`, `anyone with the link`.
    pub(crate) const OPEN: u64 = 1 << 10;
    /// The values themselves are not handed out: `without values`, `never returned`.
    pub(crate) const WITHHELD: u64 = 1 << 11;
    /// It goes to somebody else: `to another tenant`.
    pub(crate) const ELSEWHERE: u64 = 1 << 12;
    /// Pages are turned until nothing is left.
    pub(crate) const EXHAUSTS: u64 = 1 << 13;
    /// What it is given or finds goes to another company, or to a host that is named.
    pub(crate) const LEAVES: u64 = 1 << 14;
    /// It overtly shows what is hidden.
    pub(crate) const UNMASKS: u64 = 1 << 15;
    /// What was valid until now is valid no more: `expires the old one`.
    pub(crate) const VOIDS: u64 = 1 << 16;
    /// A link that needs no proof of who asks is what it is about: `unsigned public link`.
    pub(crate) const OPEN_LINK: u64 = 1 << 17;
    /// Single records as they came in, with what tells persons apart: `raw events with user id`.
    pub(crate) const RAW: u64 = 1 << 18;
    /// They come as files, or behind a link that anybody may follow.
    pub(crate) const AS_FILES: u64 = 1 << 19;
    /// It begins with a noun of what is told: `Log of purges`.
    pub(crate) const INFORMS: u64 = 1 << 20;
    /// No verb leads it.
    pub(crate) const NOMINAL: u64 = 1 << 21;
    /// What the organisation keeps goes to somebody who is no part of it.
    pub(crate) const HANDS_OUT: u64 = 1 << 22;
    /// What the organisation keeps goes somewhere: to whom an argument says.
    pub(crate) const MOVES: u64 = 1 << 23;
    /// It goes to an address that an argument says.
    pub(crate) const TO_URL: u64 = 1 << 26;
    /// Somebody else gets the money from now on.
    pub(crate) const REPAYS: u64 = 1 << 24;
    /// It is gone once it was looked at.
    pub(crate) const ONCE: u64 = 1 << 25;
}

/// Words of a description that tell of the deed itself, not of what may follow.
const FOREVER_MAX: usize = 45;

static FOREVER: Table<128> = Table::of(&[(
    1,
    "permanently irreversible irreversibly irrecoverable irrecoverably undone permanent \
     unrecoverable forever reversed irrevocably endgultig endgueltig unwiderruflich \
     definitivement \
     definitiva definitivamente definitivo irreversiblement permanentemente definitivamente \
     irreversivel irreversibile irreversivelmente irrevocablemente definitief onherroepelijk \
     definitivt permanentno pysyvasti lopullisesti nieodwracalnie trwale bezpowrotnie nenavratne \
     nenávratně trvale vegleg véglegesen veglegesen kalici kalıcı ireversibil безвозвратно \
     Безвозвратно Nieodwracalnie навсегда permanen selamanya",
)]);

/// The phrases of these words.
pub(super) fn phrases(words: &[Word]) -> u64 {
    let mut found = losses(words) | reach::reaches(words) | ending::ends(words);
    found |= outsiders::moves(words);
    let mut before = [0_u64; 2];
    for (at, word) in words.iter().enumerate() {
        let [last, second] = before;
        let is_not = NEGATION.find(last) != 0 || NEGATION.find(second) != 0;
        let is_undone = [hash(b"undone"), hash(b"reversed")].contains(&word.hash);
        if FOREVER.find(word.hash) != 0 && (is_undone == is_not) && at < FOREVER_MAX {
            found |= phrase::FOREVER;
        }
        if last == hash(b"for") && word.hash == hash(b"good") && at < FOREVER_MAX {
            found |= phrase::FOREVER;
        }
        let to = [hash(b"to"), hash(b"the"), hash(b"into"), hash(b"recycle")];
        let bins = [hash(b"trash"), hash(b"bin"), hash(b"archive")];
        if bins.contains(&word.hash) && to.contains(&last) && last != hash(b"the") {
            found |= phrase::KEPT;
        }
        if bins.contains(&word.hash) && last == hash(b"the") && second == hash(b"to") {
            found |= phrase::KEPT;
        }
        let restorable = [hash(b"restored"), hash(b"recovered"), hash(b"recoverable")];
        let is_denied = [last, second].iter().any(|one| DENIAL.find(*one) != 0);
        if (restorable.contains(&word.hash) && !is_denied)
            || (last == hash(b"soft") && word.forms().contains(&hash(b"delete")))
        {
            found |= phrase::KEPT;
        }
        let overwrites = [
            hash(b"overwrites"),
            hash(b"overwriting"),
            hash(b"overwritten"),
        ];
        if overwrites.contains(&word.hash) && !is_not {
            found |= phrase::OVERWRITES;
        }
        if word.hash == hash(b"cents") || (last == hash(b"minor") || last == hash(b"smallest")) {
            found |= phrase::MINOR;
        }
        let is_tried = last == hash(b"dry") && word.hash == hash(b"run");
        if is_tried && !is_not && at < TRIED_MAX {
            found |= phrase::TRIED;
        }
        if (last == hash(b"read") && word.hash == hash(b"only")) || word.hash == hash(b"readonly") {
            found |= phrase::READS_ONLY;
        }
        before = [word.hash, last];
    }
    found
}

/// Words that deny what follows; `can be restored` is no denial.
static DENIAL: Table<16> = Table::of(&[(1, "not never cannot no without t nothing")]);

/// Words in which a trial is told of the tool itself.
const TRIED_MAX: usize = 12;
/// Words in which a loss is told of the deed itself.
const LOSSES_MAX: usize = 40;

static LOSING: Table<128> = Table::of(&[
    (
        1,
        "deleting expiring purging erasing dropping truncating discarding wiping \
         destroying pruning overwriting shredding emptying",
    ),
    (
        2,
        "deleted wiped discarded erased lost destroyed purged overwritten dropped zeroed shredded \
         forfeited pulped scrapped incinerated culled euthanised euthanized crushed slaughtered \
         burned burnt melted dumped expunged landfilled obliterated annihilated vaporised \
         pulverised",
    ),
    (4, "is are be gets get"),
    (8, "by"),
    (
        16,
        "that which if when unless until before after where whether who were was had already",
    ),
]);

/// Whether something is lost: `by expiring all but one`, `the former content is discarded`.
fn losses(words: &[Word]) -> u64 {
    let mut before = [0_u64; 3];
    let mut is_aside = false;
    for word in words.iter().take(LOSSES_MAX) {
        is_aside &= !matches!(word.before, b'.' | b';' | b'!' | b'\n' | b':');
        let [last, second, third] = before;
        let kind = LOSING.find(word.hash);
        is_aside |= kind & 16 != 0;
        let is_not = [last, second, third]
            .into_iter()
            .any(|one| NEGATION.find(one) != 0 && LOSING.find(one) & 4 == 0);
        let is_done = kind & 2 != 0 && (LOSING.find(last) | LOSING.find(second)) & 4 != 0;
        let is_whole = [
            hash(b"every"),
            hash(b"all"),
            hash(b"each"),
            hash(b"originals"),
        ]
        .contains(&word.hash);
        let is_removal = is_whole && last == hash(b"removing") && LOSING.find(second) & 8 != 0;
        let is_way = (kind & 1 != 0 && LOSING.find(last) & 8 != 0) || is_removal;
        if (is_done || is_way) && !is_aside && !is_not {
            return phrase::LOSES;
        }
        before = [word.hash, last, second];
    }
    0
}
