//! How records are kept, and who vouches for them.

use rkyv::{Archive, Deserialize, Serialize};

use super::{Credential, TemplatePart};

/// How records are kept.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
pub struct Audit {
    /// `Durability` as a number, indexed by `Intent` as a number.
    pub durability: [u8; 4],
    /// How parameters are kept, `Keeping` as a number, where no row of `privacy` speaks.
    pub params: u8,
    /// How those of some tools, or findings of some classes, are kept. Of the rows that speak
    /// about parameters as a whole, and about each class, the first one counts.
    pub privacy: Vec<Privacy>,
    /// X25519 public keys of who can open what is encrypted.
    pub auditors: Vec<[u8; 32]>,
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

/// How parameters, or what is found in them, are kept.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Privacy {
    /// Bit n: findings of the `Class` with that number. 0: parameters as a whole.
    pub classes: u8,
    /// Whether it holds for whatever is called; otherwise `tools` say for what.
    pub everywhere: bool,
    /// Tools.
    pub tools: Vec<PrivateTools>,
    /// `Keeping` as a number.
    pub keeping: u8,
}

/// Tools of one server.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct PrivateTools {
    /// Index into `Policy::servers`.
    pub server: u32,
    /// Glob over their names.
    pub name: String,
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
