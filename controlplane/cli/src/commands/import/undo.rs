//! Takes imports back: the client's file byte for byte, unless the client has changed it since;
//! then the servers alone, each as it stood. Then what the import had made elsewhere.

use anyhow::Context;
use varistor_model::TokenId;
use varistor_onboard::{Client, Document};
use varistor_vault::Vault;

use super::journal::{self, Entry, Found, Stage, digest};
use super::{Import, backup};
use crate::commands::vault::{self, told};
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::quantities::now_unix_s;
use crate::snapshots::Snapshots;
use crate::{building, files, output, registry};

/// Takes back what was asked for.
pub(super) fn run(import: &Import, dir: &PolicyDir) -> anyhow::Result<Exit> {
    let lock = Snapshots::lock(dir)?;
    settle(dir)?;
    let mut entries = journal::all(dir)?;
    entries.retain(|entry| entry.stage == Stage::Done && is_wanted(entry, import));
    let Some(run) = entries.last().map(|entry| entry.run) else {
        return Err(wrong("there is no such import to take back"));
    };
    entries.retain(|entry| entry.run == run);
    let (mut restored, mut is_whole) = (Vec::new(), true);
    for entry in entries.into_iter().rev() {
        let path = entry.file.display().to_string();
        let (what, gone) = restore(dir, &entry)?;
        output::note(&format!("{path}: {what}"));
        if gone.is_empty() {
            restored.push(entry);
            continue;
        }
        for at in &gone {
            let name = at.last().map_or("", String::as_str);
            let name = output::plain(name);
            output::warning(&format!(
                "{path}: {name} is no more in it and is not put back"
            ));
        }
        // What they had in plain text is nowhere else.
        output::warning(&format!(
            "{path}: the backup and the secrets stay. Put entries of those names into the file and \
             undo again, or move state/imports/{:04}.json away",
            entry.number
        ));
        is_whole = false;
    }
    restored.reverse();
    take_away(dir, &mut restored.iter_mut().collect::<Vec<_>>())?;
    drop(lock);
    if !is_whole {
        return Ok(Exit::Failed);
    }
    let flag = dir.flag();
    output::note(&format!(
        "a running gateway keeps its servers until `varictl push{flag}`"
    ));
    Ok(Exit::Done)
}

fn is_wanted(entry: &Entry, import: &Import) -> bool {
    let is_client = |client: &&'static Client| client.id == entry.client;
    let file = import
        .file
        .as_ref()
        .and_then(|file| std::path::absolute(file).ok());
    (import.client.is_empty() || import.client.iter().any(is_client))
        && (import.file.is_none() || file.as_ref() == Some(&entry.file))
}

/// Ends what was cut off: an import whose file was written is done, the rest of it counts; of one
/// whose file is as before, everything goes. Where neither is sure, everything stays.
pub(super) fn settle(dir: &PolicyDir) -> anyhow::Result<()> {
    for mut entry in journal::all(dir)? {
        match entry.stage {
            Stage::Begun => {}
            Stage::Done => continue,
            Stage::Undone => {
                files::remove_if_there(&entry.backup(dir))?;
                continue;
            }
        }
        end(dir, &mut entry)?;
    }
    Ok(())
}

/// Ends one that was begun; whether it is clear how it ended.
pub(super) fn end(dir: &PolicyDir, entry: &mut Entry) -> anyhow::Result<bool> {
    match entry.found()? {
        Found::After => {
            entry.stage = Stage::Done;
            entry.save(dir)?;
        }
        Found::Before => {
            take_away(dir, &mut [&mut *entry])?;
            let path = entry.file.display();
            output::note(&format!("{path}: an import that was cut off is taken back"));
        }
        Found::Unclear => {
            let (path, number) = (entry.file.display(), entry.number);
            output::warning(&format!(
                "{path}: an import was cut off, and the file is neither as before nor as planned; \
                 its backup, secrets and token stay. Put the file back as it was, or move \
                 state/imports/{number:04}.json away"
            ));
            return Ok(false);
        }
    }
    Ok(true)
}

