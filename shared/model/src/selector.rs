//! What a kill switch is pulled for: everything, or one organisation, team, agent, token, server or
//! tool. Refuses text that names nothing of that kind.

use core::fmt;
use core::str::FromStr;

use crate::TokenId;
use crate::limits::SELECTOR_BYTES_MAX;

/// One thing that can be stopped. As text: `all`, `organisation acme`, `team acme/platform`,
/// `agent acme/ci-bot`, `token 0123…` (32 hex digits), `server github`, `tool github/create_issue`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// Everything.
    All,
    /// Every agent of an organisation.
    Organisation(String),
    /// Every agent of a team: organisation, team.
    Team(String, String),
    /// An agent: organisation, agent.
    Agent(String, String),
    /// A token, and all that were narrowed from it.
    Token(TokenId),
    /// A server, for everybody.
    Server(String),
    /// A tool, for everybody: server, tool.
    Tool(String, String),
}

/// Why a text names nothing that can be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSelector(&'static str);

impl Selector {
    /// The selector of this kind (`all`, `organisation`, …) with this name; of `all` it is empty.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn named(kind: &str, name: &str) -> Result<Self, BadSelector> {
        if name.len() > SELECTOR_BYTES_MAX || name.chars().any(char::is_control) {
            return Err(BadSelector(
                "a name without control characters, at most 4 KiB",
            ));
        }
        let pair = |what| {
            let (first, second) = name.split_once('/').ok_or(BadSelector(what))?;
            if first.is_empty() || second.is_empty() {
                return Err(BadSelector(what));
            }
            Ok((first.to_owned(), second.to_owned()))
        };
        let single = |what| match name.is_empty() || name.contains('/') {
            true => Err(BadSelector(what)),
            false => Ok(name.to_owned()),
        };
        match kind {
            "all" if name.is_empty() => Ok(Self::All),
            "all" => Err(BadSelector("`all` stands alone")),
            "organisation" => single("`organisation NAME`").map(Self::Organisation),
            "team" => pair("`team ORGANISATION/TEAM`").map(|(o, t)| Self::Team(o, t)),
            "agent" => pair("`agent ORGANISATION/AGENT`").map(|(o, a)| Self::Agent(o, a)),
            "token" => TokenId::from_hex(name)
                .map(Self::Token)
                .ok_or(BadSelector("`token ID`, 32 hex digits")),
            "server" => single("`server NAME`").map(Self::Server),
            "tool" => pair("`tool SERVER/TOOL`").map(|(s, t)| Self::Tool(s, t)),
            _ => Err(BadSelector(
                "all, organisation, team, agent, token, server or tool, and a name",
            )),
        }
    }

    /// `all`, `organisation`, `team`, `agent`, `token`, `server` or `tool`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Organisation(_) => "organisation",
            Self::Team(..) => "team",
            Self::Agent(..) => "agent",
            Self::Token(_) => "token",
            Self::Server(_) => "server",
            Self::Tool(..) => "tool",
        }
    }
}

impl FromStr for Selector {
    type Err = BadSelector;

    fn from_str(text: &str) -> Result<Self, BadSelector> {
        let text = text.trim();
        let (kind, name) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        Self::named(kind, name.trim())
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        match self {
            Self::All => f.write_str(kind),
            Self::Organisation(name) | Self::Server(name) => write!(f, "{kind} {name}"),
            Self::Team(first, second) | Self::Agent(first, second) | Self::Tool(first, second) => {
                write!(f, "{kind} {first}/{second}")
            }
            Self::Token(id) => write!(f, "{kind} {id}"),
        }
    }
}

impl fmt::Display for BadSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.0)
    }
}

impl core::error::Error for BadSelector {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_leads_back_to_the_selector() {
        let id = TokenId([7; 16]);
        for selector in [
            Selector::All,
            Selector::Organisation("acme".into()),
            Selector::Team("acme".into(), "platform".into()),
            Selector::Agent("acme".into(), "ci-bot".into()),
            Selector::Token(id),
            Selector::Server("github".into()),
            Selector::Tool("github".into(), "issues/create now".into()),
        ] {
            assert_eq!(selector.to_string().parse(), Ok(selector));
        }
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for bad in [
            "",
            "al",
            "all acme",
            "organisation",
            "organisation a/b",
            "team acme",
            "agent /x",
            "agent acme/",
            "token 12",
            "server",
            "tool github",
            "tool github/a\u{7}b",
        ] {
            assert!(bad.parse::<Selector>().is_err(), "{bad:?}");
        }
        let long = format!("server {}", "x".repeat(SELECTOR_BYTES_MAX + 1));
        assert!(long.parse::<Selector>().is_err());
    }
}
