//! Does what was planned: journal and backup first, the clients' files last. A run that is cut off
//! anywhere leaves each client's file as it was or whole as planned, and what it left elsewhere
//! goes with the next run.

use anyhow::Context;
use varistor_onboard::{Header, policy};
use varistor_snapshot::schema::Policy;
use varistor_token::Claims;

use super::journal::{self, Entry, Stage, digest};
use super::plans::{FilePlan, Plans};
use super::{Import, backup, place, undo};
use crate::commands::vault::{self, told};
use crate::commands::{push, token};
use crate::directory::PolicyDir;
use crate::exit::{BadPolicy, Exit, wrong};
use crate::quantities::{now_unix_s, time_text};
use crate::snapshots::Snapshots;
use crate::{agents, building, files, output};

/// Moves everything.
pub(super) fn run(import: &Import, dir: &PolicyDir, plans: &Plans) -> anyhow::Result<Exit> {
    let lock = Snapshots::lock(dir)?;
    undo::settle(dir)?;
    if !dir.vault().exists() {
        vault::make(dir)?;
    }
    backup::make_key(dir)?;
    still_free(dir, plans)?;
    let first = journal::next(&journal::all(dir)?);
    let mut works = Vec::with_capacity(plans.files.len());
    for (number, file) in (first..).zip(&plans.files) {
        works.push(Work::of(import, plans, file, (number, first))?);
    }
    if let Err(error) = all(dir, plans, &mut works) {
        // What matters is why; what can't be taken back now is with the next run.
        give_up(dir, &mut works);
        return Err(error);
    }
    for work in &works {
        let (path, servers) = (work.entry.file.display(), work.entry.at.len());
        let moved = output::count(servers, "server");
        output::note(&format!(
            "{path}: {moved} moved; `varictl import --undo` takes it back"
        ));
    }
    drop(lock);
    if import.push {
        return push::plain(dir);
    }
    output::note(&format!(
        "the gateway knows them after `varictl push{}`; then restart the clients",
        dir.flag()
    ));
    Ok(Exit::Done)
}

/// Refuses plans whose names were given away since they were made: what is there is not this run's
/// to overwrite, nor to take away.
fn still_free(dir: &PolicyDir, plans: &Plans) -> anyhow::Result<()> {
    let refused = |what: String| wrong(format!("{what} was made meanwhile; import again"));
    let vault = vault::open(dir)?;
    for file in &plans.files {
        let secrets = file.plan.moves.iter().flat_map(|one| &one.secrets);
        for secret in secrets {
            if vault.names().any(|kept| kept.name == secret.name) {
                return Err(refused(format!("the secret {}", secret.name)));
            }
        }
        let policy = dir.root().join(file.policy_file());
        for path in [&policy, &file.token_file] {
            if path.symlink_metadata().is_ok() {
                return Err(refused(path.display().to_string()));
            }
        }
    }
    Ok(())
}

