//! What is asked for that lies elsewhere: papers, lists and settings that somebody else keeps, in
//! the most civil words, and copies for addresses outside.

use super::{Around, lessened, most};
use crate::lexicon::Concept::{
    Always, Background, Before, Condition, Content, Conversation, Copies, Credential, Elsewhere,
    Fetch, File, Kindly, Messages, Must, Example, Parameter, Personal, Pretext, Sensitive, Supply,
};
use crate::own::Mentions;
use crate::sentence::Sentence;

/// Marks of text that something else fills in before it is sent.
const FILLED: &[&str] = &["${", "$(", "{{", "file:", "<%", "`", "%{", "@file", "!include"];
/// What stands in such marks for secrets.
const SECRETS: &[&str] = &["env", "secret", "token", "password", "key", "credential"];

/// A value of the schema that is to be replaced by a private file, or by a secret.
pub(super) fn template(sentence: &Sentence<'_>, around: &Around<'_>) -> u8 {
    if !around.is_value {
        return 0;
    }
    let raw = sentence.raw;
    let is_filled = FILLED.iter().any(|mark| raw.contains(mark));
    if !is_filled {
        return 0;
    }
    let lower = raw.to_ascii_lowercase();
    let is_secret = SECRETS.iter().filter(|word| lower.contains(*word)).count() > 1;
    let runs = ["$(cat", "$(<", "`cat", "$(env", "$(printenv"];
    most([
        (sentence.names_private_file, 75),
        (runs.iter().any(|run| lower.contains(run)), 75),
        (is_secret && raw.contains(['$', '{']), 65),
    ])
}

/// Things of other people or places that are to be looked up and put into the call.
pub(super) fn gather(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    let things = [Sensitive, Personal, Credential, Messages];
    let urges = seen.any(&[Kindly, Pretext, Background, Before, Must, Always]);
    let into = mentions.parameter || seen.has(Parameter) || around.is_parameter;
    let asks = seen.any(&[Fetch, Supply]);
    let both = seen.then(Fetch, Supply, 25) || seen.then(Supply, Fetch, 12);
    let civil = seen.any(&[Kindly, Pretext, Background]);
    let found = most([
        (seen.has(Sensitive) && seen.has(Elsewhere) && asks && (into || civil), 65),
        (seen.has(Sensitive) && asks && civil && into, 60),
        (seen.has(Sensitive) && both && civil, 60),
        (seen.any(&things) && seen.has(Elsewhere) && seen.has(Supply) && civil, 60),
        (seen.has(Sensitive) && seen.has(Elsewhere) && both, 55),
        (seen.any(&things) && both && mentions.parameter && urges, 60),
        (seen.has(Conversation) && asks && mentions.parameter && urges, 60),
        (seen.near(Content, File, 6) && seen.any(&[Personal, Conversation]) && seen.has(Must), 60),
        (mentions.parameter && seen.has(Supply) && seen.has(Pretext), 34),
        (mentions.acting && seen.any(&[Sensitive, Credential]) && asks && urges, 55),
    ]);
    let subjects = [Sensitive, Conversation, Messages, Personal, Credential];
    let is_own = around.own.any(&subjects) || around.parameter.any(&subjects);
    let found = if is_own { found / 2 } else { found };
    lessened(found, false, seen)
}

/// Copies for a mailbox, or an upload of work, that the caller did not ask for.
pub(super) fn copies(sentence: &Sentence<'_>, around: &Around<'_>) -> u8 {
    let seen = &sentence.seen;
    if around.is_parameter || seen.has(Example) || !sentence.names_address {
        return 0;
    }
    let urges = seen.any(&[Must, Always, Before, Condition, Kindly]);
    let work = seen.any(&[File, Sensitive, Conversation, Credential, Content, Personal]);
    most([
        (sentence.names_mailbox && seen.has(Copies) && urges, 65),
        (sentence.names_mailbox && seen.has(Copies), 60),
        (seen.has(Supply) && work && seen.any(&[Must, Always, Before]) && seen.has(Copies), 50),
    ])
}
