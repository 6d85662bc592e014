//! Options by which a program that only looks runs another one, or writes over a file.
//!
//! They are looked at before anything else is said of a program. Refuses to judge by the rest of
//! the command line: what such an option does is done whatever stands beside it.

use varistor_model::Intent;

use super::judge::{Call, Judge};
use super::options::{Options, Style, is_listed, is_one_of};
use crate::{Access, path};

/// What the value of an option is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    /// A command line.
    Command,
    /// A command line behind `exec=`.
    Action,
    /// Command lines in brackets: `start:execute(..)`.
    Bindings,
    /// A file that is written over.
    File,
}

/// Programs, their options, and what the values of these are.
const HOOKS: &[(&str, &str, Value)] = &[
    ("tar bsdtar gtar", "--checkpoint-action", Value::Action),
    (
        "tar bsdtar gtar",
        "--to-command --use-compress-program -I --info-script --new-volume-script -F --rsh-command \
         --rmt-command",
        Value::Command,
    ),
    ("rg", "--pre --hostname-bin", Value::Command),
    ("ag ack", "--pager", Value::Command),
    ("fzf", "--bind", Value::Bindings),
    ("fzf", "--preview --with-shell", Value::Command),
    ("man", "-P --pager -H --html", Value::Command),
    ("compgen complete mapfile readarray", "-C", Value::Command),
    ("sort", "--compress-program", Value::Command),
    ("split", "--filter", Value::Command),
    ("pandoc", "-F --filter", Value::Command),
    ("zip", "-TT --unzip-command", Value::Command),
    ("cpio", "--rsh-command", Value::Command),
    ("bat batcat delta", "--pager", Value::Command),
    (
        "git",
        "--upload-pack --receive-pack --exec --open-files-in-pager",
        Value::Command,
    ),
    ("sdiff", "--diff-program", Value::Command),
    ("nmap", "-oN -oG -oX -oA -oS", Value::File),
    (
        "tree sdiff pandoc xmllint iconv info",
        "-o --output",
        Value::File,
    ),
    ("dmidecode", "--dump-bin", Value::File),
];

