//! Everything around the worker: the upstream, the policy, the audit log.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::{Arc, Barrier};

use futures_util::task::AtomicWaker;
use tempfile::TempDir;
use varistor_approvals::Book;
use varistor_ledger::{Ledger, Options};
use varistor_perf::bench::{Bench, signing_key, snapshot_file};
use varistor_perf::policy::{grant, policy, role};
use varistor_perf::text::answer_head;
use varistor_snapshot::schema::Policy;
use varistor_tests::upstream::{Handled, Upstream};

use super::super::{Parts, bind};
use super::course::AGENTS;
use crate::clock::Clock;
use crate::control::publish;
use crate::hub::{Hub, Published};
use crate::shelf::Shelf;

/// Longer than anything here takes, in milliseconds.
const LONG_MS: u64 = 30_000;

/// An upstream, and a gateway without its worker.
pub(super) struct World {
    dir: TempDir,
    upstream: Upstream,
    policy: Policy,
}

/// What a worker is started with, the log's writer, and where the worker listens.
pub(super) struct Start {
    pub(super) parts: Parts,
    pub(super) _ledger: Ledger,
    pub(super) address: SocketAddr,
}

impl World {
    /// An upstream that says `answer` when as many requests are there as there are agents, and a
    /// policy that permits everything there.
    pub(super) fn new(answer: &str) -> Self {
        let all = Barrier::new(AGENTS);
        let bytes = [answer_head(answer.len()).as_str(), answer].concat();
        let upstream = Upstream::behaving(move |_, stream| {
            all.wait();
            stream.write_all(bytes.as_bytes()).unwrap();
            Handled::Answered
        });
        let port = upstream.address().rsplit_once(':').unwrap().1;
        Self {
            // In memory where there is such a place: a disk under load refuses calls.
            dir: TempDir::new_in("/dev/shm")
                .or_else(|_| TempDir::new())
                .unwrap(),
            policy: permitting(port.parse().unwrap()),
            upstream,
        }
    }

    /// The agents' token.
    pub(super) fn token(&self) -> String {
        Bench::new(&self.policy).token(&["r0"])
    }

    /// How many calls the upstream has seen.
    pub(super) fn calls(&self) -> usize {
        self.upstream.calls()
    }

    pub(super) fn start(&self) -> Start {
        let sealed = Arc::new(AtomicWaker::new());
        let waker = Arc::clone(&sealed);
        let options = Options::new(self.dir.path().join("audit"));
        let wake = Arc::new(move || waker.wake());
        let (ledger, mut lanes) = Ledger::open(&options, vec![wake]).unwrap();
        let listener = bind("127.0.0.1:0".parse().unwrap(), 1).unwrap().remove(0);
        Start {
            address: listener.local_addr().unwrap(),
            _ledger: ledger,
            parts: Parts {
                hub: Arc::new(Hub::new(
                    published(self.dir.path(), &self.policy),
                    Shelf::default(),
                    Book::default(),
                )),
                clock: Clock::new(),
                lane: lanes.remove(0),
                sealed,
                listener,
                inner: UnixListener::bind(self.dir.path().join("order.sock")).unwrap(),
                tls: None,
                tokens: 100,
                seats: Arc::default(),
            },
        }
    }
}

fn permitting(port: u16) -> Policy {
    let mut policy = policy(vec![role(0, vec![grant(1, "*", 15, false)], 0)], vec![]);
    policy.servers[1].port = port;
    policy.servers[1].allow_private = true;
    policy.servers[1].first_byte_ms = LONG_MS;
    let runtime = &mut policy.runtime;
    for ms in [
        &mut runtime.head_ms,
        &mut runtime.body_ms,
        &mut runtime.idle_ms,
        &mut runtime.connect_ms,
        &mut runtime.first_byte_ms,
        &mut runtime.upstream_idle_ms,
        &mut runtime.drain_ms,
    ] {
        *ms = LONG_MS;
    }
    policy
}

fn published(dir: &Path, policy: &Policy) -> Published {
    let keys = [signing_key().verifying_key()];
    let file = snapshot_file(policy);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let shelf = Shelf::default();
    let prepared = publish::prepare(dir, &file, &keys, (&shelf, None));
    runtime.unwrap().block_on(prepared).unwrap()
}
