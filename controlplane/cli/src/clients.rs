//! The files of MCP clients on this machine. Refuses none by itself: what can't be read is told to
//! whoever asked.

use std::path::{Path, PathBuf};

use varistor_onboard::{CLIENTS, Client, Document, Found, Place, Scope};

use crate::exit::wrong;

/// A client's file that is there.
#[derive(Clone, Debug)]
pub(crate) struct ClientFile {
    pub(crate) client: &'static Client,
    pub(crate) path: PathBuf,
    /// The project that it belongs to.
    pub(crate) project: Option<PathBuf>,
}

/// Folders of projects that Claude Code keeps servers or settings for.
pub(crate) fn known_projects(home: &Path) -> Vec<PathBuf> {
    let text = std::fs::read(home.join(".claude.json")).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    let projects = value
        .get("projects")
        .and_then(|projects| projects.as_object());
    let folders = projects.into_iter().flat_map(|projects| projects.keys());
    folders
        .map(PathBuf::from)
        .filter(|folder| folder.is_dir())
        .collect()
}

/// A file that was read.
pub(crate) struct Read {
    pub(crate) bytes: Vec<u8>,
    pub(crate) document: Document,
    pub(crate) servers: Vec<Found>,
}

/// The home of whoever runs this.
pub(crate) fn home() -> anyhow::Result<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    home.filter(|home| home.is_absolute()).ok_or_else(|| {
        wrong("HOME names no folder, so nobody knows where clients keep their files")
    })
}

/// `XDG_CONFIG_HOME`, where that is set.
pub(crate) fn config() -> Option<PathBuf> {
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    config.filter(|config| config.is_absolute())
}

/// The client of this name, for the command line.
pub(crate) fn named(id: &str) -> Result<&'static Client, String> {
    Client::named(id).ok_or_else(|| {
        let known: Vec<&str> = CLIENTS.iter().map(|client| client.id).collect();
        format!("there is no client `{id}`; one of {}", known.join(", "))
    })
}

/// The files of these clients (all of them where none is named) that are there: those of the
/// person, and those of these projects.
pub(crate) fn files(
    clients: &[&'static Client],
    projects: &[PathBuf],
) -> anyhow::Result<Vec<ClientFile>> {
    Ok(files_of(&home()?, config().as_deref(), clients, projects))
}

/// The same of somebody's home.
pub(crate) fn files_of(
    home: &Path,
    config: Option<&Path>,
    clients: &[&'static Client],
    projects: &[PathBuf],
) -> Vec<ClientFile> {
    let wanted = |client: &&Client| {
        clients.is_empty() || clients.iter().any(|wanted| wanted.id == client.id)
    };
    let mut found = Vec::new();
    for client in CLIENTS.iter().filter(wanted) {
        let mut places = client.user_places(home, config);
        for project in projects {
            places.extend(client.project_places(project));
        }
        for Place { scope, path } in places {
            if !path.is_file()
                || found
                    .iter()
                    .any(|file: &ClientFile| same(&file.path, &path))
            {
                continue;
            }
            let mut projects = projects.iter();
            let project = match scope {
                Scope::User => None,
                Scope::Project => projects.find(|project| path.starts_with(project)).cloned(),
            };
            found.push(ClientFile {
                client,
                path,
                project,
            });
        }
    }
    found
}

fn same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().ok() == other.canonicalize().ok()
}

impl ClientFile {
    /// Reads it; else what is wrong with it.
    pub(crate) fn read(&self) -> Result<Read, String> {
        let bytes =
            std::fs::read(&self.path).map_err(|error| format!("it can't be read: {error}"))?;
        let document =
            Document::parse(self.client.syntax, &bytes).map_err(|error| error.to_string())?;
        let servers = document
            .servers(self.client)
            .map_err(|error| error.to_string())?;
        Ok(Read {
            bytes,
            document,
            servers,
        })
    }
}
