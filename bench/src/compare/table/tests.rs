//! A table says what its rows can say, and nothing that they cannot.

use serde_json::json;

use super::super::phase::Pace;
use super::super::rounds::Row;
use super::{Phase, text};
use crate::rig::load::Measured;
use crate::rig::memory::{Memory, Since};

/// One gateway's row: calls a second, CPU a call, the share of its core, the median latency.
fn row(gateway: &str, phase: Phase, round: u32, [rate, cpu, share, p50]: [f64; 4]) -> Row {
    let cpu = match cpu {
        0.0 => json!([]),
        cpu => json!([{"us_per_request": cpu, "user_us_per_request": cpu / 2.0,
            "system_us_per_request": cpu / 2.0, "share_of_one_core": share}]),
    };
    let report = json!({"requests": 900, "requests_per_s": rate, "errors": 100, "unexpected": 0,
        "wrong": 0, "broken": 0, "unanswered": 100, "latency_us": {"p50": p50, "p99": p50 * 2.0},
        "cpu": cpu});
    Row {
        gateway: gateway.to_owned(),
        phase,
        round,
        through: true,
        core_share: share,
        repeated: 0,
        measured: Measured {
            report: serde_json::from_value(report.clone()).unwrap(),
            raw: serde_json::from_str(&report.to_string()).unwrap(),
            memory: Memory::default(),
        },
    }
}

/// The cells of a gateway below heads, each of which is told apart by two spaces.
fn cells(table: &str, head: &str, gateway: &str) -> Vec<String> {
    let mut lines = table.lines().skip_while(|line| !line.contains(head));
    let split = |line: &str| -> Vec<String> {
        let cells = line.trim().split("  ").map(|cell| cell.trim().to_owned());
        cells.filter(|cell| !cell.is_empty()).collect()
    };
    let heads = split(lines.next().unwrap());
    let row = lines.find(|line| line.trim_start().starts_with(&format!("{gateway} ")));
    let row = split(row.unwrap());
    assert_eq!(heads.len() + 1, row.len(), "{table}");
    let place = heads.iter().position(|cell| cell == head).unwrap();
    row.get(place + 1).cloned().into_iter().collect()
}

fn closed() -> Phase {
    Phase::of(Pace::Closed, 32)
}

#[test]
fn every_gateway_is_told_as_a_multiple_of_ours() {
    let rows: Vec<Row> = (0..2)
        .flat_map(|round| {
            let drift = 1.0 + f64::from(round);
            [
                row("direct", closed(), round, [9000.0, 0.0, 0.0, 10.0]),
                row(
                    "varistor",
                    closed(),
                    round,
                    [1000.0, 8.0 * drift, 0.99, 30.0],
                ),
                row("theirs", closed(), round, [10.0, 4000.0 * drift, 0.5, 90.0]),
            ]
        })
        .collect();
    let table = text(&rows).unwrap();
    let ratio = cells(&table, "of varistor", "theirs");
    assert_eq!(ratio, ["500.00 (500.00-500.00)"], "{table}");
    assert_eq!(
        cells(&table, "of varistor", "varistor"),
        ["1.00 (1.00-1.00)"]
    );
    assert_eq!(cells(&table, "of varistor", "direct"), ["-"]);
    // Nobody here is called nginx.
    assert!(!table.contains("of nginx"), "{table}");
}

#[test]
fn a_gateway_that_did_not_fill_its_core_is_named() {
    let rows = [
        row("busy", closed(), 0, [1000.0, 8.0, 0.95, 30.0]),
        row("idle", closed(), 0, [1000.0, 8.0, 0.71, 30.0]),
        row("direct", closed(), 0, [1000.0, 0.0, 0.0, 30.0]),
    ];
    let table = text(&rows).unwrap();
    assert_eq!(cells(&table, "core %", "idle"), ["71.0 (71.0-71.0)"]);
    let notes: Vec<&str> = table
        .lines()
        .filter(|line| line.contains("note:"))
        .collect();
    assert_eq!(notes.len(), 1, "{table}");
    assert!(notes[0].contains("idle used 71 % of its core"), "{table}");
    let double = row(
        "idle",
        Phase::of(Pace::Double, 32),
        0,
        [500.0, 8.0, 0.4, 30.0],
    );
    assert!(
        text(&[double])
            .unwrap()
            .contains("idle used 40 % of its core")
    );
    // An open loop below the capacity fills nobody's core.
    let half = row(
        "idle",
        Phase::of(Pace::Half, 32),
        0,
        [500.0, 8.0, 0.4, 30.0],
    );
    assert!(!text(&[half]).unwrap().contains("note:"));
}

#[test]
fn latency_is_added_only_where_both_have_the_same_rate() {
    for (pace, adds) in [
        (Pace::Closed, false),
        (Pace::Half, true),
        (Pace::Fixed, true),
        (Pace::Double, false),
    ] {
        let phase = Phase::of(pace, 32);
        let rows = [
            row("direct", phase, 0, [500.0, 0.0, 0.0, 10.0]),
            row("nginx", phase, 0, [500.0, 8.0, 0.99, 35.0]),
        ];
        let table = text(&rows).unwrap();
        assert_eq!(table.contains("p50 added"), adds, "{table}");
        if adds {
            assert_eq!(cells(&table, "p50 added", "nginx"), ["25 (25-25)"]);
            assert_eq!(cells(&table, "unanswered %", "nginx"), ["10.0 (10.0-10.0)"]);
        }
    }
}

#[test]
fn the_goodput_above_the_capacity_is_a_share_of_the_peak() {
    let rows = [
        row("nginx", closed(), 0, [1000.0, 8.0, 0.99, 35.0]),
        row(
            "nginx",
            Phase::of(Pace::Double, 32),
            0,
            [915.0, 8.0, 0.99, 35.0],
        ),
    ];
    let table = text(&rows).unwrap();
    assert_eq!(cells(&table, "goodput %", "nginx"), ["91.5 (91.5-91.5)"]);
}

#[test]
fn a_peak_says_since_when_it_is_one_and_repeats_are_told() {
    let mut one = row("nginx", closed(), 0, [1000.0, 8.0, 0.99, 35.0]);
    one.repeated = 2;
    one.measured.memory = Memory {
        rss_kib: 2048,
        peak_kib: 4096,
        peak_since: Since::Start,
        pss_kib: 1024,
    };
    let table = text(std::slice::from_ref(&one)).unwrap();
    assert!(table.contains("2.0, 4.0 since start, 1.0"), "{table}");
    assert!(
        table.contains("nginx was measured again 2 times"),
        "{table}"
    );
    one.measured.memory.peak_since = Since::Reset;
    let table = text(&[one]).unwrap();
    assert!(table.contains("2.0, 4.0, 1.0"), "{table}");
}

#[test]
fn a_round_in_which_the_other_cost_nothing_is_left_out_of_a_ratio() {
    let rows = [
        row("nginx", closed(), 0, [1000.0, 0.0, 0.0, 35.0]),
        row("mine", closed(), 0, [1000.0, 4.0, 0.99, 35.0]),
        row("nginx", closed(), 1, [1000.0, 8.0, 0.99, 35.0]),
        row("mine", closed(), 1, [1000.0, 4.0, 0.99, 35.0]),
    ];
    let table = text(&rows).unwrap();
    assert_eq!(cells(&table, "of nginx", "mine"), ["0.50 (0.50-0.50)"]);
    assert!(!table.contains("inf") && !table.contains("NaN"), "{table}");
}
