//! PowerShell and `cmd.exe`: the cmdlets by their verbs, and the programs that Windows brings.

mod rows;

use varistor_model::Intent;

use super::expand::Arg;
use super::flow::Flow;
use super::judge::{Call, Input, Judge};
use super::options::{Options, Style, is_one_of};
use crate::{HttpRequest, http};

/// Judges a cmdlet, an alias of one, or a program of Windows; `None` for any other name.
pub(super) fn run(judge: &mut Judge<'_>, call: &Call<'_>) -> Option<Flow> {
    let lower = call.name.to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == lower);
    let name = alias.map_or(lower.as_str(), |(_, name)| name);
    if let Some((verb, noun)) = name.split_once('-')
        && is_cmdlet(verb, noun)
    {
        return Some(cmdlet(judge, call, verb, noun));
    }
    let texts: Vec<Arg> = call
        .args
        .iter()
        .map(|arg| Arg {
            text: arg.text.to_ascii_lowercase(),
            ..arg.clone()
        })
        .collect();
    let options = Options::of(&texts, Style::default());
    let (_, rows) = rows::PROGRAMS
        .iter()
        .find(|(names, _)| is_one_of(names, name))?;
    let row = rows
        .iter()
        .find(|(pattern, ..)| options.matches(pattern, Style::default()));
    if let Some((_, intent, percent, evidence)) = row {
        judge.find(*intent, *percent, evidence);
    }
    Some(match row {
        Some((_, _, _, "windows.downloads")) => Flow::Download,
        _ => Flow::Local,
    })
}

fn is_cmdlet(verb: &str, noun: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word(noun)
        && rows::VERBS
            .iter()
            .any(|(_, _, verbs)| verbs.contains(&verb))
}

/// Whether one of these parameters was given; PowerShell lets them be cut short.
fn has(call: &Call<'_>, parameter: &str) -> bool {
    call.args.iter().any(|arg| {
        let lower = arg.text.to_ascii_lowercase();
        let given = lower.strip_prefix('-').unwrap_or_default();
        let given = given.split(':').next().unwrap_or_default();
        given.len() >= 3 && parameter.starts_with(given)
    })
}

/// The value behind a parameter.
fn value<'a>(call: &Call<'a>, parameter: &str) -> Option<&'a str> {
    let mut args = call.args.iter();
    args.find(|arg| {
        let lower = arg.text.to_ascii_lowercase();
        let given = lower.strip_prefix('-').unwrap_or_default();
        !given.is_empty() && given.len() >= parameter.len().min(3) && parameter.starts_with(given)
    })?;
    args.next().map(|arg| arg.text.as_str())
}

fn cmdlet(judge: &mut Judge<'_>, call: &Call<'_>, verb: &str, noun: &str) -> Flow {
    if has(call, "whatif") {
        judge.find(Intent::Read, 92, "powershell.what_if");
        return Flow::Local;
    }
    match (verb, noun) {
        ("invoke", "webrequest" | "restmethod") => return web(judge, call),
        ("invoke", "expression") => {
            let known = call.args.iter().all(|arg| !arg.is_dynamic) && !call.args.is_empty();
            match (&call.input.flow, known) {
                (Flow::Download, _) => judge.find(Intent::Destructive, 92, "shell.runs_download"),
                (_, true) => {
                    let texts: Vec<&str> = call.args.iter().map(|arg| arg.text.as_str()).collect();
                    return code(judge, &texts.join(" "));
                }
                _ => judge.find(Intent::Destructive, 70, "shell.computed_code"),
            }
            return Flow::Local;
        }
        ("send", "mailmessage") => {
            let to = value(call, "to").unwrap_or_default();
            match judge.outside.is_foreign_mail(to) {
                true => judge.find(Intent::Exfiltrative, 80, "mail.sends_data_outside"),
                false => judge.find(Intent::Write, 80, "mail.sends"),
            }
            return Flow::Empty;
        }
        ("get", "content") => {
            for arg in call.args.iter().filter(|arg| !arg.text.starts_with('-')) {
                judge
                    .effects
                    .extend(&crate::path(&arg.text, crate::Access::Read));
            }
        }
        _ => {}
    }
    let row = rows::CMDLETS.iter().find(|(names, ..)| {
        let mut parts = names.splitn(2, '-');
        is_one_of(parts.next().unwrap_or_default(), verb)
            && is_one_of(parts.next().unwrap_or_default(), noun)
    });
    let by_verb = || {
        rows::VERBS
            .iter()
            .find(|(_, _, verbs)| verbs.contains(&verb))
    };
    match row {
        Some((_, intent, percent, evidence)) => judge.find(*intent, *percent, evidence),
        None => match by_verb() {
            Some((intent, percent, _)) => judge.find(*intent, *percent, "powershell.verb"),
            None => judge.find(Intent::Write, 40, "powershell.unknown"),
        },
    }
    Flow::Local
}

