//! What happens when a snapshot comes: it is verified and taken into service.

use varistor_pipeline::serving::Serving;
use varistor_snapshot::Snapshot;

use super::walk::small;
use super::{Case, Make, step};
use crate::bench::{signing_key, snapshot_file};

pub(super) const CASES: &[(&str, Make)] = &[
    ("snapshot/open", snapshot_open),
    ("snapshot/take_into_service", take_into_service),
];

fn open(file: &[u8]) -> Snapshot {
    let keys = [signing_key().verifying_key()];
    Snapshot::open(file, &keys, None).expect("it was sealed just now")
}

fn snapshot_open() -> Box<dyn Case> {
    step(snapshot_file(&small()), |_| (), |file, ()| open(file))
}

fn take_into_service() -> Box<dyn Case> {
    let prepare = |file: &mut Vec<u8>| open(file);
    step(snapshot_file(&small()), prepare, |_, snapshot| {
        let credentials = snapshot.policy().servers.iter().map(|_| None).collect();
        Serving::new(snapshot, credentials).expect("it can be served")
    })
}
