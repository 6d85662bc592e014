//! Finds what the build has left: our programs, Node, Python.

use std::env;
use std::path::{Path, PathBuf};

/// One of our programs. `VARISTOR_BIN_DIR` names another folder than that of the tests.
pub fn ours(name: &str) -> PathBuf {
    let folder = env::var_os("VARISTOR_BIN_DIR").map_or_else(beside_the_tests, PathBuf::from);
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "{} is missing: run `cargo build` first",
        path.display()
    );
    path
}

/// Node of tests/node, which is newer than that of most machines.
pub fn node() -> PathBuf {
    let path = folder().join("node/node_modules/.bin/node");
    assert!(
        path.is_file(),
        "Node is missing: run tests/setup/node.sh first"
    );
    path
}

/// Python of the virtual environment with the SDKs.
pub fn python() -> PathBuf {
    let path = folder().join("../target/python/bin/python");
    assert!(
        path.is_file(),
        "Python is missing: run tests/setup/python.sh first"
    );
    path
}

/// The folder `tests/`.
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn beside_the_tests() -> PathBuf {
    // target/debug/deps/e2e-0123 -> target/debug
    let test = env::current_exe().expect("the path of this test");
    let folder = test.ancestors().nth(2).expect("target/debug");
    folder.to_owned()
}
