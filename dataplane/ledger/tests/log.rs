//! The ledger on a real directory: what it leaves there, and what it makes of what it finds there.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use varistor_audit::{Report, SegmentName, VerifyOptions, segments, verify};
use varistor_ledger::{Failed, Full, Lane, Ledger, LedgerError, Options, Waker};
use varistor_model::Durability::{self, Durable, Written};

const PATIENCE: Duration = Duration::from_secs(30);

fn options(dir: &Path) -> Options {
    Options {
        segment_bytes: 1 << 20,
        ..Options::new(dir.to_owned())
    }
}

fn wakers(count: usize) -> (Vec<Waker>, Vec<Receiver<()>>) {
    let one = |_| {
        let (wake, woken) = channel();
        let waker: Waker = Arc::new(move || wake.send(()).unwrap_or_default());
        (waker, woken)
    };
    (0..count).map(one).unzip()
}

fn open_one(options: &Options) -> (Ledger, Lane, Receiver<()>) {
    let (wakers, mut woken) = wakers(1);
    let (ledger, mut lanes) = Ledger::open(options, wakers).unwrap();
    (ledger, lanes.pop().unwrap(), woken.pop().unwrap())
}

fn write(lane: &mut Lane, woken: &Receiver<()>, durability: Durability, text: &str) -> u64 {
    lane.push(durability, 7, |out| out.extend_from_slice(text.as_bytes()))
        .unwrap();
    lane.send();
    let mut answer: Option<Result<u64, Failed>> = None;
    loop {
        lane.collect(|_, it| answer = Some(it));
        match answer {
            Some(answer) => return answer.unwrap(),
            None => woken.recv_timeout(PATIENCE).unwrap(),
        }
    }
}

fn check(dir: &Path) -> Report {
    let readers = segments::readers(dir).unwrap();
    let report = verify(readers, &VerifyOptions::default(), |_| {}).unwrap();
    assert!(report.is_sound() && report.torn.is_none(), "{report:?}");
    report
}

/// Pushes `count` records in bursts, waits for all answers, returns (ticket, seq) of each.
fn drive(mut lane: Lane, woken: &Receiver<()>, worker: u32, count: u32) -> Vec<(u32, u64)> {
    let (mut pushed, mut answers) = (0, Vec::new());
    while answers.len() < count as usize {
        let burst = 1 + pushed * 7 % 40;
        for _ in 0..burst.min(count - pushed) {
            let durability = if pushed % 50 == 0 { Durable } else { Written };
            let fill = |out: &mut Vec<u8>| {
                write!(
                    out,
                    ",\"kind\":\"x\",\"worker\":{worker},\"ticket\":{pushed}}}"
                )
                .unwrap();
            };
            match lane.push(durability, pushed, fill) {
                Ok(()) => pushed += 1,
                Err(Full) => break,
            }
        }
        match pushed % 3 {
            0 => lane.send_away(),
            _ => lane.send(),
        }
        let before = answers.len();
        lane.collect(|ticket, answer| answers.push((ticket, answer.unwrap())));
        if answers.len() == before && before < pushed as usize {
            woken.recv_timeout(PATIENCE).unwrap();
        }
    }
    answers
}

#[test]
fn a_signed_log_is_signed_over_rotation_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let signing = varistor_ledger::Signing {
        key: dir.path().join("key"),
        head: dir.path().join("head"),
    };
    let options = Options {
        signing: Some(signing),
        ..options(dir.path())
    };
    for run in 1..=3_u64 {
        let (ledger, lane, woken) = open_one(&options);
        drive(lane, &woken, 0, 8_000);
        let evidence = ledger.state().evidence.unwrap();
        assert_eq!(evidence.error, None);
        ledger.close().unwrap();
        let (known, how) = Default::default();
        let how: (varistor_evidence::verdict::Extent, VerifyOptions) = how;
        let verdict =
            varistor_evidence::verify(dir.path(), &known, (how.0, &how.1), |_| {}).unwrap();
        assert!(
            !verdict.is_tampered() && verdict.truncated().is_none(),
            "{verdict:?}"
        );
        assert_eq!((verdict.signed, verdict.unsigned()), (run * 8_000, 0));
        assert!(verdict.heads >= run * 8 && verdict.report.segments > 1);
    }
}

