//! Shells and interpreters: their code is judged, wherever it comes from.

use varistor_model::Intent;

use super::expand::Arg;
use super::flow::Flow;
use super::judge::{Call, Input, Judge};
use super::programs;
use crate::{Language, script as scripts};

/// `sh -c`, `bash file`, `.. | sh`.
pub(super) fn shell(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let mut rest = call.args.iter();
    let mut is_checked_only = false;
    while let Some(arg) = rest.next() {
        let text = arg.text.as_str();
        match text {
            "-o" | "-O" | "--rcfile" | "--init-file" | "+o" => {
                rest.next();
            }
            "-" | "/dev/stdin" | "--" => {}
            _ if text.starts_with("--") || text.starts_with('+') => {}
            _ if text.starts_with('-') && text.contains('c') => {
                let code = rest.find(|arg| !arg.text.starts_with('-'));
                let Some(code) = code else {
                    judge.find(Intent::Write, 40, "shell.unreadable");
                    return Flow::Local;
                };
                return code_text(judge, code);
            }
            _ if text.starts_with('-') => {
                is_checked_only |= text.contains('n');
                if text.contains('s') {
                    return input(judge, &call.input);
                }
            }
            _ if is_checked_only => {
                judge.find(Intent::Read, 85, "shell.checks_syntax");
                return Flow::Local;
            }
            _ => return file(judge, arg, "shell.runs_file"),
        }
    }
    input(judge, &call.input)
}

/// Code in an argument.
fn code_text(judge: &mut Judge<'_>, code: &Arg) -> Flow {
    hidden(judge, code.pipe.as_ref());
    judge.text(&code.text)
}

/// Code whose origin is known, but not its text.
fn hidden(judge: &mut Judge<'_>, flow: Option<&Flow>) {
    match flow {
        Some(Flow::Download) => judge.find(Intent::Destructive, 92, "shell.runs_download"),
        Some(Flow::Decoded) => judge.find(Intent::Destructive, 90, "shell.runs_decoded"),
        Some(Flow::Local) => judge.find(Intent::Destructive, 55, "shell.computed_code"),
        Some(Flow::Empty | Flow::Text(_)) | None => {}
    }
}

/// Code that is piped in.
pub(super) fn input(judge: &mut Judge<'_>, input: &Input) -> Flow {
    match &input.flow {
        Flow::Text(text) => return judge.text(text),
        Flow::Empty if input.is_piped => {
            judge.find(Intent::Destructive, 55, "shell.computed_code");
        }
        Flow::Empty => judge.find(Intent::Write, 45, "shell.opens_session"),
        Flow::Local => judge.find(Intent::Destructive, 50, "shell.computed_code"),
        flow => hidden(judge, Some(flow)),
    }
    Flow::Local
}

/// Code in a file.
fn file(judge: &mut Judge<'_>, arg: &Arg, evidence: &'static str) -> Flow {
    let is_url = arg.text.contains("://") && !arg.text.starts_with("file:");
    if is_url || judge.is_downloaded(&arg.text) {
        judge.find(Intent::Destructive, 88, "shell.runs_download");
    } else if arg.pipe.is_some() {
        hidden(judge, arg.pipe.as_ref());
    }
    judge.find(Intent::Write, 50, evidence);
    Flow::Local
}

/// `eval words`: put together and read again.
pub(super) fn eval(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    for arg in call.args {
        hidden(judge, arg.pipe.as_ref());
    }
    let texts: Vec<&str> = call.args.iter().map(|arg| arg.text.as_str()).collect();
    judge.text(&texts.join(" "))
}

/// `source file`.
pub(super) fn source(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    match call.args.first() {
        Some(arg) if arg.text == "/dev/stdin" => input(judge, &call.input),
        Some(arg) => file(judge, arg, "shell.sources_file"),
        None => Flow::Empty,
    }
}

/// `trap 'code' SIGNAL`.
pub(super) fn trap(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    judge.find(Intent::Read, 80, "shell.reads");
    match call.args.first() {
        Some(code) if !code.text.starts_with('-') => judge.text(&code.text),
        _ => Flow::Empty,
    }
}

/// `alias name=code`: it may run later.
pub(super) fn alias(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    judge.find(Intent::Read, 75, "shell.reads");
    for arg in call.args {
        if let Some((_, code)) = arg.text.split_once('=') {
            judge.text(code);
        }
    }
    Flow::Empty
}

