//! Variables in a client's file, put in the place of their names. Refuses one whose value is not
//! known: the gateway runs somewhere else, at another time.

use std::ops::Range;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// How a client spells variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Not at all.
    None,
    /// `${NAME}` and `${NAME:-default}`.
    Shell,
    /// The same, and `$NAME`.
    Dollar,
    /// `${env:NAME}`, `${input:ID}`, `${userHome}`, `${workspaceFolder}`, `${pathSeparator}`.
    Editor,
    /// `{env:NAME}` and `{file:PATH}`.
    Braces,
}

/// Where values of variables come from.
pub struct Lookup<'a> {
    /// The value of a variable of the environment.
    pub env: &'a dyn Fn(&str) -> Option<Zeroizing<String>>,
    /// The answer to an input that the client asks a person for.
    pub input: &'a dyn Fn(&str) -> Option<Zeroizing<String>>,
    /// Whether the client shows what is typed for an input: it asks for no password.
    pub is_plain_input: &'a dyn Fn(&str) -> bool,
    /// The person's home.
    pub home: PathBuf,
    /// The project that the file belongs to.
    pub project: Option<PathBuf>,
}

/// A text with its variables put in.
pub(crate) struct Expanded {
    pub(crate) text: Zeroizing<String>,
    /// From the first to the last byte of what stood outside of the file, and may be secret because
    /// of that: `start < end <= text.len()`.
    pub(crate) kept: Option<Range<usize>>,
    /// Whether it holds what a person is asked for as for a password.
    pub(crate) is_secret: bool,
}

/// Variables that every process has, and that are no secrets.
const COMMON: [&str; 10] = [
    "HOME", "HOSTNAME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TEMP", "TMPDIR", "USER",
];

/// Whether a variable of the environment may hold what nobody should read.
pub(crate) fn is_kept(name: &str) -> bool {
    !COMMON.contains(&name) && !name.starts_with("XDG_") && !name.starts_with("LC_")
}

/// The variable that has no value here, as it stands in the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unknown(pub(crate) String);

/// Puts values into a text.
pub(crate) fn expand(
    text: &str,
    dialect: Dialect,
    lookup: &Lookup<'_>,
) -> Result<Expanded, Unknown> {
    let mut out = Zeroizing::new(String::with_capacity(text.len().saturating_add(64)));
    let (mut kept, mut is_secret) = (None::<Range<usize>>, false);
    let mut rest = text;
    while let Some((before, name, behind)) = next(rest, dialect) {
        out.push_str(before);
        let value = value(name, dialect, lookup).ok_or_else(|| Unknown(name.to_owned()))?;
        let from = out.len();
        out.push_str(&value);
        if !value.is_empty() && comes_from_outside(name, dialect, lookup) {
            let from = kept.map_or(from, |kept| kept.start);
            kept = Some(from..out.len());
        }
        is_secret |= is_secret_input(name, dialect, lookup);
        rest = behind;
    }
    out.push_str(rest);
    Ok(Expanded {
        text: out,
        kept,
        is_secret,
    })
}

/// What stands before the next variable, its name, and what stands behind it.
fn next(text: &str, dialect: Dialect) -> Option<(&str, &str, &str)> {
    let open = match dialect {
        Dialect::None => return None,
        Dialect::Braces => return braced(text, "{", &["env:", "file:"]),
        Dialect::Editor => {
            let known = [
                "env:",
                "input:",
                "userHome",
                "workspaceFolder",
                "pathSeparator",
                "/}",
            ];
            return braced(text, "${", &known);
        }
        Dialect::Shell | Dialect::Dollar => "${",
    };
    let named = braced(text, open, &[]).filter(|(_, name, _)| {
        let name = name.split(":-").next().unwrap_or_default();
        is_name(name)
    });
    if dialect == Dialect::Shell {
        return named;
    }
    let bare = bare(text);
    match (named, bare) {
        (Some(one), Some(other)) if other.0.len() < one.0.len() => Some(other),
        (None, other) => other,
        (one, _) => one,
    }
}

fn braced<'t>(text: &'t str, open: &str, begins: &[&str]) -> Option<(&'t str, &'t str, &'t str)> {
    let mut from = 0;
    loop {
        let at = text.get(from..)?.find(open)?.checked_add(from)?;
        let inside = text.get(at.checked_add(open.len())?..)?;
        let fits = begins.is_empty() || begins.iter().any(|begin| inside.starts_with(begin));
        if let Some((name, behind)) = inside.split_once('}').filter(|_| fits) {
            return Some((text.get(..at)?, name, behind));
        }
        from = at.checked_add(open.len())?;
    }
}

