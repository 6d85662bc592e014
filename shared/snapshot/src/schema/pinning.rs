//! How the definitions of a server's tools are pinned.

use rkyv::{Archive, Deserialize, Serialize};

/// Of one server.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pinning {
    /// 0: not at all; 1: what is seen first is pinned; 2: what a person approved is.
    pub mode: u8,
    /// Whether tools that the server adds later wait for a person, when the first ones did not.
    pub new_tools_wait: bool,
}
