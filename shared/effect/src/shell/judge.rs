//! Walks a parsed command line: pipelines, redirections, programs.

use varistor_model::Intent;

use super::expand::Arg;
use super::flow::Flow;
use super::syntax::{Command, Direction, Pipeline, Script, Simple};
use super::{parse, programs};
use crate::{Effect, Effects, Outside};

/// How deep code may stand in code: `bash -c "ssh host 'sh -c ...'"`.
const CODE_DEPTH_MAX: usize = 8;
/// How many programs may run each other: `sudo env nice ...`.
const WRAPPERS_MAX: usize = 12;
/// How many bytes the uses of variables may add up to.
const EXPANSION_BYTES_MAX: usize = 64 << 10;
/// How many names of downloaded files and functions are remembered.
const NAMES_MAX: usize = 32;

/// What is known while a text is walked through.
pub(super) struct Judge<'o> {
    pub(super) outside: &'o dyn Outside,
    pub(super) effects: Effects,
    pub(super) variables: Vec<(String, Option<String>)>,
    pub(super) expansion_bytes_left: usize,
    /// How much code this code stands in.
    pub(super) depth: usize,
    /// Files that came from the net.
    pub(super) downloads: Vec<String>,
    /// How many programs run this one.
    wrappers: usize,
    functions: Vec<String>,
    /// Whether the next command of the pipe lets only harmless lines through.
    pub(super) is_narrowed: bool,
    /// Names of git remotes that lie outside.
    remotes: Vec<String>,
}

impl<'o> Judge<'o> {
    pub(super) fn new(outside: &'o dyn Outside, depth: usize) -> Self {
        Self {
            outside,
            effects: Effects::default(),
            variables: Vec::new(),
            expansion_bytes_left: EXPANSION_BYTES_MAX,
            depth,
            downloads: Vec::new(),
            wrappers: 0,
            functions: Vec::new(),
            is_narrowed: false,
            remotes: Vec::new(),
        }
    }

    /// Runs a step one level deeper, or counts what is there as code nobody can follow.
    pub(super) fn deeper(&mut self, step: impl FnOnce(&mut Self) -> Flow) -> Flow {
        if self.depth >= CODE_DEPTH_MAX {
            self.find(Intent::Destructive, 50, "shell.too_deep");
            return Flow::Local;
        }
        self.depth = self.depth.saturating_add(1);
        let flow = step(self);
        self.depth = self.depth.saturating_sub(1);
        flow
    }

    /// Judges a text; code in code goes through here too.
    pub(super) fn text(&mut self, text: &str) -> Flow {
        self.deeper(|judge| judge.read(text))
    }

    fn read(&mut self, text: &str) -> Flow {
        let script = parse::parse(text);
        if script.is_broken {
            self.find(Intent::Destructive, 40, "shell.unreadable");
        }
        let flow = self.list(&script, &script.list);
        if self.effects.is_empty() && !script.list.is_empty() {
            // Assignments, empty loops: nothing runs.
            self.find(Intent::Read, 60, "shell.runs_nothing");
        }
        flow
    }

    pub(super) fn find(&mut self, intent: Intent, percent: u8, evidence: &'static str) {
        self.effects.push(Effect::new(intent, percent, evidence));
    }

    /// Judges pipelines; what the last of them writes, if it is the only one.
    pub(super) fn list(&mut self, script: &Script, list: &[Pipeline]) -> Flow {
        let mut last = Flow::Empty;
        for pipeline in list {
            let flow = self.pipeline(script, pipeline);
            last = match (&last, flow) {
                (Flow::Empty, flow) => flow,
                (_, Flow::Empty) => last,
                (Flow::Download | Flow::Decoded, _) => last,
                (_, Flow::Text(_)) => Flow::Local,
                (_, flow) => flow,
            };
        }
        last
    }

    fn pipeline(&mut self, script: &Script, pipeline: &Pipeline) -> Flow {
        if self.is_bomb(pipeline) {
            self.find(Intent::Destructive, 90, "shell.fork_bomb");
        }
        let mut flow = Flow::Empty;
        for (place, command) in pipeline.commands.iter().enumerate() {
            let input = Input {
                flow,
                is_piped: place > 0,
            };
            let next = pipeline.commands.get(place.saturating_add(1));
            self.is_narrowed = next.is_some_and(narrows);
            flow = self.command(script, command, input);
        }
        self.is_narrowed = false;
        flow
    }

