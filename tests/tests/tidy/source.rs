//! The files of the checkout, as the other rules see them.

use std::fs;
use std::path::{Path, PathBuf};

/// One text file of the project.
pub struct Source {
    /// Its path from the root of the checkout.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

impl Source {
    /// The lines in front of the unit tests.
    pub fn lines_without_tests(&self) -> usize {
        let lines = self.text.lines();
        lines
            .take_while(|line| line.trim() != "#[cfg(test)]")
            .count()
    }

    /// Whether the file holds nothing but tests.
    pub fn is_test(&self) -> bool {
        let path = &self.path;
        path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs")
    }

    /// The name without folders.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// The root of the checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("tests/ lies in the root").to_owned()
}

/// One file, by its path from the root.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file.
pub fn rust() -> Vec<Source> {
    let mut found = all();
    found.retain(|source| source.path.ends_with(".rs"));
    assert!(found.len() > 20, "only {} Rust files found", found.len());
    found
}

/// Every text file that is part of the project.
pub fn all() -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root(), "", &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let entry = entry.expect("a readable entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().expect("a file type");
        if kind.is_dir() {
            if !is_foreign(&name) {
                collect(&entry.path(), &format!("{path}/"), found);
            }
        } else if kind.is_file()
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            found.push(Source { path, text });
        }
    }
}

/// Folders that hold what was built or downloaded.
fn is_foreign(folder: &str) -> bool {
    [
        ".git",
        ".demo",
        ".venv",
        "target",
        "node_modules",
        "results",
        "__pycache__",
    ]
    .contains(&folder)
}
