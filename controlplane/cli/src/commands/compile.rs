//! `varictl compile`: the next generation, kept and made current, sent nowhere.

use clap::Args;
use serde::Serialize;

use crate::building;
use crate::directory::PolicyDir;
use crate::exit::Exit;
use crate::output;
use crate::snapshots::Snapshots;

/// Turn the policy directory into a signed snapshot, the next generation.
#[derive(Args, Debug)]
pub(crate) struct Compile {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer {
    generation: u64,
    bytes: usize,
    file: String,
}

impl Compile {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let snapshots = Snapshots::lock(dir)?;
        let sealed = building::next_generation(dir, &snapshots)?;
        snapshots.make_current(&sealed)?;
        let file = dir.current().display().to_string();
        let (generation, bytes) = (sealed.generation, sealed.bytes.len());
        if self.json {
            output::json(&Answer {
                generation,
                bytes,
                file,
            })?;
        } else {
            output::line(&format!(
                "generation {generation}, {bytes} bytes, in {file}"
            ))?;
        }
        Ok(Exit::Done)
    }
}
