//! Phrases that tell that what an organisation keeps goes to somebody who is no part of it,
//! that it
//! goes wherever an argument says, that money goes to another account, and that a look destroys.
//!
//! Refuses what stands behind a negation, and what is made for the other side.

use super::super::NEGATION;
use super::phrase;
use crate::lexicon::{self, about};
use crate::parties::{self, kind};
use crate::table::{Table, hash};
use crate::words::Word;

/// Words between a deed and whom it is for, and between `to` and who that is.
const OBJECT_MAX: usize = 16;
const PLACE_MAX: usize = 5;
/// Words in which a change of the account is told of the tool itself.
const CHANGE_MAX: usize = 14;

const CHANGES: u64 = 1;
const BANK: u64 = 1 << 1;
const ACCOUNT: u64 = 1 << 2;
const PAID: u64 = 1 << 3;
const GONE: u64 = 1 << 4;
const ONCE: u64 = 1 << 5;
const SEEN: u64 = 1 << 6;

static WORDS: Table<256> = Table::of(&[
    (
        CHANGES,
        "replace replaces change changes update updates set sets swap swaps redirect redirects \
         switch switches edit edits amend amends point points assign assigns modify modifies \
         reroute \
         reroutes overwrite overwrites move moves",
    ),
    (
        BANK,
        "bank disbursal disbursals proceeds payout payouts settlement settlements remittance \
         remittances disbursement \
         disbursements iban beneficiary payee salary wage wages direct",
    ),
    (
        ACCOUNT,
        "account accounts details iban destination destinations routing deposit instruction \
         instructions method coordinates",
    ),
    (
        PAID,
        "paid payouts payments settlements receives receive proceeds salaries wages",
    ),
    (
        GONE,
        "destroyed deleted erased removed gone burned burnt wiped consumed acknowledged expires \
         vanishes disappears destroys deletes lost",
    ),
    (ONCE, "by after once upon on when as"),
    (
        SEEN,
        "viewing reading view read viewed opened retrieval fetched retrieved opening access \
         fetching \
         seen delivery receipt shown",
    ),
]);

/// What of this the first words say.
pub(super) fn moves(words: &[Word]) -> u64 {
    let mut found = account(words) | once(words) | missing(words);
    let mut sentences = 0_u32;
    let mut is_kept = false;
    let mut start = 0;
    for (at, word) in words.iter().enumerate() {
        if at > 0 && word.opens_sentence() {
            sentences = sentences.saturating_add(1);
            is_kept = false;
            start = at;
        }
        if sentences > 1 {
            break;
        }
        let front = words
            .get(start.max(at.saturating_sub(2))..at)
            .unwrap_or_default();
        let is_not = front.iter().any(|word| NEGATION.find(word.hash) != 0);
        let kinds = parties::kinds(word);
        if kinds & kind::DATA != 0 {
            is_kept = true;
        }
        let behind = words.get(at.saturating_add(1)..).unwrap_or_default();
        let end = behind.iter().position(Word::opens_sentence);
        let behind = behind
            .get(..end.unwrap_or(behind.len()))
            .unwrap_or_default();
        if is_not {
            continue;
        }
        // `the mail`, `a copy` are things.
        let [whole, one, _] = word.forms();
        let last = front.last().map_or(0, |last| last.hash);
        let is_verb = at == start || whole != one || JOINS.find(last) != 0;
        let is_verb = is_verb || kinds & kind::MOVES_ABROAD != 0;
        let next = behind.first().map_or(0, |next| next.hash);
        // `by phone or email address`
        let is_noun = kinds & kind::LETTER != 0 && LETTERED.find(next) != 0;
        if is_verb && !is_noun && kinds & (kind::MOVES | kind::MOVES_ABROAD) != 0 {
            found |= handed(behind, kinds, is_kept);
        }
        // `Opens a sealed record to an outside genealogist`.
        if kinds & kind::GIVES != 0 {
            found |= handed(behind, 0, is_kept) & phrase::HANDS_OUT;
        }
        // Other languages say last what is done.
        let before = words.get(start..at).unwrap_or_default();
        if kinds & kind::MOVES_ABROAD != 0 && behind.len() <= 1 && is_outside(before, OBJECT_MAX) {
            found |= phrase::HANDS_OUT;
        }
        let is_opened = BECOMING.find(word.hash) != 0 && next == hash(b"public");
        if is_opened || kinds & kind::GIVES != 0 && is_given(behind) {
            found |= phrase::HANDS_OUT;
        }
    }
    found
}

