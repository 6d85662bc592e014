//! The calls: agents on a thread of their own send them in rounds, first until the worker is warm,
//! then window by window.

use core::future::poll_fn;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::Poll;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::thread::Thread;

use futures_util::task::AtomicWaker;
use varistor_model::Era;
use varistor_perf::text;
use varistor_tests::http::Connection;

/// Calls in flight at once. The upstream answers when all of them are there, so that every round
/// needs as much of everything as the one before.
pub(super) const AGENTS: usize = 4;
/// Rounds until pools are filled and the token is known.
const WARM_ROUNDS: usize = 125;
/// Rounds of a window.
const ROUNDS: usize = 250;
/// Calls of a window.
pub(super) const CALLS: usize = AGENTS * ROUNDS;
/// Windows until the steady state must have come.
const WINDOWS: usize = 8;
/// More windows than there are.
const OVER: usize = usize::MAX;

/// What the agents do, and what they and the worker wait for.
pub(super) struct Course {
    /// The era of the protocol that the agents speak, in its newest version.
    era: Era,
    /// Whether they connect anew for each call.
    pub(super) reconnects: bool,
    /// Windows at most.
    pub(super) windows: usize,
    /// Windows that may begin.
    begun: AtomicUsize,
    agents: OnceLock<Thread>,
    /// Windows that are over, the rounds to get warm included.
    over: AtomicUsize,
    worker: AtomicWaker,
}

/// The end of the agents' thread, however it ends: nobody waits for the dead.
struct End<'a>(&'a Course);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.over(OVER);
    }
}

impl Course {
    /// Agents that speak this era's protocol and keep their connections.
    pub(super) fn of(era: Era) -> Self {
        Self {
            era,
            reconnects: false,
            windows: WINDOWS,
            begun: AtomicUsize::new(0),
            agents: OnceLock::new(),
            over: AtomicUsize::new(0),
            worker: AtomicWaker::new(),
        }
    }

    /// A call of 400 bytes, and what else its era asks for.
    pub(super) fn request(&self, token: &str) -> String {
        let call = text::call("get_issue", 400, "none");
        if self.era == Era::Legacy {
            return text::request(token, &call);
        }
        let meta = r#""params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"},"#;
        let request = text::request(token, &call.replace(r#""params":{"#, meta));
        let fields = "2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: get_issue\r\n";
        request.replace("2025-11-25\r\n", fields)
    }

    /// Names the thread on which [`Self::run`] runs.
    pub(super) fn is_run_by(&self, agents: Thread) {
        self.agents.set(agents).unwrap();
    }

    /// Until the worker has served enough to be counted.
    pub(super) async fn warm(&self) {
        self.reached(1).await;
    }

    /// Lets the agents make the calls of a window; until they have.
    pub(super) async fn window(&self, window: usize) {
        self.begin(window);
        self.reached(window + 1).await;
    }

    /// Lets the agents go.
    pub(super) fn end(&self) {
        self.begin(OVER);
    }

    /// Makes all calls. The connections are given back, so that their end is not counted.
    pub(super) fn run(&self, address: SocketAddr, request: &str, answer: &str) -> Vec<Connection> {
        let _end = End(self);
        let address = address.to_string();
        let mut agents: Vec<_> = (0..AGENTS).map(|_| Connection::open(&address)).collect();
        let mut round = || {
            for agent in &mut agents {
                if self.reconnects {
                    *agent = Connection::open(&address);
                }
                agent.send(request.as_bytes());
            }
            for agent in &mut agents {
                let got = agent.answer().unwrap();
                let body = String::from_utf8_lossy(&got.body);
                assert_eq!((got.head.status, &*body), (200, answer));
            }
        };
        (0..WARM_ROUNDS).for_each(|_| round());
        self.over(1);
        for window in 1..=self.windows {
            while self.begun.load(Ordering::Acquire) < window {
                std::thread::park();
            }
            if self.begun.load(Ordering::Acquire) == OVER {
                break;
            }
            (0..ROUNDS).for_each(|_| round());
            self.over(window + 1);
        }
        agents
    }

    fn begin(&self, window: usize) {
        self.begun.store(window, Ordering::Release);
        if let Some(agents) = self.agents.get() {
            agents.unpark();
        }
    }

    fn over(&self, windows: usize) {
        self.over.store(windows, Ordering::Release);
        self.worker.wake();
    }

    async fn reached(&self, windows: usize) {
        poll_fn(|context| {
            self.worker.register(context.waker());
            match self.over.load(Ordering::Acquire) >= windows {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}
