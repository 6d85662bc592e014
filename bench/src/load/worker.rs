//! One thread of the load: opens its connections, begins calls when they are due, waits for the
//! last answers.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::connection::Connection;
use super::exchange::Wire;
use super::idle;
use super::live::Live;
use super::plan::Plan;
use super::shift::Shift;
use super::tally::{Tally, Windows};
use super::timer::Timer;

/// How long answers are waited for after the last call has begun.
const GRACE: Duration = Duration::from_secs(5);
/// How often it is looked whether all answers have come.
const LOOK: Duration = Duration::from_millis(1);
/// Calls that wait for each connection, at least, when the next ones are not begun one by one.
const BACKLOG: usize = 4;
/// How long they then gather: less than a connection takes for its backlog.
const GATHERED: Duration = Duration::from_micros(200);
/// Connections that are opened at the same time: fewer than fit into the backlog of a server.
const OPENING: u64 = 64;

/// What a thread needs to take part.
pub(super) struct Post {
    pub(super) plan: Arc<Plan>,
    pub(super) number: usize,
    pub(super) live: Arc<Live>,
    /// Takes the driver's name once all connections are open.
    pub(super) ready: Sender<anyhow::Result<&'static str>>,
    /// Gives the start.
    pub(super) start: Receiver<Start>,
}

/// When it all begins.
#[derive(Clone)]
pub(super) struct Start {
    pub(super) at: Instant,
    pub(super) windows: Windows,
}

/// Runs one thread's share to its end; `None` when there was no start.
///
/// # Errors
/// The timer fails. A connection that cannot be opened is told through `ready`.
pub(super) async fn work(post: Post, driver: &'static str) -> anyhow::Result<Option<Tally>> {
    let shift = Rc::new(Shift::new(&post.plan, post.number, &post.live));
    let opened = async {
        let connections = open_all(&shift, &post, post.plan.connections).await?;
        let idle = open_idle(&shift, &post).await?;
        anyhow::Ok((connections, idle))
    };
    let (connections, idle) = match opened.await {
        Ok(opened) => opened,
        Err(error) => {
            drop(post.ready.send(Err(error)));
            return Ok(None);
        }
    };
    drop(post.ready.send(Ok(driver)));
    // Nothing else runs here yet, and nothing was closed, so that the thread may wait.
    let Ok(start) = post.start.recv() else {
        return Ok(None);
    };
    shift.begin(start.windows);
    let over = Rc::new(Cell::new(false));
    for wire in idle {
        monoio::spawn(idle::hold(wire, Rc::clone(&shift), Rc::clone(&over)));
    }
    let timer = Timer::new().context("cannot create a timer")?;
    timer.until(start.at).await?;
    let running = Rc::new(Cell::new(connections.len()));
    for connection in connections {
        let (shift, running) = (Rc::clone(&shift), Rc::clone(&running));
        monoio::spawn(async move {
            connection.run(shift).await;
            running.set(running.get().saturating_sub(1));
        });
    }
    pace(&shift, &post, &start, &timer).await?;
    for begin in shift.queue.close() {
        shift.tally.borrow_mut().unsent(begin);
    }
    let until = Instant::now() + GRACE;
    while running.get() > 0 && Instant::now() < until {
        timer.until(Instant::now() + LOOK).await?;
    }
    over.set(true);
    let windows = start.windows;
    let empty = Tally::new(windows, post.plan.mix.kinds.len(), Arc::clone(&post.live));
    Ok(Some(shift.tally.replace(empty)))
}

/// Queues this thread's share of the calls as they fall due, until the end. Beyond what the
/// connections can take, a wake-up for each would cost more than the call; latency counts from when
/// a call was due in any case.
async fn pace(shift: &Shift, post: &Post, start: &Start, timer: &Timer) -> io::Result<()> {
    let end = start.windows.end();
    let Some(schedule) = &post.plan.schedule else {
        return timer.until(end).await;
    };
    let plenty =
        BACKLOG.saturating_mul(usize::try_from(post.plan.connections).unwrap_or(usize::MAX));
    let mut number = post.number as u64;
    loop {
        let begin = start.at + schedule.start(number);
        if begin >= end {
            return timer.until(end).await;
        }
        let now = Instant::now();
        if begin > now {
            let gathers = shift.queue.backlog() > plenty;
            let until = if gathers { now + GATHERED } else { begin };
            timer.until(until.max(begin).min(end)).await?;
        }
        shift.queue.push(begin);
        number = number.saturating_add(post.plan.threads as u64);
    }
}

async fn open_all(shift: &Rc<Shift>, post: &Post, count: u64) -> anyhow::Result<Vec<Connection>> {
    let shift = Rc::clone(shift);
    open(post, count, "connection", move |serial| {
        let shift = Rc::clone(&shift);
        async move { Connection::open(&shift, serial).await }
    })
    .await
}

async fn open_idle(shift: &Rc<Shift>, post: &Post) -> anyhow::Result<Vec<Wire>> {
    let (silent, listening) = (Rc::clone(shift), Rc::clone(shift));
    let mut wires = open(
        post,
        post.plan.idle_connections,
        "idle connection",
        move |_| {
            let shift = Rc::clone(&silent);
            async move { idle::silent(&shift).await }
        },
    )
    .await?;
    let listeners = open(post, post.plan.listeners, "listener", move |serial| {
        let shift = Rc::clone(&listening);
        async move { idle::listener(&shift, serial).await }
    });
    wires.extend(listeners.await?);
    Ok(wires)
}

/// Opens this thread's share of `count` things, some at a time.
async fn open<T: 'static, F: Future<Output = io::Result<T>> + 'static>(
    post: &Post,
    count: u64,
    what: &str,
    make: impl Fn(u64) -> F + Clone + 'static,
) -> anyhow::Result<Vec<T>> {
    let next = Rc::new(Cell::new(post.number as u64));
    let opened = Rc::new(RefCell::new(Vec::new()));
    let openers: Vec<_> = (0..OPENING.min(count))
        .map(|_| {
            let (next, opened, make) = (Rc::clone(&next), Rc::clone(&opened), make.clone());
            let step = post.plan.threads as u64;
            monoio::spawn(async move {
                loop {
                    let serial = next.get();
                    if serial >= count {
                        return Ok(());
                    }
                    next.set(serial + step);
                    let fresh = make(serial).await.map_err(|error| (serial, error))?;
                    opened.borrow_mut().push(fresh);
                }
            })
        })
        .collect();
    for opener in openers {
        opener.await.map_err(|(serial, error)| {
            let target = &post.plan.target;
            anyhow::anyhow!(error).context(format!(
                "cannot open {what} {} of {count} to {} ({}); does a server listen there?",
                serial + 1,
                target.url,
                target.address
            ))
        })?;
    }
    Ok(opened.take())
}
