//! The clients that are known: where their files are, in which table the servers stand, how they
//! spell variables and a local server.

use std::path::{Path, PathBuf};

use crate::variables::Dialect;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// JSON, with the comments and trailing commas that editors take.
    Json,
    /// TOML.
    Toml,
}

/// How a client wants a local server to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `command` and `args`.
    Plain,
    /// The same with this word under `type`.
    Typed(&'static str),
    /// `type: local`, and everything in `command`.
    List,
}

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The person's own.
    User,
    /// One of a project, shared with others mostly.
    Project,
}

/// One place where a client's file may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose file.
    pub scope: Scope,
    /// The file, absolute.
    pub path: PathBuf,
}

/// A client.
#[derive(Debug)]
pub struct Client {
    /// As on the command line.
    pub id: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// How its file is written.
    pub syntax: Syntax,
    /// Tables of servers, each as keys from the top; `*` stands for every key.
    pub tables: &'static [&'static [&'static str]],
    /// How it spells a local server.
    pub kind: Kind,
    /// How it spells variables.
    pub dialect: Dialect,
    /// Files below the home.
    home: &'static [&'static str],
    /// Files below the folder of settings: `~/.config`, or `~/Library/Application Support`.
    settings: &'static [&'static str],
    /// Files below a project.
    project: &'static [&'static str],
}

const SERVERS: &[&[&str]] = &[&["mcpServers"]];

/// All of them, as their documentation says.
pub const CLIENTS: &[Client] = &[
    Client {
        id: "claude",
        title: "Claude Desktop",
        settings: &["Claude/claude_desktop_config.json"],
        ..Client::PLAIN
    },
    Client {
        id: "claude-code",
        title: "Claude Code",
        tables: &[&["mcpServers"], &["projects", "*", "mcpServers"]],
        kind: Kind::Typed("stdio"),
        dialect: Dialect::Shell,
        home: &[".claude.json"],
        project: &[".mcp.json"],
        ..Client::PLAIN
    },
    Client {
        id: "cursor",
        title: "Cursor",
        kind: Kind::Typed("stdio"),
        dialect: Dialect::Editor,
        home: &[".cursor/mcp.json"],
        project: &[".cursor/mcp.json"],
        ..Client::PLAIN
    },
    Client {
        id: "vscode",
        title: "Visual Studio Code",
        tables: &[&["servers"], &["mcp", "servers"]],
        kind: Kind::Typed("stdio"),
        dialect: Dialect::Editor,
        settings: &[
            "Code/User/mcp.json",
            "Code/User/settings.json",
            "Code - Insiders/User/mcp.json",
            "Code - Insiders/User/settings.json",
            "VSCodium/User/mcp.json",
            "VSCodium/User/settings.json",
        ],
        project: &[".vscode/mcp.json", ".vscode/settings.json"],
        ..Client::PLAIN
    },
    Client {
        id: "windsurf",
        title: "Windsurf",
        dialect: Dialect::Editor,
        home: &[".codeium/windsurf/mcp_config.json"],
        ..Client::PLAIN
    },
    Client {
        id: "zed",
        title: "Zed",
        tables: &[&["context_servers"]],
        home: &[".config/zed/settings.json"],
        project: &[".zed/settings.json"],
        ..Client::PLAIN
    },
    Client {
        id: "gemini",
        title: "Gemini CLI",
        dialect: Dialect::Dollar,
        home: &[".gemini/settings.json"],
        project: &[".gemini/settings.json"],
        ..Client::PLAIN
    },
    Client {
        id: "codex",
        title: "Codex",
        syntax: Syntax::Toml,
        tables: &[&["mcp_servers"]],
        home: &[".codex/config.toml"],
        project: &[".codex/config.toml"],
        ..Client::PLAIN
    },
    Client {
        id: "copilot",
        title: "GitHub Copilot CLI",
        kind: Kind::Typed("local"),
        dialect: Dialect::Dollar,
        home: &[".copilot/mcp-config.json"],
        ..Client::PLAIN
    },
    Client {
        id: "cline",
        title: "Cline",
        settings: &[
            "Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
        ],
        ..Client::PLAIN
    },
    Client {
        id: "roo",
        title: "Roo Code",
        dialect: Dialect::Editor,
        settings: &[
            "Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
        ],
        project: &[".roo/mcp.json"],
        ..Client::PLAIN
    },
    Client {
        id: "lmstudio",
        title: "LM Studio",
        home: &[".lmstudio/mcp.json"],
        ..Client::PLAIN
    },
    Client {
        id: "kiro",
        title: "Kiro",
        dialect: Dialect::Shell,
        home: &[".kiro/settings/mcp.json"],
        project: &[".kiro/settings/mcp.json"],
        ..Client::PLAIN
    },
    Client {
        id: "amazon-q",
        title: "Amazon Q Developer CLI",
        home: &[".aws/amazonq/mcp.json"],
        project: &[".amazonq/mcp.json"],
        ..Client::PLAIN
    },
    Client {
        id: "junie",
        title: "Junie",
        home: &[".junie/mcp/mcp.json"],
        project: &[".junie/mcp/mcp.json"],
        ..Client::PLAIN
    },
    Client {
        id: "qwen",
        title: "Qwen Code",
        dialect: Dialect::Dollar,
        home: &[".qwen/settings.json"],
        project: &[".qwen/settings.json"],
        ..Client::PLAIN
    },
    Client {
        id: "opencode",
        title: "opencode",
        tables: &[&["mcp"]],
        kind: Kind::List,
        dialect: Dialect::Braces,
        home: &[
            ".config/opencode/opencode.json",
            ".config/opencode/opencode.jsonc",
        ],
        project: &["opencode.json", "opencode.jsonc"],
        ..Client::PLAIN
    },
];

