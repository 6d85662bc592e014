//! GraphQL: queries read; a mutation does what the names of its fields say.

use varistor_model::Intent;

use super::json_string;
use crate::{Effect, Effects, words};

/// What this GraphQL document would do. A JSON body with the document in `query` is unpacked.
#[must_use]
pub fn graphql(text: &str) -> Effects {
    let trimmed = text.trim();
    if trimmed.starts_with(['{', '['])
        && let Some(document) = json_string(trimmed, "query")
    {
        return document_effects(&document);
    }
    document_effects(trimmed)
}

fn document_effects(text: &str) -> Effects {
    let mut walk = Walk::default();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let length = match first {
            b'#' => rest.find('\n').unwrap_or(rest.len()),
            b'"' => string_bytes(rest),
            _ if first.is_ascii_alphabetic() || first == b'_' => {
                let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                let length = rest.bytes().take_while(is_name).count();
                let behind = rest.get(length..).unwrap_or_default().trim_start();
                walk.name(rest.get(..length).unwrap_or_default(), behind);
                length
            }
            _ => {
                walk.sign(first);
                rest.chars().next().map_or(1, char::len_utf8)
            }
        };
        rest = rest.get(length.max(1)..).unwrap_or_default();
    }
    walk.end(!text.is_empty())
}

/// The bytes of a string, quotes included.
fn string_bytes(text: &str) -> usize {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        return block
            .find("\"\"\"")
            .map_or(text.len(), |end| end.saturating_add(6));
    }
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Query,
    Mutation,
    Fragment,
    Schema,
}

#[derive(Default)]
struct Walk {
    kind: Kind,
    braces: usize,
    parentheses: usize,
    is_read: bool,
    effects: Effects,
    was_at: bool,
    /// Whether the field looked at lists all people.
    lists_people: bool,
}

impl Walk {
    fn sign(&mut self, sign: u8) {
        self.was_at = sign == b'@' || sign == b'$';
        match sign {
            b'(' => self.parentheses = self.parentheses.saturating_add(1),
            b')' => self.parentheses = self.parentheses.saturating_sub(1),
            b'{' if self.parentheses == 0 => {
                self.is_read = true;
                self.braces = self.braces.saturating_add(1);
            }
            b'}' if self.parentheses == 0 => {
                self.braces = self.braces.saturating_sub(1);
                if self.braces == 0 {
                    self.kind = Kind::Query;
                }
            }
            _ => {}
        }
    }

    fn name(&mut self, name: &str, behind: &str) {
        let is_alias = behind.starts_with(':');
        let was_at = std::mem::take(&mut self.was_at);
        if self.parentheses > 0 {
            // A value that is no string: `scope: ANYONE_WITH_LINK`.
            let is_given = self.kind == Kind::Mutation && self.braces > 0 && !was_at;
            if is_given && !is_alias && is_open_to_all(name) {
                self.effects
                    .push(Effect::new(Intent::Exfiltrative, 70, "graphql.publishes"));
            }
            return;
        }
        if was_at {
            return;
        }
        if self.braces == 0 {
            match name {
                "mutation" => self.kind = Kind::Mutation,
                "query" | "subscription" => self.kind = Kind::Query,
                "fragment" => self.kind = Kind::Fragment,
                "type" | "schema" | "extend" | "input" | "enum" | "directive" => {
                    self.kind = Kind::Schema
                }
                _ => {}
            }
            return;
        }
        if is_alias {
            return;
        }
        if self.kind == Kind::Query && self.braces == 1 {
            self.lists_people = is_list_of_people(name) && is_unbounded(behind);
        }
        if self.lists_people && self.braces > 1 && words::is_personal(name) {
            self.effects.push(Effect::new(
                Intent::Exfiltrative,
                74,
                "graphql.reads_all_people",
            ));
        }
        match self.kind {
            Kind::Mutation if self.braces == 1 => self.effects.push(mutation(name)),
            Kind::Query | Kind::Fragment | Kind::Mutation
                if words::is_secret(name) && self.braces > 1 =>
            {
                self.effects.push(Effect::new(
                    Intent::Exfiltrative,
                    58,
                    "graphql.reads_secret",
                ));
            }
            _ => {}
        }
    }

    fn end(mut self, has_text: bool) -> Effects {
        if self.braces > 0 || self.parentheses > 0 || (has_text && !self.is_read) {
            self.effects
                .push(Effect::new(Intent::Write, 35, "graphql.unreadable"));
        }
        if self.effects.is_empty() && has_text {
            self.effects
                .push(Effect::new(Intent::Read, 90, "graphql.query"));
        }
        self.effects
    }
}

