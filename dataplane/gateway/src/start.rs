//! Start and end of the gateway, in order: policy, log, sockets, workers, control; and back.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::task::AtomicWaker;
use varistor_federation::Federation;
use varistor_ledger::{Lane, Ledger, Options, Signing};
use varistor_model::limits::{TOKENS_REMEMBERED, TOKENS_REMEMBERED_MIN};
use varistor_stdio::Bridge;

use crate::args::{Args, Driver};
use crate::clock::Clock;
use crate::control::{self, Control, pins, publish};
use crate::hub::Hub;
use crate::log;
use crate::shelf::Shelf;
use crate::switch::Switch;
use crate::worker::{self, Parts, driver::Driving};

/// A start that fails for what the operator gave: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadStart(pub(crate) String);

/// How long records gather under load: a wake-up of writer and worker costs more CPU than a record.
const GATHER_US: u64 = 250;
/// How long the end waits for what still reads or writes files.
const END: Duration = Duration::from_secs(5);
/// Exit code when a worker died.
const WORKER_DIED: i32 = 70;

/// Runs the gateway until it has drained.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let dir = args.directory();
    harden();
    let runtime = runtime()?;
    let keys = publish::trusted_keys(&dir)?;
    let shelf = Shelf::default();
    let mut first = runtime.block_on(publish::at_start(&dir, &keys, &shelf))?;
    let children = core::mem::take(&mut first.stdio);
    let policy = first.serving.policy();
    let driving = driving(args, policy.runtime.driver)?;
    let workers = worker_count(args, policy.runtime.workers.to_native());
    let address = listen_address(args, policy.runtime.listen.as_str())?;
    let tls = first.listener.clone();
    let segment_bytes = policy.audit.segment_bytes.to_native();
    let listeners = worker::bind(address, workers)?;
    let bound = listeners.first().context("no worker")?.local_addr()?;
    let wakers: Vec<Arc<AtomicWaker>> = (0..=workers).map(|_| Arc::default()).collect();
    let (ledger, lanes, control_lane) = open_ledger(&dir, segment_bytes, &wakers)?;
    let (approvals, book) = control::open_approvals(&dir)
        .context("the journal of approvals can't be opened (state/approvals.jsonl)")?;
    let keeper = pins::Keeper::open(&dir);
    let hub = Hub::new(first, shelf, book).pinning(Arc::clone(keeper.board()));
    let hub = Arc::new(hub.federating(control::federation::socket(&dir)));
    // In force before anything is served.
    let (switch, notices) = Switch::start(&dir, &hub, workers)?;
    let (bridge, told) = control::stdio::start((&hub, &switch), children)?;
    let (inner, federation) = control::federation::start((&dir, &hub), workers)?;
    let clock = Clock::new();
    let mut threads = Vec::with_capacity(workers);
    let listeners = listeners.into_iter().zip(inner);
    for (index, ((lane, sealed), (listener, inner))) in
        lanes.into_iter().zip(wakers).zip(listeners).enumerate()
    {
        let parts = Parts {
            inner,
            hub: Arc::clone(&hub),
            clock: clock.clone(),
            lane,
            sealed,
            listener,
            tls: tls.clone(),
            seats: switch.seats_of(index),
            tokens: (TOKENS_REMEMBERED / workers.max(1)).max(TOKENS_REMEMBERED_MIN),
        };
        threads.push(spawn(index, (driving, !args.no_pin), parts)?);
    }
    let delivering = control::channels::start(&dir, &hub.notices)?;
    let control = Control {
        dir,
        keys,
        hub: Arc::clone(&hub),
        pins: keeper,
        ledger,
        driving,
        workers,
        bound,
        scheme: if tls.is_some() { "https" } else { "http" },
        began: std::time::Instant::now(),
        clock,
        switch,
        servers: bridge.servers().clone(),
        evidence: control::Evidence::default(),
        authorities: control::Authorities::default(),
        plans: federation.plans().clone(),
    };
    let own = (control_lane, approvals, delivering, notices, told);
    let ended = move || ended(threads, federation, bridge);
    until_the_end(runtime, control::run(control, own, ended))
}

/// Runs the control thread. At its end, threads may still wait for a disk that hangs.
fn until_the_end(
    runtime: tokio::runtime::Runtime,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(END);
    done
}

/// What drives the control thread.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// Waits until workers and then the servers that the gateway started have ended; whether all
/// workers did so in order.
fn ended(threads: Vec<JoinHandle<()>>, federation: Federation, bridge: Bridge) -> bool {
    let ends: Vec<_> = threads.into_iter().map(JoinHandle::join).collect();
    federation.end();
    bridge.end();
    ends.iter().all(Result::is_ok)
}

