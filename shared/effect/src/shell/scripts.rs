//! `sed` and `awk`: their scripts may run programs and write files.
//!
//! Refuses to follow what a script computes: what it runs and is no plain string counts as code
//! that nobody can read.

use varistor_model::Intent;

use super::files::files_behind_script;
use super::flow::Flow;
use super::judge::{Call, Judge};
use super::options::{Options, Style};
use crate::{Access, path};

pub(super) fn sed(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let style = Style {
        valued: "-e -f --expression --file -l",
        is_single_dash_long: false,
    };
    let options = Options::of(call.args, style);
    let in_place = call.args.iter().any(|arg| {
        let text = arg.text.as_str();
        text.starts_with("-i") || text.starts_with("--in-place") || is_cluster_with(text, 'i')
    });
    for file in files_behind_script(&options, style, "-e|-f|--expression|--file") {
        let access = if in_place {
            Access::Write
        } else {
            Access::Read
        };
        judge.effects.extend(&path(file, access));
    }
    let style_of_scripts = "-e|-f|--expression|--file";
    let named: Vec<&str> = ["-e", "--expression"]
        .iter()
        .flat_map(|one| options.values(one))
        .collect();
    if named.is_empty() && !options.has_any(style_of_scripts, style) {
        commands(judge, options.words.first().copied().unwrap_or_default());
    }
    for script in named {
        commands(judge, script);
    }
    match in_place {
        true => judge.find(Intent::Write, 85, "file.edits"),
        false => judge.find(Intent::Read, 90, "file.reads"),
    }
    call.input.flow.clone().filtered()
}

fn is_cluster_with(text: &str, letter: char) -> bool {
    let letters = text.strip_prefix('-').unwrap_or_default();
    letters.len() <= 4
        && letters.contains(letter)
        && letters.chars().all(|letter| "nrEsiuz".contains(letter))
}

/// How many commands of a script are looked at.
const COMMANDS_MAX: usize = 256;

/// What the commands of a script of `sed` do beyond editing: `e`, `w`, `W`, `s///e`, `s///w`.
fn commands(judge: &mut Judge<'_>, script: &str) {
    let mut rest = script;
    for _ in 0..COMMANDS_MAX {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || ";{}!".contains(c));
        rest = behind_address(rest).trim_start_matches([' ', '\t', '!', '{']);
        let Some(first) = rest.chars().next() else {
            return;
        };
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        let line = behind.split('\n').next().unwrap_or_default();
        let behind_line = behind.get(line.len()..).unwrap_or_default();
        rest = match first {
            'e' => {
                match line.trim() {
                    "" => judge.find(Intent::Destructive, 60, "shell.computed_code"),
                    code => {
                        judge.text(code);
                    }
                }
                behind_line
            }
            'w' | 'W' => {
                writes(judge, line);
                behind_line
            }
            's' | 'y' => substituted(judge, behind),
            'a' | 'i' | 'c' => behind_text(behind),
            // Names of files and notes go to the end of the line, labels to that of the command.
            'r' | 'R' | '#' => behind_line,
            'b' | 't' | 'T' | ':' => behind.trim_start_matches(|c| !";}\n".contains(c)),
            _ => behind,
        };
    }
    judge.find(Intent::Write, 40, "shell.unreadable");
}

/// What stands behind the text of `a`, `i` and `c`, whose lines go on behind a backslash.
fn behind_text(text: &str) -> &str {
    let mut rest = text;
    loop {
        let line = rest.split('\n').next().unwrap_or_default();
        rest = rest.get(line.len().saturating_add(1)..).unwrap_or_default();
        if rest.is_empty() || !line.ends_with('\\') {
            return rest;
        }
    }
}

fn writes(judge: &mut Judge<'_>, file: &str) {
    let file = file.trim();
    if !file.starts_with("/dev/std") {
        judge.effects.extend(&path(file, Access::Write));
        judge.find(Intent::Write, 75, "file.writes");
    }
}

/// What stands behind the address of a command: `3`, `$`, `/x/`, `1,5`, `0~4`.
fn behind_address(text: &str) -> &str {
    let mut rest = text;
    loop {
        let next = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "$,~+ \t".contains(c));
        let bytes = next.as_bytes();
        let (from, end) = match bytes {
            [b'/', ..] => (1, b'/'),
            [b'\\', end, ..] => (2, *end),
            _ => return next,
        };
        let close = closing(next.get(from..).unwrap_or_default(), char::from(end));
        let behind = next.get(from.saturating_add(close)..).unwrap_or_default();
        rest = behind.trim_start_matches(['I', 'M']);
        if rest.len() == text.len() {
            return rest;
        }
    }
}

