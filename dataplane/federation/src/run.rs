//! The thread of the federation, the socket where workers find it, and what all requests share.

use core::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{oneshot, watch};
use varistor_model::Era;

use crate::door;
use crate::event_streams::Streams;
use crate::inner::Inner;
use crate::members::Members;
use crate::offers::Offers;
use crate::plan::Plan;

/// What a federation is made of.
pub struct Options {
    /// Where workers find it.
    pub socket: PathBuf,
    /// Where it finds the workers.
    pub workers: Vec<PathBuf>,
    /// What holds at first.
    pub plan: Plan,
    /// Warns the operator. May be called from any thread.
    pub warn: fn(core::fmt::Arguments<'_>),
}

/// A running federation.
pub struct Federation {
    plans: Plans,
    end: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// What holds, in the hands of another thread.
#[derive(Clone)]
pub struct Plans {
    plan: Arc<ArcSwap<Plan>>,
    drains: Arc<watch::Sender<bool>>,
}

/// What all requests share.
pub(crate) struct Hub {
    plan: Arc<ArcSwap<Plan>>,
    pub(crate) inner: Rc<Inner>,
    pub(crate) members: Members,
    /// Calls of modern clients that are asked something, of all tokens.
    pub(crate) parked: Cell<usize>,
    /// Clients that know HTTP+SSE only.
    pub(crate) streams: Streams,
    /// What servers speak and offer, by name.
    known: RefCell<HashMap<(String, Era), Known>>,
    numbers: Cell<u64>,
    drains: watch::Receiver<bool>,
    /// The plan under which all that was learned.
    planned: RefCell<Arc<Plan>>,
}

/// What is known of a server in one era.
struct Known {
    at: Instant,
    /// Nothing when it does not speak it.
    offers: Option<Offers>,
}

/// How long what is known of a server is believed: it may be replaced by another version.
const KNOWN: Duration = Duration::from_secs(300);
/// How often what is idle is looked for.
const TIDY: Duration = Duration::from_secs(1);

impl Federation {
    /// Starts one.
    ///
    /// # Errors
    /// When the socket can't be listened on, or there can be no thread.
    pub fn start(options: Options) -> io::Result<Self> {
        // The lock on the audit log says that no other gateway serves this directory.
        let _ = fs::remove_file(&options.socket);
        let listener = std::os::unix::net::UnixListener::bind(&options.socket)?;
        fs::set_permissions(&options.socket, Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        let plan = Arc::new(ArcSwap::from_pointee(options.plan));
        let (drain, drains) = watch::channel(false);
        let plans = Plans {
            plan: Arc::clone(&plan),
            drains: Arc::new(drain),
        };
        let (end, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (workers, socket, warn) = (options.workers, options.socket, options.warn);
        let run = move || {
            let hub = Rc::new(Hub {
                planned: RefCell::new(plan.load_full()),
                plan,
                inner: Rc::new(Inner::new(workers)),
                members: Members::default(),
                parked: Cell::new(0),
                streams: Streams::default(),
                known: RefCell::default(),
                numbers: Cell::new(1),
                drains,
            });
            let tasks = tokio::task::LocalSet::new();
            tasks.block_on(&runtime, async move {
                tokio::select! {
                    () = accept(&hub, listener, warn) => {}
                    // Whoever holds the other end is gone, or says so.
                    _ = ended => {}
                }
            });
            let _ = fs::remove_file(&socket);
        };
        let thread = std::thread::Builder::new().name("varistor-federate".into());
        Ok(Self {
            plans,
            end,
            thread: thread.spawn(run)?,
        })
    }

    /// What holds.
    #[must_use]
    pub const fn plans(&self) -> &Plans {
        &self.plans
    }

    /// Ends it. To be called when no worker serves any more.
    pub fn end(self) {
        // An error says that it has ended.
        let _ = self.end.send(());
        let _ = self.thread.join();
    }
}

impl Plans {
    /// This holds from now on.
    pub fn serve(&self, plan: Plan) {
        self.plan.store(Arc::new(plan));
    }

    /// The gateway drains: streams end as soon as nothing is under way on them.
    pub fn drain(&self) {
        self.drains.send_replace(true);
    }
}

async fn accept(
    hub: &Rc<Hub>,
    listener: std::os::unix::net::UnixListener,
    warn: fn(core::fmt::Arguments<'_>),
) {
    let Ok(listener) = UnixListener::from_std(listener) else {
        return;
    };
    let mut tidy = tokio::time::interval(TIDY);
    tidy.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tidy.tick() => hub.members.tidy(hub),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => welcome(hub, stream, warn),
                // Out of descriptors, usually.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
        }
    }
}

fn welcome(hub: &Rc<Hub>, stream: UnixStream, warn: fn(core::fmt::Arguments<'_>)) {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let peer = stream.peer_cred().ok().and_then(|peer| peer.pid());
    if peer == Some(own) {
        tokio::task::spawn_local(door::serve(Rc::clone(hub), stream));
        return;
    }
    warn(format_args!(
        "process {} tried to reach the federation past the gateway and was turned away",
        peer.unwrap_or_default()
    ));
}

impl Hub {
    /// What holds. Under another one, servers may be others.
    pub(crate) fn plan(&self) -> Arc<Plan> {
        let plan = self.plan.load_full();
        let before = self.planned.replace(Arc::clone(&plan));
        if !Arc::ptr_eq(&before, &plan) {
            self.known.borrow_mut().clear();
        }
        plan
    }

    /// Resolves when the gateway drains.
    pub(crate) async fn drained(&self) {
        let mut drains = self.drains.clone();
        if drains.wait_for(|drains| *drains).await.is_err() {
            // Nobody can say so any more.
            core::future::pending::<()>().await;
        }
    }

    /// A number that was never given before: an id, a progress token.
    pub(crate) fn number(&self) -> u64 {
        let number = self.numbers.get();
        self.numbers.set(number.wrapping_add(1));
        number
    }

    /// The id of a request of the federation's own, as it stands there. Clients' ids may be any
    /// numbers, and may be in the same session.
    pub(crate) fn own_id(&self) -> String {
        format!(r#""varistor-{}""#, self.number())
    }

    /// Whether the server is known not to speak like that.
    pub(crate) fn lacks(&self, server: &str, era: Era) -> bool {
        self.known(server, era) == Some(None)
    }

    /// Whether the server is known to speak like that.
    pub(crate) fn has(&self, server: &str, era: Era) -> bool {
        matches!(self.known(server, era), Some(Some(_)))
    }

    /// What the server offers, as far as that is known.
    pub(crate) fn offers(&self, server: &str) -> Option<Offers> {
        let modern = self.known(server, Era::Modern).flatten();
        let legacy = self.known(server, Era::Legacy).flatten();
        match (modern, legacy) {
            (Some(one), Some(other)) => Some(one.or(other)),
            (one, other) => one.or(other),
        }
    }

    fn known(&self, server: &str, era: Era) -> Option<Option<Offers>> {
        let known = self.known.borrow();
        let known = known.get(&(server.to_owned(), era))?;
        (known.at.elapsed() < KNOWN).then_some(known.offers)
    }

    /// Remembers what a server offers in this era, or that it does not speak it.
    pub(crate) fn learn(&self, server: &str, era: Era, offers: Option<Offers>) {
        let at = Instant::now();
        let mut known = self.known.borrow_mut();
        known.retain(|_, known| known.at.elapsed() < KNOWN);
        known.insert((server.to_owned(), era), Known { at, offers });
    }

    /// Asks the server anew when it is opened the next time.
    pub(crate) fn forget(&self, server: &str) {
        let mut known = self.known.borrow_mut();
        known.retain(|(name, _), _| name != server);
    }
}
