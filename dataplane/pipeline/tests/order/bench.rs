//! A gateway without I/O: a client that is a string, a log that is a vector.

use std::cell::RefCell;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ed25519_dalek::SigningKey;
use varistor_http1::{Progress, RequestHead};
use varistor_inspect::dlp;
use varistor_model::{DlpAction, Durability, Reason};
use varistor_pipeline::budget::Budgets;
use varistor_pipeline::desk::Desk;
use varistor_pipeline::order::{self, Notes, Turned};
use varistor_pipeline::outside::{Client, Ledger, Now};
use varistor_pipeline::serving::{Local, Serving};
use varistor_pipeline::stages::forward::{Forward, Payload};
use varistor_snapshot::Snapshot;
use varistor_snapshot::schema::{
    Agent, Audit, Grant, Keys, Organisation, Policy, Rate, Role, Runtime, Server, Team, TokenKey,
    kinds,
};
use varistor_token::{Claims, Issuer};

pub(crate) const SECOND: u64 = 1_000_000_000;

/// One worker of a gateway.
pub(crate) struct Bench {
    pub(crate) desk: RefCell<Desk>,
    pub(crate) local: Rc<Local>,
    pub(crate) log: Log,
    pub(crate) now: Now,
    issuer: Issuer,
}

/// What became of a request.
pub(crate) enum Outcome {
    Forwarded {
        head: String,
        body: Vec<u8>,
        forward: Box<Forward>,
    },
    Denied(Reason),
    Answered,
}

#[derive(Default)]
pub(crate) struct Log {
    pub(crate) lines: RefCell<Vec<String>>,
    pub(crate) refuses: bool,
}

impl Ledger for Log {
    type Pending = Ready<Result<u64, Reason>>;

    fn submit(&self, _: Durability, write: &mut dyn FnMut(&mut Vec<u8>)) -> Self::Pending {
        if self.refuses {
            return ready(Err(Reason::AuditFailed));
        }
        let mut line = Vec::new();
        write(&mut line);
        self.lines
            .borrow_mut()
            .push(String::from_utf8(line).unwrap());
        ready(Ok(self.lines.borrow().len() as u64 - 1))
    }

    fn post(&self, write: &mut dyn FnMut(&mut Vec<u8>)) {
        assert!(self.submit(Durability::Written, write).into_inner().is_ok());
    }
}

struct Text {
    head: RequestHead,
    bytes: Vec<u8>,
    now: Now,
}

impl Client for Text {
    fn head(&self) -> (&RequestHead, &[u8]) {
        (&self.head, &self.bytes[..self.head.bytes()])
    }
    async fn read_body(&mut self, bytes_max: usize) -> Result<(), Reason> {
        if self.body().len() > bytes_max {
            Err(Reason::BodyTooLarge)
        } else {
            Ok(())
        }
    }
    fn body(&self) -> &[u8] {
        &self.bytes[self.head.bytes()..]
    }
    fn peer(&self) -> &str {
        "127.0.0.1:4"
    }
    fn secure(&self) -> bool {
        false
    }
    fn now(&self) -> Now {
        self.now
    }
}

impl Bench {
    pub(crate) fn new(policy: &Policy) -> Self {
        let issuer = Issuer::new(1, &[5; 32]).unwrap();
        let mut policy = policy.clone();
        policy.keys.token = vec![TokenKey {
            id: 1,
            public: issuer.public(),
        }];
        let key = SigningKey::from_bytes(&[3; 32]);
        let file = varistor_snapshot::seal(&policy, &key).unwrap();
        let snapshot = Snapshot::open(&file, &[key.verifying_key()], None).unwrap();
        let credentials = policy.servers.iter().map(|_| None).collect();
        let serving = Arc::new(Serving::new(snapshot, credentials).unwrap());
        Self {
            desk: RefCell::new(Desk::new(Arc::new(Budgets::new(1024)))),
            local: Rc::new(Local::new(serving).unwrap()),
            log: Log::default(),
            now: Now {
                unix_ns: 1_800_000_000 * SECOND,
                mono_ns: 1_000_000 * SECOND,
            },
            issuer,
        }
    }

