//! Who may approve: names with Argon2id hashes of access codes, in `keys/approvers.json` (0600).
//!
//! A code is made here, shown once, and never kept. Looking an unknown name up takes as long as
//! looking a known one up.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::directory::PolicyDir;
use crate::exit::wrong;
use crate::files;

/// Memory in KiB, passes and lanes: what OWASP recommends for Argon2id.
const COST: (u32, u32, u32) = (19_456, 2, 1);
const HASH_BYTES: usize = 32;
/// Most approvers.
const APPROVERS_MAX: usize = 1000;
/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 64;
/// Letters of a code: 32 of them, none that is taken for another. 20 letters are 100 bits.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
const CODE_LETTERS: usize = 20;

/// See the module.
#[derive(Debug)]
pub(crate) struct Approvers {
    path: PathBuf,
    all: Vec<Approver>,
}

/// One approver.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Approver {
    pub(crate) name: String,
    /// The channel where links for this approver go, as `KIND/NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notify: Option<String>,
    pub(crate) added_unix_s: u64,
    salt: [u8; 16],
    hash: [u8; HASH_BYTES],
}

impl Approvers {
    /// The approvers of a directory, none when there is no file.
    pub(crate) fn open(dir: &PolicyDir) -> anyhow::Result<Self> {
        let path = dir.key("approvers.json");
        let all = match files::read_if_there(&path)? {
            None => Vec::new(),
            Some(bytes) => {
                private(&path)?;
                serde_json::from_slice(&bytes).map_err(|error| {
                    wrong(format!(
                        "{}: {error}; restore it, or remove it and add the approvers again",
                        path.display()
                    ))
                })?
            }
        };
        Ok(Self { path, all })
    }

    pub(crate) fn all(&self) -> &[Approver] {
        &self.all
    }

    pub(crate) fn knows(&self, name: &str) -> bool {
        self.all.iter().any(|approver| approver.name == name)
    }

    /// Adds an approver, or gives a known one another code; the code is handed over once.
    pub(crate) fn add(
        &mut self,
        name: &str,
        notify: Option<String>,
        now_s: u64,
    ) -> anyhow::Result<Zeroizing<String>> {
        check_name(name)?;
        if !self.knows(name) && self.all.len() >= APPROVERS_MAX {
            return Err(wrong(format!(
                "there are {APPROVERS_MAX} approvers already"
            )));
        }
        let code = code()?;
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).context("the system gives no random numbers")?;
        let approver = Approver {
            name: name.to_owned(),
            notify,
            added_unix_s: now_s,
            salt,
            hash: hash(&code, &salt).context("the code can't be hashed")?,
        };
        self.all.retain(|known| known.name != name);
        self.all.push(approver);
        self.all.sort_by(|a, b| a.name.cmp(&b.name));
        self.save()?;
        Ok(code)
    }

    /// Takes an approver away.
    pub(crate) fn remove(&mut self, name: &str) -> anyhow::Result<()> {
        let before = self.all.len();
        self.all.retain(|approver| approver.name != name);
        if self.all.len() == before {
            let known = self.all.iter().map(|one| one.name.as_str());
            let help = crate::nearest::hint(name, known);
            return Err(wrong(format!("there is no approver `{name}`{help}")));
        }
        self.save()
    }

    /// Whether this is the code of this approver.
    pub(crate) fn is_code(&self, name: &str, code: &str) -> bool {
        let nobody = ([0; 16], [0; HASH_BYTES]);
        let found = self.all.iter().find(|approver| approver.name == name);
        let (salt, expected) = found.map_or(nobody, |one| (one.salt, one.hash));
        // As it may be typed: capitals, with the bars left out.
        let plain = |c: &char| c.is_ascii_alphanumeric();
        let code: Zeroizing<String> =
            Zeroizing::new(code.to_ascii_lowercase().chars().filter(plain).collect());
        let Some(hash) = hash(&code, &salt) else {
            return false;
        };
        let differ = hash
            .iter()
            .zip(&expected)
            .fold(0, |all, (a, b)| all | (a ^ b));
        found.is_some() && differ == 0
    }

    fn save(&self) -> anyhow::Result<()> {
        let bytes = serde_json::to_vec_pretty(&self.all)?;
        files::replace(&self.path, &bytes)
    }
}

