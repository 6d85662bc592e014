//! The key of the vault: a new one, how it is kept, and opening it. Refuses to put it where it
//! could not be found again.

use std::path::PathBuf;

use clap::Args;
use varistor_vault::{Key, Lock, VaultError};
use zeroize::Zeroizing;

use super::told;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::snapshots::Snapshots;
use crate::{files, operator, output, terminal};

/// Seal everything with a new key.
#[derive(Args, Debug)]
#[command(after_help = "\
The new key is kept as the old one was, in the key file or sealed with a passphrase (which is asked
for again). A gateway that runs has the secrets already; it needs nothing. A run that is cut off
leaves the old key or the new one in force, never neither.")]
pub(crate) struct Rekey {
    /// File with the passphrase, for its owner alone, where nobody can be asked
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Say how the key is kept, or keep it otherwise.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl vault key                             says how it is kept
  varictl vault key --passphrase                sealed (Argon2id, 64 MiB); see `vault unlock`
  varictl vault key --credential varistor-vault --out key
      systemd-creds encrypt --name=varistor-vault key /etc/credstore.encrypted/varistor-vault
      rm key
  varictl vault key --keyring varistor-vault    in the kernel's keyring, until the machine restarts
  varictl vault key --file                      in the key file again

The gateway finds the passphrase in the credential `varistor-vault-passphrase`, or in the file that
VARISTOR_VAULT_PASSPHRASE_FILE names.")]
pub(crate) struct KeyKept {
    /// Seal it with a passphrase
    #[arg(long, conflicts_with_all = ["credential", "keyring", "file"])]
    passphrase: bool,
    /// Let systemd hand it out as this credential
    #[arg(long, value_name = "NAME", requires = "out", conflicts_with_all = ["keyring", "file"])]
    credential: Option<String>,
    /// Keep it in the kernel's keyring under this name
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    keyring: Option<String>,
    /// Keep it in the key file
    #[arg(long)]
    file: bool,
    /// New file (0600) for the key as systemd-creds takes it
    #[arg(long, value_name = "FILE", requires = "credential")]
    out: Option<PathBuf>,
    /// File with the passphrase, for its owner alone, where nobody can be asked
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Open a key that a passphrase seals, for twelve hours.
#[derive(Args, Debug)]
#[command(after_help = "\
The key is put into the kernel's keyring of this user, where other commands and a gateway of the
same user find it. Nothing is written to the disk.")]
pub(crate) struct Unlock {}

/// The key, and the passphrase that opened it.
pub(super) fn opened(dir: &PolicyDir) -> anyhow::Result<(Key, Option<Zeroizing<String>>)> {
    let path = dir.key("vault.key");
    match Key::load(&path) {
        Ok(key) => Ok((key, None)),
        Err(error @ VaultError::Locked { .. }) => {
            let is_passphrase = Key::lock_of(&path).is_ok_and(|lock| lock.is_passphrase());
            let typed = is_passphrase.then(|| terminal::hidden("Passphrase of the vault: "));
            let passphrase = typed.flatten().ok_or_else(|| told(error))?;
            let key = Key::load_with(&path, Some(passphrase.as_bytes())).map_err(told)?;
            Ok((key, Some(passphrase)))
        }
        Err(error) => Err(told(error)),
    }
}

/// The key in force, once a change of keys that was cut off has ended: it opens the vault.
fn settled(dir: &PolicyDir) -> anyhow::Result<Key> {
    let path = dir.key("vault.key");
    let (_, passphrase) = opened(dir)?;
    let passphrase = passphrase.as_ref().map(|it| it.as_bytes());
    Key::settle(&path, &dir.vault(), passphrase).map_err(told)?;
    // What was read before may be the old one, which is of no use any more.
    let key = Key::load_with(&path, passphrase).map_err(told)?;
    varistor_vault::Vault::open(&dir.vault(), &key).map_err(told)?;
    Ok(key)
}

impl Rekey {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let _alone = Snapshots::lock(dir)?;
        let path = dir.key("vault.key");
        let (_, old) = opened(dir)?;
        let old = old.as_ref().map(|old| old.as_bytes());
        Key::settle(&path, &dir.vault(), old).map_err(told)?;
        let key = Key::load_with(&path, old).map_err(told)?;
        let mut vault = varistor_vault::Vault::open(&dir.vault(), &key).map_err(told)?;
        vault.sign(&operator::name(None));
        let kept = Key::lock_of(&path).map_err(told)?;
        let new = Key::generate().map_err(told)?;
        let lock = if kept.is_plain() {
            Lock::plain(&new)
        } else if kept.is_passphrase() {
            let passphrase = passphrase(self.passphrase_file.as_deref())?;
            Lock::passphrase(&new, passphrase.as_bytes()).map_err(told)?
        } else {
            return Err(wrong(format!(
                "the key is kept by a {}, where this can't put another one; \
                 `varictl vault key --file` first",
                kept.name()
            )));
        };
        Key::stage(&path, &lock).map_err(told)?;
        vault.rekey(&new).map_err(told)?;
        vault.save().map_err(told)?;
        Key::promote(&path).map_err(told)?;
        output::note("everything is sealed with a new key; keep a copy of it, and none of the old");
        Ok(Exit::Done)
    }
}

impl KeyKept {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let path = dir.key("vault.key");
        let asks_nothing = !self.passphrase && !self.file;
        if asks_nothing && self.credential.is_none() && self.keyring.is_none() {
            let kept = Key::lock_of(&path).map_err(told)?;
            output::line(kept.name())?;
            return Ok(Exit::Done);
        }
        let _alone = Snapshots::lock(dir)?;
        let key = settled(dir)?;
        let name = |name: &str| wrong(format!("{name:?} is no name of a key"));
        let mut passphrase_new = None;
        let lock = match (&self.credential, &self.keyring) {
            (Some(credential), _) => {
                let lock = Lock::credential(credential).ok_or_else(|| name(credential))?;
                if let Some(out) = &self.out {
                    files::create(out, 0o600, key.digits().as_bytes())?;
                }
                lock
            }
            (None, Some(keyring)) => {
                let lock = Lock::keyring(keyring).ok_or_else(|| name(keyring))?;
                lock.remember(&key).map_err(told)?;
                lock
            }
            (None, None) if self.file => Lock::plain(&key),
            (None, None) => {
                let typed = passphrase_new.insert(passphrase(self.passphrase_file.as_deref())?);
                Lock::passphrase(&key, typed.as_bytes()).map_err(told)?
            }
        };
        let given = passphrase_new.as_ref().map(|it| it.as_bytes());
        if !lock.is_around(&key, given) {
            return Err(wrong(format!(
                "the {} does not give the key back; nothing was changed",
                lock.name()
            )));
        }
        Key::relock(&path, &lock).map_err(told)?;
        output::note(&format!(
            "the key is kept by {}; copies of the key file from before still open the vault, \
             until `varictl vault rekey`",
            lock.name()
        ));
        Ok(Exit::Done)
    }
}

