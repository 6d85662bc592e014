//! Text that a reader of the rendered description does not see, and tags that mimic a prompt.

use crate::flag::Kind;

/// Tags that stand for a voice above the description.
const VOICES: &[&str] = &[
    "important",
    "system",
    "critical",
    "secret",
    "hidden",
    "instructions",
    "instruction",
    "admin",
    "assistant",
    "developer",
    "override",
    "priority",
    "urgent",
    "mandatory",
    "policy",
    "system-reminder",
    "system_prompt",
    "prerequisite",
    "internal",
    "notice",
    "directive",
];
/// What chat templates put between turns.
const TURNS: &[&str] = &[
    "<|im_start|>",
    "<|im_end|>",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|endoftext|>",
    "</description>",
    "</tool>",
    "</tools>",
    "</system>",
    "### instruction",
    "### system",
    "<start_of_turn>",
    "<|begin_of_text|>",
    "<|eot_id|>",
    "<function_results>",
    "</function>",
    "\n\nhuman:",
    "\nsystem:",
    "\n## system",
    "\n# system",
    "[end of tool",
    "new user message:",
    "role: system\n",
];
/// Members of answers that would make a model act, where an example of an answer holds them.
const ACTIONS: &[&str] = &[
    "\"call\":",
    "\"then\":",
    "\"invoke\":",
    "\"next_action\"",
    "\"next_step\"",
    "\"next_tool\"",
    "\"tool_call\"",
    "\"tool_calls\"",
    "\"function_call\"",
    "\"required_action\"",
    "\"follow_up_action\"",
    "\"agent_action\"",
    "\"call_tool\"",
    "\"system_message\"",
    "\"system\":",
    "\"assistant\":",
    "\"agent_note\"",
    "\"note_to_agent\"",
    "\"todo_for_agent\"",
    "\"assistant_action\"",
    "<tool_call>",
    "<function_call>",
    "<invoke ",
    "\"instruction\":",
    "\"instructions\":",
    "\"assistant_instruction",
];
/// Blanks, or ends of lines, in a row that push text out of sight.
const BLANKS_MAX: usize = 80;
const LINES_MAX: usize = 12;

/// What the markup of a text gives away: the kind, how sure it is, and where it begins.
pub(crate) fn odd(text: &str) -> Vec<(Kind, u8, usize)> {
    let mut found = Vec::new();
    let lower = text.to_ascii_lowercase();
    for turn in TURNS {
        found.extend(lower.find(turn).map(|at| (Kind::Instruction, 75, at)));
    }
    found.extend(action(&lower).map(|at| (Kind::Instruction, 65, at)));
    found.extend(voice(&lower).map(|at| (Kind::Instruction, 40, at)));
    if let Some(at) = lower.find("<!--") {
        let inside = lower.get(at..).unwrap_or_default();
        let inside = inside
            .split_once("-->")
            .map_or(inside, |(comment, _)| comment);
        let is_told = inside.split_whitespace().count() > 4;
        found.push((Kind::HiddenText, if is_told { 70 } else { 30 }, at));
    }
    for style in [
        "display:none",
        "display: none",
        "font-size:0",
        "visibility:hidden",
        "color:white",
    ] {
        found.extend(lower.find(style).map(|at| (Kind::HiddenText, 75, at)));
    }
    found.extend(telling_image(&lower).map(|at| (Kind::HiddenText, 75, at)));
    found.extend(padding(text).map(|at| (Kind::HiddenText, 70, at)));
    found
}

/// The first tag that stands for a voice, in `<>` or `[]`, or a line that begins as one.
fn voice(lower: &str) -> Option<usize> {
    lower.char_indices().find_map(|(at, character)| {
        let end = match character {
            '<' => '>',
            '[' => ']',
            _ => return None,
        };
        let behind = lower.get(at.saturating_add(1)..)?;
        let tag = behind.get(..behind.find(end)?)?.trim();
        let is_voice = VOICES.iter().any(|voice| {
            tag == *voice
                || tag
                    .strip_prefix(voice)
                    .is_some_and(|rest| rest.starts_with(':'))
        });
        is_voice.then_some(at)
    })
}

/// An example of an answer that has a tool called, with what to call it with, or that speaks to
/// the model.
fn action(lower: &str) -> Option<usize> {
    if !lower.contains(['"', '<']) {
        return None;
    }
    let given = [
        "\"arg",
        "\"param",
        "\"input\"",
        "\"cmd\"",
        "\"command\"",
        "\"tool\"",
        "\"with\"",
        "name=",
    ];
    let spoken = [
        "call ", "run ", "ignore ", "send ", "you must", "delete ", "upload ", "please ", "open ",
    ];
    let named = ACTIONS.iter().find_map(|action| lower.find(action));
    let at = named.or_else(|| voiced_member(lower))?;
    let behind = lower.get(at..)?;
    let mut signs = given.iter().chain(&spoken);
    signs.any(|one| behind.contains(one)).then_some(at)
}

/// A member of JSON whose name speaks of the model (`"message_to_agent": "…"`).
fn voiced_member(lower: &str) -> Option<usize> {
    let found = lower
        .match_indices("\": \"")
        .chain(lower.match_indices("\":\""));
    found.into_iter().find_map(|(at, _)| {
        let before = lower.get(..at)?;
        let start = before.rfind('"')?;
        let name = before.get(start..)?;
        let voices = [
            "_agent",
            "agent_",
            "assistant",
            "to_model",
            "llm",
            "instruction",
        ];
        let is_long = lower
            .get(at.saturating_add(4)..)?
            .split('"')
            .next()?
            .matches(' ')
            .count()
            > 2;
        (is_long && voices.iter().any(|voice| name.contains(voice))).then_some(start)
    })
}

/// A picture whose address carries something to be filled in.
fn telling_image(lower: &str) -> Option<usize> {
    lower.match_indices("![").find_map(|(at, _)| {
        let behind = lower.get(at..)?;
        let address = behind.split_once("](")?.1.split_once(')')?.0;
        let carries = address.contains(['?', '{', '$', '<', '[']);
        (address.starts_with("http") && carries).then_some(at)
    })
}

/// Where text goes on behind more blanks or ends of lines than anybody scrolls over.
fn padding(text: &str) -> Option<usize> {
    let (mut blanks, mut lines) = (0_usize, 0_usize);
    for (at, character) in text.char_indices() {
        match character {
            '\n' => (lines, blanks) = (lines.saturating_add(1), 0),
            '\r' => {}
            _ if character.is_whitespace() => blanks = blanks.saturating_add(1),
            _ if (blanks > BLANKS_MAX || lines > LINES_MAX)
                && at > blanks.saturating_add(lines) =>
            {
                return Some(at);
            }
            _ => (blanks, lines) = (0, 0),
        }
    }
    None
}
