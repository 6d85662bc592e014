//! How fast evidence is made and checked:
//! `cargo run --release -p varistor-evidence --example rates`.
//!
//! Prints records a second on one core: hashing leaves, appending and signing, verifying a log with
//! and without reading its records, and the time of a proof in a tree of 10^8 records.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use varistor_audit::{Chain, SegmentName, VerifyOptions};
use varistor_evidence::levels::Levels;
use varistor_evidence::merkle::{self, Hash, included, inclusion, leaf_hash, node_hash};
use varistor_evidence::verdict::{Extent, Known, verify};
use varistor_evidence::{Book, Signing};

/// Records of the log that is written.
const RECORDS: u64 = 1_000_000;
/// Records of the tree that a proof is made in.
const TREE_RECORDS: u64 = 100_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let dir = dir.path();
    let signing = Signing {
        key: dir.join("key"),
        head: dir.join("head"),
    };
    let tail = format!(
        ",\"kind\":\"call\",\"decision\":\"deny\",\"note\":\"{}\"}}",
        "x".repeat(400)
    );
    let (mut chain, mut log, mut lines) = (Chain::genesis(), Vec::new(), Vec::new());
    for n in 0..RECORDS {
        let begin = log.len();
        chain.next_line(n, tail.as_bytes(), &mut log);
        lines.push(begin..log.len().saturating_sub(1));
    }
    println!("lines of {} bytes", log.len() as u64 / RECORDS);
    let line = |n: usize| {
        lines
            .get(n)
            .and_then(|line| log.get(line.clone()))
            .unwrap_or_default()
    };

    let began = Instant::now();
    let mut mixed = 0_u8;
    for n in 0..lines.len() {
        mixed ^= leaf_hash(line(n)).iter().fold(0, |sum, byte| sum ^ byte);
    }
    rate("leaves hashed", began.elapsed());

    let mut book = Book::open(dir, &signing, (0, SegmentName(0)), 1)?;
    fs::write(dir.join(SegmentName(0).to_string()), &log)?;
    let began = Instant::now();
    for n in 0..lines.len() {
        book.append(line(n));
        if n % 1_000 == 999 {
            book.sign()?;
        }
    }
    rate("appended and signed", began.elapsed());
    drop(book);

    let began = Instant::now();
    let how = (Extent::default(), &VerifyOptions::default());
    let verdict = verify(dir, &Known::default(), how, |_| {})?;
    rate("verified", began.elapsed());
    println!(
        "tampered: {}, signed {} (mixed {mixed})",
        verdict.is_tampered(),
        verdict.signed
    );

    let began = Instant::now();
    drop(Book::open(dir, &signing, (RECORDS, SegmentName(0)), 1)?);
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "recovered at {:.2} GiB/s",
        log.len() as f64 / (1_u64 << 30) as f64 / seconds
    );

    sparse(&dir.join("tree"))
}

fn rate(what: &str, took: Duration) {
    let each = took.as_nanos() as f64 / RECORDS as f64;
    println!("{what}: {:.0} records/s, {each:.0} ns each", 1e9 / each);
}

/// A tree of equal leaves, whose hashes are holes.
fn sparse(dir: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir(dir)?;
    let (mut subtree, mut count, mut level): (Hash, u64, u32) = ([0; 32], TREE_RECORDS, 0);
    while count > 0 {
        let path = dir.join(format!("tree.{level}"));
        match level {
            0 => fs::File::create(path)?.set_len(count * 32)?,
            _ => fs::write(path, subtree.repeat(usize::try_from(count)?))?,
        }
        (0..8).for_each(|_| subtree = node_hash(&subtree, &subtree));
        (count, level) = (count >> 8, level + 1);
    }
    let levels = Levels::open(dir)?;
    let root = merkle::root(&levels, TREE_RECORDS)?;
    for index in [0, 12_345_678, TREE_RECORDS - 1] {
        let began = Instant::now();
        let proof = inclusion(&levels, index, TREE_RECORDS)?;
        let made = began.elapsed();
        let began = Instant::now();
        let holds = included(&[0; 32], index, TREE_RECORDS, &proof, &root);
        let checked = began.elapsed();
        let hashes = proof.len();
        println!("proof of {index} in 10^8: {hashes} hashes, {made:?}, check {checked:?}: {holds}");
    }
    Ok(())
}
