//! Starts the threads of a run together, watches them, and gathers what they counted.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::cpu;
use super::live::Live;
use super::plan::Plan;
use super::tally::Tally;
use super::watch::{Sample, Watch};
use super::worker::{Post, Start, work};
use crate::{descriptors, driver};

/// Between the decision to start and the start, so that all threads have heard of it.
const RUN_UP: Duration = Duration::from_millis(2);
/// Descriptors besides connections: of each thread, and of the process.
const DESCRIPTORS: (u64, u64) = (16, 64);

/// What came of a run.
pub(super) struct Outcome {
    pub(super) tally: Tally,
    pub(super) samples: Vec<Sample>,
    pub(super) driver: &'static str,
}

/// A thread at work.
struct Hand {
    thread: JoinHandle<anyhow::Result<Option<Tally>>>,
    start: Sender<Start>,
}

/// Runs warm-up and measurement; tells the progress on standard error.
///
/// # Errors
/// A connection cannot be opened, or a watched process ends.
pub(super) fn run(plan: &Arc<Plan>, pids: &[u32], tells: bool) -> anyhow::Result<Outcome> {
    cpu::look(pids)?;
    allow_descriptors(plan)?;
    let (ready, readiness) = channel();
    let (mut hands, mut lives) = (Vec::new(), Vec::new());
    for number in 0..plan.threads {
        let live = Arc::new(Live::new(tells)?);
        lives.push(Arc::clone(&live));
        let (start, starts) = channel();
        let post = Post {
            plan: Arc::clone(plan),
            number,
            live,
            ready: ready.clone(),
            start: starts,
        };
        let thread = std::thread::Builder::new()
            .name(format!("load-{number}"))
            .spawn(move || on_thread(post))
            .context("cannot start a thread")?;
        hands.push(Hand { thread, start });
    }
    drop(ready);
    let mut driver = "";
    for _ in 0..plan.threads {
        // A thread that ends without a word has failed before it could send one.
        match readiness.recv() {
            Ok(told) => driver = told?,
            Err(_) => {
                gather(hands)?;
                anyhow::bail!("a thread of the load ended before it had begun");
            }
        }
    }
    let at = Instant::now() + RUN_UP;
    let start = Start {
        at,
        windows: plan.windows(at),
    };
    for hand in &hands {
        // One that has ended says why when it is gathered.
        drop(hand.start.send(start.clone()));
    }
    let watch = Watch {
        pids,
        lives: &lives,
        tells,
    };
    let samples = watch.stay(plan, &start)?;
    let tally = gather(hands)?.context("no thread counted anything")?;
    Ok(Outcome {
        tally,
        samples,
        driver,
    })
}

fn on_thread(post: Post) -> anyhow::Result<Option<Tally>> {
    if let Some(&core) = post
        .plan
        .cores
        .get(post.number % post.plan.cores.len().max(1))
    {
        anyhow::ensure!(
            core_affinity::set_for_current(core_affinity::CoreId { id: core }),
            "--cpus: the system refuses core {core}"
        );
    }
    driver::start(post.plan.driver, |name| work(post, name))
}

/// Waits for all threads and adds up what they counted.
fn gather(hands: Vec<Hand>) -> anyhow::Result<Option<Tally>> {
    let mut sum: Option<Tally> = None;
    for Hand { thread, start } in hands {
        drop(start);
        let tally = thread
            .join()
            .map_err(|_| anyhow::anyhow!("a thread of the load panicked"))??;
        match (&mut sum, tally) {
            (Some(sum), Some(tally)) => sum.add(tally)?,
            (None, tally) => sum = tally,
            (Some(_), None) => {}
        }
    }
    Ok(sum)
}

/// Raises the limit of open descriptors as far as this run needs.
fn allow_descriptors(plan: &Plan) -> anyhow::Result<()> {
    let connections = plan.connections + plan.idle_connections + plan.listeners;
    descriptors::allow(
        connections,
        DESCRIPTORS.0 * plan.threads as u64 + DESCRIPTORS.1,
    )
}