impl Client {
    /// What most of them share.
    const PLAIN: Self = Self {
        id: "",
        title: "",
        syntax: Syntax::Json,
        tables: SERVERS,
        kind: Kind::Plain,
        dialect: Dialect::None,
        home: &[],
        settings: &[],
        project: &[],
    };

    /// The client of this name.
    #[must_use]
    pub fn named(id: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|client| client.id == id)
    }

    /// The client whose file this is, by how its path ends.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<&'static Self> {
        CLIENTS.iter().find(|client| {
            let all = [client.home, client.settings, client.project];
            all.iter()
                .flat_map(|files| files.iter())
                .any(|end| path.ends_with(end))
        })
    }

    /// Where a person's own files may be. Both systems' folders of settings are looked at; `config`
    /// is `XDG_CONFIG_HOME`, where that is set.
    #[must_use]
    pub fn user_places(&self, home: &Path, config: Option<&Path>) -> Vec<Place> {
        let mut folders = vec![
            home.join(".config"),
            home.join("Library/Application Support"),
        ];
        if let Some(config) = config
            && !folders.iter().any(|folder| folder == config)
        {
            folders.insert(0, config.to_owned());
        }
        let of_home = self.home.iter().map(|file| home.join(file));
        let of_settings = folders
            .iter()
            .flat_map(|folder| self.settings.iter().map(|file| folder.join(file)));
        let all = of_home.chain(of_settings);
        all.map(|path| Place {
            scope: Scope::User,
            path,
        })
        .collect()
    }

    /// Where files of a project may be.
    #[must_use]
    pub fn project_places(&self, project: &Path) -> Vec<Place> {
        let files = self.project.iter();
        files
            .map(|file| Place {
                scope: Scope::Project,
                path: project.join(file),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_has_a_name_of_its_own_and_a_place() {
        for (at, client) in CLIENTS.iter().enumerate() {
            assert!(CLIENTS[..at].iter().all(|other| other.id != client.id));
            assert!(!client.title.is_empty());
            assert!(!client.user_places(Path::new("/h"), None).is_empty());
        }
    }

    #[test]
    fn a_file_is_told_by_how_its_path_ends() {
        let of = |path: &str| Client::of_file(Path::new(path)).map(|client| client.id);
        assert_eq!(of("/home/ann/.cursor/mcp.json"), Some("cursor"));
        assert_eq!(of("/srv/p/.vscode/mcp.json"), Some("vscode"));
        assert_eq!(of("/srv/p/.mcp.json"), Some("claude-code"));
        assert_eq!(of("/home/ann/.codex/config.toml"), Some("codex"));
        assert_eq!(of("/home/ann/mcp.json"), None);
        let desktop = "/Users/ann/Library/Application Support/Claude/claude_desktop_config.json";
        assert_eq!(of(desktop), Some("claude"));
    }
}
