//! Programs that can be started, as the compiler looks for them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Whether a program can be started: a path, or a name in `PATH`.
pub(crate) fn is_there(name: &str) -> bool {
    let is_executable = |path: &Path| {
        let data = std::fs::metadata(path);
        data.is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    };
    if name.contains('/') {
        return is_executable(Path::new(name));
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .any(|path| path.is_absolute() && is_executable(&path))
}
