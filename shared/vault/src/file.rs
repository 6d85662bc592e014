//! The vault's file: which bytes are a vault of this key, and the one spelling of each vault.
//!
//! Pretty-printed JSON with members in a fixed order. The code at its end is over the text with
//! an empty code, so nothing in the file can change, not even a space.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::seal::{CODE_BYTES, Keys, NONCE_BYTES};
use crate::{Key, hex};

/// The version of this format. Files of version 1, which knew neither former values nor a history,
/// are read too.
const VERSION: u32 = 2;
/// Largest file that is read, in bytes: room for some hundred of the largest secrets.
pub(crate) const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What a vault's file says.
#[derive(Clone)]
pub(crate) struct Content {
    /// Random, drawn when the vault is created.
    pub(crate) id: [u8; 16],
    /// Grows with every save.
    pub(crate) generation: u64,
    /// The last line of the history that is true of it.
    pub(crate) head: Option<Head>,
    /// Sorted by name, names unique.
    pub(crate) entries: Vec<Sealed>,
}

/// SHA-256 of a line of the history.
pub(crate) type Head = [u8; 32];

/// One sealed secret.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) name: String,
    /// Grows with every change of the value.
    pub(crate) version: u64,
    /// Servers it may be sent to, sorted; or `*` alone.
    pub(crate) servers: Vec<String>,
    pub(crate) nonce: [u8; NONCE_BYTES],
    pub(crate) ciphertext: Vec<u8>,
    /// The value before, until it is forgotten.
    pub(crate) former: Option<Former>,
}

/// A value that was replaced and is still known.
#[derive(Clone)]
pub(crate) struct Former {
    pub(crate) version: u64,
    /// When it is forgotten, in seconds since 1970.
    pub(crate) until_unix_s: u64,
    pub(crate) nonce: [u8; NONCE_BYTES],
    pub(crate) ciphertext: Vec<u8>,
}

/// Why bytes are not a vault of this key.
pub(crate) enum Refusal {
    /// Not even the form of one: (found, expected).
    Malformed(String, &'static str),
    /// The code is wrong.
    Forged,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    version: u32,
    id: String,
    generation: u64,
    /// Not in files of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<String>,
    entries: Vec<TextEntry>,
    mac: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TextEntry {
    name: String,
    version: u64,
    servers: Vec<String>,
    nonce: String,
    ciphertext: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    former: Option<TextFormer>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TextFormer {
    version: u64,
    until: u64,
    nonce: String,
    ciphertext: String,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

impl Sealed {
    /// What the ciphertext is bound to, as JSON, which no other values spell.
    pub(crate) fn bound(vault: &[u8; 16], name: &str, version: u64, servers: &[String]) -> Vec<u8> {
        let vault = hex::encode(vault);
        serde_json::json!([vault.as_str(), name, version, servers])
            .to_string()
            .into_bytes()
    }
}

impl Content {
    /// The bytes of the file.
    pub(crate) fn encode(&self, keys: &Keys) -> Result<Vec<u8>, serde_json::Error> {
        let mut text = self.text();
        let code = keys.code(&spell(&text)?);
        text.mac = hex::encode(&code).to_string();
        spell(&text)
    }

    /// What the bytes say, if the holder of this key wrote them.
    pub(crate) fn decode(bytes: &[u8], master: &Key) -> Result<(Self, Keys), Refusal> {
        let malformed = |error: serde_json::Error| {
            Refusal::Malformed(error.to_string(), "the file that `varictl vault` wrote")
        };
        let VersionOnly { version } = serde_json::from_slice(bytes).map_err(malformed)?;
        if ![1, VERSION].contains(&version) {
            let found = format!("version {version}");
            return Err(Refusal::Malformed(found, "version 1 or 2"));
        }
        let mut text: Text = serde_json::from_slice(bytes).map_err(malformed)?;
        let id = *hex::decode::<16>(&text.id).ok_or(Refusal::Forged)?;
        let code = hex::decode::<CODE_BYTES>(&text.mac).ok_or(Refusal::Forged)?;
        let keys = Keys::derive(master, &id);
        // The spelling is compared before the code is taken out, the content by the code.
        if spell(&text).map_err(malformed)? != bytes {
            return Err(Refusal::Forged);
        }
        text.mac.clear();
        if !keys.is_code(&spell(&text).map_err(malformed)?, &code) {
            return Err(Refusal::Forged);
        }
        let head = match text.history.as_deref() {
            None | Some("") => None,
            Some(head) => Some(*hex::decode::<32>(head).ok_or(Refusal::Forged)?),
        };
        let entries = text.entries.into_iter().map(entry).collect::<Option<_>>();
        let content = Self {
            id,
            generation: text.generation,
            head,
            entries: entries.ok_or(Refusal::Forged)?,
        };
        Ok((content, keys))
    }

    fn text(&self) -> Text {
        let entries = self.entries.iter().map(|entry| TextEntry {
            name: entry.name.clone(),
            version: entry.version,
            servers: entry.servers.clone(),
            nonce: STANDARD.encode(entry.nonce),
            ciphertext: STANDARD.encode(&entry.ciphertext),
            former: entry.former.as_ref().map(|former| TextFormer {
                version: former.version,
                until: former.until_unix_s,
                nonce: STANDARD.encode(former.nonce),
                ciphertext: STANDARD.encode(&former.ciphertext),
            }),
        });
        let head = self.head.map(|head| hex::encode(&head).to_string());
        Text {
            version: VERSION,
            id: hex::encode(&self.id).to_string(),
            generation: self.generation,
            history: Some(head.unwrap_or_default()),
            entries: entries.collect(),
            mac: String::new(),
        }
    }
}

fn entry(text: TextEntry) -> Option<Sealed> {
    Some(Sealed {
        name: text.name,
        version: text.version,
        servers: text.servers,
        nonce: STANDARD.decode(text.nonce).ok()?.try_into().ok()?,
        ciphertext: STANDARD.decode(text.ciphertext).ok()?,
        former: match text.former {
            None => None,
            Some(former) => Some(Former {
                version: former.version,
                until_unix_s: former.until,
                nonce: STANDARD.decode(former.nonce).ok()?.try_into().ok()?,
                ciphertext: STANDARD.decode(former.ciphertext).ok()?,
            }),
        },
    })
}

fn spell(text: &Text) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(text)?;
    bytes.push(b'\n');
    Ok(bytes)
}
