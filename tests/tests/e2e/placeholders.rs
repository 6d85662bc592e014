//! Values that a model never sees reach the servers that are cleared for them, through the built
//! programs.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Value, json};
use varistor_tests::upstream::{Handled, reply};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

use crate::world::{Extra, policy_before};

on_both_drivers!(
    a_cleared_server_gets_values_whatever_connection_they_came_by,
    values_are_forgotten_with_their_sessions,
    many_connections_at_once_agree_on_every_number,
    what_finds_no_room_is_irreversible_and_counted,
);

const EMAIL: &str = "ada.lovelace@example.org";
const CARD: &str = "4111 1111 1111 1111";
const DLP: &str = "dlp:
  response: { pii: redact, financial: redact }
  placeholders: { reversible: [pii, financial], clear: { beta: pii } }
";
/// Values that a token has room for.
const VALUES_MAX: usize = 1024;
/// More than workers, so that each of them is asked.
const CONNECTIONS: usize = 12;

/// Two servers: `alpha`, and `beta`, which is cleared for personal data.
struct Pair {
    gateway: Gateway,
    policy: PolicyDir,
    alpha: Upstream,
    beta: Upstream,
}

impl Pair {
    fn start(driver: Driver) -> Self {
        let (alpha, beta) = (teller(), teller());
        let extra = Extra {
            top: DLP,
            ..Extra::default()
        };
        let text = policy_before(&alpha.url(), extra);
        let own = format!("beta: {{ url: \"{}\"", beta.url());
        let text = text.replace(&format!("beta: {{ url: \"{}\"", alpha.url()), &own);
        let policy = PolicyDir::new(&text);
        Self {
            gateway: Gateway::start(&policy, driver),
            policy,
            alpha,
            beta,
        }
    }

    /// One token in front of both servers.
    fn agent(&self, name: &str) -> [Agent; 2] {
        let token = self.policy.token(name);
        ["alpha", "beta"].map(|server| Agent::new(self.gateway.address(), server, &token))
    }

    /// Drains the gateway; the records of all calls, none of which may tell a value.
    fn end(self) -> Vec<Value> {
        self.gateway.stop();
        self.policy.verify_audit();
        let records = self.policy.records();
        for record in &records {
            let line = record.to_string();
            assert!(
                !line.contains("@example.org") && !line.contains("4111 1111"),
                "{line}"
            );
        }
        records
    }
}

/// A server whose tools answer with the text at `tell`, which stands for others in requests.
fn teller() -> Upstream {
    Upstream::behaving(|incoming, stream| {
        if incoming.method() != "tools/call" {
            return Handled::Usual;
        }
        let message = incoming.json();
        let arguments = &message["params"]["arguments"];
        let text = match arguments["tell"].as_str() {
            Some("many") => (0..VALUES_MAX + 5)
                .map(|at| format!("p{at}@example.org "))
                .collect(),
            Some("book") => format!("write to {EMAIL}, card {CARD}"),
            Some(number) => format!("person{number}@example.org"),
            None => "done".to_owned(),
        };
        let result = json!({"jsonrpc": "2.0", "id": message["id"], "result": {
            "resultType": "complete", "isError": false,
            "content": [{"type": "text", "text": text}]}});
        let fields = "Content-Type: application/json\r\n";
        reply(stream, 200, fields, result.to_string().as_bytes());
        Handled::Answered
    })
}

/// What the server got as `to` in its last call.
fn got(upstream: &Upstream) -> String {
    let seen = upstream.seen();
    let calls = seen.iter().rev();
    let last = calls
        .into_iter()
        .find(|incoming| incoming.method() == "tools/call");
    let arguments = last.expect("a call").json()["params"]["arguments"].clone();
    arguments["to"].as_str().expect("a text").to_owned()
}

fn a_cleared_server_gets_values_whatever_connection_they_came_by(driver: Driver) {
    let pair = Pair::start(driver);
    let [alpha, beta] = pair.agent("tester");
    let shown = "write to <EMAIL_1>, card <CREDIT_CARD_1>";
    for _ in 0..CONNECTIONS {
        let told = alpha.call("read_file", json!({"tell": "book"}));
        assert_eq!(told.text(), shown);
    }
    let to = json!({"to": shown});
    for _ in 0..CONNECTIONS {
        assert!(beta.call("read_file", to.clone()).is_good_call());
        assert_eq!(
            got(&pair.beta),
            format!("write to {EMAIL}, card <CREDIT_CARD_1>")
        );
        assert!(alpha.call("read_file", to.clone()).is_good_call());
        assert_eq!(got(&pair.alpha), shown);
    }
    // Another token, of whomever.
    for name in ["other", "tester"] {
        let [_, beta] = pair.agent(name);
        for _ in 0..CONNECTIONS {
            assert!(beta.call("read_file", to.clone()).is_good_call());
            assert_eq!(got(&pair.beta), shown);
        }
    }
    let records = pair.end();
    let restored = records
        .iter()
        .filter(|record| record["restored"].is_array());
    let restored: Vec<_> = restored.collect();
    assert_eq!(restored.len(), CONNECTIONS);
    for record in restored {
        assert_eq!(record["restored"], json!([{"entity": "email", "count": 1}]));
        assert_eq!(record["server"], "beta");
        assert_eq!(record["params"]["arguments"]["to"], shown);
    }
}

