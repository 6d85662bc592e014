//! Whether the secrets that a policy names are in the vault, and for the server that gets them.
//!
//! The vault is opened when the first secret is named: a policy without secrets needs none.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use varistor_snapshot::schema::TemplatePart;
use varistor_vault::{Key, Vault, VaultError};

use crate::problem::{Place, Report, Wrong, nearest, quote};
use crate::template;

const VAULT: &str = "vault.json";
const KEY: &str = "keys/vault.key";

/// The vault of a directory.
pub(crate) struct Secrets {
    dir: PathBuf,
    vault: OnceCell<Option<Vault>>,
    /// Those that others keep, and who may receive each.
    lent: OnceCell<BTreeMap<String, Vec<String>>>,
}

impl Secrets {
    pub(crate) fn of(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            vault: OnceCell::new(),
            lent: OnceCell::new(),
        }
    }

    /// Takes note of the secrets that others keep.
    pub(crate) fn lend(&self, all: BTreeMap<String, Vec<String>>) {
        // There is one policy, and they are read once.
        let _ = self.lent.set(all);
    }

    /// Whether the vault itself has a secret of this name.
    pub(crate) fn holds(&self, name: &str, report: &mut Report) -> bool {
        let vault = self.vault.get_or_init(|| self.open(report));
        let mut names = vault.iter().flat_map(|vault| vault.names());
        names.any(|entry| entry.name == name)
    }

    /// Reports those secrets of a template that are missing or not for this server.
    pub(crate) fn check_all(
        &self,
        parts: &[TemplatePart],
        server: &str,
        place: Place,
        report: &mut Report,
    ) {
        for name in template::secrets_of(parts) {
            self.check(name, server, place, report);
        }
    }

    /// Reports a secret that is missing or not for this server.
    fn check(&self, name: &str, server: &str, place: Place, report: &mut Report) {
        if let Some(servers) = self.lent.get().and_then(|all| all.get(name)) {
            if !servers.iter().any(|one| one == server || one == "*") {
                let (name, server) = (quote(name), quote(server));
                let found = format!("the secret {name} for server {server}, which may not get it");
                let wrong = Wrong::expected("a server among its `servers` in `secrets`");
                report.refuse(place, found, wrong);
            }
            return;
        }
        // A vault that can't be opened is one problem, not one for every secret.
        let Some(vault) = self.vault.get_or_init(|| self.open(report)) else {
            return;
        };
        let refusal = match vault.get(name, server) {
            Ok(_) => return,
            Err(refusal) => refusal,
        };
        let found = format!("the secret {} for server {}", quote(name), quote(server));
        let (found, wrong) = match refusal {
            VaultError::Unknown { .. } => {
                let near = nearest(name, vault.names().map(|entry| entry.name));
                let help = near.unwrap_or_else(|| {
                    format!("add it: varictl vault set {name} --servers {server}")
                });
                let wrong = Wrong::expected("the name of a secret in the vault").help(help);
                (format!("{found}, which the vault does not hold"), wrong)
            }
            VaultError::NotAllowed { allowed, .. } => {
                let expected = format!("one that may be sent to {server}");
                let help = format!(
                    "the vault allows it for {} only; if it is meant for {server} too, set it \
                     again with that server",
                    allowed.join(", ")
                );
                (
                    format!("{found}, which may not get it"),
                    Wrong::expected(expected).help(help),
                )
            }
            other => (
                format!("{found} ({other})"),
                Wrong::expected("a secret that can be used"),
            ),
        };
        report.refuse(place, found, wrong);
    }

    fn open(&self, report: &mut Report) -> Option<Vault> {
        let opened = Key::load(&self.dir.join(KEY))
            .map_err(|error| (KEY, error))
            .and_then(|key| {
                Vault::open(&self.dir.join(VAULT), &key).map_err(|error| (VAULT, error))
            });
        match opened {
            Ok(vault) => Some(vault),
            Err((file, error)) => {
                let place = report.file(file);
                let wrong = Wrong::expected("the vault that the policy's secrets are in");
                report.refuse(place, format!("it can't be opened ({error})"), wrong);
                None
            }
        }
    }
}
