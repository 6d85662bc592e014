//! Servers that the gateway starts itself: what the policy says of them, their state, their
//! records.

use core::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rkyv::option::ArchivedOption;
use rkyv::rend::{u32_le, u64_le};
use rkyv::string::ArchivedString;
use rkyv::vec::ArchivedVec;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use varistor_audit::Event;
use varistor_model::Host;
use varistor_sandbox::{self as sandbox, Profile};
use varistor_snapshot::schema::{ArchivedNetwork, ArchivedPolicy, ArchivedPreset, ArchivedSandbox};
use varistor_snapshot::schema::{ArchivedSandboxLimits, ArchivedServer, ArchivedStdio};
use varistor_snapshot::schema::{ArchivedTemplatePart, ArchivedVariable};
use varistor_stdio::{Bridge, Instances, Level, Options, Shown, Spec, Told};
use varistor_vault::{Key, Vault};
use zeroize::Zeroizing;

use super::{Control, Journal};
use crate::hub::Hub;
use crate::log;
use crate::switch::Switch;

/// Records that wait for the log; what does not fit stands on standard error only.
const TOLD_MAX: usize = 256;

/// Where workers find the bridge.
pub(super) fn socket(dir: &Path) -> PathBuf {
    dir.join("run/stdio.sock")
}

/// Starts the bridge with these servers; what it tells is to be recorded.
pub(crate) fn start(
    (dir, hub, switch): (&Path, &Arc<Hub>, &Switch),
    servers: Vec<Spec>,
) -> anyhow::Result<(Bridge, mpsc::Receiver<Told>)> {
    let (told, records) = mpsc::channel(TOLD_MAX);
    let kill = Arc::clone(&hub.kill);
    let socket = socket(dir);
    let context = format!("{}: can't be listened on", socket.display());
    let bridge = Bridge::start(Options {
        socket,
        stopped: Box::new(move |name| kill.stopped().has_server(name)),
        stops: switch.versions.subscribe(),
        say,
        told,
    });
    let bridge = bridge.context(context)?;
    bridge.servers().serve(servers);
    Ok((bridge, records))
}

fn say(level: Level, text: core::fmt::Arguments<'_>) {
    match level {
        Level::Info => log::info(text),
        Level::Warning => log::warning(text),
    }
}

/// Records what the bridge tells.
pub(super) async fn record(journal: Rc<Journal>, mut told: mpsc::Receiver<Told>) {
    while let Some(told) = told.recv().await {
        let event = Event::Child {
            server: &told.server,
            what: told.what,
            detail: &told.detail,
        };
        journal.record(&event).await;
    }
}

