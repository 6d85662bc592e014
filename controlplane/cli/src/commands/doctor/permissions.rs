//! Who may read and write what lies in the policy directory.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::Report;

const PERMISSIONS: &str = "permissions";
/// Files that hold keys, secrets or arguments of calls.
const PRIVATE: [&str; 6] = [
    "vault.json",
    "vault.log",
    "state/tokens.jsonl",
    "state/revoked.jsonl",
    "state/approvals.jsonl",
    "state/audit.key",
];
/// Folders that hold nothing for others.
const FOLDERS: [&str; 4] = ["keys", "state", "state/imports", "run"];

pub(super) fn look(report: &mut Report<'_>) {
    let root = report.dir.root().to_owned();
    let owner = fs::metadata(&root).map(|data| data.uid()).ok();
    for name in PRIVATE {
        private(&root.join(name), 0o600, owner, report);
    }
    for name in FOLDERS {
        private(&root.join(name), 0o700, owner, report);
    }
    for folder in ["keys", "state/imports"] {
        for file in fs::read_dir(root.join(folder))
            .into_iter()
            .flatten()
            .flatten()
        {
            let is_public = file.path().extension().is_some_and(|end| end == "pub");
            if !is_public {
                private(&file.path(), 0o600, owner, report);
            }
        }
    }
    if let Ok(data) = fs::metadata(&root)
        && data.mode() & 0o022 != 0
    {
        let mode = data.mode() & 0o7777;
        let found = format!(
            "{} has mode {mode:04o}, so others may write to it",
            root.display()
        );
        report.problem(PERMISSIONS, found, format!("chmod go-w {}", root.display()));
    }
    report.ok_if_quiet(
        PERMISSIONS,
        "keys, vault and state are for their owner alone",
    );
}

/// A file or folder that nobody but its owner may read, if it is there.
pub(super) fn private(path: &Path, wanted: u32, owner: Option<u32>, report: &mut Report<'_>) {
    let Ok(data) = fs::metadata(path) else { return };
    let (mode, shown) = (data.mode() & 0o7777, path.display());
    if mode & 0o077 != 0 {
        let found = format!("{shown} has mode {mode:04o}; expected {wanted:04o}");
        let mend = format!(
            "chmod {wanted:o} {shown}; if somebody may have read it, replace what is in it"
        );
        report.problem(PERMISSIONS, found, mend);
    }
    if let Some(owner) = owner.filter(|owner| *owner != data.uid()) {
        let found = format!(
            "{shown} belongs to user {}, the directory to {owner}",
            data.uid()
        );
        report.warn(PERMISSIONS, found, format!("chown {owner} {shown}"));
    }
}
