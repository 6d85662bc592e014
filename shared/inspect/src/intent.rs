//! Decides what a tool call intends: the operator's word first, else the verb that leads the name.
//!
//! Refuses to guess mildly: a name without a known verb is a write.

use varistor_model::Intent;
use varistor_snapshot::schema::ArchivedServer;

use crate::glob;

/// What a call intends, and on what grounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classified {
    /// The intent.
    pub intent: Intent,
    /// How sure that is, 0 to 100.
    pub confidence_percent: u8,
    /// What it rests on, for the record: `policy`, `verb` or `default`.
    pub evidence: &'static str,
}

/// The intent of calling `tool` on `server`.
///
/// Of the operator's tools whose glob matches and that state an intent, the first one decides.
/// Otherwise the leading word of the name does, whatever separates words: `_`, `-`, `.`, `/`,
/// a blank or a change of case.
#[must_use]
pub fn classify(server: &ArchivedServer, tool: &str) -> Classified {
    let stated = glob::candidates(&server.tools, |row| &*row.name, tool)
        .filter(|row| row.intent.is_some() && glob::matches(&row.name, tool))
        .min_by_key(|row| row.rank.to_native())
        .and_then(|row| row.intent.as_ref())
        .map(|number| Classified {
            // A number that names no intent is read as the most severe one.
            intent: Intent::numbered(*number).unwrap_or(Intent::Exfiltrative),
            confidence_percent: 100,
            evidence: "policy",
        });
    stated.unwrap_or_else(|| by_verb(leading_word(tool)))
}

fn by_verb(word: &str) -> Classified {
    let row = led_alike(word)
        .iter()
        .find(|(verb, _)| verb.eq_ignore_ascii_case(word));
    match row.and_then(|(_, row)| VERBS.get(usize::from(*row))) {
        Some((intent, confidence_percent, _)) => Classified {
            intent: *intent,
            confidence_percent: *confidence_percent,
            evidence: "verb",
        },
        None => Classified {
            intent: Intent::Write,
            confidence_percent: 30,
            evidence: "default",
        },
    }
}

/// The verbs with the first letter of this word, each with its row.
fn led_alike(word: &str) -> &'static [(&'static str, u8)] {
    let first = word.as_bytes().first().map(u8::to_ascii_lowercase);
    let letter = first.and_then(|first| first.checked_sub(b'a'));
    let group = letter.and_then(|letter| LED.get(usize::from(letter)));
    group.map_or(&[], |(count, verbs)| {
        verbs.get(..*count).unwrap_or_default()
    })
}

/// Room for the verbs that one letter leads; a build with more of them fails.
const LED_MAX: usize = 16;

type Led = (usize, [(&'static str, u8); LED_MAX]);

/// By the letter that leads them: how many verbs, and each of them with its row.
static LED: [Led; 26] = led();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "evaluated while it is compiled, where a fault fails the build"
)]
const fn led() -> [Led; 26] {
    let mut led = [(0, [("", 0); LED_MAX]); 26];
    let mut row = 0;
    while row < VERBS.len() {
        let mut rest = VERBS[row].2;
        while let [verb, behind @ ..] = rest {
            let (count, verbs) = &mut led[(verb.as_bytes()[0] - b'a') as usize];
            verbs[*count] = (*verb, row as u8);
            *count += 1;
            rest = behind;
        }
        row += 1;
    }
    led
}

/// The first word of a name: up to a separator or to where a capital follows a small letter.
fn leading_word(name: &str) -> &str {
    // Separators and letters are ASCII, so that bytes do.
    let skipped = name.bytes().take_while(|byte| is_separator(*byte)).count();
    let name = name.get(skipped..).unwrap_or_default();
    let mut was_small = false;
    for (at, byte) in name.bytes().enumerate() {
        if is_separator(byte) || (was_small && byte.is_ascii_uppercase()) {
            return name.get(..at).unwrap_or(name);
        }
        was_small = byte.is_ascii_lowercase();
    }
    name
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b' ')
}

/// Verbs by intent, with how far such a name is to be trusted. `query`, `run` and `execute` are in
/// no row: what they do stands in their arguments.
const VERBS: &[(Intent, u8, &[&str])] = &[
    (
        Intent::Destructive,
        80,
        &[
            "delete",
            "remove",
            "drop",
            "destroy",
            "purge",
            "truncate",
            "wipe",
            "erase",
            "revoke",
            "kill",
            "terminate",
            "uninstall",
            "unpublish",
            "overwrite",
            "reset",
            "flush",
        ],
    ),
    (Intent::Exfiltrative, 70, &["export", "exfiltrate", "dump"]),
    (
        Intent::Read,
        70,
        &[
            "get",
            "list",
            "search",
            "read",
            "find",
            "fetch",
            "describe",
            "show",
            "view",
            "lookup",
            "count",
            "check",
            "validate",
            "preview",
            "status",
            "inspect",
            "browse",
            "ping",
            "echo",
            "explain",
            "summarize",
            "analyze",
            "compare",
            "diff",
            "resolve",
            "retrieve",
            "whoami",
        ],
    ),
    (
        Intent::Write,
        70,
        &[
            "add", "append", "apply", "approve", "archive", "assign", "cancel", "close", "comment",
            "copy", "create", "disable", "edit", "enable", "import", "insert", "invite", "label",
            "make", "merge", "modify", "move", "open", "patch", "pay", "post", "publish", "push",
            "put", "rename", "reply", "restart", "save", "send", "set", "share", "start", "stop",
            "submit", "sync", "tag", "transfer", "trigger", "update", "upload", "upsert", "write",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leading_word_ends_at_a_separator_or_a_capital() {
        for (name, word) in [
            ("get_issue", "get"),
            ("deleteRepository", "delete"),
            ("list-files", "list"),
            ("files.read", "files"),
            ("__drop_table", "drop"),
            ("HTTPGet", "HTTPGet"),
            ("search", "search"),
            ("", ""),
            ("löschen", "löschen"),
        ] {
            assert_eq!(leading_word(name), word, "{name}");
        }
    }

    #[test]
    fn a_verb_stands_in_one_row_only() {
        let mut all: Vec<_> = VERBS.iter().flat_map(|(_, _, verbs)| *verbs).collect();
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn every_verb_is_found_in_its_row_in_any_case() {
        for (intent, confidence_percent, verbs) in VERBS {
            for verb in *verbs {
                let expected = Classified {
                    intent: *intent,
                    confidence_percent: *confidence_percent,
                    evidence: "verb",
                };
                assert_eq!(by_verb(verb), expected, "{verb}");
                assert_eq!(by_verb(&verb.to_uppercase()), expected, "{verb}");
                for longer in [format!("{verb}x"), format!("x{verb}")] {
                    assert_eq!(by_verb(&longer).evidence, "default", "{longer}");
                }
                assert_ne!(by_verb(&verb[1..]), expected, "{verb}");
            }
        }
        for word in ["", "ä", "{", "`", "1get"] {
            assert_eq!(by_verb(word).evidence, "default", "{word}");
        }
    }

    #[test]
    fn a_name_without_a_known_verb_is_a_doubtful_write() {
        let unknown = by_verb("frobnicate");
        assert_eq!(
            (unknown.intent, unknown.evidence),
            (Intent::Write, "default")
        );
        assert!(unknown.confidence_percent < by_verb("create").confidence_percent);
        assert_eq!(by_verb("DELETE").intent, Intent::Destructive);
        assert_eq!(by_verb("export").intent, Intent::Exfiltrative);
        assert_eq!(by_verb("get").intent, Intent::Read);
    }
}
