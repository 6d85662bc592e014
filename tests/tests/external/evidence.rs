//! A tampered audit log, judged by `varictl` and by a verifier in Python that was written from the
//! format's description: the same verdict, the same first bad record.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, programs};

/// Changes of each kind.
const ROUNDS: usize = 40;

/// A copy of the log, and what is to be said about it.
struct Case {
    folder: PathBuf,
    what: String,
    verdict: &'static str,
    first_bad: Option<usize>,
}

/// A log of a gateway that was started three times, in segments of 64 KiB.
struct Log {
    policy: PolicyDir,
    work: tempfile::TempDir,
    /// Name of the segment, and its lines.
    segments: Vec<(String, Vec<Vec<u8>>)>,
}

impl Log {
    fn written() -> Self {
        let upstream = Upstream::start();
        let policy = PolicyDir::new(&format!(
            "listen: 127.0.0.1:0
audit: {{ segment: 64KiB }}
servers: {{ alpha: {{ url: \"{}\" }} }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ bot: {{ roles: [all] }} }}
",
            upstream.url()
        ));
        for _ in 0..3 {
            let gateway = Gateway::start(&policy, Driver::Epoll);
            let agent = Agent::new(gateway.address(), "alpha", &policy.token("bot"));
            for call in 0..40 {
                agent.call("read_file", json!({"path": format!("/srv/{call}")}));
            }
            gateway.stop();
        }
        let mut names: Vec<_> = fs::read_dir(policy.path().join("audit"))
            .expect("a log")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("text")
            })
            .filter(|name| name.ends_with(".jsonl"))
            .collect();
        names.sort();
        let lines = |name: &String| {
            let bytes = fs::read(policy.path().join("audit").join(name)).expect("a segment");
            let lines = bytes.split_inclusive(|byte| *byte == b'\n');
            lines.map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        let segments = names
            .iter()
            .map(|name| (name.clone(), lines(name)))
            .collect();
        let work = tempfile::tempdir().expect("a folder");
        Self {
            policy,
            work,
            segments,
        }
    }

    fn count(&self) -> usize {
        self.segments.iter().map(|(_, lines)| lines.len()).sum()
    }

    /// Segment and line of a record.
    fn place(&self, mut record: usize) -> (usize, usize) {
        for (segment, (_, lines)) in self.segments.iter().enumerate() {
            if record < lines.len() {
                return (segment, record);
            }
            record -= lines.len();
        }
        panic!("no such record");
    }

    /// A copy in which `change` has changed the lines of one segment.
    fn changed(&self, segment: usize, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> PathBuf {
        let folder = self.work.path().join(self.next_name());
        let log = self.policy.path().join("audit");
        let copied = Command::new("cp").arg("-a").arg(log).arg(&folder).status();
        assert!(copied.expect("cp").success());
        let (name, lines) = &self.segments[segment];
        let mut lines = lines.clone();
        change(&mut lines);
        fs::write(folder.join(name), lines.concat()).expect("a segment");
        folder
    }

    fn next_name(&self) -> String {
        fs::read_dir(self.work.path())
            .expect("a folder")
            .count()
            .to_string()
    }
}

fn cases(log: &Log) -> Vec<Case> {
    let mut rng = StdRng::seed_from_u64(7);
    let (last, mut cases) = (log.count() - 1, Vec::new());
    for _ in 0..ROUNDS {
        let record = rng.random_range(0..last);
        let (segment, line) = log.place(record);
        let mut add = |what: &str, first_bad: usize, change: &dyn Fn(&mut Vec<Vec<u8>>)| {
            cases.push(Case {
                folder: log.changed(segment, |lines| change(lines)),
                what: format!("{what} record {record}"),
                verdict: "tampered",
                first_bad: Some(first_bad),
            });
        };
        let bits = log.segments[segment].1[line].len() * 8;
        let bit = rng.random_range(0..bits);
        add("bit of", record, &|lines| {
            lines[line][bit / 8] ^= 1 << (bit % 8)
        });
        add("without", record, &|lines| drop(lines.remove(line)));
        add("twice", record + 1, &|lines| {
            lines.insert(line, lines[line].clone())
        });
        if line + 1 < log.segments[segment].1.len() {
            add("swapped", record, &|lines| lines.swap(line, line + 1));
        }
    }
    let segment = log.segments.len() - 1;
    for kept in 1..log.segments[segment].1.len() {
        let missing = log.count() - log.segments[segment].1.len() + kept;
        for torn in [0, 9] {
            let cut = |lines: &mut Vec<Vec<u8>>| {
                lines.truncate(kept + usize::from(torn > 0));
                if torn > 0 {
                    lines[kept].truncate(torn);
                }
            };
            cases.push(Case {
                folder: log.changed(segment, cut),
                what: format!("cut before record {missing}, {torn} bytes left"),
                verdict: "truncated",
                first_bad: Some(missing),
            });
        }
    }
    cases.push(Case {
        folder: log.changed(segment, |lines| lines.push(b"{\"seq\":".to_vec())),
        what: "half a record more".to_owned(),
        verdict: "torn",
        first_bad: None,
    });
    cases.push(Case {
        folder: log.changed(0, |_| {}),
        what: "nothing changed".to_owned(),
        verdict: "sound",
        first_bad: None,
    });
    cases
}

#[test]
fn both_verifiers_find_every_change_at_its_place() {
    let log = Log::written();
    assert!(log.segments.len() > 1, "one segment only");
    let cases = cases(&log);
    let anchor = log.policy.path().join("state/audit.vkey");
    let key = fs::read_to_string(&anchor).expect("the anchor");
    let theirs = Command::new(programs::python())
        .arg(programs::folder().join("../shared/evidence/verify_log.py"))
        .args(["--anchor", key.trim()])
        .args(cases.iter().map(|case| &case.folder))
        .output()
        .expect("python");
    let theirs = String::from_utf8(theirs.stdout).expect("text");
    let theirs: Vec<Value> = theirs
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(theirs.len(), cases.len());
    for (case, theirs) in cases.iter().zip(theirs) {
        let ours = ours(&case.folder, &anchor);
        let first = match case.verdict {
            "truncated" => &ours["first_missing"],
            _ => &ours["first_bad"],
        };
        let expected = (json!(case.verdict), json!(case.first_bad));
        assert_eq!(
            (&ours["verdict"], first),
            (&expected.0, &expected.1),
            "{}: {ours}",
            case.what
        );
        let told = (&theirs["verdict"], &theirs["first_bad"]);
        assert_eq!(told, (&expected.0, &expected.1), "{}: {theirs}", case.what);
    }
}

fn ours(folder: &Path, anchor: &Path) -> Value {
    let output = Command::new(programs::ours("varictl"))
        .args(["audit", "verify", "--json", "--log"])
        .arg(folder)
        .arg("--anchor")
        .arg(anchor)
        .output()
        .expect("varictl");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn a_proof_of_ours_is_checked_by_python() {
    let log = Log::written();
    let file = log.work.path().join("proof");
    let keychain = log.policy.path().join("audit/keychain");
    let anchor = log.policy.path().join("state/audit.vkey");
    let anchor = fs::read_to_string(anchor).expect("the anchor");
    for record in [0, 1, 77, log.count() - 1] {
        let path = file.to_str().expect("a plain path");
        let made = log
            .policy
            .varictl(&["audit", "prove", &record.to_string(), "-o", path]);
        assert!(made.status.success(), "{made:?}");
        let check = |anchor: &str| {
            Command::new(programs::python())
                .arg(programs::folder().join("../shared/evidence/verify_log.py"))
                .args(["--anchor", anchor, "--proof", path, "--keychain"])
                .arg(&keychain)
                .output()
                .expect("python")
        };
        let checked = check(anchor.trim());
        assert!(checked.status.success(), "{checked:?}");
        let told: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
        assert_eq!(
            (&told["index"], &told["record"]["seq"]),
            (&json!(record), &json!(record))
        );
        assert_eq!(check("other+00000000+AAAA").status.code(), Some(2));
        let text = fs::read_to_string(path).expect("text");
        fs::write(path, text.replace(&format!("index {record}"), "index 5")).expect("a file");
        assert_eq!(check(anchor.trim()).status.code(), Some(2));
    }
}
