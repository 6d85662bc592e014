//! The kill switch: takes what is to be stopped from the operator, a file and a signal, puts it in
//! force, keeps it on disk, and sees to it that every worker ends what it concerns.
//!
//! Memory comes first, then the workers, then the disk, then the log: none of those that follow can
//! keep those before from happening. It has a thread of its own, so that it works while the control
//! thread is busy; all of it may be called from any thread.
#![expect(
    clippy::disallowed_types,
    reason = "no worker takes this lock: it is for whoever pulls the switch"
)]

mod door;
mod rows;
mod store;
mod watch;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use signal_hook::consts::SIGUSR1;
use varistor_model::Selector;
use varistor_pipeline::kill::Kill;

use crate::hub::Hub;
use crate::log;
use crate::worker::seats::Seats;
use rows::{Full, Rows};
pub(crate) use rows::{Row, Source};
use store::{Store, Write};

/// What the operator pulls.
pub(crate) struct Switch {
    hub: Arc<Hub>,
    /// One per worker.
    seats: Vec<Arc<Seats>>,
    rows: Mutex<Rows>,
    /// Milliseconds since `began` at which something was last put in force.
    changed_ms: AtomicU64,
    began: Instant,
    disk: mpsc::Sender<Write>,
    /// Whether what is in force stands on disk.
    kept: AtomicBool,
    notices: tokio::sync::mpsc::Sender<Notice>,
    /// Changes whenever what is stopped changes: what holds calls or children on the control side
    /// subscribes, and asks [`Kill::stopped`].
    pub(crate) versions: tokio::sync::watch::Sender<usize>,
    socket: PathBuf,
}

/// What is asked of the switch.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// What is to be stopped, or to go on.
    pub(crate) selectors: Vec<Selector>,
    /// Who asks.
    pub(crate) by: String,
    /// Why.
    pub(crate) reason: Option<String>,
}

/// What became of an order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done {
    /// Whether it stands on disk, and so survives a restart.
    pub(crate) kept: bool,
    /// How many workers have ended what is stopped; the sockets of the others are shut down from
    /// outside.
    pub(crate) heeded: usize,
    pub(crate) workers: usize,
    pub(crate) connections: u64,
    pub(crate) calls: u64,
    /// Of a revival: how many of what was asked for had been stopped.
    pub(crate) revived: usize,
}

/// Something that the log is to tell.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) kills: bool,
    pub(crate) selectors: Vec<String>,
    pub(crate) by: String,
    pub(crate) reason: Option<String>,
    pub(crate) connections: u64,
    pub(crate) calls: u64,
}

/// What the log is to tell, while it can't.
pub(crate) type Notices = tokio::sync::mpsc::Receiver<Notice>;

/// Notices that wait for the log; what does not fit is not told.
const NOTICES_MAX: usize = 1024;
/// Longest wait for the workers before an order is answered.
const HEED_WAIT: Duration = Duration::from_millis(1000);
/// Longest wait for the disk before an order is answered.
const DISK_WAIT: Duration = Duration::from_millis(5000);

impl Switch {
    /// Puts in force what stands on disk and in the file, and begins to watch.
    ///
    /// # Errors
    /// When there can be no thread or no signal handler.
    pub(crate) fn start(
        dir: &Path,
        hub: &Arc<Hub>,
        workers: usize,
    ) -> anyhow::Result<(Arc<Self>, Notices)> {
        let run = dir.join("run");
        std::fs::create_dir_all(&run)
            .and_then(|()| std::fs::set_permissions(&run, Permissions::from_mode(0o700)))
            .with_context(|| format!("{}: can't be made", run.display()))?;
        let (notices, told) = tokio::sync::mpsc::channel(NOTICES_MAX);
        let (store, rows) = Store::open(dir);
        let kept = store.is_sound();
        let (disk, writes) = mpsc::channel();
        let this = Arc::new(Self {
            hub: Arc::clone(hub),
            seats: (0..workers).map(|_| Arc::default()).collect(),
            rows: Mutex::new(Rows::new(rows)),
            changed_ms: AtomicU64::new(0),
            began: Instant::now(),
            disk,
            kept: AtomicBool::new(kept),
            notices,
            versions: tokio::sync::watch::Sender::new(0),
            socket: dir.join("run/kill.sock"),
        });
        signal_hook::flag::register_usize(SIGUSR1, hub.kill.lever(), Kill::SIGNALLED)
            .context("the handler of SIGUSR1 can't be set")?;
        let mut watch = watch::Watch::new(dir);
        watch.look_at_file(&this);
        watch.look_at_file(&this);
        this.put(&this.rows());
        if hub.kill.is_pulled() {
            log::warning(format_args!(
                "the kill switch is pulled: see varictl kill --list"
            ));
        }
        let thread = || std::thread::Builder::new();
        let switch = Arc::clone(&this);
        let keeping = thread().name("varistor-keep".into());
        keeping.spawn(move || store.keep(&writes, &switch.kept))?;
        let switch = Arc::clone(&this);
        let watching = thread().name("varistor-kill".into());
        watching.spawn(move || door::run(&switch, watch))?;
        Ok((this, told))
    }

    /// Where a worker's sockets are in view of the switch.
    pub(crate) fn seats_of(&self, worker: usize) -> Arc<Seats> {
        self.seats.get(worker).cloned().unwrap_or_default()
    }

