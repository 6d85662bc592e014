//! Walks over the tokens of a script: assignments of literals, calls, and what goes along.

use std::collections::HashMap;

use varistor_model::Intent;

use super::acts::{self, Act};
use super::arguments::Arguments;
use super::imports;
use super::tokens::Token;
use crate::{Access, Effect, Effects, Language, Outside, http, path, shell, sql, words};

/// How many names of literals are remembered.
const LITERALS_MAX: usize = 64;

/// What is known while tokens are walked over.
pub(super) struct Judge<'o> {
    pub(super) language: Language,
    pub(super) outside: &'o dyn Outside,
    depth: usize,
    pub(super) effects: Effects,
    pub(super) literals: HashMap<String, String>,
    /// Whether the token looked at is printed by itself.
    pub(super) is_printed: bool,
    /// What names stand for that were imported.
    aliases: HashMap<String, String>,
    /// Names that stand for something in memory.
    in_memory: Vec<String>,
    /// Whether the module that runs commands was named.
    has_processes: bool,
}

impl<'o> Judge<'o> {
    pub(super) fn new(language: Language, outside: &'o dyn Outside, depth: usize) -> Self {
        Self {
            language,
            outside,
            depth,
            effects: Effects::default(),
            literals: HashMap::new(),
            is_printed: false,
            aliases: HashMap::new(),
            in_memory: Vec::new(),
            has_processes: false,
        }
    }

    pub(super) fn find(&mut self, intent: Intent, percent: u8, evidence: &'static str) {
        self.effects.push(Effect::new(intent, percent, evidence));
    }

