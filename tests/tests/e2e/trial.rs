//! A gateway in front of a server that fails: what the caller sees of each failure, what the log
//! says of it, and that nothing of it is left behind.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::{Agent, Answer, Connection, Driver, Gateway, PolicyDir, Session, sse};

use crate::world::{Extra, policy_before};

/// Time-outs that are short, so that running into them costs a test little.
const TIMEOUTS: &str = "first_byte: 2s, connect: 1s, upstream_idle: 500ms";
/// Longest time for an answer of any kind: the first byte's time-out, and a busy machine.
const ANSWERED_WITHIN: Duration = Duration::from_secs(12);
/// A tool that no failure is about.
pub const SOUND: &str = "read_file";
/// The id of the call that fails.
const ID: u64 = 7;

/// One failure: the tool whose call runs into it, what its caller sees, what the log says.
pub struct Case {
    /// The name of the tool, and of the failure.
    pub tool: &'static str,
    /// What comes back.
    pub seen: Seen,
    /// The status in the record of the result.
    pub logged: &'static str,
}

/// What a caller sees of a failure.
#[derive(Clone, Copy, Debug)]
pub enum Seen {
    /// The gateway's own JSON-RPC error, for this reason.
    Refused(&'static str),
    /// The server's HTTP status, and nothing of its body.
    Status(u16),
    /// The server's answer, exactly once.
    Whole,
    /// A stream that breaks off without a response; an error for this reason when the failure
    /// showed before the stream's head had left.
    Cut(&'static str),
    /// A stream that ends in order, without a response.
    Ended,
}

/// A reason of the gateway's: its name, HTTP status and JSON-RPC code.
const REASONS: &[(&str, u16, i64)] = &[
    ("upstream_closed", 502, -31007),
    ("upstream_unreachable", 502, -31007),
    ("upstream_timeout", 504, -31008),
    ("upstream_invalid", 502, -31009),
    ("upstream_encoding", 502, -31009),
    ("upstream_too_large", 502, -31009),
    ("upstream_redirect", 502, -31009),
    ("upstream_credential", 502, -31010),
];

/// The gateway under trial.
pub struct Trial {
    /// The gateway.
    pub gateway: Gateway,
    /// An agent that may do everything.
    pub agent: Agent,
    policy: PolicyDir,
    /// Descriptors that the gateway had open before its first call.
    descriptors: usize,
}

/// Who calls: an agent without a session (2026-07-28) or with one (before).
#[derive(Clone)]
pub struct Caller {
    agent: Agent,
    session: Option<Session>,
}

impl Trial {
    /// A gateway before the server at this URL.
    pub fn before(url: &str, driver: Driver) -> Self {
        let extra = Extra {
            timeouts: TIMEOUTS,
            // Each failure is looked at by itself.
            alpha: ", breaker: off",
            ..Extra::default()
        };
        let policy = PolicyDir::new(&policy_before(url, extra));
        let gateway = Gateway::start(&policy, driver);
        let agent = Agent::new(gateway.address(), "alpha", &policy.token("tester"));
        let descriptors = descriptors(&gateway);
        Self {
            gateway,
            agent,
            policy,
            descriptors,
        }
    }

    /// Who calls without a session.
    pub fn caller(&self) -> Caller {
        Caller {
            agent: self.agent.clone(),
            session: None,
        }
    }

    /// Callers of both eras.
    fn callers(&self) -> [Caller; 2] {
        let session = Some(self.agent.initialize());
        let legacy = Caller {
            session,
            ..self.caller()
        };
        [self.caller(), legacy]
    }

    /// Runs into every failure, all at the same time, in both eras; gives the numbers of the
    /// records of the calls.
    pub fn run<'c>(&self, cases: &'c [Case]) -> Vec<(u64, &'c Case)> {
        let callers = self.callers();
        let pairs = callers
            .iter()
            .flat_map(|caller| cases.iter().map(move |case| (caller, case)));
        thread::scope(|scope| {
            let running: Vec<_> = pairs
                .map(|(caller, case)| {
                    // A failed assertion then says whose it was.
                    let thread = thread::Builder::new().name(caller.name(case.tool));
                    let work = move || (caller.run_into(case), case);
                    thread.spawn_scoped(scope, work).expect("a thread")
                })
                .collect();
            let ended = running.into_iter().map(thread::ScopedJoinHandle::join);
            // All of them end before the first failure is told.
            let ended: Vec<_> = ended.collect();
            let ended = ended.into_iter().map(|case| case.expect("a sound case"));
            ended.collect()
        })
    }

    /// Waits until the gateway has let go of every connection, ends it, has `varictl` verify the
    /// log, checks what it says of these calls, and gives its records.
    pub fn end(self, calls: &[(u64, &Case)]) -> Vec<Value> {
        let until = Instant::now() + Duration::from_secs(20);
        while descriptors(&self.gateway) > self.descriptors {
            assert!(
                Instant::now() < until,
                "{} descriptors are open, {} were before",
                descriptors(&self.gateway),
                self.descriptors
            );
            thread::sleep(Duration::from_millis(20));
        }
        self.gateway.stop();
        self.policy.verify_audit();
        let records = self.policy.records();
        for (number, case) in calls {
            let call = record(&records, *number);
            assert_eq!(call["kind"], "call", "{}: {call}", case.tool);
            assert_eq!(call["decision"], "allow", "{}: {call}", case.tool);
            assert_eq!(call["tool"], case.tool, "{call}");
            let result = result_of(&records, *number);
            assert_eq!(result["status"], case.logged, "{}: {result}", case.tool);
        }
        for call in allowed(&records) {
            result_of(&records, call["seq"].as_u64().expect("a number"));
        }
        records
    }
}

impl Caller {
    fn name(&self, tool: &str) -> String {
        let era = if self.session.is_some() {
            "legacy"
        } else {
            "modern"
        };
        format!("{tool} ({era})")
    }

