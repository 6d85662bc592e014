//! One worker: a thread on a core, with its own listener, connections, pool, scanner and buffers.

pub(crate) mod driver;
pub(crate) mod inner;
mod listener;
pub(crate) mod seals;
pub(crate) mod seats;
mod shed;
#[cfg(test)]
mod steady_state;
pub(crate) mod watch;

use core::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::task::AtomicWaker;
use monoio::io::CancelHandle;
use monoio::net::{TcpListener, TcpStream};
use varistor_ledger::Lane;
use varistor_model::Reason;
use varistor_pipeline::desk::Desk;
use varistor_pipeline::refusal;
use varistor_pipeline::serving::Local;
use varistor_pipeline::session::NONCE_BYTES;

use crate::client::{self, Guest};
use crate::clock::Clock;
use crate::hub::{Counters, Hub, Published};
use crate::io::{Stream, TlsStream};
use crate::log;
use crate::upstream::Pool;

pub(crate) use listener::bind;
use seals::Seals;
use seats::Seats as Sockets;
use shed::{Shed, Turn};
use watch::Watch;

/// What a worker is made of.
pub(crate) struct Worker {
    pub(crate) hub: Arc<Hub>,
    pub(crate) clock: Clock,
    pub(crate) desk: RefCell<Desk>,
    pub(crate) seals: Seals,
    pub(crate) watch: Watch,
    pub(crate) pool: RefCell<Pool>,
    pub(crate) shed: Shed,
    view: RefCell<Rc<View>>,
    version: Cell<u64>,
    /// The word of the kill switch that was acted upon.
    heeded: Cell<usize>,
    buffers: RefCell<Vec<Vec<u8>>>,
    connections: Cell<u32>,
    /// Requests that wait for a key of their token.
    pub(crate) waits: Cell<u32>,
    /// Connections of the federation.
    inner: Cell<u32>,
    tls: Option<Arc<rustls::ServerConfig>>,
}

/// The snapshot that a request is judged by, as this worker sees it.
pub(crate) struct View {
    pub(crate) local: Rc<Local>,
    pub(crate) published: Arc<Published>,
}

/// What a worker is started with.
pub(crate) struct Parts {
    pub(crate) hub: Arc<Hub>,
    pub(crate) clock: Clock,
    pub(crate) lane: Lane,
    /// Woken by the audit writer when it has acknowledged records of this worker.
    pub(crate) sealed: Arc<AtomicWaker>,
    pub(crate) listener: std::net::TcpListener,
    /// Where the federation comes in.
    pub(crate) inner: std::os::unix::net::UnixListener,
    pub(crate) tls: Option<Arc<rustls::ServerConfig>>,
    /// Verified tokens that it remembers, at most.
    pub(crate) tokens: usize,
    /// Its sockets, in view of other threads.
    pub(crate) seats: Arc<Sockets>,
}

/// How often deadlines are looked at.
const TICK_MS: u64 = 25;
/// Buffers kept for the next requests, and the size up to which they are.
const BUFFERS_MAX: usize = 256;
const BUFFER_BYTES_MAX: usize = 64 * 1024;

impl Worker {
    /// The snapshot in service, taken up when it is a new one.
    pub(crate) fn view(&self) -> Rc<View> {
        let version = self.hub.views();
        if version != self.version.get() {
            let published = self.hub.published();
            match Local::new(Arc::clone(&published.serving)) {
                Ok(local) => {
                    *self.view.borrow_mut() = Rc::new(View {
                        local: Rc::new(local),
                        published,
                    });
                    self.version.set(version);
                }
                // It was opened once before it was published: this is lack of memory.
                Err(error) => log::error(format_args!("a snapshot was not taken up: {error}")),
            }
        }
        Rc::clone(&self.view.borrow())
    }

    /// Whether the request that has come at this time is refused for overload.
    pub(crate) fn sheds(&self, now_ns: u64) -> bool {
        if self.shed.misses_tick(now_ns) {
            self.count_turn(self.shed.missed(now_ns));
        }
        self.shed.refuses() && self.view().local.policy().runtime.shedding
    }

    fn count_turn(&self, turn: Option<Turn>) {
        let shedding = &self.hub.counters.shedding;
        match turn {
            Some(Turn::Begins) => shedding.fetch_add(1, Ordering::Relaxed),
            Some(Turn::Ends) => shedding.fetch_sub(1, Ordering::Relaxed),
            None => 0,
        };
    }