type Row = (&'static str, &'static str, Intent, u8, &'static str);

/// Programs that only look but for these options or words; each may also end in a star.
const EXCEPTIONS: &[Row] = &[
    ("ss", "-K|--kill", Intent::Destructive, 80, "network.kills"),
    (
        "arp",
        "-d|-s|-f|--delete|--set|--file",
        Intent::Write,
        75,
        "network.changes",
    ),
    (
        "date",
        "-s|--set|--set=*",
        Intent::Write,
        80,
        "machine.sets_clock",
    ),
    (
        "nvidia-smi",
        "-r|--gpu-reset|-pm|-pl|-c|-e|-mig|-rac",
        Intent::Write,
        70,
        "machine.sets",
    ),
    (
        "resolvectl",
        "flush-caches|reset-*|dns|domain|default-route|revert|llmnr|mdns|dnssec|dnsovertls|nta",
        Intent::Write,
        70,
        "network.changes",
    ),
    ("sensors", "-s|--set", Intent::Write, 70, "machine.sets"),
    (
        "exiftool",
        "-*=*|-overwrite_original*|-delete_original*",
        Intent::Write,
        75,
        "file.edits",
    ),
    (
        "exiftool",
        "-if*|-config",
        Intent::Destructive,
        50,
        "shell.computed_code",
    ),
    ("mlr miller", "-I", Intent::Write, 75, "file.edits"),
    (
        "pandoc",
        "--lua-filter*|-L",
        Intent::Destructive,
        50,
        "shell.runs_file",
    ),
    (
        "systemd-analyze",
        "set-log-level|set-log-target|log-level|log-target",
        Intent::Write,
        60,
        "machine.sets",
    ),
    ("ip", "-b|-batch", Intent::Write, 60, "network.changes"),
];

/// What the options and words of this program do by themselves.
pub(super) fn run(judge: &mut Judge<'_>, call: &Call<'_>) {
    for (names, options, value) in HOOKS {
        if is_listed(names, call.name) {
            for text in values(call, options) {
                heed(judge, *value, text);
            }
        }
    }
    for (names, patterns, intent, percent, evidence) in EXCEPTIONS {
        let is_meant = |text: &str| patterns.split('|').any(|one| is_like(one, text));
        if is_listed(names, call.name) && call.args.iter().any(|arg| is_meant(&arg.text)) {
            judge.find(*intent, *percent, evidence);
        }
    }
    indexed(judge, call);
    if matches!(call.name, "uniq" | "pdftotext") {
        let options = Options::of(call.args, STYLE);
        if let Some(to) = options.words.get(1).filter(|to| **to != "-") {
            judge.effects.extend(&path(to, Access::Write));
            match call.name {
                "uniq" => judge.find(Intent::Destructive, 70, "shell.overwrites_file"),
                _ => judge.find(Intent::Write, 75, "file.writes"),
            }
        }
    }
}

const STYLE: Style = Style {
    valued: "-f -s -w -l -r -x -y -W -H -opw -upw",
    is_single_dash_long: false,
};

/// The values of these options. Long ones may be cut short, as `getopt_long` has it.
fn values<'c>(call: &'c Call<'_>, options: &str) -> Vec<&'c str> {
    let mut found = Vec::new();
    let mut args = call.args.iter().map(|arg| arg.text.as_str()).peekable();
    while let Some(text) = args.next() {
        if text == "--" {
            break;
        }
        let (name, value) = text
            .split_once('=')
            .map_or((text, None), |(name, value)| (name, Some(value)));
        let is_long = |option: &str| name.len() >= 5 && option.starts_with(name);
        for option in options.split_ascii_whitespace() {
            let joined = text
                .strip_prefix(option)
                .filter(|_| !option.starts_with("--"));
            if option == name || option.starts_with("--") && is_long(option) {
                found.extend(value.or_else(|| args.peek().copied()));
            } else if let Some(value) = joined.filter(|value| !value.is_empty()) {
                found.push(value);
            }
        }
    }
    found
}

fn heed(judge: &mut Judge<'_>, value: Value, text: &str) {
    match value {
        Value::Command => {
            judge.text(text);
        }
        Value::Action => {
            if let Some(code) = text.strip_prefix("exec=") {
                judge.text(code);
            }
        }
        Value::Bindings => {
            const RUNNING: [&str; 6] = [
                "execute",
                "become",
                "reload",
                "transform",
                "preview",
                "accept-or",
            ];
            if !RUNNING.iter().any(|one| text.contains(one)) {
                return;
            }
            let inside = text.split_once(['(', '[', '{', '<', '~', '!', '@']);
            match inside.and_then(|(_, code)| code.rsplit_once([')', ']', '}', '>', '~', '!', '@']))
            {
                Some((code, _)) => {
                    judge.text(code);
                }
                None => judge.find(Intent::Destructive, 50, "shell.computed_code"),
            }
        }
        Value::File if text == "-" => {}
        Value::File => {
            judge.effects.extend(&path(text, Access::Write));
            judge.find(Intent::Write, 75, "file.writes");
        }
    }
}

/// Whether an argument is one of these: a star stands for any letters.
fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.split_once("*=") {
        Some((front, _)) => text.starts_with(front) && text.contains('='),
        None => is_one_of(pattern, text),
    }
}

/// The index of an array in the name of a variable is code to a shell: `test -v 'a[$(cmd)]'`.
fn indexed(judge: &mut Judge<'_>, call: &Call<'_>) {
    const BUILTINS: &str = "test [ [[ let read unset printf declare typeset local export readonly \
        mapfile readarray wait";
    let is_code = |text: &str| text.contains("[$(") || text.contains("[`") || text.contains("[<(");
    if is_listed(BUILTINS, call.name) && call.args.iter().any(|arg| is_code(&arg.text)) {
        judge.find(Intent::Destructive, 55, "shell.computed_code");
    }
}
