//! Everything that can be done to a signed log is found, at its place, whoever recomputed whatever.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::test_runner::{RngAlgorithm, TestRng};
use rand::RngExt as _;
use varistor_audit::{Chain, SegmentName, VerifyOptions, digest};
use varistor_evidence::verdict::{Extent, Known, What};
use varistor_evidence::{Book, Signing, Verdict, VerifierKey, verify};

const LINES: u64 = 120;
const PER_SEGMENT: u64 = 50;
/// A head every so many lines.
const PER_HEAD: u64 = 17;

struct Log {
    dir: tempfile::TempDir,
    lines: Vec<Vec<u8>>,
    anchor: VerifierKey,
}

fn rng() -> TestRng {
    TestRng::from_seed(RngAlgorithm::ChaCha, &[42; 32])
}

fn tail(seq: u64) -> Vec<u8> {
    format!(",\"kind\":\"call\",\"decision\":\"deny\",\"tool\":\"tool{seq}\"}}").into_bytes()
}

/// Rewrites `lines[from..]`, so that the chain is whole again.
fn chain_again(lines: &mut [Vec<u8>], from: usize) {
    let before = from
        .checked_sub(1)
        .map_or([0; 32], |before| hash(&lines[before]));
    let mut chain = match from {
        0 => Chain::genesis(),
        _ => Chain::resume(from as u64 - 1, before, 0),
    };
    for line in &mut lines[from..] {
        let kind = line
            .windows(7)
            .position(|bytes| bytes == b",\"kind\"")
            .unwrap();
        let tail = line[kind..line.len() - 1].to_vec();
        line.clear();
        chain.next_line(7_000, &tail, line);
    }
}

fn hash(line: &[u8]) -> [u8; 32] {
    digest(&line[..line.len() - 1])
}

