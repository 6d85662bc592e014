//! Phrases that tell who gets something, and whether it is handed out at all.
//!
//! Refuses what stands behind a negation: what cannot be seen without a login is not open.

use super::phrase;
use crate::table::{Table, hash};
use crate::words::Word;

mod part {
    /// Lacking something.
    pub(super) const WITHOUT: u64 = 1;
    /// What shows who somebody is.
    pub(super) const LOGIN: u64 = 1 << 1;
    /// Anybody at all.
    pub(super) const ANYBODY: u64 = 1 << 2;
    /// What is inside of a thing, as opposed to its name.
    pub(super) const VALUE: u64 = 1 << 3;
    /// Handed out.
    pub(super) const SHOWN: u64 = 1 << 4;
    /// Not at any time.
    pub(super) const NEVER: u64 = 1 << 5;
    /// Not one's own.
    pub(super) const OTHER: u64 = 1 << 6;
    /// What belongs to somebody.
    pub(super) const PARTY: u64 = 1 << 7;
    /// Whoever.
    pub(super) const HOLDS: u64 = 1 << 8;
    /// Until nothing.
    pub(super) const UNTIL: u64 = 1 << 9;
    /// Hidden.
    pub(super) const HIDDEN: u64 = 1 << 10;
    /// A refusal.
    pub(super) const NOT: u64 = 1 << 11;
    /// Whichever.
    pub(super) const ANY: u64 = 1 << 12;
    /// Where all the world looks.
    pub(super) const PLACE: u64 = 1 << 13;
    /// Lacking something for sure.
    pub(super) const LACKING: u64 = 1 << 14;
    /// What people sign in with.
    pub(super) const ACCOUNT: u64 = 1 << 15;
    /// Another company.
    pub(super) const STRANGER: u64 = 1 << 16;
    /// A person that something is said of.
    pub(super) const WHO: u64 = 1 << 17;
    /// An article.
    pub(super) const ARTICLE: u64 = 1 << 18;
}

static PARTS: Table<256> = Table::of(&[
    (part::WITHOUT, "without no ohne sin sans senza zonder"),
    (part::LACKING, "without"),
    (part::ACCOUNT, "account accounts password"),
    (
        part::LOGIN,
        "login logins signin sign signing logging authentication authenticating \
         anmeldung anmelden einloggen sesion connexion connecter authentification autenticacion \
         accesso inloggen",
    ),
    (part::ANYBODY, "anyone anybody whoever everyone everybody"),
    (
        part::VALUE,
        "value values data content contents plaintext secrets payload body",
    ),
    (
        part::SHOWN,
        "returned shown revealed included exposed disclosed displayed printed visible returns \
         returning",
    ),
    (part::NEVER, "never not"),
    (
        part::OTHER,
        "another other different external foreign partner third outside remote advertising ad",
    ),
    (
        part::PARTY,
        "endpoint tenant organisation organization company cloud provider party partner \
         registrar vendor network aggregator processor consultant auditor agency reseller supplier \
         contractor broker advertiser subcontractor",
    ),
    (
        part::STRANGER,
        "partner partners competitor competitors rival",
    ),
    (part::WHO, "who"),
    (part::HOLDS, "with has knows holds gets having can"),
    (part::UNTIL, "until"),
    (part::ARTICLE, "a an the"),
    (part::HIDDEN, "masked redacted"),
    (part::ANY, "any"),
    (
        part::PLACE,
        "page pages website websites site sites webpage",
    ),
    (part::NOT, "cannot can't never only"),
]);

/// Words between the two that make a phrase.
const NEAR: usize = 3;

/// The phrases of these words.
pub(super) fn reaches(words: &[Word]) -> u64 {
    let mut found = 0;
    // The parts of the words before, the last one first.
    let mut before = [0_u64; NEAR];
    let mut is_refused = false;
    let mut sentences = 0_u32;
    for word in words {
        if word.opens_sentence() {
            before = [0; NEAR];
            is_refused = false;
            sentences = sentences.saturating_add(1);
        }
        // What follows tells of ways to use it.
        if sentences > 1 {
            break;
        }
        let here = PARTS.find(word.hash);
        let near = before.iter().fold(0, |all, one| all | one);
        let [last, ..] = before;
        let has = |kind: u64| near & kind != 0;
        let is_account = here & part::ACCOUNT != 0 && has(part::LACKING);
        if (here & part::LOGIN != 0 && has(part::WITHOUT) || is_account) && !is_refused {
            found |= phrase::OPEN;
        }
        if here & part::PLACE != 0 && has(part::ANY) {
            found |= phrase::OPEN;
        }
        let is_anybody = last & part::ANYBODY != 0 || has(part::ANYBODY) && last & part::WHO != 0;
        if here & part::HOLDS != 0 && is_anybody {
            found |= phrase::OPEN;
        }
        // `The value of a masked variable` is shown.
        let is_shown = has(part::VALUE) && last & part::ARTICLE != 0;
        if is_shown && here & part::HIDDEN != 0 {
            found |= phrase::UNMASKS;
        }
        let is_lacking = has(part::WITHOUT) && here & part::VALUE != 0;
        let is_kept_back = last & part::NEVER != 0 && here & part::SHOWN != 0;
        if is_lacking || is_kept_back || here & part::HIDDEN != 0 && !is_shown {
            found |= phrase::WITHHELD;
        }
        if here & part::STRANGER != 0 || here & part::PARTY != 0 && has(part::OTHER) {
            found |= phrase::ELSEWHERE;
        }
        let is_none = [hash(b"no"), hash(b"none"), hash(b"nothing")].contains(&word.hash);
        if is_none && last & part::UNTIL != 0 {
            found |= phrase::EXHAUSTS;
        }
        is_refused |= here & part::NOT != 0;
        let [one, two, _] = before;
        before = [here, one, two];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    fn phrases(text: &str) -> u64 {
        let words: Vec<Word> = words::of_text(text.as_bytes()).collect();
        reaches(&words)
    }

    #[test]
    fn what_needs_no_account_is_open() {
        for text in [
            "An address that works without a login.",
            "Readable without signing in.",
            "A link that needs no sign-in.",
            "Lets anyone with the link view it.",
            "A URL that lets whoever has it download an object.",
        ] {
            assert_eq!(phrases(text) & phrase::OPEN, phrase::OPEN, "{text}");
        }
        for text in [
            "It cannot be seen without signing in.",
            "Log in with an account.",
            "Works with any account.",
        ] {
            assert_eq!(phrases(text) & phrase::OPEN, 0, "{text}");
        }
    }

    #[test]
    fn what_is_withheld_and_where_it_goes() {
        for (text, expected) in [
            ("Names of the variables, without values.", phrase::WITHHELD),
            ("Values are never returned.", phrase::WITHHELD),
            ("Secrets are masked.", phrase::WITHHELD),
            ("Secrets with plaintext values.", 0),
            ("Copies it to another tenant.", phrase::ELSEWHERE),
            ("Copies it to another folder.", 0),
            ("Reads on until no page is left.", phrase::EXHAUSTS),
        ] {
            assert_eq!(phrases(text), expected, "{text}");
        }
    }
}
