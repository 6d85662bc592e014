//! The ways that a call can go: well, and wrong at every stage.

use std::time::Duration;

use serde_json::{Value, json};
use varistor_tests::holder::{Holder, bound};
use varistor_tests::upstream::{Handled, Incoming, reply};
use varistor_tests::{Agent, Answer, Upstream};

use super::World;
use super::needles::{Needles, in_base64};

/// A server that answers as it is told to, and tells its credential wherever it can.
pub(crate) fn upstream() -> Upstream {
    Upstream::behaving(|incoming, stream| {
        let message = incoming.json();
        let wish = message["params"]["arguments"]["wish"].as_str();
        let own = incoming.field("authorization").unwrap_or_default();
        let result = |text: &str| {
            json!({"jsonrpc": "2.0", "id": message["id"], "result": {"resultType": "complete",
                "isError": false, "content": [{"type": "text", "text": text}]}})
            .to_string()
        };
        let json = "Content-Type: application/json\r\n";
        let telling = format!("{json}X-Seen: {own}\r\nSet-Cookie: a={own}\r\n");
        match wish.unwrap_or_default() {
            "echo" => reply(stream, 200, json, result(&own).as_bytes()),
            "base64" => reply(stream, 200, json, result(&in_base64(&own)).as_bytes()),
            "header" => reply(stream, 200, &telling, result("good").as_bytes()),
            "error" => {
                let error = json!({"jsonrpc": "2.0", "id": message["id"],
                    "error": {"code": -32603, "message": own, "data": {"with": own}}});
                reply(stream, 200, json, error.to_string().as_bytes());
            }
            "stream" => {
                let events = format!("event: message\ndata: {}\n\n", result(&own));
                let kind = "Content-Type: text/event-stream\r\n";
                reply(stream, 200, kind, events.as_bytes());
            }
            "garbage" => reply(stream, 200, json, own.as_bytes()),
            "failure" => reply(stream, 500, &telling, own.as_bytes()),
            "refusal" => reply(stream, 401, &telling, own.as_bytes()),
            "redirect" => {
                let to = format!("Location: http://127.0.0.1:1/?{own}\r\n");
                reply(stream, 307, &to, b"");
            }
            "packed" => {
                let packed = format!("{json}Content-Encoding: gzip\r\n");
                reply(stream, 200, &packed, own.as_bytes());
            }
            "close" => return Handled::Close,
            "slow" => std::thread::sleep(Duration::from_millis(250)),
            _ => return usual(incoming),
        }
        Handled::Answered
    })
}

fn usual(_: &Incoming) -> Handled {
    Handled::Usual
}

/// Tokens of every kind.
pub(crate) struct Tokens {
    pub(crate) good: String,
    careful: String,
    /// Ours, and dead or not ours.
    bad: Vec<String>,
    person: String,
    /// Of the provider, and not good here.
    strange: Vec<String>,
    holder: Holder,
    bound: String,
}

impl Tokens {
    pub(crate) fn of(world: &World, needles: &mut Needles) -> Self {
        let policy = &world.policy;
        let good = policy.token("tester");
        let revoked = policy.token("tester");
        let expired = policy.token_with("tester", &["--ttl", "1s"]);
        let output = policy.varictl(&["token", "revoke", &revoked]);
        let said = [output.stdout, output.stderr].concat();
        policy.push();
        let middle = good.len() / 2;
        let other = if &good[middle..=middle] == "A" {
            "B"
        } else {
            "A"
        };
        let forged = format!("{}{other}{}", &good[..middle], &good[middle + 1..]);
        let issuer = &world.issuer;
        let holder = Holder::new(9);
        let tokens = Self {
            careful: policy.token("careful"),
            bad: vec![revoked, expired, forged],
            person: issuer.token(|_, claims| claims["sub"] = json!("ann")),
            strange: vec![
                issuer.token(|_, claims| claims["aud"] = json!("https://elsewhere.test")),
                issuer.token(|_, claims| claims["exp"] = json!(1_700_000_000)),
                issuer.token(|header, _| header["kid"] = json!("unknown")),
                issuer.token(|header, _| header["typ"] = json!("id+jwt")),
            ],
            bound: issuer.token(|_, claims| claims["cnf"] = holder.confirmation()),
            holder,
            good,
        };
        let all = [&tokens.good, &tokens.careful, &tokens.person, &tokens.bound];
        let all = all.into_iter().chain(&tokens.bad).chain(&tokens.strange);
        for (at, token) in all.enumerate() {
            // The end of it is what nobody else could make.
            needles.add(&format!("token {at}"), &token[token.len() - 60..]);
        }
        needles.in_none_of("varictl token revoke", &said, &[]);
        tokens
    }
}

type Way<'w> = (String, Box<dyn Fn() -> Answer + 'w>);

/// See the module.
pub(crate) struct Ways<'w>(Vec<Way<'w>>);