    pub(super) fn tokens(&mut self, tokens: &[Token<'_>]) {
        self.aliases = imports::aliases(self.language, tokens);
        for (at, token) in tokens.iter().enumerate() {
            let behind = tokens.get(at.saturating_add(1)..).unwrap_or_default();
            let printed = at.checked_sub(2).and_then(|at| tokens.get(at..));
            self.is_printed = matches!(
                printed,
                Some(
                    [
                        Token::Word("print" | "puts" | "console.log" | "echo" | "println"),
                        Token::Sign(b'('),
                        ..
                    ] | [_, Token::Word("println" | "puts"), ..]
                )
            );
            match token {
                Token::Command(text) => self.command(text),
                Token::Word(name) => self.word(
                    name,
                    behind,
                    at.checked_sub(1).and_then(|at| tokens.get(at)),
                ),
                Token::Sign(b'.') => self.method(behind),
                Token::Text(text) => self.has_processes |= text.ends_with("child_process"),
                Token::Sign(_) | Token::Line => {}
            }
        }
    }

    /// A call behind something that is no name: `Path("x").unlink()`.
    fn method(&mut self, behind: &[Token<'_>]) {
        if let [Token::Word(name), Token::Sign(b'('), rest @ ..] = behind {
            let dotted = format!("_.{name}");
            let arguments = self.arguments(rest);
            self.call(&dotted, &arguments);
        }
    }

    fn word(&mut self, name: &str, behind: &[Token<'_>], before: Option<&Token<'_>>) {
        let is_member = matches!(before, Some(Token::Sign(b'.')));
        let is_defined = matches!(
            before,
            Some(Token::Word(
                "def" | "function" | "func" | "fn" | "class" | "sub"
            ))
        );
        let dotted = if is_member {
            format!("_.{name}")
        } else {
            String::new()
        };
        let name = if is_member { dotted.as_str() } else { name };
        match behind {
            [Token::Sign(b'('), rest @ ..] if !is_member && !is_defined => {
                let arguments = self.arguments(rest);
                self.call(name, &arguments);
            }
            // `system "text"`, `unlink $file`: languages whose calls need no parentheses.
            [Token::Text(_) | Token::Word(_), ..]
                if matches!(
                    self.language,
                    Language::Ruby | Language::Perl | Language::Php
                ) =>
            {
                if acts::of(self.language, name).is_some() {
                    let arguments = self.arguments(behind);
                    self.call(name, &arguments);
                }
            }
            [Token::Sign(b'='), Token::Text(text), rest @ ..] => {
                self.assign(name, text, rest);
            }
            [Token::Sign(b'='), Token::Sign(b'='), ..] => {}
            [
                Token::Sign(b'='),
                Token::Word("new"),
                Token::Word(class),
                ..,
            ] if IN_MEMORY.contains(class) && self.in_memory.len() < LITERALS_MAX => {
                self.in_memory.push(name.to_owned());
            }
            [Token::Sign(b'='), ..] => self.assigned(name),
            [Token::Sign(b'['), Token::Text(key), ..]
                if name.ends_with("environ") || name.ends_with("ENV") =>
            {
                self.reveal(Some(key), 45);
            }
            _ => self.mentioned(name, behind, before),
        }
    }

    fn assign(&mut self, name: &str, text: &str, rest: &[Token<'_>]) {
        let is_whole = !matches!(rest.first(), Some(Token::Sign(b'+' | b'.' | b'%')));
        if is_whole && self.literals.len() < LITERALS_MAX {
            self.literals.insert(name.to_owned(), text.to_owned());
        }
        let (_, last) = acts::split_last(name);
        let leads = matches!(last, "src" | "href" | "location" | "action");
        if leads && text.contains("//") {
            let host = http::host(text).unwrap_or_default();
            let is_foreign = !host.is_empty() && self.outside.is_foreign_host(host);
            match is_foreign && !is_whole {
                true => self.find(Intent::Exfiltrative, 78, "script.data_in_url"),
                false => self.find(Intent::Read, 60, "script.opens_page"),
            }
        } else {
            self.assigned(name);
        }
    }

    /// Something is given to a property: of a page, it changes what stands there.
    fn assigned(&mut self, name: &str) {
        let (object, last) = acts::split_last(name);
        let on_page = matches!(
            last,
            "innerHTML"
                | "value"
                | "textContent"
                | "cookie"
                | "outerHTML"
                | "checked"
                | "innerText"
        );
        if self.language == Language::JavaScript && on_page && !object.is_empty() {
            self.find(Intent::Write, 60, "script.acts_on_page");
        }
    }

    /// A name that is neither called nor assigned: some are credentials by themselves.
    fn mentioned(&mut self, name: &str, behind: &[Token<'_>], before: Option<&Token<'_>>) {
        match name {
            _ if self.is_printed && name.starts_with("process.env.") => {
                self.reveal(name.rsplit('.').next(), 45);
            }
            _ if self.is_printed && names_credential(name) => {
                self.find(Intent::Exfiltrative, 60, "script.prints_secret");
            }
            "document.cookie" => self.find(Intent::Exfiltrative, 62, "script.reads_cookies"),
            "os.environ" | "process.env" | "localStorage" | "sessionStorage" | "ENV" => {
                let is_given = matches!(before, Some(Token::Sign(b'(')));
                let is_whole = !matches!(behind.first(), Some(Token::Sign(b'[' | b'.')));
                if is_given && is_whole {
                    self.find(Intent::Exfiltrative, 60, "script.reads_environment");
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, name: &str, arguments: &Arguments<'_, '_>) {
        let imported = imports::resolved(&self.aliases, name);
        let name = imported.as_deref().unwrap_or(name);
        if matches!(name, "getattr" | "__getattribute__") && arguments.name_a_danger() {
            return self.find(Intent::Destructive, 60, "script.computed_command");
        }
        let runs_command = self.has_processes && name == "_.exec";
        let known = if runs_command {
            Some(Act::Shell)
        } else {
            acts::of(self.language, name)
        };
        let Some(act) = known else {
            return self.by_verb(name);
        };
        let first = arguments.first.as_deref();
        match act {
            Act::Does(intent, percent, evidence) => self.find(intent, percent, evidence),
            Act::Shell => match first {
                Some(text) => self.shell(name, text, arguments),
                None if name == "exec" && self.language == Language::Unknown => {}
                None => self.find(Intent::Destructive, 50, "script.computed_command"),
            },
            Act::Code => match first {
                Some(text) if !arguments.is_joined => {
                    let depth = self.depth.saturating_add(1);
                    let inner = super::nested(self.language, text, self.outside, depth);
                    self.effects.extend(&inner);
                }
                _ => self.find(Intent::Destructive, 65, "script.computed_code"),
            },
            Act::Sql => self.sql(name, first),
            Act::Reads => self.path(first, Access::Read),
            Act::Writes => self.path(first.or(Some("")), Access::Write),
            Act::Deletes => self.find(Intent::Destructive, 90, "script.deletes_files"),
            Act::Opens => self.open(arguments),
            Act::Requests(method) => self.request(method, arguments),
            // A socket connects to a pair; what connects to a name is a client of something else.
            Act::Sends if name.ends_with(".connect") && !arguments.begins_with(b'(') => {}
            Act::Sends => self.connects(arguments),
            Act::Reveals => self.reveal(first, 50),
        }
    }

    /// A method nobody knows, by the verb that leads its name.
    fn by_verb(&mut self, name: &str) {
        let (object, last) = acts::split_last(name);
        let parts = words::of(last);
        let Some(first) = parts.first().map(String::as_str) else {
            return;
        };
        let is_held = self.in_memory.iter().any(|known| known == object);
        if is_held || (object.is_empty() && parts.len() < 2) {
            return;
        }
        match first {
            "delete" | "destroy" | "purge" | "truncate" | "drop" | "wipe" | "terminate"
            | "revoke" => {
                let is_column = last == "drop_duplicates"
                    || last == "dropna"
                    || (last == "drop" && !object.starts_with("db"));
                if !is_column {
                    self.find(Intent::Destructive, 55, "script.destructive_call");
                }
            }
            "create" | "insert" | "upload" | "send" | "publish" | "save" | "commit" | "post"
                if parts.len() > 1 =>
            {
                let is_page = matches!(last, "createElement" | "createTextNode" | "insertBefore");
                if !is_page {
                    self.find(Intent::Write, 50, "script.writing_call");
                }
            }
            _ => {}
        }
    }

    fn command(&mut self, text: &str) {
        let effects = shell::nested(text, self.outside, self.depth.saturating_add(1));
        self.effects.extend(&effects);
    }

    fn shell(&mut self, name: &str, text: &str, arguments: &Arguments<'_, '_>) {
        // `spawn("rm", ["-rf", dir])`, `system("rm", "-rf", dir)`: the words behind belong to it.
        let is_list = matches!(arguments.tokens.first(), Some(Token::Sign(b'[')));
        let mut line = text.to_owned();
        if !is_list && arguments.tokens.get(1) == Some(&Token::Sign(b',')) {
            let behind = arguments.tokens.iter().skip(2);
            let texts = behind.filter_map(|token| match token {
                Token::Text(text) => Some(text.as_str()),
                _ => None,
            });
            for word in texts.filter(|word| !name.ends_with("exec") || word.starts_with('-')) {
                line.push_str(" '");
                line.push_str(&word.replace('\'', "'\\''"));
                line.push('\'');
            }
        }
        if arguments.is_joined {
            line.push_str(" \"$X\"");
        }
        self.command(&line);
    }

    fn sql(&mut self, name: &str, first: Option<&str>) {
        match first {
            Some(text) if looks_like_sql(text) => self.effects.extend(&sql(text)),
            None if name.contains("execute") && !name.contains('_') => {
                self.find(Intent::Write, 45, "script.computed_sql");
            }
            _ => {}
        }
    }

    fn path(&mut self, first: Option<&str>, access: Access) {
        let effects = path(first.unwrap_or("file"), access);
        self.effects.extend(&effects);
    }

    fn open(&mut self, arguments: &Arguments<'_, '_>) {
        let texts = arguments.tokens.iter().filter_map(|token| match token {
            Token::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let skips = usize::from(matches!(arguments.tokens.first(), Some(Token::Text(_))));
        let mode = texts
            .skip(skips)
            .find(|text| text.len() <= 4 && text.bytes().all(|byte| b"rwaxbt+<>:".contains(&byte)));
        let writes = mode.is_some_and(|mode| mode.contains(['w', 'a', 'x', '+', '>']));
        let access = if writes { Access::Write } else { Access::Read };
        self.path(arguments.first.as_deref(), access);
    }
}

/// Whether a property of something is a credential: `it.password`, `c.secret.plainText`.
fn names_credential(name: &str) -> bool {
    let (object, last) = acts::split_last(name);
    !object.is_empty() && (words::is_secret(last) || last == "plainText")
}

/// Classes of JavaScript whose objects hold something in memory only.
const IN_MEMORY: [&str; 8] = [
    "Map",
    "Set",
    "WeakMap",
    "WeakSet",
    "URLSearchParams",
    "Headers",
    "FormData",
    "LRUCache",
];

fn looks_like_sql(text: &str) -> bool {
    const LEADS: [&str; 24] = [
        "select", "insert", "update", "delete", "drop", "truncate", "alter", "create", "with",
        "grant", "revoke", "copy", "merge", "replace", "pragma", "vacuum", "call", "exec", "begin",
        "explain", "attach", "set", "show", "--",
    ];
    let start = text.trim_start().get(..8).unwrap_or(text.trim_start());
    let word = start
        .split(|c: char| !c.is_ascii_alphabetic() && c != '-')
        .next()
        .unwrap_or_default();
    let lower = word.to_ascii_lowercase();
    LEADS.contains(&lower.as_str()) && text.trim().contains([' ', '\n'])
}
