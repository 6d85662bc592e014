//! What a server finds when it starts: variables of its environment, files in its directory.

use varistor_snapshot::schema::Variable;

use crate::context::Context;
use crate::problem::{Report, Wrong, quote};
use crate::read::{Fields, entries, parsed};
use crate::template;
use crate::yaml::Node;

/// Most files of a server.
const FILES_MAX: usize = 64;

/// What they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Variable,
    File,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::File => "file",
        }
    }

    fn takes(self, text: &str) -> bool {
        match self {
            Self::Variable => is_variable(text),
            Self::File => is_file(text),
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Self::Variable => {
                "a name of letters, digits and `_` that begins with no digit, nor with VARISTOR_"
            }
            Self::File => {
                "a name of letters, digits, hyphens, dots and underscores, such as key.json, and at \
                 most 64 of them"
            }
        }
    }
}

/// Those of a server: `env`, or `files`.
pub(super) fn of(
    (server, kind): (&str, Kind),
    fields: &Fields<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<Variable> {
    let key = match kind {
        Kind::Variable => "env",
        Kind::File => "files",
    };
    let Some(node) = fields.get(key) else {
        return Vec::new();
    };
    if let (Kind::File, Some(other)) = (kind, fields.get("directory")) {
        let wrong = Wrong::expected("no `directory` beside it");
        let found = format!("the key \"files\" in {}", fields.name());
        let help = "they are put into the directory that the gateway makes for the server";
        report.refuse(other.place, found, wrong.help(help));
    }
    variables((server, kind), (node, &fields.path(key)), context, report)
}

fn variables(
    (server, kind): (&str, Kind),
    (node, path): (&Node, &str),
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<Variable> {
    let mut rows: Vec<Variable> = Vec::new();
    for (key, node) in entries(node, path, report) {
        let is_one_more = kind == Kind::File && rows.len() >= FILES_MAX;
        if !kind.takes(&key.text) || is_one_more {
            let found = format!("the {} {} in {path}", kind.name(), quote(&key.text));
            report.refuse(key.place, found, Wrong::expected(kind.expected()));
            continue;
        }
        let path = format!("{path}.{}", key.text);
        // The text may hold a secret, so no message shows it.
        let value = parsed(node, &path, report, |text| {
            template::variable(text).map_err(Wrong::hidden)
        });
        let Some(value) = value else { continue };
        let secrets = context.secrets;
        secrets.check_all(&value, server, node.place, report);
        rows.push(Variable {
            name: key.text,
            value,
        });
    }
    rows.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    rows
}

fn is_variable(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !text.is_empty()
        && text.len() <= 256
        && text.chars().all(allowed)
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.starts_with("VARISTOR_")
}

fn is_file(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (1..=128).contains(&text.len())
        && text.chars().all(allowed)
        && !matches!(text, "." | "..")
        && !text.starts_with(".varistor")
}
