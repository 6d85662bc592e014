//! `varictl vault rotate`: a new value, the old one known for a while, and taken back if need be.

use clap::Args;

use super::{NEXT, open, told};
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::quantities::{self, duration_text, now_unix_s};
use crate::{nearest, output, terminal};

/// Give a secret a new value, and know the old one for a while.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl vault rotate github < new-token     the old value is known for 24 hours more
  varictl vault rotate github --overlap 7d
  varictl vault rotate github --back          the new value did not work

Until the overlap is over, the old value is recognised where it turns up in calls and answers, and
can be taken back. What is over is forgotten by the next change of the vault.")]
pub(crate) struct Rotate {
    /// The name, as in ${vault:NAME}
    name: String,
    /// How long the old value is known
    #[arg(long, value_name = "DURATION", default_value = "24h",
          value_parser = quantities::duration_s, conflicts_with = "back")]
    overlap: u64,
    /// Make the old value the value again
    #[arg(long)]
    back: bool,
}

impl Rotate {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let mut vault = open(dir)?;
        let name = &self.name;
        if !vault.names().any(|entry| entry.name == name) {
            let hint = nearest::hint(name, vault.names().map(|entry| entry.name));
            return Err(wrong(format!("the vault has no secret `{name}`{hint}")));
        }
        let now = now_unix_s();
        vault.forget(now);
        let what = if self.back {
            vault.take_back(name).map_err(told)?;
            "has its former value again".to_owned()
        } else {
            let value = terminal::secret(&format!("New value of {name}: "))?;
            let until = now.saturating_add(self.overlap);
            vault.rotate(name, value.as_bytes(), until).map_err(told)?;
            let overlap = duration_text(self.overlap);
            format!("has a new value; the old one is known for {overlap}")
        };
        vault.save().map_err(told)?;
        output::note(&format!("{name} {what}; {NEXT}"));
        Ok(Exit::Done)
    }
}
