//! Servers that a client starts: the same program for the gateway to start, its credentials in
//! variables. No credential stays in a policy's command line.

use std::collections::BTreeSet;
use std::path::Path;

use zeroize::Zeroizing;

use super::{Draft, Said, Stdio, Why};
use crate::credential::is_credential;
use crate::entry::Program;
use crate::variables::{self, Expanded};

/// Configurations of npm for the whole machine.
const NPM_CONFIGURATIONS: [&str; 3] = ["/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc"];

/// What stood outside of the client's file. Whatever it is, it is not written where it can be read
/// more easily.
#[derive(Default)]
pub(super) struct Kept {
    /// Names of variables.
    pub(super) variables: BTreeSet<String>,
    /// Arguments, whole; paths of what is there are no secrets.
    pub(super) words: Vec<Expanded>,
}

/// Puts variables in, and those of the file and the client's environment among the server's own.
pub(super) fn expanded(given: Program, draft: &Draft<'_, '_>) -> Result<(Program, Kept), Why> {
    let text = |text: &String| draft.expand(text).map(|text| text.to_string());
    let mut env = Vec::with_capacity(given.env.len());
    let Kept {
        variables: mut kept,
        mut words,
    } = Kept::default();
    if let Some(file) = &given.env_file {
        let file = text(file)?;
        let lines = (draft.known.env_file)(&file).ok_or(Why::EnvFile(file))?;
        env.extend(variables_of(&lines));
        kept.extend(env.iter().map(|(name, _)| name.clone()));
    }
    for (name, value) in &given.env {
        env.retain(|(own, _)| own != name);
        kept.remove(name);
        let expanded = draft.expanded(value)?;
        if expanded.kept.is_some() {
            kept.insert(name.clone());
        }
        env.push((name.clone(), expanded.text.to_string()));
    }
    for name in given.inherited {
        if let Some(value) = (draft.known.lookup.env)(&name)
            && !env.iter().any(|(own, _)| *own == name)
        {
            if variables::is_kept(&name) {
                kept.insert(name.clone());
            }
            env.push((name, value.to_string()));
        }
    }
    let mut arguments = Vec::with_capacity(given.arguments.len());
    for argument in &given.arguments {
        let expanded = draft.expanded(argument)?;
        arguments.push(expanded.text.to_string());
        let is_path = !expanded.is_secret && (draft.known.is_path)(&expanded.text);
        if expanded.kept.is_some() && !is_path {
            words.push(expanded);
        }
    }
    let program = Program {
        program: text(&given.program)?,
        arguments,
        env,
        inherited: Vec::new(),
        env_file: None,
        directory: given.directory.as_ref().map(text).transpose()?,
    };
    let variables = kept;
    Ok((program, Kept { variables, words }))
}

/// The server as a policy says it.
pub(super) fn said(given: Program, kept: &Kept, draft: &mut Draft<'_, '_>) -> Result<Said, Why> {
    let program = given.program;
    let is_relative = program.contains('/') && !program.starts_with('/');
    if is_relative
        || given
            .directory
            .as_ref()
            .is_some_and(|it| !it.starts_with('/'))
    {
        let what = if is_relative {
            Some(program)
        } else {
            given.directory
        };
        return Err(Why::Relative(what.unwrap_or_default()));
    }
    if !(draft.known.is_program)(&program) {
        return Err(Why::NoProgram(program));
    }
    let mut stdio = Stdio {
        directory: given.directory,
        ..Stdio::default()
    };
    for (name, value) in &given.env {
        if !is_name(name) {
            return Err(Why::VariableName(name.clone()));
        }
        let is_kept = kept.variables.contains(name) && !value.is_empty();
        let hidden = is_kept || value.contains("${") || is_credential(name, value, draft.detector);
        let said = match hidden {
            true => draft.hide(format!("env {name}"), name, value),
            false => value.clone(),
        };
        stdio.env.push((name.clone(), said));
    }
    let named = given.env.iter().map(|(_, value)| value);
    let paths = given.arguments.iter().chain(named);
    stdio.read = paths
        .filter(|path| (draft.known.is_path)(path))
        .cloned()
        .collect();
    stdio.read.sort_unstable();
    stdio.read.dedup();
    install(&program, &mut stdio, draft);
    let words = hidden_words(&given.arguments, kept, draft);
    if words.iter().any(|word| word.secret.is_some()) {
        stdio.is_relaxed = true;
        wrap(&program, words, &mut stdio, draft);
        draft.notes.push(
            "it wants a credential as an argument, so a shell puts it in when the server starts, \
             and the sandbox is `relaxed`; if it takes a variable instead, prefer that"
                .to_owned(),
        );
    } else {
        stdio.command = [program].into_iter().chain(given.arguments).collect();
    }
    Ok(Said::Stdio(Box::new(stdio)))
}

