//! The whole ledger in one thread, its disk in memory, and a power cut at every step.
//!
//! A world pushes records, takes turns for the writer's thread and its helpers in random order, and
//! lets the disk fail now and then. After each step the disk is left as a cut might leave it: of
//! what is not on the device, any beginning, with sectors that are zeros; of a block on its way,
//! any of its sectors. A real start ([`open`]) then has to find every line that somebody was told
//! to be durable, and nothing that was never written. Some cuts are gone on from, with all that
//! the start has made of them.
//!
//! `VARISTOR_STATES` says how many states are looked at (default 20,000).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use varistor_audit::ahead::FILE;
use varistor_audit::{Chain, Head, SegmentName, Start, VerifyOptions, segments, verify};
use varistor_model::Durability::{self, Durable, Written};

use crate::ahead::{self, Order};
use crate::disk::memory::{Faults, MemoryDisk, MemorySegment};
use crate::disk::{Disk as _, Segment as _};
use crate::journal::Beginning;
use crate::lane::{Lane, Waker};
use crate::ledger::{Options, Parts};
use crate::open::open;

/// Small, so that segments and places to write ahead come round often.
const SEGMENT_BYTES: u64 = 12_000;
const AHEAD_BYTES: [u64; 3] = [8 << 10, 12 << 10, 48 << 10];
/// What the disk loses at once.
const SECTOR_BYTES: usize = 512;
/// Steps of one world, between two cuts that it goes on from.
const STEPS: usize = 60;

/// SplitMix64, so that a seed tells a whole world.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn is_one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// The disk after a cut.
struct Remains {
    segments: Vec<(SegmentName, Vec<u8>)>,
    ahead: Option<Vec<u8>>,
}

struct World {
    random: Random,
    disk: MemoryDisk,
    parts: Parts<MemoryDisk>,
    lane: Lane,
    /// Tickets out, and what they asked for.
    out: BTreeMap<u32, Durability>,
    next_ticket: u32,
    /// One sync in so many comes to an end when it might.
    slowness: usize,
    /// Every line before this number was told to be durable; to be written.
    durable: u64,
    written: u64,
}

impl World {
    fn begin(mut random: Random, disk: MemoryDisk, beginning: Beginning<MemorySegment>) -> Self {
        let durable = beginning.chain.next_seq();
        let options = Options {
            segment_bytes: SEGMENT_BYTES,
            ring_records: 64,
            // Syncs that nobody waits for: always, or when there is another reason only.
            sync_ms: [0, 600_000][random.below(2)],
            ahead_bytes: AHEAD_BYTES[random.below(3)],
            ahead_after: 1,
            gather_us: 0,
            ..Options::new(PathBuf::new())
        };
        let waker: Waker = Arc::new(|| {});
        let begin = (beginning, Vec::new(), None);
        let parts = Parts::new(disk.clone(), begin, &options, vec![waker]);
        let lane = parts.lanes().pop().unwrap();
        Self {
            disk,
            parts,
            lane,
            out: BTreeMap::new(),
            next_ticket: 0,
            slowness: [1, 8, 40][random.below(3)],
            random,
            durable,
            written: durable,
        }
    }

    fn step(&mut self) {
        match self.random.below(16) {
            0..6 => self.push(),
            6..9 => self.turn(),
            9..11 if self.random.is_one_in(self.slowness) => {
                self.parts.syncer.step(|file| file.sync());
            }
            9..11 => {}
            11..15 => {
                let mut file = self.disk.ahead();
                self.parts.scribe.step(|order| ahead::act(&mut file, order));
                // The thread takes the pen itself, or leaves that to the writer's.
                if self.random.is_one_in(2) {
                    self.parts.desk.wrote_ahead();
                }
            }
            _ => self.spoil(),
        }
        self.collect();
    }

    fn push(&mut self) {
        for _ in 0..=self.random.below(4) {
            let text = "x".repeat(self.random.below(700));
            let line = format!(",\"kind\":\"x\",\"text\":\"{text}\"}}");
            let fill = |out: &mut Vec<u8>| out.extend_from_slice(line.as_bytes());
            let durability = match self.random.below(4) {
                0 => {
                    // No room is as good.
                    let _full = self.lane.push_quiet(fill);
                    continue;
                }
                1 => Written,
                _ => Durable,
            };
            if self.lane.push(durability, self.next_ticket, fill).is_ok() {
                self.out.insert(self.next_ticket, durability);
                self.next_ticket += 1;
            }
        }
        match self.random.is_one_in(3) {
            true => self.lane.send_away(),
            false => self.lane.send(),
        }
    }

