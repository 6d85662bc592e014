//! The whole ledger, with its threads, over a disk that fails on demand.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use varistor_audit::{Chain, Report, SegmentName, VerifyOptions, verify};
use varistor_model::Durability::{self, Durable, Written};

use super::*;
use crate::disk::memory::{Faults, MemoryDisk};
use crate::{Failed, Full};

const PATIENCE: Duration = Duration::from_secs(20);

struct Bench {
    disk: MemoryDisk,
    ledger: Ledger,
    lane: Lane,
    woken: Receiver<()>,
    answers: BTreeMap<u32, Result<u64, Failed>>,
}

fn bench(segment_bytes: u64, ring_records: usize) -> Bench {
    let mut disk = MemoryDisk::default();
    let beginning = Beginning {
        chain: Chain::genesis(),
        name: SegmentName(0),
        file: disk
            .begin(SegmentName(0), [&[], &[]], segment_bytes)
            .unwrap(),
        bytes: 0,
    };
    let options = Options {
        segment_bytes,
        ring_records,
        sync_ms: 600_000,
        ahead_bytes: 1 << 20,
        ..Options::new(PathBuf::new())
    };
    let (wake, woken) = channel();
    let waker: Waker = Arc::new(move || wake.send(()).unwrap_or_default());
    let started = Ledger::start(
        disk.clone(),
        (beginning, Vec::new(), None),
        &options,
        vec![waker],
    );
    let (ledger, mut lanes) = started.unwrap();
    Bench {
        disk,
        ledger,
        lane: lanes.pop().unwrap(),
        woken,
        answers: BTreeMap::new(),
    }
}

impl Bench {
    fn push(&mut self, durability: Durability, ticket: u32) {
        let tail = format!(",\"kind\":\"call\",\"decision\":\"allow\",\"ticket\":{ticket}}}");
        let fill = |out: &mut Vec<u8>| out.extend_from_slice(tail.as_bytes());
        self.lane.push(durability, ticket, fill).unwrap();
        self.send(ticket);
    }

    /// Both ways in turn: either must leave to the other what it does not do.
    fn send(&mut self, ticket: u32) {
        match ticket % 2 {
            0 => self.lane.send(),
            _ => self.lane.send_away(),
        }
    }

    /// Waits until this ticket is answered.
    fn answer(&mut self, ticket: u32) -> Result<u64, Failed> {
        loop {
            let answers = &mut self.answers;
            self.lane.collect(|ticket, answer| {
                assert_eq!(answers.insert(ticket, answer), None, "answered twice");
            });
            if let Some(answer) = self.answers.get(&ticket) {
                return *answer;
            }
            self.woken.recv_timeout(PATIENCE).unwrap();
        }
    }

    fn lines(&self) -> Vec<String> {
        let segments = self.disk.segments(false).into_iter();
        let text = segments.map(|(_, bytes)| String::from_utf8(bytes).unwrap());
        let text: String = text.collect();
        text.lines().map(str::to_owned).collect()
    }

    /// Ends the ledger and verifies what it left.
    fn end(self) -> (Vec<String>, Report) {
        self.ledger.close().unwrap();
        let segments = self.disk.segments(false);
        assert!(
            segments == self.disk.segments(true),
            "not everything is synced"
        );
        let readers = segments
            .iter()
            .map(|(name, bytes)| Ok((*name, Cursor::new(bytes.as_slice()))));
        let report = verify(readers, &VerifyOptions::default(), |_| {}).unwrap();
        assert!(report.is_sound() && report.torn.is_none(), "{report:?}");
        let bytes: Vec<u8> = segments.into_iter().flat_map(|(_, bytes)| bytes).collect();
        let text = String::from_utf8(bytes).unwrap();
        (text.lines().map(str::to_owned).collect(), report)
    }
}

