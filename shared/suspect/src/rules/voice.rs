//! Voices that the text borrows, and stories that the person is to be told.

use super::{Around, most};
use crate::lexicon::Concept::{
    Agent, Approved, Authority, Before, Condition, Consent, Conversation, Credential, Ignore,
    Instructions, Keep, Must, Not, Obey, Omit, OutOf, Personal, Pretend, Raise, Record, Redirect,
    Reply, Run, Sensitive, Silent, Supply, Takeover, Tell, Trigger, User, Valid, Void,
};
use crate::own::Mentions;
use crate::sentence::Sentence;

/// Words by which a text turns to the model.
const ADDRESSEES: &[&str] = &[
    "assistant",
    "assistants",
    "agent",
    "agents",
    "model",
    "models",
    "llm",
    "llms",
    "ai",
    "claude",
    "gpt",
    "chatgpt",
    "copilot",
    "ki",
    "ia",
    "ии",
    "ассистент",
];

/// Somebody above the user is said to speak, or what was said before to be void.
pub(super) fn authority(sentence: &Sentence<'_>, around: &Around<'_>, mentions: Mentions) -> u8 {
    let seen = &sentence.seen;
    let is_own = around.own.any(&[Authority, Agent, Instructions, Takeover]);
    let acts = seen.any(&[
        Supply, Run, Obey, Ignore, Redirect, Approved, Valid, Consent,
    ]);
    let grave = mentions.stranger
        || sentence.names_address
        || sentence.names_private_file
        || seen.near(Supply, Conversation, 8)
        || seen.any(&[Credential, Sensitive, Ignore, Consent, Silent, Personal]);
    let addressed = is_addressed(sentence.raw);
    let found = most([
        (seen.near(Instructions, Void, 7), 65),
        (
            seen.has(Void) && speaks_of_rules(sentence.raw) && !sentence.is_short,
            60,
        ),
        (
            seen.has(Takeover) && seen.any(&[Void, Approved, Consent]),
            65,
        ),
        (seen.has(Takeover) && acts && seen.any(&[Must, Not]), 60),
        (seen.has(Authority) && seen.near(Agent, Must, 4) && acts, 65),
        (
            seen.has(Authority) && seen.has(Must) && seen.any(&[Credential, Conversation]) && acts,
            60,
        ),
        (seen.has(Void) && seen.any(&[Consent, Obey]), 60),
        (seen.has(Void) && seen.has(Takeover), 65),
        (addressed && grave, 65),
        (addressed && (acts || seen.has(Before)), 40),
    ]);
    if is_own { found / 2 } else { found }
}

/// Rules that the model was given, in words that are too common to be a concept.
fn speaks_of_rules(raw: &str) -> bool {
    let lower = raw.to_lowercase();
    let before = [
        "before", "earlier", "previous", "so far", "session", "prior", "given", "your",
    ];
    let rules = [
        "rules",
        "limits",
        "restrictions",
        "guidelines",
        "constraints",
    ];
    rules.iter().any(|word| lower.contains(word)) && before.iter().any(|word| lower.contains(word))
}

/// Whether somewhere in the text a model is turned to: `(assistant: …)`.
fn is_addressed(raw: &str) -> bool {
    let vocative = [
        "(agent,",
        "(assistant,",
        "(model,",
        "(ai,",
        "[agent,",
        "dear agent",
    ];
    if !raw.contains([':', '(', '[', ',']) {
        return false;
    }
    let lower = raw.to_ascii_lowercase();
    if vocative.iter().any(|one| lower.contains(one)) {
        return true;
    }
    let mut before = "";
    raw.split_inclusive(':').any(|part| {
        let Some(said) = part.strip_suffix(':') else {
            return false;
        };
        let start = said.rfind(['(', '[', '.', '-', '–', '—', '\n', '*', '"', '#']);
        let name = start.map_or(said, |at| said.get(at..).unwrap_or_default());
        let name = name.trim_matches(|one: char| !one.is_alphanumeric());
        let is_turned = before.is_empty() || start.is_some();
        before = part;
        let last = name.split(' ').take(3).any(|word| {
            let lower = word.to_lowercase();
            let is_voice = matches!(word, "System" | "SYSTEM" | "Admin" | "ADMIN");
            is_voice || ADDRESSEES.contains(&lower.as_str())
        });
        // `model: the name` is how parameters are described, which begin small on a line.
        let is_listed = start
            .is_some_and(|at| said.get(at..).unwrap_or_default().starts_with('\n'))
            && name.starts_with(char::is_lowercase);
        is_turned && last && !is_listed && name.split(' ').count() <= 3
    })
}

/// The person is to be told something else, or nothing.
pub(super) fn pretence(sentence: &Sentence<'_>, around: &Around<'_>) -> u8 {
    let seen = &sentence.seen;
    if !seen.any(&[Pretend, Keep, Raise, Not, Omit]) {
        return 0;
    }
    let raw = sentence.raw;
    let quotes = [
        " as \"", " as “", " as '", " as «", " als „", " als \"", " is \"", " que \"",
    ];
    let is_quoted = seen.has(Pretend) && quotes.iter().any(|quote| raw.contains(quote));
    let to_person = seen.any(&[User, Tell, Reply]);
    let asked = seen.then(Condition, Pretend, 14);
    let out = seen.chain([Keep, OutOf, Record], 7) || seen.chain([Keep, OutOf, User], 7);
    let stated = around.is_parameter && !seen.any(&[Must, Before]);
    let found = most([
        (seen.has(Pretend) && is_quoted && to_person, 65),
        (seen.near(Pretend, User, 10) && is_quoted, 65),
        (out, 65),
        (asked && seen.any(&[User, Raise]) && says_only(raw), 65),
        (asked && seen.has(Silent), 55),
        (says_only(raw) && (asked || seen.has(Trigger)), 65),
        (seen.has(Pretend) && seen.has(Trigger), 50),
        (
            seen.has(Pretend) && seen.has(Condition) && is_asked(raw),
            60,
        ),
        (
            seen.chain([Not, Supply, Reply], 6) || seen.near(Omit, Reply, 8),
            60,
        ),
        (seen.then(Not, Raise, 3), 65),
    ]);
    if stated { found / 2 } else { found }
}

/// Whether it is about questions that the person may have.
fn is_asked(raw: &str) -> bool {
    let lower = raw.to_lowercase();
    let asked = [
        "asked",
        "if questioned",
        "queried",
        "wonder",
        "inquire",
        "user asks",
        "anyone asks",
        "somebody ask",
        "person asks",
        "nachfrag",
        "fragt",
        "demande",
        "pregunt",
        "pergunt",
        "chiede",
        "vraagt",
        "спрос",
        "спраш",
        "zapyta",
        "问",
        "聞かれ",
        "尋ね",
        "물으",
    ];
    asked.iter().any(|one| lower.contains(one))
}

fn says_only(raw: &str) -> bool {
    let lower = raw.to_lowercase();
    let told = [
        "say only",
        "only say",
        "just say",
        "simply say",
        "answer that",
        "reply that",
        "say that",
        "sag nur",
        "sage nur",
        "dites seulement",
        "di solamente",
        "di solo",
        "diga apenas",
        "zeg alleen",
        "скажи только",
        "powiedz tylko",
        "只说",
        "とだけ",
        "라고만",
    ];
    told.iter().any(|one| lower.contains(one))
}
