//! Lines that a client of a database takes for itself: `\dt`, `\copy`, `.tables`, `\! command`.
//!
//! Refuses to take a line for one that the client reads as SQL: each has its own sign, and only
//! that of `psql` may stand behind a statement. What no table knows counts as a change.

use varistor_model::Intent;

use super::judge::Judge;
use super::options::is_listed;
use crate::sql as sql_text;

/// What a command of a client begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// A point, where a statement may begin: `.tables`.
    Point,
    /// A backslash, wherever no string is open: `SELECT 1 \gexec`.
    Backslash,
    /// An exclamation mark, where a statement may begin: `!sh`.
    Bang,
    /// A colon or two exclamation marks, where a statement may begin: `:r file`, `!!dir`.
    Colon,
    /// It has none.
    None,
}

fn sign_of(client: &str) -> Sign {
    match client {
        "sqlite3" | "duckdb" | "litecli" => Sign::Point,
        "psql" | "pgcli" | "usql" | "mysql" | "mariadb" | "mycli" | "cockroach" => Sign::Backslash,
        "beeline" | "snowsql" | "isql" => Sign::Bang,
        "sqlcmd" => Sign::Colon,
        _ => Sign::None,
    }
}

/// Judges SQL with the commands of this client among its lines.
pub(super) fn code(judge: &mut Judge<'_>, client: &str, text: &str) {
    let sign = sign_of(client);
    let mut plain = String::new();
    let mut quote = None;
    for line in text.lines() {
        let start = line.trim_start();
        let begins = plain.trim_end().is_empty() || plain.trim_end().ends_with(';');
        let first = start.split([' ', '\t']).next().unwrap_or_default();
        let is_said = begins
            && match sign {
                Sign::Point => start.starts_with('.'),
                Sign::Bang => start.starts_with('!'),
                Sign::Colon => start.starts_with([':', '!']),
                Sign::Backslash => is_listed(WORDS, &first.to_ascii_lowercase()),
                Sign::None => false,
            };
        match sign {
            _ if is_said => command(judge, start),
            Sign::Backslash => backslashes(judge, start, &mut quote, &mut plain),
            _ => plain.push_str(line),
        }
        plain.push('\n');
    }
    // A variable of the client holds a statement that nobody sees here.
    let is_held = |piece: &str| {
        let name = piece.trim_start().strip_prefix(':').unwrap_or_default();
        name.starts_with(|letter: char| {
            letter.is_ascii_alphabetic() || matches!(letter, '_' | '\'')
        })
    };
    if sign == Sign::Backslash && plain.split(';').any(is_held) {
        judge.find(Intent::Destructive, 55, "sql.unknown_code");
    }
    if !plain.trim().is_empty() {
        judge.effects.extend(&sql_text(&plain));
    }
}

/// A line of `psql`, `mysql` and their like: SQL, commands behind it, and SQL again behind `\\\\`.
fn backslashes(judge: &mut Judge<'_>, line: &str, quote: &mut Option<char>, plain: &mut String) {
    let mut rest = line;
    while let Some(at) = backslash(rest, quote) {
        let (code, said) = rest.split_at_checked(at).unwrap_or((rest, ""));
        plain.push_str(code);
        plain.push(' ');
        // A shell takes the whole line.
        let behind = said.get(1..).filter(|_| !said.starts_with("\\!"));
        let next = behind.and_then(|behind| backslash(behind, &mut None));
        let length = next.map_or(said.len(), |next| next.saturating_add(1));
        let (said, behind) = said.split_at_checked(length).unwrap_or((said, ""));
        if said == "\\" {
            rest = behind.get(1..).unwrap_or_default();
            continue;
        }
        command(judge, said.trim_end());
        rest = behind;
    }
    plain.push_str(rest);
}

/// Where a backslash stands in this line outside of strings; `quote` is the one that is open.
fn backslash(line: &str, quote: &mut Option<char>) -> Option<usize> {
    for (at, letter) in line.char_indices() {
        match (letter, *quote) {
            ('\\', None) => return Some(at),
            ('\'' | '"', None) => *quote = Some(letter),
            (_, Some(open)) if open == letter => *quote = None,
            _ => {}
        }
    }
    None
}

/// Commands of `mysql` that need no backslash.
const WORDS: &str = "system source pager tee";

