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
    let first = word.as_bytes().first().map(u8::to_ascii_lowercase);
    let is_word = |verb: &&str| {
        verb.len() == word.len()
            && verb.as_bytes().first().copied() == first
            && verb.eq_ignore_ascii_case(word)
    };
    let row = VERBS.iter().find(|(_, _, verbs)| verbs.iter().any(is_word));
    match row {
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

/// The first word of a name: up to a separator or to where a capital follows a small letter.
fn leading_word(name: &str) -> &str {
    let name = name.trim_start_matches(['_', '-', '.', '/', ':', ' ']);
    let mut was_small = false;
    // Separators and letters are ASCII, so that bytes do.
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
