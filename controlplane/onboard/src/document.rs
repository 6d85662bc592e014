//! A client's file: the servers in it, and the same bytes with some of them said anew.
//!
//! Refuses what is not the language of the client, and tables that say a name twice, of which
//! readers take one or the other. What it writes is read again: it must say what was meant, and
//! nothing else may have changed.

use serde_json::Value;

use crate::client::{Client, Kind, Syntax};
use crate::{json, toml};

/// Largest file that is read, in bytes: some clients keep their history there.
const BYTES_MAX: usize = 64 << 20;
/// Keys of a server that say how it is reached; all others stay.
pub(crate) const OWN: &[&str] = &[
    "command",
    "args",
    "env",
    "environment",
    "cwd",
    "envFile",
    "url",
    "serverUrl",
    "httpUrl",
    "headers",
    "type",
    "transport",
    "auth",
    "oauth",
    "http_headers",
    "env_http_headers",
    "env_vars",
    "bearer_token_env_var",
];

/// A file that was read.
#[derive(Debug)]
pub struct Document {
    pub(crate) syntax: Syntax,
    /// Whether a byte order mark stands before the text.
    mark: bool,
    pub(crate) text: String,
}

/// A server in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Keys from the top, its name the last of them.
    pub at: Vec<String>,
    /// What stands there.
    pub value: Value,
}

/// What a client asks a person for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The name by which values refer to it.
    pub id: String,
    /// What it is.
    pub description: String,
    /// Whether it is typed without being shown.
    pub is_password: bool,
    /// What it is where a person says nothing.
    pub default: Option<String>,
}

impl Asked {
    fn of(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        // What a command of the editor answers, nobody here knows.
        let is_plain = match text("type")?.as_str() {
            "promptString" => value.get("password") != Some(&Value::Bool(true)),
            "pickString" => true,
            _ => false,
        };
        Some(Self {
            id: text("id")?,
            description: text("description").unwrap_or_default(),
            is_password: !is_plain,
            default: text("default").filter(|_| is_plain),
        })
    }
}