    /// The writer's thread. It waits for a sync before it begins a segment, so there is one.
    fn turn(&mut self) {
        let room = |writer: &mut crate::writer::Writer<_>| writer.journal.is_full_for(64 << 10);
        if self.parts.desk.with(room) {
            self.parts.syncer.step(|file| file.sync());
        }
        self.parts.desk.with(|writer| {
            writer.turn();
        });
    }

    /// Faults of the disk, for a while, or its recovery.
    fn spoil(&mut self) {
        let is_bad = self.random.is_one_in(3);
        let mut rarely = |count| is_bad && self.random.is_one_in(count);
        let faults = Faults {
            sync: rarely(4),
            begin: rarely(4),
            cut: rarely(2),
            ahead: rarely(12),
            ..Faults::default()
        };
        let short = rarely(4);
        let write_bytes = short.then(|| self.random.below(900));
        self.disk.set(Faults {
            write_bytes,
            ..faults
        });
    }

    fn collect(&mut self) {
        let (out, durable, written) = (&mut self.out, &mut self.durable, &mut self.written);
        self.lane.collect(|ticket, answer| {
            let asked = out.remove(&ticket).expect("answered twice, or never asked");
            if let Ok(seq) = answer {
                *written = (*written).max(seq + 1);
                if asked == Durable {
                    *durable = (*durable).max(seq + 1);
                }
            }
        });
    }

    /// Every line that has ever been numbered and written, by number.
    fn lines(&self) -> Vec<u8> {
        joined(&self.disk.segments(false))
    }

    /// What a power cut might leave now.
    fn cut(&mut self) -> Remains {
        let (written, synced) = (self.disk.segments(false), self.disk.segments(true));
        let mut segments = Vec::new();
        for ((name, written), (_, synced)) in written.into_iter().zip(synced) {
            let mut bytes = written;
            let kept = synced.len();
            bytes.truncate(kept + self.random.below(bytes.len() - kept + 1));
            // Length and contents reach the device in any order.
            let mut at = kept.next_multiple_of(SECTOR_BYTES);
            while at < bytes.len() {
                let end = (at + SECTOR_BYTES).min(bytes.len());
                if self.random.is_one_in(6) {
                    bytes[at..end].fill(0);
                }
                at = end;
            }
            segments.push((name, bytes));
        }
        let mut ahead = self.disk.written_ahead().0;
        let random = &mut self.random;
        self.parts.scribe.peek(|order| match order {
            Order::Write(block, at) => {
                let file = ahead.as_mut().expect("it is made");
                let place = file.iter_mut().skip(*at as usize);
                let mut keeps = random.is_one_in(2);
                for (count, (there, new)) in place.zip(block.pages()).enumerate() {
                    if count % SECTOR_BYTES == 0 {
                        keeps = random.is_one_in(2);
                    }
                    *there = if keeps { *new } else { *there };
                }
            }
            Order::Make(_) | Order::Remove => {}
        });
        Remains { segments, ahead }
    }
}

/// The lines of the log: those of a segment up to where the next one begins.
fn joined(segments: &[(SegmentName, Vec<u8>)]) -> Vec<u8> {
    let mut log = Vec::new();
    for (place, (_, bytes)) in segments.iter().enumerate() {
        let end = segments.get(place + 1).map_or(u64::MAX, |(name, _)| name.0);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let head = Head::read(line).filter(|_| line.ends_with(b"\n"));
            if head.is_some_and(|head| head.seq < end) {
                log.extend_from_slice(line);
            }
        }
    }
    log
}

/// The number of the line that would come next.
fn end_of(log: &[u8]) -> u64 {
    let last = log.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    last.and_then(Head::read).map_or(0, |head| head.seq + 1)
}

