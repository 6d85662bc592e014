//! Accounts of people at a server: who logs in, whose token a call carries, what is kept, and that
//! nobody ever acts as somebody else.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::authority::Authority;
use varistor_tests::issuer::{AUDIENCE, Issuer};
use varistor_tests::policy::assert_success;
use varistor_tests::{
    Agent, Answer, Driver, Gateway, PolicyDir, Upstream, on_both_drivers, programs,
};

on_both_drivers!(
    calls_of_two_users_carry_their_own_tokens,
    an_account_follows_a_person_over_all_of_their_tokens,
    what_tokens_are_asked_for_with_is_rotated_in_the_vault,
    a_login_that_is_none_is_told,
);

/// Calls of two users, interleaved; `VARISTOR_USER_CALLS` says otherwise.
const CALLS: usize = 10_000;
const SOON: Duration = Duration::from_secs(40);

struct World {
    authority: Authority,
    issuer: Issuer,
    gateway: Gateway,
    policy: PolicyDir,
    /// Ends with this.
    _upstream: Upstream,
}

fn text(upstream: &Upstream, issuer: &Issuer, login: &str) -> String {
    format!(
        "listen: 127.0.0.1:0
runtime: {{ workers: 2, shedding: off }}
servers: {{ alpha: {{ url: \"{}\", credential: {{ oauth: {{ {login} }} }} }} }}
identity_providers:
  corp:
    issuer: {}
    audience: [{AUDIENCE}]
    claims: {{ organisation: acme, agent: portal }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents:
      ann: {{ roles: [all] }}
      bob: {{ roles: [all] }}
      portal: {{ roles: [all] }}
",
        upstream.url(),
        issuer.url()
    )
}

impl World {
    fn start(driver: Driver, login: &str, lifetime_s: u64) -> Self {
        let (authority, issuer) = (Authority::start(), Issuer::start());
        let upstream = authority.guarding(Some(authority.url()));
        {
            let mut state = authority.state();
            (state.resource, state.lifetime_s) = (Some(upstream.url()), lifetime_s);
        }
        let login = login.replace("ISSUER", &authority.url());
        let policy = PolicyDir::new(&text(&upstream, &issuer, &login));
        let gateway = Gateway::start(&policy, driver);
        Self {
            authority,
            issuer,
            gateway,
            policy,
            _upstream: upstream,
        }
    }

    fn agent(&self, name: &str) -> Agent {
        self.with(&self.policy.token(name))
    }

    fn with(&self, token: &str) -> Agent {
        Agent::new(self.gateway.address(), "alpha", token)
    }

    /// Logs in as this person.
    fn login(&self, person: &str, account: &[&str]) {
        self.authority.state().consents.person = Some(person.to_owned());
        let (child, url) = self.begin(account);
        let back = browse(&url).1.expect("a redirect");
        assert_eq!(browse(&back).0, 200);
        assert_success(&child.wait_with_output().expect("an end"), "login");
    }

    /// `varictl login`, and what a browser is to open.
    fn begin(&self, account: &[&str]) -> (Child, String) {
        let mut child = Command::new(programs::ours("varictl"))
            .args(["login", "alpha", "--no-browser", "--dir"])
            .arg(self.policy.path())
            .args(account)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("varictl");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("standard output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        (child, line.trim().to_owned())
    }

    fn logout(&self, account: &[&str]) -> Output {
        self.policy
            .varictl(&[&["logout", "alpha"], account].concat())
    }

    /// Calls until this comes of it: logins are seen within a second.
    fn until(&self, agent: &Agent, who: &str, reason: Option<&str>) {
        let until = Instant::now() + SOON;
        loop {
            let answer = call(agent, who);
            let found = answer.json()["error"]["data"]["reason"].clone();
            if found.as_str() == reason {
                return;
            }
            assert!(Instant::now() < until, "never {reason:?}: {answer:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn end(self) -> Vec<Value> {
        assert_eq!(self.authority.state().consents.crossed, [""; 0]);
        assert_eq!(self.authority.state().consents.reused, [""; 0]);
        self.gateway.stop();
        self.policy.verify_audit();
        self.policy.records()
    }
}

fn call(agent: &Agent, who: &str) -> Answer {
    agent.call("read_file", json!({"who": who}))
}

/// Status and `Location` of what a browser gets.
fn browse(url: &str) -> (u16, Option<String>) {
    let rest = url.strip_prefix("http://").expect("a plain address");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("a connection");
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    stream.set_read_timeout(Some(SOON)).expect("a time-out");
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a head");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("text");
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
    let to = head
        .lines()
        .find_map(|line| line.strip_prefix("Location: "));
    (status.expect("a status"), to.map(str::to_owned))
}

fn calls_of_two_users_carry_their_own_tokens(driver: Driver) {
    let world = World::start(driver, "login: each, issuer: \"ISSUER\"", 300);
    let (ann, bob) = (world.agent("ann"), world.agent("bob"));
    let refused = call(&ann, "ann");
    assert_eq!(refused.status(), 403, "{refused:?}");
    assert_eq!(refused.json()["error"]["data"]["reason"], "login_needed");
    world.login("ann", &["--agent", "ann"]);
    world.until(&ann, "ann", None);
    assert_eq!(call(&bob, "bob").status(), 403);
    world.login("bob", &["--agent", "acme/bob"]);
    world.until(&bob, "bob", None);

    let calls = std::env::var("VARISTOR_USER_CALLS").ok();
    let calls = calls.map_or(CALLS, |text| text.parse().expect("a number")) / 4;
    thread::scope(|scope| {
        for (agent, who) in [(&ann, "ann"), (&bob, "bob")].repeat(2) {
            scope.spawn(move || {
                let mut connection = agent.connect();
                let params = json!({"name": "read_file", "arguments": {"who": who}});
                for id in 0..calls {
                    connection.send(&agent.modern(id as u64, "tools/call", params.clone()));
                    let answer = connection.answer().expect("an answer");
                    assert!(answer.is_good_call(), "{who} {id}: {answer:?}");
                }
            });
        }
    });
    assert_eq!(world.authority.state().consents.crossed, [""; 0]);

    let status = world.gateway.status()["servers"][0].clone();
    assert_eq!(status["logins_count"], 2, "{status}");
    let whose: Vec<_> = status["logins"].as_array().expect("rows").iter().collect();
    assert!(
        whose
            .iter()
            .any(|row| row["of"] == "acme/ann" && row["held"] == true)
    );
    let listed = world.policy.varictl(&["logins"]);
    assert_success(&listed, "logins");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(
        listed.contains("acme/ann") && listed.contains("acme/bob"),
        "{listed}"
    );

    // Who logs out is refused, and nobody else.
    assert_success(&world.logout(&["--agent", "ann"]), "logout");
    world.until(&ann, "ann", Some("login_needed"));
    assert!(call(&bob, "bob").is_good_call());
    assert_eq!(world.logout(&["--agent", "ann"]).status.code(), Some(2));
    let told = status.to_string() + &listed;
    let records = world.end();
    let told = told + &json!(records).to_string();
    assert!(
        !told.contains("refresh-") && !told.contains("of-ann-"),
        "{told}"
    );
}

fn an_account_follows_a_person_over_all_of_their_tokens(driver: Driver) {
    // The server says itself who gives its tokens, and the gateway registers itself there.
    let world = World::start(driver, "login: each", 300);
    let of = |subject: &str| {
        world
            .issuer
            .token(|_, claims| claims["sub"] = json!(subject))
    };
    let url = world.issuer.url();
    world.login("ann", &["--issuer", &url, "--subject", "u-1"]);
    world.login("bob", &["--issuer", &url, "--subject", "u-2"]);
    for (who, subject) in [("ann", "u-1"), ("bob", "u-2"), ("ann", "u-1")] {
        world.until(&world.with(&of(subject)), who, None);
    }
    // Another person, and an agent of ours with the name that those tokens are mapped to.
    world.until(&world.with(&of("u-3")), "eve", Some("login_needed"));
    world.until(&world.agent("portal"), "portal", Some("login_needed"));
    assert_eq!(world.authority.state().consents.clients.len(), 2);

    // Whoever logs in as somebody else acts as them from then on.
    world.login("eve", &["--issuer", &url, "--subject", "u-1"]);
    let until = Instant::now() + SOON;
    let ann = world.with(&of("u-1"));
    let before = world.authority.state().consents.crossed.len();
    loop {
        assert!(call(&ann, "eve").is_good_call());
        let mut state = world.authority.state();
        let crossed = state.consents.crossed.split_off(before);
        if crossed.is_empty() {
            break;
        }
        drop(state);
        assert!(Instant::now() < until, "the account before is still used");
        thread::sleep(Duration::from_millis(50));
    }
    world.end();
}

fn what_tokens_are_asked_for_with_is_rotated_in_the_vault(driver: Driver) {
    let world = World::start(driver, "login: shared, issuer: \"ISSUER\"", 4);
    let ann = world.agent("ann");
    world.until(&ann, "all", Some("login_needed"));
    world.login("all", &[]);
    world.until(&ann, "all", None);
    assert_success(&world.logout(&[]), "logout");
    world.until(&ann, "all", Some("login_needed"));
    world.login("all", &[]);
    world.until(&ann, "all", None);
    let renewed = |world: &World| {
        let until = Instant::now() + SOON;
        while world.gateway.status()["servers"][0]["token"]["renewals"].as_u64() < Some(3) {
            assert!(Instant::now() < until, "no renewal");
            thread::sleep(Duration::from_millis(50));
        }
    };
    renewed(&world);
    // The next gateway goes on where this one ended, although each refresh token is good once.
    world.gateway.stop();
    let world = World {
        gateway: Gateway::start(&world.policy, driver),
        ..world
    };
    let ann = world.agent("ann");
    world.until(&ann, "all", None);
    let audit = world.policy.varictl(&["vault", "audit"]);
    assert_success(&audit, "vault audit");
    let audit = String::from_utf8_lossy(&audit.stdout).into_owned();
    assert!(audit.contains("gateway"), "{audit}");

    // Withdrawn over there: calls end with the token, and another login mends it.
    world.authority.state().consents.withdraw("all");
    world.until(&ann, "all", Some("upstream_token"));
    let error = world.gateway.status()["servers"][0]["token"]["error"].clone();
    let error = error.as_str().expect("an error").to_owned();
    assert!(
        error.ends_with("log in again: varictl login alpha"),
        "{error}"
    );
    world.login("all", &[]);
    world.until(&ann, "all", None);
    world.end();
}

fn a_login_that_is_none_is_told(driver: Driver) {
    let world = World::start(driver, "login: each, issuer: \"ISSUER\"", 300);
    for (given, told) in [
        (&[][..], "say whose, with --agent NAME"),
        (&["--agent", "anne"], "no agent `anne`; did you mean ann?"),
        (
            &["--issuer", "https://x.example", "--subject", "1"],
            "no identity provider",
        ),
    ] {
        let output = world.policy.varictl(&[&["login", "alpha"], given].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(told), "{said}");
        assert_eq!(output.status.code(), Some(2), "{said}");
    }
    // Whoever is not the authorization server ends nothing; a refusal does.
    let (child, url) = world.begin(&["--agent", "ann"]);
    let redirect = url.split("redirect_uri=").nth(1).expect("a redirect");
    let redirect = redirect.split('&').next().expect("it");
    let redirect = redirect.replace("%3A", ":").replace("%2F", "/");
    assert_eq!(browse(&format!("{redirect}?code=x&state=y")).0, 400);
    assert_eq!(browse(&redirect).0, 404);
    let back = browse(&url).1.expect("a redirect");
    assert_eq!(browse(&back).0, 400);
    let output = child.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("refuses: access_denied"),
        "{said}"
    );
    assert_eq!(call(&world.agent("ann"), "ann").status(), 403);
    world.end();
}
