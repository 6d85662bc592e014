//! Every secret and every token a value of its own, many calls over every way on which they can
//! fail, and none of the values in anything that comes out, however it is written.

mod needles;
mod outside;
mod ways;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;

use rustix::process::Signal;
use serde_json::json;
use varistor_tests::authority::{Authority, CLIENT};
use varistor_tests::issuer::{AUDIENCE, Issuer};
use varistor_tests::receiver::Receiver;
use varistor_tests::{Driver, Gateway, PolicyDir, Upstream, on_both_drivers, programs};

use needles::{Needles, canary};
use outside::{family, walk};
use ways::{Tokens, Ways};

on_both_drivers!(no_secret_and_no_token_comes_out_anywhere);

/// Secrets of the vault, and what each is for.
const SECRETS: [&str; 5] = ["alpha", "broken", "child", "client", "hook"];

/// Calls of a usual run; `make soak-canary` makes 100,000.
const CALLS: usize = 1_500;

pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) policy: PolicyDir,
    pub(crate) upstream: Upstream,
    pub(crate) issuer: Issuer,
    authority: Authority,
    guarded: Upstream,
    _hook: Receiver,
    log: PathBuf,
}

fn policy_text(urls: [&str; 3], (issuer, authority, hook): (&str, &str, &str)) -> String {
    let [alpha, broken, guarded] = urls;
    // It tells its key as many programs do: when it starts, and in the middle of its work.
    let child = programs::ours("varistor-stdio-child");
    let script = format!(
        "env >&2; echo \"$API_KEY\" | rev >&2; exec {}",
        child.display()
    );
    let command = json!(["/bin/sh", "-c", script]);
    format!(
        "listen: 127.0.0.1:0
runtime:
  workers: 2
  shedding: off
  request_bytes: 64KiB
  timeouts: {{ first_byte: 150ms }}
dlp:
  request: {{ secrets: deny }}
  response: {{ secrets: redact }}
approvals: {{ wait: none }}
channels: {{ webhook: {{ ops: {{ url: \"{hook}\", key: \"${{vault:hook}}\" }} }} }}
events: {{ held: [webhook/ops] }}
identity_providers:
  corp:
    issuer: {issuer}
    audience: {AUDIENCE}
    claims: {{ organisation: acme, agent: tester, roles: [all] }}
servers:
  alpha:
    url: \"{alpha}\"
    credential: {{ header: \"Authorization: Bearer ${{vault:alpha}}\" }}
    breaker: off
  broken: {{ url: \"{broken}\", credential: {{ header: \"X-Key: ${{vault:broken}}\" }} }}
  child:
    command: {command}
    env: {{ API_KEY: \"${{vault:child}}\" }}
    sandbox: off
    idle: 1s
  guarded:
    url: \"{guarded}\"
    credential:
      oauth:
        exchange: corp
        issuer: \"{authority}\"
        client_id: \"{CLIENT}\"
        client_secret: \"${{vault:client}}\"
organisations:
  acme:
    roles:
      all:
        allow: [\"*\", {{ tools: \"*/*\", intents: [read, write, destructive, exfiltrative] }}]
      careful: {{ allow: [\"*\"], approve: [destructive] }}
    agents:
      tester: {{ roles: [all] }}
      careful: {{ roles: [careful] }}
"
    )
}

impl World {
    fn start(driver: Driver, needles: &mut Needles) -> Self {
        let (issuer, authority, hook) = (Issuer::start(), Authority::start(), Receiver::start(&[]));
        let (upstream, guarded) = (ways::upstream(), authority.guarding(None));
        authority.state().resource = Some(guarded.url());
        let broken = format!("http://{}/mcp", Upstream::unused());
        let policy = PolicyDir::new("listen: 127.0.0.1:0\n");
        for name in SECRETS {
            // The authorization server knows one secret only.
            let value = match name {
                "client" => varistor_tests::authority::SECRET.to_owned(),
                "hook" => format!("whsec_{}", needles::in_base64(&canary())),
                _ => canary(),
            };
            policy.keep_in_vault(name, &value);
            needles.add(name, &value);
        }
        policy.write(&policy_text(
            [&upstream.url(), &broken, &guarded.url()],
            (&issuer.url(), &authority.url(), &hook.url("/hook")),
        ));
        policy.compile();
        for key in ["session", "snapshot", "token", "vault"] {
            let text = fs::read_to_string(policy.path().join(format!("keys/{key}.key")));
            needles.add_key(key, text.expect("a key").trim());
        }
        let log = policy
            .path()
            .parent()
            .expect("a folder")
            .join("gateway.log");
        let gateway = Gateway::start_by(&policy, |command| {
            // Whoever may, dumps core; whatever a library would tell, it tells.
            let script = format!(
                "ulimit -c unlimited; exec \"$0\" \"$@\" 2>{}",
                log.display()
            );
            command.args(["sh", "-c", &script]);
            command
                .arg(programs::ours("varistor"))
                .arg("--dir")
                .arg(policy.path());
            command.args(["--listen", "127.0.0.1:0", "--driver", driver.name()]);
            command.envs([("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full")]);
            command.current_dir(policy.path().parent().expect("a folder"));
        });
        Self {
            gateway,
            policy,
            upstream,
            issuer,
            authority,
            guarded,
            _hook: hook,
            log,
        }
    }

    /// What others can see of it while it runs.
    fn is_clean_from_outside(&self, needles: &Needles) {
        for target in [
            "/v1/status",
            "/v1/metrics",
            "/v1/approvals",
            "/v1/kill",
            "/v1/tools",
        ] {
            let answer = self.gateway.admin("GET", target, &[]);
            needles.in_none_of(target, &answer.body, &[]);
        }
        let own = self.gateway.id();
        for id in family(own) {
            let proc = PathBuf::from(format!("/proc/{id}"));
            let line = fs::read(proc.join("cmdline")).unwrap_or_default();
            needles.in_none_of("a command line", &line, &[]);
            let environment = fs::read(proc.join("environ")).unwrap_or_default();
            let its: &[&str] = if id == own { &[] } else { &["child"] };
            needles.in_none_of("an environment", &environment, its);
        }
        // Each server has seen its own credential, and nothing else of ours or of the callers.
        for (name, upstream, own) in [
            ("alpha", &self.upstream, "alpha"),
            ("guarded", &self.guarded, "issued"),
        ] {
            for it in upstream.seen() {
                let seen = [it.head.as_bytes(), &it.body].concat();
                needles.in_none_of(&format!("what {name} got"), &seen, &[own]);
            }
        }
    }

    /// What `varictl` shows.
    fn is_clean_to_its_operator(&self, needles: &Needles, tokens: &Tokens) {
        let id = tokens.good.as_str();
        for given in [
            &["status"][..],
            &["status", "--json"],
            &["check"],
            &["diff"],
            &["doctor"],
            &["vault", "list"],
            &["vault", "audit"],
            &["token", "list"],
            &["token", "inspect", id],
            &["approvals", "list"],
            &["audit", "verify"],
            &["audit", "query", "--json"],
            &["audit", "report"],
            &["logins"],
            &["kill", "--list"],
        ] {
            let shown = self.policy.varictl(given);
            let all = [shown.stdout, shown.stderr].concat();
            assert!(!all.is_empty(), "{given:?} says something");
            needles.in_none_of(&format!("varictl {given:?}"), &all, &[]);
        }
    }

    /// What lies on the disk, but for the keys themselves.
    fn is_clean_on_disk(&self, needles: &Needles) {
        let mut files = Vec::new();
        walk(self.policy.path().parent().expect("a folder"), &mut files);
        assert!(files.len() > 10, "{files:?}");
        for file in files {
            if file.parent().is_some_and(|it| it.ends_with("keys")) {
                continue;
            }
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            assert!(!name.starts_with("core"), "{}", file.display());
            // Gateways serve each other's sessions: their key goes with the policy.
            let is_snapshot = file.extension().is_some_and(|end| end == "snapshot");
            let meant: &[&str] = if is_snapshot { &["session"] } else { &[] };
            let mode = fs::metadata(&file).map_or(0, |it| it.permissions().mode() & 0o77);
            assert!(!is_snapshot || mode == 0, "{} {mode:o}", file.display());
            let bytes = fs::read(&file).unwrap_or_default();
            needles.in_none_of(&file.display().to_string(), &bytes, meant);
        }
    }
}

fn no_secret_and_no_token_comes_out_anywhere(driver: Driver) {
    let mut needles = Needles::default();
    let mut world = World::start(driver, &mut needles);
    let tokens = Tokens::of(&world, &mut needles);
    let calls = std::env::var("VARISTOR_CANARY_CALLS").ok();
    let calls = calls.map_or(CALLS, |text| text.parse().expect("a number"));
    let ways = Ways::new(&world, &tokens);
    ways.walked(&needles, calls);
    for (at, token) in world.authority.state().tokens().iter().enumerate() {
        needles.add(&format!("issued {at}"), token);
    }
    assert!(!world.authority.state().tokens().is_empty());
    // What was issued meanwhile was not looked for in the answers of the first round.
    ways.walked(&needles, ways.len());
    drop(ways);
    world.is_clean_from_outside(&needles);
    world.is_clean_to_its_operator(&needles, &tokens);
    let log = fs::read_to_string(&world.log).expect("a log");
    assert!(
        log.contains("server child: stderr: API_KEY=[REDACTED:vault_secret]"),
        "{log}"
    );
    assert!(
        log.contains("stderr: [REDACTED:vault_secret]"),
        "backwards: {log}"
    );
    world.is_clean_on_disk(&needles);

    // It dies as by a fault of its own: what was in its memory stays in no file.
    world.gateway.signal(Signal::ABORT);
    let end = world.gateway.wait();
    assert_eq!((end.signal(), end.core_dumped()), (Some(6), false), "{end}");
    world.is_clean_on_disk(&needles);
}