/// Has a start mend what is left; returns its segments and how many lines they have.
fn start(dir: &Path, remains: &Remains) -> Vec<(SegmentName, Vec<u8>)> {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        // The reserve costs more to make than all the rest.
        if path.extension().is_some() || path.ends_with(FILE) {
            fs::remove_file(path).unwrap();
        }
    }
    for (name, bytes) in &remains.segments {
        fs::write(dir.join(name.to_string()), bytes).unwrap();
    }
    if let Some(ahead) = &remains.ahead {
        fs::write(dir.join(FILE), ahead).unwrap();
    }
    let opened = open(dir, SEGMENT_BYTES).unwrap();
    assert!(!dir.join(FILE).exists());
    drop(opened);
    let names = segments::list(dir).unwrap();
    let read = |name: SegmentName| (name, fs::read(dir.join(name.to_string())).unwrap());
    names.into_iter().map(read).collect()
}

fn check(world: &mut World, dir: &Path, full: bool) -> Vec<(SegmentName, Vec<u8>)> {
    let remains = world.cut();
    let found = start(dir, &remains);
    let (log, all) = (joined(&found), world.lines());
    assert!(
        all.starts_with(&log),
        "something else than what was written"
    );
    let count = end_of(&log);
    assert!(
        count >= world.durable,
        "{count} lines, of {} that are durable",
        world.durable
    );
    if full {
        let readers = segments::readers(dir).unwrap();
        let options = VerifyOptions {
            start: Start::Anywhere,
            ..VerifyOptions::default()
        };
        let report = verify(readers, &options, |_| {}).unwrap();
        let told = (&report.problems, &report.torn, &remains.segments.len());
        assert!(report.is_sound() && report.torn.is_none(), "{told:?}");
        assert_eq!(report.last_seq.map_or(0, |last| last + 1), count);
    }
    found
}

/// A world's beginning: an empty log, or what a start has found.
fn beginning(disk: &MemoryDisk, found: Vec<(SegmentName, Vec<u8>)>) -> Beginning<MemorySegment> {
    let mut last = None;
    let mut chain = Chain::genesis();
    for (name, bytes) in found {
        if let Some(line) = bytes.trim_ascii_end().rsplit(|byte| *byte == b'\n').next()
            && let Some(head) = Head::read(line)
        {
            chain = Chain::resume(head.seq, varistor_audit::digest(line), head.time_ns);
        }
        let length = bytes.len() as u64;
        last = Some((name, disk.put(name, bytes, SEGMENT_BYTES), length));
    }
    let (name, file, bytes) = last.unwrap_or_else(|| {
        let file = disk.put(SegmentName(0), Vec::new(), SEGMENT_BYTES);
        (SegmentName(0), file, 0)
    });
    Beginning {
        chain,
        name,
        file,
        bytes,
    }
}

fn states() -> u64 {
    let asked = std::env::var("VARISTOR_STATES").ok();
    asked.map_or(20_000, |asked| asked.parse().unwrap())
}

#[test]
fn no_power_cut_takes_what_was_told_to_be_durable() {
    let memory = Path::new("/dev/shm");
    let dir = match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    };
    let (states, mut seen, mut seed) = (states(), 0, 0);
    let (mut ahead, mut restored) = (0, 0);
    while seen < states {
        seed += 1;
        println!("seed {seed}");
        let mut found = Vec::new();
        let mut random = Random(seed);
        for _ in 0..=random.below(3) {
            let disk = MemoryDisk::default();
            let begin = beginning(&disk, found);
            let mut world = World::begin(Random(random.next()), disk.clone(), begin);
            for step in 0..STEPS {
                world.step();
                check(&mut world, dir.path(), step % 40 == 0);
                seen += 1;
            }
            // A process that is killed leaves everything that it has written.
            let killed = Remains {
                segments: disk.segments(false),
                ahead: disk.written_ahead().0,
            };
            let log = joined(&start(dir.path(), &killed));
            assert!(end_of(&log) >= world.written, "a written line is lost");
            ahead += disk.written_ahead().1;
            found = check(&mut world, dir.path(), true);
            restored += u64::from(joined(&disk.segments(true)).len() < joined(&found).len());
            seen += 2;
            // The older ones are as if they had been archived.
            found.drain(..found.len().saturating_sub(2));
        }
    }
    assert!(
        ahead > seen / 100 && restored > 0,
        "{ahead} writes ahead, {restored} restored"
    );
}
