//! Implementations that others wrote accept our checkpoints and proofs, and refuse changed ones:
//! `signed_note` and `tlog_tiles` (Cloudflare), `ct-merkle`.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use sha2::Sha256;
use sha2::digest::Output;
use signed_note::{StandardVerifier, VerifierList};
use varistor_audit::SegmentName;
use varistor_evidence::levels::Levels;
use varistor_evidence::merkle::{self, Hash, leaf_hash};
use varistor_evidence::{Book, Checkpoint, Note, Signing, heads};

/// A signed log: sizes at which it was signed, and lines.
fn log(dir: &std::path::Path) -> (Book, Vec<Vec<u8>>, Vec<u64>) {
    let at = |name: &str| dir.join(name);
    let signing = Signing {
        key: at("key"),
        head: at("head"),
    };
    let mut book = Book::open(dir, &signing, (0, SegmentName(0)), 1).unwrap();
    let lines: Vec<_> = (0..700_u32)
        .map(|n| format!("{{\"seq\":{n}}}").into_bytes())
        .collect();
    let mut sizes = Vec::new();
    for (line, size) in lines.iter().zip(1_u64..) {
        book.append(line);
        if [1, 2, 3, 255, 256, 257, 511, 700].contains(&size) {
            book.sign().unwrap();
            sizes.push(size);
        }
    }
    (book, lines, sizes)
}

fn notes(dir: &std::path::Path) -> Vec<Note> {
    let text = std::fs::read_to_string(heads::path(dir, SegmentName(0))).unwrap();
    let notes = varistor_evidence::note::split(&text);
    notes
        .map(|note| Note::parse(note.unwrap().1).unwrap())
        .collect()
}

#[test]
fn signed_note_verifies_our_checkpoints_by_our_keys() {
    let dir = tempfile::tempdir().unwrap();
    let (book, _, sizes) = log(dir.path());
    let key = StandardVerifier::new(&book.anchor()).unwrap();
    let known = VerifierList::new(vec![Box::new(key)]);
    let notes = notes(dir.path());
    assert_eq!(notes.len(), sizes.len());
    for note in notes {
        let text = note.to_string();
        let theirs = signed_note::Note::from_bytes(text.as_bytes()).unwrap();
        let (verified, rest) = theirs.verify(&known).unwrap();
        assert_eq!((verified.len(), rest.len()), (1, 0));
        let changed = text.replacen('\n', "x\n", 1);
        let theirs = signed_note::Note::from_bytes(changed.as_bytes()).unwrap();
        assert!(theirs.verify(&known).is_err());
    }
}

#[test]
fn tlog_tiles_accepts_our_checkpoints_and_proofs() {
    let dir = tempfile::tempdir().unwrap();
    let (book, lines, sizes) = log(dir.path());
    let levels = Levels::open(dir.path()).unwrap();
    let theirs = |hashes: Vec<Hash>| hashes.into_iter().map(tlog_tiles::Hash).collect::<Vec<_>>();
    let mut before: Option<(u64, tlog_tiles::Hash)> = None;
    for (note, size) in notes(dir.path()).iter().zip(sizes) {
        let head = tlog_tiles::Checkpoint::from_bytes(note.text.as_bytes()).unwrap();
        assert_eq!(
            (head.origin(), head.size()),
            (book.epoch().key.name(), size)
        );
        for index in [0, size / 3, size / 2, size - 1] {
            let proof = theirs(merkle::inclusion(&levels, index, size).unwrap());
            let leaf = tlog_tiles::record_hash(&lines[index as usize]);
            tlog_tiles::check_record(&proof, size, *head.hash(), index, leaf).unwrap();
            let other = tlog_tiles::record_hash(b"other");
            assert!(tlog_tiles::check_record(&proof, size, *head.hash(), index, other).is_err());
        }
        if let Some((old, root)) = before {
            let proof = theirs(merkle::consistency(&levels, old, size).unwrap());
            tlog_tiles::check_tree(&proof, size, *head.hash(), old, root).unwrap();
            let other = tlog_tiles::Hash([7; 32]);
            assert!(tlog_tiles::check_tree(&proof, size, *head.hash(), old, other).is_err());
        }
        before = Some((size, *head.hash()));
    }
}

#[test]
fn ct_merkle_accepts_our_proofs() {
    let dir = tempfile::tempdir().unwrap();
    let (_, lines, sizes) = log(dir.path());
    let levels = Levels::open(dir.path()).unwrap();
    let digests = |hashes: &[Hash]| {
        hashes
            .iter()
            .map(|h| (*h).into())
            .collect::<Vec<Output<Sha256>>>()
    };
    let mut before: Option<(u64, RootHash<Sha256>)> = None;
    for (note, size) in notes(dir.path()).iter().zip(sizes) {
        let root = Checkpoint::parse(&note.text).unwrap().root;
        let root = RootHash::<Sha256>::new(root.into(), size);
        for index in [0, size / 3, size / 2, size - 1] {
            let proof = digests(&merkle::inclusion(&levels, index, size).unwrap());
            let proof = InclusionProof::from_digests(proof.iter());
            let line = &lines[index as usize];
            root.verify_inclusion(line, index, &proof).unwrap();
            assert!(root.verify_inclusion(&b"other", index, &proof).is_err());
        }
        if let Some((old, old_root)) = &before {
            let proof = digests(&merkle::consistency(&levels, *old, size).unwrap());
            let proof = ConsistencyProof::from_digests(proof.iter());
            root.verify_consistency(old_root, &proof).unwrap();
            let other = RootHash::new(leaf_hash(b"other").into(), *old);
            assert!(root.verify_consistency(&other, &proof).is_err());
        }
        before = Some((size, root));
    }
}
