//! Clients of databases: the code they are given is handed over to its judge.

use varistor_model::Intent;

use super::client;
use super::expand::Arg;
use super::flow::Flow;
use super::judge::{Call, Judge};
use super::options::{Options, Style};
use crate::{mongo_text, redis as redis_command, sql as sql_text};

const CLIENT: Style = Style {
    valued: "-h -p -U -d -u -c -e -f -q -Q -S -P -D -i -o -v -w --command --execute --query --file --host \
             --port --user --username --dbname --database --password --set --variable -H \
             --project_id --eval \
             --authenticationDatabase -n -a --format",
    is_single_dash_long: false,
};

/// `psql -c`, `mysql -e`, `sqlite3 file "sql"`, `bq query`, or SQL from the input.
pub(super) fn sql(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let options = Options::of(call.args, style_of(call.name));
    let mut found = false;
    for option in code_options(call.name) {
        for code in options.values(option) {
            client::code(judge, call.name, code);
            found = true;
        }
    }
    let words = options.words.as_slice();
    match call.name {
        "sqlite3" | "duckdb" | "litecli" => {
            for code in words.get(1..).unwrap_or_default() {
                client::code(judge, call.name, code);
                found = true;
            }
        }
        "bq" => return bq(judge, words, &options),
        _ => {}
    }
    if found {
        return Flow::Local;
    }
    if options.has_any("-l|--list|--version", CLIENT) {
        judge.find(Intent::Read, 88, "sql.lists_databases");
        return Flow::Local;
    }
    match &call.input.flow {
        Flow::Text(text) => client::code(judge, call.name, text),
        Flow::Download | Flow::Decoded => judge.find(Intent::Destructive, 80, "sql.unknown_code"),
        flow if flow.is_some()
            || options.value("-f").is_some()
            || options.value("-i").is_some() =>
        {
            judge.find(Intent::Write, 55, "sql.runs_file");
        }
        _ => judge.find(Intent::Write, 40, "sql.opens_session"),
    }
    Flow::Local
}

/// Letters that mean one thing to one client and another to the next.
fn style_of(name: &str) -> Style {
    let valued = match name {
        "mysql" | "mariadb" | "mycli" => {
            "-h -P -u -D -e -S --execute --host --port --user --database"
        }
        "sqlite3" => "-cmd -init -separator",
        "duckdb" | "litecli" => "-c -cmd -s -f",
        _ => CLIENT.valued,
    };
    Style {
        valued,
        is_single_dash_long: matches!(name, "sqlite3" | "duckdb"),
    }
}

fn code_options(name: &str) -> &'static [&'static str] {
    match name {
        "psql" | "pgcli" | "usql" => &["-c", "--command"],
        "mysql" | "mariadb" | "mycli" | "cockroach" | "cqlsh" | "beeline" | "spark-sql" => {
            &["-e", "--execute"]
        }
        "sqlite3" => &["-cmd"],
        "duckdb" | "litecli" => &["-c", "-s", "-cmd"],
        "sqlcmd" => &["-Q", "-q"],
        "clickhouse-client" | "clickhouse" | "snowsql" => &["-q", "--query"],
        "trino" | "presto" => &["--execute"],
        _ => &["-e", "-c", "-q", "--execute", "--query"],
    }
}

fn bq(judge: &mut Judge<'_>, words: &[&str], options: &Options<'_>) -> Flow {
    let style = Style::default();
    match words.first().copied().unwrap_or_default() {
        "query" if options.has("--dry_run", style) => judge.find(Intent::Read, 92, "sql.dry_run"),
        "query" => {
            for code in words.get(1..).unwrap_or_default() {
                judge.effects.extend(&sql_text(code));
            }
        }
        "ls" | "show" | "head" | "version" | "help" | "info" | "wait" => {
            judge.find(Intent::Read, 90, "sql.client_command");
        }
        "extract" => judge.find(Intent::Exfiltrative, 80, "sql.exports"),
        "rm" | "truncate" => judge.find(Intent::Destructive, 92, "sql.drops"),
        "load" if options.has("--replace", style) => {
            judge.find(Intent::Destructive, 80, "sql.replaces")
        }
        _ => judge.find(Intent::Write, 75, "sql.changes"),
    }
    Flow::Local
}

pub(super) fn mongo(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let options = Options::of(
        call.args,
        Style {
            valued: "--eval --host --port -u -p --username --password --authenticationDatabase -f --file",
            ..CLIENT
        },
    );
    let mut found = false;
    for code in options.values("--eval") {
        judge.effects.extend(&mongo_text(code));
        found = true;
    }
    match &call.input.flow {
        _ if found => {}
        Flow::Text(text) => judge.effects.extend(&mongo_text(text)),
        Flow::Empty => judge.find(Intent::Write, 40, "mongo.opens_session"),
        Flow::Download | Flow::Decoded => judge.find(Intent::Destructive, 80, "mongo.unknown_code"),
        Flow::Local => judge.find(Intent::Write, 50, "mongo.runs_file"),
    }
    Flow::Local
}

pub(super) fn redis(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    const VALUED: &str = "-h -p -a -n -u -s -r -i -t -x -X --user --pass --eval --rdb --pattern --count \
                          --functions-rdb -D -d --cacert --cert --key --sni";
    let mut rest = call.args;
    while let Some((arg, behind)) = rest.split_first() {
        let text = arg.text.as_str();
        match text {
            "--rdb" | "--functions-rdb" => judge.find(Intent::Exfiltrative, 80, "redis.dumps"),
            "--eval" => judge.find(Intent::Write, 50, "redis.runs_script"),
            "--scan" | "--bigkeys" | "--memkeys" | "--hotkeys" | "--stat" | "--latency" => {
                judge.find(Intent::Read, 90, "redis.looks");
            }
            "--pipe" => judge.find(Intent::Write, 60, "redis.runs_file"),
            _ => {}
        }
        if !text.starts_with('-') {
            break;
        }
        let takes = super::options::is_listed(VALUED, text);
        rest = behind.get(usize::from(takes)..).unwrap_or_default();
    }
    if !rest.is_empty() {
        judge.effects.extend(&redis_command(&quoted(rest)));
        return Flow::Local;
    }
    match &call.input.flow {
        Flow::Text(text) => judge.effects.extend(&redis_command(text)),
        Flow::Empty if judge.effects.is_empty() => {
            judge.find(Intent::Write, 40, "redis.opens_session")
        }
        Flow::Empty => {}
        _ => judge.find(Intent::Write, 50, "redis.runs_file"),
    }
    Flow::Local
}

/// The arguments as one line; line ends would begin another command.
fn quoted(args: &[Arg]) -> String {
    let texts: Vec<String> = args
        .iter()
        .map(|arg| arg.text.replace(['\n', '\r'], " "))
        .collect();
    texts.join(" ")
}
