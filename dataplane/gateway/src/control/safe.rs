//! The secrets of one publication: the vault, opened when the first of them is wanted, and what
//! others have lent to it.

use core::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use varistor_snapshot::schema::ArchivedTemplatePart;
use varistor_vault::{Key, Part, Vault};
use zeroize::Zeroizing;

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

/// A template filled from the vault, for this receiver.
///
/// # Errors
/// A secret is missing, not for this receiver, or no text.
pub(super) fn text(
    vault: &Vault,
    receiver: &str,
    parts: &[ArchivedTemplatePart],
) -> anyhow::Result<Zeroizing<String>> {
    let parts = parts.iter().map(|part| match part {
        ArchivedTemplatePart::Literal(text) => Part::Text(text),
        ArchivedTemplatePart::Secret(name) => Part::Secret(name),
    });
    let bytes = vault.filled(receiver, parts)?;
    let text = core::str::from_utf8(&bytes).context("a secret that is no text")?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// The vault of this directory, as it is saved.
pub(super) fn opened(dir: &Path) -> anyhow::Result<Vault> {
    let key = Key::load(&dir.join("keys/vault.key"))?;
    Ok(Vault::open(&dir.join("vault.json"), &key)?)
}