    /// Whether a function calls itself on both sides of a pipe.
    fn is_bomb(&self, pipeline: &Pipeline) -> bool {
        let mut called = pipeline
            .commands
            .iter()
            .filter_map(|command| match command {
                Command::Simple(simple) => simple.words.first().map(super::syntax::Word::plain),
                Command::Group { .. } => None,
            });
        let (Some(first), Some(second)) = (called.next(), called.next()) else {
            return false;
        };
        first == second && self.functions.contains(&first)
    }

    fn command(&mut self, script: &Script, command: &Command, input: Input) -> Flow {
        match command {
            Command::Simple(simple) => self.simple(script, simple, input),
            Command::Group {
                function,
                list,
                redirects,
            } => {
                if let Some(name) = function
                    && self.functions.len() < NAMES_MAX
                {
                    self.functions.push(name.clone());
                }
                let mut input = input;
                let writes = self.redirects(script, redirects, &mut input);
                let flow = self.list(script, list);
                if writes { Flow::Empty } else { flow }
            }
        }
    }

    fn simple(&mut self, script: &Script, simple: &Simple, mut input: Input) -> Flow {
        let mut written = Flow::Empty;
        for (name, word) in &simple.assignments {
            let arg = self.expand_whole(script, word);
            self.assign(name, &arg);
            self.hijacks(name, &arg);
            written = Flow::Empty;
        }
        let mut args = Vec::new();
        for word in &simple.words {
            self.expand(script, word, &mut args);
        }
        let targets = self.targets(simple);
        let writes = self.redirects(script, &simple.redirects, &mut input);
        if args.is_empty() {
            if writes && !input.flow.is_some() {
                self.find(Intent::Destructive, 75, "shell.empties_file");
            }
            return written;
        }
        let nothing = is_nothing(&args);
        if writes && nothing {
            self.find(Intent::Destructive, 75, "shell.empties_file");
        }
        let flow = self.run(&args, input);
        if flow == Flow::Download || flow == Flow::Decoded {
            self.remember_downloads(&targets);
        }
        if writes { Flow::Empty } else { flow }
    }

    /// Where the output goes, as written.
    fn targets(&self, simple: &Simple) -> Vec<String> {
        let outputs = simple
            .redirects
            .iter()
            .filter(|redirect| matches!(redirect.direction, Direction::Write | Direction::Append));
        outputs.map(|redirect| redirect.target.plain()).collect()
    }

    pub(super) fn remember_downloads(&mut self, names: &[String]) {
        let room = NAMES_MAX.saturating_sub(self.downloads.len());
        self.downloads.extend(names.iter().take(room).cloned());
    }

    pub(super) fn remember_remote(&mut self, name: &str) {
        if self.remotes.len() < NAMES_MAX {
            self.remotes.push(name.to_owned());
        }
    }

    pub(super) fn is_remembered_remote(&self, name: &str) -> bool {
        self.remotes.iter().any(|known| known == name)
    }

    /// Whether this file came from the net, by its last part.
    pub(super) fn is_downloaded(&self, name: &str) -> bool {
        let last = |name: &str| name.rsplit('/').next().map(str::to_owned);
        let wanted = last(name);
        self.downloads.iter().any(|known| last(known) == wanted)
    }

    /// Variables that make other programs run something else.
    fn hijacks(&mut self, name: &str, arg: &Arg) {
        let is_hook = matches!(name, "LD_PRELOAD" | "BASH_ENV" | "PROMPT_COMMAND" | "ENV");
        if is_hook && !arg.text.is_empty() {
            self.find(Intent::Destructive, 40, "shell.hooks_program");
        }
    }

    /// Whether a host, as written on a command line, is foreign; an unknown one is.
    pub(super) fn is_foreign(&self, host: &str) -> bool {
        !host.is_empty() && self.outside.is_foreign_host(host)
    }

