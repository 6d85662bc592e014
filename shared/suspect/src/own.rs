//! What belongs to a tool itself: the names of it and of its parameters, and so which of the
//! identifiers in a text name something else.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fold;
use crate::lexicon::{Concept, Seen};
use crate::texts::{Role, Text};

/// Names of one definition that are remembered; more than any honest tool has parameters.
const NAMES_MAX: usize = 512;
/// Letters by which two words are taken for the same (`invoice`, `invoices`).
const STEM_LETTERS: usize = 4;

/// Words of a name from which on it can be a sentence.
const SENTENCE_WORDS_MIN: usize = 5;
/// Words that join the parts of a sentence.
const JOINTS: &[&str] = &[
    "after", "all", "and", "before", "every", "first", "from", "into", "it", "me", "my", "of",
    "the", "them", "then", "to", "und", "user", "with", "without", "you", "your", "not", "y", "et",
];
/// Verbs that names of tools begin or end with, and that change something.
const ACTS: &[&str] = &[
    "add",
    "append",
    "approve",
    "archive",
    "book",
    "cancel",
    "close",
    "commit",
    "create",
    "delete",
    "deploy",
    "drop",
    "email",
    "exec",
    "execute",
    "export",
    "fill",
    "forward",
    "grant",
    "insert",
    "install",
    "invite",
    "kill",
    "mail",
    "merge",
    "move",
    "notify",
    "patch",
    "pay",
    "post",
    "publish",
    "purge",
    "push",
    "put",
    "remove",
    "rename",
    "reply",
    "reset",
    "restart",
    "revoke",
    "run",
    "save",
    "send",
    "set",
    "share",
    "shell",
    "submit",
    "subscribe",
    "transfer",
    "update",
    "upload",
    "verify",
    "write",
];
/// Verbs that only read.
const READS: &[&str] = &[
    "browse", "check", "download", "fetch", "find", "get", "list", "load", "lookup", "open",
    "query", "read", "resolve", "retrieve", "scan", "search", "show", "view",
];
/// Kinds of tools that can be this one.
const GENERAL: &[&str] = &[
    "same",
    "right",
    "first",
    "next",
    "new",
    "given",
    "current",
    "main",
    "preferred",
    "correct",
    "appropriate",
    "corresponding",
    "dedicated",
    "separate",
    "companion",
    "matching",
    "single",
    "mcp",
    "specific",
    "present",
    "following",
    "above",
    "primary",
    "default",
    "list",
    "get",
    "better",
    "read",
];
/// What follows a tool that a sentence is about, where it is no tool to use now.
const FOLLOWS: &[&str] = &[
    " is ",
    " are ",
    " has ",
    " was ",
    " takes ",
    " expects ",
    " needs ",
    " should ",
    " must ",
    " does ",
    " will ",
    " shall ",
    " may ",
    " can ",
    " now ",
    " gets ",
    " wants ",
];
/// Words that begin a note on something.
const NOTES: &[&str] = &[
    "note on",
    "note for",
    "note about",
    "note regarding",
    "remark on",
    "remark about",
    "reminder for",
    "Note for",
    "Note on",
    "hint for",
    "users of",
    "important for",
    "Important for",
    "regarding",
    "whenever you use",
    "calls of",
    "calls to",
    "call of ",
    "call to ",
    "through ",
    "sent via",
    "sent with",
    "made with",
    "created with",
    "written with",
    "recipient of",
    "arguments of",
    "Arguments of",
    "parameters of",
    "output of",
    "results of",
    "result of",
];
/// Words that call the identifier beside them a tool.
const BEFORE: &[&str] = &[
    "tool", "call", "calls", "calling", "invoke", "run", "running", "through", "with", "to", "of",
    "on", "by", "before", "Before", "after", "After", "via", "while", "from",
];
/// Words in front of the name of a parameter that something goes into.
const INTO: &[&str] = &[
    "in", "into", "as", "als", "im", "en", "como", "nel", "no", "dans", "comme", "come", "em", "w",
    "в",
];

/// The names of a definition, and the words in them.
#[derive(Debug, Default)]
pub(crate) struct Own {
    /// What its name and title speak of.
    pub(crate) seen: Seen,
    name: String,
    parameters: BTreeSet<String>,
    stems: BTreeSet<String>,
    /// What the names of its parameters speak of.
    asked: Seen,
}

