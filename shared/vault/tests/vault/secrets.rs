//! What goes in comes out, for the servers it is meant for.

use varistor_vault::{Entry, Vault, VaultError};

use crate::Place;

#[test]
fn a_secret_comes_out_for_its_servers_and_no_other() {
    let place = Place::new();
    let mut vault = place.open();
    let servers = ["gitlab", "github", "github"];
    vault.set("code-host", &servers, b"hunter2").unwrap();
    vault.set("any", &["*"], b"\x00\xff").unwrap();
    vault.save().unwrap();
    let vault = place.open();
    assert_eq!(
        vault.get("code-host", "github").unwrap().expose(),
        b"hunter2"
    );
    assert_eq!(
        vault.get("code-host", "gitlab").unwrap().expose(),
        b"hunter2"
    );
    assert_eq!(vault.get("any", "whatever").unwrap().expose(), b"\x00\xff");
    for server in ["git", "GitHub", "*", "", "github,gitlab"] {
        let error = vault.get("code-host", server).err().unwrap();
        assert!(matches!(&error, VaultError::NotAllowed { .. }), "{server}");
        assert!(
            error.to_string().contains("only to github, gitlab"),
            "{error}"
        );
    }
    let unknown = vault.get("absent", "github").err().unwrap();
    assert!(matches!(unknown, VaultError::Unknown { .. }));
}

#[test]
fn names_are_listed_sorted_with_servers_and_versions() {
    let place = Place::new();
    place.put("b", "github", "one");
    place.put("a", "*", "two");
    place.put("b", "linear", "three");
    let vault = place.open();
    let (every, linear) = (["*".to_owned()], ["linear".to_owned()]);
    let expected = [
        Entry {
            name: "a",
            version: 1,
            servers: &every,
            former: None,
        },
        Entry {
            name: "b",
            version: 2,
            servers: &linear,
            former: None,
        },
    ];
    assert_eq!(vault.names().collect::<Vec<_>>(), expected);
    assert!(vault.get("b", "github").is_err());
    assert_eq!(vault.get("b", "linear").unwrap().expose(), b"three");
}

#[test]
fn a_removed_secret_is_gone_after_the_save() {
    let place = Place::new();
    place.put("a", "*", "x");
    place.put("b", "*", "y");
    let mut vault = place.open();
    vault.remove("a").unwrap();
    assert!(matches!(vault.remove("a"), Err(VaultError::Unknown { .. })));
    assert_eq!(place.open().names().count(), 2);
    vault.save().unwrap();
    let vault = place.open();
    assert_eq!(
        vault.names().map(|entry| entry.name).collect::<Vec<_>>(),
        ["b"]
    );
}

#[test]
fn what_a_vault_does_not_take_is_refused_by_name_and_never_shown() {
    let place = Place::new();
    let mut vault = place.open();
    let long = "a".repeat(65);
    for name in ["", "A", "a b", "a/b", "ä", "a\n", &long] {
        let error = vault.set(name, &["*"], b"x").unwrap_err();
        assert!(error.to_string().starts_with("name `"), "{error}");
    }
    let lists: [&[&str]; 6] = [&[], &[""], &["*", "a"], &["a*"], &["a b"], &["a,b"]];
    for servers in lists {
        let error = vault.set("a", servers, b"x").unwrap_err();
        assert!(error.to_string().starts_with("list of servers"), "{error}");
    }
    let canary = b"canary".repeat(20_000);
    for value in [&b""[..], &canary] {
        let error = vault.set("a", &["*"], value).unwrap_err();
        assert!(matches!(error, VaultError::Value { .. }));
        assert!(!error.to_string().contains("canary"));
    }
    assert_eq!(vault.names().count(), 0);
    vault
        .set(&"a".repeat(64), &["db.internal_1-x"], &[7; 65_536])
        .unwrap();
}

#[test]
fn the_file_shows_no_secret_in_any_plain_form() {
    let place = Place::new();
    place.put("a", "*", "correct horse battery staple");
    place.put("b", "*", "correct horse battery staple");
    let text = std::fs::read_to_string(&place.path).unwrap();
    assert!(!text.contains("correct") && !text.contains("Y29ycmVjd"));
    let sealed: Vec<_> = text
        .lines()
        .filter(|line| line.contains("ciphertext"))
        .collect();
    assert!(
        sealed.len() == 2 && sealed[0] != sealed[1],
        "equal secrets look different"
    );
}

#[test]
fn another_key_opens_nothing() {
    let place = Place::new();
    place.put("a", "*", "x");
    let other = varistor_vault::Key::generate().unwrap();
    let error = Vault::open(&place.path, &other).err().unwrap();
    assert!(matches!(&error, VaultError::Forged { .. }));
    assert!(
        error.to_string().contains("belongs to another key"),
        "{error}"
    );
}
