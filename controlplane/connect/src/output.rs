//! Writes lines to the host on a thread of its own. When the host does not read, whoever has a line
//! for it waits.

use std::io::{self, Write as _};
use std::sync::mpsc as done;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::room::Held;

/// Lines that may wait; their bytes are bounded by the room that they hold.
const LINES_MAX: usize = 64;

/// One message for the host.
struct Line {
    bytes: Vec<u8>,
    /// Given back once it is written.
    _held: Held,
}

/// Where lines go in.
#[derive(Clone)]
pub(crate) struct Sink(mpsc::Sender<Line>);

/// The thread that writes.
pub(crate) struct Writer(done::Receiver<()>);

/// Starts the thread.
pub(crate) fn start() -> io::Result<(Sink, Writer)> {
    let (sender, receiver) = mpsc::channel(LINES_MAX);
    let (ended, end) = done::channel();
    std::thread::Builder::new()
        .name("output".to_owned())
        .spawn(move || {
            write_all(receiver);
            drop(ended);
        })?;
    Ok((Sink(sender), Writer(end)))
}

/// Ends when all sinks are gone, or when the host is.
fn write_all(mut lines: mpsc::Receiver<Line>) {
    let mut out = io::BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    while let Some(line) = lines.blocking_recv() {
        let written = out
            .write_all(&line.bytes)
            .and_then(|()| out.write_all(b"\n"));
        drop(line);
        // What is there now goes out at once; what follows within the turn goes along with it.
        let written = match lines.is_empty() {
            true => written.and_then(|()| out.flush()),
            false => written,
        };
        if written.is_err() {
            return;
        }
    }
}

impl Sink {
    /// Hands over a message; line ends within it, which JSON allows between tokens only, become
    /// blanks. A host that is gone takes nothing, and the bridge ends with it.
    pub(crate) async fn line(&self, mut bytes: Vec<u8>, held: Held) {
        flatten(&mut bytes);
        drop(self.0.send(Line { bytes, _held: held }).await);
    }

    /// Waits until the host is gone.
    pub(crate) async fn closed(&self) {
        self.0.closed().await;
    }
}

impl Writer {
    /// Waits until everything is written, but no longer than this.
    pub(crate) fn finish(&self, within: Duration) {
        // Either way there is nothing left to do: it ended, or the host does not read.
        let _ended = self.0.recv_timeout(within);
    }
}

fn flatten(bytes: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'\n', b'\r', rest))
    {
        at += found;
        if let Some(byte) = bytes.get_mut(at) {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_over_several_lines_becomes_one() {
        let mut bytes = b"{\r\n \"a\": 1\n}\n".to_vec();
        flatten(&mut bytes);
        assert_eq!(bytes, b"{   \"a\": 1 } ");
    }
}
