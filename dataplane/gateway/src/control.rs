//! The control thread: everything slow. Signals, the admin interface, names, snapshots.

mod admin;
mod approvals;
pub(crate) mod channels;
pub(crate) mod checkpoints;
mod clients;
mod events;
pub(crate) mod federation;
mod guards;
pub(crate) mod identity;
pub(crate) mod kill;
pub(crate) mod lent;
mod letters;
mod metric;
mod names;
pub(crate) mod oauth;
pub(crate) mod pins;
pub(crate) mod publish;
mod safe;
mod secrets;
mod status;
pub(crate) mod stdio;
mod tools;
pub(crate) mod witnesses;

use core::cell::RefCell;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ed25519_dalek::VerifyingKey;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, oneshot};
use varistor_audit::Event;
use varistor_ledger::{Lane, Ledger};

use crate::clock::Clock;
use crate::hub::Hub;
use crate::log;
use crate::switch::{Notices, Switch};
use crate::worker::driver::Driving;

pub(crate) use approvals::open as open_approvals;

/// What the control thread knows.
pub(crate) struct Control {
    pub(crate) dir: PathBuf,
    pub(crate) keys: Vec<VerifyingKey>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) pins: pins::Keeper,
    pub(crate) ledger: Ledger,
    pub(crate) driving: Driving,
    pub(crate) workers: usize,
    pub(crate) bound: SocketAddr,
    pub(crate) scheme: &'static str,
    pub(crate) began: Instant,
    pub(crate) clock: Clock,
    pub(crate) switch: Arc<Switch>,
    /// Servers that the gateway starts itself.
    pub(crate) servers: varistor_stdio::Servers,
    /// Who vouches for the log.
    pub(crate) evidence: Evidence,
    /// Who gives the tokens that are taken, and those that servers want.
    pub(crate) authorities: Authorities,
    /// What holds for all servers as one.
    pub(crate) plans: varistor_federation::Plans,
}

/// Authorization servers.
#[derive(Default)]
pub(crate) struct Authorities {
    /// Whose tokens are taken beside our own.
    identity: identity::Providers,
    /// Access tokens for servers.
    tokens: oauth::Tokens,
    /// How looks at secrets that others keep have gone.
    looks: RefCell<lent::Looks>,
}

/// What becomes of the log's heads.
#[derive(Default)]
pub(crate) struct Evidence {
    witnesses: witnesses::Witnesses,
    exports: checkpoints::Exports,
}

/// The control thread's own way into the log.
pub(crate) struct Journal {
    lane: Mutex<Lane>,
    /// Some events people are told of.
    hub: Arc<Hub>,
    clock: Clock,
}

/// How long the end waits for records in rings, in milliseconds.
const RINGS_MS: u32 = 2_000;
/// How often values that nobody may ask for are forgotten.
const TIDY: Duration = Duration::from_secs(10);
/// How often it is seen to that there are salts and envelopes for records.
const SUPPLY: Duration = Duration::from_millis(50);
/// The same at most, twice as long after every failure.
const SUPPLY_MOST: Duration = Duration::from_secs(5);

impl Journal {
    /// Records an event of the gateway itself.
    pub(crate) async fn record(&self, event: &Event<'_>) {
        // First: the log may not be writable for long.
        if let Some(notice) = events::notice(event, self.clock.now().unix_ns / 1_000_000) {
            self.hub.notices.push(Box::new(notice));
        }
        let mut lane = self.lane.lock().await;
        lane.collect(|_, _| {});
        let mut wait_ms = 1;
        while lane.push_event(|line| event.write(line)).is_err() {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            lane.collect(|_, _| {});
            wait_ms = (wait_ms * 2).min(1000);
        }
        lane.send_away();
    }
}

/// What the control thread takes from others.
type Own = (
    Lane,
    approvals::File,
    channels::Delivering,
    Notices,
    tokio::sync::mpsc::Receiver<varistor_stdio::Told>,
);

