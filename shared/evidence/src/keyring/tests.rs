//! Keys change without a moment in which there are two or none.

use super::*;
use crate::merkle::leaf_hash;

fn head(size: u64) -> Frontier {
    let mut head = Frontier::default();
    (0..size).for_each(|n| head.push(leaf_hash(&n.to_be_bytes()), |_, _| {}));
    head
}

fn chain(dir: &Path) -> Keychain {
    Keychain::load(dir).unwrap().unwrap()
}

#[test]
fn each_key_signs_its_part_and_the_chain_shows_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.key");
    let mut ring = Keyring::create(dir.path(), &path, &head(0), 5).unwrap();
    for epoch in 0..4_u64 {
        let head = head(epoch * 3 + 2);
        let note = ring.sign(head.size(), head.root());
        let checkpoint = Checkpoint::parse(&note.text).unwrap();
        assert!(chain(dir.path()).holds(&note, &checkpoint));
        let before = fs::read(&path).unwrap();
        ring.change(&head, 6 + epoch).unwrap();
        assert_ne!(fs::read(&path).unwrap(), before);
        assert!(!ring.new_path().exists());
        ring = Keyring::open(dir.path(), &path, &chain(dir.path())).unwrap();
        assert_eq!(ring.epoch().number, epoch + 1);
    }
}

#[test]
fn a_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.key");
    let mut ring = Keyring::create(dir.path(), &path, &head(0), 5).unwrap();
    ring.change(&head(1), 6).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

/// The files as they are on the device between two steps of a change.
#[test]
fn a_crash_between_any_two_steps_leaves_one_key_in_force() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.key");
    let mut ring = Keyring::create(dir.path(), &path, &head(0), 5).unwrap();
    let old_key = fs::read(&path).unwrap();
    let old_chain = fs::read(keychain::path(dir.path())).unwrap();
    ring.change(&head(2), 6).unwrap();
    let new_key = fs::read(&path).unwrap();
    let new_chain = fs::read(keychain::path(dir.path())).unwrap();
    let zeros = vec![0; old_key.len()];
    let half = &new_chain[..new_chain.len() - 9];
    let new = ring.new_path();
    for (key, waiting, chain_bytes, number) in [
        (&old_key, Some(&new_key[..9]), &old_chain[..], 0),
        (&old_key, Some(&new_key[..]), &old_chain[..], 0),
        (&old_key, Some(&new_key[..]), half, 0),
        (&old_key, Some(&new_key[..]), &new_chain[..], 1),
        (&zeros, Some(&new_key[..]), &new_chain[..], 1),
        (&new_key, None, &new_chain[..], 1),
    ] {
        fs::write(&path, key).unwrap();
        fs::write(keychain::path(dir.path()), chain_bytes).unwrap();
        match waiting {
            Some(bytes) => fs::write(&new, bytes).unwrap(),
            None => fs::remove_file(&new).unwrap_or_default(),
        }
        let mut ring = Keyring::open(dir.path(), &path, &chain(dir.path())).unwrap();
        assert_eq!(ring.epoch().number, number);
        assert!(!new.exists());
        ring.change(&head(3), 7).unwrap();
        assert_eq!(chain(dir.path()).epochs().len() as u64, number + 2);
    }
}

#[test]
fn a_key_of_another_time_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.key");
    let mut ring = Keyring::create(dir.path(), &path, &head(0), 5).unwrap();
    let old_key = fs::read(&path).unwrap();
    ring.change(&head(2), 6).unwrap();
    for other in [&old_key[..], b"", b"varistor-epoch-key/v1\nzz\n"] {
        fs::write(&path, other).unwrap();
        let refused = Keyring::open(dir.path(), &path, &chain(dir.path()));
        let told = refused.map(|_| ()).unwrap_err().to_string();
        assert!(told.contains("restored from an old copy"), "{told}");
    }
}