/// What the identifiers in a sentence name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    /// The tool itself.
    pub(crate) itself: bool,
    /// One of its parameters.
    pub(crate) parameter: bool,
    /// A tool that has no word in common with this one.
    pub(crate) stranger: bool,
    /// Such a tool, and one that changes something.
    pub(crate) acting: bool,
    /// Such a tool, with what it is to be called with.
    pub(crate) called: bool,
    /// A tool that the sentence is about (`write_file is …`), or of a server that it names.
    pub(crate) subject: bool,
    /// A tool of some other kind is spoken of (`the deploy tool`).
    pub(crate) elsewhere: bool,
    /// A note is made on another tool (`a note on write_file: …`).
    pub(crate) noted: bool,
}

impl Own {
    /// Reads the names of a definition.
    pub(crate) fn of(definition: &Value, texts: &[Text<'_>]) -> Self {
        let word = |path: &str| {
            let found = definition.pointer(path).and_then(Value::as_str);
            found.unwrap_or_default()
        };
        let titles = ["/title", "/annotations/title"];
        // A long title or name that is a sentence says what it asks for, not what the tool is.
        let mut words = String::new();
        let named = ["/name"].into_iter().chain(titles).map(word);
        for named in named.map(fold::name).filter(|one| !is_sentence(one)) {
            words.push_str(&named);
        }
        let mut own = Self {
            seen: Seen::of(&words),
            name: word("/name").to_ascii_lowercase(),
            ..Self::default()
        };
        own.learn(&words);
        let names = texts.iter().filter(|text| text.role == Role::Name);
        let mut asked = String::new();
        for text in names.filter(|text| text.is_parameter).take(NAMES_MAX) {
            let words = fold::name(text.text);
            own.parameters.insert(text.text.to_ascii_lowercase());
            own.learn(&words);
            asked.push_str(&words);
        }
        own.asked = Seen::of(&asked);
        own
    }

    /// Whether its name or title speaks of that.
    pub(crate) const fn has(&self, concept: Concept) -> bool {
        self.seen.has(concept)
    }

    /// Whether its name or title speaks of any of these.
    pub(crate) fn any(&self, concepts: &[Concept]) -> bool {
        self.seen.any(concepts)
    }

    /// Whether the name of some parameter speaks of that.
    pub(crate) const fn takes(&self, concept: Concept) -> bool {
        self.asked.has(concept)
    }

    fn learn(&mut self, words: &str) {
        let telling = words.split_ascii_whitespace();
        self.stems
            .extend(telling.filter(|word| !is_verb(word)).map(stem));
    }

    /// What the identifiers of a text name.
    pub(crate) fn mentions(&self, raw: &str) -> Mentions {
        let mut found = Mentions::default();
        {
            let mut at = 0_usize;
            for piece in raw.split(|one: char| !one.is_ascii_alphanumeric() && one != '_') {
                let end = at.saturating_add(piece.len());
                if piece == "tool" {
                    self.tool(raw, at, end, &mut found);
                } else if !piece.is_empty() {
                    self.mention(raw, at, piece, &mut found);
                }
                let step = raw.get(end..).and_then(|rest| rest.chars().next());
                at = end.saturating_add(step.map_or(0, char::len_utf8));
            }
        }
        found
    }

    /// `the deploy tool`, where that is not this one.
    fn tool(&self, raw: &str, at: usize, end: usize, found: &mut Mentions) {
        let before = raw.get(..at).unwrap_or_default();
        let behind = raw.get(end..).unwrap_or_default();
        let mut words = before.trim_end().rsplit([' ', '\n']);
        let (kind, article) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let is_kind = kind.len() > 2 && kind.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_named = matches!(article, "the" | "The" | "your" | "Your");
        if is_kind && is_named && !GENERAL.contains(&kind) && !self.stems.contains(&stem(kind)) {
            found.elsewhere = true;
            found.subject |= FOLLOWS.iter().any(|one| behind.starts_with(one));
        }
    }

    fn mention(&self, raw: &str, at: usize, piece: &str, found: &mut Mentions) {
        let before = raw.get(..at).unwrap_or_default();
        let behind = raw
            .get(at.saturating_add(piece.len())..)
            .unwrap_or_default();
        let is_quoted = before.ends_with(['`', '"', '\'', '“', '„', '«']);
        let is_name = piece.contains('_') || is_camel(piece);
        let said = before.trim_end().rsplit(' ').next().unwrap_or_default();
        let is_into = INTO.contains(&said) && self.parameters.contains(piece);
        if !is_quoted && !is_name && !behind.starts_with('(') && !is_into {
            return;
        }
        let lower = piece.to_ascii_lowercase();
        if lower == self.name {
            found.itself = true;
        } else if self.parameters.contains(&lower) {
            found.parameter = true;
        } else if is_name && !before.ends_with(['.', '/', '$', '%', '-', '{', '=', '<']) {
            self.other(piece, before, behind, found);
        }
    }

    fn other(&self, piece: &str, before: &str, behind: &str, found: &mut Mentions) {
        let words = fold::name(piece);
        let mut all = words.split_ascii_whitespace();
        let is_related = all.clone().any(|word| self.stems.contains(&stem(word)));
        let (first, last) = (all.next().unwrap_or_default(), all.next_back());
        let acts = ACTS.contains(&first) || last.is_some_and(|last| ACTS.contains(&last));
        let reads = READS.contains(&first) || last.is_some_and(|last| READS.contains(&last));
        let is_value = before.ends_with(['"', '\'', '“']);
        let is_ordered = matches!(
            said_before(before),
            "run" | "call" | "calling" | "invoke" | "running"
        );
        let is_called = behind.starts_with('(') || is_ordered;
        let behind = behind.trim_start_matches(['`', '"', '*']);
        let said = said_before(before);
        let is_tool = is_called || behind.starts_with(" tool");
        let is_beside = (acts || reads) && !is_value || BEFORE.contains(&said);
        let is_marked = before.ends_with('`') || is_called || piece.contains('_');
        if !(is_tool || is_beside && (acts || reads)) || !is_marked {
            return;
        }
        let of_server = behind.starts_with(" tool of the ") || behind.starts_with(" of the ");
        let behind_tool = behind.strip_prefix(" tool").unwrap_or(behind);
        let is_subject = FOLLOWS.iter().any(|one| behind_tool.starts_with(one));
        found.subject |= of_server || !is_related && is_subject;
        if is_related {
            return;
        }
        found.stranger = true;
        found.acting |= acts || is_ordered && !reads;
        let said = before
            .get(before.len().saturating_sub(40)..)
            .unwrap_or_default();
        let is_note = NOTES.iter().any(|note| said.contains(note));
        let begins = before.trim().is_empty() && behind.starts_with(':');
        let is_moment = said.ends_with("Before ") || said.ends_with("After ") || begins;
        found.noted |= (is_note || is_moment) && behind.starts_with([':', ',', ' ']);
        let given = behind
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'));
        found.called |= given.is_some_and(|(given, _)| given.contains(['=', ':', '"']));
        found.called |= behind.starts_with(" with ") && behind.contains('=');
    }
}

/// The word in front.
fn said_before(before: &str) -> &str {
    let before = before.trim_end_matches(['`', '"', '\'', ' ']);
    before.rsplit([' ', '\n']).next().unwrap_or_default()
}

fn is_verb(word: &str) -> bool {
    ACTS.contains(&word) || READS.contains(&word)
}

fn stem(word: &str) -> String {
    word.chars().take(STEM_LETTERS).collect()
}

/// Whether a name, in words, is as long as a sentence and built like one.
pub(crate) fn is_sentence(words: &str) -> bool {
    let all = words.split_ascii_whitespace();
    all.clone().count() >= SENTENCE_WORDS_MIN && all.clone().any(|word| JOINTS.contains(&word))
}

fn is_camel(piece: &str) -> bool {
    let rises =
        |pair: &[u8]| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase());
    piece.starts_with(|one: char| one.is_ascii_lowercase())
        && piece.as_bytes().windows(2).any(rises)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mentions(text: &str) -> Mentions {
        let tool = json!({"name": "get_invoice", "inputSchema": {"properties": {
            "number": {}, "trace_id": {}}}});
        Own::of(&tool, &crate::texts::all(&tool)).mentions(text)
    }

    #[test]
    fn names_are_told_apart_by_whose_they_are() {
        assert!(mentions("use get_invoice here").itself);
        assert!(mentions("put it into `number`").parameter);
        assert!(mentions("as trace_id").parameter);
        assert!(!mentions("a number of lines").parameter);
        for related in ["see list_invoices", "`sendInvoice` follows"] {
            assert!(!mentions(related).stranger, "{related}");
        }
        let stranger = mentions("then call transfer_funds(to=1)");
        assert!(stranger.stranger && stranger.acting && stranger.called);
        assert!(mentions("see list_projects").stranger);
        assert!(!mentions("see list_projects").acting);
        assert!(!mentions("the created_at of a row_id").stranger);
    }
}
