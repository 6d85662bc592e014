//! People are told: by webhook and chat, signed, without values, whatever happens on the way.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::process::Process;
use varistor_tests::receiver::{Got, Receiver, Turn};
use varistor_tests::{
    Agent, Connection, Driver, Gateway, PolicyDir, Upstream, on_both_drivers, programs,
};

use crate::world::{Extra, policy_before};

on_both_drivers!(
    a_rule_tells_what_happened_and_no_value,
    a_flood_of_held_calls_makes_two_messages,
    failures_are_tried_again_and_a_killed_gateway_loses_nothing,
    a_receiver_that_hangs_keeps_no_call_and_no_other_channel,
    what_is_given_up_stands_in_the_log,
    a_channel_can_be_tried_and_follows_the_policy,
    an_approver_gets_a_link_that_lets_the_call_pass_once,
);

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// `write_*` tells both channels and goes on; `send_*` is refused and tells the chat; what is
/// destructive is held, and the events tell the webhook.
const RULES: &str = r##"
RULE "told" IF tool.name STARTS WITH "write_"
THEN notify_channel("webhook", "ops") AND notify_channel("slack", "#alerts")

RULE "refused" IF tool.name STARTS WITH "send_"
THEN deny("no") AND notify_channel("slack", "#alerts")

RULE "undefined" IF tool.name STARTS WITH "read_"
THEN notify_channel("slack", "#nobody")
"##;

struct World {
    gateway: Gateway,
    policy: PolicyDir,
    upstream: Upstream,
    driver: Driver,
    hook: Receiver,
    chat: Receiver,
}

