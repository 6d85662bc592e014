//! The book signs what is there, goes on where it was, and refuses what does not go on.

use std::fs;

use varistor_audit::{Chain, VerifyOptions};

use super::*;
use crate::verdict::{Extent, Known, verify};

/// A log that is written by hand: lines, segments and the book beside them.
struct World {
    dir: tempfile::TempDir,
    chain: Chain,
    segment: SegmentName,
}

impl World {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            chain: Chain::genesis(),
            segment: SegmentName(0),
        }
    }

    fn log(&self) -> &Path {
        self.dir.path()
    }

    fn signing(&self) -> Signing {
        let at = |name: &str| self.log().join(name);
        Signing {
            key: at("audit.key"),
            head: at("head"),
        }
    }

    fn try_open(&self) -> Result<Book, EvidenceError> {
        let end = (self.chain.next_seq(), self.segment);
        Book::open(self.log(), &self.signing(), end, 1_000)
    }

    fn open(&self) -> Book {
        self.try_open().unwrap()
    }

    fn write(&mut self, count: u64, book: Option<&mut Book>) {
        let mut lines = Vec::new();
        for _ in 0..count {
            self.chain.next_line(7, b",\"kind\":\"x\"}", &mut lines);
        }
        let path = self.log().join(self.segment.to_string());
        let before = fs::read(&path).unwrap_or_default();
        fs::write(&path, [&before[..], &lines].concat()).unwrap();
        if let Some(book) = book {
            let lines = lines.strip_suffix(b"\n").unwrap();
            lines
                .split(|byte| *byte == b'\n')
                .for_each(|line| book.append(line));
        }
    }

    fn next_segment(&mut self) {
        self.segment = SegmentName(self.chain.next_seq());
    }

    fn check(&self) -> crate::Verdict {
        let options = (Extent::default(), &VerifyOptions::default());
        verify(self.log(), &Known::default(), options, |_| {}).unwrap()
    }

    fn assert_sound(&self) {
        let verdict = self.check();
        assert!(
            !verdict.is_tampered() && verdict.truncated().is_none(),
            "{verdict:?}"
        );
        assert!(!verdict.tree_damaged && !verdict.torn_head, "{verdict:?}");
    }

    fn refusal(&self) -> String {
        self.try_open().map(|_| ()).unwrap_err().to_string()
    }
}

#[test]
fn heads_go_on_over_segments_keys_and_restarts() {
    let mut world = World::new();
    for round in 0..6 {
        let mut book = world.open();
        assert_eq!(book.is_new, round == 0);
        world.write(300, Some(&mut book));
        book.sign().unwrap();
        assert!(!book.has_news());
        world.next_segment();
        book.begin_segment(world.segment).unwrap();
        world.write(70, Some(&mut book));
        book.change_key(2_000).unwrap();
        assert!(book.has_news(), "a new key speaks");
        book.sign().unwrap();
    }
    world.assert_sound();
    let verdict = world.check();
    assert_eq!(
        (verdict.signed, verdict.keys, verdict.unsigned()),
        (2_220, 7, 0)
    );
    assert_eq!(verdict.report.segments, 7);
    // Every round: two heads of the old key, one of the new; and the begins of the keys.
    assert_eq!(verdict.heads, 6 * 3 + 7);
}

#[test]
fn a_key_lives_a_quarter_of_an_hour() {
    let world = World::new();
    let mut book = world.open();
    book.tend(1_000 + EPOCH_NS - 1).unwrap();
    assert_eq!(book.epoch().number, 0);
    book.tend(1_000 + EPOCH_NS).unwrap();
    assert_eq!(
        (book.epoch().number, book.epoch().began_ns),
        (1, 1_000 + EPOCH_NS)
    );
}

#[test]
fn lines_that_no_head_covers_yet_are_taken_in_at_the_next_start() {
    let mut world = World::new();
    let mut book = world.open();
    world.write(40, Some(&mut book));
    book.sign().unwrap();
    drop(book);
    // A crash: lines that the book never saw, and a tree that is behind.
    world.write(25, None);
    let mut book = world.open();
    assert_eq!((book.size(), book.is_new), (65, false));
    book.sign().unwrap();
    world.assert_sound();
    assert_eq!(world.check().signed, 65);
}