/// What servers that install themselves need: a folder of their own, and the network for that.
fn install(program: &str, stdio: &mut Stdio, draft: &mut Draft<'_, '_>) {
    let program = program.rsplit('/').next().unwrap_or_default();
    if ["docker", "podman"].contains(&program) {
        draft.notes.push(
            "it runs in a container: it needs the socket of the container engine, which \
             `sandbox: off` or `unix_sockets: true` with the socket under `write` gives it"
                .to_owned(),
        );
        return;
    }
    let cache = draft.known.cache.join(&draft.server);
    let (variables, read) = own_variables(program, &cache, draft.known.is_path);
    if variables.is_empty() {
        return;
    }
    for (name, value) in variables {
        if !stdio.env.iter().any(|(own, _)| *own == name) {
            stdio.env.push((name, value));
        }
    }
    stdio.read.extend(read);
    stdio.cache = Some(cache);
}

/// The variables by which a program that installs servers finds their folder, and what it reads to
/// know where packages are; none for other programs.
pub(crate) fn own_variables(
    program: &str,
    cache: &Path,
    is_path: &dyn Fn(&str) -> bool,
) -> (Vec<(String, String)>, Vec<String>) {
    let own: &[(&str, &str)] = match program {
        "npx" => &[("npm_config_cache", ""), ("npm_config_offline", "false")],
        "uvx" | "uv" => &[("UV_CACHE_DIR", ""), ("UV_OFFLINE", "0")],
        _ => &[],
    };
    let variables = own.iter().map(|(name, value)| {
        let value = match *value {
            "" => cache.display().to_string(),
            value => value.to_owned(),
        };
        ((*name).to_owned(), value)
    });
    // Where the machine says which registry there is.
    let files = NPM_CONFIGURATIONS
        .iter()
        .filter(|path| program == "npx" && is_path(path));
    let read = files.map(|path| (*path).to_owned());
    (variables.collect(), read.collect())
}

/// An argument: what stands before the credential in it, and that.
struct Word {
    plain: String,
    secret: Option<Zeroizing<String>>,
    /// The name that it has there.
    key: String,
}

fn hidden_words(arguments: &[String], kept: &Kept, draft: &mut Draft<'_, '_>) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let option = words
            .last()
            .map(|word| word.plain.clone())
            .unwrap_or_default();
        let same = kept.words.iter().filter(|word| *word.text == *argument);
        let begin = same.filter_map(|word| Some(word.kept.as_ref()?.start));
        let (plain, secret, key) = match begin.min() {
            Some(begin) => kept_parts(argument, begin, &option),
            None => parts(argument, &option, draft),
        };
        words.push(Word {
            plain: plain.to_owned(),
            secret: secret.map(|secret| Zeroizing::new(secret.to_owned())),
            key,
        });
    }
    words
}

