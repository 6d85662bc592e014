//! The policy directory: where it is, and where everything lies in it.

use std::path::{Path, PathBuf};

use crate::exit::wrong;

/// Looked at in this order when no directory is named.
const DEFAULTS: [&str; 2] = ["varistor", "/etc/varistor"];

/// A policy directory that exists.
#[derive(Clone, Debug)]
pub(crate) struct PolicyDir {
    root: PathBuf,
}

impl PolicyDir {
    /// The directory that was named, else the first default that exists; refuses when there is
    /// none.
    pub(crate) fn find(named: Option<&Path>) -> anyhow::Result<Self> {
        match (Self::find_if_any(named)?, named) {
            (Some(dir), _) => Ok(dir),
            (None, _) => Err(wrong(
                "there is no policy directory: neither ./varistor nor /etc/varistor exists; \
                 make one with `varictl init` or name one with --dir",
            )),
        }
    }

    /// Like [`Self::find`], for commands that can do without. A named one must exist.
    pub(crate) fn find_if_any(named: Option<&Path>) -> anyhow::Result<Option<Self>> {
        if let Some(root) = named {
            if !root.is_dir() {
                let found = if root.exists() {
                    "is not a directory"
                } else {
                    "does not exist"
                };
                let root = root.display();
                return Err(wrong(format!(
                    "the policy directory {root} {found}; make one with `varictl init {root}`"
                )));
            }
            return Ok(Some(Self::at(root)));
        }
        Ok(DEFAULTS
            .iter()
            .map(Path::new)
            .find(|root| root.is_dir())
            .map(Self::at))
    }

    /// The directory at this path.
    pub(crate) fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The directory itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A key file, such as `snapshot.key`.
    pub(crate) fn key(&self, name: &str) -> PathBuf {
        self.root.join("keys").join(name)
    }

    /// The encrypted vault.
    pub(crate) fn vault(&self) -> PathBuf {
        self.root.join("vault.json")
    }

    /// A file of the control plane's memory.
    pub(crate) fn state(&self, name: &str) -> PathBuf {
        self.root.join("state").join(name)
    }

    /// What a starting gateway loads.
    pub(crate) fn current(&self) -> PathBuf {
        self.state("current.snapshot")
    }

    /// Where the gateway keeps its records.
    pub(crate) fn audit(&self) -> PathBuf {
        self.root.join("audit")
    }

    /// The admin socket of the gateway that serves this directory.
    pub(crate) fn socket(&self) -> PathBuf {
        self.root.join("run").join("admin.sock")
    }

    /// ` --dir ROOT` for commands that a person is told to run; empty for the default.
    pub(crate) fn flag(&self) -> String {
        if DEFAULTS.iter().any(|root| Path::new(root) == self.root) {
            String::new()
        } else {
            format!(" --dir {}", self.root.display())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_directory_must_exist() {
        let dir = tempfile::tempdir().unwrap();
        assert!(PolicyDir::find(Some(dir.path())).is_ok());
        let missing = dir.path().join("missing");
        let error = PolicyDir::find(Some(&missing)).unwrap_err().to_string();
        assert!(
            error.contains("does not exist") && error.contains("varictl init"),
            "{error}"
        );
    }
}
