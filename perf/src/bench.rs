//! A gateway without I/O: a client that is a string, a log that is a vector.

mod client;
mod log;

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ed25519_dalek::SigningKey;
use varistor_model::Reason;
use varistor_pipeline::budget::Budgets;
use varistor_pipeline::desk::Desk;
use varistor_pipeline::order::{self, Notes, Turned};
use varistor_pipeline::originals::Originals;
use varistor_pipeline::outside::Now;
use varistor_pipeline::pins::PinBoard;
use varistor_pipeline::serving::{Local, Serving};
use varistor_pipeline::stages::forward::{Forward, Payload};
use varistor_pipeline::tail::Tail;
use varistor_snapshot::Snapshot;
use varistor_snapshot::schema::{Policy, TokenKey};
use varistor_token::{Claims, Issuer};

pub use client::Text;
pub use log::{Kept, Last};

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;

/// One worker of a gateway.
pub struct Bench {
    /// The worker's buffers.
    pub desk: RefCell<Desk>,
    /// The snapshot in service.
    pub local: Rc<Local>,
    /// The audit log.
    pub log: Kept,
    /// The time of every request, until somebody moves it.
    pub now: Now,
    issuer: Issuer,
}

/// What became of a request.
pub enum Outcome {
    /// It goes to the upstream.
    Forwarded {
        /// The head that the upstream gets.
        head: String,
        /// The body that it gets.
        body: Vec<u8>,
        /// What judges the answer.
        forward: Box<Forward>,
    },
    /// It was refused.
    Denied(Reason),
    /// The gateway answered it itself.
    Answered,
}

/// The key that signs the snapshots here.
#[must_use]
pub fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

fn issuer() -> Issuer {
    Issuer::new(1, &[5; 32]).expect("a fixed key is a key")
}

/// The snapshot file of a policy, its rows in order, with the key of the tokens that
/// [`Bench::token`] issues.
#[must_use]
pub fn snapshot_file(policy: &Policy) -> Vec<u8> {
    let mut policy = policy.clone();
    varistor_inspect::glob::arrange(&mut policy);
    policy.keys.token = vec![TokenKey {
        id: 1,
        public: issuer().public(),
    }];
    varistor_snapshot::seal(&policy, &signing_key()).expect("a policy made here can be sealed")
}

impl Bench {
    /// A worker that serves this policy.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self::furnished(policy, |serving| serving)
    }

    /// A worker that serves this policy and keeps the values of reversible placeholders there.
    #[must_use]
    pub fn keeping(policy: &Policy, originals: &Arc<Originals>) -> Self {
        Self::furnished(policy, |serving| serving.keeping(originals))
    }

    /// A worker that serves this policy with what this gives it.
    #[must_use]
    pub fn furnished(policy: &Policy, furnish: impl FnOnce(Serving) -> Serving) -> Self {
        let file = snapshot_file(policy);
        let keys = [signing_key().verifying_key()];
        let snapshot = Snapshot::open(&file, &keys, None).expect("it was sealed just now");
        let credentials = policy.servers.iter().map(|_| None).collect();
        let serving = furnish(Serving::new(snapshot, credentials).expect("it can be served"));
        Self {
            desk: RefCell::new(Desk::new(Arc::new(Budgets::new(1024)))),
            local: Rc::new(Local::new(Arc::new(serving)).expect("its scanner opens")),
            log: Kept::default(),
            now: Now {
                unix_ns: 1_800_000_000 * SECOND,
                mono_ns: 1_000_000 * SECOND,
            },
            issuer: issuer(),
        }
    }

    /// The same worker, with tools pinned to what stands on this board.
    #[must_use]
    pub fn pinned(mut self, board: &Arc<PinBoard>) -> Self {
        let desk = self.desk.into_inner().pinning(board);
        self.desk = RefCell::new(desk);
        self
    }

    /// The same worker, that heeds how long records may wait for their witnesses.
    #[must_use]
    pub fn witnessed(mut self, tail: &Arc<Tail>) -> Self {
        let desk = self.desk.into_inner().witnessed(Arc::clone(tail));
        self.desk = RefCell::new(desk);
        self
    }

    /// A token of the agent `bot` with these roles.
    #[must_use]
    pub fn token(&self, roles: &[&str]) -> String {
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
        self.issuer
            .issue(&claims)
            .expect("a token of fixed claims can be issued")
    }

    /// Sends bytes through the order.
    #[must_use]
    pub fn send(&self, request: &str) -> Outcome {
        let mut client = match Text::new(request, self.now) {
            Ok(client) => client,
            Err(reason) => return Outcome::Denied(reason),
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
                head: String::from_utf8(out).expect("heads made here are ASCII"),
                body: match &forward.body {
                    Payload::None => vec![],
                    Payload::Untouched => client.text().to_vec(),
                    Payload::Changed(body) => body.clone(),
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
    #[must_use]
    pub fn post(&self, server: &str, token: &str, body: &str) -> Outcome {
        self.send(&format!(
            "POST /mcp/{server} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Calls a tool.
    #[must_use]
    pub fn call(&self, server: &str, token: &str, tool: &str) -> Outcome {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}"}}}}"#
        );
        self.post(server, token, &body)
    }
}

impl Outcome {
    /// Why it was refused, when it was.
    #[must_use]
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Self::Denied(reason) => Some(*reason),
            _ => None,
        }
    }

    /// Whether it goes to the upstream.
    #[must_use]
    pub const fn is_forwarded(&self) -> bool {
        matches!(self, Self::Forwarded { .. })
    }
}

/// Runs a future that never has to wait.
///
/// # Panics
/// When it waits: nothing here does.
pub fn wait<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}
