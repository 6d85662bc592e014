//! `varictl catalog add`: one server of the catalogue into a policy file of its own, its
//! credentials into the vault. A run that fails, or is cut off, leaves no server that lacks them.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use varistor_onboard::catalogue::{
    Addition, Answers, Entry, Kind, Origin, Reached, Terms, Way, addition, file, questions,
};
use varistor_onboard::server_name;
use varistor_snapshot::schema::Policy;

use super::answers::{Sources, gathered};
use super::{catalogue, found, kind, way};
use crate::commands::push;
use crate::commands::vault::{self, told};
use crate::directory::PolicyDir;
use crate::exit::{BadPolicy, Exit, wrong};
use crate::output::plain;
use crate::snapshots::Snapshots;
use crate::{building, files, output, programs, terminal};

/// Add a server to the policy; asks for what is missing.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl catalog add github                       asks for the token, without echo
  varictl catalog add github < token               takes it from a file
  varictl catalog add filesystem --set directory=/srv/docs --as docs
  varictl catalog add clickhouse --values FILE     NAME=VALUE lines, secrets too
  varictl catalog add context7 --via remote --dry-run

The server becomes a policy file of its own (catalogue-NAME.yaml), which is yours to change;
credentials become secrets of the vault, for this server only. Nothing else in the policy is
touched. Run again, it changes nothing. Secrets are taken from no flag, where every process could
read them.")]
pub(crate) struct Add {
    /// The server's name in the catalogue, short or whole
    name: String,
    /// Its name in the policy [default: its short name]
    #[arg(long = "as", value_name = "NAME")]
    called: Option<String>,
    /// How to have it: npm, pypi, oci or remote [default: the first that the catalogue names]
    #[arg(long, value_name = "WAY", value_parser = kind)]
    via: Option<Kind>,
    /// Answers what it wants to know, unless that is a secret; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// File of NAME=VALUE lines that answer, secrets too (- for standard input)
    #[arg(long, value_name = "FILE")]
    values: Option<PathBuf>,
    /// Ask for these too, which it could do without (names, separated by commas)
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    with: Vec<String>,
    /// A host that it may reach beside those of the catalogue; repeatable
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
    /// Show what would be written, and write nothing
    #[arg(long, conflicts_with = "push")]
    dry_run: bool,
    /// Add an imported server without asking
    #[arg(long)]
    yes: bool,
    /// Send the policy to the running gateway afterwards
    #[arg(long)]
    push: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// What is going to be written.
struct Work<'w> {
    entry: &'w Entry,
    way: Way<'w>,
    addition: Addition,
    /// The policy file's name and text.
    name: String,
    text: String,
}

impl Add {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let catalogue = catalogue(Some(dir))?;
        let entry = found(&catalogue, &self.name)?;
        let server = self.called.as_deref().unwrap_or(&entry.extra.short);
        if server_name(server, &std::collections::BTreeSet::new()) != server {
            return Err(wrong(format!(
                "{} is no name of a server: lower-case letters, digits and `-`",
                plain(server)
            )));
        }
        let name = format!("catalogue-{server}.yaml");
        let policy = building::policy(dir)?;
        if is_there(dir, entry, (server, &name), &policy)? {
            output::note(&format!(
                "{server} is there already, by {name}; nothing was changed"
            ));
            return Ok(Exit::Done);
        }
        let way = way(entry, self.via)?;
        self.runs(&way)?;
        let work = self.work(dir, entry, way, (server, name))?;
        self.show(&work)?;
        if self.dry_run {
            output::note("nothing was changed");
            return Ok(Exit::Done);
        }
        if !self.is_agreed(&work)? {
            output::note("nothing was changed");
            return Ok(Exit::Done);
        }
        let lock = Snapshots::lock(dir)?;
        write(dir, &work)?;
        drop(lock);
        said(dir, &work, self.push);
        match self.push {
            true => push::plain(dir),
            false => Ok(Exit::Done),
        }
    }

    /// Whether there is the program that fetches it.
    fn runs(&self, way: &Way<'_>) -> anyhow::Result<()> {
        let Some(runner) = way.kind.runner() else {
            return Ok(());
        };
        if programs::is_there(runner) {
            return Ok(());
        }
        let from = match way.kind {
            Kind::Npm => "it comes with Node.js",
            Kind::Pypi => "it comes with uv",
            _ => "it comes with Docker; Podman has one of that name, too",
        };
        let what =
            format!("there is no program `{runner}` in PATH, which fetches and starts it; {from}");
        match self.dry_run {
            true => output::warning(&what),
            false => return Err(wrong(format!("{what}, or see --via"))),
        }
        Ok(())
    }

    fn work<'w>(
        &self,
        dir: &PolicyDir,
        entry: &'w Entry,
        way: Way<'w>,
        (server, name): (&str, String),
    ) -> anyhow::Result<Work<'w>> {
        let kept = match dir.vault().exists() {
            true => Some(vault::open(dir)?),
            false => None,
        };
        let questions = questions(&way);
        let sources = Sources {
            server,
            set: &self.set,
            values: self.values.as_deref(),
            with: &self.with,
            is_dry: self.dry_run,
        };
        let answers: Answers = gathered(&questions, &sources, kept.as_ref())?;
        let terms = Terms {
            server,
            cache: std::path::absolute(dir.root())?.join("cache"),
            is_path: &|path| Path::new(path).exists(),
            hosts: &self.host,
        };
        let short = &entry.extra.short;
        let addition = addition(entry, &way, &answers, &terms).map_err(|why| {
            let by = way.kind.name();
            wrong(plain(&format!("{short} can't be added by {by}: {why}")))
        })?;
        let text = file(entry, &way, &addition);
        Ok(Work {
            entry,
            way,
            addition,
            name,
            text,
        })
    }

    fn show(&self, work: &Work<'_>) -> anyhow::Result<()> {
        let addition = &work.addition;
        if self.json {
            let mut value = addition.value();
            if let Some(value) = value.as_object_mut() {
                value.insert("file".to_owned(), json!(work.name));
                value.insert("text".to_owned(), json!(work.text));
                value.insert("by".to_owned(), json!(work.way.kind.name()));
            }
            return output::json(&value);
        }
        output::line(&format!("{}:", work.name))?;
        for line in work.text.lines() {
            output::line(&format!("  {}", plain(line)))?;
        }
        for secret in &addition.secrets {
            let place = plain(&secret.place).into_owned();
            output::line(&format!("{place} -> ${{vault:{}}}", secret.name))?;
        }
        for note in &addition.notes {
            output::note(&format!("note: {}", plain(note)));
        }
        Ok(())
    }

    /// An imported server is added when somebody has seen what is started.
    fn is_agreed(&self, work: &Work<'_>) -> anyhow::Result<bool> {
        if work.entry.origin == Origin::BuiltIn || self.yes {
            return Ok(true);
        }
        let server = &work.addition.server;
        terminal::agrees(&format!("{server} was imported. Add it as shown?"))?.ok_or_else(|| {
            wrong(format!(
                "{server} was imported, and nobody is there to ask; look with --dry-run, then say \
                 --yes"
            ))
        })
    }
}

