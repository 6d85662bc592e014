//! Well-known MCP servers and what a policy needs for each, in the form of the official registry's
//! `server.json`: read from pages, found by words, and put into a policy with a person's answers.
//!
//! What a registry's page says is its publisher's word, so of an entry that was imported only what
//! is shown before it is added counts: labels, intents and lines of the sandbox come from the
//! catalogue that is built in, and from nowhere else. Refuses what could be taken for an option of
//! the program that fetches a package, and credentials in arguments, where everybody reads them.

mod addition;
mod ask;
mod check;
mod extra;
mod page;
mod sandbox;
mod server;
mod way;
mod written;

use std::collections::BTreeMap;

pub use addition::{Addition, Reached, Refusal, Started, Terms, addition};
pub use ask::{Answers, Question, fault, questions, secret_name};
pub use check::faults;
pub use extra::{Extra, Hosts, Intents, KEY};
pub use page::{Page, PageError, page};
pub use server::{Input, Server};
pub use way::{Kind, Way, ways};
pub use written::file;

/// The catalogue that comes with the program: a page as a registry answers with.
const BUILT_IN: &str = include_str!("../catalogue/servers.json");

/// Where an entry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It comes with the program.
    BuiltIn,
    /// Somebody imported it.
    Imported,
}

/// A server of the catalogue.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What its publisher says.
    pub server: Server,
    /// What we say; of an imported one nothing but its short name.
    pub extra: Extra,
    /// Where it comes from.
    pub origin: Origin,
}

/// The servers that are known, by their short names.
#[derive(Debug, Default)]
pub struct Catalogue {
    entries: BTreeMap<String, Entry>,
}

impl Catalogue {
    /// That which comes with the program.
    ///
    /// # Errors
    /// It is damaged; a test holds that it is not.
    pub fn built_in() -> Result<Self, PageError> {
        let mut catalogue = Self::default();
        let page = page(BUILT_IN.as_bytes())?;
        if let Some((name, why)) = page.faulty.first() {
            let what = format!("{name}: {why}");
            return Err(PageError::Malformed { what });
        }
        for server in page.servers {
            let extra = Extra::of(&server)?;
            let entry = Entry {
                server,
                extra,
                origin: Origin::BuiltIn,
            };
            catalogue.entries.insert(entry.extra.short.clone(), entry);
        }
        Ok(catalogue)
    }

    /// Adds servers of a registry; one that is built in stays as it is.
    pub fn import(&mut self, servers: Vec<Server>) {
        for server in servers {
            if self
                .entries
                .values()
                .any(|it| it.server.name == server.name)
            {
                continue;
            }
            let taken = self.entries.keys().cloned().collect();
            let (_, last) = server.name.split_once('/').unwrap_or(("", &server.name));
            let short = crate::names::server_name(last, &taken);
            let entry = Entry {
                extra: Extra::imported(&short),
                server,
                origin: Origin::Imported,
            };
            self.entries.insert(short, entry);
        }
    }

    /// All of them, in the order of their short names.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The entry of this name, short or whole.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Entry> {
        let by_whole_name = || self.entries().find(|entry| entry.server.name == name);
        self.entries.get(name).or_else(by_whole_name)
    }

    /// Those in which each of the words stands; the best first: words in names count more than
    /// those in descriptions.
    #[must_use]
    pub fn search(&self, words: &[String]) -> Vec<&Entry> {
        let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let mut found: Vec<(usize, &Entry)> = Vec::new();
        for entry in self.entries() {
            let mut all = Some(0_usize);
            for word in &words {
                let weight = weight(entry, word);
                all = all.zip(weight).map(|(all, one)| all.saturating_add(one));
            }
            if let Some(all) = all {
                found.push((all, entry));
            }
        }
        found.sort_by_key(|(weight, _)| core::cmp::Reverse(*weight));
        found.into_iter().map(|(_, entry)| entry).collect()
    }
}

/// How much a word says of an entry; `None` where it does not stand in it.
fn weight(entry: &Entry, word: &str) -> Option<usize> {
    let (server, extra) = (&entry.server, &entry.extra);
    if extra.short == word {
        return Some(100);
    }
    let is_in = |text: &str| text.to_lowercase().contains(word);
    if is_in(&extra.short) || is_in(&server.title) {
        return Some(10);
    }
    // The registry's namespace of all who publish by GitHub says nothing of the server.
    let name = server.name.trim_start_matches("io.github.");
    if is_in(name) || extra.category == word || extra.tags.iter().any(|tag| tag == word) {
        return Some(5);
    }
    let packages = server.packages.iter().map(|package| &package.identifier);
    let remotes = server.remotes.iter().map(|remote| &remote.url);
    let mut more = packages.chain(remotes).chain([&server.description]);
    more.any(|text| is_in(text)).then_some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &[&str]) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let catalogue = Catalogue::built_in().unwrap();
        let found = catalogue.search(&words);
        found.iter().map(|it| it.extra.short.clone()).collect()
    }

    #[test]
    fn what_is_named_like_the_word_comes_first() {
        assert_eq!(found(&["GitHub"])[0], "github");
        assert_eq!(found(&["git"])[0], "git");
        let databases = found(&["database"]);
        assert!(databases.contains(&"postgres".to_owned()), "{databases:?}");
        assert_eq!(found(&["github", "issues"]), ["github"]);
        assert!(found(&["no such thing"]).is_empty());
    }

    #[test]
    fn what_is_imported_takes_no_name_that_is_built_in() {
        let mut catalogue = Catalogue::built_in().unwrap();
        let server = |name: &str| Server {
            name: name.to_owned(),
            ..Server::default()
        };
        let official = catalogue.find("github").unwrap().server.name.clone();
        catalogue.import(vec![server(&official), server("com.evil/github")]);
        assert_eq!(catalogue.find("github").unwrap().origin, Origin::BuiltIn);
        let other = catalogue.find("com.evil/github").unwrap();
        assert_eq!(other.extra.short, "github-2");
        assert_eq!(other.origin, Origin::Imported);
    }
}