/// Words for an address that something is sent to.
static URLS: Table<32> = Table::of(&[
    (1, "url uri endpoint webhook host"),
    (2, "network networks tracker adserver exchange"),
]);

/// Words that make a noun of a letter in front of them.
static LETTERED: Table<16> = Table::of(&[(1, "address addresses id ids number numbers account")]);

/// Words between which and its object a verb stands in its base form.
static JOINS: Table<16> = Table::of(&[(1, "and then or to can will")]);

/// Words in front of what something is from now on.
static BECOMING: Table<16> = Table::of(&[(1, "becomes become becoming made goes turns")]);

/// What is handed on, and to whom.
fn handed(behind: &[Word], verb: u64, was_kept: bool) -> u64 {
    let is_abroad = verb & kind::MOVES_ABROAD != 0;
    let carries = verb & (kind::CARRIES | kind::SENDS) != 0;
    let is_written = verb & kind::CARRIES == 0;
    // Some languages say to whom by an ending alone.
    if is_abroad && is_outside(behind, OBJECT_MAX) {
        return phrase::HANDS_OUT;
    }
    let mut is_kept = false;
    let mut is_document = false;
    let mut is_of_people = false;
    let mut found = 0;
    for (at, word) in behind.iter().take(OBJECT_MAX).enumerate() {
        let kinds = parties::kinds(word);
        let is_to = kinds & kind::TO != 0 || is_abroad && kinds & kind::TO_ABROAD != 0;
        if !is_to {
            let document = kind::DOCUMENT | kind::LETTER;
            is_document |= is_written && at < 4 && kinds & document != 0;
            is_kept |= parties::is_kept(word);
            is_of_people |= lexicon::subjects(&word.forms()) & about::PEOPLE != 0;
            continue;
        }
        if (is_kept || carries) && !is_document {
            found |= phrase::MOVES;
        }
        let place = behind.get(at.saturating_add(1)..).unwrap_or_default();
        if place.iter().take(3).any(|word| URLS.find(word.hash) == 1) {
            found |= phrase::TO_URL;
        }
        // `Syncs customers to an advertising network`, whoever runs that.
        let near = place.get(..place.len().min(PLACE_MAX)).unwrap_or_default();
        let is_network = is_of_people && near.iter().any(|word| URLS.find(word.hash) == 2);
        if is_network {
            return found | phrase::HANDS_OUT;
        }
        if is_of_people && found & phrase::TO_URL != 0 {
            found |= phrase::MOVES;
        }
        let is_data = is_kept || was_kept || carries || is_of_people || is_abroad;
        if is_outside(place, PLACE_MAX) && is_data && (is_kept || !is_document) {
            return found | phrase::HANDS_OUT;
        }
    }
    if (is_kept || carries) && !is_document {
        found |= phrase::MOVES;
    }
    found
}

/// Whether the first words name somebody who is no part of the organisation.
fn is_outside(place: &[Word], most: usize) -> bool {
    let mut is_outer = false;
    let mut is_body = false;
    for word in place.iter().take(most) {
        let kinds = parties::kinds(word);
        // `una empresa externa`
        if is_body && kinds & kind::OUTER != 0 {
            return true;
        }
        is_body = kinds & kind::BODY != 0;
        if is_outer && kinds & kind::TECHNICAL != 0 && kinds & kind::BODY == 0 {
            return false;
        }
        if kinds & kind::PARTY != 0 || is_outer && kinds & kind::OUTER == 0 {
            return true;
        }
        is_outer |= kinds & kind::OUTER != 0;
    }
    false
}

/// Whether somebody outside is let in or given something: `Gives an outside subscriber a feed`.
fn is_given(behind: &[Word]) -> bool {
    let Some(at) = behind.iter().take(4).position(|word| {
        let kinds = parties::kinds(word);
        kinds & (kind::OUTER | kind::PARTY) != 0
    }) else {
        return false;
    };
    let rest = behind.get(at.saturating_add(1)..).unwrap_or_default();
    let opens = |word: &Word| {
        let subjects = lexicon::subjects(&word.forms());
        parties::is_kept(word) || subjects & (about::ACCESS | about::PEOPLE) != 0
    };
    rest.iter().take(10).any(opens)
}

