//! Whether the keys are there, whole, and those that belong together; and whether the vault opens.

use ed25519_dalek::SigningKey;
use varistor_vault::{Key, Vault, VaultError};

use super::Report;
use crate::keys;

const KEYS: &str = "keys";
const VAULT: &str = "vault";

pub(super) fn look(report: &mut Report<'_>) {
    let dir = report.dir;
    for name in ["snapshot", "token", "session"] {
        let path = dir.key(&format!("{name}.key"));
        if name == "token" && !path.exists() {
            // Tokens may be issued elsewhere.
            continue;
        }
        let private = match keys::look(&path) {
            Ok(private) => private,
            Err(flaw) => {
                let found = format!("{}: {}", path.display(), flaw.found);
                report.problem(KEYS, found, flaw.help);
                continue;
            }
        };
        if name == "session" {
            continue;
        }
        let public = SigningKey::from_bytes(&private).verifying_key();
        let known = match name {
            "snapshot" => keys::snapshot_verifiers(dir).map(|all| all.contains(&public)),
            _ => keys::public(&dir.key("token.pub")).map(|known| known == public.to_bytes()),
        };
        match known {
            Ok(true) => {}
            Ok(false) => report.problem(
                KEYS,
                format!("keys/{name}.pub does not hold the other half of keys/{name}.key"),
                "restore the two from one copy; what the other key signed is refused meanwhile",
            ),
            Err(error) => report.problem(KEYS, format!("{error:#}"), "restore it from a copy"),
        }
    }
    report.ok_if_quiet(KEYS, "they are whole and belong together");
    if !dir.vault().exists() {
        report.warn(
            VAULT,
            "there is no vault",
            format!("varictl vault init{}", dir.flag()),
        );
        return;
    }
    let opened = Key::load(&dir.key("vault.key")).and_then(|key| Vault::open(&dir.vault(), &key));
    match opened.and_then(|vault| {
        let names = vault.names().count();
        vault.values().try_for_each(|value| value.map(drop))?;
        vault.history()?;
        Ok(names)
    }) {
        Ok(number) => {
            let secrets = crate::output::count(number, "secret");
            report.ok(VAULT, format!("it opens, with {secrets}"));
        }
        Err(VaultError::Locked { found, help, .. }) => report.warn(VAULT, found, help),
        Err(error) => {
            let mend = "restore vault.json and keys/vault.key from one copy";
            report.problem(VAULT, error.to_string(), mend);
        }
    }
}
