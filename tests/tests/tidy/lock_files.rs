//! What is downloaded is pinned by content, and from wherever the machine is told to take it.

use crate::source;

#[test]
fn node_packages_are_pinned_by_hash_and_name_no_host() {
    let lock = source::read("tests/node/package-lock.json");
    let lock: serde_json::Value = serde_json::from_str(&lock).expect("valid JSON");
    let packages = lock["packages"].as_object().expect("packages");
    assert!(packages.len() > 50);
    for (path, package) in packages {
        assert!(package.get("resolved").is_none(), "{path} names a host");
        assert!(
            path.is_empty() || package.get("integrity").is_some(),
            "{path} has no hash"
        );
    }
}

#[test]
fn python_packages_are_pinned_by_hash_and_name_no_host() {
    for path in ["requirements.lock", "contextforge.lock", "baselines.lock"] {
        let lock = source::read(&format!("tests/python/{path}"));
        let code = lock
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        let code: Vec<&str> = code.filter(|line| !line.trim().is_empty()).collect();
        assert!(
            !code
                .iter()
                .any(|line| line.contains("://") || line.contains("--index")),
            "{path} names a host"
        );
        let pins = code.iter().enumerate().filter(|pin| pin.1.contains("=="));
        assert!(pins.clone().count() > 50, "{path} is short");
        for (number, line) in pins {
            let next = code.get(number + 1).copied().unwrap_or_default();
            assert!(
                next.contains("--hash=sha256:"),
                "{path}: {line} has no hash"
            );
        }
    }
}

#[test]
fn rust_crates_come_from_the_index_and_carry_a_checksum() {
    let lock = source::read("Cargo.lock");
    let index = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let sources = lock.lines().filter(|line| line.starts_with("source = "));
    assert!(sources.clone().all(|line| line == index));
    let sums = lock.lines().filter(|line| line.starts_with("checksum = "));
    assert_eq!(sums.count(), sources.count());
}
