//! What a description says leaves for somebody else, in whichever of its sentences: `the file is
//! uploaded to a public scanner`, `and mails it to the vendor`.
//!
//! Refuses the deed that a tool is for: who asks for a message to be sent knows that it is sent.

use crate::table::{Table, hash};
use crate::values;

/// Bytes and words of a description that are looked at.
const BYTES_MAX: usize = 1_200;
const WORDS_MAX: usize = 160;
/// Words between the deed and `to`, and between that and who gets it.
const OBJECT_MAX: usize = 9;
const PLACE_MAX: usize = 6;

static WORDS: Table<256> = Table::of(&[
    (
        SENT,
        "posted sent uploaded mailed emailed forwarded transmitted submitted shared exported copied \
         shipped streamed disclosed reported pushed",
    ),
    (
        SENDS,
        "posts sends uploads mails emails forwards transmits shares exports copies ships streams \
         pushes reports",
    ),
    (TO, "to with"),
    (
        STRANGER,
        "vendor vendors partner partners agency advertiser advertisers broker brokers manufacturer \
         multiscanner multi outside",
    ),
    (FIRST, "third external public advertising ad"),
    (
        SECOND,
        "party parties scanner network networks company service bucket paste pastebin site llm",
    ),
    (IS, "is are be gets get was were being"),
    (
        NOT,
        "not never no nothing cannot without if unless nor optionally may can when before once",
    ),
    (
        ENDINGS,
        "md txt csv json yaml yml pdf py js ts html xml toml xlsx docx sql sh rs go",
    ),
]);

const SENT: u64 = 1;
const SENDS: u64 = 1 << 1;
const TO: u64 = 1 << 2;
const STRANGER: u64 = 1 << 3;
const FIRST: u64 = 1 << 4;
const SECOND: u64 = 1 << 5;
const IS: u64 = 1 << 6;
const NOT: u64 = 1 << 7;
const ENDINGS: u64 = 1 << 8;

/// Whether something leaves for somebody else.
pub(crate) fn leaves(text: &str) -> bool {
    leaves_from(text, 1)
}

/// The same, whether or not that is the first thing it says.
pub(crate) fn leaves_at_once(text: &str) -> bool {
    leaves_from(text, 0)
}

fn leaves_from(text: &str, from: usize) -> bool {
    let mut end = text.len().min(BYTES_MAX);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let text = text.get(..end).unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().take(WORDS_MAX).collect();
    (from..words.len()).any(|at| {
        let word = words.get(at).copied().unwrap_or_default();
        let behind = words.get(at.saturating_add(1)..).unwrap_or_default();
        let front = words.get(at.saturating_sub(3)..at).unwrap_or_default();
        is_deed(word, front) && goes_out(behind)
    })
}

fn kind(word: &str) -> u64 {
    let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    WORDS.find(hash(word.as_bytes()))
}

/// Whether a word says that something is sent, for sure and of the tool itself.
fn is_deed(word: &str, front: &[&str]) -> bool {
    let kinds = kind(word);
    let has = |wanted: u64| front.iter().any(|word| kind(word) & wanted != 0);
    // One of several ways, which an argument chooses.
    let is_choice = word.starts_with('(') || front.last().is_some_and(|last| last.contains('='));
    let is_sent = kinds & SENT != 0 && has(IS);
    (is_sent || kinds & SENDS != 0) && !has(NOT) && !is_choice
}

/// Whether what stands behind a deed says that it goes to somebody else.
fn goes_out(behind: &[&str]) -> bool {
    let Some(to) = behind
        .iter()
        .take(OBJECT_MAX)
        .take_while(|word| !word.ends_with(['.', ';']))
        .position(|word| kind(word) & TO != 0)
    else {
        return false;
    };
    let mut before = 0;
    for word in behind.iter().skip(to.saturating_add(1)).take(PLACE_MAX) {
        // `third-party`, `multi-scanner`: the front of a word counts as the word before.
        let (front, last) = word.rsplit_once('-').unwrap_or(("", word));
        before |= kind(front);
        let kinds = kind(last);
        if kinds & STRANGER != 0 || kinds & SECOND != 0 && before & FIRST != 0 {
            return true;
        }
        if is_host(word) {
            return true;
        }
        if word.ends_with(['.', ';', ',', ')']) {
            return word.ends_with(',') && kinds & FIRST != 0;
        }
        before = kinds;
    }
    false
}

/// Whether a word names a host rather than a file.
fn is_host(word: &str) -> bool {
    let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    let word = values::host(word).unwrap_or(word);
    let end = word.rsplit('.').next().unwrap_or_default();
    values::is_domain(word)
        && end.bytes().all(|byte| byte.is_ascii_lowercase())
        && WORDS.find(hash(end.as_bytes())) & ENDINGS == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_to_strangers_leaves() {
        for (text, expected) in [
            (
                "Checks spelling. The text is posted to spell.example.net.",
                true,
            ),
            ("Scans a file, which is uploaded to a third party.", true),
            ("Builds a report and mails it to the vendor.", true),
            ("Sends a message to a partner.", false),
            ("Nothing is sent to the vendor.", false),
            ("The result is copied to report.md.", false),
            ("level=full sends the logs to the vendor.", false),
            ("Writes a file.", false),
        ] {
            assert_eq!(leaves(text), expected, "{text}");
        }
        assert!(leaves_at_once("sends the logs to the vendor"));
    }
}
