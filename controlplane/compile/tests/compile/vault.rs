//! Secrets that a policy names: in the vault, and for that server.

use std::fs;

use varistor_snapshot::schema::TemplatePart;

use crate::fixture::Directory;

const POLICY: &str = "servers:
  github:
    url: https://api.example.com/mcp/
    credential: { header: \"Authorization: Bearer ${vault:github}\" }
";

#[test]
fn a_secret_for_the_server_is_named_in_the_row_and_never_copied() {
    let directory = Directory::with(POLICY);
    directory.secret("github", &["github"]);
    let compiled = directory.compile().unwrap();
    let credential = &compiled.policy.servers[0].credentials[0];
    assert_eq!(credential.header, "authorization");
    assert_eq!(credential.value[1], TemplatePart::Secret("github".into()));
    assert!(!format!("{compiled:?}").contains("s3cret"));
}

#[test]
fn a_missing_secret_is_refused() {
    let directory = Directory::with(POLICY);
    assert_eq!(
        directory.problems(),
        [
            "varistor.yaml:4:27: the secret \"github\" for server \"github\", which the vault does \
             not hold; expected the name of a secret in the vault; add it: varictl vault set \
             github --servers github"
        ]
    );
    directory.secret("githup", &["github"]);
    assert!(directory.problems()[0].ends_with("did you mean \"githup\"?"));
}

#[test]
fn a_secret_for_another_server_is_refused() {
    let directory = Directory::with(POLICY);
    directory.secret("github", &["linear"]);
    let problems = directory.problems();
    assert!(problems[0].contains("which may not get it"), "{problems:?}");
    directory.secret("github", &["*"]);
    directory.good();
}

#[test]
fn a_vault_that_cannot_be_opened_is_one_problem() {
    let directory = Directory::with(&format!(
        "{POLICY}  linear:\n    url: https://linear.example.com/\n    credential: {{ header: \
         \"X-Key: ${{vault:linear}}\" }}\n"
    ));
    fs::write(directory.path("vault.json"), "{}").unwrap();
    let problems = directory.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].starts_with("vault.json: it can't be opened ("),
        "{problems:?}"
    );
    directory.chmod("keys/vault.key", 0o644);
    assert!(directory.problems()[0].starts_with("keys/vault.key: it can't be opened ("));
}

#[test]
fn a_credential_in_the_policy_itself_is_a_warning_and_is_not_repeated() {
    let directory = Directory::with(
        "servers: { a: { url: http://a.example.com/, credential: { header: \"X-Key: hunter2\" } } }",
    );
    let warnings = directory.compile().unwrap().warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(!format!("{warnings:?}").contains("hunter2"));
    let broken = Directory::with(
        "servers: { a: { url: http://127.0.0.1/, credential: { header: \"hunter2\" } } }",
    );
    assert!(!broken.problems()[0].contains("hunter2"));
}
