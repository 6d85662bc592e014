//! What a server wants to know: from flags, from a file, from standard input, or from whoever sits
//! at the terminal. Secrets come from no flag, where every process could read them.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use varistor_onboard::catalogue::{Answers, Question, fault, secret_name};
use varistor_vault::Vault;
use zeroize::Zeroizing;

use super::show::asked;
use crate::exit::wrong;
use crate::output::{self, plain};
use crate::{nearest, terminal};

/// Largest file of values, in bytes.
const BYTES_MAX: u64 = 1 << 20;

/// Where answers come from.
pub(super) struct Sources<'s> {
    /// The server's name in the policy.
    pub(super) server: &'s str,
    /// `NAME=VALUE` of the command line.
    pub(super) set: &'s [String],
    /// A file of such lines.
    pub(super) values: Option<&'s Path>,
    /// Optional questions that are to be asked too.
    pub(super) with: &'s [String],
    /// Whether nobody is to be asked, and nothing is to be read.
    pub(super) is_dry: bool,
}

/// The answers to these questions.
pub(super) fn gathered(
    questions: &[Question],
    sources: &Sources<'_>,
    vault: Option<&Vault>,
) -> anyhow::Result<Answers> {
    let mut answers = Answers::default();
    for given in sources.set {
        let (key, value) = pair(given, "--set")?;
        let question = known(questions, key)?;
        if question.is_secret {
            return Err(wrong(format!(
                "{key} is a secret, and what stands in a command line every process can read; \
                 leave it out to be asked, or put it into a file: --values FILE"
            )));
        }
        give(&mut answers, question, value)?;
    }
    if let Some(path) = sources.values {
        from_file(questions, path, &mut answers)?;
    }
    keep(questions, sources.server, vault, &mut answers)?;
    if sources.is_dry {
        stand_in(questions, &mut answers);
        return Ok(answers);
    }
    ask(questions, sources, &mut answers)?;
    let missing: Vec<&Question> = questions
        .iter()
        .filter(|question| is_missing(question, &answers))
        .collect();
    if missing.is_empty() {
        return Ok(answers);
    }
    let missing: Vec<String> = missing
        .iter()
        .map(|question| format!("  {}", plain(&asked(question))))
        .collect();
    Err(wrong(format!(
        "nobody is there to ask, and this is missing:\n{}\nput it into a file for its owner alone, \
         a line NAME=VALUE each: --values FILE (- for standard input); what is no secret may be \
         said with --set NAME=VALUE",
        missing.join("\n")
    )))
}

fn pair<'t>(given: &'t str, of: &str) -> anyhow::Result<(&'t str, &'t str)> {
    let pair = given
        .split_once('=')
        .map(|(key, value)| (key.trim(), value));
    // What is no pair may be a secret; it is not repeated.
    pair.ok_or_else(|| wrong(format!("{of} takes NAME=VALUE")))
}

fn known<'q>(questions: &'q [Question], key: &str) -> anyhow::Result<&'q Question> {
    let found = questions.iter().find(|question| question.key == key);
    found.ok_or_else(|| {
        let hint = nearest::hint(key, questions.iter().map(|it| it.key.as_str()));
        wrong(format!("it does not want to know `{key}`{hint}"))
    })
}

fn give(answers: &mut Answers, question: &Question, value: &str) -> anyhow::Result<()> {
    if let Some(fault) = fault(question, value) {
        return Err(wrong(fault));
    }
    if answers.has(&question.key) && !question.is_repeated {
        return Err(wrong(format!("{} is said twice", question.key)));
    }
    answers.give(&question.key, Zeroizing::new(value.to_owned()));
    Ok(())
}

