//! Key files: 32 bytes as 64 hex digits and a newline, private ones for their owner's eyes only.
//!
//! Refuses a private key that others can read, and anything that is not exactly such a text.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;
use ed25519_dalek::{SigningKey, VerifyingKey};
use zeroize::{Zeroize, Zeroizing};

use crate::directory::PolicyDir;
use crate::exit::wrong;
use crate::files;

/// Group and others.
const OTHERS: u32 = 0o077;

/// Makes `name.key` (0600) and, for signing keys, `name.pub` (0644). Refuses to overwrite.
pub(crate) fn make(dir: &PolicyDir, name: &str, kind: Kind) -> anyhow::Result<()> {
    let mut secret = Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut secret[..])
        .map_err(|error| anyhow::anyhow!("the kernel gives no random bytes: {error}"))?;
    let text = hex_line(&secret);
    files::create(&dir.key(&format!("{name}.key")), 0o600, text.as_bytes())?;
    if kind == Kind::Signing {
        let public = SigningKey::from_bytes(&secret).verifying_key().to_bytes();
        files::create(
            &dir.key(&format!("{name}.pub")),
            0o644,
            hex_line(&public).as_bytes(),
        )?;
    }
    Ok(())
}

/// Makes a private key that has no other half in a file. Refuses to overwrite.
pub(crate) fn make_at(path: &Path) -> anyhow::Result<()> {
    let mut secret = Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut secret[..])
        .map_err(|error| anyhow::anyhow!("the kernel gives no random bytes: {error}"))?;
    files::create(path, 0o600, hex_line(&secret).as_bytes())
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ed25519; has a public half.
    Signing,
    /// Seals; has none.
    Sealing,
}

/// What keeps a private key from being used; said like the compiler's problems.
#[derive(Debug)]
pub(crate) struct Flaw {
    /// What was found.
    pub(crate) found: String,
    /// What was expected.
    pub(crate) expected: &'static str,
    /// What to do.
    pub(crate) help: String,
}

/// A private key. Wiped when dropped.
pub(crate) fn private(path: &Path) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    look(path).map_err(|flaw| {
        let Flaw {
            found,
            expected,
            help,
        } = flaw;
        wrong(format!(
            "{}: {found}; expected {expected}; {help}",
            path.display()
        ))
    })
}

/// A private key, or why it can't be used.
pub(crate) fn look(path: &Path) -> Result<Zeroizing<[u8; 32]>, Flaw> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| Flaw {
        found: format!("the key can't be read ({error})"),
        expected: "a key that this user can read",
        help: "`varictl init DIR` makes the keys".to_owned(),
    };
    let mode = std::fs::metadata(path)
        .map_err(unreadable)?
        .permissions()
        .mode()
        & 0o777;
    if mode & OTHERS != 0 {
        return Err(Flaw {
            found: format!("its permissions are {mode:04o}"),
            expected: "a file for its owner alone (0600)",
            help: format!(
                "if nobody else has read it: chmod 600 {shown}, otherwise replace the key"
            ),
        });
    }
    let text = Zeroizing::new(std::fs::read(path).map_err(unreadable)?);
    parse(&text).ok_or_else(|| Flaw {
        found: "something else than a key".to_owned(),
        expected: "64 hex digits on one line",
        help: "restore it from a copy".to_owned(),
    })
}

/// A public key.
pub(crate) fn public(path: &Path) -> anyhow::Result<[u8; 32]> {
    let text =
        std::fs::read(path).with_context(|| format!("can't read the key {}", path.display()))?;
    parse(&text).map(|key| *key).ok_or_else(|| {
        wrong(format!(
            "{} holds no key; expected 64 hex digits on one line",
            path.display()
        ))
    })
}

/// The key that signs snapshots.
pub(crate) fn snapshot_signer(dir: &PolicyDir) -> anyhow::Result<SigningKey> {
    Ok(SigningKey::from_bytes(&*private(&dir.key("snapshot.key"))?))
}

/// The keys that check snapshots: `snapshot.pub`, one a line, so that a new one can be introduced
/// before the old one goes.
pub(crate) fn snapshot_verifiers(dir: &PolicyDir) -> anyhow::Result<Vec<VerifyingKey>> {
    let path = dir.key("snapshot.pub");
    let text =
        std::fs::read(&path).with_context(|| format!("can't read the key {}", path.display()))?;
    let lines = text
        .split(u8::is_ascii_whitespace)
        .filter(|line| !line.is_empty());
    let keys: Option<Vec<_>> = lines
        .map(|line| VerifyingKey::from_bytes(&*parse(line)?).ok())
        .collect();
    keys.filter(|keys| !keys.is_empty()).ok_or_else(|| {
        let path = path.display();
        wrong(format!(
            "{path} holds no Ed25519 public key; expected 64 hex digits a line"
        ))
    })
}

fn parse(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let digits = text.strip_suffix(b"\n").unwrap_or(text);
    if digits.len() != 64 {
        return None;
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        let high = char::from(high).to_digit(16)?;
        let low = char::from(low).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(key)
}

fn hex_line(key: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(65));
    for byte in key {
        let mut pair = format!("{byte:02x}");
        text.push_str(&pair);
        pair.zeroize();
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_leads_back_to_its_key() {
        let key = std::array::from_fn(|index| u8::try_from(index * 7).unwrap());
        assert_eq!(*parse(hex_line(&key).as_bytes()).unwrap(), key);
        assert!(parse(b"00").is_none());
        assert!(parse(&[b'g'; 64]).is_none());
        assert!(parse(&[b'0'; 66]).is_none());
    }
}