    /// Ends what the operator has stopped since the last time. At each tick, and behind each
    /// request, because ticks are late where there is more to do than can be done.
    #[inline]
    pub(crate) fn heed(&self) {
        let word = self.hub.kill.word();
        if word != self.heeded.replace(word) {
            self.watch.heed(&self.hub.kill.stopped(), word);
        }
    }

    /// An empty buffer.
    pub(crate) fn buffer(&self) -> Vec<u8> {
        self.buffers
            .borrow_mut()
            .pop()
            .unwrap_or_else(|| Vec::with_capacity(4096))
    }

    /// Gives a buffer back for the next use.
    pub(crate) fn give_back(&self, mut buffer: Vec<u8>) {
        let mut buffers = self.buffers.borrow_mut();
        if buffers.len() < BUFFERS_MAX && (1..=BUFFER_BYTES_MAX).contains(&buffer.capacity()) {
            buffer.clear();
            buffers.push(buffer);
        }
    }

    /// The same for one that has held a credential.
    pub(crate) fn give_back_wiped(&self, mut buffer: Vec<u8>) {
        buffer.fill(0);
        self.give_back(buffer);
    }

    /// Random bytes for one sealed session.
    pub(crate) fn nonce(&self) -> [u8; NONCE_BYTES] {
        let mut nonce = [0; NONCE_BYTES];
        if getrandom::fill(&mut nonce).is_err() {
            log::error(format_args!("the kernel gives no random bytes"));
            std::process::abort();
        }
        nonce
    }
}

/// Runs a worker until the gateway drains and its connections have ended.
pub(crate) async fn run(parts: Parts) -> anyhow::Result<()> {
    // Read before the snapshot: one that is published between the two is then taken up later.
    let version = parts.hub.views();
    let published = parts.hub.published();
    let local = Rc::new(Local::new(Arc::clone(&published.serving))?);
    let desk = Desk::new(Arc::clone(&parts.hub.budgets))
        .knowing(Arc::clone(&parts.hub.known))
        .pinning(&parts.hub.pins)
        .recalling(Arc::clone(&parts.hub.memory))
        .holding(Arc::clone(&parts.hub.holds))
        .heeding(Arc::clone(&parts.hub.kill))
        .witnessed(Arc::clone(&parts.hub.tail))
        .trusting(Arc::clone(&parts.hub.seeking.rings))
        .proving(Arc::clone(&parts.hub.proofs))
        .remembering(parts.tokens);
    let worker = Rc::new(Worker {
        desk: RefCell::new(desk),
        seals: Seals::new(parts.lane, parts.clock.clone()),
        watch: Watch::seated(parts.seats),
        pool: RefCell::new(Pool::default()),
        shed: Shed::default(),
        version: Cell::new(version),
        heeded: Cell::new(0),
        view: RefCell::new(Rc::new(View { local, published })),
        buffers: RefCell::new(Vec::new()),
        connections: Cell::new(0),
        waits: Cell::new(0),
        inner: Cell::new(0),
        tls: parts.tls,
        clock: parts.clock,
        hub: parts.hub,
    });
    let listener = TcpListener::from_std(parts.listener)?;
    let stop = monoio::io::Canceller::new();
    monoio::spawn(seal(Rc::clone(&worker), parts.sealed));
    let accepting = monoio::spawn(accept(Rc::clone(&worker), listener, stop.handle()));
    let inner = inner::accept(Rc::clone(&worker), parts.inner, stop.handle());
    let inner = monoio::spawn(inner);
    tick(&worker, stop).await;
    accepting.await;
    inner.await;
    Ok(())
}

/// Takes connections until cancelled.
async fn accept(worker: Rc<Worker>, listener: TcpListener, stop: CancelHandle) {
    while !worker.hub.is_draining() {
        match listener.cancelable_accept(stop.clone()).await {
            Ok((tcp, peer)) => welcome(&worker, tcp, peer),
            Err(_) if worker.hub.is_draining() => break,
            Err(error) => {
                // Out of descriptors, usually: ending some connections helps, spinning does not.
                log::warning(format_args!("no connection could be accepted: {error}"));
                monoio::time::sleep(Duration::from_millis(TICK_MS)).await;
            }
        }
    }
}

/// Serves a connection, whatever happens. The one place where a panic is caught.
///
/// No `async fn`: what is passed to one is kept twice, and this is the largest part of a connection
/// on which nothing happens.
fn caught(worker: &Worker, serving: impl Future<Output = ()>) -> impl Future<Output = ()> {
    let served = AssertUnwindSafe(serving).catch_unwind();
    served.map(|served| {
        if served.is_err() {
            Counters::count(&worker.hub.counters.panics);
            log::error(format_args!(
                "a connection ended in a panic; the others go on"
            ));
        }
    })
}