/// Whether payments go to another account from now on.
fn account(words: &[Word]) -> u64 {
    let words = words.get(..words.len().min(CHANGE_MAX)).unwrap_or_default();
    let leads = words
        .iter()
        .take(3)
        .any(|word| WORDS.find(word.hash) & CHANGES != 0);
    let all = words
        .iter()
        .fold(0, |all, word| all | WORDS.find(word.hash));
    let has = |kinds: u64| all & kinds == kinds;
    if leads && (has(BANK | ACCOUNT) || has(ACCOUNT | PAID)) {
        phrase::REPAYS
    } else {
        0
    }
}

/// Whether what is not named is taken away: `records that are missing from the file are removed`.
fn missing(words: &[Word]) -> u64 {
    let is_lost = words.windows(8).take(60).any(|near| match near {
        [first, rest @ ..] => {
            let is_absent = MISSING.find(first.hash) & 1 != 0;
            is_absent && rest.iter().any(|word| MISSING.find(word.hash) & 2 != 0)
        }
        [] => false,
    });
    let is_end = || {
        let from = words.len().saturating_sub(8);
        let near = words.get(from..).unwrap_or_default();
        let at = near
            .iter()
            .position(|word| MISSING.find(word.hash) & 1 != 0);
        let rest = at.and_then(|at| near.get(at..)).unwrap_or_default();
        rest.iter().any(|word| MISSING.find(word.hash) & 2 != 0)
    };
    if is_lost || is_end() {
        phrase::LOSES
    } else {
        0
    }
}

static MISSING: Table<32> = Table::of(&[
    (1, "missing absent unlisted omitted unmentioned"),
    (2, "removed deleted dropped erased pruned purged"),
]);

/// Whether a look destroys: `it is destroyed by viewing`.
fn once(words: &[Word]) -> u64 {
    let is_once = words.windows(5).take(60).any(|five| match five {
        [gone, by, rest @ ..] => {
            let seen = rest.iter().any(|word| WORDS.find(word.hash) & SEEN != 0);
            WORDS.find(gone.hash) & GONE != 0 && WORDS.find(by.hash) & ONCE != 0 && seen
        }
        _ => false,
    });
    let is_end = words.len() >= 3
        && words.windows(3).take(60).any(|three| match three {
            [gone, by, seen] => {
                WORDS.find(gone.hash) & GONE != 0
                    && WORDS.find(by.hash) & ONCE != 0
                    && WORDS.find(seen.hash) & SEEN != 0
            }
            _ => false,
        });
    if is_once || is_end { phrase::ONCE } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    #[test]
    fn what_goes_to_strangers_and_what_may_is_told() {
        let both = phrase::HANDS_OUT | phrase::MOVES;
        for (text, expected) in [
            ("Streams door footage to a security contractor.", both),
            ("Copies case files to an external law firm's storage.", both),
            (
                "Lets an outside auditor into all ledgers with full access.",
                phrase::HANDS_OUT,
            ),
            (
                "Stellt Mitarbeiterdaten bereit und sendet sie an eine externe Firma.",
                phrase::HANDS_OUT,
            ),
            ("Envía el listado a un tercero.", phrase::HANDS_OUT),
            ("Sends a purchase order to the vendor.", 0),
            ("Sends a message to a partner.", 0),
            ("Sends a new email.", 0),
            ("Emails the report to a recipient.", phrase::MOVES),
            ("Never sends records to partners.", 0),
            ("Delivers the recording to an address.", phrase::MOVES),
            ("Changes the bank account of a supplier.", phrase::REPAYS),
            (
                "Updates the account into which wages are paid.",
                phrase::REPAYS,
            ),
            ("Changes the name of an account.", 0),
            ("Opens a note that is erased after reading.", phrase::ONCE),
            ("Files removed from a list.", 0),
        ] {
            let words: Vec<Word> = words::of_text(text.as_bytes()).collect();
            assert_eq!(moves(&words), expected, "{text}");
        }
    }
}