/// Why a file can't be used. Never quotes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Too large, or not text.
    #[error("it is {0}")]
    Unfit(&'static str),
    /// Not the language.
    #[error("it is no {language}: {what} in line {line}")]
    Syntax {
        /// The language.
        language: &'static str,
        /// What was found.
        what: String,
        /// Where, from 1.
        line: usize,
    },
    /// One name, two values.
    #[error("it says {0:?} twice in one table, and readers differ in which of the two they take")]
    Twice(String),
    /// What was written does not read as it was meant.
    #[error("its {0:?} can't be changed in place")]
    Unchangeable(String),
}

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    /// [`DocumentError::Unfit`], [`DocumentError::Syntax`].
    pub fn parse(syntax: Syntax, bytes: &[u8]) -> Result<Self, DocumentError> {
        if bytes.len() > BYTES_MAX {
            return Err(DocumentError::Unfit("larger than 64 MiB"));
        }
        let text = str::from_utf8(bytes).map_err(|_| DocumentError::Unfit("not UTF-8"))?;
        let (mark, text) = match text.strip_prefix('\u{feff}') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let document = Self {
            syntax,
            mark,
            text: text.to_owned(),
        };
        match syntax {
            Syntax::Json => json::check(&document.text)?,
            Syntax::Toml => toml::check(&document.text)?,
        }
        Ok(document)
    }

    /// The servers in the tables of this client.
    ///
    /// # Errors
    /// [`DocumentError::Twice`].
    pub fn servers(&self, client: &Client) -> Result<Vec<Found>, DocumentError> {
        let mut found = Vec::new();
        for table in client.tables {
            found.extend(match self.syntax {
                Syntax::Json => json::servers(&self.text, table)?,
                Syntax::Toml => toml::servers(&self.text, table)?,
            });
        }
        Ok(found)
    }

    /// What the client asks a person for, by the names under which values refer to it: as Visual
    /// Studio Code has it, in a file of servers or in one of settings.
    #[must_use]
    pub fn inputs(&self) -> Vec<Asked> {
        let value = self.value().unwrap_or_default();
        let lists = [value.get("inputs"), value.pointer("/mcp/inputs")];
        let all = lists.into_iter().flatten().filter_map(Value::as_array);
        all.flatten().filter_map(Asked::of).collect()
    }

    /// The file with each of these servers started by a program with arguments instead.
    ///
    /// # Errors
    /// [`DocumentError::Unchangeable`].
    pub fn rewritten(
        &self,
        kind: Kind,
        starts: &[(Vec<String>, Vec<String>)],
    ) -> Result<Vec<u8>, DocumentError> {
        let mut wanted = self.value()?;
        let mut text = self.text.clone();
        for (at, start) in starts {
            let had = value_at(&mut wanted, at).cloned().unwrap_or_default();
            let members = members(kind, &had, start);
            text = match self.syntax {
                Syntax::Json => json::rewrite(&text, at, &members)?,
                Syntax::Toml => toml::rewrite(&text, at, &members)?,
            };
            if let Some(Value::Object(entry)) = value_at(&mut wanted, at) {
                OWN.iter().for_each(|key| drop(entry.remove(*key)));
                entry.extend(members);
            }
        }
        self.checked(text, &wanted, starts.iter().map(|(at, _)| at))
    }

    /// The file with these servers as `before` has them, and those that could not be put back
    /// because it has them no longer.
    ///
    /// # Errors
    /// [`DocumentError::Unchangeable`].
    pub fn restored(
        &self,
        before: &Self,
        at: &[Vec<String>],
    ) -> Result<(Vec<u8>, Vec<Vec<String>>), DocumentError> {
        let mut wanted = self.value()?;
        let mut origin = before.value()?;
        let mut text = self.text.clone();
        let (mut kept, mut gone) = (Vec::new(), Vec::new());
        for at in at {
            let (Some(had), Some(has)) = (value_at(&mut origin, at), value_at(&mut wanted, at))
            else {
                gone.push(at.clone());
                continue;
            };
            *has = had.clone();
            kept.push(at);
            text = match self.syntax {
                Syntax::Json => json::restore(&text, &before.text, at)?,
                Syntax::Toml => toml::restore(&text, &before.text, at)?,
            };
        }
        let bytes = self.checked(text, &wanted, kept.into_iter())?;
        Ok((bytes, gone))
    }

    fn checked<'a>(
        &self,
        text: String,
        wanted: &Value,
        mut changed: impl Iterator<Item = &'a Vec<String>>,
    ) -> Result<Vec<u8>, DocumentError> {
        let written = Self {
            syntax: self.syntax,
            mark: self.mark,
            text,
        };
        let good = written.value().is_ok_and(|value| value == *wanted);
        if !good {
            let name = changed.next().and_then(|at| at.last()).cloned();
            return Err(DocumentError::Unchangeable(name.unwrap_or_default()));
        }
        let mark = if self.mark { "\u{feff}" } else { "" };
        Ok([mark.as_bytes(), written.text.as_bytes()].concat())
    }

    fn value(&self) -> Result<Value, DocumentError> {
        match self.syntax {
            Syntax::Json => json::value(&self.text),
            Syntax::Toml => toml::value(&self.text),
        }
    }
}

/// How a client says that it starts a program.
fn members(kind: Kind, had: &Value, start: &[String]) -> Vec<(String, Value)> {
    let typed = match kind {
        Kind::List => {
            let (kind, all) = ("local".into(), start.into());
            return vec![("type".to_owned(), kind), ("command".to_owned(), all)];
        }
        Kind::Typed(word) => Some(word),
        Kind::Plain => had.get("type").map(|_| "stdio"),
    };
    let (program, arguments) = match start.split_first() {
        Some((program, arguments)) => (program.as_str(), arguments),
        None => ("", start),
    };
    let typed = typed.map(|word| ("type".to_owned(), word.into()));
    let rest = [
        ("command".to_owned(), program.into()),
        ("args".to_owned(), arguments.into()),
    ];
    typed.into_iter().chain(rest).collect()
}

fn value_at<'v>(value: &'v mut Value, at: &[String]) -> Option<&'v mut Value> {
    at.iter()
        .try_fold(value, |value, key| value.as_object_mut()?.get_mut(key))
}