#[test]
fn many_lanes_at_once_leave_one_sound_log_and_every_answer_is_right() {
    let (dir, workers, count) = (tempfile::tempdir().unwrap(), 4, 8_000);
    let options = Options {
        ring_records: 64,
        ..options(dir.path())
    };
    let (wakers, woken) = wakers(workers);
    let (ledger, lanes) = Ledger::open(&options, wakers).unwrap();
    let mut answers = Vec::new();
    thread::scope(|scope| {
        let run = |(worker, (lane, woken)): (usize, (Lane, Receiver<()>))| {
            scope.spawn(move || drive(lane, &woken, worker as u32, count))
        };
        let running: Vec<_> = lanes.into_iter().zip(woken).enumerate().map(run).collect();
        answers.extend(running.into_iter().map(|worker| worker.join().unwrap()));
    });
    assert_eq!(ledger.state().depth, 0);
    ledger.close().unwrap();
    let report = check(dir.path());
    assert_eq!(report.records, workers as u64 * u64::from(count));
    assert!(report.segments > 3);
    let lines = segments::last_lines(dir.path(), usize::MAX).unwrap();
    for (worker, answers) in answers.iter().enumerate() {
        let mut before = None;
        for (ticket, seq) in answers {
            let end = format!("\"worker\":{worker},\"ticket\":{ticket}}}\n");
            assert!(lines[*seq as usize].ends_with(end.as_bytes()));
        }
        let mut in_order = answers.clone();
        in_order.sort_unstable();
        for (_, seq) in in_order {
            assert!(before < Some(seq), "a lane's records keep their order");
            before = Some(seq);
        }
    }
}

#[test]
fn a_restart_continues_the_chain_in_the_same_segment() {
    let dir = tempfile::tempdir().unwrap();
    for run in 0..5 {
        let (ledger, mut lane, woken) = open_one(&options(dir.path()));
        assert_eq!(ledger.state().seq, run * 2);
        assert_eq!(
            write(&mut lane, &woken, Written, ",\"kind\":\"x\"}"),
            run * 2
        );
        assert_eq!(
            write(&mut lane, &woken, Durable, ",\"kind\":\"x\"}"),
            run * 2 + 1
        );
        ledger.close().unwrap();
    }
    let report = check(dir.path());
    assert_eq!((report.records, report.segments), (10, 1));
}

#[test]
fn files_are_the_owners_alone_and_never_longer_than_their_lines() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("a").join("audit");
    let (_ledger, mut lane, woken) = open_one(&options(&dir));
    write(&mut lane, &woken, Durable, ",\"kind\":\"x\"}");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let segment = dir.join(SegmentName(0).to_string());
    assert_eq!((mode(&segment), mode(&dir.join(".lock"))), (0o600, 0o600));
    assert!(fs::read(&segment).unwrap().ends_with(b"}\n"));
}

#[test]
fn a_torn_tail_is_cut_kept_and_recorded() {
    for torn in [
        &b"{\"seq\":2,\"time\":\"20"[..],
        b"\0\0\0\0",
        b"{\"seq\":2,\0\0\n{\"seq\":3}\n",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, mut lane, woken) = open_one(&options(dir.path()));
        write(&mut lane, &woken, Written, ",\"kind\":\"x\"}");
        write(&mut lane, &woken, Written, ",\"kind\":\"x\"}");
        ledger.close().unwrap();
        let segment = dir.path().join(SegmentName(0).to_string());
        let mut file = OpenOptions::new().append(true).open(&segment).unwrap();
        file.write_all(torn).unwrap();
        fs::write(dir.path().join("00000000000000000009.jsonl.new"), b"unborn").unwrap();

        let (ledger, mut lane, woken) = open_one(&options(dir.path()));
        // The repair is the first record, this one the second.
        assert_eq!(write(&mut lane, &woken, Written, ",\"kind\":\"x\"}"), 3);
        ledger.close().unwrap();
        assert_eq!(check(dir.path()).records, 4);
        let kept = fs::read(dir.path().join("00000000000000000000.jsonl.torn")).unwrap();
        assert_eq!(kept, [torn, b"\n"].concat());
        let lines = segments::last_lines(dir.path(), 2).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&lines[0]).unwrap();
        assert_eq!(told["kind"], "audit_repaired");
        assert_eq!(told["details"]["torn_bytes"], torn.len());
        assert!(!dir.path().join("00000000000000000009.jsonl.new").exists());
    }
}

