//! Measures queries, exports and reports over a large log of records as gateways write them.
//!
//! `cargo run --release -p varistor-records --example measure -- DIR GIB` writes a log of so many
//! GiB to DIR/log unless it is there, a day to each GiB, and tells time, rate and the most memory
//! of each task. Run it twice: the second time, indexes are there and the kernel has the files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use varistor_audit::{
    CallRecord, Chain, Event, Findings, Found, Params, ResultRecord, SegmentName, Status,
};
use varistor_model::{Decision, DlpAction, Intent, Reason, Span, Subject, TokenId};
use varistor_records::{
    Cache, Field, Format, Log, Order, Period, Selection, dossier, export, query, report,
};

const DAY_NS: u64 = 86_400 * 1_000_000_000;
/// 2026-11-01T00:00:00Z.
const BEGIN_NS: u64 = 1_793_491_200 * 1_000_000_000;
const SEGMENT_BYTES: usize = 64 << 20;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(gib)) = (arguments.next(), arguments.next()) else {
        return Err("usage: measure DIR GIB".into());
    };
    let (dir, gib): (&Path, u64) = (Path::new(&dir), gib.parse()?);
    let place = dir.join("log");
    if !place.is_dir() {
        write(&place, gib)?;
    }
    let log = Log::open(&place)?;
    println!(
        "{:<58} {:>9} {:>12} {:>8}",
        "task", "seconds", "found", "MiB"
    );
    queries(&log, dir, gib)?;
    exports(&log, gib)
}

/// A day in the middle of the log.
fn day(gib: u64) -> Period {
    let from_ns = BEGIN_NS + (gib / 2) * DAY_NS;
    Period {
        from_ns,
        until_ns: from_ns + DAY_NS,
    }
}

fn queries(log: &Log, dir: &Path, gib: u64) -> Result<(), Failed> {
    let of_day = || Selection::default().within(day(gib));
    let rare = of_day().with(Field::Agent, ["rare-bot"]);
    let denied = of_day()
        .with(Field::Agent, ["bot7"])
        .with(Field::Decision, ["deny"]);
    let cases: [(&str, Selection, Option<u64>); 7] = [
        ("rare agent, all of a day", rare.clone(), None),
        ("one agent's denials, all of a day", denied, None),
        (
            "finding iban, newest 100 of a day",
            of_day().with(Field::Finding, ["iban"]),
            Some(100),
        ),
        ("any record, newest 100 of a day", of_day(), Some(100)),
        (
            "text that is there once, all of a day",
            of_day().with_text("needle-0001"),
            None,
        ),
        (
            "rare agent, whole log",
            Selection::default().with(Field::Agent, ["rare-bot"]),
            None,
        ),
        (
            "nobody, whole log",
            Selection::default().with(Field::Agent, ["nobody"]),
            None,
        ),
    ];
    for (cache, how) in [
        (Cache::below(&dir.join("cache"), log.dir()), "index"),
        (Cache::below(&dir.join("cache"), log.dir()), "index again"),
        (Cache::none(), "no index"),
    ] {
        for (name, selection, limit) in &cases {
            task(&format!("query, {how}: {name}"), || {
                let wanted = (selection, Order::Newest);
                Ok(query(log, &cache, wanted, *limit, |_, _| Ok(()))?.matched)
            })?;
        }
    }
    let cache = Cache::below(&dir.join("cache"), log.dir());
    let mut seq = 0;
    query(log, &cache, (&rare, Order::Oldest), Some(1), |record, _| {
        seq = record.seq;
        Ok(())
    })?;
    task("show a call of that agent with its result", || {
        Ok(u64::from(dossier(log, &cache, seq)?.result.is_some()))
    })
}

fn exports(log: &Log, gib: u64) -> Result<(), Failed> {
    let selection = Selection::default().within(day(gib));
    for (format, name) in [
        (Format::Jsonl, "jsonl"),
        (Format::Csv, "csv"),
        (Format::Parquet, "parquet"),
        (Format::Ocsf, "ocsf"),
    ] {
        task(&format!("export a day, {name}"), || {
            let out: Box<dyn Write + Send> = Box::new(BufWriter::new(io::sink()));
            Ok(export(log, &selection, (format, out), &mut |_| {})?.rows)
        })?;
    }
    task("report of a day", || {
        Ok(report(log, day(gib), BEGIN_NS, &mut |_| {})?.records)
    })
}

/// Runs it, and tells how long it took, what it found, and the most memory that the process had.
fn task(name: &str, run: impl FnOnce() -> Result<u64, Failed>) -> Result<(), Failed> {
    fs::write("/proc/self/clear_refs", "5")?;
    let began = Instant::now();
    let found = run()?;
    let seconds = began.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = most.unwrap_or("0").trim().trim_end_matches(" kB").parse()?;
    println!("{name:<58} {seconds:>9.3} {found:>12} {:>8}", kib / 1024);
    Ok(())
}

