//! A child's standard input: lines go out in order, and what the pipe does not take waits, bounded.

use core::cell::RefCell;
use std::io;
use std::rc::Rc;

use tokio::net::unix::pipe;
use tokio::sync::Notify;

/// See the module.
pub(crate) struct Input {
    pipe: RefCell<Option<Rc<pipe::Sender>>>,
    waiting: RefCell<Vec<u8>>,
    changed: Notify,
    bytes_max: usize,
}

/// A child that does not read has as much waiting as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Input {
    /// At most `bytes_max` bytes wait, unless it is a single message.
    pub(crate) fn new(pipe: pipe::Sender, bytes_max: usize) -> Self {
        Self {
            pipe: RefCell::new(Some(Rc::new(pipe))),
            waiting: RefCell::default(),
            changed: Notify::new(),
            bytes_max,
        }
    }

    /// Sends bytes, now as far as the pipe takes them.
    pub(crate) fn send(&self, bytes: &[u8]) -> Result<(), Full> {
        let pipe = self.pipe.borrow();
        // A child that is ended hears no more; whoever waits for it is told of that.
        let Some(pipe) = pipe.as_ref() else {
            return Ok(());
        };
        let mut waiting = self.waiting.borrow_mut();
        if !waiting.is_empty() {
            if waiting.len().saturating_add(bytes.len()) > self.bytes_max {
                return Err(Full);
            }
            waiting.extend_from_slice(bytes);
            return Ok(());
        }
        let written = match pipe.try_write(bytes) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            // The other end is closed: the end of its output tells.
            Err(_) => return Ok(()),
        };
        let rest = bytes.get(written..).unwrap_or_default();
        if !rest.is_empty() {
            waiting.extend_from_slice(rest);
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Sends a message as one line. It must not hold a line end.
    pub(crate) fn send_line(&self, mut line: Vec<u8>) -> Result<(), Full> {
        line.push(b'\n');
        self.send(&line)
    }

    /// Ends the child's input.
    pub(crate) fn close(&self) {
        self.pipe.take();
        self.waiting.take();
        self.changed.notify_one();
    }

    /// Writes what waits whenever the pipe takes some, until the input is closed.
    pub(crate) async fn run(&self) {
        loop {
            let Some(pipe) = self.pipe.borrow().as_ref().map(Rc::clone) else {
                return;
            };
            if self.waiting.borrow().is_empty() {
                drop(pipe);
                self.changed.notified().await;
                continue;
            }
            // Closed meanwhile: nothing is left to be written.
            let closed = tokio::select! {
                writable = pipe.writable() => writable.is_err(),
                () = self.changed.notified() => false,
            };
            if closed {
                return self.close();
            }
            let mut waiting = self.waiting.borrow_mut();
            match pipe.try_write(&waiting) {
                Ok(count) => {
                    let written = count.min(waiting.len());
                    waiting.drain(..written);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => {
                    drop(waiting);
                    return self.close();
                }
            }
        }
    }
}