impl Unlock {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let path = dir.key("vault.key");
        let lock = Key::lock_of(&path).map_err(told)?;
        if !lock.is_passphrase() {
            output::note(&format!(
                "the key is kept by {}; nothing is locked",
                lock.name()
            ));
            return Ok(Exit::Done);
        }
        let passphrase = terminal::secret("Passphrase of the vault: ")?;
        let key = Key::load_with(&path, Some(passphrase.as_bytes())).map_err(told)?;
        lock.remember(&key).map_err(told)?;
        output::note("the vault is open to this user for twelve hours");
        Ok(Exit::Done)
    }
}

/// A passphrase for a new lock: from a file, or typed twice.
pub(super) fn passphrase(file: Option<&std::path::Path>) -> anyhow::Result<Zeroizing<String>> {
    /// Shortest passphrase: with Argon2id, four words or ten characters take years.
    const BYTES_MIN: usize = 10;
    let typed = match file {
        Some(path) => {
            let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| {
                wrong(format!("{}: it can't be read: {error}", path.display()))
            })?);
            Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        None => {
            let typed = terminal::secret("New passphrase: ")?;
            if !terminal::is_typed_again("Once more: ", &typed)? {
                return Err(wrong("the two are not the same; nothing was changed"));
            }
            typed
        }
    };
    match typed.len() < BYTES_MIN {
        true => Err(wrong(format!(
            "a passphrase has at least {BYTES_MIN} bytes"
        ))),
        false => Ok(typed),
    }
}
