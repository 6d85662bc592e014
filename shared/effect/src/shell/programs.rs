//! Which program does what: rows of data, and the few programs that need code of their own.

mod administration;
mod build;
mod cloud;
mod containers;
mod files;
mod hosted;
mod machine;
mod packages;
mod source_control;
mod unknown;

use std::collections::HashMap;
use std::sync::LazyLock;

use varistor_model::Intent;

use super::flow::Flow;
use super::judge::{Call, Judge};
use super::options::{Options, Style};
use super::{
    database, debug, files as file_tools, hooks, interpret, network, printing, scripts, transfer,
    web, windows, wrap,
};
use crate::{Access, path};

/// Short names of intents for the tables.
const R: Intent = Intent::Read;
const W: Intent = Intent::Write;
const D: Intent = Intent::Destructive;
const X: Intent = Intent::Exfiltrative;

/// What a program does to the paths among its words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Paths {
    /// Its words are no paths, or only their names matter.
    None,
    /// Their content comes out.
    Read,
    /// They are written.
    Write,
    /// They are removed.
    Delete,
}

/// A pattern (see `Options::matches`) and what the program does where it is the first to match.
type Row = (&'static str, Intent, u8, &'static str);

/// Programs that are judged alike.
struct Program {
    /// Their names, separated by blanks.
    names: &'static str,
    style: Style,
    paths: Paths,
    /// The last pattern is empty: it always matches.
    rows: &'static [Row],
}

/// How programs in the manner of GNU write options, with those that take a value.
const fn gnu(valued: &'static str) -> Style {
    Style {
        valued,
        is_single_dash_long: false,
    }
}

/// How programs with long options behind one dash write them.
const fn long(valued: &'static str) -> Style {
    Style {
        valued,
        is_single_dash_long: true,
    }
}

/// All rows.
const TABLES: [&[Program]; 9] = [
    files::PROGRAMS,
    machine::PROGRAMS,
    administration::PROGRAMS,
    build::PROGRAMS,
    source_control::PROGRAMS,
    containers::PROGRAMS,
    cloud::PROGRAMS,
    hosted::PROGRAMS,
    packages::PROGRAMS,
];

static PROGRAMS: LazyLock<HashMap<&'static str, &'static Program>> = LazyLock::new(|| {
    let programs = TABLES.into_iter().flatten();
    programs
        .flat_map(|program| {
            let names = program.names.split_ascii_whitespace();
            names.map(move |name| (name, program))
        })
        .collect()
});

/// Whether there are rows or code for this program.
pub(super) fn is_known(name: &str) -> bool {
    PROGRAMS.contains_key(name) || handler(name).is_some()
}

/// Judges a program: by code of its own, else by its rows, else as one that nobody knows.
pub(super) fn run(judge: &mut Judge<'_>, call: Call<'_>) -> Flow {
    if asks_help(&call, false) {
        judge.find(R, 95, "shell.asks_help");
        return Flow::Local;
    }
    hooks::run(judge, &call);
    if let Some(flow) = wrap::run(judge, &call) {
        return flow;
    }
    if let Some(handler) = handler(call.name) {
        return handler(judge, &call);
    }
    if let Some(program) = PROGRAMS.get(call.name) {
        return by_rows(judge, &call, program);
    }
    if let Some(flow) = windows::run(judge, &call) {
        return flow;
    }
    if asks_help(&call, true) && unknown::inner(&call).is_none() {
        judge.find(R, 85, "shell.asks_help");
    } else if !judge.is_function(call.name) {
        unknown::run(judge, &call);
    }
    Flow::Local
}

/// Whether a program only tells how it is used. `known` adds words that might be operands.
fn asks_help(call: &Call<'_>, known: bool) -> bool {
    if call.input.flow.is_some() && !known {
        return false;
    }
    let is_last = call.args.last().is_some_and(|arg| arg.text == "help");
    if known && is_last && call.name == "aws" {
        return true;
    }
    let [only] = call.args else {
        let mut front = call.args.iter().take_while(|arg| arg.text != "--");
        return known && front.any(|arg| arg.text == "--help");
    };
    // It stops the machine.
    if only.text == "-h" && matches!(call.name, "shutdown" | "halt" | "poweroff") {
        return false;
    }
    let is_version = matches!(
        call.name,
        "ruby" | "node" | "php" | "perl" | "nodejs" | "deno"
    ) && only.text == "-v";
    is_version
        || matches!(
            only.text.as_str(),
            "--help" | "--version" | "-V" | "-h" | "-help" | "/?"
        )
        || (known && matches!(only.text.as_str(), "help" | "version" | "-v" | "-version"))
}

/// Judges by the rows of this program, for handlers that have looked at something else first.
pub(super) fn rows(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    match PROGRAMS.get(call.name) {
        Some(program) => by_rows(judge, call, program),
        None => Flow::Local,
    }
}