fn values_are_forgotten_with_their_sessions(driver: Driver) {
    let pair = Pair::start(driver);
    let [alpha, beta] = pair.agent("tester").map(|agent| agent.initialize());
    let told = alpha.call("read_file", json!({"tell": "book"}));
    assert_eq!(told.text(), "write to <EMAIL_1>, card <CREDIT_CARD_1>");
    let to = json!({"to": "<EMAIL_1>"});
    let sent = |expected: &str| {
        for _ in 0..CONNECTIONS {
            assert!(beta.call("read_file", to.clone()).is_good_call());
            assert_eq!(got(&pair.beta), expected);
        }
    };
    sent(EMAIL);
    assert!((200..300).contains(&alpha.delete().status()));
    // The other session knows the value still.
    sent(EMAIL);
    assert!((200..300).contains(&beta.delete().status()));
    let [alpha, beta] = [&alpha.agent, &beta.agent].map(Agent::initialize);
    for _ in 0..CONNECTIONS {
        assert!(beta.call("read_file", to.clone()).is_good_call());
        assert_eq!(got(&pair.beta), "<EMAIL_1>");
    }
    // What a model may remember never stands for something else.
    let told = alpha.call("read_file", json!({"tell": "book"}));
    assert_eq!(told.text(), "write to <EMAIL_2>, card <CREDIT_CARD_2>");
    pair.end();
}

fn many_connections_at_once_agree_on_every_number(driver: Driver) {
    let pair = Pair::start(driver);
    let [alpha, beta] = pair.agent("tester");
    let ask = |offset: usize| {
        let alpha = alpha.clone();
        move || -> Vec<(usize, String)> {
            let numbers = (0..CONNECTIONS).map(|number| (number * 5 + offset) % CONNECTIONS);
            let told = numbers.map(|number| {
                let told = alpha.call("read_file", json!({"tell": number.to_string()}));
                (number, told.text())
            });
            told.collect()
        }
    };
    let running: Vec<_> = (0..6).map(|offset| thread::spawn(ask(offset))).collect();
    let all = running
        .into_iter()
        .flat_map(|one| one.join().expect("answers"));
    let told: BTreeSet<(usize, String)> = all.collect();
    let shown: BTreeSet<&str> = told.iter().map(|(_, text)| text.as_str()).collect();
    let expected: Vec<String> = (1..=CONNECTIONS)
        .map(|at| format!("<EMAIL_{at}>"))
        .collect();
    assert_eq!(shown, expected.iter().map(String::as_str).collect());
    assert_eq!(told.len(), CONNECTIONS);
    for (number, text) in &told {
        assert!(beta.call("read_file", json!({"to": text})).is_good_call());
        assert_eq!(got(&pair.beta), format!("person{number}@example.org"));
    }
    pair.end();
}

fn what_finds_no_room_is_irreversible_and_counted(driver: Driver) {
    let pair = Pair::start(driver);
    let [alpha, beta] = pair.agent("tester");
    let told = alpha.call("read_file", json!({"tell": "many"})).text();
    let words: Vec<&str> = told.split_whitespace().collect();
    let last = format!("<EMAIL_{VALUES_MAX}>");
    assert_eq!(words[VALUES_MAX - 1], last);
    assert_eq!(words[VALUES_MAX..], ["[REDACTED:email]"; 5]);
    // What is kept has its number still.
    assert_eq!(
        alpha.call("read_file", json!({"tell": "many"})).text(),
        told
    );
    assert!(beta.call("read_file", json!({"to": last})).is_good_call());
    assert_eq!(got(&pair.beta), format!("p{}@example.org", VALUES_MAX - 1));
    let metrics = pair.gateway.admin("GET", "/v1/metrics", &[]);
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    for line in [
        "varistor_placeholders_kept 1024\n",
        "varistor_placeholders_refused_total 10\n",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    pair.end();
}