/// Puts the client's file back; says how, and which servers it could not put back.
fn restore(dir: &PolicyDir, entry: &Entry) -> anyhow::Result<(&'static str, Vec<Vec<String>>)> {
    let path = &entry.file;
    let Some(now) = files::read_if_there(path)? else {
        files::create(path, 0o600, &backup::open(dir, entry)?)?;
        return Ok((
            "it was gone, and is as it was before the import",
            Vec::new(),
        ));
    };
    let found = digest(&now);
    if found == entry.before {
        return Ok(("it was as before already", Vec::new()));
    }
    let before = backup::open(dir, entry)?;
    if found == entry.after {
        files::replace_like(path, &before)?;
        return Ok(("it is as it was, byte for byte", Vec::new()));
    }
    let client = Client::named(&entry.client).with_context(|| entry.client.clone())?;
    let told = |error: varistor_onboard::DocumentError| {
        wrong(format!("{}: {error}; nothing was changed", path.display()))
    };
    let now = Document::parse(client.syntax, &now).map_err(told)?;
    let before = Document::parse(client.syntax, &before).map_err(told)?;
    let (bytes, gone) = now.restored(&before, &entry.at).map_err(told)?;
    files::replace_like(path, &bytes)?;
    let what = "it was changed since, so its servers are as they were, and the rest as it is now";
    Ok((what, gone))
}

/// Removes what imports made beside the clients' files, as far as nobody has changed it.
pub(super) fn take_away(dir: &PolicyDir, entries: &mut [&mut Entry]) -> anyhow::Result<()> {
    for entry in &*entries {
        if let Some(id) = entry.token.as_deref().and_then(TokenId::from_hex) {
            registry::revoke(dir, id, now_unix_s())?;
        }
        files::remove_if_there(&entry.token_file)?;
    }
    let stay = remove_policies(dir, entries)?;
    for entry in entries {
        if !stay.contains(&entry.number) {
            remove_secrets(dir, entry)?;
            remove_caches(entry);
        }
        entry.stage = Stage::Undone;
        entry.save(dir)?;
        // It holds what was in plain text, and is of no use any more.
        files::remove_if_there(&entry.backup(dir))?;
    }
    Ok(())
}

/// Removes the policy files; the numbers of those imports whose file stays.
fn remove_policies(dir: &PolicyDir, entries: &[&mut Entry]) -> anyhow::Result<Vec<u64>> {
    let (mut removed, mut stay) = (Vec::new(), Vec::new());
    for entry in entries {
        let path = dir.root().join(&entry.policy);
        let Some(bytes) = files::read_if_there(&path)? else {
            continue;
        };
        if digest(&bytes) == entry.policy_digest {
            files::remove_if_there(&path)?;
            removed.push((entry, path, bytes));
        } else {
            let stays = "was changed since and stays, with its secrets; remove it when it is of \
                         no use";
            output::warning(&format!("{} {stays}", entry.policy));
            stay.push(entry.number);
        }
    }
    if removed.is_empty() || building::compile(dir).is_ok() {
        return Ok(stay);
    }
    for (_, path, bytes) in &removed {
        files::replace_with_mode(path, bytes, 0o644)?;
    }
    if building::compile(dir).is_ok() {
        for (entry, ..) in removed {
            let stays = "stays, with its secrets: the rest of the policy names what is in it";
            output::warning(&format!("{} {stays}", entry.policy));
            stay.push(entry.number);
        }
        return Ok(stay);
    }
    // Something else is wrong with the policy; what goes is not to blame.
    for (_, path, _) in removed {
        files::remove_if_there(&path)?;
    }
    Ok(stay)
}

fn remove_caches(entry: &Entry) {
    for cache in &entry.caches {
        if let Err(error) = std::fs::remove_dir_all(cache)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            output::warning(&format!("{} stays: {error}", cache.display()));
        }
    }
}

fn remove_secrets(dir: &PolicyDir, entry: &Entry) -> anyhow::Result<()> {
    let mut vault: Vault = vault::open(dir)?;
    let mut is_changed = false;
    for name in &entry.secrets {
        let version = vault
            .names()
            .find(|kept| kept.name == name)
            .map(|kept| kept.version);
        match version {
            Some(1) => {
                vault.remove(name).map_err(told)?;
                is_changed = true;
            }
            Some(_) => output::warning(&format!("the secret {name} was set anew since and stays")),
            None => {}
        }
    }
    match is_changed {
        true => vault.save().map_err(told),
        false => Ok(()),
    }
}