impl World {
    fn start(driver: Driver, turns: &[Turn]) -> Self {
        let (hook, chat) = (Receiver::start(turns), Receiver::start(&[]));
        let upstream = Upstream::start();
        let top = format!(
            "channels:
  webhook: {{ ops: {{ url: \"{}\", key: \"${{vault:hook_key}}\" }} }}
  slack: {{ \"#alerts\": {{ url: \"${{vault:chat_url}}\" }} }}
events: {{ held: [webhook/ops] }}
",
            hook.url("/hook")
        );
        let extra = Extra {
            top: &top,
            ..Extra::default()
        };
        let policy = PolicyDir::new(&policy_before(&upstream.url(), Extra::default()));
        policy.keep_in_vault("hook_key", KEY);
        policy.keep_in_vault("chat_url", &chat.url("/services/secret-path"));
        policy.write(&policy_before(&upstream.url(), extra));
        std::fs::write(policy.path().join("own.rules"), RULES).expect("a writable folder");
        policy.compile();
        Self {
            gateway: Gateway::start(&policy, driver),
            policy,
            upstream,
            driver,
            hook,
            chat,
        }
    }

    fn agent(&self, name: &str) -> Agent {
        let token = self.policy.token(name);
        Agent::new(self.gateway.address(), "alpha", &token)
    }

    fn notices(&self) -> Value {
        self.gateway.status()["notices"].clone()
    }

    /// Waits until a number of the status is this.
    fn wait_for(&self, name: &str, number: u64) {
        let until = Instant::now() + Duration::from_secs(30);
        while self.notices()[name] != number {
            assert!(
                Instant::now() < until,
                "{name} {number}: {}",
                self.notices()
            );
        }
    }

    fn end(self) -> Vec<Value> {
        self.gateway.stop();
        self.policy.verify_audit();
        self.policy.records()
    }
}

/// Has Python check the signatures.
fn assert_genuine(all: &[&Got]) {
    let mut child = Command::new("python3")
        .arg(programs::folder().join("python/verify_webhook.py"))
        .stdin(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut input = child.stdin.take().expect("standard input");
    for got in all {
        let line = json!({
            "key": KEY,
            "id": got.field("webhook-id"),
            "timestamp": got.field("webhook-timestamp"),
            "signature": got.field("webhook-signature"),
            "body": String::from_utf8_lossy(&got.body),
        });
        writeln!(input, "{line}").expect("a line");
    }
    drop(input);
    assert!(child.wait().expect("an end").success(), "not genuine");
}

/// Values that no message may carry, in arguments of every kind.
fn canaries() -> Value {
    json!({
        "path": "/srv/CANARY-path",
        "text": "CANARY-text AKIAIOSFODNN7EXAMPLE 4111 1111 1111 1111 canary@acme.example",
        "nested": {"CANARY-key": ["CANARY-item", {"password": "CANARY-word-9f8e7d"}]},
    })
}

fn assert_no_canary(got: &Got) {
    let all = format!("{}{}", got.head, String::from_utf8_lossy(&got.body));
    for canary in ["CANARY", "AKIA", "4111", "canary@"] {
        assert!(!all.contains(canary), "{canary} in {all}");
    }
}

fn a_rule_tells_what_happened_and_no_value(driver: Driver) {
    let world = World::start(driver, &[]);
    let agent = world.agent("tester");
    let answer = agent.call("write_file", canaries());
    assert!(answer.is_good_call(), "{answer:?}");
    let (hook, chat) = (world.hook.next(), world.chat.next());
    assert_genuine(&[&hook]);
    assert_no_canary(&hook);
    assert_no_canary(&chat);
    let told = hook.json();
    assert_eq!(told["type"], "varistor.rule");
    let data = &told["data"];
    for (name, value) in [
        ("organisation", "acme"),
        ("agent", "tester"),
        ("server", "alpha"),
        ("tool", "write_file"),
        ("intent", "write"),
        ("decision", "allow"),
        ("rule", "told"),
    ] {
        assert_eq!(data[name], value, "{told}");
    }
    assert_eq!(data["id"], hook.field("webhook-id"));
    assert!(
        chat.head
            .starts_with("POST /services/secret-path HTTP/1.1\r\n")
    );
    let text = chat.json()["text"].as_str().expect("a text").to_owned();
    assert!(text.contains("tool: write_\u{2060}file"), "{text}");

    assert_eq!(
        agent.call("send_mail", canaries()).json()["result"]["isError"],
        true
    );
    let refused = world.chat.next();
    assert_no_canary(&refused);
    let text = refused.json()["text"].as_str().expect("a text").to_owned();
    assert!(text.contains("decision: deny"), "{text}");
    assert!(text.contains("reason: rule_\u{2060}denied"), "{text}");

    let records = world.end();
    let call = records
        .iter()
        .find(|record| record["seq"] == data["record"]);
    assert_eq!(call.expect("the record")["tool"], "write_file");
    for record in &records {
        let line = record.to_string();
        assert!(
            !line.contains("secret-path") && !line.contains(KEY),
            "{line}"
        );
    }
}

fn a_flood_of_held_calls_makes_two_messages(driver: Driver) {
    let world = World::start(driver, &[]);
    // An approver with a channel of her own hears of each, too.
    let own = [
        "approvals",
        "approver",
        "add",
        "alice",
        "--notify",
        "slack/#alerts",
    ];
    assert!(world.policy.varictl(&own).status.success());
    let agent = world.agent("careful");
    let mut connection = agent.connect();
    for id in 0..200 {
        let params = json!({"name": "delete_file", "arguments": canaries()});
        let answer = connection.exchange(&agent.modern(id, "tools/call", params));
        assert_eq!(answer.json()["result"]["isError"], true);
    }
    let (first, second) = (world.hook.next(), world.hook.next());
    assert_genuine(&[&first, &second]);
    assert_no_canary(&first);
    assert_no_canary(&second);
    let (first, second) = (first.json(), second.json());
    assert_eq!(first["type"], "varistor.held");
    assert_eq!(first["data"]["count"], 1);
    assert_eq!(first["data"]["reason"], "held");
    assert_eq!(second["data"]["count"], 199);
    for number in [
        "waits for approval*",
        "waits for approval (\u{2060}199 times)*",
    ] {
        let own = world.chat.next();
        assert_no_canary(&own);
        let text = own.json()["text"].as_str().expect("a text").to_owned();
        assert!(text.contains(number), "{text}");
    }
    assert_eq!(world.upstream.calls(), 0);
    world.end();
}

fn failures_are_tried_again_and_a_killed_gateway_loses_nothing(driver: Driver) {
    let later = "Retry-After: 1\r\n";
    let turns = [Turn::Status(500, ""), Turn::Reset, Turn::Status(429, later)];
    let mut world = World::start(driver, &turns);
    let agent = world.agent("tester");
    assert!(agent.call("write_file", canaries()).is_good_call());
    let attempts: Vec<Got> = (0..4).map(|_| world.hook.next()).collect();
    assert_genuine(&attempts.iter().collect::<Vec<_>>());
    let ids: Vec<&str> = attempts.iter().map(|got| got.field("webhook-id")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");

    // A message of another kind waits for no other.
    let busy = [Turn::Status(503, ""), Turn::Status(503, ""), Turn::Hang];
    world.hook.then(&busy);
    let careful = world.agent("careful");
    let held = careful.call("delete_file", canaries());
    assert_eq!(held.json()["result"]["isError"], true);
    let before = world.hook.next();
    // While its message is tried again and again, the gateway is killed.
    drop(world.gateway);
    world.hook.rest(Duration::from_millis(500));
    world.hook.then(&[]);
    world.gateway = Gateway::start(&world.policy, world.driver);
    let after = world.hook.next();
    assert_eq!(after.field("webhook-id"), before.field("webhook-id"));
    assert_eq!(after.body, before.body);
    assert_genuine(&[&after]);
    world.wait_for("waiting", 0);
    let outbox = world.policy.path().join("state/outbox");
    let left = std::fs::read_dir(outbox).expect("an outbox").count();
    assert_eq!(left, 0, "what was delivered is not kept");
    world.end();
}

fn a_receiver_that_hangs_keeps_no_call_and_no_other_channel(driver: Driver) {
    let world = World::start(driver, &[Turn::Hang]);
    let agent = world.agent("tester");
    assert!(agent.call("write_file", json!({})).is_good_call());
    world.hook.next();
    // The hook is silent now; calls and the chat go on.
    for _ in 0..50 {
        assert!(agent.call("read_file", json!({"path": "a"})).is_good_call());
    }
    assert_eq!(
        agent.call("send_mail", json!({})).json()["result"]["isError"],
        true
    );
    let told = [world.chat.next(), world.chat.next()];
    assert!(
        told.iter()
            .any(|got| got.json()["text"].to_string().contains("deny"))
    );
    // Nobody hears of #nobody, and that is counted.
    world.wait_for("dropped", 50);
    world.end();
}

fn what_is_given_up_stands_in_the_log(driver: Driver) {
    let world = World::start(driver, &[Turn::Status(302, "Location: /other\r\n")]);
    let agent = world.agent("tester");
    assert!(agent.call("write_file", canaries()).is_good_call());
    let got = world.hook.next();
    world.chat.next();
    let id = got.field("webhook-id").to_owned();
    let rest = world.hook.rest(Duration::from_secs(3));
    assert!(
        rest.is_empty(),
        "no redirect is followed, nothing is tried again: {rest:?}"
    );
    world.wait_for("failed", 1);
    world.wait_for("delivered", 1);
    let status = world.policy.varictl(&["status"]);
    let text = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(text.contains("slack/#alerts, webhook/ops"), "{text}");
    let metrics = world.gateway.admin("GET", "/v1/metrics", &[]);
    let metrics = metrics.body_text();
    for line in [
        "varistor_notices_queued 0",
        "varistor_messages_waiting 0",
        "varistor_messages_delivered_total 1",
        "varistor_messages_retried_total 0",
        "varistor_messages_failed_total 1",
        "varistor_notices_dropped_total 0",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    let records = world.end();
    let failed = records
        .iter()
        .find(|one| one["kind"] == "notification_failed");
    let details = &failed.expect("a record")["details"];
    assert_eq!(details["channel"], "webhook/ops");
    assert_eq!(details["message"], id.as_str());
    assert_eq!(details["error"], "it answered with status 302");
}

fn a_channel_can_be_tried_and_follows_the_policy(driver: Driver) {
    let world = World::start(driver, &[Turn::Status(500, "")]);
    let test = |channel: &str| {
        world
            .policy
            .varictl(&["channels", "test", channel, "--json"])
    };
    let failed = test("webhook/ops");
    assert_eq!(failed.status.code(), Some(1));
    world.hook.next();
    let done = test("webhook/ops");
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let got = world.hook.next();
    assert_genuine(&[&got]);
    assert_eq!(got.json()["type"], "varistor.test");
    assert_eq!(test("slack/#alerts").status.code(), Some(0));
    world.chat.next();
    let none = test("slack/#none");
    assert_eq!(none.status.code(), Some(1));
    let text = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(text.contains("it has slack/#alerts, webhook/ops"), "{text}");

    // Another key: it counts from the next push on.
    world.policy.keep_in_vault("hook_key", "too short");
    let refused = world.policy.varictl(&["push"]);
    assert_eq!(refused.status.code(), Some(1));
    let text = [refused.stdout, refused.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(text.contains("its key is none"), "{text}");
    assert!(!text.contains("too short"), "{text}");
    assert_eq!(
        test("webhook/ops").status.code(),
        Some(0),
        "the old one stays"
    );
    world.end();
}

/// `varictl approvals serve` of this directory, and where it is.
fn page(policy: &PolicyDir) -> (Process, String) {
    let page = Process::start(&programs::ours("varictl"), |command| {
        command.args(["approvals", "serve", "--listen", "127.0.0.1:0", "--dir"]);
        command.arg(policy.path());
    });
    let address = page.wait_for_address();
    (page, address)
}

fn an_approver_gets_a_link_that_lets_the_call_pass_once(driver: Driver) {
    let (upstream, hook) = (Upstream::start(), Receiver::start(&[]));
    let policy = PolicyDir::new(&policy_before(&upstream.url(), Extra::default()));
    policy.keep_in_vault("hook_key", KEY);
    let own = [
        "approvals",
        "approver",
        "add",
        "alice",
        "--notify",
        "webhook/own",
    ];
    assert!(policy.varictl(&own).status.success());
    let (_page, address) = page(&policy);
    let url = hook.url("/hook");
    let top = format!(
        "channels: {{ webhook: {{ own: {{ url: \"{url}\", key: \"${{vault:hook_key}}\" }} }} }}
approvals: {{ page: \"http://{address}\", wait: none }}
"
    );
    let extra = Extra {
        top: &top,
        ..Extra::default()
    };
    policy.write(&policy_before(&upstream.url(), extra));
    policy.compile();
    let gateway = Gateway::start(&policy, driver);
    let agent = Agent::new(gateway.address(), "alpha", &policy.token("careful"));
    let call = || agent.call("delete_file", canaries());
    assert_eq!(call().json()["result"]["isError"], true);

    let told = hook.next();
    assert_genuine(&[&told]);
    assert_no_canary(&told);
    let told = told.json();
    let link = told["data"]["url"].as_str().expect("a link");
    let path = link
        .strip_prefix(&format!("http://{address}"))
        .expect("its page");
    assert!(path.starts_with("/l/"), "{path}");
    let ask = |method: &str, body: &str| {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Connection::open(&address).exchange(request.as_bytes())
    };
    // A chat looks ahead: nothing is decided, and everything is shown.
    let shown = ask("GET", "");
    assert_eq!(shown.status(), 200);
    assert!(shown.body_text().contains("CANARY-path"), "{shown:?}");
    assert_eq!(call().json()["result"]["isError"], true);
    assert_eq!(upstream.calls(), 0);
    let decided = ask("POST", "decision=approve&note=fine");
    assert_eq!(decided.status(), 200, "{decided:?}");
    assert!(decided.body_text().contains("is approved"), "{decided:?}");
    assert_eq!(ask("POST", "decision=deny").status(), 403);
    assert!(call().is_good_call());
    assert_eq!(call().json()["result"]["isError"], true);
    assert_eq!(upstream.calls(), 1);
    gateway.stop();
    policy.verify_audit();
    let records = policy.records();
    let approval = records.iter().find(|one| one["kind"] == "approval");
    let details = &approval.expect("a record")["details"];
    assert_eq!(
        (&details["by"], &details["note"]),
        (&json!("alice"), &json!("fine"))
    );
    assert_eq!(details["approval"], told["data"]["approval"]);
}
