//! What is asked for that lies elsewhere: papers, lists and settings that somebody else keeps, in
//! the most civil words, and copies for addresses outside.

use super::{Around, lessened, most};
use crate::lexicon::Concept;
use crate::lexicon::Concept::{
    Always, Background, Before, Condition, Content, Conversation, Copies, Credential, Elsewhere,
    Fetch, File, Kindly, Messages, Must, Not, Parameter, Personal, Pretext, Sensitive, Supply,
    Target, Theirs,
};
use crate::own::Mentions;
use crate::sentence::Sentence;

/// Marks of text that something else fills in before it is sent.
const FILLED: &[&str] = &[
    "${",
    "$(",
    "{{",
    "file:",
    "<%",
    "`",
    "%{",
    "@~",
    "@/",
    "$ENV",
    "#{",
    "%(",
    "!include",
    "contents of",
];
/// What stands in such marks for secrets.
const SECRETS: &[&str] = &["env", "secret", "token", "password", "key", "credential"];
/// Commands in such marks that print a file or the environment.
const PRINTS: &[&str] = &["$(cat", "$(<", "`cat", "$(env", "$(printenv"];

/// A value of the schema that is to be replaced by a private file, or by a secret.
pub(super) fn template(sentence: &Sentence<'_>, around: &Around<'_>) -> u8 {
    let raw = sentence.raw;
    if !around.is_value || !FILLED.iter().any(|mark| raw.contains(mark)) {
        return 0;
    }
    let lower = raw.to_ascii_lowercase();
    let is_secret = SECRETS.iter().filter(|word| lower.contains(*word)).count() > 1;
    most([
        (sentence.names_private_file, 75),
        (PRINTS.iter().any(|run| lower.contains(run)), 75),
        (is_secret && raw.contains(['$', '{']), 65),
    ])
}

/// Things that are no tool's business unless its name says so.
const THINGS: [Concept; 5] = [Sensitive, Personal, Credential, Messages, Theirs];

/// Things of other people or places that are to be looked up and put into the call.
pub(super) fn gather(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    let is_thing = seen.any(&THINGS) || seen.any(&[Conversation, Target]);
    if !is_thing && !sentence.names_private_file {
        return 0;
    }
    let found = civil(sentence, around, mentions).max(named(sentence, around, mentions));
    let subjects = [Sensitive, Conversation, Messages, Personal, Credential];
    let is_own = around.own.any(&subjects) || around.parameter.any(&subjects);
    let is_taken = subjects
        .into_iter()
        .any(|one| seen.has(one) && around.own.takes(one));
    let weak = is_own || is_taken || sentence.describes || seen.near(Not, Supply, 3);
    lessened(found, weak, sentence)
}

/// Papers and lists that are asked for with a reason, a kind word, or the place where they lie.
fn civil(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    let into = mentions.parameter || seen.has(Parameter) || around.is_parameter;
    let asks = seen.any(&[Fetch, Supply]);
    let both = seen.then(Fetch, Supply, 25) || seen.then(Supply, Fetch, 12);
    let is_civil = seen.any(&[Kindly, Pretext, Background]);
    let lies = seen.has(Sensitive) && seen.has(Elsewhere);
    let things = seen.any(&THINGS);
    most([
        (lies && seen.has(Supply), 60),
        (lies && asks && (into || is_civil), 65),
        (lies && is_civil && into, 60),
        (seen.has(Sensitive) && asks && is_civil && into, 60),
        (seen.has(Sensitive) && both && is_civil, 60),
        (seen.near(Sensitive, Supply, 6) && seen.has(Kindly), 45),
        (
            things && seen.has(Elsewhere) && seen.has(Supply) && is_civil,
            60,
        ),
        (things && seen.has(Supply) && seen.has(Pretext), 50),
        (seen.has(Credential) && seen.has(Supply) && is_civil, 50),
    ])
}

/// Things that are to be put where the tool will find them: into one of its parameters.
fn named(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    let into = mentions.parameter || seen.has(Parameter);
    let asks = seen.any(&[Fetch, Supply]);
    let both = seen.then(Fetch, Supply, 25) || seen.then(Supply, Fetch, 12);
    let urges = seen.any(&[Kindly, Pretext, Background, Before, Must, Always]);
    let things = seen.any(&THINGS);
    let told = seen.any(&[Personal, Conversation]);
    most([
        (around.is_name && things && seen.has(Supply), 45),
        (sentence.names_private_file && mentions.parameter, 65),
        (
            (things || seen.has(Target)) && mentions.elsewhere && asks,
            60,
        ),
        (seen.has(Personal) && seen.has(Supply) && into && urges, 60),
        (
            seen.has(Personal) && seen.has(Supply) && mentions.parameter,
            50,
        ),
        (things && both && mentions.parameter && urges, 60),
        (
            seen.has(Credential) && seen.has(Supply) && into && urges,
            55,
        ),
        (seen.has(Credential) && seen.has(Supply) && into, 40),
        (
            seen.has(Conversation) && asks && mentions.parameter && urges,
            60,
        ),
        (seen.near(Content, File, 6) && told && seen.has(Must), 60),
        (
            mentions.acting && seen.any(&[Sensitive, Credential]) && asks && urges,
            55,
        ),
    ])
}

/// A parameter is to be filled, or else: little by itself, more beside a borrowed voice.
pub(super) fn threat(sentence: &Sentence<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    let is_threat = mentions.parameter && seen.has(Supply) && seen.has(Pretext);
    if is_threat { 34 } else { 0 }
}

/// Copies for a mailbox, or an upload of work, that the caller did not ask for.
pub(super) fn copies(sentence: &Sentence<'_>, around: &Around<'_>) -> u8 {
    let seen = &sentence.seen;
    if around.is_parameter || sentence.is_example || !sentence.names_address {
        return 0;
    }
    let urges = seen.any(&[Must, Always, Before, Condition, Kindly]);
    let work = seen.any(&[File, Sensitive, Conversation, Credential, Content, Personal]);
    most([
        (sentence.names_mailbox && seen.has(Copies) && urges, 65),
        (
            sentence.names_mailbox && seen.has(Copies) && !sentence.raw.contains("@example."),
            60,
        ),
        (sentence.names_mailbox && seen.has(Supply) && urges, 60),
        (
            seen.has(Supply) && work && seen.any(&[Must, Always, Before]),
            45,
        ),
    ])
}
