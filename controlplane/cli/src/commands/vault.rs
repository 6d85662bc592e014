//! `varictl vault`: the credentials of upstream servers. Values are never shown and never taken
//! from the command line, where every process could read them.

mod audit;
mod key;
mod rotate;
mod travel;

use clap::{Args, Subcommand};
use serde::Serialize;
use varistor_vault::{Key, VaultError};

use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::output::table::Table;
use crate::{nearest, operator, output, snapshots, terminal};

/// Keep the credentials of upstream servers.
#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// Make an empty vault
    Init,
    /// Put a secret into the vault; its value comes from standard input or a prompt
    Set(Set),
    /// List the names of secrets, never their values
    List(List),
    /// Give a secret a new value, and know the old one for a while
    Rotate(rotate::Rotate),
    /// Take a secret out of the vault
    Rm(Rm),
    /// Seal everything with a new key
    Rekey(key::Rekey),
    /// Say how the key is kept, or keep it otherwise
    Key(key::KeyKept),
    /// Open a key that a passphrase seals, for twelve hours
    Unlock(key::Unlock),
    /// Write all secrets into one file, sealed with a passphrase
    Export(travel::Export),
    /// Take the secrets of such a file
    Import(travel::Import),
    /// Show who changed which secret when, checked against the vault
    Audit(audit::Audit),
}

/// Put a secret into the vault; its value comes from standard input or a prompt.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl vault set github            asks for the value, without echo
  varictl vault set github < token    takes it from a file

The policy names it as ${vault:github}. A running gateway reads the vault at its next push.")]
pub(crate) struct Set {
    /// The name, as in ${vault:NAME}
    name: String,
    /// Only for these servers (names, separated by commas) [default: any server of the policy]
    #[arg(long, alias = "server", value_name = "NAMES", value_delimiter = ',')]
    servers: Vec<String>,
}

/// List the names of secrets, never their values.
#[derive(Args, Debug)]
pub(crate) struct List {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Take a secret out of the vault.
#[derive(Args, Debug)]
pub(crate) struct Rm {
    /// The name
    name: String,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    version: u64,
    servers: &'a [String],
    /// Until when the value before is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    former_until_unix_s: Option<u64>,
}

/// A gateway reads the vault when it starts and when it takes a snapshot, at no other time.
const NEXT: &str = "a running gateway reads it at the next `varictl push`";

impl Vault {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        match self {
            Self::Init => init(dir),
            Self::Set(set) => set.run(dir),
            Self::List(list) => list.run(dir),
            Self::Rotate(rotate) => rotate.run(dir),
            Self::Rm(rm) => rm.run(dir),
            Self::Rekey(rekey) => rekey.run(dir),
            Self::Key(key) => key.run(dir),
            Self::Unlock(unlock) => unlock.run(dir),
            Self::Export(export) => export.run(dir),
            Self::Import(import) => import.run(dir),
            Self::Audit(audit) => audit.run(dir),
        }
    }
}

/// An empty vault, and its key unless there is one.
pub(super) fn make(dir: &PolicyDir) -> anyhow::Result<()> {
    let path = dir.key("vault.key");
    if path.symlink_metadata().is_err() {
        Key::generate()
            .and_then(|key| key.store(&path))
            .map_err(told)?;
    }
    let key = Key::load(&path).map_err(told)?;
    varistor_vault::Vault::create(&dir.vault(), &key).map_err(told)?;
    Ok(())
}

fn init(dir: &PolicyDir) -> anyhow::Result<Exit> {
    make(dir)?;
    output::line(&format!("made the empty vault {}", dir.vault().display()))?;
    Ok(Exit::Done)
}

impl Set {
    fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let mut vault = open(dir)?;
        let value = terminal::secret(&format!("Value of {}: ", self.name))?;
        let every = ["*".to_owned()];
        let servers = if self.servers.is_empty() {
            &every
        } else {
            self.servers.as_slice()
        };
        vault
            .set(&self.name, servers, value.as_bytes())
            .map_err(told)?;
        vault.save().map_err(told)?;
        self.warn_of_strangers(dir);
        let for_whom = match self.servers.as_slice() {
            [] => "every server of the policy that names it".to_owned(),
            servers => servers.join(", "),
        };
        output::note(&format!(
            "{} is in the vault, for {for_whom}; {NEXT}",
            self.name
        ));
        Ok(Exit::Done)
    }
}

impl Set {
    /// Says which servers the current policy does not have. No more than a warning: a policy that
    /// names a new server and its secret compiles only once the secret is there.
    fn warn_of_strangers(&self, dir: &PolicyDir) {
        let Ok(Some(current)) = snapshots::current(dir) else {
            return;
        };
        let known = || current.policy().servers.iter().map(|row| row.name.as_str());
        for server in self
            .servers
            .iter()
            .filter(|server| !known().any(|name| name == *server))
        {
            let hint = nearest::hint(server, known());
            let generation = current.generation();
            output::warning(&format!(
                "the compiled policy (generation {generation}) has no server `{server}` yet{hint}"
            ));
        }
    }
}

impl List {
    fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let vault = open(dir)?;
        let rows = vault.names().map(|entry| Row {
            name: entry.name,
            version: entry.version,
            servers: entry.servers,
            former_until_unix_s: entry.former.map(|(_, until)| until),
        });
        if self.json {
            output::json(&rows.collect::<Vec<_>>())?;
            return Ok(Exit::Done);
        }
        let mut table = Table::new(&["NAME", "VERSION", "SERVERS"]);
        for row in rows {
            table.row(&[row.name, &row.version.to_string(), &row.servers.join(", ")]);
        }
        table.print()?;
        Ok(Exit::Done)
    }
}

impl Rm {
    fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let mut vault = open(dir)?;
        if !vault.names().any(|entry| entry.name == self.name) {
            let hint = nearest::hint(&self.name, vault.names().map(|entry| entry.name));
            return Err(wrong(format!(
                "the vault has no secret `{}`{hint}",
                self.name
            )));
        }
        vault.remove(&self.name).map_err(told)?;
        vault.save().map_err(told)?;
        output::note(&format!(
            "{} is out of the vault; a running gateway keeps it until the next `varictl push`",
            self.name
        ));
        Ok(Exit::Done)
    }
}

/// Opens the vault of the directory, for changes by whoever runs this. A passphrase is asked for at
/// a terminal.
pub(super) fn open(dir: &PolicyDir) -> anyhow::Result<varistor_vault::Vault> {
    let (key, _) = key::opened(dir)?;
    let mut vault = varistor_vault::Vault::open(&dir.vault(), &key).map_err(told)?;
    vault.sign(&operator::name(None));
    Ok(vault)
}

/// What the system or another process is to blame for is a failure; the rest is wrong use.
pub(super) fn told(error: VaultError) -> anyhow::Error {
    match error {
        VaultError::Io { .. } | VaultError::Changed { .. } | VaultError::Internal { .. } => {
            error.into()
        }
        _ => wrong(error.to_string()),
    }
}
