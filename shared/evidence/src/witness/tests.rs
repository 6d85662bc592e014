//! A witness cosigns what goes on from what it remembers, and nothing else.

use varistor_audit::SegmentName;

use super::*;
use crate::book::{Book, Signing};
use crate::{Note, consistency, heads, keychain};

struct World {
    log: tempfile::TempDir,
    memory: tempfile::TempDir,
    book: Book,
}

impl World {
    fn new() -> Self {
        let (log, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let at = |name: &str| log.path().join(name);
        let signing = Signing {
            key: at("key"),
            head: at("head"),
        };
        let book = Book::open(log.path(), &signing, (0, SegmentName(0)), 1).unwrap();
        Self { log, memory, book }
    }

    /// A witness that has just been started.
    fn witness(&self) -> Witness {
        let anchor = self.book.anchor().parse().unwrap();
        Witness::new(
            self.memory.path(),
            "w",
            SigningKey::from_bytes(&[5; 32]),
            vec![anchor],
        )
    }

    fn grow(&mut self, lines: u64) -> Note {
        for n in 0..lines {
            self.book.append(&n.to_be_bytes());
        }
        self.book.sign().unwrap();
        heads::last(self.log.path()).unwrap().unwrap()
    }

    fn wish(&self, old: u64, note: Note) -> AddCheckpoint {
        let size = Checkpoint::parse(&note.text).unwrap().size;
        let proof = consistency(self.log.path(), old, size).unwrap();
        AddCheckpoint { old, proof, note }
    }

    fn add(&self, wish: &AddCheckpoint) -> Answer {
        self.witness()
            .add_checkpoint(&wish.to_string(), 77)
            .unwrap()
    }

    fn add_keys(&self, from: u64) -> Answer {
        let file = std::fs::read_to_string(keychain::path(self.log.path())).unwrap();
        let entries: Vec<_> = crate::note::split(&file)
            .map(|entry| entry.unwrap().1)
            .collect();
        let entries = entries
            .iter()
            .skip(from as usize)
            .map(|entry| format!("{entry}\n"));
        let origin = self.book.epoch().key.name().to_owned();
        let wish = AddKeys {
            origin,
            from,
            entries: entries.collect(),
        };
        self.witness().add_keys(&wish.to_string()).unwrap()
    }
}

#[test]
fn heads_that_go_on_are_cosigned_over_restarts_and_changes_of_keys() {
    let mut world = World::new();
    let mut old = 0;
    for round in 1..5 {
        let note = world.grow(30);
        let wish = world.wish(old, note.clone());
        assert_eq!(
            world.add(&wish),
            Answer::Unsigned,
            "its key is not known yet"
        );
        assert_eq!(world.add_keys(round - 1), Answer::Keys(round));
        let Answer::Cosigned(line) = world.add(&wish) else {
            panic!("not cosigned");
        };
        let mut cosigned = note;
        cosigned.signatures.push(line);
        assert_eq!(cosigned.signed_by(&world.witness().public()), Some(77));
        old += 30;
        // The same head again is the same head.
        assert!(matches!(
            world.add(&world.wish(old, wish.note)),
            Answer::Cosigned(_)
        ));
        world.book.change_key(round).unwrap();
    }
    assert_eq!(world.add_keys(0), Answer::Conflict(4));
}

#[test]
fn what_does_not_go_on_is_refused_and_forgotten() {
    let mut world = World::new();
    world.add_keys(0);
    let first = world.grow(30);
    let wish = world.wish(0, first.clone());
    assert!(matches!(world.add(&wish), Answer::Cosigned(_)));
    let second = world.grow(30);
    assert_eq!(
        world.add(&world.wish(0, second.clone())),
        Answer::Conflict(30)
    );
    let mut wrong = world.wish(30, second.clone());
    wrong.proof[0] = [0; 32];
    assert_eq!(world.add(&wrong), Answer::Inconsistent);
    assert_eq!(
        world.add(&AddCheckpoint {
            old: 30,
            proof: vec![],
            note: second.clone()
        }),
        Answer::Inconsistent
    );
    assert_eq!(
        world.add(&AddCheckpoint {
            old: 61,
            proof: vec![],
            note: second.clone()
        }),
        Answer::Malformed
    );
    // Going back is no going on.
    assert!(matches!(
        world.add(&world.wish(30, second)),
        Answer::Cosigned(_)
    ));
    assert_eq!(
        world.add(&AddCheckpoint {
            old: 60,
            proof: vec![],
            note: first
        }),
        Answer::Malformed
    );
    let other = World::new();
    assert_eq!(
        world.witness().add_checkpoint("old 0\n\nx", 1).unwrap(),
        Answer::Malformed
    );
    let foreign = other.book.epoch().key.name().to_owned();
    let keys = AddKeys {
        origin: foreign,
        from: 0,
        entries: String::new(),
    };
    assert_eq!(
        world.witness().add_keys(&keys.to_string()).unwrap(),
        Answer::Unknown
    );
}

#[test]
fn another_history_under_the_same_keys_is_never_cosigned() {
    let mut world = World::new();
    world.add_keys(0);
    let note = world.grow(30);
    assert!(matches!(
        world.add(&world.wish(0, note)),
        Answer::Cosigned(_)
    ));
    // The log is written anew, with the very key that is in force.
    let path = world.log.path().join("key");
    let text = std::fs::read_to_string(&path).unwrap();
    let digits = text.lines().nth(1).unwrap().as_bytes();
    let key = SigningKey::from_bytes(&varistor_audit::json::unhex(digits).unwrap());
    let origin = world.book.epoch().key.name().to_owned();
    for size in [30, 31, 60] {
        let head = Checkpoint {
            origin: origin.clone(),
            size,
            root: [9; 32],
            extension: String::new(),
        };
        let text = head.to_string();
        let note = Note {
            signatures: vec![crate::note::sign(&origin, &key, &text)],
            text,
        };
        let answer = world.add(&AddCheckpoint {
            old: 30,
            proof: vec![[1; 32]; 3],
            note,
        });
        assert!(
            matches!(answer, Answer::Conflict(30) | Answer::Inconsistent),
            "{answer:?}"
        );
    }
}

#[test]
fn a_memory_that_is_damaged_keeps_it_from_cosigning() {
    let mut world = World::new();
    world.add_keys(0);
    let note = world.grow(30);
    assert!(matches!(
        world.add(&world.wish(0, note)),
        Answer::Cosigned(_)
    ));
    let wish = {
        let note = world.grow(30);
        world.wish(30, note)
    };
    for entry in std::fs::read_dir(world.memory.path()).unwrap() {
        let path = entry.unwrap().path();
        let whole = std::fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        damaged[whole.len() / 2] ^= 1;
        std::fs::write(&path, damaged).unwrap();
        assert!(
            world
                .witness()
                .add_checkpoint(&wish.to_string(), 1)
                .is_err()
        );
        std::fs::write(&path, whole).unwrap();
    }
}

/// An exchange as it goes over HTTP; the last word.
fn exchange(world: &World) -> Result<u64, Refused> {
    let witness = world.witness();
    let (mut asking, mut request) = Asking::begin(world.log.path(), &witness.public())?;
    loop {
        let answer = match request.path {
            "add-checkpoint" => witness.add_checkpoint(&request.body, 5).unwrap(),
            _ => witness.add_keys(&request.body).unwrap(),
        };
        let (status, _, body) = answer.told();
        match asking.answered(status, &body)? {
            Next::Send(next) => request = next,
            Next::Cosigned(size) => return Ok(size),
        }
    }
}

#[test]
fn a_log_and_a_witness_come_to_terms_whatever_either_remembers() {
    let mut world = World::new();
    assert!(matches!(exchange(&world), Err(Refused::Nothing)));
    let mut size = 0;
    for round in 0..4 {
        world.grow(30);
        size += 30;
        assert_eq!(exchange(&world).unwrap(), size);
        assert_eq!(exchange(&world).unwrap(), size, "nothing new");
        world.book.change_key(round).unwrap();
        world.book.change_key(round).unwrap();
        if round == 2 {
            // The log forgot what the witness has cosigned.
            std::fs::remove_file(world.log.path().join("witnessed")).unwrap();
        }
    }
    let key = world.witness().public();
    let chain = crate::Keychain::load(world.log.path()).unwrap().unwrap();
    let newest = crate::witnessed::newest(world.log.path(), &chain, (&[key], 1)).unwrap();
    assert_eq!(
        newest.map(|(head, time)| (head.size, time)),
        Some((size, 5))
    );
}

#[test]
fn a_log_that_lost_its_end_is_told_by_its_witness() {
    let mut world = World::new();
    let before = world.grow(30);
    world.grow(30);
    exchange(&world).unwrap();
    let path = heads::path(world.log.path(), SegmentName(0));
    std::fs::write(&path, format!("{before}\n")).unwrap();
    for memory in [true, false] {
        if !memory {
            std::fs::remove_file(world.log.path().join("witnessed")).unwrap();
        }
        let told = exchange(&world).map(|_| ()).unwrap_err();
        assert!(
            matches!(
                told,
                Refused::Behind {
                    remembered: 60,
                    signed: 30
                }
            ),
            "{told}"
        );
    }
}

#[test]
fn a_quorum_has_cosigned_what_the_slowest_of_it_has() {
    let mut world = World::new();
    let keys = [5_u8, 6, 7].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let names = ["w5", "w6", "w7"];
    let publics: Vec<_> = names
        .iter()
        .zip(&keys)
        .map(|(name, key)| VerifierKey::witness(name, &key.verifying_key()))
        .collect();
    for (round, cosigns) in [
        [true, true, true],
        [true, true, false],
        [true, false, false],
    ]
    .iter()
    .enumerate()
    {
        let note = world.grow(10);
        for ((name, key), _) in names.iter().zip(&keys).zip(cosigns).filter(|(_, it)| **it) {
            let mut cosigned = note.clone();
            let time = round as u64 + 1;
            let line = sign_cosignature(name, key, time, &note.text);
            cosigned.signatures.push(line);
            crate::witnessed::add(world.log.path(), &cosigned).unwrap();
        }
    }
    let chain = crate::Keychain::load(world.log.path()).unwrap().unwrap();
    let agreed = |quorum| {
        let asked = (&publics[..], quorum);
        let newest = crate::witnessed::newest(world.log.path(), &chain, asked).unwrap();
        newest.map(|(head, time)| (head.size, time))
    };
    assert_eq!(agreed(1), Some((30, 3)));
    assert_eq!(agreed(2), Some((20, 2)));
    assert_eq!(agreed(3), Some((10, 1)));
    assert_eq!(agreed(4), None);
    assert_eq!(agreed(0), None);
}

#[test]
fn a_long_file_of_cosigned_heads_keeps_the_newest_of_each_witness() {
    let mut world = World::new();
    let log = world.log.path().to_owned();
    let path = log.join(crate::witnessed::FILE);
    let mut cosign = |seed: u8, lines| {
        let mut note = world.grow(lines);
        let key = SigningKey::from_bytes(&[seed; 32]);
        let line = sign_cosignature(&format!("w{seed}"), &key, u64::from(seed), &note.text);
        note.signatures.push(line);
        note
    };
    let old = format!("{}\n", cosign(5, 1));
    std::fs::write(&path, old.repeat((1 << 20) / old.len() + 1)).unwrap();
    for (seed, lines) in [(5, 2), (6, 3), (5, 4)] {
        crate::witnessed::add(&log, &cosign(seed, lines)).unwrap();
    }
    assert!(std::fs::metadata(&path).unwrap().len() < 4096);
    let chain = crate::Keychain::load(world.log.path()).unwrap().unwrap();
    for seed in [5_u8, 6] {
        let key = SigningKey::from_bytes(&[seed; 32]).verifying_key();
        let key = VerifierKey::witness(&format!("w{seed}"), &key);
        let newest = crate::witnessed::newest(world.log.path(), &chain, (&[key], 1)).unwrap();
        let newest = newest.map(|(head, time)| (head.size, time));
        let size = if seed == 5 { 10 } else { 6 };
        assert_eq!(newest, Some((size, u64::from(seed))));
    }
}