    /// Stops what is named.
    ///
    /// # Errors
    /// When too many things are stopped already.
    pub(crate) async fn kill(&self, order: Order, source: Source) -> Result<Done, Full> {
        let before = self.ended();
        let written = {
            let mut rows = self.rows();
            rows.add(&order, source)?;
            self.put(&rows);
            self.write(&rows)
        };
        let mut done = self.done(written, before).await;
        done.revived = 0;
        self.notify(true, &order, done);
        Ok(done)
    }

    /// Lets go of what is named, unless something else keeps it stopped.
    pub(crate) async fn revive(&self, order: Order, source: Option<Source>) -> Done {
        let before = self.ended();
        let (written, revived) = {
            let mut rows = self.rows();
            let revived = rows.remove(&order.selectors, source);
            match order.selectors.contains(&Selector::All) && source.is_none() {
                true => self.hub.kill.publish_over_signal(rows.stopped()),
                false => self.hub.kill.publish(rows.stopped()),
            }
            self.told();
            (self.write(&rows), revived)
        };
        let mut done = self.done(written, before).await;
        done.revived = revived;
        self.notify(false, &order, done);
        done
    }

    /// What is stopped, by whom, and why.
    pub(crate) fn list(&self) -> Vec<Row> {
        self.rows().all().to_vec()
    }

    /// Whether what is in force survives a restart.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Acquire)
    }

    /// What of these no row of the policy in service names: a slip of the pen, perhaps.
    pub(crate) fn unknown(&self, selectors: &[Selector]) -> Vec<String> {
        let published = self.hub.published();
        let policy = published.serving.policy();
        let organisation = |name: &str| {
            let mut all = policy.organisations.iter();
            all.position(|row| row.name == name)
        };
        let within = |of: u32, index: usize| usize::try_from(of).is_ok_and(|of| of == index);
        let is_known = |selector: &&Selector| match selector {
            Selector::All | Selector::Token(_) => true,
            Selector::Organisation(name) => organisation(name).is_some(),
            Selector::Team(of, name) => organisation(of).is_some_and(|index| {
                let mut all = policy.teams.iter();
                all.any(|row| row.name == *name && within(row.organisation.to_native(), index))
            }),
            Selector::Agent(of, name) => organisation(of).is_some_and(|index| {
                let mut all = policy.agents.iter();
                all.any(|row| row.name == *name && within(row.organisation.to_native(), index))
            }),
            Selector::Server(name) | Selector::Tool(name, _) => {
                published.serving.server_named(name).is_some()
            }
        };
        let unknown = selectors.iter().filter(|it| !is_known(it));
        unknown.map(ToString::to_string).collect()
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the rows in force.
    fn put(&self, rows: &Rows) {
        self.hub.kill.publish(rows.stopped());
        self.told();
    }

    fn told(&self) {
        self.changed_ms.store(self.now_ms(), Ordering::Release);
        self.versions.send_replace(self.hub.kill.word());
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Asks the disk to keep the rows; resolves to whether it does.
    fn write(&self, rows: &Rows) -> tokio::sync::oneshot::Receiver<bool> {
        let (reply, written) = tokio::sync::oneshot::channel();
        let payload = rows.to_keep();
        // The thread lives as long as the process; without it, nothing is kept, and that is told.
        let _ = self.disk.send(Write { payload, reply });
        written
    }

    async fn done(&self, written: tokio::sync::oneshot::Receiver<bool>, before: [u64; 2]) -> Done {
        let kept = tokio::time::timeout(DISK_WAIT, written);
        let (kept, heeded) = tokio::join!(kept, self.heeded());
        let after = self.ended();
        let [connections, calls] = [0, 1].map(|at: usize| {
            let of = |counts: [u64; 2]| counts.get(at).copied().unwrap_or_default();
            of(after).saturating_sub(of(before))
        });
        Done {
            kept: matches!(kept, Ok(Ok(true))),
            heeded,
            workers: self.seats.len(),
            connections,
            calls,
            revived: 0,
        }
    }

    /// Waits until all workers have ended what is stopped; how many have.
    async fn heeded(&self) -> usize {
        let until = Instant::now() + HEED_WAIT;
        loop {
            let word = self.hub.kill.word();
            let heeded = self.seats.iter().filter(|it| it.heeded() == word).count();
            if heeded == self.seats.len() || Instant::now() >= until {
                return heeded;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Connections and calls that were ended so far.
    fn ended(&self) -> [u64; 2] {
        let sum = |of: fn(&Seats) -> &AtomicU64| {
            let counts = self.seats.iter().map(|it| of(it).load(Ordering::Relaxed));
            counts.sum()
        };
        [sum(|it| &it.ended.connections), sum(|it| &it.ended.calls)]
    }

    fn notify(&self, kills: bool, order: &Order, done: Done) {
        let selectors: Vec<_> = order.selectors.iter().map(ToString::to_string).collect();
        let (what, by) = (selectors.join(", "), &order.by);
        match kills {
            true => log::warning(format_args!(
                "kill switch: {what} stopped by {by}; ended {} connections and {} calls",
                done.connections, done.calls
            )),
            false => log::info(format_args!("kill switch: {what} may go on, says {by}")),
        }
        let notice = Notice {
            kills,
            selectors,
            by: order.by.clone(),
            reason: order.reason.clone(),
            connections: done.connections,
            calls: done.calls,
        };
        if self.notices.try_send(notice).is_err() {
            log::warning(format_args!("kill switch: the log will not tell of this"));
        }
    }
}
