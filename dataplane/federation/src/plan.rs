//! What the policy says of the federation: time-outs, search, virtual servers.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

/// What holds until the next policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How long one server has to answer when lists are merged, and to be opened.
    pub answer: Duration,
    /// Whether lists of tools hold a search in place of the tools.
    pub search: bool,
    /// Largest answer that is put together, in bytes.
    pub answer_bytes_max: usize,
    /// Servers whose questions do not say about which call they are: they have one pipe for all.
    pub piped: BTreeSet<String>,
    /// Virtual servers by name: `/mcp/@name`.
    pub views: BTreeMap<String, View>,
}

/// A virtual server: chosen tools, each under a name of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// In the order in which they are listed.
    pub tools: Vec<Chosen>,
}

/// A tool of a virtual server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The server whose tool it is.
    pub server: String,
    /// Its name there.
    pub tool: String,
    /// Its name here.
    pub name: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            piped: BTreeSet::new(),
            answer: Duration::from_secs(10),
            search: false,
            answer_bytes_max: varistor_model::limits::ANSWER_BYTES_DEFAULT,
            views: BTreeMap::new(),
        }
    }
}

impl View {
    /// The tool of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&Chosen> {
        self.tools.iter().find(|chosen| chosen.name == name)
    }

    /// The names that this tool has here.
    pub(crate) fn names_of(&self, server: &str, tool: &str) -> impl Iterator<Item = &str> {
        let same = move |chosen: &&Chosen| chosen.server == server && chosen.tool == tool;
        self.tools.iter().filter(same).map(|chosen| &*chosen.name)
    }
}
