//! Names of parameters that ask by themselves for what is not the tool's job.

use crate::flag::Kind;
use crate::fold;
use crate::lexicon::Concept::{
    Agent, Content, Conversation, Credential, Instructions, Messages, Sensitive, Theirs, User,
};
use crate::lexicon::Seen;
use crate::own::Own;

/// Words that ask for all of a thing, or for the thing itself.
const WHOLE: &[&str] = &[
    "all",
    "full",
    "entire",
    "whole",
    "complete",
    "contents",
    "content",
    "text",
    "copy",
    "verbatim",
    "raw",
    "dump",
    "value",
    "previous",
    "prior",
    "earlier",
    "plaintext",
    "unredacted",
    "transcript",
    "everything",
    "log",
    "of",
    "browser",
    "saved",
    "stored",
    "including",
    "last",
    "recent",
];

/// What the name of a parameter asks for, in a tool whose name and description are about
/// something else.
pub(crate) fn asked(name: &str, own: &Own, description: &str) -> Option<(Kind, u8)> {
    let words = fold::name(name);
    let seen = Seen::of(&words);
    if !seen.any(&[Conversation, Credential, Theirs, Instructions, Sensitive]) {
        return None;
    }
    let is_whole = words
        .split_ascii_whitespace()
        .any(|word| WHOLE.contains(&word))
        || seen.has(Content);
    let is_theirs = seen.any(&[Theirs, User]) || words.contains(" users ");
    let found = if seen.any(&[Conversation, Instructions]) && is_whole {
        (Kind::ExfiltrationRequest, 65, Conversation)
    } else if seen.any(&[Credential, Theirs]) && (is_whole || is_theirs) {
        (Kind::CredentialRequest, 65, Credential)
    } else if seen.count(Sensitive) > 1 && is_theirs {
        (Kind::ExfiltrationRequest, 60, Sensitive)
    } else {
        return None;
    };
    let (kind, percent, subject) = found;
    let told = fold::sentences(description);
    let is_told = told.iter().any(|one| {
        let seen = Seen::of(&one.words);
        seen.any(&[subject, Messages, Sensitive]) || subject == Conversation && seen.has(Agent)
    });
    let is_own = own.any(&[subject, Messages, Instructions, Agent, User]);
    (!is_told && !is_own).then_some((kind, percent))
}