#[test]
fn a_tree_that_is_lost_or_damaged_is_made_anew() {
    let mut world = World::new();
    let mut book = world.open();
    for _ in 0..5 {
        world.write(300, Some(&mut book));
        book.sign().unwrap();
        world.next_segment();
        book.begin_segment(world.segment).unwrap();
    }
    drop(book);
    let (tree, above) = (world.log().join("tree.0"), world.log().join("tree.1"));
    for damage in 0..4 {
        match damage {
            0 => fs::remove_file(&tree).unwrap(),
            1 => fs::write(&tree, [0; 70]).unwrap(),
            2 => fs::remove_file(&above).unwrap(),
            _ => fs::write(&above, [9; 32 * 5]).unwrap(),
        }
        let book = world.open();
        assert_eq!(book.size(), 1_500);
        drop(book);
        world.assert_sound();
    }
}

#[test]
fn a_torn_head_is_cut_and_signed_again() {
    let mut world = World::new();
    let mut book = world.open();
    world.write(10, Some(&mut book));
    book.sign().unwrap();
    let path = heads::path(world.log(), world.segment);
    let whole = fs::read(&path).unwrap();
    world.write(10, Some(&mut book));
    book.sign().unwrap();
    drop(book);
    let both = fs::read(&path).unwrap();
    for torn in [
        &both[..both.len() - 30],
        &both[..whole.len() + 3],
        &[&whole[..], &[0; 9]].concat(),
    ] {
        fs::write(&path, torn).unwrap();
        assert!(world.check().torn_head);
        let mut book = world.open();
        book.sign().unwrap();
        assert_eq!(fs::read(&path).unwrap(), both);
        world.assert_sound();
    }
}

#[test]
fn what_a_power_cut_left_of_heads_is_cut_whatever_segment_they_are_of() {
    for goes_on in [false, true] {
        let mut world = World::new();
        let mut book = world.open();
        let mut ends = Vec::new();
        for _ in 0..3 {
            world.write(10, Some(&mut book));
            book.sign().unwrap();
            ends.push(book.length as usize);
        }
        drop(book);
        let path = heads::path(world.log(), world.segment);
        let mut left = fs::read(&path).unwrap();
        // The second head is zeros up to its end, which looks like one; the copy kept elsewhere
        // went the same way.
        left[ends[0]..ends[1] - 2].fill(0);
        fs::write(&path, &left).unwrap();
        fs::remove_file(world.signing().head).unwrap();
        if goes_on {
            world.next_segment();
            world.write(5, None);
        }
        let mut book = world.open();
        assert_eq!(fs::metadata(&path).unwrap().len(), ends[0] as u64);
        world.write(5, Some(&mut book));
        book.sign().unwrap();
        world.assert_sound();
    }
}

#[test]
fn what_does_not_go_on_from_the_signed_heads_is_not_signed() {
    let mut world = World::new();
    let mut book = world.open();
    world.write(10, Some(&mut book));
    book.sign().unwrap();
    book.change_key(5).unwrap();
    drop(book);
    let segment = world.log().join(world.segment.to_string());
    let whole = fs::read(&segment).unwrap();
    let end = world.chain.clone();

    // Cut off.
    let lines: Vec<_> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    fs::write(&segment, lines[..7].concat()).unwrap();
    world.chain = Chain::resume(6, [0; 32], 0);
    assert!(
        world
            .refusal()
            .contains("10 records were signed, but there are 7")
    );

    // Another line in the place of one.
    let changed = [
        &lines[..3].concat(),
        &b"{\"seq\":3}\n"[..],
        &lines[4..].concat(),
    ]
    .concat();
    fs::write(&segment, changed).unwrap();
    world.chain = end;
    assert!(world.refusal().contains("among the first 10 records"));

    // Without the keys that signed.
    fs::write(&segment, &whole).unwrap();
    let chain = fs::read(keychain(&world)).unwrap();
    fs::remove_file(keychain(&world)).unwrap();
    assert!(world.refusal().contains("the chain of keys breaks"));
    fs::write(keychain(&world), &chain).unwrap();
    world.open();
}

