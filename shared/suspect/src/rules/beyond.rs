//! What reaches beyond the tool: how other tools are to behave, what is to be switched off, and
//! what is to happen when a condition holds.

use super::{Around, most};
use crate::lexicon::Concept::{
    Agent, Alter, Always, Anyway, Approved, Before, Condition, Consent, Disable, Disparage, Ignore,
    Instead, Instructions, Must, Not, OtherServer, OtherTool, Oversight, Parameter, Prefer, Redirect, Run,
    Silent, Supply, Target, User, Valid,
};
use crate::own::Mentions;
use crate::sentence::Sentence;

/// Tools that share no word with this one are told how to behave, or called on the side.
pub(super) fn others(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    let foreign = mentions.stranger || mentions.subject || seen.any(&[OtherServer, OtherTool]);
    if !foreign {
        return 0;
    }
    let urges = seen.any(&[Must, Always, Before, Condition]);
    let alters = seen.near(Alter, Must, 5) || seen.near(Alter, Always, 6);
    let found = most([
        (mentions.acting && alters, 60),
        (mentions.noted && seen.has(Alter), 65),
        (mentions.noted && mentions.acting, 45),
        (mentions.acting && seen.has(Condition) && seen.near(Before, Run, 8), 50),
        (mentions.acting && seen.has(Condition) && seen.has(Run) && seen.has(Parameter), 60),
        (mentions.stranger && sentence.names_mailbox, 65),
        (mentions.acting && sentence.names_address && urges, 60),
        (mentions.called && mentions.acting && urges, 55),
        (mentions.called && mentions.acting, 35),
        (mentions.stranger && seen.has(OtherServer) && (urges || seen.has(Alter)), 65),
        (mentions.acting && seen.any(&[Consent, Approved]), 60),
        (foreign && seen.has(Valid) && seen.any(&[Disparage, Anyway]), 65),
        (seen.any(&[OtherServer, OtherTool]) && seen.has(Alter) && sentence.names_address, 65),
        (mentions.acting && seen.has(Silent), 50),
        (mentions.acting && seen.has(Agent) && seen.any(&[Supply, Run]), 50),
        (mentions.acting && seen.any(&[Supply, Run]) && seen.has(Before), 45),
    ]);
    // Parameters are often described by the tools that their values come from.
    if around.is_parameter && !seen.has(Must) { found / 2 } else { found }
}

/// Another tool is run down, and this one to be taken in its place.
pub(super) fn disparages(sentence: &Sentence<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    let foreign = mentions.stranger || mentions.subject || seen.any(&[OtherServer, OtherTool]);
    let turns = seen.any(&[Instead, Prefer]) || seen.near(Not, Run, 4);
    most([
        (foreign && mentions.itself && seen.has(Disparage), 65),
        (mentions.subject && seen.has(Disparage), 60),
        (mentions.itself && seen.has(Instead) && seen.any(&[Must, Always]), 45),
        (seen.any(&[OtherServer, OtherTool]) && seen.has(Disparage) && turns, 60),
        (foreign && mentions.itself && seen.has(Instead) && seen.any(&[Must, Always]), 60),
        (seen.has(Anyway) && seen.near(Prefer, Anyway, 8) && (foreign || mentions.itself), 60),
        (seen.near(Prefer, User, 12) && seen.has(Anyway) && foreign, 60),
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
    most([
        (off && (urges || mentions.stranger), 60),
        (off, 35),
        (seen.near(Valid, Anyway, 10), 60),
        (seen.near(Valid, Always, 8) && seen.has(Condition), 55),
        (seen.has(Valid) && seen.has(Consent), 55),
        (seen.has(Valid) && seen.has(Disparage), 45),
        (seen.near(Oversight, Ignore, 6) && seen.has(Anyway), 60),
        (seen.has(Consent) && seen.any(&[Anyway, Valid]), 60),
        (seen.has(Disable) && seen.near(Instructions, Disable, 5) && seen.has(Condition), 40),
    ])
}

/// Recipients and accounts that change when a condition holds.
pub(super) fn trigger(sentence: &Sentence<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    if !seen.has(Condition) {
        return 0;
    }
    let turns = seen.any(&[Redirect, Alter, Supply]);
    most([
        (sentence.names_mailbox && turns, 65),
        (seen.near(Redirect, Target, 5) && seen.any(&[Alter, Silent]) && sentence.names_address, 65),
        (mentions.acting && turns && seen.has(Before), 45),
    ])
}