    /// A token of the agent `bot` with its team and these roles.
    pub(crate) fn token(&self, roles: &[&str]) -> String {
        let claims = Claims {
            organisation: "acme".into(),
            team: None,
            agent: "bot".into(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            servers: vec![],
            tools: vec![],
            expires_unix_s: 1_900_000_000,
            limits: vec![],
        };
        self.issuer.issue(&claims).unwrap()
    }

    /// Sends bytes through the order.
    pub(crate) fn send(&self, request: &str) -> Outcome {
        let mut head = RequestHead::new();
        match head.parse(request.as_bytes()) {
            Ok(Progress::Complete) => {}
            Ok(Progress::Partial) => panic!("the request has no whole head"),
            Err(reason) => return Outcome::Denied(reason),
        }
        let mut client = Text {
            head,
            bytes: request.as_bytes().to_vec(),
            now: self.now,
        };
        let (mut notes, mut out) = (Notes::default(), Vec::new());
        let both = (&mut client, &self.log);
        let judged = wait(order::order(
            &self.desk,
            &self.local,
            both,
            &mut notes,
            &mut out,
        ));
        match judged {
            Ok(forward) => Outcome::Forwarded {
                head: String::from_utf8(out).unwrap(),
                body: match &forward.body {
                    Payload::None => vec![],
                    Payload::Untouched => client.body().to_vec(),
                    Payload::Redacted(body) => body.clone(),
                },
                forward: Box::new(forward),
            },
            Err(Turned::Local(_)) => Outcome::Answered,
            Err(Turned::Denied(denial)) => {
                let both = (&client, &self.log);
                let _ = order::refused(&self.desk, &self.local, both, &notes, denial);
                Outcome::Denied(denial.reason)
            }
        }
    }

    /// Posts a JSON-RPC message to `/mcp/<server>` with a token.
    pub(crate) fn post(&self, server: &str, token: &str, body: &str) -> Outcome {
        self.send(&format!(
            "POST /mcp/{server} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Calls a tool.
    pub(crate) fn call(&self, server: &str, token: &str, tool: &str) -> Outcome {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}"}}}}"#
        );
        self.post(server, token, &body)
    }
}

impl Outcome {
    pub(crate) fn reason(&self) -> Option<Reason> {
        match self {
            Self::Denied(reason) => Some(*reason),
            _ => None,
        }
    }

    pub(crate) fn is_forwarded(&self) -> bool {
        matches!(self, Self::Forwarded { .. })
    }
}

fn wait<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// A grant on a server by index.
pub(crate) fn grant(server: u32, name: &str, intents: u8, stated: bool) -> Grant {
    Grant {
        server,
        name: name.into(),
        kinds: kinds::ALL,
        intents,
        stated,
        deny: false,
    }
}

/// A policy with the servers `files` and `github`, and the agent `bot` with the given roles.
pub(crate) fn policy(roles: Vec<Role>, limits: Vec<Rate>) -> Policy {
    let indices = (0..roles.len() as u32).collect();
    Policy {
        generation: 7,
        compiled_unix_ms: 1,
        runtime: runtime(),
        keys: Keys {
            token: vec![],
            session: [9; 32],
        },
        servers: vec![server("files"), server("github")],
        organisations: vec![Organisation {
            name: "acme".into(),
            limits: vec![],
        }],
        teams: vec![Team {
            organisation: 0,
            name: "t".into(),
            limits: vec![],
        }],
        roles,
        agents: vec![Agent {
            organisation: 0,
            name: "bot".into(),
            team: None,
            roles: indices,
            limits,
        }],
        tool_limits: vec![],
        revoked: vec![],
        defaults: [0, 0, 2, 3],
        dlp: detectors(),
        audit: Audit {
            durability: [0, 0, 1, 1],
            params: 0,
            segment_bytes: 1 << 20,
        },
    }
}

/// A role `r<index>` with these grants.
pub(crate) fn role(index: usize, grants: Vec<Grant>, hold: u8) -> Role {
    Role {
        organisation: 0,
        name: format!("r{index}"),
        grants,
        hold,
    }
}

fn server(name: &str) -> Server {
    Server {
        name: name.into(),
        host: "127.0.0.1".into(),
        port: 1,
        tls: false,
        path: "/mcp".into(),
        authority: "127.0.0.1:1".into(),
        ca: None,
        category: String::new(),
        tags: vec![],
        credential: None,
        first_byte_ms: 0,
        server_requests: true,
        allow_private: false,
        methods: vec![],
        tools: vec![],
    }
}

fn runtime() -> Runtime {
    Runtime {
        listen: "127.0.0.1:7332".into(),
        tls: None,
        hosts: vec![],
        origins: vec![],
        public_url: None,
        authorization_servers: vec![],
        driver: 0,
        workers: 0,
        head_ms: 1,
        body_ms: 1,
        idle_ms: 1,
        connect_ms: 1,
        first_byte_ms: 1,
        upstream_idle_ms: 1,
        drain_ms: 1,
        request_bytes_max: 1 << 20,
        answer_bytes_max: 1 << 20,
        connections_max: 10,
        denials: 0,
        admin: None,
    }
}

fn detectors() -> varistor_snapshot::schema::Dlp {
    let settings = dlp::Settings {
        request: [DlpAction::Log, DlpAction::Deny, DlpAction::Deny],
        response: [DlpAction::Log, DlpAction::Redact, DlpAction::Redact],
        custom: &[],
    };
    // Compiling takes tens of milliseconds; tests with random policies do it often.
    static COMPILED: std::sync::OnceLock<varistor_snapshot::schema::Dlp> =
        std::sync::OnceLock::new();
    COMPILED
        .get_or_init(|| dlp::compile(&settings).unwrap())
        .clone()
}
