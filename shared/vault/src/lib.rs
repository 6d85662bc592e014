//! The vault: one encrypted file of named secrets, each bound to the servers it may be sent to.
//!
//! Decides whether a secret may be used for a server, and refuses a file that anything but its
//! key's holder has changed: every entry is sealed on its own (XChaCha20-Poly1305, bound to vault,
//! name, version and servers), and a code over the whole file (HMAC-SHA-256) finds entries that
//! were removed, swapped or put back. Secrets have no `Debug` and leave memory when dropped.
//!
//! An old copy of the whole file is genuine; the history beside it (`vault.log`) remembers the
//! newest generation and refuses it, and so does who remembers it elsewhere
//! ([`Vault::open_at_least`]). Each change is a line of the history before it happens; the lines
//! are chained, and the vault names the last one.

mod bounds;
mod disk;
mod error;
mod file;
mod hex;
mod history;
mod key;
mod lock;
mod seal;
mod secret;
mod vault;

pub use error::VaultError;
pub use history::{Change, Deed, History, Line};
pub use key::Key;
pub use lock::Lock;
pub use secret::Secret;
pub use vault::{Entry, Lent, Part, Vault};
