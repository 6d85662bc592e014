//! MongoDB: operations by name, shell code by its calls, commands and pipelines by their keys.

use varistor_model::Intent;

use crate::script::tokens::{self, Token};
use crate::{Effect, Effects, Language, words};

/// What this operation on a MongoDB collection would do. `filter_is_empty` is whether its filter
/// matches everything, where that is known.
#[must_use]
pub fn mongo(operation: &str, filter_is_empty: Option<bool>) -> Effects {
    let plain: String = operation
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '$')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let plain = plain.trim_start_matches("db");
    let effect = match row(plain) {
        Some((Intent::Write, _, "mongo.updates_many")) if filter_is_empty == Some(true) => {
            Effect::new(Intent::Destructive, 88, "mongo.updates_all")
        }
        Some((intent, percent, evidence)) => Effect::new(intent, percent, evidence),
        None => match words::of(operation).first().map(String::as_str) {
            Some("delete" | "drop" | "remove" | "purge") => {
                Effect::new(Intent::Destructive, 70, "mongo.deletes")
            }
            Some("find" | "get" | "list" | "count" | "show") => {
                Effect::new(Intent::Read, 65, "mongo.reads")
            }
            _ => Effect::new(Intent::Write, 40, "mongo.unknown"),
        },
    };
    Effects::of(effect)
}

/// Whether a command of this name exists.
pub(crate) fn is_command(name: &str) -> bool {
    let is_known = |known: &str| known.eq_ignore_ascii_case(name);
    ROWS.iter()
        .any(|(names, _)| names.split_ascii_whitespace().any(is_known))
}

