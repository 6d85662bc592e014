//! The files of a policy directory. Refuses files that cannot be read, that others could write,
//! and that are not UTF-8.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::problem::{Place, Report, Wrong};

/// Largest policy file in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// Write permission of anybody but owner and group.
const WRITABLE_BY_OTHERS: u32 = 0o002;
/// Every permission of group and others.
const NOT_OWNER: u32 = 0o077;

/// Who may do what with a file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Others may read it, but not write it.
    Policy,
    /// Nobody but the owner may do anything with it.
    Private,
}

/// Names of the files of a policy, sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// `*.yaml` and `*.yml`.
    pub(crate) policies: Vec<String>,
    /// `*.rules`.
    pub(crate) rules: Vec<String>,
}

/// The policy files of the directory. Problems of the directory itself are reported.
pub(crate) fn policy_files(dir: &Path, report: &mut Report) -> Names {
    let place = report.file(&dir.display().to_string());
    let listing = match fs::read_dir(dir) {
        Ok(listing) => listing,
        Err(error) => {
            let wrong = Wrong::expected("a policy directory")
                .help("`varictl init DIR` makes one, `--dir DIR` names another one");
            report.refuse(place, format!("it can't be read ({error})"), wrong);
            return Names::default();
        }
    };
    check_directory(dir, place, report);
    let mut names = Names::default();
    for entry in listing {
        match entry.map(|entry| entry.file_name().into_string()) {
            Ok(Ok(name)) => names.add(name),
            Ok(Err(name)) => {
                let found = format!("the file name {name:?}");
                report.refuse(place, found, Wrong::expected("a file name in UTF-8"));
            }
            Err(error) => {
                let found = format!("an entry that can't be read ({error})");
                report.refuse(place, found, Wrong::expected("readable entries"));
            }
        }
    }
    names.policies.sort_unstable();
    names.rules.sort_unstable();
    if names.policies.is_empty() {
        let wrong = Wrong::expected("at least one *.yaml file")
            .help("`varictl init DIR` writes a commented one");
        report.refuse(place, "no policy file in the directory", wrong);
    }
    names
}

/// The text of a file of the directory; `None` when it is refused.
pub(crate) fn read(
    dir: &Path,
    name: &str,
    access: Access,
    report: &mut Report,
) -> Option<(Place, String)> {
    let place = report.file(name);
    match read_checked(&dir.join(name), access) {
        Ok(text) => Some((place, text)),
        Err((found, wrong)) => {
            report.incomplete = true;
            report.refuse(place, found, wrong);
            None
        }
    }
}

/// The text of a file, if it has the right permissions and is text.
pub(crate) fn read_checked(path: &Path, access: Access) -> Result<String, (String, Wrong)> {
    let unreadable = |error: io::Error| {
        let help = match error.kind() {
            ErrorKind::PermissionDenied => {
                format!("check its permissions: ls -l {}", path.display())
            }
            _ => "create it, or remove what leads to it".to_owned(),
        };
        (
            format!("it can't be read ({error})"),
            Wrong::expected("a readable file").help(help),
        )
    };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err((
            "it is not a regular file".to_owned(),
            Wrong::expected("a readable file"),
        ));
    }
    check_mode(path, metadata.mode(), access)?;
    if metadata.len() > FILE_BYTES_MAX {
        let found = format!("it has {} bytes", metadata.len());
        return Err((
            found,
            Wrong::expected(format!("at most {FILE_BYTES_MAX} bytes")),
        ));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..at).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let help = "save it as UTF-8";
        (
            format!("bytes that are not UTF-8 in line {line}"),
            Wrong::expected("UTF-8").help(help),
        )
    })
}

fn check_mode(path: &Path, mode: u32, access: Access) -> Result<(), (String, Wrong)> {
    let (excess, expected, command) = match access {
        Access::Policy => (WRITABLE_BY_OTHERS, "a file that others can't write", "o-w"),
        Access::Private => (NOT_OWNER, "a file for its owner alone (0600)", "600"),
    };
    if mode & excess == 0 {
        return Ok(());
    }
    let help = match access {
        Access::Policy => format!("chmod {command} {}", path.display()),
        Access::Private => format!(
            "if nobody else has read it: chmod {command} {}, otherwise replace the key",
            path.display()
        ),
    };
    let found = format!("its permissions are {:04o}", mode & 0o7777);
    Err((found, Wrong::expected(expected).help(help)))
}

/// The rule files of a directory, sorted.
///
/// # Errors
///
/// When the directory can't be read.
pub fn rule_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Names::default();
    for entry in fs::read_dir(dir)? {
        if let Ok(name) = entry?.file_name().into_string() {
            names.add(name);
        }
    }
    names.rules.sort_unstable();
    Ok(names.rules.iter().map(|name| dir.join(name)).collect())
}

impl Names {
    /// Hidden files are those of editors.
    fn add(&mut self, name: String) {
        let extension = Path::new(&name).extension().and_then(|text| text.to_str());
        let extension = extension.unwrap_or_default().to_ascii_lowercase();
        match extension.as_str() {
            _ if name.starts_with('.') => {}
            "yaml" | "yml" => self.policies.push(name),
            "rules" => self.rules.push(name),
            _ => {}
        }
    }
}

fn check_directory(dir: &Path, place: Place, report: &mut Report) {
    let Ok(metadata) = fs::metadata(dir) else {
        return;
    };
    if metadata.mode() & WRITABLE_BY_OTHERS != 0 {
        let found = format!("its permissions are {:04o}", metadata.mode() & 0o7777);
        let wrong = Wrong::expected("a directory that others can't write");
        report.refuse(
            place,
            found,
            wrong.help(format!("chmod o-w {}", dir.display())),
        );
    }
}