/// The language that a program of this name runs: `python3.12` is Python.
pub(super) fn language(name: &str) -> Option<Language> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    match stem {
        "lua" | "luajit" | "Rscript" | "R" | "julia" | "osascript" | "tclsh" | "expect"
        | "groovy" | "scala" | "elixir" | "erl" | "clojure" | "racket" | "guile" | "sbcl"
        | "octave" | "jshell" | "ghci" | "runghc" | "ocaml" | "swift-repl" | "bunx" => {
            Some(Language::Unknown)
        }
        "py" | "js" | "ts" | "rb" | "pl" | "ps" | "shell" | "typescript" | "javascript" => None,
        _ => Language::named(stem),
    }
}

/// `python -c`, `node -e`, `perl -ne`, `ruby file`, `.. | python`.
pub(super) fn script(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let language = language(call.name).unwrap_or(Language::Unknown);
    let mut rest = call.args.iter();
    while let Some(arg) = rest.next() {
        let text = arg.text.as_str();
        match text {
            "-" | "--" | "run" | "repl" => {}
            "-m" if language == Language::Python => {
                return module(judge, call, rest.as_slice());
            }
            "-W" | "-X" | "-r" | "-I" | "--require" | "--import" if language != Language::Php => {
                rest.next();
            }
            _ if is_code_option(language, text) => {
                if language == Language::Perl && text.contains('i') {
                    judge.find(Intent::Write, 75, "script.edits_files");
                }
                return rest
                    .next()
                    .map_or(Flow::Local, |code| inline(judge, language, code));
            }
            _ if text.starts_with('-') => {}
            _ => {
                let effects = crate::path(text, crate::Access::Read);
                judge.effects.extend(&effects);
                return file(judge, arg, "script.runs_file");
            }
        }
    }
    match &call.input.flow {
        Flow::Text(text) => inline(judge, language, &Arg::known(text)),
        _ => input(judge, &call.input),
    }
}

fn inline(judge: &mut Judge<'_>, language: Language, code: &Arg) -> Flow {
    match &code.pipe {
        Some(Flow::Local) | None => {}
        flow => hidden(judge, flow.as_ref()),
    }
    let effects = scripts::nested(language, &code.text, judge.outside, judge.depth);
    judge.effects.extend(&effects);
    Flow::Local
}

fn is_code_option(language: Language, text: &str) -> bool {
    let is_cluster = text.starts_with('-') && !text.starts_with("--") && text.len() <= 6;
    let has = |letter: char| is_cluster && text.ends_with(letter);
    match language {
        Language::Python => has('c'),
        Language::JavaScript => {
            has('e') || has('p') || matches!(text, "--eval" | "--print" | "eval")
        }
        Language::Php => has('r'),
        Language::Perl => has('e') || has('E'),
        _ => has('e') || matches!(text, "--eval" | "--execute"),
    }
}

/// `python -m module`.
fn module(judge: &mut Judge<'_>, call: &Call<'_>, rest: &[Arg]) -> Flow {
    let Some((name, args)) = rest.split_first() else {
        return Flow::Local;
    };
    match name.text.as_str() {
        "http.server" | "SimpleHTTPServer" | "pyftpdlib" => {
            let is_local = args
                .iter()
                .any(|arg| matches!(arg.text.as_str(), "127.0.0.1" | "localhost"));
            match is_local {
                true => judge.find(Intent::Read, 70, "server.serves_locally"),
                false => judge.find(Intent::Exfiltrative, 65, "server.publishes_folder"),
            }
        }
        "json.tool" | "timeit" | "this" | "tokenize" | "ast" | "dis" | "platform" | "site"
        | "calendar" | "sysconfig" | "pydoc" | "py_compile" => {
            judge.find(Intent::Read, 85, "script.reads")
        }
        "pip" | "pytest" | "twine" | "black" | "ruff" | "mypy" | "poetry" | "uv" | "pre_commit" => {
            let call = Call {
                name: name.text.as_str(),
                program: call.program,
                args,
                input: call.input.clone(),
            };
            return programs::run(judge, call);
        }
        _ => judge.find(Intent::Write, 55, "script.runs_module"),
    }
    Flow::Local
}