/// Writes the log.
fn write(place: &Path, gib: u64) -> Result<(), Failed> {
    fs::create_dir_all(place)?;
    let bytes_all = gib << 30;
    let (mut chain, mut bytes, mut random) = (Chain::genesis(), 0_u64, 1_u64);
    let mut segment = Vec::with_capacity(SEGMENT_BYTES + (1 << 20));
    let mut tail = Vec::new();
    let mut waiting: Vec<u64> = Vec::new();
    while bytes < bytes_all {
        let first = chain.next_seq();
        segment.clear();
        while segment.len() < SEGMENT_BYTES {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let time = BEGIN_NS + (bytes + segment.len() as u64) * (DAY_NS / (1 << 30));
            tail.clear();
            if waiting.len() > (random >> 60) as usize {
                outcome(waiting.remove(0), random, &mut tail);
                chain.next_line(time, &tail, &mut segment);
                continue;
            }
            let goes_on = record(chain.next_seq(), random >> 16, &mut tail);
            let seq = chain.next_line(time, &tail, &mut segment);
            if goes_on {
                waiting.push(seq);
            }
        }
        File::create(place.join(SegmentName(first).to_string()))?.write_all(&segment)?;
        bytes += segment.len() as u64;
    }
    Ok(())
}

/// A call, now and then an event; says whether a result follows.
fn record(seq: u64, random: u64, tail: &mut Vec<u8>) -> bool {
    if random.is_multiple_of(50_021) {
        let (server, cause) = ("server3", "timeout");
        let (open, trips) = (true, seq);
        Event::Breaker {
            server,
            open,
            trips,
            cause,
        }
        .write(tail);
        return false;
    }
    let agent = match random.is_multiple_of(50_000) {
        true => "rare-bot".to_owned(),
        false => format!("bot{}", random % 40),
    };
    let server = format!("server{}", random % 25);
    let name = format!("tool_{}", random / 25 % 20);
    let params = params(seq, random, &name);
    let (found, none) = ([found(random)], [] as [Found<'_>; 0]);
    let findings: &dyn Findings = match random % 19 {
        0 => &found,
        _ => &none,
    };
    let (decision, reason) = match random % 31 {
        0 => (Decision::Deny, Some(Reason::RuleDenied)),
        1 => (Decision::Hold, Some(Reason::Held)),
        2 => (Decision::Redact, None),
        _ => (Decision::Allow, None),
    };
    CallRecord {
        token: Some(TokenId([(random % 40) as u8; 16])),
        organisation: "acme",
        agent: &agent,
        outside: None,
        session: Some((random % 400).to_be_bytes()),
        client: "10.1.2.3:50123",
        server: &server,
        method: "tools/call",
        subject: Subject::Tool,
        name: &name,
        id: b"17",
        params: Params::Whole(params.as_bytes()),
        intent: Some((
            Intent::ALL[(random % 4) as usize],
            90,
            &["verb", "arguments"],
        )),
        findings,
        restored: None,
        decision,
        reason,
        approval: None,
        rule: "role developer",
        ruled: None,
        generation: 12,
    }
    .write(tail);
    matches!(decision, Decision::Allow | Decision::Redact)
}

fn params(seq: u64, random: u64, name: &str) -> String {
    let mark = match seq.is_multiple_of(1_000_000) {
        true => format!("needle-{:04}", seq / 1_000_000),
        false => format!("{random:x}"),
    };
    let text = "lorem ipsum dolor sit amet ".repeat((random % 8) as usize);
    let limit = random % 1000;
    let arguments = format!(r#"{{"path":"/srv/{mark}","limit":{limit},"query":"{text}"}}"#);
    format!(r#"{{"name":"{name}","arguments":{arguments}}}"#)
}

fn found(random: u64) -> Found<'static> {
    Found {
        entity: match random.is_multiple_of(3) {
            true => "iban",
            false => "email_address",
        },
        message: None,
        place: Span { start: 12, end: 40 },
        action: DlpAction::Redact,
        confidence: 90,
    }
}

fn outcome(call: u64, random: u64, tail: &mut Vec<u8>) {
    let status = match random % 50 {
        0 => Status::ToolError,
        1 => Status::Timeout,
        _ => Status::Ok,
    };
    ResultRecord {
        call,
        status,
        http_status: 200,
        duration_us: random % 100_000,
        bytes: random % 10_000,
        redacted: 0,
        typed: 0,
        dropped: 0,
        findings: &[] as &[Found<'_>; 0],
    }
    .write(tail);
}
