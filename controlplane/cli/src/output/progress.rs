//! A progress line on standard error, shown on terminals only.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Redraws at most this often.
const EVERY: Duration = Duration::from_millis(100);

/// Says how much of a known number of bytes is done.
#[derive(Debug)]
pub(crate) struct Progress {
    what: &'static str,
    bytes_total: u64,
    shown: bool,
    next: Instant,
}

impl Progress {
    /// A line that is drawn once the work has taken a moment, if standard error is a terminal.
    pub(crate) fn new(what: &'static str, bytes_total: u64) -> Self {
        Self {
            what,
            bytes_total,
            shown: false,
            next: Instant::now() + EVERY,
        }
    }

    /// `bytes` of the total are done.
    pub(crate) fn at(&mut self, bytes: u64) {
        if Instant::now() < self.next || !io::stderr().is_terminal() {
            return;
        }
        let percent = bytes.saturating_mul(100) / self.bytes_total.max(1);
        self.draw(&format!("{percent:>3} %"));
    }

    /// This much is done of what nobody knows the end of.
    pub(crate) fn say(&mut self, much: &str) {
        if Instant::now() >= self.next && io::stderr().is_terminal() {
            self.draw(much);
        }
    }

    fn draw(&mut self, much: &str) {
        self.next = Instant::now() + EVERY;
        self.shown = true;
        drop(write!(io::stderr().lock(), "\r\x1b[K{} {much}", self.what));
    }

    /// Wipes the line.
    pub(crate) fn finish(&mut self) {
        if self.shown {
            drop(write!(io::stderr().lock(), "\r\x1b[K"));
            self.shown = false;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}
