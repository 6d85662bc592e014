//! What the caller knows of servers, tools and people; `None` is not known, and no lint speaks.

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Names of servers.
    pub servers: Option<Vec<String>>,
    /// The tools of all servers, as their lists were last seen.
    pub tools: Option<Vec<KnownTool>>,
    /// Categories that the operator gives.
    pub categories: Option<Vec<String>>,
    /// Tags that the operator gives.
    pub tags: Option<Vec<String>>,
    /// Names of organisations.
    pub organisations: Option<Vec<String>>,
    /// Names of teams.
    pub teams: Option<Vec<String>>,
    /// Names of agents.
    pub agents: Option<Vec<String>>,
    /// Names of roles.
    pub roles: Option<Vec<String>>,
    /// Entities that are looked for in payloads. One that is not among them is an error.
    pub entities: Option<Vec<String>>,
    /// Channels that can be told, as `KIND/NAME`.
    pub channels: Option<Vec<String>>,
}

/// One tool.
#[derive(Clone, Debug, Default)]
pub struct KnownTool {
    /// The server's name.
    pub server: String,
    /// The tool's name.
    pub name: String,
    /// The server's category.
    pub category: String,
    /// Tags of server and tool.
    pub tags: Vec<String>,
}
