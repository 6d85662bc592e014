//! Servers in clients' files.

use std::path::PathBuf;

use serde::Serialize;
use varistor_onboard::{Transport, exposed, leads_to, read};

use super::Discover;
use crate::clients::{self, ClientFile};
use crate::detectors::Detectors;
use crate::output::plain;

/// A server in a client's file.
#[derive(Serialize)]
pub(super) struct Configured {
    pub(super) client: &'static str,
    pub(super) file: PathBuf,
    /// Keys from the top of the file.
    pub(super) at: Vec<String>,
    pub(super) server: String,
    /// A program or a host; no arguments, since nobody knows what is in them.
    pub(super) how: String,
    pub(super) behind: bool,
    /// Where credentials stand in plain text, as keys from the top.
    pub(super) exposed: Vec<Vec<String>>,
}

/// Files that can't be read, and why.
pub(super) type Unreadable = Vec<(PathBuf, String)>;

/// All of them, and the files that can't be read.
pub(super) fn found(
    discover: &Discover,
    gateways: &[String],
) -> anyhow::Result<(Vec<Configured>, Unreadable)> {
    let mut detectors = Detectors::ready()?;
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    for file in files(discover)? {
        match file.read() {
            Err(why) => unreadable.push((file.path, why)),
            Ok(content) => {
                for one in &content.servers {
                    let transport = read(file.client, &one.value).map(|entry| entry.transport);
                    let behind = transport.as_ref().is_ok_and(|it| leads_to(it, gateways));
                    let server = one.at.last().map_or("", String::as_str);
                    found.push(Configured {
                        client: file.client.id,
                        file: file.path.clone(),
                        at: one.at.clone(),
                        server: plain(server).into_owned(),
                        how: how(transport.as_ref().ok()),
                        behind,
                        exposed: exposed(one, &mut detectors),
                    });
                }
            }
        }
    }
    Ok((found, unreadable))
}

fn files(discover: &Discover) -> anyhow::Result<Vec<ClientFile>> {
    let mut projects: Vec<PathBuf> = discover
        .project
        .iter()
        .map(std::path::absolute)
        .collect::<Result<_, _>>()?;
    projects.extend(std::env::current_dir());
    let mut files: Vec<ClientFile> = Vec::new();
    for home in discover.homes()? {
        let config = clients::config().filter(|_| discover.home.is_empty());
        let mut projects = projects.clone();
        projects.extend(clients::known_projects(&home));
        for file in clients::files_of(&home, config.as_deref(), &[], &projects) {
            if !files.iter().any(|known| known.path == file.path) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

fn how(transport: Option<&Transport>) -> String {
    match transport {
        None => "unclear".to_owned(),
        Some(Transport::Stdio(given)) => {
            let program = given.program.rsplit('/').next().unwrap_or_default();
            format!("starts {}", plain(program))
        }
        Some(Transport::Http { url, .. }) => {
            let rest = url.split_once("://").map_or("", |(_, rest)| rest);
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = authority.rsplit('@').next().unwrap_or_default();
            plain(host).into_owned()
        }
    }
}
