//! Which files a command line executes: the program, and the interpreters that `#!` lines name.
//! Refuses names that could mean another file tomorrow: relative paths.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Bytes of a `#!` line that Linux looks at (`BINPRM_BUF_SIZE`).
const LINE_BYTES_MAX: u64 = 256;
/// Interpreters of interpreters that Linux follows.
const INTERPRETERS_MAX: usize = 4;

/// A command, found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// What is executed, absolute, as it was named: symbolic links are kept, since virtual
    /// environments of Python know themselves by them.
    pub(crate) path: PathBuf,
    /// The interpreters of its `#!` line, outermost last; empty for a binary.
    pub(crate) interpreters: Vec<PathBuf>,
}

impl Program {
    /// Finds a program: an absolute path, or a bare name in the folders of `search` (a `PATH`).
    pub(crate) fn find(name: &str, search: &str) -> Result<Self, Error> {
        let refuse = |why: String| Error::Program {
            program: name.to_owned(),
            why,
        };
        let path = if name.starts_with('/') {
            PathBuf::from(name)
        } else if name.contains('/') {
            return Err(refuse("is a relative path; name it from / on".to_owned()));
        } else {
            look_up(name, search)
                .ok_or_else(|| refuse(format!("is in none of {search}; name it from / on")))?
        };
        let mut interpreters = Vec::new();
        let mut at = path.clone();
        while let Some(next) = interpreter(&at, search)
            .map_err(|error| refuse(format!("can't be read ({}): {error}", at.display())))?
        {
            if interpreters.len() >= INTERPRETERS_MAX {
                return Err(refuse(
                    "has too many interpreters of interpreters".to_owned(),
                ));
            }
            interpreters.extend(next.clone());
            match next.last() {
                Some(last) => at.clone_from(last),
                None => break,
            }
        }
        Ok(Self { path, interpreters })
    }

    /// What runs in the end: the last interpreter, or the program itself.
    pub(crate) fn runtime(&self) -> &Path {
        self.interpreters.last().unwrap_or(&self.path)
    }

    /// Every file that is executed.
    pub(crate) fn executed(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.path).chain(&self.interpreters)
    }

    /// Whether it is a script.
    pub(crate) fn is_script(&self) -> bool {
        !self.interpreters.is_empty()
    }
}

/// The first executable file of this name.
pub(crate) fn look_up(name: &str, search: &str) -> Option<PathBuf> {
    let folders = search.split(':').filter(|folder| folder.starts_with('/'));
    let mut candidates = folders.map(|folder| Path::new(folder).join(name));
    candidates.find(|path| {
        let executable = rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
        executable && path.is_file()
    })
}

/// The interpreter of a script, and what `env` would execute; nothing for a binary.
fn interpreter(path: &Path, search: &str) -> std::io::Result<Option<Vec<PathBuf>>> {
    let mut head = Vec::new();
    File::open(path)?
        .take(LINE_BYTES_MAX)
        .read_to_end(&mut head)?;
    let Some(line) = head.strip_prefix(b"#!") else {
        return Ok(None);
    };
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_whitespace();
    let Some(first) = words.next() else {
        return Ok(None);
    };
    let first = PathBuf::from(first);
    if first.file_name() != Some(OsStr::new("env")) {
        return Ok(Some(vec![first]));
    }
    // Options of env and assignments stand before the name.
    let mut name = words.filter(|word| !word.starts_with('-') && !word.contains('='));
    let found = name.next().and_then(|name| match name.starts_with('/') {
        true => Some(PathBuf::from(name)),
        false => look_up(name, search),
    });
    Ok(Some(std::iter::once(first).chain(found).collect()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn script(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn a_binary_has_no_interpreter() {
        let program = Program::find("/bin/true", "").unwrap();
        assert!(!program.is_script());
        assert_eq!(program.runtime(), Path::new("/bin/true"));
    }

    #[test]
    fn a_bare_name_is_looked_up_in_absolute_folders_only() {
        assert!(
            Program::find("true", "/usr/bin:/bin")
                .unwrap()
                .path
                .is_absolute()
        );
        assert!(Program::find("true", ".:bin").is_err());
        assert!(Program::find("bin/true", "/").is_err());
        assert!(Program::find("no-such-program", "/usr/bin").is_err());
    }

    #[test]
    fn what_env_would_execute_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let search = folder.path().to_str().unwrap();
        let inner = script(folder.path(), "inner", "#! /bin/sh -e\n");
        let outer = script(
            folder.path(),
            "outer",
            "#!/usr/bin/env -S A=1 inner --flag\n",
        );
        let program = Program::find("outer", search).unwrap();
        assert_eq!(program.path, outer);
        let expected = ["/usr/bin/env".into(), inner, "/bin/sh".into()];
        assert_eq!(program.interpreters, expected);
        assert_eq!(program.runtime(), Path::new("/bin/sh"));
    }

    #[test]
    fn a_script_that_interprets_itself_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loop");
        let path = script(folder.path(), "loop", &format!("#!{}\n", path.display()));
        assert!(Program::find(path.to_str().unwrap(), "").is_err());
    }
}
