//! All servers as one: what the policy says of it, and the thread that does it.

use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use varistor_federation::{Chosen, Federation, Options, Plan, View};
use varistor_snapshot::schema::{ArchivedPolicy, ArchivedView};

use super::Control;
use crate::hub::{Hub, Published};
use crate::log;
use crate::worker::inner;

/// Where workers find it.
pub(crate) fn socket(dir: &Path) -> PathBuf {
    dir.join("run/federation.sock")
}

/// Starts it, in front of so many workers, and binds the sockets on which they serve it.
pub(crate) fn start(
    (dir, hub): (&Path, &Hub),
    workers: usize,
) -> anyhow::Result<(Vec<UnixListener>, Federation)> {
    let listeners = inner::bind(dir, workers)?;
    let published = hub.published();
    let policy = published.serving.policy();
    let socket = socket(dir);
    let context = format!("{}: can't be listened on", socket.display());
    let federation = Federation::start(Options {
        socket,
        workers: (0..workers).map(|index| inner::path(dir, index)).collect(),
        plan: plan(policy),
        warn: log::warning,
    });
    Ok((listeners, federation.context(context)?))
}

/// Serves this from now on.
pub(super) fn serve(control: &Control, next: &Published) {
    control.plans.serve(plan(next.serving.policy()));
}

/// What the policy says of it.
fn plan(policy: &ArchivedPolicy) -> Plan {
    let rows = &policy.federation;
    let view = |row: &ArchivedView| {
        let tools = row.tools.iter().map(|row| Chosen {
            server: row.server.to_string(),
            tool: row.tool.to_string(),
            name: row.name.to_string(),
        });
        let tools = tools.collect();
        (row.name.to_string(), View { tools })
    };
    let bytes = policy.runtime.answer_bytes_max.to_native();
    Plan {
        answer: Duration::from_millis(rows.timeout_ms.to_native()),
        search: rows.search,
        answer_bytes_max: usize::try_from(bytes).unwrap_or(usize::MAX),
        piped: policy
            .servers
            .iter()
            .filter(|row| row.is_bridged())
            .map(|row| row.name.to_string())
            .collect(),
        views: rows.views.iter().map(view).collect(),
    }
}
