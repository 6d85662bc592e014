//! What the operator says that calls of a tool intend.

use varistor_model::Intent;
use varistor_snapshot::schema::ArchivedServer;

use crate::glob;

/// The intent that the operator states for `tool` on `server`: of the rows whose glob matches and
/// that state one, the first one's.
#[must_use]
pub fn stated(server: &ArchivedServer, tool: &str) -> Option<Intent> {
    glob::candidates(&server.tools, |row| &*row.name, tool)
        .filter(|row| row.intent.is_some() && glob::matches(&row.name, tool))
        .min_by_key(|row| row.rank.to_native())
        .and_then(|row| row.intent.as_ref())
        // A number that names no intent is read as the most severe one.
        .map(|number| Intent::numbered(*number).unwrap_or(Intent::Exfiltrative))
}
