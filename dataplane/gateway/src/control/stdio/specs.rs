//! What the bridge is to serve, made of the policy and the vault.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use rkyv::option::ArchivedOption;
use rkyv::rend::{u32_le, u64_le};
use rkyv::string::ArchivedString;
use rkyv::vec::ArchivedVec;
use sha2::{Digest as _, Sha256};
use varistor_model::Host;
use varistor_origin::Place;
use varistor_sandbox::{self as sandbox, Profile};
use varistor_snapshot::schema::{ArchivedEventStream, ArchivedSandboxLimits, ArchivedServer};
use varistor_snapshot::schema::{ArchivedNetwork, ArchivedPolicy, ArchivedPreset, ArchivedSandbox};
use varistor_snapshot::schema::{ArchivedStdio, ArchivedTemplatePart, ArchivedVariable};
use varistor_stdio::{Events, Instances, Program, Source, Spec};
use varistor_vault::Vault;
use zeroize::Zeroizing;

use super::super::publish;
use super::super::safe::Safe;

/// What is to be started, secrets included.
///
/// # Errors
/// A secret can't be had.
pub(in crate::control) fn specs(
    (dir, safe): (&Path, &Safe),
    policy: &ArchivedPolicy,
) -> anyhow::Result<Vec<Spec>> {
    let mut rows = policy.servers.iter();
    let vault = safe.vault_if(rows.any(needs_vault))?;
    let message_bytes = policy.runtime.answer_bytes_max.to_native();
    let message_bytes_max = usize::try_from(message_bytes).unwrap_or(usize::MAX);
    let spec = |row: &ArchivedServer| {
        let spec = match (row.stdio.as_ref(), row.events.as_ref()) {
            (Some(stdio), _) => of_program(dir, vault, (row, stdio))?,
            (None, Some(events)) => of_stream(vault, (row, events))?,
            (None, None) => return Ok(None),
        };
        anyhow::Ok(Some(Spec {
            message_bytes_max,
            ..spec
        }))
    };
    let all = policy.servers.iter().map(spec);
    all.filter_map(Result::transpose).collect()
}

fn needs_vault(row: &ArchivedServer) -> bool {
    let is_secret = |part: &ArchivedTemplatePart| matches!(part, ArchivedTemplatePart::Secret(_));
    let needs = |variable: &ArchivedVariable| variable.value.iter().any(is_secret);
    let stream = row.events.as_ref();
    let mut credentials = stream
        .into_iter()
        .flat_map(|stream| stream.credentials.iter());
    row.stdio
        .as_ref()
        .is_some_and(|it| it.env.iter().chain(it.files.iter()).any(needs))
        || credentials.any(|it| it.value.iter().any(is_secret))
}

fn of_program(
    dir: &Path,
    vault: Option<&Vault>,
    (row, stdio): (&ArchivedServer, &ArchivedStdio),
) -> anyhow::Result<Spec> {
    let mut env = Vec::with_capacity(stdio.env.len());
    for variable in stdio.env.iter() {
        let value = filled(vault, row, &variable.value)?;
        anyhow::ensure!(
            !value.contains('\0'),
            "server {}: variable {} holds a NUL",
            row.name,
            variable.name
        );
        env.push((variable.name.to_string(), value));
    }
    let own = || dir.join("run/stdio").join(row.name.as_str());
    let directory = stdio.directory.as_ref();
    let directory = directory.map_or_else(own, |named| PathBuf::from(named.as_str()));
    let mut files = Vec::with_capacity(stdio.files.len());
    for file in stdio.files.iter() {
        files.push((file.name.to_string(), filled(vault, row, &file.value)?));
    }
    let all = stdio.env.iter().chain(stdio.files.iter());
    let templates = all.map(|variable| &variable.value);
    Ok(Spec {
        name: row.name.to_string(),
        secrets: secrets(vault, row, templates)?,
        source: Source::Program(Box::new(Program {
            command: stdio.command.iter().map(ToString::to_string).collect(),
            sha256: stdio.sha256,
            env,
            files,
            directory: std::path::absolute(directory)?,
            is_own_directory: stdio.directory.is_none(),
            sandbox: stdio.sandbox.as_ref().map(profile),
        })),
        instances: instances(stdio.shared),
        idle: Duration::from_millis(stdio.idle_ms.to_native()),
        start: Duration::from_millis(stdio.start_ms.to_native()),
        eager: stdio.eager,
        children_max: count(stdio.children_max),
        message_bytes_max: 0,
    })
}

fn of_stream(
    vault: Option<&Vault>,
    (row, stream): (&ArchivedServer, &ArchivedEventStream),
) -> anyhow::Result<Spec> {
    let mut credentials = Vec::with_capacity(stream.credentials.len());
    for credential in stream.credentials.iter() {
        let value = filled(vault, row, &credential.value)?;
        let plain = value.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
        anyhow::ensure!(
            plain,
            "server {}: its credential has bytes that no header can",
            row.name
        );
        credentials.push((credential.header.to_string(), value));
    }
    let (tls, trust) = match stream.tls {
        false => (None, [0; 32]),
        true => {
            let context = || format!("server {}", row.name);
            let mut trust = Sha256::new();
            if let Some(path) = row.ca.as_ref() {
                trust.update(std::fs::read(path.as_str()).with_context(context)?);
            }
            let tls = publish::trust(row).with_context(context)?;
            (Some(tls), trust.finalize().into())
        }
    };
    let templates = stream
        .credentials
        .iter()
        .map(|credential| &credential.value);
    Ok(Spec {
        name: row.name.to_string(),
        secrets: secrets(vault, row, templates)?,
        source: Source::Events(Events {
            place: Place {
                host: stream.host.to_string(),
                port: stream.port.to_native(),
                tls: stream.tls,
            },
            authority: stream.authority.to_string(),
            path: stream.path.to_string(),
            allow_private: row.allow_private,
            credentials,
            tls,
            trust,
        }),
        instances: instances(stream.shared),
        idle: Duration::from_millis(stream.idle_ms.to_native()),
        start: Duration::from_millis(stream.start_ms.to_native()),
        eager: false,
        children_max: count(stream.streams_max),
        message_bytes_max: 0,
    })
}

