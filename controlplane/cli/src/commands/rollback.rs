//! `varictl rollback`: the policy of an earlier generation under a new number.
//!
//! Gateways never go back in numbers, so the old rows are sealed anew. Revocations and keys are
//! not policy: those of now stay, or a rollback would revive dead tokens.

use clap::Args;
use varistor_snapshot::Snapshot;

use crate::arguments::Gateways;
use crate::building;
use crate::delivery;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::output;
use crate::snapshots::{self, Snapshots};

/// Go back to the policy of an earlier generation, under a new number.
#[derive(Args, Debug)]
pub(crate) struct Rollback {
    /// The generation to go back to [default: the last one with another policy than the current]
    generation: Option<u64>,
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Rollback {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let gateways = self.gateways.resolve(Some(dir))?;
        let lock = Snapshots::lock(dir)?;
        let current = snapshots::current(dir)?.ok_or_else(|| {
            wrong("there is no current generation to go back from; run `varictl compile`")
        })?;
        let target = match self.generation {
            Some(generation) => generation,
            None => before(dir, &current)?,
        };
        let mut policy = snapshots::policy_of(&snapshots::load(dir, target)?)?;
        policy.keys = snapshots::policy_of(&current)?.keys;
        let sealed = building::reseal(dir, &lock, policy, Some(&current))?;
        output::note(&format!(
            "generation {} is the policy of generation {target}, with the keys and revocations of \
             now",
            sealed.generation
        ));
        let deliveries = delivery::deliver(&lock, &sealed, &gateways)?;
        delivery::show(&deliveries, self.json)?;
        delivery::explain(dir, &sealed, &deliveries);
        output::warning(&format!(
            "the files in {} still say what they said; the next push serves them again",
            dir.root().display()
        ));
        Ok(if deliveries.iter().all(|d| d.serving) {
            Exit::Done
        } else {
            Exit::Failed
        })
    }
}

/// The newest generation before the current one whose policy is another: a revocation or a push
/// without a change is nothing to go back from.
fn before(dir: &PolicyDir, current: &Snapshot) -> anyhow::Result<u64> {
    let present = snapshots::policy_of(current)?;
    for generation in snapshots::list(dir)?.into_iter().rev() {
        if generation >= current.generation() {
            continue;
        }
        let mut policy = snapshots::policy_of(&snapshots::load(dir, generation)?)?;
        policy.generation = present.generation;
        policy.compiled_unix_ms = present.compiled_unix_ms;
        policy.keys.clone_from(&present.keys);
        policy.revoked.clone_from(&present.revoked);
        if policy != present {
            return Ok(generation);
        }
    }
    Err(wrong(format!(
        "no generation with another policy is kept from before the current one ({})",
        current.generation()
    )))
}