/// How many bytes there are up to and with this sign, unless a backslash guards it.
fn closing(text: &str, end: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        if letter == end && !is_escaped {
            return at.saturating_add(letter.len_utf8());
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    text.len()
}

/// The flags behind `s/../../`; what stands behind them.
fn substituted<'s>(judge: &mut Judge<'_>, text: &'s str) -> &'s str {
    let Some(end) = text.chars().next() else {
        return "";
    };
    let mut rest = text.get(end.len_utf8()..).unwrap_or_default();
    let mut replacement = "";
    for _ in 0..2 {
        let length = closing(rest, end);
        replacement = rest.get(..length).unwrap_or_default();
        rest = rest.get(length..).unwrap_or_default();
    }
    let is_flag = |c: char| c.is_ascii_digit() || "gpiImMew".contains(c);
    while let Some(flag) = rest.chars().next().filter(|c| is_flag(*c)) {
        rest = rest.get(1..).unwrap_or_default();
        if flag == 'e' {
            judge.find(Intent::Destructive, 60, "shell.computed_code");
            judge.text(replacement.trim_end_matches(end));
        }
        if flag == 'w' {
            let file = rest.split('\n').next().unwrap_or_default();
            writes(judge, file);
            return rest.get(file.len()..).unwrap_or_default();
        }
    }
    rest
}

/// How many commands of a program are judged.
const RUNS_MAX: usize = 8;

pub(super) fn awk(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let style = Style {
        valued: "-F -v -f -i -e -l --source --file --include --load --assign --field-separator",
        is_single_dash_long: false,
    };
    let options = Options::of(call.args, style);
    if options.value("-i") == Some("inplace") {
        judge.find(Intent::Write, 80, "file.edits");
    }
    for file in files_behind_script(&options, style, "-f|-e|--source|--file") {
        if !file.contains('=') {
            judge.effects.extend(&path(file, Access::Read));
        }
    }
    judge.find(Intent::Read, 88, "file.reads");
    let named = ["-e", "--source"]
        .iter()
        .flat_map(|one| options.values(one));
    let mut named = named.peekable();
    let first = options
        .words
        .first()
        .copied()
        .filter(|_| named.peek().is_none());
    for program in named.chain(first) {
        awk_program(judge, program);
    }
    call.input.flow.clone().filtered()
}

/// What a program of `awk` runs and writes: `system(..)`, `"cmd" | getline`, `print | "cmd"`,
/// `print > "file"`.
fn awk_program(judge: &mut Judge<'_>, program: &str) {
    let mut pieces = program.split("system");
    pieces.next();
    for piece in pieces.take(RUNS_MAX) {
        let Some(argument) = piece.trim_start().strip_prefix('(') else {
            continue;
        };
        run_string(judge, argument.trim_start(), ')');
    }
    // `@load "x"`, `@name(..)`: what is called is computed.
    let calls = |(at, _): (usize, &str)| {
        let name = program.get(at.saturating_add(1)..).unwrap_or_default();
        let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        name.starts_with("load") || name.len() > rest.len() && rest.starts_with('(')
    };
    if program.match_indices('@').any(calls) {
        judge.find(Intent::Destructive, 50, "shell.computed_code");
    }
    for (at, _) in unquoted(program, '|').into_iter().take(RUNS_MAX) {
        let (before, behind) = program.split_at_checked(at).unwrap_or((program, ""));
        let behind = behind.get(1..).unwrap_or_default();
        if before.ends_with('|') || behind.starts_with('|') {
            continue;
        }
        let behind = behind.trim_start_matches('&').trim_start();
        if behind.starts_with("getline") {
            let code = before.trim_end();
            let inner = code
                .strip_suffix('"')
                .and_then(|code| code.rsplit_once('"'));
            match inner {
                Some((front, code)) if !is_joined(front) => {
                    judge.text(code);
                }
                _ => judge.find(Intent::Destructive, 55, "shell.computed_code"),
            }
        } else if before
            .rsplit(['{', ';', '\n', '}'])
            .next()
            .is_some_and(|statement| statement.contains("print"))
        {
            // Anywhere else it parts the alternatives of a pattern.
            run_string(judge, behind, '}');
        }
    }
    for (at, _) in unquoted(program, '>') {
        let behind = program.get(at.saturating_add(1)..).unwrap_or_default();
        let target = behind.trim_start_matches(['>', ' ']);
        let is_print = program.contains("print");
        if is_print && target.starts_with('"') && !target.starts_with("\"/dev/std") {
            judge.find(Intent::Write, 60, "file.writes");
        }
    }
}

/// A string that is run, if nothing is joined to it.
fn run_string(judge: &mut Judge<'_>, text: &str, end: char) {
    let literal = text.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let ends = |behind: &str| {
        let behind = behind.trim_start();
        behind.is_empty() || behind.starts_with([end, ';', '}', '\n'])
    };
    match literal {
        Some((code, behind)) if ends(behind) && !code.ends_with('\\') => {
            judge.text(code);
        }
        _ => judge.find(Intent::Destructive, 55, "shell.computed_code"),
    }
}

/// Whether something stands in front of a string that is joined to it.
fn is_joined(front: &str) -> bool {
    let before = front.trim_end();
    !(before.is_empty()
        || before.ends_with(['{', ';', '(', '\n', '!', '&', '|'])
        || before.ends_with("while"))
}

/// Where a sign stands outside of strings.
fn unquoted(program: &str, sign: char) -> Vec<(usize, char)> {
    let (mut is_open, mut is_escaped) = (false, false);
    let mut found = Vec::new();
    for (at, letter) in program.char_indices() {
        if letter == '"' && !is_escaped {
            is_open = !is_open;
        } else if letter == sign && !is_open {
            found.push((at, letter));
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    found
}
