//! E-mail to a real mail server (aiosmtpd): plain where the policy says so, STARTTLS, TLS at once,
//! with a password; never without a certificate that is trusted.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};
use varistor_tests::process::Process;
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, programs};

const RULES: &str = r#"
RULE "told" IF tool.name STARTS WITH "write_" THEN notify_channel("email", "oncall")
"#;

struct Mail {
    process: Process,
    port: String,
    folder: tempfile::TempDir,
}

impl Mail {
    fn start(mode: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
        let made = made.expect("a certificate");
        let file = |name: &str| folder.path().join(name);
        fs::write(file("cert.pem"), made.cert.pem()).expect("a file");
        fs::write(file("key.pem"), made.signing_key.serialize_pem()).expect("a file");
        let mode_of_key = fs::Permissions::from_mode(0o600);
        fs::set_permissions(file("key.pem"), mode_of_key).expect("a mode");
        let process = Process::start(&programs::python(), |command| {
            command
                .arg(programs::folder().join("python/mail.py"))
                .arg(mode);
            command.arg(file("cert.pem")).arg(file("key.pem"));
        });
        let address = process.wait_for_address();
        let port = address.rsplit(':').next().expect("a port").to_owned();
        Self {
            process,
            port,
            folder,
        }
    }

    fn next(&self) -> Value {
        let rest = self.process.wait_for("{");
        serde_json::from_str(&format!("{{{rest}")).expect("a mail")
    }

    fn authority(&self) -> String {
        self.folder.path().join("cert.pem").display().to_string()
    }
}

fn gateway(smtp: &str) -> (Gateway, PolicyDir, Agent, Upstream) {
    let upstream = Upstream::start();
    let url = upstream.url();
    let text = format!(
        "runtime: {{ workers: 1 }}
servers: {{ alpha: {{ url: \"{url}\" }} }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ tester: {{ roles: [all] }} }}
"
    );
    let policy = PolicyDir::new(&text);
    policy.keep_in_vault("mail", "s3cret-mail");
    let channel = "to: [oncall@acme.example, second@acme.example], from: varistor@acme.example";
    let channels = format!("channels: {{ email: {{ oncall: {{ {channel}, {smtp} }} }} }}\n");
    policy.write(&format!("{text}{channels}"));
    fs::write(policy.path().join("own.rules"), RULES).expect("a writable folder");
    policy.compile();
    let gateway = Gateway::start(&policy, Driver::Epoll);
    let agent = Agent::new(gateway.address(), "alpha", &policy.token("tester"));
    (gateway, policy, agent, upstream)
}

fn assert_told(mail: &Mail, agent: &Agent) -> Value {
    let hidden = json!({"path": "a", "text": "CANARY AKIAIOSFODNN7EXAMPLE"});
    assert!(agent.call("write_file", hidden).is_good_call());
    let got = mail.next();
    assert_eq!(got["from"], "varistor@acme.example");
    assert_eq!(
        got["to"],
        json!(["oncall@acme.example", "second@acme.example"])
    );
    let content = got["content"].as_str().expect("a text");
    assert!(
        content.contains("Subject: Varistor: a rule tells of a call"),
        "{content}"
    );
    assert!(content.contains("tool: write_file"), "{content}");
    assert!(
        !content.contains("CANARY") && !content.contains("AKIA"),
        "{content}"
    );
    got
}

#[test]
fn mail_goes_in_plain_text_where_the_policy_says_so() {
    let mail = Mail::start("plain");
    let smtp = format!(
        "smtp: \"smtp://127.0.0.1:{}\", allow_plain: true",
        mail.port
    );
    let (gateway, policy, agent, _upstream) = gateway(&smtp);
    assert_eq!(assert_told(&mail, &agent)["tls"], false);
    gateway.stop();
    policy.verify_audit();
}

#[test]
fn mail_goes_encrypted_and_authenticated() {
    for (mode, scheme) in [("starttls", "smtp"), ("implicit", "smtps")] {
        let mail = Mail::start(mode);
        let smtp = format!(
            "smtp: \"{scheme}://localhost:{}\", user: varistor, password: \"${{vault:mail}}\", ca: \
             \"{}\"",
            mail.port,
            mail.authority()
        );
        let (gateway, policy, agent, _upstream) = gateway(&smtp);
        let got = assert_told(&mail, &agent);
        assert_eq!(
            (&got["tls"], &got["authenticated"]),
            (&json!(true), &json!(true))
        );
        gateway.stop();
        policy.verify_audit();
    }
}

#[test]
fn no_mail_goes_where_encryption_or_trust_is_missing() {
    for (mode, scheme, ca) in [
        ("plain", "smtp", true),
        ("plain", "smtps", true),
        ("starttls", "smtp", false),
        ("implicit", "smtps", false),
    ] {
        let mail = Mail::start(mode);
        let ca = match ca {
            true => format!(", ca: \"{}\"", mail.authority()),
            false => other_authority(mail.folder.path()),
        };
        let smtp = format!("smtp: \"{scheme}://localhost:{}\"{ca}", mail.port);
        let (gateway, policy, ..) = gateway(&smtp);
        let tried = policy.varictl(&["channels", "test", "email/oncall"]);
        assert_eq!(tried.status.code(), Some(1), "{mode} {scheme}: {tried:?}");
        gateway.stop();
    }
}

/// An authority that did not sign the server's certificate.
fn other_authority(folder: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
    let path = folder.join("other.pem");
    fs::write(&path, made.expect("a certificate").cert.pem()).expect("a file");
    format!(", ca: \"{}\"", path.display())
}
