//! A file that anything but the key's holder changed is refused.

use std::fs;

use varistor_vault::{Vault, VaultError};

use crate::Place;

/// Text of the file before, of each entry, and behind the entries.
fn parts(text: &str) -> (String, Vec<String>, String) {
    let (before, rest) = text.split_once("\"entries\": [\n").unwrap();
    let (entries, behind) = rest.split_once("\n  ],\n").unwrap();
    let entries = entries.split(",\n    {").enumerate();
    let entries = entries.map(|(index, entry)| match index {
        0 => entry.to_owned(),
        _ => format!("    {{{entry}"),
    });
    (before.to_owned(), entries.collect(), behind.to_owned())
}

fn joined(before: &str, entries: &[String], behind: &str) -> String {
    let entries = entries.join(",\n");
    format!("{before}\"entries\": [\n{entries}\n  ],\n{behind}")
}

fn refused(place: &Place, text: impl AsRef<[u8]>) -> VaultError {
    fs::write(&place.path, text).unwrap();
    Vault::open(&place.path, &place.key).err().unwrap()
}

fn forged(place: &Place, text: &str) {
    let error = refused(place, text);
    assert!(
        matches!(error, VaultError::Forged { .. }),
        "{error}\n{text}"
    );
}

fn filled() -> Place {
    let place = Place::new();
    place.put("a", "github", "first");
    place.put("b", "linear", "second");
    place.put("c", "github", "third");
    place
}

#[test]
fn every_flipped_bit_is_refused() {
    let place = filled();
    let bytes = fs::read(&place.path).unwrap();
    for at in 0..bytes.len() * 8 {
        let mut mutant = bytes.clone();
        mutant[at / 8] ^= 1 << (at % 8);
        refused(&place, &mutant);
    }
    fs::write(&place.path, &bytes).unwrap();
    assert_eq!(place.open().names().count(), 3);
}

#[test]
fn every_cut_and_every_addition_is_refused() {
    let place = filled();
    let bytes = fs::read(&place.path).unwrap();
    for at in 0..bytes.len() {
        refused(&place, &bytes[..at]);
        let mut longer = bytes.clone();
        longer.insert(at, b' ');
        refused(&place, &longer);
    }
    refused(&place, [&bytes[..], b"\n"].concat());
}

#[test]
fn entries_removed_swapped_doubled_or_mixed_are_refused() {
    let place = filled();
    let text = fs::read_to_string(&place.path).unwrap();
    let (before, entries, behind) = parts(&text);
    assert_eq!(entries.len(), 3);
    assert_eq!(joined(&before, &entries, &behind), text);
    let [a, b, c] = <[String; 3]>::try_from(entries).unwrap();
    for changed in [
        vec![a.clone(), b.clone()],
        vec![b.clone(), c.clone()],
        vec![b.clone(), a.clone(), c.clone()],
        vec![a.clone(), a.clone(), b.clone(), c.clone()],
        // One entry's value under the other's name, and a value opened to another server.
        vec![
            a.replace("\"a\"", "\"b\""),
            b.replace("\"b\"", "\"a\""),
            c.clone(),
        ],
        vec![a.replace("github", "linear"), b.clone(), c.clone()],
        vec![a.replace("github", "*"), b.clone(), c.clone()],
        vec![a.replace("\"version\": 1", "\"version\": 2"), b, c],
    ] {
        forged(&place, &joined(&before, &changed, &behind));
    }
}

#[test]
fn an_old_entry_or_an_old_header_put_into_a_new_file_is_refused() {
    let place = filled();
    let old = fs::read_to_string(&place.path).unwrap();
    place.put("b", "linear", "rotated");
    let new = fs::read_to_string(&place.path).unwrap();
    let (old_before, old_entries, old_behind) = parts(&old);
    let (before, mut entries, behind) = parts(&new);
    forged(&place, &joined(&old_before, &entries, &old_behind));
    forged(&place, &joined(&before, &entries, &old_behind));
    forged(&place, &joined(&old_before, &entries, &behind));
    entries[1] = old_entries[1].clone();
    forged(&place, &joined(&before, &entries, &behind));
}

