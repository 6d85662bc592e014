//! `varictl sandbox layers`: what of the sandbox this machine has, and what to do about the rest.

use clap::Args;

use crate::exit::Exit;
use crate::output::{self, table::Table};

/// Show which layers of the sandbox this machine has.
#[derive(Args, Debug)]
#[command(after_help = "\
Those that every kernel has are not listed: a new session, no new privileges, no capabilities,
limits, closed descriptors, a new environment.
Exit status: 0 all are there, 1 one is missing.")]
pub(crate) struct Layers {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Layers {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let layers = varistor_sandbox::Sandbox::of_this_program()?.available();
        if self.json {
            output::json(&layers)?;
        } else {
            let mut table = Table::new(&["LAYER", "HERE", "DETAIL", "WHAT TO DO"]);
            for layer in &layers {
                table.row(&[
                    layer.name.to_string().as_str(),
                    if layer.is_available { "yes" } else { "no" },
                    &layer.detail,
                    layer.remedy.as_deref().unwrap_or_default(),
                ]);
            }
            table.print()?;
        }
        Ok(match layers.iter().all(|layer| layer.is_available) {
            true => Exit::Done,
            false => Exit::Failed,
        })
    }
}