#[test]
fn answers_name_the_number_of_their_own_record() {
    let mut bench = bench(4_000, 64);
    for ticket in 0..200 {
        bench.push(if ticket % 3 == 0 { Durable } else { Written }, ticket);
        if ticket % 16 == 0 {
            bench.answer(ticket).unwrap();
        }
    }
    for ticket in 0..200 {
        bench.answer(ticket).unwrap();
    }
    let answers = std::mem::take(&mut bench.answers);
    let (lines, report) = bench.end();
    assert_eq!(report.records, 200);
    assert!(report.segments > 5);
    for (ticket, seq) in answers {
        let line = &lines[seq.unwrap() as usize];
        assert!(line.ends_with(&format!("\"ticket\":{ticket}}}")), "{line}");
    }
}

#[test]
fn a_durable_record_is_answered_after_a_sync_and_a_written_one_before() {
    let mut bench = bench(1 << 20, 64);
    bench.disk.set(Faults {
        sync_held: true,
        ..Faults::default()
    });
    bench.push(Durable, 1);
    bench.push(Written, 2);
    bench.answer(2).unwrap();
    bench.push(Written, 3);
    bench.push(Durable, 4);
    bench.answer(3).unwrap();
    assert_eq!(bench.disk.syncs(), 0);
    assert!(!bench.answers.contains_key(&1) && !bench.answers.contains_key(&4));
    bench.disk.set(Faults::default());
    let seq = bench.answer(1).unwrap();
    bench.answer(4).unwrap();
    assert!(bench.disk.syncs() >= 1);
    let synced = bench.disk.segments(true);
    let text = String::from_utf8(synced[0].1.clone()).unwrap();
    assert!(text.contains(&format!("{{\"seq\":{seq},")));
    bench.end();
}

#[test]
fn a_full_ring_refuses_at_once_and_keeps_what_it_has() {
    let mut bench = bench(1 << 20, 8);
    bench.disk.set(Faults {
        sync_held: true,
        ..Faults::default()
    });
    for ticket in 0..8 {
        bench.push(Durable, ticket);
    }
    let refused = bench
        .lane
        .push(Durable, 99, |out| out.extend_from_slice(b"}"));
    assert_eq!(refused, Err(Full));
    assert_eq!(bench.lane.waiting(), 8);
    bench.disk.set(Faults::default());
    for ticket in 0..8 {
        bench.answer(ticket).unwrap();
    }
    bench.push(Written, 8);
    bench.answer(8).unwrap();
    assert_eq!(bench.end().1.records, 9);
}

#[test]
fn a_failing_write_is_survived_in_a_new_segment_without_a_false_answer() {
    for write_bytes in [0, 1, 40] {
        let mut bench = bench(1 << 20, 64);
        bench.push(Written, 0);
        bench.answer(0).unwrap();
        bench.disk.set(Faults {
            write_bytes: Some(write_bytes),
            cut: true,
            begin: true,
            ..Faults::default()
        });
        bench.push(Written, 1);
        assert_eq!(bench.answer(1), Err(Failed));
        bench.push(Durable, 2);
        assert_eq!(bench.answer(2), Err(Failed));
        assert!(
            !bench
                .lines()
                .iter()
                .any(|line| line.contains("\"ticket\":2"))
        );
        bench.disk.set(Faults {
            cut: true,
            ..Faults::default()
        });
        let mut ticket = 3;
        loop {
            bench.push(Durable, ticket);
            if bench.answer(ticket).is_ok() {
                break;
            }
            ticket += 1;
        }
        let refused = u64::from(ticket) - 2;
        let (lines, report) = bench.end();
        // The first line stands alone in the failed segment or twice; nothing is lost.
        let told = lines
            .iter()
            .find(|line| line.contains("audit_recovered"))
            .unwrap();
        assert!(told.contains("\"withdrawn\":[1]"), "{told}");
        assert!(told.contains(&format!("\"refused\":{refused}")), "{told}");
        assert_eq!((report.records, report.outcome_unknown), (4, 2));
    }
}

