//! A child's standard error: on to the gateway's log line by line, bounded per line and per second.

use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use zeroize::Zeroizing;

use crate::mask::Mask;
use crate::say::{Level, Say};

/// Bytes of one line that are shown.
const LINE_BYTES_MAX: usize = 512;
/// Lines of one child that are shown in a second; what is beyond is counted.
const LINES_PER_S: u32 = 20;

/// What may be shown in this second.
struct Pace {
    since: Instant,
    shown: u32,
    left_out: u64,
}

/// Reads until the end, so that the child never waits for its log; the last line, behind a colon.
pub(super) async fn run(
    mut from: pipe::Receiver,
    (server, mask): (&str, &Mask),
    say: Say,
) -> String {
    let mut last = String::new();
    let mut pace = Pace {
        since: Instant::now(),
        shown: 0,
        left_out: 0,
    };
    // It may hold secrets for as long as it is not shown.
    let mut line = Zeroizing::new(Vec::new());
    let reach = mask.reach(LINE_BYTES_MAX);
    let mut part = [0; 4096];
    loop {
        let count = match from.read(&mut part).await {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        for byte in part.get(..count).unwrap_or_default() {
            match byte {
                b'\n' => pace.show((&mut line, mask), &mut last, (server, say)),
                _ if line.len() < reach => line.push(*byte),
                _ => {}
            }
        }
    }
    pace.show((&mut line, mask), &mut last, (server, say));
    pace.tell(server, say);
    last
}

impl Pace {
    fn show(
        &mut self,
        (line, mask): (&mut Vec<u8>, &Mask),
        last: &mut String,
        (server, say): (&str, Say),
    ) {
        let text = mask.excerpt(line.trim_ascii_end(), LINE_BYTES_MAX);
        line.clear();
        if !text.is_empty() {
            *last = format!(": {text}");
        }
        if self.since.elapsed() >= Duration::from_secs(1) {
            self.tell(server, say);
            self.since = Instant::now();
            self.shown = 0;
        }
        match self.shown < LINES_PER_S {
            _ if text.is_empty() => {}
            true => {
                self.shown = self.shown.saturating_add(1);
                say(Level::Info, format_args!("server {server}: stderr: {text}"));
            }
            false => self.left_out = self.left_out.saturating_add(1),
        }
    }

    fn tell(&mut self, server: &str, say: Say) {
        let left_out = core::mem::take(&mut self.left_out);
        if left_out > 0 {
            let text = format_args!("server {server}: stderr: {left_out} more lines left out");
            say(Level::Info, text);
        }
    }
}