/// `NAME=VALUE` lines; comments and blank lines are skipped.
fn from_file(questions: &[Question], path: &Path, answers: &mut Answers) -> anyhow::Result<()> {
    let text = match path.as_os_str() == "-" {
        true => terminal::piped()?,
        false => read(path)?,
    };
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let (key, value) = pair(line, "each line of --values")?;
        give(answers, known(questions, key)?, value)?;
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| wrong(format!("{shown}: {error}"));
    let data = std::fs::metadata(path).map_err(unreadable)?;
    if data.len() > BYTES_MAX {
        return Err(wrong(format!("{shown} is larger than 1 MiB")));
    }
    if data.mode() & 0o077 != 0 {
        output::warning(&format!("{shown} can be read by others: chmod 600 {shown}"));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Ok(Zeroizing::new(text))
}

/// What the vault has for this server already is kept; what it has for others is in the way.
fn keep(
    questions: &[Question],
    server: &str,
    vault: Option<&Vault>,
    answers: &mut Answers,
) -> anyhow::Result<()> {
    for question in questions.iter().filter(|question| question.is_secret) {
        let name = secret_name(server, &question.key);
        let is_there = vault.is_some_and(|vault| vault.names().any(|kept| kept.name == name));
        if !is_there {
            continue;
        }
        let is_given = answers.has(&question.key);
        let is_for_it = vault.is_some_and(|vault| vault.get(&name, server).is_ok());
        if is_given || !is_for_it {
            return Err(wrong(format!(
                "the vault has a secret {name} already{}; `varictl vault rm {name}` takes it away, \
                 and --as gives the server another name",
                if is_for_it {
                    ""
                } else {
                    ", which this server may not get"
                }
            )));
        }
        answers.keep(&question.key);
    }
    Ok(())
}

/// Whether it can't do without an answer that nobody has given.
fn is_missing(question: &Question, answers: &Answers) -> bool {
    question.is_required && question.default.is_none() && !answers.has(&question.key)
}

/// For a look at what would be done: names in the place of values.
fn stand_in(questions: &[Question], answers: &mut Answers) {
    let missing: Vec<&Question> = questions
        .iter()
        .filter(|question| is_missing(question, answers))
        .collect();
    for question in missing {
        let value = match question.format.as_str() {
            "filepath" => format!("/{}", question.key.trim_start_matches('-')),
            _ => question.key.trim_start_matches('-').to_uppercase(),
        };
        answers.give(&question.key, Zeroizing::new(value));
    }
}

/// Asks whoever is there. Where standard input is a pipe, one secret may come through it.
fn ask(questions: &[Question], sources: &Sources<'_>, answers: &mut Answers) -> anyhow::Result<()> {
    let with: BTreeSet<&str> = sources.with.iter().map(String::as_str).collect();
    for key in &with {
        known(questions, key)?;
    }
    let is_open = |question: &&Question, answers: &Answers| {
        let is_wanted = question.is_required || with.contains(question.key.as_str());
        is_wanted && !answers.has(&question.key)
    };
    if terminal::is_there() {
        let open: Vec<&Question> = questions.iter().filter(|it| is_open(it, answers)).collect();
        for question in open {
            from_person(question, answers)?;
        }
        return Ok(());
    }
    let missing: Vec<&Question> = questions
        .iter()
        .filter(|question| is_missing(question, answers))
        .collect();
    if let [question] = missing.as_slice()
        && question.is_secret
        && sources.values.is_none()
    {
        let text = terminal::piped()?;
        let text = text.trim_end_matches(['\r', '\n']);
        if !text.is_empty() {
            give(answers, question, text)?;
        }
    }
    Ok(())
}

fn from_person(question: &Question, answers: &mut Answers) -> anyhow::Result<()> {
    output::note(&plain(&asked(question)));
    loop {
        let prompt = format!("{}: ", plain(&question.key));
        let typed = match question.is_secret {
            true => terminal::hidden(&prompt),
            false => terminal::asked(&prompt)?,
        };
        let Some(typed) = typed else {
            if question.default.is_some() || !question.is_required {
                return Ok(());
            }
            return Err(wrong(format!(
                "{} is missing; nothing was changed",
                question.key
            )));
        };
        match fault(question, &typed) {
            None => {
                answers.give(&question.key, typed);
                return Ok(());
            }
            Some(fault) => output::warning(&plain(&fault)),
        }
    }
}
