//! `varictl catalog`: well-known MCP servers, and one command to have one in the policy. Nothing
//! of a registry counts before a person has seen what it leads to.

mod add;
mod answers;
mod fetch;
mod import;
mod search;
mod show;

use clap::Subcommand;
use varistor_onboard::catalogue::{Catalogue, Entry, Kind, Way, page, ways};

use crate::arguments::Arguments;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::{files, nearest};

/// Where imported servers are kept, below the policy directory's `state`.
const FILE: &str = "catalogue.json";

/// Find well-known MCP servers, and add one to the policy.
#[derive(Debug, Subcommand)]
pub(crate) enum Catalog {
    /// List the servers in which all of these words stand
    Search(search::Search),
    /// Show what a server is, what it wants to know, and what its tools intend
    Show(show::Show),
    /// Add a server to the policy; asks for what is missing
    Add(add::Add),
    /// Take servers of a registry, or of a file of one, into the catalogue
    Import(import::Import),
}

impl Catalog {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let dir = || PolicyDir::find_if_any(arguments.dir.as_deref());
        match self {
            Self::Search(search) => search.run(dir()?.as_ref()),
            Self::Show(show) => show.run(dir()?.as_ref()),
            Self::Add(add) => add.run(&arguments.policy_dir()?),
            Self::Import(import) => import.run(&arguments.policy_dir()?),
        }
    }
}

/// The catalogue: what is built in, and what was imported into this directory.
fn catalogue(dir: Option<&PolicyDir>) -> anyhow::Result<Catalogue> {
    let mut catalogue = Catalogue::built_in()?;
    let Some(path) = dir.map(|dir| dir.state(FILE)) else {
        return Ok(catalogue);
    };
    if let Some(bytes) = files::read_if_there(&path)? {
        let page = page(&bytes).map_err(|error| {
            let path = path.display();
            wrong(format!("{path}: {error}; import again, or remove it"))
        })?;
        catalogue.import(page.servers);
    }
    Ok(catalogue)
}

/// The entry of this name.
fn found<'c>(catalogue: &'c Catalogue, name: &str) -> anyhow::Result<&'c Entry> {
    catalogue.find(name).ok_or_else(|| {
        let names = catalogue.entries().map(|entry| entry.extra.short.as_str());
        let hint = nearest::hint(name, names);
        wrong(format!(
            "the catalogue has no server `{name}`{hint}; look with `varictl catalog search`"
        ))
    })
}

/// The way that was asked for, else the usual one.
fn way(entry: &Entry, wanted: Option<Kind>) -> anyhow::Result<Way<'_>> {
    let (ways, short) = (ways(&entry.server), &entry.extra.short);
    let wanted = wanted.or_else(|| kind(&entry.extra.via).ok());
    let found = ways
        .iter()
        .find(|way| wanted.is_none_or(|kind| way.kind == kind));
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = ways.iter().map(|way| way.kind.name()).collect();
        wrong(match names.as_slice() {
            [] => format!(
                "{short} comes as no package of npm or PyPI, no image that speaks on standard \
                 input, and from no URL"
            ),
            names => format!(
                "{short} does not come that way; --via {}",
                names.join(" or ")
            ),
        })
    })
}

/// A way by its name, for the command line.
fn kind(name: &str) -> Result<Kind, String> {
    let known = Kind::NAMES.iter().find(|(own, _)| *own == name);
    known.map(|(_, kind)| *kind).ok_or_else(|| {
        let names = Kind::NAMES.map(|(name, _)| name);
        format!("there is no way `{name}`; one of {}", names.join(", "))
    })
}
