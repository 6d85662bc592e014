//! `varictl vault export` and `import`: all secrets in one sealed file, for another place.

use std::path::PathBuf;

use clap::Args;

use super::{NEXT, key, open, told};
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::{files, output, terminal};

/// Largest export that is read, in bytes: the largest vault, written as text within JSON.
const EXPORT_BYTES_MAX: u64 = 64 << 20;

/// Write all secrets into one file, sealed with a passphrase.
#[derive(Args, Debug)]
#[command(after_help = "\
The passphrase is asked for, or comes from standard input or --passphrase-file. Values known from a
rotation stay behind, and so does the key of `varictl import`'s backups. Who has file and passphrase
has every secret.")]
pub(crate) struct Export {
    /// The new file (0600)
    file: PathBuf,
    /// File with the passphrase, for its owner alone
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Take the secrets of such a file.
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The file
    file: PathBuf,
    /// Take those too whose names are here already
    #[arg(long)]
    replace: bool,
    /// File with the passphrase, for its owner alone
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Export {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let vault = open(dir)?;
        let passphrase = key::passphrase(self.passphrase_file.as_deref())?;
        let bytes = vault.export(passphrase.as_bytes()).map_err(told)?;
        files::create(&self.file, 0o600, &bytes)?;
        let travelling = vault.names().filter(|entry| !entry.is_own()).count();
        let secrets = output::count(travelling, "secret");
        output::note(&format!("{secrets} in {}", self.file.display()));
        Ok(Exit::Done)
    }
}

impl Import {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let shown = self.file.display();
        let unreadable = |error: std::io::Error| wrong(format!("{shown}: {error}"));
        if std::fs::metadata(&self.file).map_err(unreadable)?.len() > EXPORT_BYTES_MAX {
            return Err(wrong(format!("{shown} is too large for an export")));
        }
        let bytes = std::fs::read(&self.file).map_err(unreadable)?;
        let mut vault = open(dir)?;
        let passphrase = match &self.passphrase_file {
            Some(_) => key::passphrase(self.passphrase_file.as_deref())?,
            None => terminal::secret("Passphrase of the export: ")?,
        };
        let taken = vault.import(&bytes, passphrase.as_bytes(), self.replace);
        let (taken, left) = taken.map_err(told)?;
        vault.save().map_err(told)?;
        for name in &left {
            output::warning(&format!(
                "{name} is here already and stays; --replace takes it"
            ));
        }
        let secrets = output::count(taken.len(), "secret");
        output::note(&format!("{secrets} taken; {NEXT}"));
        Ok(match left.is_empty() {
            true => Exit::Done,
            false => Exit::Failed,
        })
    }
}