#[test]
fn a_failed_sync_is_not_repeated_on_its_segment() {
    let mut bench = bench(1 << 20, 64);
    bench.push(Durable, 0);
    bench.answer(0).unwrap();
    bench.push(Written, 1);
    bench.answer(1).unwrap();
    let before = bench.disk.syncs();
    bench.disk.set(Faults {
        sync: true,
        ..Faults::default()
    });
    bench.push(Durable, 2);
    // The new segment takes everything that was not synced, and stands.
    bench.answer(2).unwrap();
    assert_eq!(bench.disk.syncs(), before + 1);
    bench.disk.set(Faults::default());
    let names: Vec<_> = bench
        .disk
        .segments(true)
        .iter()
        .map(|(name, _)| name.0)
        .collect();
    assert_eq!(names, [0, 1]);
    let (lines, report) = bench.end();
    assert_eq!((report.records, report.superseded), (4, 0));
    assert!(lines[3].contains("audit_recovered") && lines[3].contains("\"withdrawn\":[]"));
}

#[test]
fn what_was_written_but_not_synced_survives_the_failure_of_its_segment() {
    let mut bench = bench(1 << 20, 64);
    for ticket in 0..20 {
        bench.push(Written, ticket);
        bench.answer(ticket).unwrap();
    }
    bench.disk.set(Faults {
        sync: true,
        cut: true,
        ..Faults::default()
    });
    bench.push(Durable, 20);
    bench.answer(20).unwrap();
    // Nothing of the first segment was ever synced, so the new one has its name.
    let survived = bench.disk.segments(true);
    assert_eq!(survived.len(), 1);
    assert_eq!(
        survived[0].1.iter().filter(|byte| **byte == b'\n').count(),
        21
    );
    bench.disk.set(Faults::default());
    assert_eq!(bench.end().1.records, 22);
}

#[test]
fn a_segment_that_cannot_begin_denies_until_there_is_room() {
    let mut bench = bench(700, 64);
    bench.push(Written, 0);
    bench.answer(0).unwrap();
    bench.disk.set(Faults {
        begin: true,
        ..Faults::default()
    });
    let mut ticket = 1;
    loop {
        bench.push(Written, ticket);
        if bench.answer(ticket).is_err() {
            break;
        }
        ticket += 1;
    }
    assert!(ticket < 10);
    let numbered = bench.lines().len();
    bench.push(Durable, 50);
    assert_eq!(bench.answer(50), Err(Failed));
    assert_eq!(bench.lines().len(), numbered);
    let state = bench.ledger.state();
    assert!(state.failed && state.error.unwrap().contains("os error 5"));
    bench.disk.set(Faults::default());
    let mut ticket = 51;
    loop {
        bench.push(Durable, ticket);
        if bench.answer(ticket).is_ok() {
            break;
        }
        ticket += 1;
    }
    let (lines, _report) = bench.end();
    assert_eq!(lines.len(), numbered + 2);
}

#[test]
fn quiet_records_are_written_without_an_answer() {
    let mut bench = bench(1 << 20, 64);
    for _ in 0..10 {
        let fill = |out: &mut Vec<u8>| out.extend_from_slice(b",\"kind\":\"quiet\"}");
        bench.lane.push_quiet(fill).unwrap();
    }
    bench.lane.send_away();
    bench.push(Written, 1);
    assert_eq!(bench.answer(1), Ok(10));
    let fill = |out: &mut Vec<u8>| out.extend_from_slice(b",\"kind\":\"quiet\"}");
    bench.lane.push_quiet(fill).unwrap();
    bench.lane.send();
    assert_eq!(bench.lane.waiting(), 0);
    assert_eq!(bench.end().1.records, 12);
}

#[test]
fn closing_on_a_broken_disk_says_so_and_answers_everybody() {
    let mut bench = bench(1 << 20, 64);
    bench.disk.set(Faults {
        sync: true,
        begin: true,
        ..Faults::default()
    });
    bench.push(Durable, 0);
    assert_eq!(bench.answer(0), Err(Failed));
    let closed = bench.ledger.close();
    assert!(matches!(closed, Err(LedgerError::Unsynced(_))));
    assert_eq!(bench.lane.push(Written, 1, |_| {}), Err(Full));
}

