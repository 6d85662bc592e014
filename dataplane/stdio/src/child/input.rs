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

/// Room that an empty queue keeps, at most.
const KEPT_BYTES: usize = 64 * 1024;

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

    /// Sends bytes, together with whatever else is sent in this turn: each write wakes the child.
    pub(crate) fn send(&self, bytes: &[u8]) -> Result<(), Full> {
        let pipe = self.pipe.borrow();
        // A child that is ended hears no more; whoever waits for it is told of that.
        let Some(pipe) = pipe.as_ref() else {
            return Ok(());
        };
        let mut waiting = self.waiting.borrow_mut();
        let is_over =
            |waiting: usize| waiting > 0 && waiting.saturating_add(bytes.len()) > self.bytes_max;
        if is_over(waiting.len()) {
            // A pipe that is closed tells by the end of the child's output.
            let _ = write(pipe, &mut waiting);
            if is_over(waiting.len()) {
                return Err(Full);
            }
        }
        // Else it is known that some wait.
        let is_first = waiting.is_empty();
        waiting.extend_from_slice(bytes);
        if is_first {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Sends a message as one line. It must not hold a line end.
    pub(crate) fn send_line(&self, mut line: Vec<u8>) -> Result<(), Full> {
        line.push(b'\n');
        self.send(&line)
    }

    /// Ends the child's input behind what the pipe takes of it now.
    pub(crate) fn close(&self) {
        let mut waiting = self.waiting.take();
        if let Some(pipe) = self.pipe.take() {
            // What it does not take is for nobody any more.
            let _ = write(&pipe, &mut waiting);
        }
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
                // Runs behind all that is to be done in this turn, which workers asked for too.
                tokio::task::yield_now().await;
                continue;
            }
            if write(&pipe, &mut self.waiting.borrow_mut()).is_err() {
                return self.close();
            }
            if self.waiting.borrow().is_empty() {
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
        }
    }
}

/// Writes what the pipe takes. An error: the other end is closed.
fn write(pipe: &pipe::Sender, waiting: &mut Vec<u8>) -> io::Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    match pipe.try_write(waiting) {
        Ok(count) => {
            waiting.drain(..count.min(waiting.len()));
            if waiting.is_empty() && waiting.capacity() > KEPT_BYTES {
                *waiting = Vec::new();
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::os::fd::OwnedFd;

    async fn input(bytes_max: usize) -> (Input, std::fs::File) {
        let (sender, receiver) = pipe::pipe().unwrap();
        sender.writable().await.unwrap();
        let receiver: OwnedFd = receiver.into_blocking_fd().unwrap();
        (Input::new(sender, bytes_max), receiver.into())
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_sent_in_one_turn_is_one_write_and_in_order() {
        let (input, mut child) = input(1024).await;
        input.send_line(b"one".to_vec()).unwrap();
        input.send_line(b"two".to_vec()).unwrap();
        let own = Rc::new(input);
        let running = tokio::task::LocalSet::new();
        let input = Rc::clone(&own);
        running.spawn_local(async move { own.run().await });
        // Begins, hears of it, and runs when the turn is over.
        for _ in 0..3 {
            running.run_until(tokio::task::yield_now()).await;
        }
        let mut bytes = [0; 64];
        let count = child.read(&mut bytes).unwrap();
        assert_eq!(bytes.get(..count).unwrap(), b"one\ntwo\n");
        // What came last is not lost when the input ends.
        input.send_line(b"end".to_vec()).unwrap();
        input.close();
        let mut rest = String::new();
        child.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "end\n");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_child_that_does_not_read_has_so_much_waiting_and_no_more() {
        let (input, mut child) = input(1000).await;
        // More than a pipe takes.
        input.send(&vec![b'x'; 200_000]).unwrap();
        assert_eq!(input.send(b"more"), Err(Full));
        let mut bytes = vec![0; 100_000];
        while input.send(b"more").is_err() {
            assert!(child.read(&mut bytes).unwrap() > 0);
            // The runtime hears of it.
            tokio::time::sleep(core::time::Duration::from_millis(1)).await;
        }
    }
}