impl<'w> Ways<'w> {
    pub(crate) fn new(world: &'w World, tokens: &'w Tokens) -> Self {
        let mut ways = Self(Vec::new());
        ways.of_servers(world, tokens);
        ways.of_callers(world, tokens);
        ways.of_messages(world, tokens);
        ways
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Goes so many ways, and looks for the needles in each answer.
    pub(crate) fn walked(&self, needles: &Needles, calls: usize) {
        let mut statuses = std::collections::BTreeMap::<u16, usize>::new();
        for at in 0..calls {
            let (name, way) = &self.0[at % self.0.len()];
            let answer = way();
            *statuses.entry(answer.head.status).or_default() += 1;
            let fields = answer.head.fields.iter();
            let fields: String = fields
                .map(|(name, value)| format!("{name}: {value}\n"))
                .collect();
            needles.in_none_of(&format!("the head after {name}"), fields.as_bytes(), &[]);
            needles.in_none_of(&format!("the answer after {name}"), &answer.body, &[]);
        }
        println!("{calls} calls: {statuses:?}");
        // Once through, a breaker may be open or not.
        if calls < 10 * self.0.len() {
            return;
        }
        let is_there = |status: &u16| statuses.contains_key(status);
        assert!(
            [200, 400, 401, 403, 404, 413, 502, 503, 504]
                .iter()
                .all(is_there),
            "{statuses:?}"
        );
    }

    fn add(&mut self, name: &str, way: impl Fn() -> Answer + 'w) {
        self.0.push((name.to_owned(), Box::new(way)));
    }

    fn calls(&mut self, name: &str, agent: Agent, (tool, arguments): (&'static str, Value)) {
        self.add(name, move || agent.call(tool, arguments.clone()));
    }

    /// What servers answer, or do not.
    fn of_servers(&mut self, world: &'w World, tokens: &'w Tokens) {
        let at = |server: &str, token: &str| Agent::new(world.gateway.address(), server, token);
        for wish in [
            "", "echo", "base64", "header", "error", "stream", "garbage", "failure", "refusal",
            "redirect", "packed", "close", "slow",
        ] {
            let told = json!({"path": "/a", "wish": wish});
            self.calls(wish, at("alpha", &tokens.good), ("read_file", told));
        }
        let nothing = || json!({"path": "/a"});
        self.calls(
            "broken",
            at("broken", &tokens.good),
            ("read_file", nothing()),
        );
        let child = || at("child", &tokens.good);
        self.calls("a child", child(), ("echo", json!({"text": "a"})));
        self.calls("its environment", child(), ("environment", json!({})));
        self.calls(
            "guarded",
            at("guarded", &tokens.person),
            ("read_file", nothing()),
        );
        let tells = json!({"wish": "token"});
        self.calls(
            "guarded, telling",
            at("guarded", &tokens.person),
            ("read_file", tells),
        );
        self.calls(
            "guarded, ours",
            at("guarded", &tokens.good),
            ("read_file", nothing()),
        );
        let mut together = at("alpha", &tokens.good);
        together.path = "/mcp".to_owned();
        let echo = json!({"path": "/a", "wish": "echo"});
        self.calls("all as one", together.clone(), ("alpha__read_file", echo));
        self.add("all lists", move || {
            together.request(1, "tools/list", json!({}))
        });
    }

    /// Who calls.
    fn of_callers(&mut self, world: &'w World, tokens: &'w Tokens) {
        let at = |token: &str| Agent::new(world.gateway.address(), "alpha", token);
        let read = || ("read_file", json!({"path": "/a"}));
        for token in tokens.bad.iter().chain(&tokens.strange) {
            self.calls("a bad token", at(token), read());
        }
        self.calls("no token", at(""), read());
        self.calls("a bound token", at(&tokens.bound), read());
        let agent = at(&tokens.bound);
        self.add("proofs", move || {
            let request = agent.modern(1, "tools/call", json!({"name": "read_file"}));
            let proof = tokens.holder.proof(&agent, |_| {});
            agent.connect().exchange(&bound(&request, Some(&proof)));
            agent.connect().exchange(&bound(&request, Some(&proof)))
        });
        self.calls(
            "held",
            at(&tokens.careful),
            ("delete_file", json!({"path": "/a"})),
        );
        self.calls(
            "unknown tool",
            at(&tokens.careful),
            ("no_such_tool", json!({})),
        );
        let mut nowhere = at(&tokens.good);
        nowhere.path = "/mcp/nowhere".to_owned();
        self.calls("nowhere", nowhere, read());
        let agent = at(&tokens.good);
        self.add("two tokens", move || {
            let twice = format!("Authorization: Bearer {}\r\n", tokens.careful);
            agent.connect().exchange(&agent.post(&twice, b"{}"))
        });
    }

    /// What they send.
    fn of_messages(&mut self, world: &'w World, tokens: &'w Tokens) {
        let agent = Agent::new(world.gateway.address(), "alpha", &tokens.good);
        for (name, body) in [
            ("half a document", b"{\"jsonrpc\":".to_vec()),
            (
                "a member twice",
                br#"{"jsonrpc":"2.0","id":1,"id":2}"#.to_vec(),
            ),
            ("a batch", b"[]".to_vec()),
            ("too much", vec![b' '; 70 * 1024]),
        ] {
            let agent = agent.clone();
            self.add(name, move || {
                agent.connect().exchange(&agent.post("", &body))
            });
        }
        let other = agent.clone();
        self.add("a header of its own", move || {
            let request = other.modern(1, "tools/call", json!({"name": "read_file"}));
            let text = String::from_utf8(request).expect("text");
            let text = text.replace("Mcp-Name: read_file", "Mcp-Name: other");
            other.connect().exchange(text.as_bytes())
        });
        for (name, method, fields) in [
            ("a stream", "GET", "Mcp-Session-Id: none\r\n"),
            ("an end", "DELETE", "Mcp-Session-Id: none\r\n"),
            ("another method", "PUT", ""),
            ("another host", "GET", "Origin: https://evil.test\r\n"),
        ] {
            let agent = agent.clone();
            self.add(name, move || {
                agent.connect().exchange(&agent.head(method, fields))
            });
        }
        let session = agent.initialize();
        self.add("a session", move || {
            session.call("read_file", json!({"path": "/a", "wish": "echo"}))
        });
        let metadata = Agent {
            path: "/.well-known/oauth-protected-resource/mcp/alpha".to_owned(),
            ..agent
        };
        self.add("metadata", move || {
            metadata.connect().exchange(&metadata.head("GET", ""))
        });
    }
}
