//! Open files: as many as a run's connections need, or a message that says what to do.

use anyhow::Context as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of this process for so many connections, and descriptors beside them.
///
/// # Errors
/// The system does not allow as many.
pub(crate) fn allow(connections: u64, beside: u64) -> anyhow::Result<()> {
    let needed = connections.saturating_add(beside);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let raised = Rlimit {
        current: Some(needed),
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).with_context(|| {
        format!(
            "{connections} connections need {needed} open files, but the limit is {}: raise it \
             with `ulimit -Hn`, or ask for fewer connections",
            limit.maximum.unwrap_or(0)
        )
    })
}
