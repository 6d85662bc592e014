//! A client's file as it was, sealed with a key that is in the vault: it holds what was in plain
//! text there. Refuses one that anything has changed.

use anyhow::Context;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use varistor_vault::{Vault, VaultError};
use zeroize::Zeroizing;

use super::journal::Entry;
use crate::commands::vault::{self, told};
use crate::directory::PolicyDir;
use crate::exit::wrong;
use crate::files;

/// The secret that is the key, and the name that stands for nobody who may receive it.
const NAME: &str = "import-backups";
const NOBODY: &str = "_import";
const NONCE_BYTES: usize = 24;

/// Puts a key for backups into the vault, unless there is one.
pub(super) fn make_key(dir: &PolicyDir) -> anyhow::Result<()> {
    let mut vault = vault::open(dir)?;
    if vault.names().any(|entry| entry.name == NAME) {
        return Ok(());
    }
    let mut key = Zeroizing::new([0; 32]);
    random(&mut key[..])?;
    vault.set(NAME, &[NOBODY], &key[..]).map_err(told)?;
    vault.save().map_err(told)
}

/// Keeps the file of an import (mode 0600).
pub(super) fn keep(dir: &PolicyDir, entry: &Entry, bytes: &[u8]) -> anyhow::Result<()> {
    let mut nonce = [0; NONCE_BYTES];
    random(&mut nonce)?;
    let payload = Payload {
        msg: bytes,
        aad: entry.before.as_bytes(),
    };
    let sealed = cipher(dir)?.encrypt(&XNonce::from(nonce), payload);
    let sealed = sealed.map_err(|_| anyhow::anyhow!("the backup can't be sealed"))?;
    files::private_directory(&dir.state("imports"))?;
    files::replace(&entry.backup(dir), &[&nonce[..], &sealed].concat())
}

/// The file of an import, as it was.
pub(super) fn open(dir: &PolicyDir, entry: &Entry) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let path = entry.backup(dir);
    let bytes = std::fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
    let damaged = || {
        let path = path.display();
        wrong(format!(
            "{path} was changed, or belongs to another vault; restore it from a copy"
        ))
    };
    let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES).ok_or_else(damaged)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| damaged())?;
    let payload = Payload {
        msg: sealed,
        aad: entry.before.as_bytes(),
    };
    let opened = cipher(dir)?.decrypt(&XNonce::from(nonce), payload);
    opened.map(Zeroizing::new).map_err(|_| damaged())
}

fn cipher(dir: &PolicyDir) -> anyhow::Result<XChaCha20Poly1305> {
    let vault: Vault = vault::open(dir)?;
    let key = match vault.get(NAME, NOBODY) {
        Ok(key) => key,
        Err(VaultError::Unknown { .. }) => {
            let what = "is gone from the vault, so no backup of an import can be opened";
            return Err(wrong(format!("the secret {NAME} {what}")));
        }
        Err(error) => return Err(told(error)),
    };
    let cipher = XChaCha20Poly1305::new_from_slice(key.expose());
    cipher.map_err(|_| wrong(format!("the secret {NAME} is no key of 32 bytes")))
}

fn random(bytes: &mut [u8]) -> anyhow::Result<()> {
    getrandom::fill(bytes)
        .map_err(|error| anyhow::anyhow!("the kernel gives no random bytes: {error}"))
}
