//! What reaches beyond the tool: how other tools are to behave, what is to be switched off, and
//! what is to happen when a condition holds.

use super::{Around, most};
use crate::lexicon::Concept::{
    Agent, Alter, Always, Anyway, Approved, Before, Condition, Consent, Conversation, Copies,
    Credential, Disable, Disparage, Ignore, Instead, Must, Not, Obey, Operation, Other,
    OtherServer, OtherTool, Oversight, Parameter, Precedence, Prefer, Pretend, Redirect, Run,
    Sensitive, Silent, Supply, Target, Tools, Trigger, User, Valid,
};
use crate::own::Mentions;
use crate::sentence::Sentence;

/// Bytes of a sentence from which on words that stand in it need not belong together.
const LONG_BYTES: usize = 400;

/// Whether other tools are spoken of: by name, or as such.
fn speaks_of_others(sentence: &Sentence<'_>, mentions: Mentions) -> bool {
    let seen = &sentence.seen;
    mentions.stranger
        || mentions.subject
        || mentions.elsewhere
        || seen.any(&[OtherServer, OtherTool])
        || seen.then(Other, Tools, 3)
}

/// Tools that share no word with this one are told how to behave, or called on the side.
pub(super) fn others(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    if !speaks_of_others(sentence, mentions) {
        return 0;
    }
    let named = mentions.acting && (mentions.subject || mentions.noted);
    let urges = seen.any(&[Must, Always, Before, Condition]);
    let alters = seen.near(Alter, Must, 5) || seen.near(Alter, Always, 6);
    let found = most([
        ((mentions.acting || mentions.elsewhere) && alters, 60),
        (
            mentions.noted && !around.is_parameter && seen.any(&[Always, Must]),
            60,
        ),
        (named && seen.any(&[Alter, Copies, Consent]), 65),
        ((named || mentions.subject) && mentions.itself, 60),
        (named && (urges || seen.any(&[Supply, Redirect])), 50),
        (
            mentions.acting && seen.has(Condition) && seen.near(Before, Run, 8),
            50,
        ),
        (
            mentions.acting && seen.has(Condition) && seen.has(Run) && seen.has(Parameter),
            60,
        ),
        (
            mentions.acting && seen.has(Trigger) && (mentions.called || seen.any(&[Run, Supply])),
            60,
        ),
        (mentions.stranger && sentence.names_mailbox, 65),
        (
            mentions.stranger && sentence.names_address && seen.any(&[Must, Always]),
            60,
        ),
        (mentions.acting && sentence.names_address && urges, 60),
        (mentions.called && mentions.acting && urges, 55),
        (mentions.called && mentions.acting, 35),
        (
            mentions.stranger && seen.has(OtherServer) && (urges || seen.has(Alter)),
            65,
        ),
        (mentions.acting && seen.any(&[Consent, Approved]), 60),
        (seen.has(Valid) && seen.any(&[Disparage, Anyway]), 65),
        (
            seen.any(&[OtherServer, OtherTool]) && seen.has(Alter) && sentence.names_address,
            65,
        ),
        (mentions.acting && seen.has(Silent), 50),
        (
            mentions.acting && seen.has(Agent) && seen.any(&[Supply, Run]),
            50,
        ),
        (
            mentions.acting && seen.any(&[Supply, Run]) && seen.has(Before),
            45,
        ),
    ]);
    // Parameters are often described by the tools that their values come from.
    if around.is_parameter && !seen.has(Must) {
        found / 2
    } else {
        found
    }
}

