//! `varictl push`: compiles the policy directory and sends it to gateways; says for each which
//! generation serves there.

use clap::Args;

use crate::arguments::Gateways;
use crate::building;
use crate::delivery;
use crate::directory::PolicyDir;
use crate::exit::Exit;
use crate::snapshots::Snapshots;

/// Compile the policy directory and send it to running gateways.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl push
      compile ./varistor and push it to the gateway that serves it
  varictl push --dir /etc/varistor --socket /run/a.sock --socket /run/b.sock
      the same snapshot to two gateways on this machine
  varictl push --to gw1.example:7333 --to gw2.example:7333 \\
      --cert admin.pem --key admin.key --ca gateways-ca.pem
      to two other hosts, over mutual TLS

A gateway that refuses keeps serving what it had; then the exit status is 1.")]
pub(crate) struct Push {
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Pushes to the gateway that serves the directory.
pub(super) fn plain(dir: &PolicyDir) -> anyhow::Result<Exit> {
    let push = Push {
        gateways: Gateways::default(),
        json: false,
    };
    push.run(dir)
}

impl Push {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let gateways = self.gateways.resolve(Some(dir))?;
        let snapshots = Snapshots::lock(dir)?;
        let sealed = building::next_generation(dir, &snapshots)?;
        let deliveries = delivery::deliver(&snapshots, &sealed, &gateways)?;
        delivery::show(&deliveries, self.json)?;
        delivery::explain(dir, &sealed, &deliveries);
        Ok(if deliveries.iter().all(|d| d.serving) {
            Exit::Done
        } else {
            Exit::Failed
        })
    }
}
