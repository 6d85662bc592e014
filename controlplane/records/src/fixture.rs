//! Lines and logs for the tests of this crate.

use std::fs;
use std::path::{Path, PathBuf};

use varistor_audit::{Chain, SegmentName};

/// The time of the first line, 2026-11-23T11:22:33Z; each line is a millisecond later.
pub(crate) const TIME: u64 = 1_795_432_953_000_000_000;
/// Between two lines.
pub(crate) const STEP: u64 = 1_000_000;

/// The tail of a call by `acme/bot`.
pub(crate) fn call(server: &str, tool: &str, decision: &str, more: &str) -> String {
    call_of("bot", (server, tool), decision, more)
}

/// The tail of a call by this agent of acme.
pub(crate) fn call_of(
    agent: &str,
    (server, tool): (&str, &str),
    decision: &str,
    more: &str,
) -> String {
    let token = "ab".repeat(16);
    [
        format!(r#","kind":"call","organisation":"acme","agent":"{agent}","token":"{token}""#),
        format!(r#","client":"10.0.0.7:50000","server":"{server}","method":"tools/call""#),
        format!(r#","tool":"{tool}","id":7"#),
        format!(r#","params":{{"name":"{tool}","arguments":{{"a":1}}}}"#),
        r#","intent":{"type":"read","confidence":90,"evidence":["verb get"]}"#.to_owned(),
        format!(r#"{more},"decision":"{decision}","rule":"*","generation":3}}"#),
    ]
    .concat()
}

/// The tail of a result.
pub(crate) fn result(call: u64, status: &str) -> String {
    result_with(call, status, "")
}

/// The same with further members.
pub(crate) fn result_with(call: u64, status: &str, more: &str) -> String {
    let numbers = r#","http_status":200,"duration_us":1500,"bytes":10,"redacted":0"#;
    format!(r#","kind":"result","call":{call},"status":"{status}"{numbers}{more}}}"#)
}

/// The tail of an event.
pub(crate) fn event(kind: &str, details: &str) -> String {
    format!(r#","kind":"{kind}","details":{details}}}"#)
}

/// The lines with these tails, without newlines.
pub(crate) fn lines(tails: &[String]) -> Vec<Vec<u8>> {
    let mut chain = Chain::genesis();
    let line = |(index, tail): (usize, &String)| {
        let mut line = Vec::new();
        chain.next_line(TIME + index as u64 * STEP, tail.as_bytes(), &mut line);
        line.pop();
        line
    };
    tails.iter().enumerate().map(line).collect()
}

/// A log with these lines, so many in a segment.
pub(crate) struct Log {
    dir: tempfile::TempDir,
}

impl Log {
    pub(crate) fn of(tails: &[String], per_segment: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (index, lines) in lines(tails).chunks(per_segment).enumerate() {
            let mut bytes = lines.join(&b'\n');
            bytes.push(b'\n');
            let name = SegmentName((index * per_segment) as u64);
            fs::write(dir.path().join(name.to_string()), bytes).unwrap();
        }
        Self { dir }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The segment that begins with this line.
    pub(crate) fn segment(&self, first: u64) -> PathBuf {
        self.path().join(SegmentName(first).to_string())
    }
}
