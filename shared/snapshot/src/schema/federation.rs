//! How all servers are offered as one.

use rkyv::{Archive, Deserialize, Serialize};

/// `/mcp` and `/mcp/@name`.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Federation {
    /// How long one server has to answer when lists are merged, in milliseconds.
    pub timeout_ms: u64,
    /// Whether lists of tools hold a search in place of the tools.
    pub search: bool,
    /// Virtual servers, sorted by name.
    pub views: Vec<View>,
}

/// A virtual server.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct View {
    /// `/mcp/@<name>` is the route.
    pub name: String,
    /// Its tools, in the order of the policy; their names are distinct.
    pub tools: Vec<ViewTool>,
}

/// A tool of a virtual server.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ViewTool {
    /// Name of the server whose tool it is.
    pub server: String,
    /// Its name there.
    pub tool: String,
    /// Its name here.
    pub name: String,
}

impl Default for Federation {
    fn default() -> Self {
        Self {
            timeout_ms: 10_000,
            search: false,
            views: Vec::new(),
        }
    }
}
