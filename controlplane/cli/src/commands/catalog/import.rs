//! `varictl catalog import`: servers of a registry, or of a file of one, into the catalogue of this
//! directory. What is imported is shown as such, and added only when somebody says yes.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use varistor_onboard::catalogue::{KEY, Page, Server, page};

use super::FILE;
use super::fetch::Registry;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::output::plain;
use crate::output::progress::Progress;
use crate::snapshots::Snapshots;
use crate::{files, output};

/// Largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Servers that break the format and are named, of all that do.
const NAMED_MAX: usize = 5;

/// Take servers of a registry, or of a file of one, into the catalogue.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl catalog import https://registry.modelcontextprotocol.io
  varictl catalog import https://mirror.acme.example --ca acme-ca.pem
  varictl catalog import servers.json      an answer that was saved, or one server.json
  varictl catalog import --none            forgets what was imported

A registry is asked for its newest versions (GET /v0/servers), page by page; what it has withdrawn
is left out. What is built in stays as it is. An imported server runs in the strict sandbox with the
hosts that its package comes from; others are named with `catalog add --host`.")]
pub(crate) struct Import {
    /// A file, or the URL of a registry or of its list (https; http on this machine only)
    #[arg(value_name = "FILE|URL", required_unless_present = "none")]
    from: Option<String>,
    /// Only servers with this word in their name; repeatable
    #[arg(long, value_name = "WORD")]
    only: Vec<String>,
    /// Authority (PEM) that the registry's certificate must come from
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Keep what was imported before, too
    #[arg(long)]
    keep: bool,
    /// Forget what was imported
    #[arg(long, conflicts_with_all = ["from", "only", "ca", "keep"])]
    none: bool,
}

impl Import {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let Some(from) = &self.from else {
            files::remove_if_there(&dir.state(FILE))?;
            output::note("the catalogue is what is built in");
            return Ok(Exit::Done);
        };
        let mut taken = match from.contains("://") {
            true => self.fetched(from)?,
            false => read(Path::new(from))?,
        };
        let is_wanted = |server: &Server| {
            self.only.is_empty() || self.only.iter().any(|word| server.name.contains(word))
        };
        taken.servers.retain(is_wanted);
        for (name, why) in taken.faulty.iter().take(NAMED_MAX) {
            output::warning(&format!("{} is left out: {}", plain(name), plain(why)));
        }
        let more = taken.faulty.len().saturating_sub(NAMED_MAX);
        if more > 0 {
            output::warning(&format!("{} more are left out", more));
        }
        if taken.servers.is_empty() {
            return Err(wrong("there is no server in it; nothing was changed"));
        }
        let _alone = Snapshots::lock(dir)?;
        let number = self.keep_with(dir, taken.servers)?;
        let servers = output::count(number, "server");
        output::note(&format!(
            "{servers} imported; `varictl catalog search{}` finds them",
            dir.flag()
        ));
        Ok(Exit::Done)
    }

    fn fetched(&self, url: &str) -> anyhow::Result<Page> {
        let registry = Registry::at(url, self.ca.clone())?;
        let mut progress = Progress::new("reading the registry:", 0);
        registry.pages(&mut |number| progress.say(&output::count(number, "server")))
    }

    /// Writes them; how many there are now.
    fn keep_with(&self, dir: &PolicyDir, new: Vec<Server>) -> anyhow::Result<usize> {
        let path = dir.state(FILE);
        let mut servers = match (self.keep, files::read_if_there(&path)?) {
            (true, Some(bytes)) => page(&bytes).map(|page| page.servers).unwrap_or_default(),
            _ => Vec::new(),
        };
        for mut server in new {
            // Labels and intents are ours to say, whoever else uses our name for them.
            server.meta.remove(KEY);
            servers.retain(|known| known.name != server.name);
            servers.push(server);
        }
        servers.sort_by(|one, other| one.name.cmp(&other.name));
        let rows: Vec<_> = servers.iter().map(|it| json!({"server": it})).collect();
        let bytes = serde_json::to_vec(&json!({"servers": rows}))?;
        files::replace(&path, &bytes)?;
        Ok(servers.len())
    }
}

fn read(path: &Path) -> anyhow::Result<Page> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| wrong(format!("{shown}: {error}"));
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let mut bounded = file.take(FILE_BYTES_MAX.saturating_add(1));
    bounded.read_to_end(&mut bytes).map_err(unreadable)?;
    page(&bytes).map_err(|error| wrong(format!("{shown}: {error}")))
}
