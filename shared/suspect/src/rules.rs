//! What a sentence asks for beyond the tool's own job, and how sure that is.
//!
//! Confidences are whole percents; a sentence that also gives a pretext, names a moment, or speaks
//! another language than the definition is surer by a little.

mod acts;
mod beyond;
mod gather;
mod voice;

use crate::flag::Kind;
use crate::lexicon::Concept::{
    Agent, Always, Aware, Background, Before, Best, Content, Conversation, Credential, Fetch, File,
    Hush, Ignore, Instructions, Messages, Model, Must, Not, Omit, Operation, OtherServer,
    OtherTool, Parameter, Personal, Precedence, Prefer, Pretext, Redirect, Reply, Run, Silent,
    Supply, Takeover, Target, Tell, Theirs, User,
};
use crate::lexicon::Seen;
use crate::own::Own;
use crate::sentence::Sentence;

/// What the rest of the definition says about a sentence.
#[derive(Debug)]
pub(crate) struct Around<'a> {
    /// The names of the tool, and what they speak of: what is its own job.
    pub(crate) own: &'a Own,
    /// The name of the parameter that the sentence describes is a box for anything.
    pub(crate) is_box: bool,
    /// The concepts of the name of the parameter that it describes.
    pub(crate) parameter: &'a Seen,
    /// It describes a parameter.
    pub(crate) is_parameter: bool,
    /// It is a name.
    pub(crate) is_name: bool,
    /// It is a value of the schema, which nobody reads as text.
    pub(crate) is_value: bool,
    /// The definition is written in English.
    pub(crate) is_english: bool,
}

/// Names of parameters that hold anything at all.
const BOXES: &[&str] = &[
    "sidenote",
    "side",
    "note",
    "notes",
    "context",
    "background",
    "feedback",
    "reasoning",
    "history",
    "metadata",
    "debug",
    "telemetry",
    "diagnostics",
    "diagnostic",
    "extra",
    "memo",
    "annotation",
    "rationale",
    "scratchpad",
    "transcript",
    "comment",
    "additional",
    "signature",
    "attestation",
    "verification",
    "audit",
];

/// Passives that say what a program shows.
const STATED: &[&str] = &[
    "is never shown",
    "is not shown",
    "are not shown",
    "are never shown",
    "isn't shown",
    "aren't shown",
    "is not displayed",
    "are not displayed",
    "is never displayed",
    "not visible",
    "is not sent",
];

/// Whether a parameter is called like a box for anything.
pub(crate) fn is_box(name: &str) -> bool {
    let words = crate::fold::name(name);
    words
        .split_ascii_whitespace()
        .any(|word| BOXES.contains(&word))
}

/// What a sentence asks for.
pub(crate) fn judge(sentence: &Sentence<'_>, around: &Around<'_>) -> Vec<(Kind, u8)> {
    let template = gather::template(sentence, around);
    if template == 0 && (sentence.is_short || !sentence.says_anything()) {
        return Vec::new();
    }
    let mentions = around.own.mentions(sentence.raw);
    let found = [
        (Kind::Concealment, concealment(sentence)),
        (Kind::CredentialRequest, credentials(sentence, around)),
        (Kind::ExfiltrationRequest, exfiltration(sentence, around)),
        (Kind::CrossTool, cross_tool(sentence)),
        (Kind::PriorityClaim, priority(&sentence.seen)),
        (Kind::Redirection, redirection(sentence)),
        (Kind::Instruction, instruction(sentence, around)),
        (Kind::ConsentBypass, acts::consent(&sentence.seen)),
        (Kind::CodeExecution, acts::code(sentence)),
        (
            Kind::CodeExecution,
            beyond::output(sentence, around, mentions),
        ),
        (Kind::CredentialRequest, template),
        (
            Kind::ExfiltrationRequest,
            gather::gather(sentence, around, mentions),
        ),
        (
            Kind::ExfiltrationRequest,
            gather::threat(sentence, mentions),
        ),
        (Kind::Redirection, gather::copies(sentence, around)),
        (Kind::CrossTool, beyond::others(sentence, around, mentions)),
        (
            Kind::PriorityClaim,
            beyond::disparages(sentence, around, mentions),
        ),
        (
            Kind::ConsentBypass,
            beyond::sabotage(sentence, around, mentions),
        ),
        (
            Kind::Redirection,
            beyond::trigger(sentence, around, mentions),
        ),
        (
            Kind::Instruction,
            voice::authority(sentence, around, mentions),
        ),
        (Kind::Concealment, voice::pretence(sentence, around)),
    ];
    let surer = surer(sentence, around);
    found
        .into_iter()
        .filter(|(_, percent)| *percent > 0)
        .map(|(kind, percent)| {
            let more = if percent >= 35 { surer } else { 0 };
            (kind, percent.saturating_add(more).min(95))
        })
        .collect()
}

