//! What imported names stand for: `from os import remove`, `import { rm } from "fs"`.

use std::collections::HashMap;

use super::tokens::Token;
use crate::Language;

/// How many imported names are remembered.
const NAMES_MAX: usize = 128;
/// How many tokens one import may have.
const IMPORT_TOKENS_MAX: usize = 48;

/// The names that a script imports, with what they stand for.
pub(super) fn aliases(language: Language, tokens: &[Token<'_>]) -> HashMap<String, String> {
    let mut aliases = HashMap::new();
    for (at, token) in tokens.iter().enumerate() {
        if aliases.len() >= NAMES_MAX {
            break;
        }
        let behind = tokens.get(at.saturating_add(1)..).unwrap_or_default();
        match (language, token, behind) {
            (
                Language::Python,
                Token::Word("from"),
                [Token::Word(module), Token::Word("import"), names @ ..],
            ) => imported(module, names, &mut aliases),
            (
                Language::Python,
                Token::Word("import"),
                [
                    Token::Word(module),
                    Token::Word("as"),
                    Token::Word(alias),
                    ..,
                ],
            ) => {
                aliases.insert((*alias).to_owned(), (*module).to_owned());
            }
            (Language::JavaScript, Token::Text(module), _) if is_module(module) => {
                let from = at.saturating_sub(IMPORT_TOKENS_MAX);
                let before = tokens.get(from..at).unwrap_or_default();
                let start = before.iter().rposition(|token| *token == Token::Sign(b'{'));
                let end = before.iter().rposition(|token| *token == Token::Sign(b'}'));
                if let (Some(start), Some(end)) = (start, end) {
                    let names = before.get(start..end).unwrap_or_default();
                    imported(short(module), names, &mut aliases);
                }
            }
            _ => {}
        }
    }
    aliases
}

/// Takes in names up to the end of the line: `a, b as c`, in parentheses or braces.
fn imported(module: &str, names: &[Token<'_>], aliases: &mut HashMap<String, String>) {
    let mut last = None;
    let mut is_renamed = false;
    for token in names.iter().take(IMPORT_TOKENS_MAX) {
        match token {
            Token::Word("as") => is_renamed = true,
            Token::Word(alias) => {
                let name = if is_renamed {
                    last.unwrap_or(*alias)
                } else {
                    *alias
                };
                aliases.insert((*alias).to_owned(), format!("{module}.{name}"));
                last = Some(*alias);
                is_renamed = false;
            }
            Token::Sign(b':') => is_renamed = true,
            Token::Sign(_) => {}
            Token::Line | Token::Text(_) | Token::Command(_) => break,
        }
    }
}

/// Modules of Node whose functions are known by their names.
fn is_module(module: &str) -> bool {
    matches!(
        short(module),
        "fs" | "child_process" | "fs.promises" | "axios"
    )
}

fn short(module: &str) -> &str {
    let module = module.strip_prefix("node:").unwrap_or(module);
    match module {
        "fs/promises" => "fs.promises",
        module => module,
    }
}

/// A dotted name with its first part replaced by what it stands for.
pub(super) fn resolved(aliases: &HashMap<String, String>, name: &str) -> Option<String> {
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let module = aliases.get(first)?;
    Some(match rest {
        "" => module.clone(),
        rest => format!("{module}.{rest}"),
    })
}
