//! Files: missing, unreadable, with the wrong permissions, or not text.

use std::fs;
use std::os::unix::fs::symlink;

use crate::fixture::{Directory, hex};

fn only(directory: &Directory) -> String {
    let problems = directory.problems();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.into_iter().next().unwrap()
}

#[test]
fn a_directory_without_policy_is_refused() {
    let directory = Directory::new();
    assert_eq!(
        only(&directory),
        "DIR: no policy file in the directory; expected at least one *.yaml file; `varictl init \
         DIR` writes a commented one"
    );
    // An empty file is a policy that permits nothing.
    directory.policy("varistor.yaml", "# nothing yet\n");
    assert!(directory.good().agents.is_empty());
}

#[test]
fn a_directory_that_is_not_there_is_refused() {
    let directory = Directory::new();
    let problems = varistor_compile::compile(&directory.path("absent"), 1, 0).unwrap_err();
    assert!(
        problems.to_string().contains("it can't be read"),
        "{problems}"
    );
}

#[test]
fn unreadable_files_are_refused() {
    let directory = Directory::with("servers: {}\n");
    symlink("/nowhere/at/all", directory.path("a.yaml")).unwrap();
    fs::create_dir(directory.path("b.yml")).unwrap();
    let problems = directory.problems();
    assert_eq!(problems.len(), 2, "{problems:#?}");
    assert!(
        problems[0].starts_with("a.yaml: it can't be read ("),
        "{problems:#?}"
    );
    assert_eq!(
        problems[1],
        "b.yml: it is not a regular file; expected a readable file"
    );
}

#[test]
fn files_that_others_can_write_are_refused() {
    let directory = Directory::with("servers: {}\n");
    directory.chmod("varistor.yaml", 0o666);
    assert_eq!(
        only(&directory),
        "varistor.yaml: its permissions are 0666; expected a file that others can't write; chmod \
         o-w DIR/varistor.yaml"
    );
    directory.chmod("varistor.yaml", 0o664);
    directory.good();
    directory.chmod("", 0o777);
    assert!(only(&directory).contains("a directory that others can't write"));
}

#[test]
fn private_keys_that_others_can_reach_are_refused() {
    let directory = Directory::with("servers: {}\n");
    for mode in [0o640, 0o604, 0o620, 0o601] {
        directory.chmod("keys/session.key", mode);
        let refused = only(&directory);
        assert!(
            refused.starts_with("keys/session.key: its permissions are 06"),
            "{refused}"
        );
        assert!(
            refused.contains("chmod 600 DIR/keys/session.key"),
            "{refused}"
        );
    }
}

#[test]
fn missing_and_broken_keys_are_refused_and_never_quoted() {
    let directory = Directory::with("servers: {}\n");
    fs::remove_file(directory.path("keys/session.key")).unwrap();
    assert_eq!(
        only(&directory),
        "keys/session.key: the file is missing; expected a key; `varictl init DIR` makes the keys"
    );
    for text in [
        "",
        "hunter2",
        &"g".repeat(64),
        &"0".repeat(66),
        &format!("{} x", "0".repeat(64)),
    ] {
        directory.write("keys/session.key", text, 0o600);
        let refused = only(&directory);
        assert!(
            refused.starts_with("keys/session.key: something else than a key"),
            "{refused}"
        );
        assert!(!refused.contains("hunter2"));
    }
    directory.write("keys/session.key", &hex(&[7; 32]), 0o600);
    directory.write("keys/token.pub", &hex(&[0; 32]), 0o644);
    assert!(only(&directory).starts_with("keys/token.pub: 64 hex digits that are no public key"));
}

#[test]
fn text_that_is_not_utf_8_is_refused_with_its_line() {
    let directory = Directory::with("servers: {}\n");
    fs::write(directory.path("varistor.yaml"), b"# a\n# b \xff\n").unwrap();
    assert_eq!(
        only(&directory),
        "varistor.yaml: bytes that are not UTF-8 in line 2; expected UTF-8; save it as UTF-8"
    );
}