/// Takes an argument apart whose secret begins at this byte; an `=` before that ends a name.
fn kept_parts<'a>(
    argument: &'a str,
    begin: usize,
    option: &str,
) -> (&'a str, Option<&'a str>, String) {
    let is_option = option.starts_with('-') && !option.contains('=');
    match argument.split_once('=') {
        Some((name, value)) if name.len() < begin && !name.contains("://") => {
            let (plain, _) = argument.split_at(argument.len().saturating_sub(value.len()));
            (plain, Some(value), name.trim_start_matches('-').to_owned())
        }
        _ if is_option => (
            "",
            Some(argument),
            option.trim_start_matches('-').to_owned(),
        ),
        _ => ("", Some(argument), "argument".to_owned()),
    }
}

/// Takes an argument apart; `option` is the one before it.
fn parts<'a>(
    argument: &'a str,
    option: &str,
    draft: &mut Draft<'_, '_>,
) -> (&'a str, Option<&'a str>, String) {
    let mut is = |name: &str, value: &str| is_credential(name, value, draft.detector);
    // --api-key VALUE
    let follows = option.starts_with('-') && !option.contains('=') && !argument.starts_with('-');
    let is_header = argument.split_once(':').is_some_and(|(name, value)| {
        !value.starts_with("//")
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    if follows && !is_header && is(option, argument) {
        return (
            "",
            Some(argument),
            option.trim_start_matches('-').to_owned(),
        );
    }
    // --api-key=VALUE, NAME=VALUE, Authorization: VALUE
    for (mark, skip) in [('=', 1), (':', 1)] {
        let Some(at) = argument.find(mark).filter(|_| mark == '=' || is_header) else {
            continue;
        };
        let (name, value) = argument.split_at(at);
        let value = value.get(skip..).unwrap_or_default();
        let blanks = value.len().saturating_sub(value.trim_start().len());
        if !name.contains("://") && is(name, value.trim_start()) {
            let from = at.saturating_add(skip).saturating_add(blanks);
            let (plain, secret) = argument.split_at(from);
            return (plain, Some(secret), name.trim_start_matches('-').to_owned());
        }
    }
    match !argument.starts_with('-') && is("argument", argument) {
        true => ("", Some(argument), "argument".to_owned()),
        false => (argument, None, String::new()),
    }
}

/// A shell that replaces itself by the program, with the credentials from its variables.
fn script(program: &str, words: &[(String, Option<String>)]) -> String {
    let mut script = format!("exec {}", quoted(program));
    for (plain, variable) in words {
        script.push(' ');
        match variable {
            None => script.push_str(&quoted(plain)),
            Some(variable) => {
                if !plain.is_empty() {
                    script.push_str(&quoted(plain));
                }
                script.push_str(&format!("\"${variable}\""));
            }
        }
    }
    script
}

fn wrap(program: &str, words: Vec<Word>, stdio: &mut Stdio, draft: &mut Draft<'_, '_>) {
    let mut said = Vec::with_capacity(words.len());
    for (number, word) in (1..).zip(words) {
        let variable = word.secret.map(|secret| {
            let variable = format!("ARGUMENT_{number}");
            let hidden = draft.hide(format!("argument {number}"), &word.key, &secret);
            stdio.env.push((variable.clone(), hidden));
            variable
        });
        said.push((word.plain, variable));
    }
    stdio.command = vec!["sh".to_owned(), "-c".to_owned(), script(program, &said)];
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// `KEY=VALUE` lines; comments, blank lines and `export` are skipped, quotes taken off.
fn variables_of(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim);
    let said = lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let line = line.strip_prefix("export ").unwrap_or(line);
            let (name, value) = line.split_once('=')?;
            let value = value.trim();
            let unquoted = ['"', '\''].iter().find_map(|quote| {
                let inside = value.strip_prefix(*quote)?;
                inside.strip_suffix(*quote)
            });
            Some((name.trim().to_owned(), unquoted.unwrap_or(value).to_owned()))
        });
    said.collect()
}

pub(crate) fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = text.starts_with(|c: char| c.is_ascii_digit()) || text.starts_with("VARISTOR_");
    !text.is_empty() && text.len() <= 256 && text.chars().all(allowed) && !begins
}
