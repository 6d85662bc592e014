//! New values, new keys, other locks, exports, and the history of it all.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use varistor_vault::{Change, Key, Lock, Vault, VaultError};

use crate::Place;

fn values(vault: &Vault) -> Vec<Vec<u8>> {
    vault
        .values()
        .map(|value| value.unwrap().expose().to_vec())
        .collect()
}

#[test]
fn a_rotated_secret_has_its_new_value_and_knows_the_old_one_for_a_while() {
    let place = Place::new();
    place.put("a", "github", "one");
    let mut vault = place.open();
    vault.rotate("a", b"two", 1_000).unwrap();
    vault.save().unwrap();
    let mut vault = place.open();
    assert_eq!(vault.get("a", "github").unwrap().expose(), b"two");
    assert!(vault.get("a", "linear").is_err(), "the servers stay");
    assert_eq!(vault.names().next().unwrap().former, Some((1, 1_000)));
    assert_eq!(values(&vault), [b"two", b"one"]);
    vault.take_back("a").unwrap();
    assert_eq!(vault.get("a", "github").unwrap().expose(), b"one");
    assert_eq!(vault.names().next().unwrap().version, 3);
    assert!(matches!(
        vault.take_back("a"),
        Err(VaultError::Unknown { .. })
    ));
    vault.rotate("a", b"three", 1_000).unwrap();
    assert_eq!(vault.forget(999), 0);
    assert_eq!(vault.forget(1_000), 1);
    assert_eq!(values(&vault), [b"three"]);
    assert!(matches!(
        vault.rotate("b", b"x", 1),
        Err(VaultError::Unknown { .. })
    ));
}

#[test]
fn every_change_is_in_the_history_and_no_value_is() {
    let place = Place::new();
    place.put("a", "github", "canary-one");
    let mut vault = place.open();
    vault.sign("ann");
    vault.rotate("a", b"canary-two", 9).unwrap();
    vault.set("b", &["*"], b"canary-three").unwrap();
    vault.save().unwrap();
    vault.remove("b").unwrap();
    vault.save().unwrap();
    let history = place.open().history().unwrap();
    let said: Vec<(u64, &str, Vec<Change>)> = history
        .lines
        .iter()
        .map(|line| {
            let deeds = line.deeds.iter().map(|deed| deed.change);
            (line.generation, line.by.as_str(), deeds.collect())
        })
        .collect();
    let expected = [
        (1, "", vec![Change::Created]),
        (2, "", vec![Change::Set]),
        (3, "ann", vec![Change::Rotated, Change::Set]),
        (4, "ann", vec![Change::Removed]),
    ];
    assert_eq!(said, expected);
    assert_eq!(history.cut_off, 0);
    let log = fs::read_to_string(place.path.with_extension("log")).unwrap();
    assert!(!log.contains("canary"), "{log}");
}

#[test]
fn a_history_that_was_cut_or_changed_is_refused_and_a_torn_line_is_not() {
    let place = Place::new();
    place.put("a", "github", "one");
    place.put("b", "github", "two");
    let path = place.path.with_extension("log");
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines.len(), 6);
    let mut texts = vec![String::new(), whole.replacen("\"b\"", "\"c\"", 1)];
    for at in 0..lines.len() - 1 {
        let mut fewer = lines.clone();
        fewer.remove(at);
        texts.push(fewer.join("\n") + "\n");
    }
    texts.push(lines[..4].join("\n") + "\n");
    for text in texts {
        fs::write(&path, &text).unwrap();
        let error = place.open().history().unwrap_err();
        assert!(matches!(error, VaultError::History { .. }), "{text}");
    }
    // A save that was cut off after its line, and one within it.
    let torn = format!("{whole}{{\"generation\":4,\"unix");
    fs::write(&path, torn).unwrap();
    assert_eq!(place.open().history().unwrap().lines.len(), 3);
    place.put("c", "github", "three");
    let history = place.open().history().unwrap();
    assert_eq!((history.lines.len(), history.cut_off), (4, 0));
}