#[test]
fn calls_without_a_result_are_told_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, mut lane, woken) = open_one(&options(dir.path()));
    let allowed = ",\"kind\":\"call\",\"decision\":\"allow\"}";
    for text in [
        allowed,
        ",\"kind\":\"result\",\"call\":0}",
        allowed,
        ",\"kind\":\"call\",\"decision\":\"deny\"}",
        allowed,
    ] {
        write(&mut lane, &woken, Written, text);
    }
    ledger.close().unwrap();
    for start in ["first", "second"] {
        let (ledger, mut lane, woken) = open_one(&options(dir.path()));
        write(
            &mut lane,
            &woken,
            Written,
            ",\"kind\":\"start\",\"details\":{}}",
        );
        ledger.close().unwrap();
        let lines = segments::last_lines(dir.path(), 2).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&lines[0]).unwrap();
        if start == "first" {
            assert_eq!(told["kind"], "outcome_unknown");
            assert_eq!(
                told["details"],
                serde_json::json!({"count": 2, "calls": [2, 4]})
            );
        } else {
            assert_eq!(told["kind"], "start", "told once");
        }
    }
    check(dir.path());
}

#[test]
fn a_crash_between_two_segments_is_gone_on_from() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, mut lane, woken) = open_one(&options(dir.path()));
    for _ in 0..3 {
        write(&mut lane, &woken, Written, ",\"kind\":\"x\"}");
    }
    ledger.close().unwrap();
    fs::write(dir.path().join(SegmentName(3).to_string()), b"").unwrap();
    let (ledger, mut lane, woken) = open_one(&options(dir.path()));
    assert_eq!(write(&mut lane, &woken, Written, ",\"kind\":\"x\"}"), 3);
    ledger.close().unwrap();
    let report = check(dir.path());
    assert_eq!((report.records, report.segments), (4, 2));
}

fn refusal(options: &Options) -> String {
    match Ledger::open(options, Vec::new()) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_cannot_be_gone_on_from_is_refused_with_words() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    let (ledger, mut lane, woken) = open_one(&options);
    write(&mut lane, &woken, Written, ",\"kind\":\"x\"}");
    assert!(refusal(&options).contains("another gateway writes this audit log"));
    ledger.close().unwrap();

    let later = dir.path().join(SegmentName(9).to_string());
    fs::write(&later, b"").unwrap();
    assert!(refusal(&options).contains("not a record of the audit log"));
    fs::write(&later, b"something else\n").unwrap();
    assert!(refusal(&options).contains("00000000000000000009.jsonl"));
    fs::remove_file(&later).unwrap();

    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(refusal(&options).contains("chmod 0700"));
    let file = tempfile::NamedTempFile::new().unwrap();
    let nowhere = Options::new(file.path().join("audit"));
    assert!(matches!(
        Ledger::open(&nowhere, Vec::new()),
        Err(LedgerError::Path { .. })
    ));
}

#[test]
fn a_record_larger_than_a_segment_gets_one_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, mut lane, woken) = open_one(&options(dir.path()));
    let huge = format!(",\"kind\":\"x\",\"params\":\"{}\"}}", "y".repeat(3 << 20));
    for text in [",\"kind\":\"x\"}", &huge, ",\"kind\":\"x\"}", &huge] {
        write(&mut lane, &woken, Written, text);
    }
    ledger.close().unwrap();
    let report = check(dir.path());
    assert_eq!((report.records, report.segments), (4, 4));
}

/// A log whose callers wait for the device, left by a process that was killed: its folder is copied
/// while the ledger runs. Returns the copy, and how many records were told to be durable.
fn killed() -> (tempfile::TempDir, u64) {
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let options = Options {
        sync_ms: 600_000,
        ..options(dir.path())
    };
    let (ledger, mut lane, woken) = open_one(&options);
    let ahead = dir.path().join(varistor_audit::ahead::FILE);
    let mut durable = 0;
    // Once it is made, so many more that blocks go round.
    for _ in 0..4_000 {
        durable = write(&mut lane, &woken, Durable, ",\"kind\":\"x\"}") + 1;
        if ahead.exists() && durable > 400 {
            break;
        }
    }
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    fs::set_permissions(copy.path(), fs::Permissions::from_mode(0o700)).unwrap();
    ledger.close().unwrap();
    assert!(!ahead.exists(), "it is gone after the end");
    (copy, durable)
}