    /// The bytes of a call of this tool.
    pub fn call(&self, id: u64, tool: &str) -> Vec<u8> {
        let params = json!({"name": tool, "arguments": {}});
        match &self.session {
            None => self.agent.modern(id, "tools/call", params),
            Some(session) => {
                let message =
                    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
                let body = message.to_string();
                self.agent.post(&session.fields(), body.as_bytes())
            }
        }
    }

    /// Runs into a failure and goes on calling; gives the number of the record of the call.
    fn run_into(&self, case: &Case) -> u64 {
        let (record, mut connection) = self.attempt(case);
        self.call_soundly(&mut connection);
        self.call_soundly(&mut self.agent.connect());
        record
    }

    /// Runs into a failure; gives the number of the record of the call, and a connection on which
    /// the next call goes out.
    pub fn attempt(&self, case: &Case) -> (u64, Connection) {
        let begun = Instant::now();
        let mut connection = self.agent.connect();
        let answer = connection.exchange(&self.call(ID, case.tool));
        let took = begun.elapsed();
        assert!(took < ANSWERED_WITHIN, "the caller was held for {took:?}");
        let record = answer.record();
        let record = record.unwrap_or_else(|| panic!("no record: {answer:?}"));
        case.seen.check(&answer, connection.is_cut(), record);
        if connection.is_cut() {
            assert!(connection.is_closed_by_peer());
            connection = self.agent.connect();
        }
        (record, connection)
    }

    /// Calls what does not fail, which must be as good as ever.
    pub fn call_soundly(&self, connection: &mut Connection) {
        let answer = connection.exchange(&self.call(ID, SOUND));
        Seen::Whole.check(&answer, connection.is_cut(), 0);
    }
}

impl Seen {
    fn check(self, answer: &Answer, cut: bool, record: u64) {
        match self {
            Self::Refused(reason) => {
                assert!(!cut, "{answer:?}");
                check_refusal(reason, answer, record);
            }
            Self::Status(status) => {
                assert_eq!((answer.status(), cut), (status, false), "{answer:?}");
                assert!(answer.body.is_empty(), "{answer:?}");
            }
            Self::Whole => {
                assert!(answer.is_good_call() && !cut, "{answer:?}");
                assert_eq!(responses(answer), 1, "{answer:?}");
                assert!(!answer.text().is_empty(), "{answer:?}");
            }
            Self::Cut(reason) if answer.status() != 200 => check_refusal(reason, answer, record),
            Self::Cut(_) | Self::Ended => {
                assert_eq!(answer.status(), 200, "{answer:?}");
                assert_eq!(cut, matches!(self, Self::Cut(_)), "{answer:?}");
                assert_eq!(responses(answer), 0, "{answer:?}");
            }
        }
    }
}

fn check_refusal(reason: &str, answer: &Answer, record: u64) {
    let known = REASONS.iter().find(|(name, ..)| *name == reason);
    let (_, status, code) = known.expect("a reason of the table");
    let message = answer.json();
    let told = (answer.status(), &message["error"]["data"]);
    let data = json!({"reason": reason, "record": record});
    assert_eq!(told, (*status, &data), "{answer:?}");
    assert_eq!(message["error"]["code"], json!(code), "{message}");
    assert_eq!(message["id"], json!(ID), "{message}");
    assert_eq!(message.get("result"), None, "{message}");
}

/// How many messages of an answer are the response to the call.
fn responses(answer: &Answer) -> usize {
    let kind = answer.field("content-type").unwrap_or_default();
    let text = String::from_utf8_lossy(&answer.body);
    let messages: Vec<Value> = if kind.starts_with("text/event-stream") {
        let events = sse::events(&text);
        let messages = events.iter().map(|event| serde_json::from_str(&event.data));
        messages.map(|message| message.expect("JSON")).collect()
    } else {
        vec![answer.json()]
    };
    let own = messages.iter().filter(|message| message["id"] == json!(ID));
    own.count()
}

/// Records of calls of tools that went on to the server.
pub fn allowed(records: &[Value]) -> impl Iterator<Item = &Value> {
    records.iter().filter(|record| {
        record["kind"] == "call" && record["decision"] == "allow" && record["tool"].is_string()
    })
}

fn record(records: &[Value], number: u64) -> &Value {
    let found = records.iter().find(|record| record["seq"] == json!(number));
    found.unwrap_or_else(|| panic!("record {number} is not in the log"))
}

/// The only result of a call.
fn result_of(records: &[Value], number: u64) -> &Value {
    let results = records.iter().filter(|record| record["kind"] == "result");
    let own: Vec<_> = results
        .filter(|record| record["call"] == json!(number))
        .collect();
    assert_eq!(own.len(), 1, "results of {number}: {own:?}");
    own[0]
}

/// How many descriptors the gateway has open, without those of the audit log: its signer opens
/// files when there is something to sign.
pub fn descriptors(gateway: &Gateway) -> usize {
    let folder = format!("/proc/{}/fd", gateway.id());
    let all = fs::read_dir(folder).expect("its descriptors").flatten();
    let is_of_the_log = |path: &std::path::Path| path.to_string_lossy().contains("/audit/");
    all.filter(|entry| !fs::read_link(entry.path()).is_ok_and(|path| is_of_the_log(&path)))
        .count()
}
