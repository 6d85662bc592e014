//! `secrets` and `secret_stores`: secrets that others keep, and that templates name as those of the
//! vault.
//!
//! Refuses a secret that the vault has as well, stores without TLS that are not on this machine,
//! and receivers that the policy does not have.

mod stores;

use std::collections::BTreeMap;

use varistor_snapshot::schema::{LentSecret, SecretSource, SecretStore, StoredSecret};

use crate::context::Context;
use crate::gather::Sources;
use crate::name;
use crate::problem::{Report, Wrong, nearest, quote};
use crate::read::{Fields, entries, index, join, one_or_list, parsed};
use crate::yaml::Node;

const SECRET: &[&str] = &["servers", "env", "file", "store", "path", "field"];
/// Receivers that are no servers: channels, the export of checkpoints.
const OWN: [&str; 3] = ["*", "_channels", "_audit"];
/// Most secrets of a policy, and longest text of one, in bytes.
const SECRETS_MAX: usize = 1_000;
const TEXT_BYTES_MAX: usize = 1_024;

/// What others keep, and where.
#[derive(Default)]
pub(crate) struct Lending {
    pub(crate) stores: Vec<SecretStore>,
    pub(crate) secrets: Vec<LentSecret>,
}

impl Lending {
    pub(crate) fn of(sources: &Sources<'_>, context: &Context<'_>, report: &mut Report) -> Self {
        let stores = stores::stores(sources, context, report);
        let secrets = secrets(sources, (&stores, context), report);
        let servers = |row: &LentSecret| (row.name.clone(), row.servers.clone());
        context.secrets.lend(secrets.iter().map(servers).collect());
        Self { stores, secrets }
    }
}

fn secrets(
    sources: &Sources<'_>,
    (stores, context): (&[SecretStore], &Context<'_>),
    report: &mut Report,
) -> Vec<LentSecret> {
    let Some(node) = sources.setting("secrets") else {
        return Vec::new();
    };
    let mut rows = BTreeMap::new();
    for (key, node) in entries(node, "secrets", report) {
        let refused = name::secret(&key.text).err();
        let refused = refused.or_else(|| (rows.len() >= SECRETS_MAX).then(|| at_most(SECRETS_MAX)));
        let refused = refused.or_else(|| {
            let wrong = Wrong::expected("a name that the vault does not have");
            let help = format!("take one of the two away: varictl vault rm {}", key.text);
            let is_there = context.secrets.holds(&key.text, report);
            is_there.then(|| wrong.help(help))
        });
        if let Some(wrong) = refused {
            let found = format!("the name {} in secrets", quote(&key.text));
            report.refuse(key.place, found, wrong);
            continue;
        }
        let row = lent(node, &key.text, (sources, stores), report);
        rows.extend(row.map(|row| (key.text, row)));
    }
    rows.into_values().collect()
}

fn lent(
    node: &Node,
    name: &str,
    (sources, stores): (&Sources<'_>, &[SecretStore]),
    report: &mut Report,
) -> Option<LentSecret> {
    let path = join("secrets", name);
    let fields = Fields::of(node, &path, SECRET, report);
    let servers = fields.required("servers", report);
    let servers = servers.map(|node| {
        let path = fields.path("servers");
        let known = sources.servers.keys().map(|key| &**key).chain(OWN);
        let known: Vec<&str> = known.collect();
        let mut names = Vec::new();
        for (at, member) in one_or_list(node).iter().enumerate() {
            names.extend(parsed(member, &index(&path, at), report, |text| {
                if known.contains(&text) {
                    return Ok(text.to_owned());
                }
                let wrong = Wrong::expected("a server of the policy, or `*` for all");
                Err(match nearest(text, known.iter().copied()) {
                    Some(help) => wrong.help(help),
                    None => wrong,
                })
            }));
        }
        names.sort_unstable();
        names.dedup();
        let has_none = one_or_list(node).is_empty();
        if has_none || (names.len() > 1 && names.iter().any(|name| name == "*")) {
            let wrong = Wrong::expected("names of servers, at least one, or `*` alone");
            report.refuse(node.place, format!("the list {path}"), wrong);
        }
        names
    });
    let from = source(&fields, (node, stores), report);
    Some(LentSecret {
        name: name.to_owned(),
        servers: servers?,
        from: from?,
    })
}

/// Where it is: one of the places.
fn source(
    fields: &Fields<'_>,
    (node, stores): (&Node, &[SecretStore]),
    report: &mut Report,
) -> Option<SecretSource> {
    let given = ["env", "file", "store"].map(|key| fields.get(key));
    if given[2].is_none() {
        for key in ["path", "field"] {
            if let Some(node) = fields.get(key) {
                let found = format!("{key} without `store` in {}", fields.name());
                report.refuse(node.place, found, Wrong::expected("`store` beside it"));
            }
        }
    }
    match given {
        [Some(node), None, None] => {
            let name = parsed(node, &fields.path("env"), report, variable);
            name.map(SecretSource::Environment)
        }
        [None, Some(node), None] => {
            let path = parsed(node, &fields.path("file"), report, absolute);
            path.map(SecretSource::File)
        }
        [None, None, Some(node)] => {
            let store = parsed(node, &fields.path("store"), report, |text| {
                let mut names = stores.iter().map(|row| row.name.as_str());
                if names.clone().any(|name| name == text) {
                    return Ok(text.to_owned());
                }
                let wrong = Wrong::expected("one of the `secret_stores`");
                Err(match nearest(text, names.by_ref()) {
                    Some(help) => wrong.help(help),
                    None => wrong,
                })
            });
            let path = fields.required("path", report);
            let path = path.and_then(|node| parsed(node, &fields.path("path"), report, plain_path));
            let field = fields.required("field", report);
            let field = field.and_then(|node| parsed(node, &fields.path("field"), report, visible));
            Some(SecretSource::Store(StoredSecret {
                store: store?,
                path: path?,
                field: field?,
            }))
        }
        _ => {
            let wrong = Wrong::expected("one of env, file and store");
            let found = format!("not one place for {}", fields.name());
            report.refuse(node.place, found, wrong);
            None
        }
    }
}

fn at_most(count: usize) -> Wrong {
    Wrong::expected(format!("at most {count}"))
}

/// What can stand in the path of a URL as it is.
fn plain_path(text: &str) -> Result<String, Wrong> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let sound = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(allowed);
    match text.len() <= TEXT_BYTES_MAX && text.split('/').all(sound) {
        true => Ok(text.to_owned()),
        false => Err(Wrong::expected(
            "a path such as secret/data/mail: letters, digits, hyphens, dots and underscores",
        )),
    }
}

fn visible(text: &str) -> Result<String, Wrong> {
    let fits = (1..=TEXT_BYTES_MAX).contains(&text.len());
    match fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(text.to_owned()),
        false => Err(Wrong::expected("1 to 1024 visible ASCII characters")),
    }
}

fn variable(text: &str) -> Result<String, Wrong> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match (1..=256).contains(&text.len()) && text.bytes().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err(Wrong::expected(
            "a variable of the gateway's environment, such as GITHUB_TOKEN",
        )),
    }
}

/// The gateway's file, which need not be there where the policy is compiled.
fn absolute(text: &str) -> Result<String, Wrong> {
    match text.starts_with('/') && text.len() <= TEXT_BYTES_MAX && !text.contains('\0') {
        true => Ok(text.to_owned()),
        false => Err(Wrong::expected("an absolute path")),
    }
}
