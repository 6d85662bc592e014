//! The bridge from its beginning to its end: lines of the host in their order, signals, and a
//! farewell that leaves no request without an answer.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep_until, timeout};

use crate::bridge::Bridge;
use crate::input::{self, Input};
use crate::output::{self, Sink};
use crate::post;
use crate::say::say;
use crate::session::State;
use crate::{ConnectError, LINE_BYTES_MAX, Options, REQUESTS_MAX};

/// How long answers may take once the host has closed standard input.
const DRAIN: Duration = Duration::from_secs(30);
/// How long after a signal: hosts kill two seconds after it.
const DRAIN_SIGNAL: Duration = Duration::from_secs(1);
/// How long the end of the session may take, and the last lines to the host.
const FAREWELL: Duration = Duration::from_millis(500);
/// Most that is under way in all, lines for a host that does not read among it; beyond, no further
/// line is read.
const TASKS_MAX: usize = 4 * REQUESTS_MAX;

/// Bridges standard input and output to the gateway until the input ends, the host is gone, or a
/// signal comes; everything under way is then answered, within bounds.
///
/// # Errors
/// It can't start, or standard input fails.
pub fn run(options: Options) -> Result<(), ConnectError> {
    let lines = input::start().map_err(ConnectError::Start)?;
    let (out, writer) = output::start().map_err(ConnectError::Start)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ConnectError::Start)?;
    let local = LocalSet::new();
    let ended = local.block_on(&runtime, serve(options, lines, out));
    // What is still under way holds the way to the writer, which ends when nobody does.
    drop(local);
    writer.finish(FAREWELL);
    // A name that is still being looked up keeps nobody waiting.
    runtime.shutdown_background();
    ended
}

async fn serve(
    options: Options,
    mut lines: mpsc::Receiver<Input>,
    out: Sink,
) -> Result<(), ConnectError> {
    let mut signals = Signals::new().map_err(ConnectError::Start)?;
    let bridge = Rc::new(Bridge::new(options, out));
    let mut tasks = JoinSet::new();
    let mut failed = Ok(());
    let within = loop {
        tokio::select! {
            biased;
            () = signals.next() => break DRAIN_SIGNAL,
            () = bridge.out.closed() => break Duration::ZERO,
            Some(ended) = tasks.join_next() => report(&ended),
            line = lines.recv(), if tasks.len() < TASKS_MAX => match line {
                None => break DRAIN,
                Some(Input::Line(line)) => bridge.take(line, &mut tasks),
                Some(Input::TooLong) => {
                    let why = format!("the line is over {} MiB", LINE_BYTES_MAX >> 20);
                    bridge.refuse_line(-32600, &why, &mut tasks);
                }
                Some(Input::Failed(error)) => {
                    failed = Err(ConnectError::Input(error));
                    break Duration::ZERO;
                }
            },
        }
    };
    drain(&bridge, within, &mut tasks, &mut signals).await;
    failed
}

/// Lets everything under way come to its end, and says farewell to the gateway.
async fn drain(bridge: &Bridge, within: Duration, tasks: &mut JoinSet<()>, signals: &mut Signals) {
    bridge.ending.send_replace(true);
    bridge.end_streams();
    let mut until = Instant::now() + within;
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(ended) => report(&ended),
                None => break,
            },
            () = signals.next() => until = until.min(Instant::now() + DRAIN_SIGNAL),
            () = bridge.out.closed() => break,
            () = sleep_until(until) => break,
        }
    }
    tasks.abort_all();
    let _unread = timeout(FAREWELL, bridge.give_up()).await;
    if let State::Open(session) = bridge.session.now() {
        // A gateway that does not answer forgets the session by itbridge.
        let _late = timeout(FAREWELL, post::end_session(bridge, &session)).await;
    }
}

/// A bug of ours costs the one message that met it.
fn report(ended: &Result<(), tokio::task::JoinError>) {
    if ended.as_ref().is_err_and(tokio::task::JoinError::is_panic) {
        say("a message was lost by a failure of the bridge");
    }
}

/// The signals that end the bridge.
struct Signals([Signal; 3]);

impl Signals {
    fn new() -> io::Result<Self> {
        let kinds = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
        ];
        let [first, second, third] = kinds.map(signal);
        Ok(Self([first?, second?, third?]))
    }

    async fn next(&mut self) {
        let [first, second, third] = &mut self.0;
        tokio::select! {
            _ = first.recv() => {}
            _ = second.recv() => {}
            _ = third.recv() => {}
        }
    }
}
