//! What people have logged in to: read from the vault when that changes, and what their tokens are
//! asked for with kept there when it changes.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use varistor_oauth::{Endpoints, Login};
use varistor_snapshot::schema::ArchivedPolicy;
use varistor_vault::VaultError;
use zeroize::Zeroizing;

use super::super::safe::opened;
use super::Place;
use crate::log;

/// How often a change of the vault is tried that others change as well.
const TRIES: usize = 8;

/// What another content of the vault's file differs in: it is replaced, never written into.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    changed: (i64, i64),
    bytes: u64,
}

/// That of the vault as it is; `None` where no server wants a login, or there is no vault.
pub(super) fn stamp(dir: &Path, policy: &ArchivedPolicy) -> Option<Stamp> {
    let mut rows = policy.servers.iter();
    let wanted = rows.any(|row| row.oauth.as_ref().is_some_and(|oauth| oauth.login != 0));
    if !wanted {
        return None;
    }
    let found = std::fs::metadata(dir.join("vault.json")).ok()?;
    Some(Stamp {
        inode: found.ino(),
        changed: (found.ctime(), found.ctime_nsec()),
        bytes: found.len(),
    })
}

/// Where the tokens of a login come from: from where it was given.
pub(super) fn endpoints(place: &Place) -> Option<Endpoints> {
    let login = place.login()?;
    Some(Endpoints {
        issuer: login.issuer.clone(),
        token: login.token.clone(),
        auth_methods: login.auth_methods.clone(),
        ..Endpoints::default()
    })
}

/// Takes the next refresh token in the place of the one before, which may be worth nothing from
/// now on: it is in the vault when this returns, or the log says why it is not.
pub(super) async fn renew(dir: &Path, place: &Arc<Place>, refresh: Zeroizing<String>) {
    let (Some(cell), Some(login)) = (&place.login, place.login()) else {
        return;
    };
    if login.refresh == refresh {
        return;
    }
    let name = login.name();
    cell.store(Arc::new(Login {
        refresh,
        ..(*login).clone()
    }));
    let (dir, own) = (dir.to_owned(), Arc::clone(place));
    // The vault is synced to the device.
    let kept = tokio::task::spawn_blocking(move || keep(&dir, &own, &name)).await;
    let error = match kept {
        Ok(Ok(())) => return,
        Ok(Err(error)) => format!("{error:#}"),
        Err(error) => error.to_string(),
    };
    log::warning(format_args!(
        "server {}: its new refresh token is not in the vault, so whoever logged in has to do so \
         again after the gateway's next start: {error}",
        place.server
    ));
}

fn keep(dir: &Path, place: &Place, name: &str) -> anyhow::Result<()> {
    for _ in 0..TRIES {
        let mut vault = opened(dir)?;
        let login = place.login().context("it is no login")?;
        let kept = vault.get(name, &login.server)?;
        let kept = Login::read(kept.expose()).context("what the vault holds is no login")?;
        if kept.since_unix_s != login.since_unix_s {
            return Ok(()); // somebody has logged in anew meanwhile
        }
        vault.sign("gateway");
        vault.set(name, &[&login.server], &login.written())?;
        match vault.save() {
            Err(VaultError::Changed { .. }) => {}
            saved => return Ok(saved?),
        }
    }
    anyhow::bail!("others change the vault all the time")
}
