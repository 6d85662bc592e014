//! A policy directory that dies with the test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use varistor_compile::{Compiled, Problems, compile};
use varistor_snapshot::schema::Policy;
use varistor_vault::{Key, Vault};

pub(crate) struct Directory(tempfile::TempDir);

impl Directory {
    /// Keys and an empty vault, as `varictl init` leaves them, but no policy.
    pub(crate) fn new() -> Self {
        let this = Self(tempfile::tempdir().unwrap());
        fs::create_dir(this.path("keys")).unwrap();
        fs::create_dir(this.path("state")).unwrap();
        let public = SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes();
        this.write("keys/token.pub", &hex(&public), 0o644);
        this.write("keys/session.key", &hex(&[7; 32]), 0o600);
        let key = Key::generate().unwrap();
        key.store(&this.path("keys/vault.key")).unwrap();
        Vault::create(&this.path("vault.json"), &key).unwrap();
        this
    }

    /// With one policy file.
    pub(crate) fn with(policy: &str) -> Self {
        let this = Self::new();
        this.policy("varistor.yaml", policy);
        this
    }

    pub(crate) fn policy(&self, name: &str, text: &str) {
        self.write(name, text, 0o644);
    }

    pub(crate) fn write(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.path(name), text).unwrap();
        self.chmod(name, mode);
    }

    pub(crate) fn chmod(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Puts a secret into the vault, for these servers.
    pub(crate) fn secret(&self, name: &str, servers: &[&str]) {
        let key = Key::load(&self.path("keys/vault.key")).unwrap();
        let mut vault = Vault::open(&self.path("vault.json"), &key).unwrap();
        vault.set(name, servers, b"s3cret").unwrap();
        vault.save().unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn compile(&self) -> Result<Compiled, Problems> {
        compile(self.root(), 7, 1_800_000_000_000)
    }

    pub(crate) fn good(&self) -> Policy {
        self.compile()
            .unwrap_or_else(|problems| panic!("{problems}"))
            .policy
    }

    /// All problems as lines, with the directory's own path as DIR.
    pub(crate) fn problems(&self) -> Vec<String> {
        let problems = self.compile().expect_err("the directory compiles");
        let root = self.root().display().to_string();
        problems
            .into_iter()
            .map(|problem| problem.to_string().replace(&root, "DIR"))
            .collect()
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>()
        + "\n"
}

/// The files of a folder beside the tests, by name.
pub(crate) fn folder(name: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}
