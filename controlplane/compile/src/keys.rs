//! The keys and revocations beside the policy files. Refuses keys that others could read; what is
//! in a private key is never quoted.

use std::path::Path;

use ed25519_dalek::VerifyingKey;
use varistor_model::TokenId;
use varistor_snapshot::schema::{Keys, TokenKey};
use zeroize::Zeroizing;

use crate::directory::{Access, read};
use crate::problem::{Place, Report, Wrong, quote};

/// The id of the key in `keys/token.pub`, which tokens name.
pub const TOKEN_KEY_ID: u32 = 1;

const REVOKED: &str = "state/revoked.jsonl";

/// `keys/token.pub` and `keys/session.key`.
pub(crate) fn keys(dir: &Path, report: &mut Report) -> Keys {
    let mut token = Vec::new();
    if let Some((place, public)) = key(dir, "keys/token.pub", Access::Policy, report) {
        match VerifyingKey::from_bytes(&public) {
            Ok(key) if !key.is_weak() => {
                token.push(TokenKey {
                    id: TOKEN_KEY_ID,
                    public: *public,
                });
            }
            _ => {
                let wrong = Wrong::expected("an Ed25519 public key in hex");
                report.refuse(place, "64 hex digits that are no public key", wrong);
            }
        }
    }
    let session = key(dir, "keys/session.key", Access::Private, report);
    Keys {
        token,
        session: session.map_or([0; 32], |(_, key)| *key),
    }
}

/// The ids in `state/revoked.jsonl`, sorted; a file that is not there revokes nothing.
pub(crate) fn revoked(dir: &Path, report: &mut Report) -> Vec<[u8; 16]> {
    // `exists` would take a file that may not be looked at for one that is not there.
    if matches!(dir.join(REVOKED).try_exists(), Ok(false)) {
        return Vec::new();
    }
    let Some((file, text)) = read(dir, REVOKED, Access::Policy, report) else {
        return Vec::new();
    };
    let mut ids = Vec::new();
    for (at, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let place = Place {
            line: u32::try_from(at + 1).unwrap_or(u32::MAX),
            column: 1,
            ..file
        };
        match id(line) {
            Some(id) => ids.push(id.0),
            None => {
                let wrong = Wrong::expected("{\"id\": \"32 hex digits\"}")
                    .help("`varictl token revoke` writes this file");
                report.refuse(place, format!("the line {}", quote(line)), wrong);
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[derive(serde::Deserialize)]
struct Revoked {
    id: String,
}

fn id(line: &str) -> Option<TokenId> {
    let revoked: Revoked = serde_json::from_str(line).ok()?;
    TokenId::from_hex(&revoked.id)
}

/// 32 bytes from a file of 64 hex digits.
fn key(
    dir: &Path,
    name: &str,
    access: Access,
    report: &mut Report,
) -> Option<(Place, Zeroizing<[u8; 32]>)> {
    if matches!(dir.join(name).try_exists(), Ok(false)) {
        let place = report.file(name);
        let wrong = Wrong::expected("a key").help("`varictl init DIR` makes the keys");
        report.refuse(place, "the file is missing", wrong);
        return None;
    }
    let incomplete = report.incomplete;
    let text = read(dir, name, access, report);
    // No name of the policy stands in a key.
    report.incomplete = incomplete;
    let (place, text) = text?;
    let text = Zeroizing::new(text);
    let key = hex(text.trim_end());
    if key.is_none() {
        let wrong = Wrong::expected("64 hex digits on one line");
        report.refuse(
            place,
            "something else than a key",
            wrong.help("restore it from a copy"),
        );
    }
    Some((place, key?))
}

fn hex(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut key = Zeroizing::new([0; 32]);
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    }
    Some(key)
}
