//! What `kill` and `revive` are about, as it stands on the command line. Refuses when nothing is
//! named, and names of the wrong shape.

use clap::Args;
use varistor_model::Selector;

use crate::exit::wrong;

/// What is to be stopped, or to go on. Options may be repeated.
#[derive(Args, Debug, Default)]
pub(super) struct Selectors {
    /// Everything
    #[arg(long)]
    all: bool,
    /// Every agent of this organisation
    #[arg(long, value_name = "NAME")]
    organisation: Vec<String>,
    /// Every agent of this team
    #[arg(long, value_name = "ORGANISATION/TEAM")]
    team: Vec<String>,
    /// This agent
    #[arg(long, value_name = "ORGANISATION/AGENT")]
    agent: Vec<String>,
    /// This token and all that were narrowed from it (32 hex digits)
    #[arg(long, value_name = "ID")]
    token: Vec<String>,
    /// This server, for everybody
    #[arg(long, value_name = "NAME")]
    server: Vec<String>,
    /// This tool, for everybody
    #[arg(long, value_name = "SERVER/TOOL")]
    tool: Vec<String>,
}

impl Selectors {
    pub(super) fn is_empty(&self) -> bool {
        !self.all && self.names().next().is_none()
    }

    /// At least one, each of the right shape.
    pub(super) fn named(&self) -> anyhow::Result<Vec<Selector>> {
        if self.is_empty() {
            return Err(wrong(
                "say what: --all, --organisation, --team, --agent, --token, --server or --tool",
            ));
        }
        let mut selectors = Vec::new();
        if self.all {
            selectors.push(Selector::All);
        }
        for (kind, name) in self.names() {
            let selector = Selector::named(kind, name);
            let bad = |error| wrong(format!("--{kind} {name}: {error}"));
            selectors.push(selector.map_err(bad)?);
        }
        Ok(selectors)
    }

    fn names(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let kinds = [
            ("organisation", &self.organisation),
            ("team", &self.team),
            ("agent", &self.agent),
            ("token", &self.token),
            ("server", &self.server),
            ("tool", &self.tool),
        ];
        let each = kinds.into_iter();
        each.flat_map(|(kind, names)| names.iter().map(move |name| (kind, name.as_str())))
    }
}
