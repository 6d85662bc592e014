//! Which credentials and variables a sentence says are handed out.
//!
//! Refuses a credential that is only what something is done by, or about: `Strength of a password`.

use super::{PREPOSITION, is_join, subjects};
use crate::lexicon::about;
use crate::table::{Table, hash};
use crate::words::Word;

/// Words behind which stands what comes along.
static CARRYING: Table<32> = Table::of(&[
    (
        1,
        "including include includes return returns returning shows reveals",
    ),
    (2, "with"),
]);

/// Words behind `with` that make what follows part of what is handed out.
static OWN: Table<32> = Table::of(&[(1, "its their plaintext decoded decrypted cleartext all")]);

/// Words that make what follows a question about it.
static ASKED: Table<16> = Table::of(&[(1, "whether if true without no")]);

/// Words that may come along.
const CARRIED_MAX: usize = 8;

static ENVIRONMENT: Table<64> = Table::of(&[
    (1, "env environment environmental config dotenv"),
    (2, "variable variables var vars"),
    (4, "process processes"),
    (8, "environment"),
    (16, "certificate cert"),
    (32, "key"),
    (64, "clear plain plaintext cleartext unencrypted"),
]);

/// Whether something is compared or checked rather than handed out.
fn is_checked(sentence: &[Word]) -> bool {
    sentence.iter().any(|word| ASKED.find(word.hash) != 0)
}

/// Words of an enumeration that are looked at.
const LISTED_MAX: usize = 16;

/// Whether a sentence spells out that a credential is handed out: in an enumeration behind a colon,
/// or in clear text.
pub(super) fn spells_out(sentence: &[Word]) -> bool {
    let colon = sentence.iter().position(|word| word.before == b':');
    let listed = colon.and_then(|at| sentence.get(at..)).unwrap_or_default();
    let listed = listed
        .get(..listed.len().min(LISTED_MAX))
        .unwrap_or_default();
    let is_clear = sentence
        .iter()
        .any(|word| ENVIRONMENT.find(word.hash) & 64 != 0);
    let told = if is_clear { sentence } else { listed };
    subjects(told) & about::CREDENTIAL != 0 && !is_checked(sentence)
}

/// What a sentence hands out whose leading verb stands at this place, if it has one: a set of
/// `about::CREDENTIAL` and `about::ENVIRON`.
pub(super) fn handed(sentence: &[Word], lead: Option<usize>) -> u64 {
    let from = lead.map_or(0, |at| at.saturating_add(1));
    let rest = sentence.get(from..).unwrap_or_default();
    let ends = |word: &Word| PREPOSITION.find(word.hash) != 0 || is_join(word);
    let end = rest.iter().position(ends).unwrap_or(rest.len());
    let mut found = subjects(rest.get(..end).unwrap_or_default());
    for (at, word) in rest.iter().enumerate() {
        let behind = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let next = behind.first().map_or(0, |next| next.hash);
        let is_carrying = match CARRYING.find(word.hash) {
            1 => ASKED.find(next) == 0,
            2 => OWN.find(next) != 0 || next == hash(b"secret"),
            _ => false,
        };
        if is_carrying {
            found |= subjects(
                behind
                    .get(..behind.len().min(CARRIED_MAX))
                    .unwrap_or_default(),
            );
        }
    }
    let named = sentence
        .iter()
        .fold(0, |all, word| all | ENVIRONMENT.find(word.hash));
    let environment = if named & 3 == 3 || named & 12 == 12 {
        about::ENVIRON
    } else {
        0
    };
    let pair = if named & 48 == 48 && !is_checked(sentence) {
        about::CREDENTIAL
    } else {
        0
    };
    // `with the password in clear text`
    let clear = if named & 64 != 0 {
        subjects(rest) & about::CREDENTIAL
    } else {
        0
    };
    pair | clear | found & (about::CREDENTIAL | about::ENVIRON) | environment
}
