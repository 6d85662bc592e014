//! Phrases that tell what ends for good, what is open to whoever has the link, and what is handed
//! out record by record.
//!
//! Refuses a mere adjective: a link has to be public itself, a key has to be the old one.

use super::phrase;
use crate::table::{Table, hash};
use crate::words::Word;

mod part {
    /// A refusal for all time.
    pub(super) const NEVER: u64 = 1;
    /// What will not be done any more.
    pub(super) const BACK: u64 = 1 << 1;
    /// Once more.
    pub(super) const AGAIN: u64 = 1 << 2;
    /// Ends what was valid.
    pub(super) const ENDS: u64 = 1 << 3;
    /// What was there before.
    pub(super) const FORMER: u64 = 1 << 4;
    /// Is valid no more.
    pub(super) const ENDED: u64 = 1 << 5;
    /// Open to whoever has it.
    pub(super) const OPEN: u64 = 1 << 6;
    /// A link.
    pub(super) const LINK: u64 = 1 << 7;
    /// As it came in.
    pub(super) const RAW: u64 = 1 << 8;
    /// What tells persons apart.
    pub(super) const PERSON: u64 = 1 << 9;
    /// A file, or a way to one.
    pub(super) const FILES: u64 = 1 << 10;
    /// Condition: what follows is not told for sure.
    pub(super) const IF: u64 = 1 << 11;
    /// A refusal that leaves nothing open.
    pub(super) const EVER: u64 = 1 << 12;
    /// Records of what happened, one by one.
    pub(super) const RECORDS: u64 = 1 << 13;
}

static PARTS: Table<512> = Table::of(&[
    (part::NEVER, "never cannot not no non t nor"),
    (
        part::BACK,
        "reversible recoverable restorable reverted restored recovered reused retrieved \
         reinstated \
         reactivated recreated reclaimed undeleted revertible undoable recover restore undo \
         revert \
         reverse re",
    ),
    (part::EVER, "never cannot t"),
    (
        part::RECORDS,
        "events event records record rows row sessions responses answers hits visits transactions \
         entries data clicks pageviews logs calls conversations submissions traces exports tables",
    ),
    (part::AGAIN, "again back"),
    (
        part::ENDS,
        "expires expire invalidates invalidate revokes revoke voids void kills deactivates \
         deactivate cancels disables retires destroys ends breaks expiring invalidating revoking \
         replacing cuts",
    ),
    (
        part::FORMER,
        "old older previous existing current former prior earlier outstanding active",
    ),
    (
        part::ENDED,
        "stops stop ceases cease expires expire invalid invalidated revoked void unusable dead \
         expired useless rejected",
    ),
    (
        part::OPEN,
        "public unsigned unauthenticated anonymous unprotected permanent nonexpiring \
         unexpiring shareable tokenless unrestricted passwordless publicly",
    ),
    (part::LINK, "link links url urls address permalink"),
    (
        part::RAW,
        "raw unaggregated unsampled granular unmasked unredacted disaggregated rowlevel userlevel \
         eventlevel hitlevel unfiltered individual",
    ),
    (
        part::PERSON,
        "ip ips email emails user users visitor visitors customer customers person persons people \
         patient patients phone phones device identity member members subscriber subscribers \
         guest guests employee employees caller callers",
    ),
    (
        part::FILES,
        "file files csv parquet json xlsx zip archive download downloadable signed presigned \
         tarball \
         ndjson jsonl avro dump",
    ),
    (part::IF, "if when unless until whether before after"),
]);

/// Words of a description that tell of the deed itself.
const WORDS_MAX: usize = 45;
/// Words between the parts of a phrase.
const NEAR: usize = 6;

/// What of this the first words say.
pub(super) fn ends(words: &[Word]) -> u64 {
    let words = words.get(..words.len().min(WORDS_MAX)).unwrap_or_default();
    let mut found = 0;
    let mut is_raw = false;
    let mut is_conditional = false;
    for (at, word) in words.iter().enumerate() {
        let here = PARTS.find(word.hash);
        let front = words.get(at.saturating_sub(NEAR)..at).unwrap_or_default();
        let ahead = words.get(at.saturating_add(1)..).unwrap_or_default();
        let has =
            |near: &[Word], kind: u64| near.iter().any(|word| PARTS.find(word.hash) & kind != 0);
        if word.opens_sentence() {
            is_conditional = false;
        }
        is_conditional |= here & part::IF != 0;
        let last_two = front
            .get(front.len().saturating_sub(2)..)
            .unwrap_or_default();
        let is_refused = here & part::BACK != 0 && has(last_two, part::NEVER);
        let two: Vec<u64> = last_two.iter().map(|word| word.hash).collect();
        let is_gone = word.hash == hash(b"exist")
            && two.last() == Some(&hash(b"to"))
            && two
                .iter()
                .any(|one| [hash(b"cease"), hash(b"ceases")].contains(one));
        let is_over = here & part::AGAIN != 0 && has(front, part::EVER) && at > 2;
        if (is_refused || is_over || is_gone) && !is_conditional {
            found |= phrase::FOREVER;
        }
        let near = ahead.get(..ahead.len().min(4)).unwrap_or_default();
        let is_voided = here & part::ENDS != 0 && has(near, part::FORMER)
            || here & part::FORMER != 0 && has(near, part::ENDED);
        if is_voided && !is_conditional && !has(last_two, part::NEVER) {
            found |= phrase::VOIDS;
        }
        let follows = ahead.first().map_or(0, |next| PARTS.find(next.hash));
        let next = ahead.first().map_or(0, |next| next.hash);
        let is_adjacent = follows & (part::LINK | part::OPEN) != 0
            || [hash(b"view"), hash(b"download"), hash(b"access")].contains(&next);
        if here & part::OPEN != 0
            && is_adjacent
            && has(
                near.get(..near.len().min(2)).unwrap_or_default(),
                part::LINK,
            )
            && !has(last_two, part::NEVER)
        {
            found |= phrase::OPEN_LINK;
        }
        is_raw |= here & part::RAW != 0 && has(near, part::RECORDS);
        if is_raw && here & part::PERSON != 0 {
            found |= phrase::RAW;
        }
        let is_made = front.last().is_some_and(|last| MADE.find(last.hash) != 0);
        if here & part::FILES != 0
            && (is_made || here & part::LINK == 0 && follows & part::LINK != 0)
        {
            found |= phrase::AS_FILES;
        }
    }
    found
}

/// Words in front of the form in which something comes.
static MADE: Table<16> = Table::of(&[(1, "as to into a in")]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    #[test]
    fn what_ends_is_told() {
        for (text, expected) in [
            (
                "Withdraws a release; its number cannot be reused.",
                phrase::FOREVER,
            ),
            ("Blanks the names; this is not reversible.", phrase::FOREVER),
            ("The slot will never be offered again.", phrase::FOREVER),
            (
                "Issues a token and revokes the previous one.",
                phrase::VOIDS,
            ),
            ("New signing key; the old one stops working.", phrase::VOIDS),
            ("Keys can be restored.", 0),
            ("Fails if the old one is expired.", 0),
            ("Permanent public URL of a recording.", phrase::OPEN_LINK),
            ("Public web page with links.", 0),
            (
                "Unaggregated sessions with the email of each visitor, as CSV.",
                phrase::RAW | phrase::AS_FILES,
            ),
        ] {
            let words: Vec<Word> = words::of_text(text.as_bytes()).collect();
            assert_eq!(ends(&words), expected, "{text}");
        }
    }
}