/// What drives the sockets: as the command line says, else as the policy does.
fn driving(args: &Args, of_policy: u8) -> anyhow::Result<Driving> {
    let wanted = args.driver.unwrap_or(Driver::numbered(of_policy));
    let driving = Driving::choose(wanted)?;
    if driving == Driving::Epoll && wanted == Driver::Auto {
        log::warning(format_args!(
            "io_uring is not permitted here; sockets are driven by epoll"
        ));
    }
    Ok(driving)
}

/// No core dumps with secrets in them, and as many descriptors and as much locked memory as the
/// system gives.
fn harden() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if setrlimit(Resource::Core, none).is_err() {
        log::warning(format_args!("core dumps could not be switched off"));
    }
    if rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
        log::warning(format_args!("the process could not be made undumpable"));
    }
    let most = |of: Resource| {
        let maximum = getrlimit(of).maximum;
        let current = maximum;
        setrlimit(of, Rlimit { current, maximum })
    };
    if most(Resource::Nofile).is_err() {
        log::warning(format_args!("the limit on open files could not be raised"));
    }
    // Whoever needs it finds out.
    let _ = most(Resource::Memlock);
}

fn worker_count(args: &Args, of_policy: u32) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
    let of_policy = usize::try_from(of_policy).ok().filter(|count| *count > 0);
    args.workers
        .filter(|count| *count > 0)
        .or(of_policy)
        .unwrap_or(cores)
        .min(1024)
}

fn listen_address(args: &Args, of_policy: &str) -> anyhow::Result<SocketAddr> {
    let text = args.listen.as_deref().unwrap_or(of_policy);
    text.parse().map_err(|_| {
        BadStart(format!(
            "`{text}` is no address to listen on; expected one like 127.0.0.1:7332"
        ))
        .into()
    })
}

fn open_ledger(
    dir: &Path,
    segment_bytes: u64,
    wakers: &[Arc<AtomicWaker>],
) -> anyhow::Result<(Ledger, Vec<Lane>, Lane)> {
    let options = Options {
        segment_bytes,
        gather_us: GATHER_US,
        signing: Some(signing(dir)?),
        ..Options::new(dir.join("audit"))
    };
    let wake = wakers.iter().map(|waker| {
        let waker = Arc::clone(waker);
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || waker.wake());
        wake
    });
    let opened = Ledger::open(&options, wake.collect());
    let (ledger, mut lanes) = opened.context("the audit log can't be opened")?;
    let own = lanes.pop();
    let own = own.context("the log gave no lane to the control thread")?;
    if let Some(evidence) = ledger.state().evidence {
        keep_anchor(dir, &evidence.anchor)?;
    }
    Ok((ledger, lanes, own))
}

/// Where the log's private key is, and a copy of its newest head outside its directory.
fn signing(dir: &Path) -> anyhow::Result<Signing> {
    let state = dir.join("state");
    std::fs::create_dir_all(&state).with_context(|| format!("can't make {}", state.display()))?;
    Ok(Signing {
        key: state.join("audit.key"),
        head: state.join("audit-head"),
    })
}

/// Tells the log's first key when it is new: whoever keeps it elsewhere can tell this log from one
/// that was written anew.
fn keep_anchor(dir: &Path, anchor: &str) -> anyhow::Result<()> {
    let path = dir.join("state/audit.vkey");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept.trim() == anchor {
        return Ok(());
    }
    std::fs::write(&path, format!("{anchor}\n"))
        .with_context(|| format!("can't write {}", path.display()))?;
    log::warning(format_args!(
        "the audit log begins with a new key; keep this anchor where the gateway can't write, for \
         `varictl audit verify --anchor`: {anchor}"
    ));
    Ok(())
}

fn spawn(
    index: usize,
    (driving, pin): (Driving, bool),
    parts: Parts,
) -> anyhow::Result<JoinHandle<()>> {
    let hub = Arc::clone(&parts.hub);
    let thread = std::thread::Builder::new().name(format!("varistor-{index}"));
    Ok(thread.spawn(move || {
        let watchdog = Watchdog { hub, index };
        if pin {
            pin_to_core(index);
        }
        if let Err(error) = driving.run(worker::run(parts)) {
            log::error(format_args!("worker {index}: {error:#}"));
            return;
        }
        drop(watchdog);
    })?)
}

/// Pins the thread to one of the cores that the process may use.
fn pin_to_core(index: usize) {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    let core = cores.get(index.checked_rem(cores.len()).unwrap_or(0));
    if !core.is_some_and(|core| core_affinity::set_for_current(*core)) {
        log::warning(format_args!("worker {index} could not be pinned to a core"));
    }
}

/// Ends the process when a worker ends before the gateway drains: half a gateway is none.
struct Watchdog {
    hub: Arc<Hub>,
    index: usize,
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if !self.hub.is_draining() {
            log::error(format_args!("worker {} died; the gateway ends", self.index));
            std::process::exit(WORKER_DIED);
        }
    }
}
