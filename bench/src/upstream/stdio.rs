//! The mock server on standard input and output: one message a line.
//!
//! Answers that wait or trickle have a thread of their own, so that later calls overtake them as
//! they do in a real server; lines never mix.

use std::io::{self, BufRead, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::Upstream;
use super::answer::{Task, error_message};
use super::consider::Considered;
use super::delivery::{Delivery, End, Open};
use super::frame::Framing;
use super::spoil::spoil_lines;

/// Answers that may wait at the same time; more are sent in their order.
const THREADS_MAX: usize = 64;

/// Serves until standard input ends, or until a fault ends it.
///
/// # Errors
/// Standard input or output fails, the record cannot be kept, or a fault ends the process.
pub(super) fn run(upstream: &Upstream, tells_stats: bool) -> anyhow::Result<()> {
    let mut output = Output::default();
    let served = serve(upstream, &mut output);
    if tells_stats {
        eprintln!("{}", upstream.stats.json());
    }
    served
}

fn serve(upstream: &Upstream, output: &mut Output) -> anyhow::Result<()> {
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return output.join();
        }
        upstream.stats.count_received(line.len());
        let message = line.trim_ascii_end();
        if let Some(recorder) = &upstream.recorder {
            recorder.keep(message)?;
        }
        let delivery = answer(upstream, message);
        upstream.stats.count_sent(delivery.bytes.len());
        let end = delivery.end.clone();
        output.send(delivery)?;
        match end {
            End::Next => {}
            End::Stay(open) if !upstream.pulse.notify.is_zero() => {
                output.repeat(&open, upstream.pulse.notify);
            }
            End::Stay(_) => {}
            End::Hold => return drain(&mut input),
            End::Close | End::Reset => {
                output.join()?;
                anyhow::bail!("a fault of the script ends this process");
            }
        }
    }
}

/// The answer to one line; empty when there is none.
fn answer(upstream: &Upstream, message: &[u8]) -> Delivery {
    let mut out = Delivery::default();
    match upstream.consider(message) {
        Considered::Unreadable => {
            let text = error_message("null", -32700, "this line is not a JSON object");
            Framing::Lines.write(1, &text, &mut out.bytes);
        }
        Considered::Notification => upstream.stats.count_notification(),
        Considered::Refused(id, reason) => {
            let text = error_message(id, -32602, &reason);
            Framing::Lines.write(1, &text, &mut out.bytes);
        }
        Considered::Request(asked, plan) => {
            let task = Task {
                asked: &asked,
                plan: &plan,
                framing: Framing::Lines,
            };
            upstream.answers.write(&task, &mut out);
            out.delay = plan.delay;
            if let Some(fault) = plan.fault {
                spoil_lines(fault, plan.pace, &mut out);
            }
        }
    }
    out
}

/// Reads on and answers nothing.
fn drain(input: &mut impl BufRead) -> anyhow::Result<()> {
    io::copy(input, &mut io::sink())?;
    Ok(())
}

/// Standard output, shared by answers that wait.
#[derive(Default)]
struct Output {
    turn: Arc<Mutex<()>>,
    threads: Vec<JoinHandle<io::Result<()>>>,
}

impl Output {
    /// Sends an answer, now or on a thread of its own when it takes its time.
    fn send(&mut self, delivery: Delivery) -> anyhow::Result<()> {
        if delivery.delay.is_zero() && delivery.is_whole() {
            return Ok(write(&delivery, &self.turn)?);
        }
        self.threads.retain(|thread| !thread.is_finished());
        if self.threads.len() >= THREADS_MAX {
            return Ok(write(&delivery, &self.turn)?);
        }
        let turn = Arc::clone(&self.turn);
        self.threads
            .push(thread::spawn(move || write(&delivery, &turn)));
        Ok(())
    }

    /// Sends a line again and again, until standard output closes or the process ends.
    fn repeat(&self, open: &Open, every: Duration) {
        let delivery = Delivery {
            delay: every,
            bytes: format!("{}\n", open.notification).into_bytes(),
            ..Delivery::default()
        };
        let turn = Arc::clone(&self.turn);
        thread::spawn(move || while write(&delivery, &turn).is_ok() {});
    }

    /// Waits for the answers that take their time.
    fn join(&mut self) -> anyhow::Result<()> {
        for thread in mem::take(&mut self.threads) {
            let written = thread.join();
            written.map_err(|_| anyhow::anyhow!("an answer could not be sent"))??;
        }
        Ok(())
    }
}

fn write(delivery: &Delivery, turn: &Mutex<()>) -> io::Result<()> {
    thread::sleep(delivery.delay);
    // Whole answers only: a line never stands in another.
    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let mut output = io::stdout().lock();
    let mut at = 0;
    while let Some(piece) = delivery.piece(at) {
        thread::sleep(piece.before);
        at = piece.bytes.end;
        output.write_all(delivery.bytes.get(piece.bytes).unwrap_or_default())?;
        output.flush()?;
        thread::sleep(piece.after);
    }
    Ok(())
}