fn web(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let url = value(call, "uri").or_else(|| {
        let mut words = call.args.iter().map(|arg| arg.text.as_str());
        words.find(|word| word.contains("://"))
    });
    let has_body = has(call, "body") || has(call, "infile") || has(call, "form");
    let request = HttpRequest {
        method: value(call, "method").unwrap_or("GET"),
        url: url.unwrap_or_default(),
        headers: &[],
        has_body,
        body: value(call, "body"),
    };
    judge.effects.extend(&http(&request, judge.outside));
    if let Some(file) = value(call, "outfile") {
        judge.find(Intent::Write, 80, "network.downloads_file");
        judge.remember_downloads(&[file.to_owned()]);
        return Flow::Empty;
    }
    Flow::Download
}

/// `powershell -Command code`, `pwsh file.ps1`.
pub(super) fn powershell(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let mut rest = call.args.iter();
    while let Some(arg) = rest.next() {
        let lower = arg.text.to_ascii_lowercase();
        match lower.as_str() {
            "-c" | "-command" | "/c" => {
                let texts: Vec<&str> = rest.map(|arg| arg.text.as_str()).collect();
                return code(judge, &texts.join(" "));
            }
            _ if lower.starts_with("-e") && "-encodedcommand".starts_with(&lower)
                || lower == "-ec" =>
            {
                judge.find(Intent::Destructive, 80, "shell.runs_decoded");
                return Flow::Local;
            }
            "-file" | "-f" => {
                judge.find(Intent::Write, 50, "shell.runs_file");
                return Flow::Local;
            }
            "-executionpolicy" | "-ep" | "-exec" | "-windowstyle" | "-w" | "-inputformat"
            | "-outputformat" => {
                rest.next();
            }
            _ if lower.starts_with('-') => {}
            _ if lower.ends_with(".ps1") => {
                judge.find(Intent::Write, 50, "shell.runs_file");
                return Flow::Local;
            }
            _ => {
                let mut texts = vec![arg.text.as_str()];
                texts.extend(rest.map(|arg| arg.text.as_str()));
                return code(judge, &texts.join(" "));
            }
        }
    }
    match &call.input.flow {
        Flow::Text(text) => code(judge, text),
        Flow::Empty => {
            judge.find(Intent::Write, 45, "shell.opens_session");
            Flow::Local
        }
        _ => {
            judge.find(Intent::Destructive, 70, "shell.computed_code");
            Flow::Local
        }
    }
}

/// `cmd /c command`.
pub(super) fn cmd(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let start = call
        .args
        .iter()
        .position(|arg| matches!(arg.text.as_str(), "/c" | "/C" | "/k" | "/K"));
    let behind = start.map_or(0, |at| at.saturating_add(1));
    let rest = call.args.get(behind..).unwrap_or_default();
    let texts: Vec<&str> = rest.iter().map(|arg| arg.text.as_str()).collect();
    if texts.is_empty() {
        judge.find(Intent::Write, 45, "shell.opens_session");
        return Flow::Local;
    }
    code(judge, &texts.join(" "))
}

/// How many statements of a text are judged one by one; beyond, it can't be understood.
const STATEMENTS_MAX: usize = 4096;

/// Code of PowerShell or `cmd`: statements end at `;`, `|`, `&`, braces and line ends outside of
/// strings; the first word of each is what runs.
pub(super) fn code(judge: &mut Judge<'_>, text: &str) -> Flow {
    judge.deeper(|judge| statements(judge, text))
}

