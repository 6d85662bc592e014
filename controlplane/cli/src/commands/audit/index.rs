//! Where this person's indexes of logs are kept, and what is said about a log that was read.

use std::path::{Path, PathBuf};

use varistor_records::{Cache, Damages};

use crate::output;

/// The cache for this log: below `$XDG_CACHE_HOME` or `~/.cache`, else none.
pub(super) fn cache(log: &Path, unwanted: bool) -> Cache {
    let absolute = |name: &str| {
        let path = std::env::var_os(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let root = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    match root {
        Some(root) if !unwanted => Cache::below(&root.join("varistor"), log),
        _ => Cache::none(),
    }
}

/// Warns of lines that could not be read.
pub(super) fn warn(damages: &Damages) {
    for damage in &damages.listed {
        output::warning(&damage.to_string());
    }
    let listed = damages.listed.len() as u64;
    if damages.count > listed {
        output::warning(&format!(
            "and {} damaged lines more",
            damages.count - listed
        ));
    }
    if damages.count > 0 {
        output::note("damaged lines were passed over; `varictl audit verify` says what is missing");
    }
}