/// Runs until the gateway has drained; `join` waits for the workers, and then for the servers that
/// the gateway started.
pub(crate) async fn run(
    control: Control,
    (lane, approvals, mut delivering, notices, children): Own,
    join: impl FnOnce() -> bool + Send + 'static,
) -> anyhow::Result<()> {
    let control = Rc::new(control);
    let journal = Rc::new(Journal {
        lane: Mutex::new(lane),
        hub: Arc::clone(&control.hub),
        clock: control.clock.clone(),
    });
    begin(&control, &journal).await;
    let tasks = tokio::task::LocalSet::new();
    let drained = tasks.run_until(async {
        let admin = admin::start(&control, &journal)?;
        let approvals = approvals::keep(Rc::clone(&control), Rc::clone(&journal), approvals);
        tokio::task::spawn_local(approvals);
        tokio::task::spawn_local(kill::record(Rc::clone(&journal), notices));
        tokio::task::spawn_local(stdio::record(Rc::clone(&journal), children));
        work(&control, &journal);
        let (end, ended) = oneshot::channel();
        let watching = guards::watch(Rc::clone(&control), Rc::clone(&journal), ended);
        let watching = tokio::task::spawn_local(watching);
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        // Whoever reads this may push a snapshot or send a signal at once.
        announce(&control);
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                Some(told) = delivering.told.recv() => channels::listen(&journal, told).await,
            }
        }
        log::info(format_args!(
            "draining: no new connections, calls in flight end"
        ));
        journal.record(&Event::Drain).await;
        control.hub.drain();
        control.plans.drain();
        let ended = tokio::task::spawn_blocking(join).await.unwrap_or(false);
        save_pins(&control, &journal).await;
        if let Err(error) = control.hub.shelf.supply.end() {
            log::warning(format_args!("unused salts were left: {error}"));
        }
        drop(admin);
        // It must not hold the journal when nobody runs it any more.
        drop(end);
        watching.await?;
        channels::end(&control.hub.notices, &journal, delivering).await;
        anyhow::Ok(ended)
    });
    let ended = drained.await?;
    empty(&control.ledger).await;
    journal.record(&Event::Stop).await;
    drop(tasks);
    let control = Rc::into_inner(control).context("a control task did not end")?;
    control
        .ledger
        .close()
        .context("the audit log could not be closed in order")?;
    anyhow::ensure!(ended, "a worker did not end in order");
    log::info(format_args!("stopped"));
    Ok(())
}

/// Waits until the records that workers left in their rings are numbered: nothing comes behind the
/// record of the end. A disk that hangs is not waited for longer than that.
async fn empty(ledger: &Ledger) {
    for _ in 0..RINGS_MS {
        if ledger.state().depth == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Makes salts and envelopes for records ahead.
async fn supply(control: Rc<Control>) {
    let (mut failed, mut pause) = (false, SUPPLY);
    loop {
        tokio::time::sleep(pause).await;
        let serving = Arc::clone(&control.hub.published().serving);
        if !control.hub.shelf.supply.is_low(&serving) {
            pause = SUPPLY;
            continue;
        }
        let hub = Arc::clone(&control.hub);
        let renewed = tokio::task::spawn_blocking(move || hub.shelf.supply.renew(&serving)).await;
        pause = match &renewed {
            Ok(Ok(())) => SUPPLY,
            _ => pause.saturating_mul(2).min(SUPPLY_MOST),
        };
        match renewed {
            Ok(Ok(())) => failed = false,
            Ok(Err(error)) if !core::mem::replace(&mut failed, true) => log::error(format_args!(
                "salts and envelopes for records can't be made; calls that need them are denied: \
                 {error:#}"
            )),
            _ => {}
        }
    }
}

/// Forgets values of placeholders when their time is over.
async fn tidy(control: Rc<Control>) {
    loop {
        tokio::time::sleep(TIDY).await;
        control.clock.renew();
        let published = control.hub.published();
        let now = control.clock.now();
        control.hub.shelf.sweep(&published.serving, now);
    }
}

/// Has the log say that it has started.
async fn begin(control: &Control, journal: &Journal) {
    let listen = control.bound.to_string();
    let start = Event::Start {
        version: env!("CARGO_PKG_VERSION"),
        driver: control.driving.name(),
        workers: control.workers as u64,
        listen: &listen,
    };
    journal.record(&start).await;
}

/// Begins what goes on by itself until the gateway ends.
fn work(control: &Rc<Control>, journal: &Rc<Journal>) {
    tokio::task::spawn_local(names::renew(Rc::clone(control)));
    tokio::task::spawn_local(tidy(Rc::clone(control)));
    tokio::task::spawn_local(supply(Rc::clone(control)));
    tokio::task::spawn_local(checkpoints::run(Rc::clone(control), Rc::clone(journal)));
    tokio::task::spawn_local(witnesses::keep(Rc::clone(control), Rc::clone(journal)));
    tokio::task::spawn_local(oauth::keep(Rc::clone(control), Rc::clone(journal)));
    tokio::task::spawn_local(identity::keep(Rc::clone(control), Rc::clone(journal)));
    tokio::task::spawn_local(lent::keep(Rc::clone(control)));
    let (control, journal) = (Rc::clone(control), Rc::clone(journal));
    tokio::task::spawn_local(async move { control.pins.run(&journal).await });
}

async fn save_pins(control: &Control, journal: &Journal) {
    if let Err(error) = control.pins.save(journal).await {
        log::warning(format_args!(
            "the newest pins of tools could not be kept: {error}"
        ));
    }
}

/// The first line on standard output says where clients find the gateway.
fn announce(control: &Control) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    // A closed standard output must not stop the gateway.
    let _ = writeln!(out, "listening on {}://{}", control.scheme, control.bound);
    let _ = out.flush();
    let (driver, detail) = (control.driving.name(), control.driving.detail());
    log::info(format_args!(
        "serving generation {} with {} workers on {driver} ({detail})",
        control.hub.published().serving.generation(),
        control.workers
    ));
}
