//! Which witnesses must have cosigned a log, and how much of it may still wait for them.

use varistor_evidence::VerifierKey;
use varistor_snapshot::Snapshot;

use super::keys;
use crate::directory::PolicyDir;
use crate::exit::wrong;
use crate::{output, snapshots};

/// Who must vouch for the log.
#[derive(Default)]
pub(super) struct Vouched {
    pub(super) witnesses: Vec<VerifierKey>,
    /// How many of them.
    pub(super) quorum: usize,
    /// For how many seconds a record may wait; `None`: everything must be cosigned.
    pub(super) allowed_s: Option<u64>,
}

impl Vouched {
    /// Those that were named, else those of the policy in force.
    pub(super) fn of(
        named: &[String],
        quorum: Option<usize>,
        dir: Option<&PolicyDir>,
    ) -> anyhow::Result<Self> {
        if named.is_empty() {
            return Ok(dir.and_then(of_policy).unwrap_or_default());
        }
        let witnesses = named.iter().map(|named| keys::key(named));
        let witnesses = witnesses.collect::<anyhow::Result<Vec<_>>>()?;
        let quorum = quorum.unwrap_or(witnesses.len());
        if !(1..=witnesses.len()).contains(&quorum) {
            return Err(wrong(format!(
                "--quorum {quorum}: expected 1 to {}, the number of witnesses",
                witnesses.len()
            )));
        }
        Ok(Self {
            witnesses,
            quorum,
            allowed_s: None,
        })
    }

    /// Whether so many records that wait, the oldest of them for so long, are too many.
    pub(super) fn is_late(&self, records: u64, seconds: Option<u64>) -> bool {
        let allowed = |allowed| seconds.is_some_and(|seconds| seconds <= allowed);
        !self.witnesses.is_empty() && records > 0 && !self.allowed_s.is_some_and(allowed)
    }
}

/// The witnesses of the policy that a gateway loads: records may wait as long as it lets calls
/// pass without them, else twice as long as a witness is left alone.
fn of_policy(dir: &PolicyDir) -> Option<Vouched> {
    let snapshot = match snapshots::current(dir) {
        Ok(snapshot) => snapshot?,
        Err(error) => {
            output::warning(&format!(
                "the policy's witnesses are not known, so none is asked for: {error:#}"
            ));
            return None;
        }
    };
    read(&snapshot)
}

fn read(snapshot: &Snapshot) -> Option<Vouched> {
    let audit = &snapshot.policy().audit;
    let keys = audit.witnesses.iter().map(|row| row.key.as_str().parse());
    let allowed_ms = match audit.unwitnessed_ms.to_native() {
        0 => audit.ask_ms.to_native().saturating_mul(2),
        ms => ms,
    };
    Some(Vouched {
        witnesses: keys.collect::<Result<_, _>>().ok()?,
        quorum: usize::try_from(audit.quorum.to_native()).ok()?,
        allowed_s: Some(allowed_ms.div_ceil(1_000)),
    })
}