#[test]
fn a_full_disk_has_the_alarm_written_and_calls_denied_until_there_is_room() {
    let mut bench = bench(1 << 20, 64);
    let mut disk = bench.disk.clone();
    assert!(disk.keep_reserve());
    bench.push(Durable, 0);
    assert_eq!(bench.answer(0), Ok(0));
    disk.set_free(Some(16));
    // What is full is noticed by the first record; it stands in the new segment, on the reserve.
    bench.push(Durable, 1);
    assert_eq!(bench.answer(1), Ok(1));
    assert!(!disk.has_reserve());
    for ticket in 2..6 {
        let durability = if ticket % 2 == 0 { Durable } else { Written };
        bench.push(durability, ticket);
        assert_eq!(bench.answer(ticket), Err(Failed));
    }
    // The result of a call that was under way.
    let fill = |out: &mut Vec<u8>| out.extend_from_slice(b",\"kind\":\"result\",\"of\":0}");
    bench.lane.push_quiet(fill).unwrap();
    bench.lane.send();
    let until = Instant::now() + PATIENCE;
    while bench.lines().len() < 4 {
        assert!(Instant::now() < until, "{:?}", bench.lines());
        thread::sleep(Duration::from_millis(1));
    }
    let state = bench.ledger.state();
    assert!(state.failed && state.error.unwrap().contains("space"));
    disk.set_free(None);
    let until = Instant::now() + PATIENCE;
    while bench.ledger.state().failed {
        assert!(Instant::now() < until);
        thread::sleep(Duration::from_millis(1));
    }
    assert!(disk.has_reserve());
    bench.push(Durable, 6);
    assert!(bench.answer(6).is_ok());
    let (lines, report) = bench.end();
    assert_eq!(report.records, lines.len() as u64);
    let place = |what: &str| lines.iter().position(|line| line.contains(what));
    assert_eq!(place("audit_full"), Some(2), "{lines:?}");
    let recovered = &lines[place("audit_recovered").unwrap()];
    assert!(recovered.contains("\"refused\":4"), "{recovered}");
    assert!(recovered.contains("\"withdrawn\":[]"), "{recovered}");
}

#[test]
fn a_reserve_that_is_used_up_denies_everything() {
    let mut bench = bench(1 << 20, 64);
    let mut disk = bench.disk.clone();
    assert!(disk.keep_reserve());
    disk.set_free(Some(16));
    bench.push(Durable, 0);
    assert_eq!(bench.answer(0), Ok(0));
    disk.set_free(Some(0));
    let fill = |out: &mut Vec<u8>| out.extend_from_slice(b",\"kind\":\"result\",\"of\":0}");
    bench.lane.push_quiet(fill).unwrap();
    bench.lane.send();
    bench.push(Written, 1);
    assert_eq!(bench.answer(1), Err(Failed));
    disk.set_free(None);
    let until = Instant::now() + PATIENCE;
    while bench.ledger.state().failed {
        assert!(Instant::now() < until);
        thread::sleep(Duration::from_millis(1));
    }
    let (lines, _) = bench.end();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("\"kind\":\"result\"")),
        "{lines:?}"
    );
}

/// Has so many calls wait for the device that a file to write ahead is made.
fn warm(bench: &mut Bench) {
    let until = Instant::now() + PATIENCE;
    let mut ticket = 1_000_000;
    while bench.disk.written_ahead().1 == 0 {
        assert!(Instant::now() < until, "nothing is written ahead");
        bench.push(Durable, ticket);
        bench.answer(ticket).unwrap();
        ticket += 1;
    }
}

/// What a start would find after a power cut: the segments, and what was written ahead.
fn after_power_cut(disk: &MemoryDisk) -> String {
    let mut log = Vec::new();
    for (_, bytes) in disk.segments(true) {
        log.extend(bytes);
    }
    let mut chain = Chain::genesis();
    if let Some(line) = log.trim_ascii_end().rsplit(|byte| *byte == b'\n').next()
        && let Some(head) = varistor_audit::Head::read(line)
    {
        chain = Chain::resume(head.seq, varistor_audit::digest(line), head.time_ns);
    }
    if let (Some(ahead), _) = disk.written_ahead() {
        let found = varistor_audit::ahead::recover(&ahead, &mut chain);
        assert_eq!(found.gap, None);
        log.extend(found.lines);
    }
    String::from_utf8(log).unwrap()
}