#[test]
fn a_broken_file_does_not_make_its_names_unknown_in_others() {
    let directory = Directory::with(
        "organisations: { acme: { roles: { dev: { allow: [\"github/*\"] } }, agents: { a: { team: \
         platform } } } }\n",
    );
    directory.policy("servers.yaml", "servers: [\n");
    assert!(
        only(&directory).starts_with("servers.yaml:"),
        "{:?}",
        directory.problems()
    );
}

#[test]
fn definitions_in_two_files_are_refused_with_both_places() {
    let directory = Directory::new();
    let organisation = |agent: &str| {
        format!(
            "servers: {{ {agent}: {{ url: http://127.0.0.1:1/ }} }}\norganisations:\n  acme:\n    \
             limits: {{ calls: 5/day }}\n    roles: {{ r: {{}} }}\n    agents: {{ bot: {{ roles: \
             [r] }} }}\n"
        )
    };
    directory.policy("a.yaml", &(organisation("one") + "listen: 127.0.0.1:1\n"));
    directory.policy("b.yaml", &(organisation("one") + "listen: 127.0.0.1:2\n"));
    let problems = directory.problems();
    for (line, what, first) in [
        (1, "servers.one", "a.yaml:1:12"),
        (4, "organisations.acme.limits", "a.yaml:4:13"),
        (5, "organisations.acme.roles.r", "a.yaml:5:14"),
        (6, "organisations.acme.agents.bot", "a.yaml:6:15"),
        (7, "\"listen\"", "a.yaml:7:9"),
    ] {
        let column = first.rsplit(':').next().unwrap();
        let expected = format!(
            "b.yaml:{line}:{column}: a second definition of {what}; expected one definition in \
             all files; the first one is at {first}"
        );
        assert!(
            problems.contains(&expected),
            "{expected} is not in {problems:#?}"
        );
    }
    assert_eq!(problems.len(), 5, "{problems:#?}");
}

#[test]
fn revoked_ids_are_read_and_bad_lines_are_refused() {
    let directory = Directory::with("servers: {}\n");
    assert!(directory.good().revoked.is_empty());
    let (one, two) = ("ff".repeat(16), "01".repeat(16));
    directory.policy(
        "state/revoked.jsonl",
        &format!(
            "{{\"id\":\"{one}\",\"time\":\"x\"}}\n\n{{\"id\":\"{two}\"}}\n{{\"id\":\"{one}\"}}\n"
        ),
    );
    assert_eq!(directory.good().revoked, [[1; 16], [255; 16]]);
    directory.policy("state/revoked.jsonl", "{\"id\":\"xyz\"}\n");
    assert!(only(&directory).starts_with("state/revoked.jsonl:1:1: the line "));
}

const TLS: &str = "tls: { certificate: cert.pem, key: key.pem }
admin: { listen: 127.0.0.1:0, certificate: cert.pem, key: key.pem, client_ca: cert.pem }
servers: { a: { url: https://a.example.com/, ca: cert.pem } }
";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";

#[test]
fn files_of_tls_become_absolute_paths() {
    let directory = Directory::with(TLS);
    directory.write("cert.pem", CERTIFICATE, 0o644);
    directory.write("key.pem", KEY, 0o600);
    let policy = directory.good();
    let shown = |name: &str| directory.path(name).display().to_string();
    let tls = policy.runtime.tls.unwrap();
    assert_eq!(
        (tls.certificate, tls.key),
        (shown("cert.pem"), shown("key.pem"))
    );
    let admin = policy.runtime.admin.unwrap();
    assert_eq!(
        (admin.client_ca, admin.tls.key),
        (shown("cert.pem"), shown("key.pem"))
    );
    assert_eq!(policy.servers[0].ca, Some(shown("cert.pem")));
}

#[test]
fn files_of_tls_that_could_not_be_used_are_refused() {
    let directory = Directory::with(TLS);
    directory.write("cert.pem", KEY, 0o644);
    directory.write("key.pem", KEY, 0o640);
    let problems = directory.problems();
    assert_eq!(problems.len(), 6, "{problems:#?}");
    for problem in &problems {
        let told = problem.contains("it holds no -----BEGIN CERTIFICATE-----")
            || problem.contains("its permissions are 0640");
        assert!(told, "{problem}");
    }
}
