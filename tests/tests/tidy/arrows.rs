//! Which crate may know which, as the design says; refuses every arrow that is not drawn here.

use crate::source;

/// Folder of a crate, and the crates of ours that it may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("shared/model", &[]),
    ("shared/snapshot", &["model"]),
    ("shared/token", &["model"]),
    ("shared/identity", &["model", "token"]),
    ("shared/oauth", &["identity"]),
    ("shared/vault", &[]),
    ("shared/hidden", &[]),
    ("shared/inspect", &["model", "snapshot"]),
    ("shared/effect", &["model"]),
    ("shared/intent", &["model", "effect"]),
    ("shared/structured", &[]),
    ("shared/pins", &["model", "structured"]),
    ("shared/suspect", &[]),
    ("shared/rules", &["model", "snapshot"]),
    ("shared/approvals", &["model"]),
    ("shared/audit", &["model"]),
    ("shared/evidence", &["audit"]),
    ("shared/privacy", &[]),
    ("shared/origin", &[]),
    ("dataplane/http1", &["model"]),
    (
        "dataplane/pipeline",
        &[
            "model",
            "snapshot",
            "token",
            "identity",
            "inspect",
            "intent",
            "rules",
            "structured",
            "pins",
            "suspect",
            "audit",
            "privacy",
            "hidden",
            "approvals",
            "http1",
        ],
    ),
    ("dataplane/ledger", &["model", "audit", "evidence"]),
    ("dataplane/notify", &["model"]),
    ("dataplane/sandbox", &["model"]),
    ("dataplane/stdio", &["model", "http1", "origin", "sandbox"]),
    ("dataplane/federation", &["model", "http1"]),
    (
        "dataplane/gateway",
        &[
            "audit",
            "evidence",
            "privacy",
            "http1",
            "identity",
            "oauth",
            "inspect",
            "model",
            "pins",
            "pipeline",
            "snapshot",
            "token",
            "vault",
            "hidden",
            "ledger",
            "notify",
            "origin",
            "sandbox",
            "stdio",
            "federation",
            "approvals",
        ],
    ),
    (
        "controlplane/compile",
        &[
            "model", "snapshot", "evidence", "identity", "privacy", "inspect", "rules", "vault",
        ],
    ),
    ("controlplane/connect", &["model", "http1", "origin"]),
    ("controlplane/onboard", &[]),
    ("controlplane/records", &["model", "audit"]),
    (
        "controlplane/cli",
        &[
            "approvals",
            "audit",
            "compile",
            "connect",
            "evidence",
            "http1",
            "identity",
            "inspect",
            "ledger",
            "model",
            "oauth",
            "onboard",
            "origin",
            "pins",
            "pipeline",
            "privacy",
            "records",
            "rules",
            "sandbox",
            "snapshot",
            "suspect",
            "token",
            "vault",
        ],
    ),
    (
        "bench",
        &[
            "model", "snapshot", "token", "vault", "inspect", "audit", "http1", "compile",
        ],
    ),
    (
        "perf",
        &[
            "model", "snapshot", "token", "vault", "inspect", "rules", "audit", "http1",
            "pipeline", "ledger", "compile",
        ],
    ),
    ("tests", &["model", "snapshot"]),
];

/// The only crates that may name the runtime of the workers.
const RUNTIME: [&str; 2] = ["dataplane/gateway", "bench"];

#[test]
fn every_crate_names_only_the_crates_it_may_know() {
    for (folder, may_know) in ARROWS {
        for name in dependencies(folder, &["[dependencies]", "[build-dependencies]"]) {
            if let Some(ours) = name.strip_prefix("varistor-") {
                assert!(may_know.contains(&ours), "{folder} may not know {name}");
            }
        }
    }
}

#[test]
fn every_member_of_the_workspace_has_its_arrows() {
    let manifest = source::read("Cargo.toml");
    let members: Vec<&str> = manifest
        .lines()
        .skip_while(|line| !line.starts_with("members"))
        .skip(1)
        .take_while(|line| !line.starts_with(']'))
        .map(|line| line.trim().trim_matches([',', '"']))
        .collect();
    let drawn: Vec<&str> = ARROWS.iter().map(|(folder, _)| *folder).collect();
    assert_eq!(members, drawn);
}

/// The profile for development is that of dependencies; a crate of ours that is forgotten would be
/// optimised, and slow to compile.
#[test]
fn every_member_of_the_workspace_is_an_exception_of_the_profile_for_development() {
    let manifest = source::read("Cargo.toml");
    let exceptions: Vec<&str> = section(&manifest, "[profile.dev.package]").collect();
    for (folder, _) in ARROWS {
        let own = source::read(&format!("{folder}/Cargo.toml"));
        let name = section(&own, "[package]").find_map(|line| line.strip_prefix("name = "));
        let name = name.expect("a name").trim_matches('"');
        let line = format!("{name} = {{ opt-level = 0, debug = \"line-tables-only\" }}");
        assert!(exceptions.contains(&line.as_str()), "no line {line}");
    }
}

#[test]
fn only_the_gateway_and_the_bench_name_the_runtime() {
    let sections = [
        "[dependencies]",
        "[build-dependencies]",
        "[dev-dependencies]",
    ];
    for (folder, _) in ARROWS {
        for name in dependencies(folder, &sections) {
            let is_runtime = name.starts_with("monoio") || name == "io-uring";
            assert!(
                !is_runtime || RUNTIME.contains(folder),
                "{folder} names {name}"
            );
        }
    }
}

#[test]
fn every_dependency_gives_its_reason() {
    let manifest = source::read("Cargo.toml");
    let bare: Vec<&str> = section(&manifest, "[workspace.dependencies]")
        .filter(|line| !line.starts_with("varistor-"))
        .filter(|line| {
            line.split_once(" # ")
                .is_none_or(|(_, why)| why.trim().len() < 8)
        })
        .collect();
    assert!(bare.is_empty(), "without a reason:\n{}", bare.join("\n"));
}

#[test]
fn crates_take_their_versions_from_the_workspace() {
    for (folder, _) in ARROWS {
        let manifest = source::read(&format!("{folder}/Cargo.toml"));
        for table in [
            "[dependencies]",
            "[build-dependencies]",
            "[dev-dependencies]",
        ] {
            for line in section(&manifest, table) {
                let taken = line.contains(".workspace = true") || line.contains("workspace = true");
                assert!(taken, "{folder}/Cargo.toml: {line}");
            }
        }
    }
}

fn dependencies(folder: &str, tables: &[&str]) -> Vec<String> {
    let manifest = source::read(&format!("{folder}/Cargo.toml"));
    let mut names = Vec::new();
    for table in tables {
        for line in section(&manifest, table) {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            names.push(name.to_owned());
        }
    }
    names
}

/// The lines of one table of a manifest that say something.
fn section<'a>(manifest: &'a str, table: &'a str) -> impl Iterator<Item = &'a str> {
    manifest
        .lines()
        .skip_while(move |line| line.trim() != table)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}