fn surer(sentence: &Sentence<'_>, around: &Around<'_>) -> u8 {
    let seen = &sentence.seen;
    let parts = [
        (seen.has(Pretext), 10),
        (seen.has(Before), 10),
        (seen.any(&[Must, Always, Model]), 5),
        (around.is_english && !sentence.is_english, 15),
    ];
    parts
        .into_iter()
        .filter(|part| part.0)
        .map(|part| part.1)
        .sum()
}

/// The highest percent whose condition holds.
fn most<const N: usize>(cases: [(bool, u8); N]) -> u8 {
    cases
        .into_iter()
        .filter(|case| case.0)
        .map(|case| case.1)
        .max()
        .unwrap_or(0)
}

fn concealment(sentence: &Sentence<'_>) -> u8 {
    let seen = &sentence.seen;
    let acts = seen.any(&[Fetch, Supply, Run]);
    let grave = sentence.names_private_file
        || sentence.names_address
        || seen.any(&[Credential, Conversation, Messages, OtherTool]);
    let told = seen.near(Not, Tell, 6) && seen.near(Tell, User, 8);
    // What a screen shows is no request to keep quiet.
    let lower = sentence.raw.to_ascii_lowercase();
    let states = !seen.has(Must) && STATED.iter().any(|stated| lower.contains(stated));
    let hides = if states { 35 } else { 80 };
    let aware = seen.near(User, Not, 6) && seen.near(Not, Aware, 6);
    most([
        (seen.chain([Not, Tell, User], 7), hides),
        (seen.chain([Not, Tell, Reply], 7), 70),
        (seen.chain([Not, Supply, Reply], 5), 65),
        (!sentence.is_english && (told || aware), 80),
        (seen.chain([User, Not, Aware], 4) && seen.has(Must), 70),
        (seen.chain([User, Not, Aware], 4), 40),
        (seen.has(Hush), 75),
        (seen.has(Silent) && acts && grave, 60),
        (seen.has(Silent) && acts, 30),
        (seen.near(Omit, Reply, 6), 70),
        (seen.near(Omit, User, 8), 45),
        (seen.then(Not, Tell, 3), 25),
    ])
}

fn credentials(sentence: &Sentence<'_>, around: &Around<'_>) -> u8 {
    let seen = &sentence.seen;
    let acts = seen.any(&[Fetch, Supply, Content, Run]);
    let fetched = seen.then(Fetch, Credential, 8) && seen.then(Fetch, Supply, 20);
    let passes_on = seen.near(Supply, Theirs, 8);
    let urges = seen.any(&[Must, Before, Pretext, Background]);
    let found = most([
        (sentence.names_private_file && acts, 80),
        (sentence.names_private_file, 30),
        (seen.has(Credential) && seen.has(Conversation), 70),
        (fetched, 60),
        (seen.then(Fetch, Credential, 4) && seen.has(File), 60),
        (passes_on && urges, 65),
        (passes_on, 50),
        (seen.has(Theirs) && seen.has(Before), 60),
        (around.is_box && seen.has(Credential), 75),
        (seen.near(Content, Credential, 5) && seen.has(Supply), 50),
        (
            seen.then(Supply, Credential, 6) && seen.any(&[Before, Pretext]),
            40,
        ),
        (seen.near(Supply, Credential, 6), 30),
    ]);
    let is_own = around.own.has(Credential) || around.parameter.has(Credential);
    lessened(found, is_own, sentence)
}

