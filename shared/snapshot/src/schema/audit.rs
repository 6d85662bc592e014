//! How records are kept, and who vouches for them.

use rkyv::{Archive, Deserialize, Serialize};

use super::{Credential, TemplatePart};

/// How records are kept.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
pub struct Audit {
    /// `Durability` as a number, indexed by `Intent` as a number.
    pub durability: [u8; 4],
    /// 0: parameters whole; 1: findings masked; 2: not kept.
    pub params: u8,
    /// Size at which a segment is closed, in bytes.
    pub segment_bytes: u64,
    /// Who cosigns the log's heads, sorted by name.
    pub witnesses: Vec<Witness>,
    /// How many of them must have cosigned.
    pub quorum: u32,
    /// How often each is asked, in milliseconds.
    pub ask_ms: u64,
    /// Calls of `unwitnessed_intents` are denied while a record older than this, in milliseconds,
    /// lacks its quorum; 0: none is.
    pub unwitnessed_ms: u64,
    /// `IntentSet` as bits.
    pub unwitnessed_intents: u8,
    /// Where checkpoints are exported to.
    pub checkpoints: Option<Checkpoints>,
}

/// Where checkpoints are exported to.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Checkpoints {
    /// A directory, absolute path.
    pub directory: Option<String>,
    /// A URL; an object's name is put behind its path. Empty: none.
    pub url: Vec<TemplatePart>,
    /// What is told of the URL: nothing that may be secret.
    pub shown: String,
    /// Header fields of the request.
    pub headers: Vec<Credential>,
    /// Whether URL or headers need the vault.
    pub has_secrets: bool,
    /// How often, in milliseconds.
    pub every_ms: u64,
    /// Whether its host may lead to an address that is not public.
    pub allow_private: bool,
    /// Whether it may be reached without encryption.
    pub allow_plain: bool,
    /// PEM certificates to trust instead of the machine's, absolute path.
    pub ca: Option<String>,
}

/// A witness of the log (C2SP tlog-witness).
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Witness {
    /// Its public key, as C2SP signed-note writes it: `NAME+ID+BASE64`.
    pub key: String,
    /// Its URL; `/add-checkpoint` stands behind it.
    pub url: String,
    /// Whether its host may lead to an address that is not public.
    pub allow_private: bool,
    /// PEM certificates to trust instead of the machine's, absolute path.
    pub ca: Option<String>,
}