impl Log {
    fn new(count: u64) -> Self {
        // In memory if possible: keys that change are synced.
        let memory = Path::new("/dev/shm");
        let dir = match memory.is_dir() {
            true => tempfile::tempdir_in(memory).unwrap(),
            false => tempfile::tempdir().unwrap(),
        };
        let mut lines: Vec<_> = (0..count)
            .map(|seq| [&tail(seq)[..], b"\n"].concat())
            .collect();
        chain_again(&mut lines, 0);
        let anchor = write(dir.path(), &lines);
        Self { dir, lines, anchor }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Puts other lines in the place of the log's.
    fn put(&self, lines: &[Vec<u8>]) {
        self.put_segments(&segments(lines));
    }

    fn put_segments(&self, segments: &[(u64, Vec<u8>)]) {
        for name in varistor_audit::segments::list(self.path()).unwrap() {
            fs::remove_file(self.path().join(name.to_string())).unwrap();
        }
        for (name, bytes) in segments {
            fs::write(self.path().join(SegmentName(*name).to_string()), bytes).unwrap();
        }
    }

    fn check(&self) -> Verdict {
        let known = Known {
            anchor: Some(self.anchor.clone()),
            ..Known::default()
        };
        let how = (Extent::default(), &VerifyOptions::default());
        verify(self.path(), &known, how, |_| {}).unwrap()
    }

    fn first_bad(&self) -> Option<u64> {
        let verdict = self.check();
        verdict
            .is_tampered()
            .then(|| verdict.first_bad().unwrap().0)
    }
}

/// Segments that keep to the numbers that they had.
fn segments(lines: &[Vec<u8>]) -> Vec<(u64, Vec<u8>)> {
    let chunks = lines.chunks(PER_SEGMENT as usize).enumerate();
    chunks
        .map(|(n, lines)| (n as u64 * PER_SEGMENT, lines.concat()))
        .collect()
}

fn signing(dir: &Path) -> Signing {
    Signing {
        key: dir.join("audit.key"),
        head: dir.join("head"),
    }
}

/// Writes and signs a log; two changes of keys on the way. Returns its anchor.
fn write(dir: &Path, lines: &[Vec<u8>]) -> VerifierKey {
    let mut book = Book::open(dir, &signing(dir), (0, SegmentName(0)), 1).unwrap();
    for (name, bytes) in segments(lines) {
        fs::write(dir.join(SegmentName(name).to_string()), bytes).unwrap();
    }
    for (seq, line) in (0..).zip(lines) {
        if seq % PER_SEGMENT == 0 {
            book.begin_segment(SegmentName(seq)).unwrap();
        }
        book.append(&line[..line.len() - 1]);
        if (seq + 1) % PER_HEAD == 0 {
            book.sign().unwrap();
        }
        if seq % 40 == 39 {
            book.change_key(seq).unwrap();
        }
    }
    book.sign().unwrap();
    book.anchor().parse().unwrap()
}

#[test]
fn a_thousand_clean_logs_raise_no_alarm() {
    for count in 0..1_000 {
        let log = Log::new(count % 97);
        let verdict = log.check();
        let clean = !verdict.is_tampered() && verdict.truncated().is_none();
        assert!(
            clean && !verdict.tree_damaged && !verdict.torn_head,
            "{verdict:?}"
        );
        assert_eq!((verdict.signed, verdict.unsigned()), (count % 97, 0));
        assert_eq!(verdict.report.records, count % 97);
    }
}

#[test]
fn two_thousand_flipped_bits_are_found_at_their_line_the_last_line_too() {
    let (log, mut rng) = (Log::new(LINES), rng());
    for _ in 0..2_000 {
        let place = rng.random_range(0..log.lines.len());
        let mut changed = log.lines.clone();
        let bits = changed[place].len() * 8;
        // Without the very last newline, the line is unfinished: that is truncation.
        let bit = rng.random_range(0..bits - 8 * usize::from(place + 1 == log.lines.len()));
        changed[place][bit / 8] ^= 1 << (bit % 8);
        log.put(&changed);
        assert_eq!(
            log.first_bad(),
            Some(place as u64),
            "bit {bit}: {:?}",
            log.check()
        );
    }
}

#[test]
fn deleted_inserted_swapped_and_repeated_lines_are_found_at_their_place() {
    let (log, mut rng) = (Log::new(LINES), rng());
    let last = log.lines.len() - 1;
    for _ in 0..500 {
        let (place, other) = (rng.random_range(0..last), rng.random_range(0..=last));
        let at = place as u64;

        let mut parts = segments(&log.lines);
        let of_segment = |line: usize| line / PER_SEGMENT as usize;
        let mut left = log.lines.clone();
        left.remove(place);
        let begin = of_segment(place) * PER_SEGMENT as usize;
        let end = (begin + PER_SEGMENT as usize).min(log.lines.len()) - 1;
        parts[of_segment(place)].1 = left[begin..end].concat();
        log.put_segments(&parts);
        assert_eq!(log.first_bad(), Some(at), "deleted {place}");

        let mut inserted = log.lines.clone();
        inserted.insert(place, log.lines[other].clone());
        log.put(&inserted);
        let first = at + u64::from(other == place);
        assert_eq!(log.first_bad(), Some(first), "inserted {other} at {place}");

        let mut swapped = log.lines.clone();
        swapped.swap(place, place + 1);
        log.put(&swapped);
        assert_eq!(log.first_bad(), Some(at), "swapped {place}");

        let mut repeated = log.lines.clone();
        repeated.insert(place + 1, log.lines[place].clone());
        log.put(&repeated);
        assert_eq!(log.first_bad(), Some(at + 1), "repeated {place}");
    }
}

#[test]
fn a_rewritten_chain_is_found_at_the_first_line_that_was_rewritten() {
    let (log, mut rng) = (Log::new(LINES), rng());
    let tree = fs::read(log.path().join("tree.0")).unwrap();
    for _ in 0..500 {
        let place = rng.random_range(0..log.lines.len());
        let mut changed = log.lines.clone();
        let tool = changed[place]
            .windows(4)
            .position(|bytes| bytes == b"tool")
            .unwrap();
        let after = tool + 7 + rng.random_range(0..4_usize);
        changed[place][after] = b'X';
        chain_again(&mut changed, place);
        log.put(&changed);
        let verdict = log.check();
        assert!(verdict.report.is_sound(), "the chain alone can't tell");
        assert_eq!(
            verdict.first_bad(),
            Some((place as u64, true)),
            "{verdict:?}"
        );

        // Who changes the tree as well is found too; which line it was, only the heads bound.
        let mut hashes = tree.clone();
        for (line, hash) in changed.iter().zip(hashes.chunks_exact_mut(32)).skip(place) {
            let leaf = varistor_evidence::merkle::leaf_hash(&line[..line.len() - 1]);
            hash.copy_from_slice(&leaf);
        }
        fs::write(log.path().join("tree.0"), &hashes).unwrap();
        let (index, exact) = log.check().first_bad().unwrap();
        assert!(!exact && index <= place as u64 && place as u64 <= index + PER_HEAD);
        fs::write(log.path().join("tree.0"), &tree).unwrap();
    }
}

#[test]
fn a_cut_anywhere_is_truncation_and_names_the_first_record_that_is_missing() {
    let log = Log::new(LINES);
    let mut boundary = 0;
    let whole: Vec<u8> = log.lines.concat();
    for (count, line) in log.lines.iter().enumerate() {
        boundary += line.len();
        for cut in [boundary - 2, boundary - 1, boundary] {
            let left = [&whole[..cut], b""].concat();
            let mut parts: Vec<(u64, Vec<u8>)> = Vec::new();
            for (n, line) in left.split_inclusive(|byte| *byte == b'\n').enumerate() {
                match n % PER_SEGMENT as usize {
                    0 => parts.push((n as u64, line.to_vec())),
                    _ => parts.last_mut().unwrap().1.extend_from_slice(line),
                }
            }
            log.put_segments(&parts);
            let verdict = log.check();
            let complete = count as u64 + u64::from(cut == boundary);
            let missing = (complete < LINES).then_some(complete);
            assert!(!verdict.is_tampered(), "{verdict:?}");
            assert_eq!(verdict.truncated(), missing, "cut at {cut}");
        }
    }
    log.put_segments(&[]);
    assert_eq!(log.check().truncated(), Some(0));
}

fn files(log: &Log, extension: &str) -> Vec<PathBuf> {
    let names = fs::read_dir(log.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = names
        .filter(|path| path.to_string_lossy().contains(extension))
        .collect();
    files.sort();
    files
}

#[test]
fn every_flipped_bit_of_heads_and_keys_is_found() {
    let (log, mut rng) = (Log::new(LINES), rng());
    let evidence = [files(&log, ".checkpoints"), files(&log, "keychain")].concat();
    for path in &evidence {
        let whole = fs::read(path).unwrap();
        for _ in 0..250 {
            let bit = rng.random_range(0..whole.len() * 8);
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            fs::write(path, &changed).unwrap();
            let verdict = log.check();
            // A newline at the very end makes the last note unfinished, as a crash does.
            let found = verdict.is_tampered() || verdict.torn_head;
            let end = bit / 8 + 2 >= whole.len();
            assert!(found || end, "{path:?}, bit {bit}: {verdict:?}");
        }
        fs::write(path, &whole).unwrap();
    }
    assert!(!log.check().is_tampered());
}

#[test]
fn who_has_the_live_key_can_not_change_what_earlier_keys_signed() {
    let mut log = Log::new(LINES);
    // Root takes the live key, rewrites record 30, and makes all evidence anew from there on, as
    // well as it goes: the chain of keys must stay, since no destroyed key signs another one.
    let mut changed = log.lines.clone();
    let tool = changed[30]
        .windows(4)
        .position(|bytes| bytes == b"tool")
        .unwrap();
    changed[30][tool] = b'X';
    chain_again(&mut changed, 30);
    log.put(&changed);
    for path in [files(&log, ".checkpoints"), files(&log, "tree.")].concat() {
        fs::remove_file(path).unwrap();
    }
    fs::remove_file(log.path().join("head")).unwrap();
    let keychain = fs::read(log.path().join("keychain")).unwrap();
    let other = tempfile::tempdir().unwrap();
    write(other.path(), &changed);
    for name in ["tree.0", "00000000000000000000.checkpoints"] {
        fs::copy(other.path().join(name), log.path().join(name)).unwrap();
    }
    let verdict = log.check();
    assert!(verdict.is_tampered());
    let root = |problem: &&varistor_evidence::verdict::EvidenceProblem| {
        matches!(problem.what, What::Root { size: 40 })
    };
    assert!(verdict.problems.iter().find(root).is_some(), "{verdict:?}");
    // With keys of their own they are noticed by whoever knows the anchor, and only by them.
    log.put(&changed);
    for name in ["keychain", "tree.0", "00000000000000000050.checkpoints"] {
        fs::copy(other.path().join(name), log.path().join(name)).unwrap();
    }
    fs::copy(
        other.path().join("00000000000000000100.checkpoints"),
        log.path().join("00000000000000000100.checkpoints"),
    )
    .unwrap();
    assert!(
        log.check()
            .problems
            .iter()
            .any(|problem| problem.what == What::Anchor)
    );
    let text = fs::read_to_string(log.path().join("keychain")).unwrap();
    log.anchor = varistor_evidence::Keychain::read(&text)
        .unwrap()
        .anchor()
        .unwrap()
        .clone();
    assert!(!log.check().is_tampered());
    assert_ne!(text.as_bytes(), keychain);
}

#[test]
fn an_old_copy_is_found_by_a_head_that_was_kept() {
    let log = Log::new(LINES);
    let newest = fs::read_to_string(log.path().join("head")).unwrap();
    let known = Known {
        anchor: Some(log.anchor.clone()),
        heads: vec![varistor_evidence::Note::parse(&newest).unwrap()],
        ..Known::default()
    };
    // Everything as it was when record 60 was the last, no key changed since.
    log.put(&log.lines[..60]);
    let last = files(&log, ".checkpoints").pop().unwrap();
    fs::remove_file(last).unwrap();
    let fifty = log.path().join("00000000000000000050.checkpoints");
    let text = fs::read_to_string(&fifty).unwrap();
    fs::write(
        &fifty,
        text.split_inclusive("\n\n").take(2).collect::<String>(),
    )
    .unwrap();
    let how = (Extent::default(), &VerifyOptions::default());
    let verdict = verify(log.path(), &known, how, |_| {}).unwrap();
    assert_eq!(verdict.truncated(), Some(60), "{verdict:?}");
}

#[test]
fn a_part_of_the_log_is_checked_against_the_same_heads() {
    let log = Log::new(LINES);
    let part = |from, to| {
        let known = Known {
            anchor: Some(log.anchor.clone()),
            ..Known::default()
        };
        let extent = Extent { from, to };
        verify(
            log.path(),
            &known,
            (extent, &VerifyOptions::default()),
            |_| {},
        )
        .unwrap()
    };
    for (from, to, first, last) in [
        (0, 10, 0, 49),
        (60, 70, 50, 99),
        (60, u64::MAX, 50, 119),
        (110, 115, 100, 119),
    ] {
        let verdict = part(from, to);
        assert!(
            !verdict.is_tampered() && verdict.truncated().is_none(),
            "{verdict:?}"
        );
        assert_eq!(verdict.report.first_seq, Some(first));
        assert_eq!(verdict.report.last_seq, Some(last));
        assert!(verdict.heads > 0);
    }
    let mut changed = log.lines.clone();
    let tool = changed[70]
        .windows(4)
        .position(|bytes| bytes == b"tool")
        .unwrap();
    changed[70][tool] = b'X';
    chain_again(&mut changed, 70);
    log.put(&changed);
    assert_eq!(part(60, 70).first_bad(), Some((70, true)));
    assert_eq!(
        part(110, 119).first_bad().map(|(index, _)| index >= 100),
        Some(true)
    );
    assert!(!part(0, 10).is_tampered());
}
