//! What we say of a server beside its publisher, under a key of our own in `_meta`: how it is
//! called, what kind it is, what it needs in the sandbox, and what its tools intend.

use serde::Deserialize;

use super::page::PageError;
use super::server::Server;

/// The key in `_meta`.
pub const KEY: &str = "dev.varistor/catalogue";

/// What we say of a server.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Extra {
    /// The name by which it is added, and that it has in a policy.
    pub short: String,
    /// What kind of system it is.
    pub category: String,
    /// Labels of all of its tools.
    pub tags: Vec<String>,
    /// The way to have it where nobody says otherwise; none: the first of its publisher's.
    pub via: String,
    /// What it needs, where the gateway starts it.
    pub sandbox: Sandbox,
    /// What its tools intend, whatever their arguments are.
    pub intents: Intents,
    /// What a person should know.
    pub notes: String,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// What a server needs in the sandbox. `{KEY}` stands for what was answered for that input.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Sandbox {
    /// `relaxed`, if it starts programs that nobody can name.
    pub profile: String,
    /// Hosts that it may reach, beside those that its package comes from.
    pub hosts: Option<Hosts>,
    /// What it may read.
    pub read: Vec<String>,
    /// What it may write.
    pub write: Vec<String>,
    /// What it may start.
    pub execute: Vec<String>,
}

/// Hosts that a server may reach.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Hosts {
    /// These.
    Named(Vec<String>),
    /// `any`: nobody can name them, or it does not speak HTTP, for which the sandbox has a proxy.
    Any(Any),
}

/// The word `any`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Any {
    /// That word.
    Any,
}

/// Tools by what they intend.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Intents {
    /// Those that read.
    pub read: Vec<String>,
    /// Those that write.
    pub write: Vec<String>,
    /// Those that destroy.
    pub destructive: Vec<String>,
    /// Those that carry secrets out.
    pub exfiltrative: Vec<String>,
}

impl Extra {
    /// Of a server that is built in.
    pub(crate) fn of(server: &Server) -> Result<Self, PageError> {
        let value = server.meta.get(KEY).cloned().unwrap_or_default();
        serde_json::from_value(value).map_err(|error| PageError::Malformed {
            what: format!("{KEY} of {}: {error}", server.name),
        })
    }

    /// Of a server that was imported: its name and nothing else.
    pub(crate) fn imported(short: &str) -> Self {
        Self {
            short: short.to_owned(),
            ..Self::default()
        }
    }
}

impl Intents {
    /// The lists with the names of their intents.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, &Vec<String>); 4] {
        [
            ("read", &self.read),
            ("write", &self.write),
            ("destructive", &self.destructive),
            ("exfiltrative", &self.exfiltrative),
        ]
    }
}