/// What is to be started, secrets included.
///
/// # Errors
/// A secret can't be had.
pub(super) fn specs(dir: &Path, policy: &ArchivedPolicy) -> anyhow::Result<Vec<Spec>> {
    let rows = || policy.servers.iter();
    let started = rows().filter_map(|row| Some((row, row.stdio.as_ref()?)));
    let is_secret = |part: &ArchivedTemplatePart| matches!(part, ArchivedTemplatePart::Secret(_));
    let needs = |variable: &ArchivedVariable| variable.value.iter().any(is_secret);
    let mut all = started.clone();
    let vault = match all.any(|(_, stdio)| stdio.env.iter().any(needs)) {
        false => None,
        true => {
            let key = Key::load(&dir.join("keys/vault.key"))?;
            Some(Vault::open(&dir.join("vault.json"), &key)?)
        }
    };
    let message_bytes = policy.runtime.answer_bytes_max.to_native();
    let message_bytes_max = usize::try_from(message_bytes).unwrap_or(usize::MAX);
    let spec = |(row, stdio): (&ArchivedServer, &ArchivedStdio)| {
        let env = environment(vault.as_ref(), row, stdio)?;
        let own = || dir.join("run/stdio").join(row.name.as_str());
        let directory = stdio.directory.as_ref();
        let directory = directory.map_or_else(own, |named| PathBuf::from(named.as_str()));
        anyhow::Ok(Spec {
            name: row.name.to_string(),
            command: stdio.command.iter().map(ToString::to_string).collect(),
            sha256: stdio.sha256,
            env,
            directory: std::path::absolute(directory)?,
            is_own_directory: stdio.directory.is_none(),
            sandbox: stdio.sandbox.as_ref().map(profile),
            instances: match stdio.shared {
                true => Instances::Shared,
                false => Instances::Session,
            },
            idle: Duration::from_millis(stdio.idle_ms.to_native()),
            start: Duration::from_millis(stdio.start_ms.to_native()),
            eager: stdio.eager,
            children_max: usize::try_from(stdio.children_max.to_native()).unwrap_or(usize::MAX),
            message_bytes_max,
        })
    };
    started.map(spec).collect()
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

fn environment(
    vault: Option<&Vault>,
    server: &ArchivedServer,
    stdio: &ArchivedStdio,
) -> anyhow::Result<Vec<(String, Zeroizing<String>)>> {
    let mut env = Vec::with_capacity(stdio.env.len());
    for variable in stdio.env.iter() {
        let mut value = Zeroizing::new(String::with_capacity(256));
        for part in variable.value.iter() {
            match part {
                ArchivedTemplatePart::Literal(text) => value.push_str(text),
                ArchivedTemplatePart::Secret(name) => {
                    let place = || format!("server {}: secret `{name}`", server.name);
                    let vault = vault.with_context(place)?;
                    let secret = vault.get(name.as_str(), server.name.as_str());
                    let secret = secret.with_context(place)?;
                    let text = core::str::from_utf8(secret.expose()).with_context(place)?;
                    anyhow::ensure!(!text.contains('\0'), "{}: it holds a NUL", place());
                    value.push_str(text);
                }
            }
        }
        env.push((variable.name.to_string(), value));
    }
    Ok(env)
}

/// Adds what there is to tell of a server that the gateway starts itself.
pub(super) fn add_status(control: &Control, server: &str, row: &mut Value) {
    let Some(shown) = control.servers.board().shown(server) else {
        return;
    };
    row["state"] = json!(shown.state());
    row["stdio"] = json!({
        "children": shown.children,
        "sessions": shown.sessions,
        "starts": shown.starts,
        "crashes": shown.crashes,
        "refused": shown.refused,
        "dropped": shown.dropped,
        "noise": shown.noise,
        "pause_ms": shown.pause_ms,
        "last_error": shown.last_error,
    });
}

/// Appends the metrics of servers that the gateway starts itself, in the Prometheus text format.
pub(super) fn metrics(control: &Control, text: &mut String) {
    let published = control.hub.published();
    let board = control.servers.board();
    let rows = published.upstreams.iter();
    let rows = rows.filter_map(|it| Some((it.name.as_str(), board.shown(&it.name)?)));
    let rows: Vec<_> = rows.collect();
    let mut add = |name: &str, (kind, help): (&str, &str), value: fn(&Shown) -> u64| {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "# HELP varistor_stdio_{name} {help}\n# TYPE varistor_stdio_{name} {kind}"
        );
        for (server, shown) in &rows {
            let value = value(shown);
            let _ = writeln!(text, "varistor_stdio_{name}{{server=\"{server}\"}} {value}");
        }
    };
    let help = "Children of a server that the gateway starts itself.";
    add("children", ("gauge", help), |it| it.children);
    let help = "Sessions with its children.";
    add("sessions", ("gauge", help), |it| it.sessions);
    let help = "Children started.";
    add("starts_total", ("counter", help), |it| it.starts);
    let help = "Children that failed or could not be started.";
    add("crashes_total", ("counter", help), |it| it.crashes);
    let help = "Messages of children that reached nobody.";
    add("dropped_total", ("counter", help), |it| it.dropped);
    let help = "Lines of children that were no messages.";
    add("noise_total", ("counter", help), |it| it.noise);
}
