//! What a vault takes: names, sizes, lists of servers; refuses the rest by name.

use crate::VaultError;

/// Longest secret, in bytes: a private key in PEM with its chain fits.
const SECRET_BYTES_MAX: usize = 64 * 1024;
/// Most secrets in a vault.
pub(crate) const ENTRIES_MAX: usize = 10_000;
/// The server name that stands for all.
pub(crate) const EVERY_SERVER: &str = "*";

/// The name of a secret.
pub(crate) fn name(name: &str) -> Result<(), VaultError> {
    let good = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if !(1..=64).contains(&name.len()) || !name.bytes().all(good) {
        return Err(refuse("name", name, "1 to 64 of a-z, 0-9, `_` and `-`"));
    }
    Ok(())
}

/// The value of a secret; its length is told, never the value.
pub(crate) fn value(value: &[u8]) -> Result<(), VaultError> {
    if !(1..=SECRET_BYTES_MAX).contains(&value.len()) {
        return Err(refuse(
            "length of the secret",
            value.len(),
            "1 to 65536 bytes",
        ));
    }
    Ok(())
}

/// The servers of a secret, sorted and each once.
pub(crate) fn servers(servers: &[impl AsRef<str>]) -> Result<Vec<String>, VaultError> {
    let mut names: Vec<String> = servers
        .iter()
        .map(|name| name.as_ref().to_owned())
        .collect();
    names.sort_unstable();
    names.dedup();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let is_name = |name: &String| (1..=128).contains(&name.len()) && name.chars().all(good);
    if names == [EVERY_SERVER] || (!names.is_empty() && names.iter().all(is_name)) {
        return Ok(names);
    }
    let expected = "names of servers from the policy, at least one, or `*` alone for all of them";
    Err(refuse("list of servers", names.join(","), expected))
}

/// Whether a secret is for none of the policy's servers: what such a name begins with is kept for
/// the control plane itself.
pub(crate) fn is_own(servers: &[String]) -> bool {
    !servers.is_empty() && servers.iter().all(|name| name.starts_with('_'))
}

/// Names the value that was refused.
pub(crate) fn refuse(
    what: &'static str,
    found: impl ToString,
    expected: &'static str,
) -> VaultError {
    VaultError::Value {
        what,
        found: found.to_string(),
        expected,
    }
}