/// Takes back what did not get done, as far as it is sure that no client starts it.
fn give_up(dir: &PolicyDir, works: &mut [Work<'_>]) {
    let is_begun = |work: &&mut Work<'_>| work.entry.stage == Stage::Begun;
    let (tried, untried): (Vec<_>, Vec<_>) = works
        .iter_mut()
        .filter(is_begun)
        .partition(|work| work.is_tried);
    let mut ends = Vec::new();
    for work in tried {
        ends.push(undo::end(dir, &mut work.entry));
    }
    let mut untried: Vec<_> = untried.into_iter().map(|work| &mut work.entry).collect();
    ends.push(undo::take_away(dir, &mut untried).map(|()| true));
    output::note(match ends.iter().all(Result::is_ok) {
        true => "what did not get done is taken back",
        false => "what did not get done goes with the next import",
    });
}

/// All of it: what the gateway needs first, the clients' files last.
fn all(dir: &PolicyDir, plans: &Plans, works: &mut [Work<'_>]) -> anyhow::Result<()> {
    for work in &*works {
        backup::keep(dir, &work.entry, &work.file.bytes)?;
        work.entry.save(dir)?;
    }
    let mut vault = vault::open(dir)?;
    for one in works.iter().flat_map(|work| &work.file.plan.moves) {
        for secret in &one.secrets {
            let value = secret.value.as_bytes();
            vault
                .set(&secret.name, &[&one.server], value)
                .map_err(told)?;
        }
    }
    vault.save().map_err(told)?;
    for work in &*works {
        for cache in &work.entry.caches {
            // `npx` starts what it has installed there; only what is there is let be started.
            files::private_directory(&cache.join("_npx"))?;
        }
        let path = dir.root().join(&work.entry.policy);
        files::replace_with_mode(&path, work.policy.as_bytes(), 0o644)?;
    }
    let compiled = building::compile(dir).map_err(|problems| {
        building::show(&problems);
        BadPolicy
    })?;
    for work in works {
        work.token(dir, plans, &compiled.policy)?;
        work.write()?;
        work.entry.stage = Stage::Done;
        work.entry.save(dir)?;
    }
    Ok(())
}

/// One file's import.
struct Work<'w> {
    file: &'w FilePlan,
    /// The policy file.
    policy: String,
    /// The client's file as it will be.
    rewritten: Vec<u8>,
    /// In seconds.
    ttl: u64,
    /// Whether the client's file may have been written.
    is_tried: bool,
    entry: Entry,
}

impl<'w> Work<'w> {
    fn of(
        import: &Import,
        plans: &Plans,
        file: &'w FilePlan,
        (number, run): (u64, u64),
    ) -> anyhow::Result<Self> {
        let moves = || file.plan.moves.iter();
        let (policy, rewritten) = (said(plans, file), rewritten(import, plans, file)?);
        let entry = Entry {
            number,
            run,
            stage: Stage::Begun,
            begun_unix_s: now_unix_s(),
            client: file.file.client.id.to_owned(),
            file: std::path::absolute(&file.file.path)?,
            before: digest(&file.bytes),
            after: digest(&rewritten),
            at: moves().map(|one| one.at.clone()).collect(),
            policy: file.policy_file(),
            policy_digest: digest(policy.as_bytes()),
            secrets: moves()
                .flat_map(|one| one.secrets.iter().map(|secret| secret.name.clone()))
                .collect(),
            caches: moves().filter_map(|one| one.cache().cloned()).collect(),
            token_file: file.token_file.clone(),
            token: None,
        };
        Ok(Self {
            file,
            policy,
            rewritten,
            ttl: import.ttl,
            is_tried: false,
            entry,
        })
    }

    /// A token for the new agent, in its file.
    fn token(&mut self, dir: &PolicyDir, plans: &Plans, policy: &Policy) -> anyhow::Result<()> {
        let agent = agents::find(
            policy,
            &format!("{}/{}", plans.organisation, self.file.agent),
        )?;
        let claims = Claims {
            organisation: plans.organisation.clone(),
            team: None,
            agent: agent.name.clone(),
            roles: vec![role(self.file)],
            servers: Vec::new(),
            tools: Vec::new(),
            expires_unix_s: now_unix_s().saturating_add(self.ttl),
            limits: Vec::new(),
        };
        let (token, id) = token::issued(dir, &claims)?;
        let entry = &mut self.entry;
        entry.token = Some(id);
        entry.save(dir)?;
        if let Some(folder) = entry.token_file.parent() {
            files::private_directory(folder)?;
        }
        files::replace(&entry.token_file, token.as_bytes())
    }

    /// The client's file, unless the client has written to it since it was read.
    fn write(&mut self) -> anyhow::Result<()> {
        let path = &self.entry.file;
        let now = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
        if now != self.file.bytes {
            let path = path.display();
            return Err(wrong(format!("{path} was changed meanwhile; import again")));
        }
        self.is_tried = true;
        files::replace_like(path, &self.rewritten)
    }
}

fn rewritten(import: &Import, plans: &Plans, file: &FilePlan) -> anyhow::Result<Vec<u8>> {
    let ca = import.ca.as_deref();
    let mut starts = Vec::with_capacity(file.plan.moves.len());
    for one in &file.plan.moves {
        let start = place::start(&plans.gateway, &one.server, &file.token_file, ca)?;
        starts.push((one.at.clone(), start));
    }
    let bytes = file.document.rewritten(file.file.client.kind, &starts);
    bytes.map_err(|error| wrong(format!("{}: {error}", file.file.path.display())))
}

fn role(file: &FilePlan) -> String {
    format!("imported-{}", file.agent)
}

/// The policy file of a plan.
fn said(plans: &Plans, file: &FilePlan) -> String {
    let (agent, title) = (&file.agent, file.file.client.title);
    let (path, token) = (file.file.path.display(), file.token_file.display());
    let when = time_text(now_unix_s());
    let header = Header {
        remarks: vec![
            format!("Servers of {title} ({path}), moved here by `varictl import` at {when}."),
            "Yours to change; `varictl import --undo` removes this file while it is as it was."
                .to_owned(),
            format!("A new token: varictl token issue --agent {agent} --ttl 30d > {token}"),
        ],
        organisation: plans.organisation.clone(),
        agent: agent.clone(),
        role: role(file),
    };
    policy(&header, &file.plan.moves)
}