    /// Judges one program with its arguments.
    pub(super) fn run(&mut self, args: &[Arg], input: Input) -> Flow {
        let Some((program, rest)) = args.split_first() else {
            return Flow::Empty;
        };
        let name = program_name(&program.text);
        if program.pipe.is_some() || name.contains('$') || name.is_empty() {
            self.find(Intent::Destructive, 55, "shell.computed_command");
            return Flow::Local;
        }
        if program.text.contains('/') && self.is_downloaded(&program.text) {
            self.find(Intent::Destructive, 85, "shell.runs_download");
        }
        if self.wrappers >= WRAPPERS_MAX {
            self.find(Intent::Destructive, 50, "shell.too_deep");
            return Flow::Local;
        }
        self.wrappers = self.wrappers.saturating_add(1);
        let call = Call {
            name,
            program: &program.text,
            args: rest,
            input,
        };
        let flow = programs::run(self, call);
        self.wrappers = self.wrappers.saturating_sub(1);
        flow
    }

    /// Whether this is a function defined earlier in the text.
    pub(super) fn is_function(&self, name: &str) -> bool {
        self.functions.iter().any(|known| known == name)
    }
}

/// What a command reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    /// What comes in.
    pub(super) flow: Flow,
    /// Whether another command writes it.
    pub(super) is_piped: bool,
}

/// One program about to run.
pub(super) struct Call<'c> {
    /// The last part of its path, without `.exe`.
    pub(super) name: &'c str,
    /// As written.
    pub(super) program: &'c str,
    /// What stands behind it.
    pub(super) args: &'c [Arg],
    /// What it reads.
    pub(super) input: Input,
}

fn program_name(text: &str) -> &str {
    let last = text.rsplit(['/', '\\']).next().unwrap_or(text);
    let end = last.len().saturating_sub(4);
    match last.get(end..) {
        Some(ending) if ending.eq_ignore_ascii_case(".exe") => last.get(..end).unwrap_or(last),
        _ => last,
    }
}

/// Whether a filter counts lines, or picks those with a word that names no credential.
fn narrows(command: &Command) -> bool {
    let Command::Simple(simple) = command else {
        return false;
    };
    let words: Vec<String> = simple
        .words
        .iter()
        .map(super::syntax::Word::plain)
        .collect();
    let mut rest = words.iter().map(String::as_str);
    match rest.next() {
        Some("wc" | "sha256sum" | "md5sum") => true,
        Some("grep" | "rg" | "egrep") => {
            let counts = words.iter().any(|word| {
                let is_cluster = word.starts_with('-') && !word.starts_with("--");
                (is_cluster && word.contains(['c', 'q'])) || word == "--count" || word == "--quiet"
            });
            if counts {
                return true;
            }
            let mut picked = rest.filter(|word| !word.starts_with('-')).peekable();
            let lower = |word: &str| word.to_ascii_lowercase();
            let has = |word: &str, list: &[&str]| list.iter().any(|one| lower(word).contains(one));
            picked.peek().is_some_and(|word| has(word, &HARMLESS))
                && !words
                    .iter()
                    .any(|word| word.contains('v') && word.starts_with('-'))
                && !picked.any(|word| has(word, &NARROW))
        }
        _ => false,
    }
}

/// What names variables that hold none.
const HARMLESS: [&str; 30] = [
    "lc_", "lang", "path", "home", "shell", "term", "user", "host", "xdg", "editor", "tz",
    "display", "node_env", "version", "proxy", "debug", "log", "port", "region", "mode", "locale",
    "gopath", "rust", "cargo", "python", "java", "conda", "venv", "virtual", "pager",
];

/// What names credentials, in a pattern.
const NARROW: [&str; 10] = [
    "key", "secret", "token", "pass", "pwd", "cred", "auth", "aws", "api", ".*",
];

/// Whether a command writes nothing at all: `:`, `true`, `cat /dev/null`, `echo -n ""`.
fn is_nothing(args: &[Arg]) -> bool {
    let texts: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
    matches!(
        texts.as_slice(),
        [":" | "true"]
            | ["cat", "/dev/null"]
            | ["echo", "-n"]
            | ["echo", "-n", ""]
            | ["printf", ""]
    )
}
