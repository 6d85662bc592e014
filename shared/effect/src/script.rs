//! What a script does: its calls, told from strings and comments by a tokenizer.
//!
//! What counts is which functions are called and with which literals. A name given to a literal is
//! followed once; anything else that is computed and then run counts as destructive. A script that
//! only computes and prints is read.

mod acts;
mod arguments;
mod calls;
mod imports;
mod requests;
pub(crate) mod tokens;

use varistor_model::Intent;

use crate::{Effect, Effects, Language, Outside, shell};

/// How deep code may stand in code.
const DEPTH_MAX: usize = 8;

/// What running this script would do. Empty text has no effects.
#[must_use]
pub fn script(language: Language, text: &str, outside: &dyn Outside) -> Effects {
    nested(language, text, outside, 0)
}

/// As [`script`], for a text that stands `depth` levels deep in other code.
pub(crate) fn nested(
    language: Language,
    text: &str,
    outside: &dyn Outside,
    depth: usize,
) -> Effects {
    if depth >= DEPTH_MAX {
        return Effects::of(Effect::new(Intent::Destructive, 50, "script.too_deep"));
    }
    if text.trim().is_empty() {
        return Effects::none();
    }
    match language {
        Language::Shell => return shell::nested(text, outside, depth),
        Language::PowerShell => return shell::powershell(text, outside, depth),
        _ => {}
    }
    let read = tokens::read(language, text);
    let mut judge = calls::Judge::new(language, outside, depth);
    judge.tokens(&read.tokens);
    let mut effects = judge.effects;
    if mails_outside(&read.tokens, &effects, outside) {
        effects.push(Effect::new(
            Intent::Exfiltrative,
            72,
            "mail.sends_file_outside",
        ));
    }
    if uploads_outside(&read.tokens, &effects, outside) {
        effects.push(Effect::new(
            Intent::Exfiltrative,
            70,
            "script.uploads_outside",
        ));
    }
    if language == Language::Unknown
        && let Some(effect) = changes_records(text)
    {
        effects.push(effect);
    }
    if presses_deletion(&read.tokens, &effects) {
        effects.push(Effect::new(
            Intent::Destructive,
            62,
            "script.presses_deletion",
        ));
    }
    for inner in read.inner {
        effects.extend(&nested(language, &inner, outside, depth.saturating_add(1)));
    }
    if read.is_broken {
        effects.push(Effect::new(Intent::Write, 40, "script.unreadable"));
    }
    if effects.is_empty() {
        let percent = if language == Language::Unknown {
            55
        } else {
            78
        };
        effects.push(Effect::new(Intent::Read, percent, "script.computes"));
    }
    effects
}

/// What a statement does that is a verb and what it is done to, as Apex has it:
/// `delete [SELECT Id FROM Lead];`, `insert lead;`.
fn changes_records(text: &str) -> Option<Effect> {
    let statements = text.split([';', '{', '}', '\n']);
    let done = statements.filter_map(|statement| {
        let (verb, object) = statement.trim_start().split_once(' ')?;
        let object = object.trim_start();
        let is_object = object.starts_with(|first: char| first == '[' || first.is_alphabetic());
        let is_word = |part: &str| !part.contains(['(', '=', ',', ':']);
        let is_plain = object.starts_with('[') || object.starts_with("new ") || is_word(object);
        let verb = verb.to_ascii_lowercase();
        match verb.as_str() {
            "delete" | "merge" if is_object && is_plain => Some(Intent::Destructive),
            "insert" | "update" | "upsert" | "undelete" if is_object && is_plain => {
                Some(Intent::Write)
            }
            _ => None,
        }
    });
    let gravest = done.max()?;
    Some(Effect::new(gravest, 62, "script.changes_records"))
}

/// Whether a script acts on a page, and names a part of it after a deletion: `#delete-account`.
fn presses_deletion(tokens: &[tokens::Token<'_>], effects: &Effects) -> bool {
    let acts = effects
        .iter()
        .any(|one| one.evidence == "script.acts_on_page");
    acts && tokens.iter().any(|token| match token {
        tokens::Token::Text(text) => crate::words::of(text)
            .iter()
            .any(|word| matches!(word.as_str(), "delete" | "destroy" | "terminate")),
        _ => false,
    })
}

/// Whether a script uploads something, and names a foreign host.
fn uploads_outside(tokens: &[tokens::Token<'_>], effects: &Effects, outside: &dyn Outside) -> bool {
    let uploads = effects.iter().any(|one| one.evidence == "script.uploads");
    uploads
        && tokens.iter().any(|token| match token {
            tokens::Token::Text(text) if text.contains("://") => {
                crate::http::host(text).is_some_and(|host| outside.is_foreign_host(host))
            }
            _ => false,
        })
}

/// Whether a script that reads a file or a database sends mail, and names an address outside.
fn mails_outside(tokens: &[tokens::Token<'_>], effects: &Effects, outside: &dyn Outside) -> bool {
    let has = |wanted: &[&str]| effects.iter().any(|one| wanted.contains(&one.evidence));
    if !has(&["mail.sends"]) || !has(&["path.read", "sql.select", "sql.reads_people"]) {
        return false;
    }
    tokens.iter().any(|token| match token {
        tokens::Token::Text(text) => {
            let is_address = text.contains('@') && !text.trim().contains([' ', '/']);
            is_address && outside.is_foreign_mail(text.trim())
        }
        _ => false,
    })
}