/// `$NAME`.
fn bare(text: &str) -> Option<(&str, &str, &str)> {
    let mut places = text.match_indices('$').map(|(at, _)| at);
    places.find_map(|at| {
        let (before, inside) = text.split_at_checked(at)?;
        let inside = inside.get(1..)?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = inside.find(|c| !is_part(c)).unwrap_or(inside.len());
        let (name, behind) = inside.split_at_checked(end)?;
        is_name(name).then_some((before, name, behind))
    })
}

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(allowed)
}

fn value(name: &str, dialect: Dialect, lookup: &Lookup<'_>) -> Option<Zeroizing<String>> {
    let path = |path: &Path| path.to_str().map(|text| Zeroizing::new(text.to_owned()));
    match dialect {
        Dialect::None => None,
        Dialect::Shell | Dialect::Dollar => {
            let (name, default) = match name.split_once(":-") {
                Some((name, default)) => (name, Some(default)),
                None => (name, None),
            };
            let default = || default.map(|default| Zeroizing::new(default.to_owned()));
            (lookup.env)(name).or_else(default)
        }
        Dialect::Editor | Dialect::Braces => {
            if let Some(name) = name.strip_prefix("env:") {
                return (lookup.env)(name);
            }
            if let Some(id) = name.strip_prefix("input:") {
                return (lookup.input)(id);
            }
            let project = lookup.project.as_deref();
            match name {
                "userHome" => path(&lookup.home),
                "workspaceFolder" => path(project?),
                "workspaceFolderBasename" => path(Path::new(project?.file_name()?)),
                "pathSeparator" | "/" => Some(Zeroizing::new("/".to_owned())),
                _ => None,
            }
        }
    }
}

/// Whether a name stands for something outside of the file that is no common knowledge.
fn comes_from_outside(name: &str, dialect: Dialect, lookup: &Lookup<'_>) -> bool {
    match dialect {
        Dialect::None => false,
        Dialect::Shell | Dialect::Dollar => match name.split_once(":-") {
            // A default stands in the file.
            Some((name, _)) => is_kept(name) && (lookup.env)(name).is_some(),
            None => is_kept(name),
        },
        Dialect::Editor | Dialect::Braces => {
            is_secret_input(name, dialect, lookup) || name.strip_prefix("env:").is_some_and(is_kept)
        }
    }
}

/// Whether a name stands for an input that is asked for as a password, or that nobody has declared.
fn is_secret_input(name: &str, dialect: Dialect, lookup: &Lookup<'_>) -> bool {
    let input = name.strip_prefix("input:");
    dialect == Dialect::Editor && input.is_some_and(|id| !(lookup.is_plain_input)(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str, dialect: Dialect) -> Result<String, Unknown> {
        let env = |name: &str| {
            let value = match name {
                "TOKEN" => "t0k",
                "EMPTY" => "",
                _ => return None,
            };
            Some(Zeroizing::new(value.to_owned()))
        };
        let lookup = Lookup {
            env: &env,
            input: &|id| (id == "key").then(|| Zeroizing::new("asked".to_owned())),
            is_plain_input: &|_| false,
            home: "/home/ann".into(),
            project: Some("/srv/shop".into()),
        };
        expand(text, dialect, &lookup).map(|expanded| expanded.text.to_string())
    }

    #[test]
    fn each_client_has_its_own_spelling_of_variables() {
        use Dialect::{Braces, Dollar, Editor, None, Shell};
        let rows = [
            (None, "${TOKEN} $TOKEN", "${TOKEN} $TOKEN"),
            (Shell, "Bearer ${TOKEN}", "Bearer t0k"),
            (
                Shell,
                "${HOST:-https://a.example}/mcp",
                "https://a.example/mcp",
            ),
            (Shell, "${TOKEN:-x}${EMPTY}$TOKEN", "t0k$TOKEN"),
            (Dollar, "$TOKEN-${TOKEN}", "t0k-t0k"),
            (Dollar, "5$ and $5", "5$ and $5"),
            (Editor, "${env:TOKEN}${/}${userHome}", "t0k//home/ann"),
            (
                Editor,
                "${workspaceFolder}/a ${workspaceFolderBasename}",
                "/srv/shop/a shop",
            ),
            (Editor, "${input:key} ${other}", "asked ${other}"),
            (Braces, "Bearer {env:TOKEN} {x}", "Bearer t0k {x}"),
        ];
        for (dialect, text, expected) in rows {
            assert_eq!(expanded(text, dialect).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_variable_without_a_value_is_named() {
        let unknown = |name: &str| Err(Unknown(name.to_owned()));
        assert_eq!(expanded("${NOPE}", Dialect::Shell), unknown("NOPE"));
        assert_eq!(expanded("$NOPE", Dialect::Dollar), unknown("NOPE"));
        assert_eq!(
            expanded("${env:NOPE}", Dialect::Editor),
            unknown("env:NOPE")
        );
        assert_eq!(
            expanded("${input:no}", Dialect::Editor),
            unknown("input:no")
        );
        assert_eq!(expanded("{file:/x}", Dialect::Braces), unknown("file:/x"));
    }
}
