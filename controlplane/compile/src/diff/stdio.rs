//! How a server is started, as text, so that two policies can be compared.

use varistor_model::limits::STDIO_CHILDREN_DEFAULT;
use varistor_snapshot::schema::{ArchivedEventStream, ArchivedNetwork, ArchivedPreset};
use varistor_snapshot::schema::{ArchivedSandbox, ArchivedSandboxLimits, ArchivedStdio};

use super::settings::{joined, template};
use crate::quantity::{show_duration, show_size};

/// The command and what goes with it. Values of variables may be secrets: as in credentials, a hash
/// tells only whether they differ.
pub(super) fn shown(row: &ArchivedStdio) -> String {
    let digest = row.sha256.iter().take(8);
    let digest: String = digest.map(|byte| format!("{byte:02x}")).collect();
    let mut text = format!("command {}; sha256 {digest}...", joined(row.command.iter()));
    for variable in row.env.iter() {
        let value = template(&variable.value);
        text.push_str(&format!("; env {}:{value}", variable.name));
    }
    for file in row.files.iter() {
        let value = template(&file.value);
        text.push_str(&format!("; file {}:{value}", file.name));
    }
    if let Some(directory) = row.directory.as_ref() {
        text.push_str(&format!("; directory {directory}"));
    }
    let start = if row.eager { "eager" } else { "on_use" };
    let terms = terms(
        row.shared,
        (row.start_ms.to_native(), row.idle_ms.to_native()),
        row.children_max.to_native(),
    );
    let sandbox = sandbox(row.sandbox.as_ref());
    text.push_str(&format!("; start {start}{terms}; sandbox {sandbox}"));
    text
}

/// The address of an event stream and what goes with it, but for its credential.
pub(super) fn shown_events(row: &ArchivedEventStream) -> String {
    let scheme = if row.tls { "https" } else { "http" };
    let terms = terms(
        row.shared,
        (row.start_ms.to_native(), row.idle_ms.to_native()),
        row.streams_max.to_native(),
    );
    format!(
        "{scheme}://{}{}; transport sse{terms}",
        row.authority, row.path
    )
}

fn terms(is_shared: bool, (start_ms, idle_ms): (u64, u64), children_max: u32) -> String {
    let shared = if is_shared { "shared" } else { "session" };
    let (start, idle) = (show_duration(start_ms), show_duration(idle_ms));
    let mut text = format!("; instances {shared}; start_timeout {start}; idle {idle}");
    if children_max != STDIO_CHILDREN_DEFAULT {
        text.push_str(&format!("; children {children_max}"));
    }
    text
}

fn sandbox(row: Option<&ArchivedSandbox>) -> String {
    let Some(row) = row else {
        return "off".to_owned();
    };
    let mut text = if row.is_relaxed { "relaxed" } else { "strict" }.to_owned();
    text.push_str(match row.preset {
        ArchivedPreset::Auto => "",
        ArchivedPreset::Node => ", preset node",
        ArchivedPreset::Python => ", preset python",
        ArchivedPreset::Uvx => ", preset uvx",
        ArchivedPreset::Binary => ", preset binary",
    });
    let paths = [
        ("read", &row.read),
        ("write", &row.write),
        ("execute", &row.execute),
    ];
    for (key, paths) in paths.into_iter().filter(|(_, paths)| !paths.is_empty()) {
        text.push_str(&format!(", {key} {}", joined(paths.iter())));
    }
    match &row.network {
        ArchivedNetwork::None => {}
        ArchivedNetwork::Tcp(ports) => {
            let ports = ports.iter().map(|port| format!(" {port}"));
            text.push_str(", network tcp");
            text.extend(ports);
        }
        ArchivedNetwork::Hosts(hosts) => {
            text.push_str(&format!(", network hosts {}", joined(hosts.iter())));
        }
        ArchivedNetwork::Any => text.push_str(", network any"),
    }
    let words = [
        (row.unix_sockets, ", unix_sockets"),
        (row.needs_namespaces, ", namespaces required"),
    ];
    let words = words.into_iter().filter(|(is, _)| *is);
    text.extend(words.map(|(_, word)| word));
    text.push_str(&limits(&row.limits));
    text
}

fn limits(row: &ArchivedSandboxLimits) -> String {
    let sizes = [
        ("memory", row.memory_bytes.as_ref()),
        ("file", row.file_bytes.as_ref()),
        ("temporary", row.temporary_bytes.as_ref()),
    ];
    let counts = [
        ("processes", row.processes.as_ref()),
        ("open_files", row.open_files.as_ref()),
    ];
    let sizes = sizes.map(|(key, size)| (key, size.map(|size| show_size(size.to_native()))));
    let counts = counts.map(|(key, count)| (key, count.map(ToString::to_string)));
    let named = sizes.into_iter().chain(counts);
    let named = named.filter_map(|(key, value)| Some(format!(", {key} {}", value?)));
    named.collect()
}