/// Commands that show something, or set how it is shown.
const SHOWING: &str = "\\l \\l+ \\list \\z \\x \\q \\c \\connect \\conninfo \\echo \\qecho \
    \\warn \\encoding \\h \\help \\? \\a \\t \\f \\H \\C \\T \\set \\unset \\pset \\prompt \
    \\timing \\if \\elif \\else \\endif \\sf \\sf+ \\sv \\sv+ \\gx \\G \\g \\gdesc \\gset \
    \\crosstabview \\errverbose \\copyright \\p \\r \\s \\bind \\watch \\u \\use \\status \\quit \
    \\; \\n \\W \\# \\R \\N .tables .schema .headers .header .mode .databases .indexes .indices \
    .show .width .nullvalue .timer .help .quit .exit .echo .eqp .explain .fullschema .separator \
    .stats .version .dbinfo .sha3sum .limit .lint .bail .changes .print .prompt .vfsname \
    .vfslist .scanstats .maxrows .columns .rows .parameter .param .cd .expert .tips !quit !q \
    !help !tables !columns !set !connect !describe !indexes !primarykeys !dbinfo :setvar :help \
    :listvar :error :quit :exit :serverlist :perftrace :connect";

/// Commands that run what another file holds, or fill a table from one.
const FILES_IN: &str = "source \\i \\ir \\include \\include_relative \\copy \\. \\source .read .import .load \
    !run !source !load :r";

/// Commands that write a file.
const FILES_OUT: &str = "tee \\o \\out \\w \\write \\g \\gx \\s \\T \\tee .output .once .backup .save \
    .clone .excel .log .trace !record !spool !print :out";

/// One of them, with what stands behind it on its line.
fn command(judge: &mut Judge<'_>, line: &str) {
    let end = line.find([' ', '\t', '|', '\'', '"']).unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(end).unwrap_or((line, ""));
    let rest = rest.trim();
    let shells = ["\\!", "!!", ":!!"];
    if let Some(code) = shells
        .into_iter()
        .find_map(|shell| line.strip_prefix(shell))
    {
        judge.text(code);
        return;
    }
    if let Some(code) = run_by(judge, word, rest) {
        judge.text(code);
        return;
    }
    let lower = rest.to_ascii_lowercase();
    let has_rest = !rest.is_empty();
    match word {
        "\\gexec" => judge.find(Intent::Destructive, 70, "sql.runs_generated"),
        "\\copy" if lower.contains(" to ") => {
            judge.find(Intent::Exfiltrative, 85, "sql.copies_out")
        }
        ".dump" | ".recover" => judge.find(Intent::Exfiltrative, 75, "sql.dumps"),
        ".restore" => judge.find(Intent::Destructive, 80, "sql.restores_over"),
        "\\lo_unlink" => judge.find(Intent::Destructive, 85, "sql.drops"),
        "\\password" => judge.find(Intent::Write, 75, "sql.sets_password"),
        "\\watch" => {}
        _ if is_listed(FILES_IN, word) => judge.find(Intent::Write, 65, "sql.runs_file"),
        _ if is_listed(FILES_OUT, word) && has_rest => {
            judge.find(Intent::Write, 65, "sql.writes_file");
        }
        _ if is_listed(SHOWING, word) || is_description(word) => {
            judge.find(Intent::Read, 85, "sql.client_command");
        }
        _ => judge.find(Intent::Write, 55, "sql.client_changes"),
    }
}

/// `\dt`, `\d+ orders`, `\dS`: what `psql` tells of tables and their like.
fn is_description(word: &str) -> bool {
    let kinds = word.strip_prefix("\\d");
    kinds.is_some_and(|kinds| {
        kinds
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'+')
    })
}

/// The command line that a client hands to a shell. What is written into one is code as well.
fn run_by<'l>(judge: &mut Judge<'_>, word: &str, rest: &'l str) -> Option<&'l str> {
    const SHELLS: &str = ".shell .system !sh !system system pager \\pager";
    if is_listed(SHELLS, &word.to_ascii_lowercase()) || word == "\\P" {
        return Some(rest);
    }
    let bare = rest.trim_matches(['\'', '"', '`']).trim_start();
    if let Some(code) = bare.strip_prefix('|') {
        if !is_listed(FILES_IN, word) {
            judge.find(Intent::Write, 60, "sql.writes_file");
        }
        return Some(code.split(['\'', '"']).next().unwrap_or(code));
    }
    let lower = rest.to_ascii_lowercase();
    let at = lower.find(" program ").filter(|_| word == "\\copy")?;
    judge.find(Intent::Write, 65, "sql.runs_file");
    let behind = rest.get(at.saturating_add(9)..)?.trim_start();
    behind.split('\'').find(|piece| !piece.is_empty())
}
