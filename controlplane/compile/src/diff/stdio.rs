//! How a server is started, as text, so that two policies can be compared.

use varistor_model::limits::STDIO_CHILDREN_DEFAULT;
use varistor_snapshot::schema::ArchivedStdio;

use super::settings::{joined, template};
use crate::quantity::show_duration;

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
    if let Some(directory) = row.directory.as_ref() {
        text.push_str(&format!("; directory {directory}"));
    }
    let shared = if row.shared { "shared" } else { "session" };
    let start = if row.eager { "eager" } else { "on_use" };
    text.push_str(&format!("; instances {shared}; start {start}"));
    let start_ms = show_duration(row.start_ms.to_native());
    let idle_ms = show_duration(row.idle_ms.to_native());
    text.push_str(&format!("; start_timeout {start_ms}; idle {idle_ms}"));
    if row.children_max != STDIO_CHILDREN_DEFAULT {
        text.push_str(&format!("; children {}", row.children_max));
    }
    text
}
