//! Queries over small logs, against reading every line.

use std::fs;
use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::field::Field;
use crate::fixture::{self, STEP, TIME};
use crate::when::Period;

fn mixed(count: usize) -> Vec<String> {
    let tail = |number: usize| match number % 7 {
        0 => fixture::call("crm", "get", "allow", ""),
        1 => fixture::result(number as u64 - 1, "ok"),
        2 => fixture::call_of("other", ("crm", "put"), "deny", r#","reason":"held""#),
        3 => fixture::call(
            "mail",
            "send",
            "allow",
            r#","findings":[{"entity":"iban"}]"#,
        ),
        4 => fixture::result_with(
            number as u64 - 1,
            "tool_error",
            r#","findings":[{"entity":"email"}]"#,
        ),
        5 => fixture::event("breaker_open", r#"{"server":"crm","trips":1}"#),
        _ => fixture::call("a/b", "c/d", "redact", r#","rules":["night","day"]"#),
    };
    (0..count).map(tail).collect()
}

fn found(log: &fixture::Log, selection: &Selection, order: Order, limit: Option<u64>) -> Vec<u64> {
    let root = tempfile::tempdir().unwrap();
    let log = Log::open(log.path()).unwrap();
    let cache = Cache::below(root.path(), log.dir());
    let mut all = Vec::new();
    for cache in [Cache::none(), cache.clone(), cache] {
        let mut seqs = Vec::new();
        query(&log, &cache, (selection, order), limit, |record, line| {
            assert_eq!(Record::read(line).unwrap().seq, record.seq);
            seqs.push(record.seq);
            Ok(())
        })
        .unwrap();
        all.push(seqs);
    }
    let seqs = all.pop().unwrap();
    assert!(
        all.iter().all(|other| *other == seqs),
        "an index changed what is found"
    );
    seqs
}

#[test]
fn the_newest_or_the_oldest_come_first_and_no_more_than_wanted() {
    let log = fixture::Log::of(&mixed(70), 9);
    let get = Selection::default().with(Field::Tool, ["get"]);
    let all: Vec<u64> = (0..10).map(|n| n * 7).collect();
    assert_eq!(found(&log, &get, Order::Oldest, None), all);
    let newest: Vec<u64> = all.iter().rev().copied().collect();
    assert_eq!(found(&log, &get, Order::Newest, None), newest);
    assert_eq!(found(&log, &get, Order::Newest, Some(3)), [63, 56, 49]);
    assert_eq!(found(&log, &get, Order::Oldest, Some(2)), [0, 7]);
    assert!(found(&log, &get, Order::Oldest, Some(0)).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn the_same_is_found_as_by_reading_every_line(
        lines in 1_usize..120,
        per_segment in 1_usize..40,
        from in 0_u64..130,
        span in 0_u64..130,
        which in 0_usize..15,
        newest: bool,
    ) {
        let tails = mixed(lines);
        let log = fixture::Log::of(&tails, per_segment);
        let all = Selection::default();
        let selection = match which {
            0 => all.with(Field::Agent, ["bot"]),
            1 => all.with(Field::Agent, ["bot", "other"]).with(Field::Decision, ["deny"]),
            2 => all.with(Field::Finding, ["iban", "email"]),
            3 => all.with(Field::Tool, ["a/b/c/d"]),
            4 => all.with(Field::Tool, ["crm/put"]),
            5 => all.with(Field::Server, ["crm"]),
            6 => all.with(Field::Kind, ["event"]),
            7 => all.with(Field::Kind, ["result"]).with(Field::Status, ["ok"]),
            8 => all.with(Field::Rule, ["day"]),
            9 => all.with(Field::Token, ["abab"]),
            10 => all.with(Field::Reason, ["held"]),
            11 => all.with_text("tools/call"),
            12 => all.with(Field::Agent, ["acme/other"]),
            13 => all.with(Field::Intent, ["read"]).with(Field::Organisation, ["acme"]),
            _ => all,
        };
        let period = Period { from_ns: TIME + from * STEP, until_ns: TIME + (from + span) * STEP };
        let selection = selection.within(period);
        let lines = fixture::lines(&tails);
        let mut expected: Vec<u64> = lines
            .iter()
            .map(|line| (Record::read(line).unwrap(), line))
            .filter(|(record, line)| selection.matches(record, line))
            .map(|(record, _)| record.seq)
            .collect();
        let order = match newest {
            true => { expected.reverse(); Order::Newest }
            false => Order::Oldest,
        };
        prop_assert_eq!(found(&log, &selection, order, None), expected);
    }
}

#[test]
fn a_damaged_line_is_told_also_where_nothing_is_looked_for() {
    let log = fixture::Log::of(&mixed(40), 10);
    let text = fs::read_to_string(log.segment(10)).unwrap();
    let damaged = text.replacen("\"seq\":12,", "\"seq\":x2,", 1);
    fs::write(log.segment(10), damaged).unwrap();
    let opened = Log::open(log.path()).unwrap();
    let nobody = Selection::default().with(Field::Agent, ["nobody-of-this-name"]);
    for order in [Order::Oldest, Order::Newest] {
        let walked = query(&opened, &Cache::none(), (&nobody, order), None, |_, _| {
            Ok(())
        })
        .unwrap();
        assert_eq!((walked.matched, walked.damages.count), (0, 1));
        let told = walked.damages.listed[0].to_string();
        assert!(
            told.starts_with("00000000000000000010.jsonl, byte "),
            "{told}"
        );
        assert!(walked.bytes_passed > 0, "nothing was passed over");
    }
    let seqs = found(&log, &Selection::default(), Order::Oldest, None);
    assert_eq!(seqs.len(), 39);
    assert!(!seqs.contains(&12));
}

#[test]
fn lines_that_a_later_segment_repeats_come_once_and_a_torn_one_before_it_is_no_damage() {
    let log = fixture::Log::of(&mixed(20), 10);
    let lines = fixture::lines(&mixed(20));
    let mut file = fs::File::options()
        .append(true)
        .open(log.segment(0))
        .unwrap();
    file.write_all(&[&lines[10][..], b"\n", &lines[11][..20]].concat())
        .unwrap();
    let opened = Log::open(log.path()).unwrap();
    for order in [Order::Oldest, Order::Newest] {
        let seqs = found(&log, &Selection::default(), order, None);
        assert_eq!(seqs.len(), 20, "{seqs:?}");
        let all = Selection::default();
        let walked = query(&opened, &Cache::none(), (&all, order), None, |_, _| Ok(())).unwrap();
        assert_eq!(walked.damages.count, 0, "{:?}", walked.damages);
    }
    // One that nothing repeats is.
    let mut file = fs::File::options()
        .append(true)
        .open(log.segment(0))
        .unwrap();
    file.set_len(fs::metadata(log.segment(0)).unwrap().len() - lines[10].len() as u64 - 21)
        .unwrap();
    file.write_all(b"x").unwrap();
    let all = Selection::default();
    let none = Cache::none();
    fs::remove_file(log.segment(10)).unwrap();
    fs::write(log.segment(15), lines[15..].join(&b'\n')).unwrap();
    let opened = Log::open(log.path()).unwrap();
    let walked = query(&opened, &none, (&all, Order::Newest), None, |_, _| Ok(())).unwrap();
    assert_eq!(walked.damages.count, 1, "{:?}", walked.damages);
}

#[test]
fn a_limit_ends_the_walk_before_older_segments_are_opened() {
    let log = fixture::Log::of(&mixed(50), 10);
    fs::remove_file(log.segment(0)).unwrap();
    fs::create_dir(log.segment(0)).unwrap();
    let opened = Log::open(log.path()).unwrap();
    let all = Selection::default();
    let run = |limit| {
        query(
            &opened,
            &Cache::none(),
            (&all, Order::Newest),
            limit,
            |_, _| Ok(()),
        )
    };
    let walked = run(Some(5)).unwrap();
    assert_eq!((walked.matched, walked.is_cut), (5, true));
    let error = run(None).unwrap_err();
    assert!(matches!(error, Problem::Read { .. }), "{error}");
}