/// Whether a field of this name gives many people.
fn is_list_of_people(name: &str) -> bool {
    let parts = words::of(name);
    let all = parts
        .iter()
        .any(|part| matches!(part.as_str(), "all" | "list" | "people"));
    (all || name.ends_with('s') || name.ends_with("Connection")) && words::is_about_people(name)
}

/// Whether these arguments of a field, if there are any, neither pick nor bound what comes out.
fn is_unbounded(behind: &str) -> bool {
    let Some((inside, _)) = behind
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
    else {
        return true;
    };
    let mut keys = inside.split(',').filter_map(|pair| pair.split_once(':'));
    keys.all(|(key, value)| {
        let key = key.trim().to_ascii_lowercase();
        let number = value.trim().parse::<u64>();
        let is_sorting = [
            "orderby", "order", "sort", "sortby", "offset", "skip", "after",
        ];
        is_sorting.contains(&key.as_str()) || number.is_ok_and(|number| number >= 10_000)
    })
}

/// Whether a value of an enumeration opens something to everybody.
fn is_open_to_all(value: &str) -> bool {
    const OPEN: [&str; 14] = [
        "PUBLIC",
        "ANYONE",
        "EVERYONE",
        "ANYONE_WITH_LINK",
        "ANYONE_WITH_THE_LINK",
        "ANONYMOUS",
        "PUBLIC_READ",
        "PUBLIC_LINK",
        "WORLD",
        "PUBLIC_READ_WRITE",
        "LINK_PUBLIC",
        "UNLISTED",
        "ALL_USERS",
        "INTERNET",
    ];
    OPEN.contains(&value)
}

/// First words of mutations that only tell what another one would do.
const TRYING: [&str; 12] = [
    "validate",
    "preview",
    "estimate",
    "search",
    "simulate",
    "calculate",
    "check",
    "dry",
    "quote",
    "verify",
    "lookup",
    "compute",
];

fn mutation(field: &str) -> Effect {
    let parts = words::of(field);
    let has = |wanted: &[&str]| parts.iter().any(|part| wanted.contains(&part.as_str()));
    let first = parts.first().map(String::as_str).unwrap_or_default();
    let last = parts.last().map(String::as_str).unwrap_or_default();
    const GONE: [&str; 16] = [
        "delete",
        "remove",
        "destroy",
        "purge",
        "drop",
        "truncate",
        "wipe",
        "erase",
        "revoke",
        "terminate",
        "kill",
        "deactivate",
        "unpublish",
        "clear",
        "reset",
        "cancel",
    ];
    let is_mild = matches!(first, "cancel" | "clear" | "remove")
        && has(&["label", "reaction", "star", "assignees", "filter"]);
    match () {
        () if TRYING.contains(&first) || matches!(last, "preview" | "estimate") => {
            Effect::new(Intent::Read, 65, "graphql.tries")
        }
        () if is_mild => Effect::new(Intent::Write, 65, "graphql.mutation"),
        () if GONE.contains(&first)
            || (GONE.contains(&last) && parts.len() > 1)
            || (first == "bulk" && has(&GONE)) =>
        {
            let percent = if matches!(first, "cancel" | "deactivate" | "reset" | "clear") {
                55
            } else {
                88
            };
            Effect::new(Intent::Destructive, percent, "graphql.deletes")
        }
        // `bulkOperationRunQuery`, `customersExport`: all of a kind, as a file.
        () if matches!(first, "export" | "dump")
            || matches!(last, "export" | "dump" | "takeout")
            || (first == "bulk" && has(&["query", "export", "download"])) =>
        {
            Effect::new(Intent::Exfiltrative, 65, "graphql.exports")
        }
        () if has(&["public", "publicly", "anonymous", "anonymously"])
            && matches!(
                first,
                "make" | "set" | "share" | "create" | "enable" | "open" | "publish" | "allow"
            ) =>
        {
            Effect::new(Intent::Exfiltrative, 70, "graphql.publishes")
        }
        () if has(&["token", "secret"]) && matches!(first, "create" | "generate" | "issue") => {
            Effect::new(Intent::Exfiltrative, 55, "graphql.issues_credential")
        }
        () => Effect::new(Intent::Write, 85, "graphql.mutation"),
    }
}