const fn instances(is_shared: bool) -> Instances {
    match is_shared {
        true => Instances::Shared,
        false => Instances::Session,
    }
}

fn count(number: u32_le) -> usize {
    usize::try_from(number.to_native()).unwrap_or(usize::MAX)
}

/// What a server may do. Its environment and its directory are the bridge's to add.
fn profile(row: &ArchivedSandbox) -> Profile {
    let paths = |rows: &ArchivedVec<ArchivedString>| {
        let paths = rows.iter().map(|path| PathBuf::from(path.as_str()));
        paths.collect::<Vec<_>>()
    };
    Profile {
        level: match row.is_relaxed {
            true => sandbox::Level::Relaxed,
            false => sandbox::Level::Strict,
        },
        preset: match row.preset {
            ArchivedPreset::Auto => sandbox::Preset::Auto,
            ArchivedPreset::Node => sandbox::Preset::Node,
            ArchivedPreset::Python => sandbox::Preset::Python,
            ArchivedPreset::Uvx => sandbox::Preset::Uvx,
            ArchivedPreset::Binary => sandbox::Preset::Binary,
        },
        read: paths(&row.read),
        write: paths(&row.write),
        execute: paths(&row.execute),
        network: match &row.network {
            ArchivedNetwork::None => sandbox::Network::None,
            ArchivedNetwork::Tcp(ports) => {
                sandbox::Network::Tcp(ports.iter().map(|port| port.to_native()).collect())
            }
            ArchivedNetwork::Hosts(hosts) => sandbox::Network::Hosts(hosts_of(hosts)),
            ArchivedNetwork::Any => sandbox::Network::Any,
        },
        unix_sockets: row.unix_sockets,
        namespaces: match row.needs_namespaces {
            true => sandbox::Namespaces::Required,
            false => sandbox::Namespaces::WherePermitted,
        },
        limits: limits(&row.limits),
        ..Profile::default()
    }
}

/// The compiler has refused all others; one that is no host here is not let out to.
fn hosts_of(rows: &ArchivedVec<ArchivedString>) -> Vec<Host> {
    let hosts = rows.iter();
    hosts.filter_map(|row| Host::parse(row).ok()).collect()
}

fn limits(row: &ArchivedSandboxLimits) -> sandbox::Limits {
    let mut limits = sandbox::Limits::default();
    let set = |bound: &mut u64, named: Option<u64>| *bound = named.unwrap_or(*bound);
    let bytes = |named: &ArchivedOption<u64_le>| named.as_ref().map(|it| it.to_native());
    let count = |named: &ArchivedOption<u32_le>| named.as_ref().map(|it| it.to_native().into());
    set(&mut limits.memory_bytes, bytes(&row.memory_bytes));
    set(&mut limits.file_bytes, bytes(&row.file_bytes));
    set(&mut limits.temporary_bytes, bytes(&row.temporary_bytes));
    set(&mut limits.processes, count(&row.processes));
    set(&mut limits.open_files, count(&row.open_files));
    limits
}

/// A template with its secrets in it.
fn filled(
    vault: Option<&Vault>,
    server: &ArchivedServer,
    template: &ArchivedVec<ArchivedTemplatePart>,
) -> anyhow::Result<Zeroizing<String>> {
    let mut value = Zeroizing::new(String::with_capacity(256));
    for part in template.iter() {
        match part {
            ArchivedTemplatePart::Literal(text) => value.push_str(text),
            ArchivedTemplatePart::Secret(name) => value.push_str(&secret(vault, server, name)?),
        }
    }
    Ok(value)
}

/// The secrets of templates, each by itself.
fn secrets<'t>(
    vault: Option<&Vault>,
    server: &ArchivedServer,
    templates: impl Iterator<Item = &'t ArchivedVec<ArchivedTemplatePart>>,
) -> anyhow::Result<Vec<Zeroizing<String>>> {
    let parts = templates.flat_map(|template| template.iter());
    let secrets = parts.filter_map(|part| match part {
        ArchivedTemplatePart::Literal(_) => None,
        ArchivedTemplatePart::Secret(name) => Some(secret(vault, server, name)),
    });
    secrets.collect()
}

fn secret(
    vault: Option<&Vault>,
    server: &ArchivedServer,
    name: &str,
) -> anyhow::Result<Zeroizing<String>> {
    let place = || format!("server {}: secret `{name}`", server.name);
    let secret = vault.with_context(place)?.get(name, server.name.as_str());
    let secret = secret.with_context(place)?;
    let text = core::str::from_utf8(secret.expose()).with_context(place)?;
    Ok(Zeroizing::new(text.to_owned()))
}