fn by_rows(judge: &mut Judge<'_>, call: &Call<'_>, program: &Program) -> Flow {
    let options = Options::of(call.args, program.style);
    if asks_help(call, true) || options.has("--help", program.style) {
        judge.find(R, 95, "shell.asks_help");
        return Flow::Local;
    }
    let row = program
        .rows
        .iter()
        .find(|(pattern, ..)| options.matches(pattern, program.style));
    if let Some((_, intent, percent, evidence)) = row {
        judge.find(*intent, *percent, evidence);
    }
    let intent = row.map_or(W, |row| row.1);
    let access = match program.paths {
        Paths::None => None,
        Paths::Read => Some(Access::Read),
        Paths::Write if intent == R => Some(Access::Read),
        Paths::Write => Some(Access::Write),
        Paths::Delete => None,
    };
    if let Some(access) = access {
        for word in &options.words {
            judge.effects.extend(&path(word, access));
        }
    }
    match call.input.flow.is_some() && program.paths == Paths::Read {
        true => call.input.flow.clone().filtered(),
        false => Flow::Local,
    }
}

type Handler = fn(&mut Judge<'_>, &Call<'_>) -> Flow;

/// The programs whose arguments are code, addresses or data.
fn handler(name: &str) -> Option<Handler> {
    let handler: Handler = match name {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "fish" | "rbash" => interpret::shell,
        "eval" => interpret::eval,
        "source" | "." => interpret::source,
        "trap" => interpret::trap,
        "alias" => interpret::alias,
        "pwsh" | "powershell" => windows::powershell,
        "cmd" => windows::cmd,
        "curl" => web::curl,
        "wget" | "wget2" | "aria2c" | "axel" => web::wget,
        "http" | "https" | "xh" | "httpie" | "curlie" => web::httpie,
        "nc" | "ncat" | "netcat" | "socat" | "telnet" | "openssl" => network::sockets,
        "ssh" | "autossh" | "dbclient" | "mosh" => network::ssh,
        "dig" | "nslookup" | "host" | "ping" | "drill" | "kdig" => network::names,
        "mail" | "mailx" | "mutt" | "sendmail" | "swaks" | "msmtp" | "s-nail" | "ssmtp"
        | "neomutt" => network::mail,
        "scp" | "rsync" | "sftp" | "rclone" | "ftp" | "lftp" | "ncftpput" | "rcp" => {
            transfer::files
        }
        "gsutil" | "s3cmd" | "azcopy" | "mc" | "s5cmd" | "b2" => transfer::buckets,
        "aws" => transfer::aws,
        "gcloud" => transfer::gcloud,
        "git" => transfer::git,
        "psql" | "mysql" | "mariadb" | "sqlite3" | "sqlcmd" | "cockroach" | "clickhouse-client"
        | "clickhouse" | "duckdb" | "cqlsh" | "snowsql" | "bq" | "pgcli" | "mycli" | "usql"
        | "litecli" | "trino" | "presto" | "beeline" | "spark-sql" | "isql" | "tsql" => {
            database::sql
        }
        "mongosh" | "mongo" => database::mongo,
        "redis-cli" | "valkey-cli" | "keydb-cli" => database::redis,
        "echo" | "printf" | "yes" => printing::echo,
        "cat" | "tac" | "zcat" | "bat" | "batcat" => printing::cat,
        "env" => printing::env,
        "printenv" => printing::printenv,
        "export" | "declare" | "typeset" | "readonly" | "local" => printing::export,
        "set" => printing::set,
        "base64" | "base32" | "basenc" | "xxd" | "uudecode" | "gunzip" | "zstdcat" | "bzcat"
        | "xzcat" | "rev" | "unxz" => printing::decode,
        "find" | "gfind" | "fd" | "fdfind" => file_tools::find,
        "dd" => file_tools::dd,
        "sed" | "gsed" => scripts::sed,
        "awk" | "gawk" | "mawk" | "nawk" => scripts::awk,
        "gdb" => debug::gdb,
        "rm" | "unlink" | "rmdir" => file_tools::remove,
        "cp" | "mv" | "install" | "ln" => file_tools::copy,
        "tee" | "sponge" => file_tools::tee,
        "grep" | "egrep" | "fgrep" | "rg" | "ag" | "ack" | "zgrep" | "ugrep" => file_tools::grep,
        _ => return interpret::language(name).map(|_| interpret::script as Handler),
    };
    Some(handler)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_stands_once_and_always_has_a_row() {
        let mut names = Vec::new();
        for program in TABLES.into_iter().flatten() {
            names.extend(program.names.split_ascii_whitespace());
            let last = program.rows.last().map(|row| row.0);
            assert_eq!(last, Some(""), "{}", program.names);
        }
        names.sort_unstable();
        for pair in names.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
        assert!(names.len() > 250, "{}", names.len());
    }
}