#[test]
fn an_old_copy_of_the_whole_log_is_noticed_by_the_key_and_by_the_head_kept_elsewhere() {
    let mut world = World::new();
    let mut book = world.open();
    world.write(10, Some(&mut book));
    book.sign().unwrap();
    let old_end = world.chain.clone();
    let files = [
        "00000000000000000000.jsonl",
        "00000000000000000000.checkpoints",
        "keychain",
    ];
    let read = |name: &&str| fs::read(world.log().join(name)).unwrap();
    let old: Vec<_> = files.iter().map(read).collect();
    let restore = |world: &World| {
        for (name, bytes) in files.iter().zip(&old) {
            fs::write(world.log().join(name), bytes).unwrap();
        }
    };
    world.write(10, Some(&mut book));
    book.sign().unwrap();
    restore(&world);
    world.chain = old_end;
    assert!(
        world
            .refusal()
            .contains("20 records were signed, but there are 10")
    );
    book.change_key(5).unwrap();
    restore(&world);
    assert!(!world.refusal().is_empty());
}

fn keychain(world: &World) -> PathBuf {
    crate::keychain::path(world.log())
}

#[test]
fn retired_segments_leave_a_log_that_is_gone_on_with_and_proved() {
    use crate::retired::{Wish, read, retire};
    let mut world = World::new();
    let mut book = world.open();
    for _ in 0..4 {
        world.write(300, Some(&mut book));
        book.sign().unwrap();
        world.next_segment();
        book.begin_segment(world.segment).unwrap();
    }
    world.write(10, Some(&mut book));
    book.sign().unwrap();
    let archive = world.log().join("archive");
    let wish = |before_ns, is_rehearsal| Wish {
        before_ns,
        archive: Some(archive.clone()),
        witnesses: Vec::new(),
        is_rehearsal,
    };
    // Records bear the time 7.
    assert!(
        retire(world.log(), &wish(7, false), 1)
            .unwrap()
            .segments
            .is_empty()
    );
    let all = retire(world.log(), &wish(8, true), 1).unwrap();
    assert_eq!(
        (all.segments.len(), all.first, archive.exists()),
        (4, 1_200, false)
    );
    assert_eq!(read(world.log()).unwrap(), None);
    retire(world.log(), &wish(8, false), 1).unwrap();
    let (first, when) = read(world.log()).unwrap().unwrap();
    assert_eq!(
        (first, when.as_str()),
        (1_200, "1970-01-01T00:00:00.000000001Z")
    );
    assert!(archive.join("00000000000000000300.jsonl").exists());
    assert!(archive.join("00000000000000000300.checkpoints").exists());
    drop(book);
    let mut book = world.open();
    world.write(10, Some(&mut book));
    book.sign().unwrap();
    let options = VerifyOptions {
        start: varistor_audit::Start::Anywhere,
        ..VerifyOptions::default()
    };
    let how = (Extent::default(), &options);
    let verdict = verify(world.log(), &Known::default(), how, |_| {}).unwrap();
    assert!(!verdict.is_tampered(), "{verdict:?}");
    assert_eq!(
        (verdict.report.first_seq, verdict.signed),
        (Some(1_200), 1_220)
    );
    let note = heads::last(world.log()).unwrap().unwrap();
    let proof = crate::Proof::make(world.log(), 1_205, note).unwrap();
    assert!(proof.check().is_some());
}

#[test]
fn segments_that_were_changed_are_not_retired() {
    use crate::retired::{Kept, Wish, retire};
    let mut world = World::new();
    let mut book = world.open();
    world.write(30, Some(&mut book));
    world.next_segment();
    book.begin_segment(world.segment).unwrap();
    world.write(10, Some(&mut book));
    book.sign().unwrap();
    let path = world.log().join(SegmentName(0).to_string());
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replacen("\"kind\":\"x\"", "\"kind\":\"y\"", 1)).unwrap();
    let wish = Wish {
        before_ns: 8,
        archive: None,
        witnesses: Vec::new(),
        is_rehearsal: false,
    };
    assert!(matches!(retire(world.log(), &wish, 1), Err(Kept::Tampered)));
    assert!(path.exists());
}