#[test]
fn a_change_of_keys_can_be_cut_off_anywhere() {
    let place = Place::new();
    place.put("a", "github", "one");
    let path = place.dir.path().join("vault.key");
    place.key.store(&path).unwrap();
    let opens = || {
        let vault = Vault::open(&place.path, &Key::load(&path).unwrap()).unwrap();
        assert_eq!(vault.get("a", "github").unwrap().expose(), b"one");
        vault
    };
    let mut vault = opens();
    vault.rotate("a", b"one", 7).unwrap();
    let new = Key::generate().unwrap();
    Key::stage(&path, &Lock::plain(&new)).unwrap();
    opens();
    // Cut off before the vault was saved: the old key goes on.
    Key::settle(&path, &place.path, None).unwrap();
    assert_eq!(fs::read_dir(place.dir.path()).unwrap().count(), 3);
    Key::stage(&path, &Lock::plain(&new)).unwrap();
    vault.rekey(&new).unwrap();
    vault.save().unwrap();
    // Cut off before the key's file was replaced.
    assert_eq!(values(&opens()), [b"one", b"one"]);
    assert!(
        Vault::open(&place.path, &place.key).is_err(),
        "the old key opens nothing"
    );
    Key::settle(&path, &place.path, None).unwrap();
    assert_eq!(fs::read_dir(place.dir.path()).unwrap().count(), 3);
    opens();
    assert!(Vault::open(&place.path, &new).is_ok());
}

#[test]
fn a_passphrase_opens_a_key_and_nothing_else_does() {
    let place = Place::new();
    place.put("a", "github", "one");
    let path = place.dir.path().join("vault.key");
    place.key.store(&path).unwrap();
    Key::relock(
        &path,
        &Lock::passphrase(&place.key, b"correct horse").unwrap(),
    )
    .unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
        0o600
    );
    assert!(matches!(Key::load(&path), Err(VaultError::Locked { .. })));
    let wrong = Key::load_with(&path, Some(b"correct house"));
    assert!(matches!(wrong, Err(VaultError::Locked { .. })));
    let key = Key::load_with(&path, Some(b"correct horse")).unwrap();
    assert_eq!(Vault::open(&place.path, &key).unwrap().names().count(), 1);
    let text = fs::read_to_string(&path).unwrap();
    // A few of them: each costs 64 MiB and some time.
    for at in [12, text.len() / 2, text.len() - 2] {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        fs::write(&path, bytes).unwrap();
        assert!(
            Key::load_with(&path, Some(b"correct horse")).is_err(),
            "{at}"
        );
    }
    for text in [
        "passphrase 65536 3",
        "credential ../x",
        "keyring a b",
        "credential",
        "x y",
    ] {
        fs::write(&path, text).unwrap();
        let error = Key::load(&path).err().unwrap();
        assert!(
            matches!(error, VaultError::KeyMalformed { .. }),
            "{text}: {error}"
        );
    }
    fs::write(&path, "credential varistor-vault\n").unwrap();
    let error = Key::load(&path).err().unwrap().to_string();
    assert!(error.contains("LoadCredentialEncrypted"), "{error}");
}

#[test]
fn an_export_carries_everything_to_another_vault_and_no_change_of_it_does() {
    let place = Place::new();
    place.put("a", "github", "canary-one");
    place.put("b", "linear", "canary-two");
    let mut vault = place.open();
    vault.set("own", &["_import"], b"of use here only").unwrap();
    vault.save().unwrap();
    assert!(
        vault
            .names()
            .any(|entry| entry.name == "own" && entry.is_own())
    );
    let export = vault.export(b"on the way").unwrap();
    let text = String::from_utf8(export.clone()).unwrap();
    assert!(!text.contains("canary"));
    let other = Place::new();
    other.put("b", "github", "mine");
    let mut vault = other.open();
    let wrong = vault.import(&export, b"off the way", false);
    assert!(matches!(wrong, Err(VaultError::Locked { .. })));
    let changed = text.replacen("linear", "github", 1).into_bytes();
    let wrong = vault.import(&changed, b"on the way", false);
    assert!(matches!(wrong, Err(VaultError::Forged { .. })));
    assert!(matches!(
        vault.import(b"{}", b"", false),
        Err(VaultError::Value { .. })
    ));
    let (taken, left) = vault.import(&export, b"on the way", false).unwrap();
    assert_eq!((taken, left), (vec!["a".to_owned()], vec!["b".to_owned()]));
    assert_eq!(vault.get("b", "github").unwrap().expose(), b"mine");
    vault.import(&export, b"on the way", true).unwrap();
    assert_eq!(vault.get("b", "linear").unwrap().expose(), b"canary-two");
    assert_eq!(vault.get("a", "github").unwrap().expose(), b"canary-one");
    assert!(vault.names().all(|entry| !entry.is_own()));
}