/// Starts serving one connection.
fn welcome(worker: &Rc<Worker>, tcp: TcpStream, peer: SocketAddr) {
    let _ = tcp.set_nodelay(true);
    let worker = Rc::clone(worker);
    Counters::count(&worker.hub.counters.accepted);
    worker
        .hub
        .counters
        .connections
        .fetch_add(1, Ordering::Relaxed);
    worker
        .connections
        .set(worker.connections.get().saturating_add(1));
    monoio::spawn(async move {
        caught(&worker, connection(&worker, tcp, peer)).await;
        worker
            .hub
            .counters
            .connections
            .fetch_sub(1, Ordering::Relaxed);
        worker
            .connections
            .set(worker.connections.get().saturating_sub(1));
    });
}

async fn connection(worker: &Rc<Worker>, tcp: TcpStream, peer: SocketAddr) {
    let allowed = worker
        .view()
        .local
        .policy()
        .runtime
        .connections_max
        .to_native();
    let full = worker.connections.get() > allowed;
    // Certificates come with the policy; that there are any, is settled at the start.
    let newest = worker.view().published.listener.clone();
    let tls = worker
        .tls
        .as_ref()
        .map(|first| newest.unwrap_or_else(|| Arc::clone(first)));
    let mut stream = match tls {
        // A handshake costs more than it may.
        Some(_) if full => return,
        None => Stream::Plain(tcp),
        Some(config) => {
            let wait = Duration::from_millis(10_000);
            let handshake = TlsStream::accept(tcp, config);
            match monoio::time::timeout(wait, handshake).await {
                Ok(Ok(stream)) => Stream::Tls(Box::new(stream)),
                Ok(Err(_)) | Err(_) => return,
            }
        }
    };
    if full {
        let mut answer = Vec::new();
        refusal::bare(Reason::Overloaded, &mut answer);
        let _ = stream.write(&mut answer).await;
        return;
    }
    let guest = Guest::new(worker, stream, peer);
    client::serve(Rc::clone(worker), guest).await;
}

/// Sends the records of a turn to the audit log, and hands acknowledgements to the calls that wait
/// for them.
async fn seal(worker: Rc<Worker>, sealed: Arc<AtomicWaker>) {
    core::future::poll_fn(|context| {
        sealed.register(context.waker());
        worker.seals.sent_by(context.waker());
        worker.seals.collect();
        core::task::Poll::<()>::Pending
    })
    .await;
}

/// Looks after deadlines, and after the end: when the gateway drains and nothing is in flight.
async fn tick(worker: &Rc<Worker>, stop: monoio::io::Canceller) {
    let mut stop = Some(stop);
    let mut ends_ns = u64::MAX;
    let rings = &worker.hub.seeking.rings;
    let mut seen = (worker.hub.version(), rings.losses());
    loop {
        let due_ns = worker.clock.mono_ns().saturating_add(TICK_MS * 1_000_000);
        worker.shed.expect(due_ns);
        monoio::time::sleep(Duration::from_millis(TICK_MS)).await;
        worker.clock.renew();
        let now_ns = worker.clock.mono_ns();
        worker.count_turn(worker.shed.tick(now_ns, now_ns.saturating_sub(due_ns)));
        let draining = worker.hub.is_draining();
        // Another view alone changes nothing for whoever is let in: what scanners recognise.
        let news = (worker.hub.version(), rings.losses());
        let views = worker.hub.views();
        let view = worker.view();
        // Where there was no memory for the newest view, it is tried again at the next turn.
        if seen != news && worker.version.get() >= views {
            seen = news;
            worker.watch.recheck(&view.local, rings);
        }
        // Before anything that the walk would end for another reason.
        worker.heed();
        worker.watch.walk(now_ns, draining);
        worker.pool.borrow_mut().sweep();
        // Results that no call's record took along, and a wake-up that got lost.
        worker.seals.flush();
        worker.seals.expire();
        if let Some(stop) = stop.take_if(|_| draining) {
            stop.cancel();
            let drain_ms = worker.view().local.policy().runtime.drain_ms.to_native();
            ends_ns = now_ns.saturating_add(drain_ms.saturating_mul(1_000_000));
        }
        let left = worker.connections.get();
        if draining && (left.saturating_add(worker.inner.get()) == 0 || now_ns >= ends_ns) {
            if left > 0 {
                log::warning(format_args!(
                    "{left} connections did not end in time and are cut"
                ));
            }
            return;
        }
    }
}