#[test]
fn who_waits_for_the_device_is_answered_when_the_line_is_written_ahead() {
    let mut bench = bench(1 << 20, 64);
    warm(&mut bench);
    bench.disk.set(Faults {
        sync_held: true,
        ahead_held: true,
        ..Faults::default()
    });
    let syncs = bench.disk.syncs();
    for ticket in 0..20 {
        bench.push(if ticket == 19 { Durable } else { Written }, ticket);
    }
    bench.answer(18).unwrap();
    assert!(!bench.answers.contains_key(&19));
    bench.disk.set(Faults {
        sync_held: true,
        ..Faults::default()
    });
    let seq = bench.answer(19).unwrap();
    assert_eq!(bench.disk.syncs(), syncs);
    assert!(bench.ledger.state().synced_seq <= seq + 1);
    let log = after_power_cut(&bench.disk);
    let mut lines = log.lines();
    assert!(lines.all(|line| varistor_audit::Line::read(line.as_bytes()).is_ok()));
    // All before it stand too.
    assert_eq!(log.lines().count() as u64, seq + 1);
    bench.disk.set(Faults::default());
    let disk = bench.disk.clone();
    bench.end();
    assert_eq!(disk.written_ahead().0, None, "it is gone after the end");
}

#[test]
fn what_cannot_be_written_ahead_is_synced_as_if_nothing_were() {
    let mut bench = bench(1 << 20, 64);
    warm(&mut bench);
    bench.disk.set(Faults {
        ahead: true,
        ..Faults::default()
    });
    for ticket in 0..40 {
        bench.push(Durable, ticket);
        bench.answer(ticket).unwrap();
    }
    let state = bench.ledger.state();
    assert!(!state.failed && state.error.unwrap().contains("os error 5"));
    let synced = bench.disk.segments(true);
    let text = String::from_utf8(synced[0].1.clone()).unwrap();
    assert!(text.contains("\"ticket\":39}"));
    bench.disk.set(Faults::default());
    let writes = bench.disk.written_ahead().1;
    bench.push(Durable, 40);
    bench.answer(40).unwrap();
    assert_eq!(bench.disk.written_ahead().1, writes, "given up for good");
    bench.end();
}

#[test]
fn a_segment_that_fails_takes_nothing_that_was_written_ahead_with_it() {
    let mut bench = bench(1 << 20, 64);
    warm(&mut bench);
    for ticket in 0..30 {
        bench.push(Durable, ticket);
        bench.answer(ticket).unwrap();
    }
    bench.disk.set(Faults {
        write_bytes: Some(10),
        ..Faults::default()
    });
    bench.push(Written, 30);
    assert!(bench.answer(30).is_ok(), "it stands in the next segment");
    bench.disk.set(Faults::default());
    for ticket in 31..40 {
        bench.push(Durable, ticket);
        bench.answer(ticket).unwrap();
    }
    let (lines, _) = bench.end();
    let tickets = lines
        .iter()
        .filter(|line| line.contains("\"ticket\":"))
        .count();
    assert!(tickets >= 40);
}

#[test]
fn places_are_written_again_once_the_segments_have_their_lines() {
    let mut bench = bench(64 << 20, 1024);
    warm(&mut bench);
    let (file, writes) = bench.disk.written_ahead();
    let room = file.unwrap().len();
    let text = "x".repeat(60_000);
    // More than fits.
    for ticket in 0..(4 * room / text.len()) as u32 {
        let fill = |out: &mut Vec<u8>| {
            out.extend_from_slice(format!(",\"kind\":\"x\",\"text\":\"{text}\"}}").as_bytes());
        };
        bench.lane.push(Durable, ticket, fill).unwrap();
        bench.lane.send();
        if ticket % 8 == 7 {
            let seq = bench.answer(ticket).unwrap();
            let log = after_power_cut(&bench.disk);
            assert!(log.lines().count() as u64 > seq, "{seq}");
        }
    }
    let (file, after) = bench.disk.written_ahead();
    assert!(after > writes + 8 && file.unwrap().len() == room);
    bench.end();
}