fn cut_to(dir: &Path, bytes: u64) {
    let path = dir.join(SegmentName(0).to_string());
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(bytes).unwrap();
}

#[test]
fn a_start_puts_back_what_the_segments_lost_and_was_written_ahead() {
    let (dir, durable) = killed();
    // In the middle of a line that was synced before anything was written ahead, and some later.
    let length = fs::metadata(dir.path().join(SegmentName(0).to_string()))
        .unwrap()
        .len();
    cut_to(dir.path(), length - length / 20 - 7);
    let (ledger, ..) = open_one(&options(dir.path()));
    ledger.close().unwrap();
    assert!(!dir.path().join(varistor_audit::ahead::FILE).exists());
    assert!(check(dir.path()).records >= durable);
    let last = segments::last_lines(dir.path(), 2).unwrap();
    let told: Vec<serde_json::Value> = last
        .iter()
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(told[0]["kind"], "audit_repaired");
    assert_eq!(told[1]["kind"], "audit_restored");
    assert!(
        told[1]["details"]["records"].as_u64().unwrap() > 1,
        "{told:?}"
    );
    assert_eq!(told[1]["seq"].as_u64().unwrap(), durable + 1);
    // Once more finds nothing to do.
    let (ledger, ..) = open_one(&options(dir.path()));
    ledger.close().unwrap();
    assert_eq!(check(dir.path()).records, durable + 2);
}

#[test]
fn a_gap_before_what_was_written_ahead_is_refused_with_words() {
    let (dir, _) = killed();
    cut_to(dir.path(), 0);
    let Err(refused) = Ledger::open(&options(dir.path()), Vec::new()) else {
        panic!("it was opened");
    };
    let told = refused.to_string();
    assert!(
        told.contains("no crash explains") && told.contains("ahead"),
        "{told}"
    );
    assert!(dir.path().join(varistor_audit::ahead::FILE).exists());
}

#[test]
fn what_was_written_ahead_of_other_lines_is_refused_and_kept() {
    let (dir, _) = killed();
    let path = dir.path().join(SegmentName(0).to_string());
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(bytes.len() / 2);
    let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap();
    bytes.truncate(end + 1);
    // Another kind of record in the last line that is left.
    let kind = bytes.iter().rposition(|byte| *byte == b'x').unwrap();
    bytes[kind] = b'y';
    fs::write(&path, &bytes).unwrap();
    let Err(refused) = Ledger::open(&options(dir.path()), Vec::new()) else {
        panic!("it was opened");
    };
    assert!(
        refused.to_string().contains("no crash explains"),
        "{refused}"
    );
    assert!(dir.path().join(varistor_audit::ahead::FILE).exists());
}

#[test]
fn a_segment_is_not_cut_for_one_that_does_not_hold_its_lines() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let (ledger, mut lane, woken) = open_one(&options(dir.path()));
    for _ in 0..100 {
        write(&mut lane, &woken, Written, ",\"kind\":\"x\"}");
    }
    ledger.close().unwrap();
    let path = dir.path().join(SegmentName(0).to_string());
    let whole = fs::read(&path).unwrap();
    let other = dir.path().join(SegmentName(50).to_string());
    let lines: Vec<_> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let mut contradicting = lines[50..].concat();
    let kind = contradicting
        .iter()
        .rposition(|byte| *byte == b'x')
        .unwrap();
    contradicting[kind] = b'y';
    for there in [&b""[..], b"\0\0\0", &lines[51..].concat(), &contradicting] {
        fs::write(&other, there).unwrap();
        // Whether it is opened or refused, nothing of the first is gone.
        drop(Ledger::open(&options(dir.path()), Vec::new()));
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
    // The same lines: what the first holds of them may go.
    fs::write(&other, lines[50..].concat()).unwrap();
    open_one(&options(dir.path())).0.close().unwrap();
    assert_eq!(fs::read(&path).unwrap(), lines[..50].concat());
    check(dir.path());
}