#[test]
fn an_entry_of_another_vault_with_the_same_key_is_refused() {
    let place = filled();
    let (_, foreign, _) = parts(&fs::read_to_string(&place.path).unwrap());
    let other = place.dir.path().join("other.json");
    let mut vault = Vault::create(&other, &place.key).unwrap();
    vault.set("a", &["github"], b"other").unwrap();
    vault.save().unwrap();
    let (before, _, behind) = parts(&fs::read_to_string(&other).unwrap());
    forged(&place, &joined(&before, &foreign[..1], &behind));
}

#[test]
fn an_old_copy_is_refused_by_who_remembers_a_newer_generation() {
    let place = filled();
    let old = fs::read(&place.path).unwrap();
    let generation = place.open().generation();
    place.put("b", "linear", "rotated");
    assert_eq!(place.open().generation(), generation + 1);
    fs::write(&place.path, old).unwrap();
    let error = Vault::open(&place.path, &place.key).err();
    assert!(matches!(error, Some(VaultError::Old { .. })), "its history");
    fs::remove_file(place.path.with_extension("log")).unwrap();
    let error = Vault::open_at_least(&place.path, &place.key, generation + 1).err();
    assert!(matches!(error, Some(VaultError::Old { .. })));
    assert!(Vault::open_at_least(&place.path, &place.key, generation).is_ok());
}

#[test]
fn what_is_no_vault_is_told_apart_from_a_damaged_one() {
    let place = Place::new();
    for text in [
        "",
        "{}",
        "[]",
        "version: 1",
        "{\"version\": \"1\"}",
        "\u{feff}{}",
    ] {
        let error = refused(&place, text);
        assert!(matches!(error, VaultError::Malformed { .. }), "{error}");
    }
    let message = refused(&place, "{\"version\": 3, \"new\": []}").to_string();
    assert!(
        message.contains("version 3; expected version 1 or 2"),
        "{message}"
    );
    let absent = Vault::open(&place.dir.path().join("absent"), &place.key).err();
    assert!(matches!(absent, Some(VaultError::Io { .. })));
}

/// Every byte of it with `VARISTOR_VAULT_FLIPS=all`; one of sixteen otherwise.
#[test]
fn flips_swaps_and_old_copies_of_a_hundred_secrets_are_refused() {
    let place = Place::new();
    let mut copies = Vec::new();
    for number in 0..100 {
        let value = format!("value-{number}");
        place.put(&format!("secret-{number:03}"), "github", &value);
        copies.push(fs::read(&place.path).unwrap());
    }
    let bytes = fs::read(&place.path).unwrap();
    let step = match std::env::var("VARISTOR_VAULT_FLIPS") {
        Ok(_) => 1,
        Err(_) => 16,
    };
    for at in (0..bytes.len()).step_by(step) {
        let mut mutant = bytes.clone();
        mutant[at] ^= 1 << (at / step % 8);
        refused(&place, &mutant);
    }
    let text = String::from_utf8(bytes.clone()).unwrap();
    let (before, entries, behind) = parts(&text);
    assert_eq!(entries.len(), 100);
    for at in 1..entries.len() {
        let mut swapped = entries.clone();
        swapped.swap(at - 1, at);
        forged(&place, &joined(&before, &swapped, &behind));
        // Two values change places, their names stay.
        let value = |entry: &str| entry.split("\"nonce\"").nth(1).unwrap().to_owned();
        let name = |entry: &str| entry.split("\"nonce\"").next().unwrap().to_owned();
        let mut mixed = entries.clone();
        let (one, other) = (&entries[at - 1], &entries[at]);
        mixed[at - 1] = format!("{}\"nonce\"{}", name(one), value(other));
        mixed[at] = format!("{}\"nonce\"{}", name(other), value(one));
        forged(&place, &joined(&before, &mixed, &behind));
    }
    copies.pop();
    for old in &copies {
        let error = refused(&place, old);
        assert!(matches!(error, VaultError::Old { .. }), "{error}");
    }
    fs::write(&place.path, &bytes).unwrap();
    assert_eq!(place.open().names().count(), 100);
}
