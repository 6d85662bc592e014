//! Callers that go on until they are denied or cut off, and what the log must hold afterwards.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::json;
use varistor_tests::upstream::Incoming;
use varistor_tests::{Agent, PolicyDir};

const CALLERS: usize = 4;

/// Callers at work.
pub struct Load(Vec<JoinHandle<Vec<Answered>>>);

/// A call that was answered.
#[derive(Clone, Copy)]
pub struct Answered {
    /// Its record.
    pub record: u64,
    /// When the answer was there.
    pub at: Instant,
}

impl Load {
    /// Starts callers; `name` tells their calls from those of others.
    pub fn start(address: &str, token: &str, name: &str) -> Self {
        let callers = (0..CALLERS).map(|caller| {
            let agent = Agent::new(address, "alpha", token);
            let name = format!("{name}.{caller}");
            thread::spawn(move || called(&agent, &name))
        });
        Self(callers.collect())
    }

    /// All calls that were answered, once each caller was denied or cut off.
    pub fn end(self) -> Vec<Answered> {
        let until = Instant::now() + Duration::from_secs(60);
        while !self.0.iter().all(JoinHandle::is_finished) {
            assert!(
                Instant::now() < until,
                "a caller is neither answered nor denied"
            );
            thread::sleep(Duration::from_millis(2));
        }
        let ends = self.0.into_iter();
        ends.flat_map(|caller| caller.join().expect("a caller"))
            .collect()
    }
}

/// Calls until one is denied or cut off; those that were answered.
fn called(agent: &Agent, name: &str) -> Vec<Answered> {
    let mut answered = Vec::new();
    for number in 0.. {
        let arguments = json!({"path": format!("/{name}.{number}/")});
        let answer = catch_unwind(AssertUnwindSafe(|| agent.call("read_file", arguments)));
        match answer {
            Ok(answer) if answer.is_good_call() => {
                let at = Instant::now();
                let record = answer.record();
                answered.extend(record.map(|record| Answered { record, at }));
            }
            _ => break,
        }
    }
    answered
}

/// Every call that was answered, and every call that the server saw, stands in the log.
pub fn check(policy: &PolicyDir, round: u64, (answered, seen): (&[Answered], &[Incoming])) {
    let output = policy.varictl(&["audit", "verify", "--json"]);
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 5)), "round {round}: {output:?}");
    let records = whole_records(&policy.path());
    let calls: HashSet<u64> = records.iter().filter_map(|line| call_of(line)).collect();
    for Answered { record, .. } in answered {
        let last = calls.iter().max();
        assert!(
            calls.contains(record),
            "round {round}: record {record} is lost; the last call there is {last:?}, the last that \
             was answered {:?}",
            answered.iter().map(|call| call.record).max()
        );
    }
    let logged: HashSet<&str> = records.iter().filter_map(|line| path_of(line)).collect();
    for seen in seen {
        let body = String::from_utf8_lossy(&seen.body);
        if let Some(path) = path_of(&body) {
            assert!(
                logged.contains(path),
                "round {round}: {path} is in no record"
            );
        }
    }
}

/// Lines of the log that have an end.
fn whole_records(policy: &Path) -> Vec<String> {
    let folder = std::fs::read_dir(policy.join("audit")).expect("a log");
    let paths = folder.map(|entry| entry.expect("a file").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .collect();
    paths.sort();
    let mut records = Vec::new();
    for path in paths {
        let text = std::fs::read(path).expect("a segment");
        let text = String::from_utf8_lossy(&text).into_owned();
        let whole = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        records.extend(whole.map(str::to_owned));
    }
    records
}

/// The number of a call's record.
fn call_of(line: &str) -> Option<u64> {
    let rest = line.strip_prefix("{\"seq\":")?;
    let (number, rest) = rest.split_once(',')?;
    rest.contains("\"kind\":\"call\"")
        .then(|| number.parse().ok())?
}

/// What tells one call from all others.
fn path_of(text: &str) -> Option<&str> {
    let begin = text.find("\"path\":\"/")?;
    let rest = text.get(begin + 8..)?;
    let end = rest.get(1..)?.find('/')?;
    rest.get(..end + 1)
}
