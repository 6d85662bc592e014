//! The secrets of one publication: the vault, opened when the first of them is wanted, and what
//! others have lent to it.

use core::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use varistor_vault::{Key, Vault};

use super::lent::Loan;

/// See the module.
pub(super) struct Safe {
    dir: PathBuf,
    lent: Arc<Loan>,
    opened: OnceCell<Result<Vault, String>>,
}

impl Safe {
    pub(super) fn of(dir: &Path, lent: &Arc<Loan>) -> Self {
        Self {
            dir: dir.to_owned(),
            lent: Arc::clone(lent),
            opened: OnceCell::new(),
        }
    }

    /// Whether there is anything in it to be recognised.
    pub(super) fn is_there(&self) -> bool {
        self.lent.count() > 0 || self.dir.join("vault.json").exists()
    }

    /// The vault.
    ///
    /// # Errors
    /// Why it can't be opened.
    pub(super) fn vault(&self) -> anyhow::Result<&Vault> {
        let opened = self.opened.get_or_init(|| {
            let mut vault = opened(&self.dir).map_err(|error| format!("{error:#}"))?;
            let lent = vault.lend(self.lent.copies());
            lent.map_err(|error| error.to_string())?;
            Ok(vault)
        });
        opened.as_ref().map_err(|why| anyhow::anyhow!("{why}"))
    }

    /// The vault, where it is needed.
    pub(super) fn vault_if(&self, needed: bool) -> anyhow::Result<Option<&Vault>> {
        needed.then(|| self.vault()).transpose()
    }
}

/// The vault of this directory, as it is saved.
pub(super) fn opened(dir: &Path) -> anyhow::Result<Vault> {
    let key = Key::load(&dir.join("keys/vault.key"))?;
    Ok(Vault::open(&dir.join("vault.json"), &key)?)
}