/// Another tool is run down, and this one to be taken in its place.
pub(super) fn disparages(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    let first = sentence
        .raw
        .trim_start_matches(|one: char| !one.is_alphabetic());
    let is_its_own = first
        .get(..10)
        .is_some_and(|word| word.eq_ignore_ascii_case("deprecated"));
    if is_its_own || around.is_parameter && !seen.has(Must) {
        return 0;
    }
    let foreign = speaks_of_others(sentence, mentions);
    let general = seen.any(&[OtherServer, OtherTool]) || seen.then(Other, Tools, 3);
    let turns = seen.any(&[Instead, Prefer]) || seen.near(Not, Run, 4);
    // In a long sentence most things stand somewhere.
    let long = sentence.raw.len() > LONG_BYTES;
    let runs_down = general
        && [OtherTool, OtherServer, Tools]
            .into_iter()
            .any(|one| seen.near(one, Disparage, 14));
    most([
        (foreign && mentions.itself && seen.has(Disparage), 65),
        (mentions.subject && seen.has(Disparage), 60),
        (runs_down, 60),
        (
            mentions.itself && seen.has(Disparage) && seen.any(&[Must, Always, Precedence]),
            60,
        ),
        (general && seen.count(Prefer) > 1, 55),
        (
            mentions.itself && seen.has(Instead) && seen.any(&[Must, Always, Precedence]),
            60,
        ),
        (general && seen.near(Ignore, Tools, 4), 65),
        (
            seen.near(Precedence, Instead, 12) || seen.near(Precedence, Anyway, 12),
            60,
        ),
        (seen.near(Precedence, Ignore, 12), 60),
        (
            seen.has(Operation) && seen.has(Must) && seen.has(Instead),
            60,
        ),
        (
            seen.near(Prefer, Anyway, 8) && (foreign || mentions.itself),
            60,
        ),
        (
            seen.near(Prefer, User, 12) && seen.has(Anyway) && foreign,
            60,
        ),
        (foreign && seen.has(Disparage) && turns && !long, 60),
    ])
}

/// What watches over calls is to be switched off, or always to say yes.
pub(super) fn sabotage(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    if around.own.any(&[Oversight, Disable, Valid]) {
        return 0;
    }
    let urges = seen.any(&[Before, Condition, Silent, Must, Always]);
    let off = seen.near(Disable, Oversight, 5) || seen.near(Ignore, Oversight, 5);
    let found = most([
        (off && (urges || mentions.stranger), 60),
        (off, 35),
        (seen.near(Valid, Anyway, 10), 60),
        (
            seen.near(Valid, Always, 8) && seen.any(&[Condition, Trigger]),
            55,
        ),
        (seen.has(Valid) && seen.near(Condition, Trigger, 6), 60),
        (seen.has(Valid) && seen.has(Consent), 55),
        (seen.has(Valid) && seen.has(Disparage), 45),
        (seen.near(Oversight, Ignore, 6) && seen.has(Anyway), 60),
        (seen.has(Consent) && seen.any(&[Anyway, Valid, Trigger]), 60),
        (seen.has(Consent) && off, 60),
    ]);
    let weak = sentence.describes || around.is_parameter && !seen.has(Must);
    if weak { found / 2 } else { found }
}

/// What is to happen only when nobody looks, for some people, on some hosts or from some call on.
pub(super) fn trigger(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    if !seen.any(&[Condition, Trigger]) {
        return 0;
    }
    let turns = seen.any(&[Redirect, Alter, Supply]);
    let grave = seen.any(&[
        Credential,
        Conversation,
        Sensitive,
        Pretend,
        Obey,
        Copies,
        Silent,
    ]);
    let on = seen.near(Condition, Trigger, 6);
    let found = most([
        (sentence.names_mailbox && turns && !sentence.is_example, 65),
        (sentence.names_mailbox && !sentence.is_example, 50),
        (
            seen.near(Redirect, Target, 5) && seen.has(Alter) && sentence.names_address,
            65,
        ),
        (mentions.acting && turns && seen.has(Before), 45),
        (on && grave, 55),
        (on && seen.near(Trigger, Alter, 14), 60),
    ]);
    let weak = sentence.describes || around.is_parameter;
    if weak { found / 2 } else { found }
}

/// What some command prints is to be put into a parameter.
pub(super) fn output(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let raw = sentence.raw;
    let is_output = raw.contains("output of `") || raw.contains("result of running `");
    match (is_output, around.is_parameter || mentions.parameter) {
        (false, _) => 0,
        (true, false) => 35,
        (true, true) => 60,
    }
}
