//! Servers that the gateway starts itself.

use rkyv::{Archive, Deserialize, Serialize};

use super::TemplatePart;

/// A server that speaks MCP on its standard input and output.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Stdio {
    /// The executable, an absolute path, and its arguments.
    pub command: Vec<String>,
    /// SHA-256 of the executable's content when the policy was compiled.
    pub sha256: [u8; 32],
    /// Its environment beside `PATH`, `HOME` and `LANG`, sorted by name.
    pub env: Vec<Variable>,
    /// Its working directory, an absolute path; the gateway makes one when none is given.
    pub directory: Option<String>,
    /// Whether sessions share one child; otherwise each has its own.
    pub shared: bool,
    /// Whether a shared child is started before the first call.
    pub eager: bool,
    /// How long a child without calls lives, in milliseconds.
    pub idle_ms: u64,
    /// From the start of a child to its first answer, in milliseconds.
    pub start_ms: u64,
    /// Most children at once.
    pub children_max: u32,
}

/// One variable of an environment.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value: literal pieces and names of secrets.
    pub value: Vec<TemplatePart>,
}
