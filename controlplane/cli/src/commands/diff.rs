//! `varictl diff`: what the directory would change, told as who gains and who loses what.

use std::path::Path;

use anyhow::Context;
use clap::Args;
use varistor_snapshot::Snapshot;
use varistor_snapshot::schema::ArchivedPolicy;

use crate::building;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::output;
use crate::snapshots;

/// Show who would gain and who would lose which tool.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// Compare with this generation or snapshot file [default: the current one]
    #[arg(long, value_name = "GENERATION|FILE")]
    against: Option<String>,
    /// Exit with 1 when something would change
    #[arg(long)]
    exit_code: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let old = self.old(dir)?;
        let policy = building::policy(dir)?;
        let archive = rkyv::to_bytes::<rkyv::rancor::Error>(&policy)
            .context("the policy can't be put into an archive")?;
        let new = rkyv::access::<ArchivedPolicy, rkyv::rancor::Error>(&archive)
            .context("the policy's archive can't be read back")?;
        let diff = varistor_compile::diff(old.policy(), new);
        if self.json {
            output::json(&diff)?;
        } else if diff.is_empty() {
            output::line(&format!(
                "no change against generation {}",
                old.generation()
            ))?;
        } else {
            output::line(diff.to_string().trim_end())?;
        }
        Ok(if self.exit_code && !diff.is_empty() {
            Exit::Failed
        } else {
            Exit::Done
        })
    }

    fn old(&self, dir: &PolicyDir) -> anyhow::Result<Snapshot> {
        let Some(against) = &self.against else {
            return snapshots::current(dir)?.ok_or_else(|| {
                wrong("there is no current snapshot to compare with; run `varictl compile`")
            });
        };
        match against.parse() {
            Ok(generation) => snapshots::load(dir, generation),
            Err(_) => snapshots::load_file(dir, Path::new(against)),
        }
    }
}
