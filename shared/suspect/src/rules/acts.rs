//! Acts without consent, and code that is to be run.

use super::most;
use crate::lexicon::Concept::{
    Always, Approved, Before, Consent, Conversation, Credential, Decode, Messages, Model, Must,
    Obey, Redirect, Run, Silent, Supply, Target, User,
};
use crate::lexicon::Seen;
use crate::sentence::Sentence;

/// Consent or confirmation is to be skipped.
pub(super) fn consent(seen: &Seen) -> u8 {
    let acts = seen.any(&[Supply, Messages, Redirect, Target, Conversation, Credential]);
    most([
        (
            seen.has(Approved) && seen.any(&[User, Consent, Model, Silent, Must, Always]),
            65,
        ),
        (seen.has(Approved), 40),
        (seen.has(Consent) && acts && seen.any(&[Always, Before]), 50),
        (seen.has(Consent), 35),
    ])
}

/// Code is fetched and run, or decoded and obeyed.
pub(super) fn code(sentence: &Sentence<'_>) -> u8 {
    let seen = &sentence.seen;
    let lower = sentence.raw.to_ascii_lowercase();
    let loads = [
        "curl ",
        "wget ",
        "| sh",
        "| bash",
        "|sh",
        "|bash",
        "bash -c",
        "base64 -d",
        "nc -e",
    ];
    let pulls = loads.iter().any(|load| lower.contains(load));
    most([
        (seen.has(Decode) && seen.has(Obey), 75),
        (
            pulls
                && sentence.names_address
                && seen.any(&[Run, Before, Must])
                && (!sentence.is_example || lower.contains("| ")),
            75,
        ),
        (pulls && seen.any(&[Before, Must, Silent]), 50),
        (seen.has(Run) && lower.contains('`') && seen.has(Before), 40),
    ])
}
