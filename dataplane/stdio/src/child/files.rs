//! Files that a server finds in its own directory when it starts: what it takes its secrets from,
//! where it takes them neither from the environment nor from a request.
//!
//! The server may write in that directory, so nothing there is followed: each file is made anew and
//! put in the place of whatever has its name.

use std::fs::{DirBuilder, OpenOptions, Permissions, remove_file, rename, set_permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};

use crate::spec::{Program, Source};

/// What a file is called until it is whole.
const UNFINISHED: &str = ".varistor-file";

/// Makes the directory of a program, and puts its files there.
///
/// # Errors
/// One of them can't be made.
pub(super) fn put(program: &Program) -> io::Result<()> {
    let folder = &program.directory;
    let mut made = DirBuilder::new();
    made.recursive(true);
    if program.is_own_directory {
        made.mode(0o700);
    }
    made.create(folder)?;
    if program.files.is_empty() {
        return Ok(());
    }
    set_permissions(folder, Permissions::from_mode(0o700))?;
    for (name, content) in &program.files {
        let unfinished = folder.join(UNFINISHED);
        absent(remove_file(&unfinished))?;
        // Never one that is there, nor where a link leads.
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(&unfinished)?;
        file.write_all(content.as_bytes())?;
        rename(&unfinished, folder.join(name))?;
    }
    Ok(())
}

/// Takes those away that a server of this name, as it is now, does not have.
pub(crate) fn leave(program: &Program, now: Option<&Source>) {
    let kept = match now {
        Some(Source::Program(now)) if now.directory == program.directory => &now.files[..],
        _ => &[],
    };
    for (name, _) in &program.files {
        if !kept.iter().any(|(other, _)| other == name) {
            let _ = remove_file(program.directory.join(name));
        }
    }
}

/// Takes them away again.
pub(crate) fn take_away(program: &Program) {
    for (name, _) in &program.files {
        // What can't be removed now is replaced at the next start.
        let _ = remove_file(program.directory.join(name));
    }
}

fn absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    use zeroize::Zeroizing;

    #[test]
    fn files_are_made_anew_and_no_link_is_followed() {
        let place = tempfile::tempdir().unwrap();
        let program = |content: &str| Program {
            command: vec!["/bin/true".into()],
            sha256: [0; 32],
            env: Vec::new(),
            files: vec![("key.json".into(), Zeroizing::new(content.into()))],
            directory: place.path().join("own"),
            is_own_directory: true,
            sandbox: None,
        };
        put(&program("first")).unwrap();
        let (folder, other) = (place.path().join("own"), place.path().join("other"));
        let mode =
            |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&folder), mode(&folder.join("key.json"))),
            (0o700, 0o600)
        );
        // What the server may do meanwhile.
        fs::write(&other, "untouched").unwrap();
        for name in ["key.json", UNFINISHED] {
            absent(remove_file(folder.join(name))).unwrap();
            symlink(&other, folder.join(name)).unwrap();
        }
        put(&program("second")).unwrap();
        assert_eq!(
            fs::read_to_string(folder.join("key.json")).unwrap(),
            "second"
        );
        assert_eq!(fs::read_to_string(&other).unwrap(), "untouched");
        take_away(&program("second"));
        assert!(!folder.join("key.json").exists());
        take_away(&program("second"));
    }
}
