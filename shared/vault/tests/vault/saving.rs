//! A save replaces the whole file or nothing, and never another's save.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::thread;

use varistor_vault::{Vault, VaultError};

use crate::Place;

fn files(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.dir.path()).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_save_leaves_one_private_file() {
    let place = Place::new();
    fs::set_permissions(&place.path, mode(0o644)).unwrap();
    place.put("a", "*", "x");
    assert_eq!(files(&place), ["vault.json", "vault.log"]);
    assert_eq!(fs::metadata(&place.path).unwrap().mode() & 0o7777, 0o600);
}

fn mode(bits: u32) -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(bits)
}

#[test]
fn what_a_crash_left_behind_is_never_read() {
    let place = Place::new();
    place.put("a", "*", "x");
    let whole = fs::read(&place.path).unwrap();
    for (index, part) in [0, 1, whole.len() / 2, whole.len()].into_iter().enumerate() {
        let name = format!(".vault.json.{index:016x}.tmp");
        fs::write(place.dir.path().join(name), &whole[..part]).unwrap();
    }
    place.put("b", "*", "y");
    let vault = place.open();
    assert_eq!(vault.get("a", "s").unwrap().expose(), b"x");
    assert_eq!(vault.get("b", "s").unwrap().expose(), b"y");
    assert_eq!(files(&place).len(), 6);
}

#[test]
fn a_failed_save_leaves_the_old_file_and_can_be_tried_again() {
    let place = Place::new();
    place.put("a", "*", "x");
    let mut vault = place.open();
    vault.set("b", &["*"], b"y").unwrap();
    let (path, aside) = (&place.path, place.dir.path().join("aside"));
    let before = fs::read(path).unwrap();
    fs::rename(path, &aside).unwrap();
    assert!(matches!(vault.save(), Err(VaultError::Io { .. })));
    fs::rename(&aside, path).unwrap();
    assert_eq!(fs::read(path).unwrap(), before);
    vault.save().unwrap();
    assert_eq!(place.open().names().count(), 2);
}

#[test]
fn a_vault_is_created_once() {
    let place = Place::new();
    place.put("a", "*", "x");
    let again = Vault::create(&place.path, &place.key).err();
    assert!(matches!(again, Some(VaultError::Exists { .. })));
    assert_eq!(place.open().names().count(), 1);
}

#[test]
fn the_second_of_two_writers_is_told_and_loses_nothing_of_the_first() {
    let place = Place::new();
    let (mut first, mut second) = (place.open(), place.open());
    first.set("a", &["*"], b"x").unwrap();
    second.set("b", &["*"], b"y").unwrap();
    first.save().unwrap();
    assert!(matches!(second.save(), Err(VaultError::Changed { .. })));
    assert_eq!(place.open().get("a", "s").unwrap().expose(), b"x");
    first.set("c", &["*"], b"z").unwrap();
    first.save().unwrap();
    assert_eq!(place.open().names().count(), 2);
}

#[test]
fn writers_at_the_same_time_lose_no_secret() {
    const EACH: usize = 12;
    let place = Place::new();
    thread::scope(|scope| {
        for writer in 0..4 {
            let place = &place;
            scope.spawn(move || {
                for number in 0..EACH {
                    let name = format!("w{writer}-{number}");
                    loop {
                        let mut vault = place.open();
                        vault.set(&name, &["*"], name.as_bytes()).unwrap();
                        match vault.save() {
                            Ok(()) => break,
                            Err(VaultError::Changed { .. }) => {}
                            Err(error) => unreachable!("{error}"),
                        }
                    }
                }
            });
        }
    });
    let vault = place.open();
    assert_eq!(vault.names().count(), 4 * EACH);
    assert_eq!(vault.generation(), 1 + 4 * EACH as u64);
}
