//! `varictl connect-info`: what each host wants to read in its configuration, to start
//! `varictl connect`. No secret is in it: the token stays where the bridge reads it.

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::connect::Way;
use crate::exit::{Exit, wrong};
use crate::output;

/// Print what a host's configuration needs to start `varictl connect`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  varictl connect-info https://gateway.acme.example/mcp/github \\
    --token-file ~/.config/varistor/token --client cursor")]
pub(crate) struct ConnectInfo {
    #[command(flatten)]
    way: Way,
    /// The host [default: all of them]
    #[arg(long, value_name = "HOST")]
    client: Option<Client>,
    /// Name of the server within the host [default: the last part of the URL's path]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// A host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Client {
    /// Claude Desktop
    Claude,
    /// Claude Code
    ClaudeCode,
    /// Codex
    Codex,
    /// Cursor
    Cursor,
    /// Gemini CLI
    Gemini,
    /// Visual Studio Code
    Vscode,
    /// Windsurf
    Windsurf,
    /// Zed
    Zed,
}

/// How the bridge is started.
struct Start {
    name: String,
    command: String,
    arguments: Vec<String>,
}

impl ConnectInfo {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let start = self.start()?;
        let clients = match self.client {
            Some(client) => vec![client],
            None => Client::value_variants().to_vec(),
        };
        for (number, client) in clients.iter().enumerate() {
            if number > 0 {
                output::line("")?;
            }
            output::note(client.place());
            output::line(&client.lines(&start)?)?;
        }
        Ok(Exit::Done)
    }

    fn start(&self) -> anyhow::Result<Start> {
        let target = self.way.target()?;
        let last = target.path().split('?').next().unwrap_or_default();
        let last = last.trim_end_matches('/').rsplit('/').next();
        let name = self.name.as_deref().or(last).unwrap_or_default().to_owned();
        let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(is_fit) {
            return Err(wrong(format!(
                "{name:?} is no name that every host takes; expected letters, digits, - and _: \
                 say one with --name"
            )));
        }
        let command = std::env::current_exe().context("the path of varictl is unknown")?;
        let text = |text: std::ffi::OsString| {
            text.into_string().map_err(|text| {
                wrong(format!(
                    "{} is no UTF-8, which configurations need",
                    text.display()
                ))
            })
        };
        let arguments = self.way.arguments()?;
        Ok(Start {
            name,
            command: text(command.into_os_string())?,
            arguments: arguments.into_iter().map(text).collect::<Result<_, _>>()?,
        })
    }
}

impl Client {
    /// Where the lines belong.
    const fn place(self) -> &'static str {
        match self {
            Self::Claude => {
                "Claude Desktop: claude_desktop_config.json (Settings > Developer > Edit Config)"
            }
            Self::ClaudeCode => "Claude Code: run this",
            Self::Codex => "Codex: ~/.codex/config.toml",
            Self::Cursor => "Cursor: ~/.cursor/mcp.json, or .cursor/mcp.json of a project",
            Self::Gemini => "Gemini CLI: ~/.gemini/settings.json, or .gemini/settings.json",
            Self::Vscode => "VS Code: .vscode/mcp.json, or MCP: Open User Configuration",
            Self::Windsurf => "Windsurf: ~/.codeium/windsurf/mcp_config.json",
            Self::Zed => "Zed: ~/.config/zed/settings.json",
        }
    }

    fn lines(self, start: &Start) -> anyhow::Result<String> {
        let plain = json!({"command": start.command, "args": start.arguments});
        match self {
            Self::Claude | Self::Gemini | Self::Windsurf => named("mcpServers", start, plain),
            Self::Cursor => named("mcpServers", start, start.typed()),
            Self::Vscode => named("servers", start, start.typed()),
            Self::Zed => named("context_servers", start, plain),
            Self::ClaudeCode => Ok(start.shell()),
            Self::Codex => start.toml(),
        }
    }
}

impl Start {
    fn typed(&self) -> Value {
        json!({"type": "stdio", "command": self.command, "args": self.arguments})
    }

    fn shell(&self) -> String {
        let mut words = vec![
            format!("claude mcp add --transport stdio {} --", self.name),
            quoted(&self.command),
        ];
        words.extend(self.arguments.iter().map(|word| quoted(word)));
        words.join(" ")
    }

    /// Basic strings of TOML take what strings of JSON do.
    fn toml(&self) -> anyhow::Result<String> {
        let command = serde_json::to_string(&self.command)?;
        let arguments = serde_json::to_string(&self.arguments)?;
        let name = &self.name;
        Ok(format!(
            "[mcp_servers.{name}]\ncommand = {command}\nargs = {arguments}"
        ))
    }
}

fn named(table: &str, start: &Start, server: Value) -> anyhow::Result<String> {
    let servers = Map::from_iter([(start.name.clone(), server)]);
    let whole = Map::from_iter([(table.to_owned(), Value::Object(servers))]);
    Ok(serde_json::to_string_pretty(&whole)?)
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_a_word_as_it_was() {
        assert_eq!(quoted("https://gw/mcp/a"), "https://gw/mcp/a");
        assert_eq!(quoted("/home/a b"), "'/home/a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("?x=1&y"), "'?x=1&y'");
    }
}