/// Whether the server is there as this entry. Refuses a name that something else has.
fn is_there(
    dir: &PolicyDir,
    entry: &Entry,
    (server, name): (&str, &str),
    policy: &Policy,
) -> anyhow::Result<bool> {
    let known = policy.servers.iter().any(|row| row.name == server);
    let text = files::read_if_there(&dir.root().join(name))?;
    match text {
        Some(text) if known && entry.is_in(&String::from_utf8_lossy(&text)) => Ok(true),
        None if !known => Ok(false),
        Some(_) => Err(wrong(format!(
            "{name} is there and holds something else; remove it, or give the server another name: \
             --as NAME"
        ))),
        None => Err(wrong(format!(
            "the policy has a server `{server}` already; give this one another name: --as NAME"
        ))),
    }
}

/// Secrets first, the policy last; what does not compile is taken back.
fn write(dir: &PolicyDir, work: &Work<'_>) -> anyhow::Result<()> {
    let addition = &work.addition;
    if !addition.secrets.is_empty() {
        if !dir.vault().exists() {
            vault::make(dir)?;
        }
        let mut vault = vault::open(dir)?;
        for secret in &addition.secrets {
            let (name, value) = (&secret.name, secret.value.as_bytes());
            vault.set(name, &[&addition.server], value).map_err(told)?;
        }
        vault.save().map_err(told)?;
    }
    if let Reached::Started(started) = &addition.reached
        && let Some(cache) = &started.cache
    {
        // `npx` starts what it has installed there; only what is there is let be started.
        files::private_directory(&cache.join("_npx"))?;
    }
    let path = dir.root().join(&work.name);
    files::replace_with_mode(&path, work.text.as_bytes(), 0o644)?;
    if let Err(problems) = building::compile(dir) {
        files::remove_if_there(&path)?;
        take_back(dir, addition)?;
        building::show(&problems);
        output::note("the server is taken back, with its secrets");
        return Err(BadPolicy.into());
    }
    Ok(())
}

fn take_back(dir: &PolicyDir, addition: &Addition) -> anyhow::Result<()> {
    if addition.secrets.is_empty() {
        return Ok(());
    }
    let mut vault = vault::open(dir)?;
    for secret in &addition.secrets {
        vault.remove(&secret.name).map_err(told)?;
    }
    vault.save().map_err(told)
}

fn said(dir: &PolicyDir, work: &Work<'_>, is_pushed: bool) {
    let (server, flag) = (&work.addition.server, dir.flag());
    output::note(&format!("{server} is in the policy, by {}", work.name));
    output::note(&format!(
        "next: let somebody use it, as in  roles: {{ NAME: {{ allow: [\"{server}/*\"] }} }}"
    ));
    if matches!(&work.addition.reached, Reached::Started(_)) {
        output::note(
            "      see what the sandbox refuses it, and narrow the rest: `varictl sandbox try`",
        );
    }
    if !is_pushed {
        output::note(&format!(
            "      the gateway knows it after `varictl push{flag}`"
        ));
    }
}
