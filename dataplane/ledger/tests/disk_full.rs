//! A disk that takes nothing more (here: a file size limit of 0) denies at once, and is forgiven.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use varistor_audit::{VerifyOptions, segments, verify};
use varistor_ledger::{Failed, Lane, Ledger, Options, Waker};
use varistor_model::Durability::{self, Durable, Written};

const PATIENCE: Duration = Duration::from_secs(30);

fn answer(lane: &mut Lane, woken: &Receiver<()>, durability: Durability) -> Result<u64, Failed> {
    let fill = |out: &mut Vec<u8>| out.extend_from_slice(b",\"kind\":\"x\"}");
    lane.push(durability, 1, fill).unwrap();
    lane.send();
    let mut answer = None;
    loop {
        lane.collect(|_, it| answer = Some(it));
        match answer {
            Some(answer) => return answer,
            None => woken.recv_timeout(PATIENCE).unwrap(),
        }
    }
}

#[test]
fn a_full_disk_denies_without_a_false_answer_and_recovers() {
    // Caught, or the signal would end the process.
    let caught = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(25, caught).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (wake, woken) = channel();
    let waker: Waker = Arc::new(move || wake.send(()).unwrap_or_default());
    let options = Options::new(dir.path().to_owned());
    let (ledger, mut lanes) = Ledger::open(&options, vec![waker]).unwrap();
    let mut lane = lanes.pop().unwrap();
    let mut sealed = Vec::new();
    for _ in 0..10 {
        sealed.push(answer(&mut lane, &woken, Written).unwrap());
    }

    let before = getrlimit(Resource::Fsize);
    let none = Rlimit {
        current: Some(0),
        maximum: before.maximum,
    };
    setrlimit(Resource::Fsize, none).unwrap();
    for durability in [Written, Durable, Written, Durable] {
        let asked = Instant::now();
        assert_eq!(answer(&mut lane, &woken, durability), Err(Failed));
        assert!(asked.elapsed() < Duration::from_secs(5));
    }
    assert!(ledger.state().failed);
    setrlimit(Resource::Fsize, before).unwrap();

    let recovered = loop {
        if let Ok(seq) = answer(&mut lane, &woken, Durable) {
            break seq;
        }
    };
    sealed.push(recovered);
    sealed.push(answer(&mut lane, &woken, Written).unwrap());
    let state = ledger.state();
    assert!(!state.failed && state.refused >= 3);
    ledger.close().unwrap();

    let readers = segments::readers(dir.path()).unwrap();
    let report = verify(readers, &VerifyOptions::default(), |_| {}).unwrap();
    assert!(report.is_sound() && report.torn.is_none(), "{report:?}");
    let lines = segments::last_lines(dir.path(), usize::MAX).unwrap();
    // Ten, the withdrawn one, the story of the failure, two more.
    assert_eq!(lines.len(), 14);
    let told: serde_json::Value = serde_json::from_slice(&lines[11]).unwrap();
    assert_eq!(told["details"]["withdrawn"], serde_json::json!([10]));
    assert_eq!(sealed.last(), Some(&13));
}
