//! The vault: one encrypted file of named secrets, each bound to the servers it may be sent to.
//!
//! Decides whether a secret may be used for a server, and refuses a file that anything but its
//! key's holder has changed: every entry is sealed on its own (XChaCha20-Poly1305, bound to vault,
//! name, version and servers), and a code over the whole file (HMAC-SHA-256) finds entries that
//! were removed, swapped or put back. Secrets have no `Debug` and leave memory when dropped.
//!
//! An old copy of the whole file is genuine; who remembers its generation refuses it with
//! [`Vault::open_at_least`].

mod bounds;
mod disk;
mod error;
mod file;
mod hex;
mod key;
mod seal;
mod secret;
mod vault;

pub use error::VaultError;
pub use key::Key;
pub use secret::Secret;
pub use vault::{Entry, Vault};