type Row = (Intent, u8, &'static str);

fn row(operation: &str) -> Option<Row> {
    let known = |names: &str| names.split_ascii_whitespace().any(|name| name == operation);
    ROWS.iter()
        .find(|(names, _)| known(names))
        .map(|(_, row)| *row)
}

const ROWS: &[(&str, Row)] = &[
    (
        "find findone aggregate count countdocuments estimateddocumentcount distinct explain listcollections \
         listindexes listdatabases getcollectionnames getindexes stats collstats dbstats \
         currentop serverstatus \
         watch ping hello ismaster buildinfo validate getname getcollection getsiblingdb \
         getcollectioninfos \
         connectionstatus toarray foreach sort limit skip project pretty hasnext next getmore \
         itcount size \
         getusers getroles usersinfo rolesinfo getprofilingstatus hostinfo runtime",
        (Intent::Read, 90, "mongo.reads"),
    ),
    (
        "deleteone deletemany delete remove drop dropdatabase dropcollection dropindex dropindexes dropuser \
         droprole findoneanddelete dropallusers findandremove removeuser dropallroles",
        (Intent::Destructive, 94, "mongo.deletes"),
    ),
    (
        "updatemany update",
        (Intent::Write, 82, "mongo.updates_many"),
    ),
    (
        "updateone replaceone insertone insertmany insert save findoneandupdate findoneandreplace findandmodify \
         createindex createindexes ensureindex createcollection create createview createuser \
         updateuser \
         grantrolestouser createrole renamecollection collmod reindex compact bulkwrite mapreduce \
         setprofilinglevel enablesharding shardcollection $merge",
        (Intent::Write, 85, "mongo.writes"),
    ),
    (
        "$out",
        (Intent::Destructive, 62, "mongo.replaces_collection"),
    ),
    (
        "killop killallsessions shutdown shutdownserver revokerolesfromuser repairdatabase eval killcursors \
         fsynclock resync",
        (Intent::Destructive, 82, "mongo.administers"),
    ),
    (
        "copydatabase clonecollection copyto cloneto",
        (Intent::Write, 65, "mongo.writes"),
    ),
];

/// What this text for `mongosh`, or this JSON of a command or pipeline, would do.
#[must_use]
pub fn mongo_text(text: &str) -> Effects {
    let read = tokens::read(Language::JavaScript, text);
    let mut effects = Effects::default();
    let mut is_limited = false;
    let mut people = false;
    for (at, token) in read.tokens.iter().enumerate() {
        let behind = read.tokens.get(at.saturating_add(1)..).unwrap_or_default();
        match (token, behind) {
            (Token::Word(name), [Token::Sign(b'('), arguments @ ..]) => {
                let last = name.rsplit('.').next().unwrap_or(name);
                if !name.contains('.') && !follows_dot(&read.tokens, at) {
                    continue;
                }
                is_limited |= matches!(
                    last,
                    "limit" | "count" | "countDocuments" | "size" | "itcount" | "explain"
                );
                if is_run(last) {
                    run_command(arguments, &mut effects);
                    continue;
                }
                let is_empty = matches!(
                    arguments,
                    [Token::Sign(b')'), ..] | [Token::Sign(b'{'), Token::Sign(b'}'), ..]
                );
                people |= last == "find"
                    && is_empty
                    && collection(name).is_some_and(words::is_about_people);
                effects.extend(&mongo(last, Some(is_empty)));
            }
            (Token::Word(key), [Token::Sign(b':'), ..]) => stage(key, at, &mut effects),
            (Token::Text(key), [Token::Sign(b':'), ..]) => stage(key, at, &mut effects),
            _ => {}
        }
    }
    run_command(&read.tokens, &mut effects);
    if people && !is_limited {
        effects.push(Effect::new(
            Intent::Exfiltrative,
            78,
            "mongo.reads_all_people",
        ));
    }
    let shows = ["show ", "use ", "db", "help"];
    if effects.is_empty()
        && shows
            .iter()
            .any(|start| text.trim_start().starts_with(start))
    {
        effects.push(Effect::new(Intent::Read, 75, "mongo.reads"));
    }
    if read.is_broken || (effects.is_empty() && !text.trim().is_empty()) {
        effects.push(Effect::new(Intent::Write, 40, "mongo.unreadable"));
    }
    effects
}

/// Functions that are given a command as an object.
fn is_run(name: &str) -> bool {
    ["runCommand", "adminCommand", "command"].contains(&name)
}

fn key<'t>(token: &'t Token<'_>) -> &'t str {
    match token {
        Token::Word(name) => name,
        Token::Text(name) => name,
        _ => "",
    }
}

/// A command as an object: what it does, and what it reads of a collection about people.
fn run_command(tokens: &[Token<'_>], effects: &mut Effects) {
    if !matches!(tokens.first(), Some(Token::Sign(b'{'))) {
        return;
    }
    let mut collection = "";
    let mut depth = 0_usize;
    let (mut is_bounded, mut is_whole, mut is_multi) = (false, false, false);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign(b'{' | b'[') => depth = depth.saturating_add(1),
            Token::Sign(b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        let behind = tokens.get(at.saturating_add(1)..).unwrap_or_default();
        let [Token::Sign(b':'), value, more @ ..] = behind else {
            continue;
        };
        let name = key(token);
        let is_open = matches!(value, Token::Sign(b'{'));
        let is_empty = is_open && matches!(more.first(), Some(Token::Sign(b'}')));
        let is_named = matches!(value, Token::Text(_) | Token::Word("1" | "true"));
        match name {
            "filter" | "query" | "$match" => is_bounded |= !is_empty,
            "q" => is_whole |= is_empty,
            "multi" => is_multi |= key(value) == "true",
            "limit" | "$limit" => {
                let number = key(value).parse().unwrap_or(0);
                is_bounded |= (1..10_000).contains(&number);
            }
            "$group" | "$count" | "$sample" => is_bounded = true,
            _ if depth == 1 && is_named && is_command(name) => {
                effects.extend(&mongo(name, None));
                if matches!(name, "find" | "aggregate") {
                    collection = key(value);
                }
            }
            _ => {}
        }
    }
    if is_whole && is_multi {
        effects.push(Effect::new(Intent::Destructive, 85, "mongo.updates_all"));
    }
    if !is_bounded && words::is_about_people(collection) {
        effects.push(Effect::new(
            Intent::Exfiltrative,
            76,
            "mongo.reads_all_people",
        ));
    }
}

fn follows_dot(tokens: &[Token<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    matches!(before, Some(Token::Sign(b'.')))
}

/// The collection in `db.users.find`.
fn collection(name: &str) -> Option<&str> {
    let mut parts = name.rsplit('.');
    parts.next()?;
    parts.next()
}

/// A key: the first one of a text is a command, `$out` and `$merge` write wherever they stand.
fn stage(key: &str, at: usize, effects: &mut Effects) {
    // Behind `{`, or behind `[{`.
    let is_first = at == 1 || at == 2;
    let is_command = is_first && row(&key.to_ascii_lowercase()).is_some();
    if is_command || matches!(key, "$out" | "$merge") {
        effects.extend(&mongo(key, None));
    } else if is_first && key.starts_with('$') {
        effects.push(Effect::new(Intent::Read, 75, "mongo.pipeline"));
    } else if matches!(key, "$where" | "$function" | "$accumulator") {
        effects.push(Effect::new(Intent::Write, 45, "mongo.runs_code"));
    }
}
