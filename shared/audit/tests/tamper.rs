//! Everything that can be done to a log without recomputing its hashes is found, at its place.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::io::{Cursor, Error};

use proptest::test_runner::{RngAlgorithm, TestRng};
use rand::RngExt as _;
use varistor_audit::{
    CallRecord, Chain, Found, Params, ProblemKind, Report, ResultRecord, SegmentName, Start,
    Status, VerifyOptions, digest, verify,
};
use varistor_model::{Decision, Subject};

const LINES: usize = 120;
const PER_SEGMENT: usize = 50;

type Log = Vec<(SegmentName, Vec<u8>)>;

fn rng() -> TestRng {
    TestRng::from_seed(RngAlgorithm::ChaCha, &[42; 32])
}

fn call(name: &str, decision: Decision) -> Vec<u8> {
    let mut tail = Vec::new();
    CallRecord {
        token: None,
        organisation: "acme",
        agent: "ci-bot",
        outside: None,
        session: None,
        client: "127.0.0.1:9",
        server: "crm",
        method: "tools/call",
        subject: Subject::Tool,
        name,
        id: b"1",
        params: Params::Whole(br#"{"name":"x","arguments":{"q":"a b"}}"#),
        intent: None,
        findings: &[] as &[Found<'_>; 0],
        restored: None,
        decision,
        reason: None,
        rule: "acme/dev",
        approval: None,
        ruled: None,
        generation: 1,
    }
    .write(&mut tail);
    tail
}

fn result(call: u64) -> Vec<u8> {
    let mut tail = Vec::new();
    ResultRecord {
        call,
        status: Status::Ok,
        http_status: 200,
        duration_us: 5,
        bytes: 6,
        redacted: 0,
        typed: 0,
        dropped: 0,
        findings: &[] as &[Found<'_>; 0],
    }
    .write(&mut tail);
    tail
}

/// Calls at even numbers, their results behind them.
fn lines(count: usize) -> Vec<Vec<u8>> {
    let mut chain = Chain::genesis();
    let tail = |seq: usize| match seq % 2 {
        0 => call(&format!("tool{seq}"), Decision::Allow),
        _ => result(seq as u64 - 1),
    };
    (0..count)
        .map(|seq| {
            let mut line = Vec::new();
            chain.next_line(seq as u64 * 1_000, &tail(seq), &mut line);
            line
        })
        .collect()
}

fn segments(lines: &[Vec<u8>]) -> Log {
    let chunks = lines.chunks(PER_SEGMENT).enumerate();
    chunks
        .map(|(n, lines)| (SegmentName((n * PER_SEGMENT) as u64), lines.concat()))
        .collect()
}

fn check(log: &Log) -> Report {
    check_with(log, &VerifyOptions::default())
}

fn check_with(log: &Log, options: &VerifyOptions) -> Report {
    let readers = log
        .iter()
        .map(|(name, bytes)| Ok::<_, Error>((*name, Cursor::new(bytes.as_slice()))));
    verify(readers, options, |_| {}).unwrap()
}

#[test]
fn clean_logs_raise_no_alarm() {
    for count in 0..1_000 {
        let lines = lines(count % 173);
        let report = check(&segments(&lines));
        assert!(report.is_sound() && report.torn.is_none(), "{report:?}");
        assert_eq!(report.records as usize, lines.len());
        assert_eq!(report.last_seq, (lines.len() as u64).checked_sub(1));
        assert_eq!(report.outcome_unknown, lines.len() as u64 % 2);
        let last = lines
            .last()
            .map_or([0; 32], |line| digest(&line[..line.len() - 1]));
        assert_eq!(report.head, last);
    }
}

#[test]
fn two_thousand_flipped_bits_are_found_at_their_line() {
    let (lines, mut rng) = (lines(LINES), rng());
    for _ in 0..2_000 {
        // A change to the very last line needs a checkpoint to be found.
        let place = rng.random_range(0..LINES - 1);
        let mut changed = lines.clone();
        let bit = rng.random_range(0..changed[place].len() * 8);
        changed[place][bit / 8] ^= 1 << (bit % 8);
        let report = check(&segments(&changed));
        assert_eq!(
            report.first_bad(),
            Some(place as u64),
            "bit {bit}: {report:?}"
        );
    }
}

#[test]
fn deleted_lines_are_found_at_their_place() {
    let (lines, mut rng) = (lines(LINES), rng());
    for _ in 0..500 {
        let place = rng.random_range(0..LINES - 1);
        let mut log = segments(&lines);
        let mut left = lines.clone();
        left.remove(place);
        let segment = place / PER_SEGMENT;
        let end = ((segment + 1) * PER_SEGMENT).min(LINES) - 1;
        log[segment].1 = left[segment * PER_SEGMENT..end].concat();
        assert_eq!(check(&log).first_bad(), Some(place as u64));
    }
}

#[test]
fn inserted_swapped_and_repeated_lines_are_found_at_their_place() {
    let (lines, mut rng) = (lines(LINES), rng());
    for _ in 0..500 {
        let place = rng.random_range(0..LINES - 1);
        let other = rng.random_range(0..LINES);
        let mut inserted = lines.clone();
        inserted.insert(place, lines[other].clone());
        let first = place as u64 + u64::from(other == place);
        assert_eq!(check(&segments(&inserted)).first_bad(), Some(first));
        let mut swapped = lines.clone();
        swapped.swap(place, place + 1);
        assert_eq!(check(&segments(&swapped)).first_bad(), Some(place as u64));
        let mut repeated = lines.clone();
        repeated.insert(place + 1, lines[place].clone());
        assert_eq!(
            check(&segments(&repeated)).first_bad(),
            Some(place as u64 + 1)
        );
    }
}

#[test]
fn a_cut_inside_a_line_is_a_torn_tail_and_not_tampering() {
    let lines = lines(30);
    let whole = lines.concat();
    let mut boundary = 0;
    for (count, line) in lines.iter().enumerate() {
        boundary += line.len();
        for cut in boundary - 2..=boundary {
            let report = check(&vec![(SegmentName(0), whole[..cut].to_vec())]);
            let complete = count as u64 + u64::from(cut == boundary);
            assert!(report.is_sound());
            assert_eq!(
                (report.records, report.torn.is_some()),
                (complete, cut != boundary)
            );
        }
    }
    let torn = check(&vec![(SegmentName(0), whole[..whole.len() - 7].to_vec())])
        .torn
        .unwrap();
    assert_eq!(torn.bytes as usize, lines[29].len() - 7);
    assert_eq!(torn.offset as usize, whole.len() - lines[29].len());
}

#[test]
fn a_missing_renamed_or_cut_segment_is_found() {
    let whole = segments(&lines(LINES));
    let mut missing = whole.clone();
    missing.remove(1);
    assert_eq!(check(&missing).first_bad(), Some(50));
    let mut beheaded = whole.clone();
    beheaded.remove(0);
    assert_eq!(check(&beheaded).first_bad(), Some(0));
    let mut cut = whole.clone();
    cut[0].1.pop();
    let report = check(&cut);
    assert_eq!((report.first_bad(), report.torn), (Some(49), None));
    let mut renamed = whole;
    renamed[1].0 = SegmentName(51);
    assert_eq!(check(&renamed).first_bad(), Some(50));
}

#[test]
fn a_log_may_begin_behind_a_known_line_and_only_there() {
    let lines = lines(LINES);
    let mut log = segments(&lines);
    log.remove(0);
    let known = digest(&lines[49][..lines[49].len() - 1]);
    let start = |start| VerifyOptions {
        start,
        ..VerifyOptions::default()
    };
    assert!(check_with(&log, &start(Start::After(49, known))).is_sound());
    assert!(check_with(&log, &start(Start::Anywhere)).is_sound());
    let other = check_with(&log, &start(Start::After(49, [9; 32])));
    assert_eq!(other.first_bad(), Some(50));
}

#[test]
fn lines_that_the_next_segment_repeats_are_superseded_if_they_are_the_same() {
    let lines = lines(20);
    let torn = &lines[13][..40];
    let first = [lines[..13].concat(), torn.to_vec()].concat();
    let log = vec![
        (SegmentName(0), first),
        (SegmentName(9), lines[9..].concat()),
    ];
    let report = check(&log);
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(
        (report.records, report.superseded, report.outcome_unknown),
        (20, 4, 0)
    );

    let mut other = Vec::new();
    let before = digest(&lines[11][..lines[11].len() - 1]);
    Chain::resume(11, before, 0).next_line(12_000, &call("evil", Decision::Allow), &mut other);
    let first = [lines[..12].concat(), other].concat();
    let report = check(&vec![
        (SegmentName(0), first),
        (SegmentName(9), lines[9..].concat()),
    ]);
    assert_eq!(report.first_bad(), Some(12));
    assert_eq!(report.problems[0].kind, ProblemKind::Contradicted);
}

#[test]
fn calls_without_a_result_are_counted() {
    let tails: [Vec<u8>; 9] = [
        call("lost", Decision::Allow),
        call("refused", Decision::Deny),
        call("held", Decision::Hold),
        b",\"kind\":\"start\",\"details\":{}}".to_vec(),
        call("withdrawn", Decision::Allow),
        call("masked", Decision::Redact),
        b",\"kind\":\"audit_recovered\",\"details\":{\"withdrawn\":[4]}}".to_vec(),
        call("answered", Decision::Allow),
        result(7),
    ];
    let (mut chain, mut log) = (Chain::genesis(), Vec::new());
    for tail in &tails {
        chain.next_line(5, tail, &mut log);
    }
    assert_eq!(check(&vec![(SegmentName(0), log)]).outcome_unknown, 2);
}

#[test]
fn a_clock_that_ran_backwards_and_an_endless_line_are_told_apart_from_tampering() {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    Chain::genesis().next_line(9_000, b",\"kind\":\"x\"}", &mut first);
    let head = digest(&first[..first.len() - 1]);
    Chain::resume(0, head, 0).next_line(8_000, b",\"kind\":\"x\"}", &mut second);
    let report = check(&vec![(SegmentName(0), [first, second].concat())]);
    assert!(report.is_sound());
    assert_eq!(report.time_backwards, 1);

    let mut lines = lines(10);
    lines[4] = [vec![b'x'; 5_000], b"\n".to_vec()].concat();
    let options = VerifyOptions {
        line_bytes_max: 4_000,
        ..VerifyOptions::default()
    };
    let report = check_with(&segments(&lines), &options);
    assert_eq!((report.problem_count, report.first_bad()), (1, Some(4)));
    assert_eq!(report.problems[0].kind, ProblemKind::TooLong);
}