fn statements(judge: &mut Judge<'_>, text: &str) -> Flow {
    let mut flow = Flow::Empty;
    let mut is_piped = false;
    for (count, (words, end)) in (Statements { rest: text }).enumerate() {
        if count >= STATEMENTS_MAX {
            judge.find(Intent::Destructive, 50, "shell.too_deep");
            break;
        }
        let input = Input {
            flow: if is_piped { flow } else { Flow::Empty },
            is_piped,
        };
        flow = statement(judge, &words, input);
        is_piped = end == b'|';
    }
    Flow::Local
}

fn statement(judge: &mut Judge<'_>, words: &[Arg], input: Input) -> Flow {
    let mut words = words;
    // `$x = command`
    if let [variable, equals, rest @ ..] = words
        && variable.text.starts_with('$')
        && equals.text == "="
    {
        words = rest;
    }
    let Some((first, rest)) = words.split_first() else {
        return input.flow;
    };
    let lower = first.text.to_ascii_lowercase();
    if lower.contains("::delete") || lower.ends_with(".delete") {
        judge.find(Intent::Destructive, 75, "powershell.deletes");
    }
    if lower.contains("downloadstring") {
        judge.find(Intent::Read, 60, "network.fetches");
        return Flow::Download;
    }
    if lower.contains("uploadstring")
        || lower.contains("uploadfile")
        || lower.contains("uploaddata")
    {
        judge.find(Intent::Exfiltrative, 80, "network.sends_data");
        return Flow::Local;
    }
    let is_name = first
        .text
        .starts_with(|c: char| c.is_ascii_alphabetic() || c == '.' || c == '\\');
    if !is_name || KEYWORDS.contains(&lower.as_str()) {
        judge.find(Intent::Read, 50, "powershell.expression");
        return statement_behind(judge, &lower, rest, input);
    }
    let args: Vec<Arg> = words.to_vec();
    judge.run(&args, input)
}

/// Behind a word like `return` or `if` a command may follow.
fn statement_behind(judge: &mut Judge<'_>, word: &str, rest: &[Arg], input: Input) -> Flow {
    match KEYWORDS.contains(&word) && !rest.is_empty() {
        true => judge.run(rest, input),
        false => Flow::Local,
    }
}

const KEYWORDS: [&str; 8] = [
    "return", "else", "try", "finally", "do", "begin", "process", "end",
];

/// Reads statements, each with the byte that ended it.
struct Statements<'a> {
    rest: &'a str,
}

impl Iterator for Statements<'_> {
    type Item = (Vec<Arg>, u8);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut words: Vec<Arg> = Vec::new();
        let mut is_open = false;
        let mut quote = None;
        for (at, character) in self.rest.char_indices() {
            match (quote, character) {
                (Some(open), _) if open == character => quote = None,
                (None, '"' | '\'') => {
                    quote = Some(character);
                    if !is_open {
                        words.push(Arg::default());
                        is_open = true;
                    }
                }
                (None, ';' | '\n' | '|' | '&' | '{' | '}' | '(' | ')') => {
                    self.rest = self.rest.get(at.saturating_add(1)..).unwrap_or_default();
                    let end = u8::try_from(character).unwrap_or_default();
                    return Some((words, end));
                }
                (None, ' ' | '\t' | '\r' | '^' | '`') => is_open = false,
                _ => {
                    if !is_open {
                        words.push(Arg::default());
                        is_open = true;
                    }
                    if let Some(last) = words.last_mut() {
                        last.text.push(character);
                        last.is_dynamic |= character == '$';
                    }
                }
            }
        }
        self.rest = "";
        Some((words, b';'))
    }
}

/// Short names of cmdlets that no other shell has.
const ALIASES: &[(&str, &str)] = &[
    ("iex", "invoke-expression"),
    ("iwr", "invoke-webrequest"),
    ("irm", "invoke-restmethod"),
    ("gci", "get-childitem"),
    ("gc", "get-content"),
    ("ri", "remove-item"),
    ("gps", "get-process"),
    ("gsv", "get-service"),
    ("spps", "stop-process"),
    ("ni", "new-item"),
    ("cpi", "copy-item"),
    ("mi", "move-item"),
    ("icm", "invoke-command"),
    ("ogv", "out-gridview"),
    ("clc", "clear-content"),
];