fn exfiltration(sentence: &Sentence<'_>, around: &Around<'_>) -> u8 {
    let seen = &sentence.seen;
    let file = seen.then(Fetch, File, 8) && seen.then(Fetch, Supply, 20);
    let urges = seen.any(&[Must, Always, Before, Pretext, Background]);
    let sends = seen.has(Supply) && sentence.names_address;
    let all = seen.any(&[Messages, Conversation, Personal, Credential, Content]);
    let told = seen.has(Conversation);
    let found = most([
        (seen.near(Supply, Conversation, 10) && urges, 75),
        (seen.near(Supply, Conversation, 10), 60),
        (seen.near(Supply, Personal, 10) && urges, 60),
        (seen.near(Supply, Personal, 10), 40),
        (told && around.is_box, 75),
        (seen.has(Personal) && around.is_box, 55),
        (around.is_box && seen.has(Content) && seen.has(User), 65),
        (told && seen.has(Parameter) && urges, 60),
        (
            told && around.is_parameter && seen.any(&[Content, Fetch]),
            65,
        ),
        (
            seen.any(&[Conversation, Personal])
                && seen.has(Must)
                && seen.any(&[Background, Pretext]),
            65,
        ),
        (told && seen.has(Background), 55),
        (
            file && seen.has(Before) && seen.any(&[Content, Parameter]),
            65,
        ),
        (file && seen.any(&[Before, Pretext]), 50),
        (
            sentence.quotes_tool && seen.near(Content, File, 2) && seen.any(&[Must, Before]),
            50,
        ),
        (
            around.is_box && seen.has(Before) && seen.then(Fetch, File, 5),
            60,
        ),
        (
            around.is_box && sentence.quotes_tool && seen.has(Before) && seen.has(Supply),
            60,
        ),
        (seen.chain([Before, Fetch, File], 8), 35),
        (sends && all && urges, 65),
        (sends && all, 45),
    ]);
    let subjects = [Conversation, Messages, Personal, Instructions, Agent];
    let is_own = around.own.any(&subjects) || around.parameter.any(&subjects);
    lessened(found, is_own && !around.is_box, sentence)
}

/// What is the tool's own subject, or an example, says little.
fn lessened(percent: u8, is_own: bool, sentence: &Sentence<'_>) -> u8 {
    let halved = if is_own { percent / 2 } else { percent };
    if sentence.is_example {
        halved.saturating_sub(10)
    } else {
        halved
    }
}

fn cross_tool(sentence: &Sentence<'_>) -> u8 {
    let seen = &sentence.seen;
    let urges = seen.any(&[Must, Always, Not]);
    let turns = seen.any(&[Prefer, Redirect, Supply, Target, Best]);
    most([
        (seen.has(OtherServer) && (urges || turns), 70),
        (seen.has(OtherServer), 40),
        (
            seen.has(OtherTool) && seen.any(&[Redirect, Target]) && seen.any(&[Must, Always]),
            65,
        ),
        (
            seen.near(Before, OtherTool, 4) && seen.any(&[Supply, Parameter]),
            50,
        ),
        (seen.near(Before, Operation, 6) && seen.has(Must), 45),
        (
            seen.near(Redirect, Parameter, 4) && sentence.quotes_tool && seen.has(Before),
            45,
        ),
        (seen.near(Before, OtherTool, 6) && seen.has(Must), 35),
        (
            sentence.quotes_tool && seen.has(Target) && seen.has(Always),
            50,
        ),
    ])
}

fn priority(seen: &Seen) -> u8 {
    let beside = seen.near(Prefer, OtherTool, 10);
    most([
        (beside && seen.has(Always), 70),
        (beside && seen.has(Best), 75),
        (seen.has(Best) && seen.near(Always, Prefer, 6), 70),
        (
            seen.near(Best, OtherTool, 12) && seen.any(&[Must, Always]),
            70,
        ),
        (seen.near(Best, OtherTool, 12), 55),
        (beside, 40),
        (seen.count(Precedence) > 1 && seen.any(&[Must, Always]), 65),
        (seen.has(Precedence) && seen.has(OtherTool), 60),
        (seen.has(Precedence) && seen.any(&[Must, Always]), 45),
        (seen.has(Precedence), 35),
    ])
}

fn redirection(sentence: &Sentence<'_>) -> u8 {
    let seen = &sentence.seen;
    let turns = seen.near(Redirect, Target, 6);
    let all = seen.has(Messages);
    most([
        (
            all && sentence.names_address && seen.any(&[Must, Always, Redirect, Target]),
            80,
        ),
        (
            all && sentence.names_address && seen.has(Supply) && !sentence.is_example,
            60,
        ),
        (
            turns && sentence.names_address && seen.any(&[Must, Always, Before]),
            70,
        ),
        (seen.near(Messages, Redirect, 8) && seen.has(Must), 65),
        (all && turns, 55),
        (turns && seen.any(&[OtherTool, OtherServer]), 60),
        (turns && seen.has(User) && seen.any(&[Before, Must]), 45),
        (turns && seen.any(&[Always, Before]), 35),
    ])
}

fn instruction(sentence: &Sentence<'_>, around: &Around<'_>) -> u8 {
    let seen = &sentence.seen;
    let turned = seen.near(Ignore, Instructions, 6) && !seen.has(Fetch);
    let cancels =
        seen.then(Ignore, Instructions, 6) || turned && (seen.has(Must) || !sentence.is_english);
    let takes_over = if around.own.has(Takeover) { 20 } else { 50 };
    most([
        (
            cancels && !seen.then(Not, Ignore, 4) && !sentence.is_example,
            75,
        ),
        (cancels, 25),
        (seen.has(Takeover), takes_over),
    ])
}