fn private(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = std::fs::metadata(path)?.mode();
    if mode & 0o077 != 0 {
        let path = path.display();
        return Err(wrong(format!(
            "{path}: others can read it ({:04o}); expected 0600: chmod 600 {path}",
            mode & 0o7777
        )));
    }
    Ok(())
}

fn check_name(name: &str) -> anyhow::Result<()> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if !name.is_empty() && name.len() <= NAME_CHARS_MAX && name.chars().all(fine) {
        return Ok(());
    }
    Err(wrong(format!(
        "the name `{name}`: expected letters, digits and `. _ - @`, at most {NAME_CHARS_MAX}"
    )))
}

/// A code, without the bars that it is shown with.
fn code() -> anyhow::Result<Zeroizing<String>> {
    let mut bytes = [0_u8; CODE_LETTERS];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    let letters = bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
    Ok(Zeroizing::new(
        letters.map(|letter| char::from(*letter)).collect(),
    ))
}

/// A code as people read it: in groups of five.
pub(crate) fn shown(code: &str) -> Zeroizing<String> {
    let mut shown = Zeroizing::new(String::with_capacity(CODE_LETTERS + 4));
    for (at, letter) in code.chars().enumerate() {
        if at > 0 && at % 5 == 0 {
            shown.push('-');
        }
        shown.push(letter);
    }
    shown
}

fn hash(code: &str, salt: &[u8; 16]) -> Option<[u8; HASH_BYTES]> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, Some(HASH_BYTES)).ok()?;
    let mut hash = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(code.as_bytes(), salt, &mut hash)
        .ok()?;
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> (tempfile::TempDir, PolicyDir) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("keys")).unwrap();
        let dir = PolicyDir::at(folder.path());
        (folder, dir)
    }

    #[test]
    fn a_code_opens_for_its_own_name_only_and_until_another_is_made() {
        let (_folder, dir) = directory();
        let mut approvers = Approvers::open(&dir).unwrap();
        let alice = approvers.add("alice", None, 1).unwrap();
        let bob = approvers.add("bob", Some("email/bob".into()), 1).unwrap();
        let approvers = Approvers::open(&dir).unwrap();
        assert!(approvers.is_code("alice", &alice));
        assert!(approvers.is_code("alice", &shown(&alice).to_ascii_uppercase()));
        for (name, code) in [
            ("alice", &*bob),
            ("bob", &alice),
            ("carol", &alice),
            ("alice", &"".to_owned()),
        ] {
            assert!(!approvers.is_code(name, code), "{name}");
        }
        let mut approvers = approvers;
        let other = approvers.add("alice", None, 2).unwrap();
        assert!(approvers.is_code("alice", &other) && !approvers.is_code("alice", &alice));
        approvers.remove("bob").unwrap();
        assert!(!approvers.is_code("bob", &bob));
        assert!(approvers.remove("bob").is_err());
    }

    #[test]
    fn codes_are_long_and_never_in_the_file() {
        let (folder, dir) = directory();
        let code = Approvers::open(&dir)
            .unwrap()
            .add("alice", None, 1)
            .unwrap();
        assert_eq!(code.len(), CODE_LETTERS);
        assert_eq!(shown(&code).len(), CODE_LETTERS + 3);
        let path = folder.path().join("keys/approvers.json");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&*code));
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640))
            .unwrap();
        assert!(
            Approvers::open(&dir)
                .unwrap_err()
                .to_string()
                .contains("chmod 600")
        );
    }

    #[test]
    fn names_that_could_be_something_else_are_refused() {
        let (_folder, dir) = directory();
        let mut approvers = Approvers::open(&dir).unwrap();
        for name in ["", "a b", "a\u{202e}", "<b>", &"a".repeat(65)] {
            assert!(approvers.add(name, None, 1).is_err(), "{name:?}");
        }
    }
}
