//! The end of a server and of everything it started: asked for, or made.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::launch::END_SIGNAL;

/// Milliseconds within which [`Tree::end`] has ended everything, or says that it did not.
pub const END_MS_MAX: u64 = 250;
/// Milliseconds that the launcher gets, before it is killed itself.
const LAUNCHER_MS: u64 = 200;

/// Something lives on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotEnded {
    /// The launcher was there after the time that it gets.
    #[error(
        "process {pid} and what it started are not gone after {END_MS_MAX} ms; look at what they \
         wait for in /proc/{pid}/stack"
    )]
    Alive {
        /// The launcher.
        pid: u32,
    },
    /// The kernel could not be asked.
    #[error("process {pid} can't be ended: {error}")]
    Io {
        /// The launcher.
        pid: u32,
        /// What came back.
        #[source]
        error: io::Error,
    },
}

/// A started server with everything beneath it, however often it forked. Holds a descriptor of the
/// launcher, so that a number that was given to another process meanwhile does no harm.
#[derive(Debug)]
pub struct Tree {
    pid: u32,
    launcher: OwnedFd,
}

impl Tree {
    /// Of a child that was spawned from [`crate::Prepared::command`] and not yet waited for.
    pub fn of(pid: u32) -> io::Result<Self> {
        let number = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let number = number.ok_or_else(|| io::Error::other(format!("{pid} is no process")))?;
        Ok(Self {
            pid,
            launcher: pidfd_open(number, PidfdFlags::empty())?,
        })
    }

    /// Asks the server to end (SIGTERM); the launcher passes it on.
    pub fn ask(&self) -> io::Result<()> {
        self.send(Signal::TERM)
    }

    /// Begins to end everything, and returns at once. The descriptor becomes readable when the
    /// last process is gone.
    pub fn begin_end(&self) -> io::Result<()> {
        self.send(END_SIGNAL)
    }

    /// Ends everything: when this returns without an error, no process of the server is left. The
    /// caller still waits for the child. Blocks for [`END_MS_MAX`] milliseconds at most.
    pub fn end(&self) -> Result<(), NotEnded> {
        let until = Instant::now();
        self.begin_end().map_err(|error| self.failed(error))?;
        if self.has_ended_within(LAUNCHER_MS)? {
            return Ok(());
        }
        // The namespace goes with its launcher.
        self.send(Signal::KILL)
            .map_err(|error| self.failed(error))?;
        let spent = u64::try_from(until.elapsed().as_millis()).unwrap_or(u64::MAX);
        match self.has_ended_within(END_MS_MAX.saturating_sub(spent))? {
            true => Ok(()),
            false => Err(NotEnded::Alive { pid: self.pid }),
        }
    }

    /// Whether the last process is gone.
    pub fn has_ended(&self) -> Result<bool, NotEnded> {
        self.has_ended_within(0)
    }

    fn has_ended_within(&self, milliseconds: u64) -> Result<bool, NotEnded> {
        let until = Instant::now().checked_add(Duration::from_millis(milliseconds));
        loop {
            let left = until
                .and_then(|until| until.checked_duration_since(Instant::now()))
                .unwrap_or_default();
            let left = Timespec::try_from(left)
                .map_err(|error| self.failed(io::Error::other(error.to_string())))?;
            let mut watched = [PollFd::new(&self.launcher, PollFlags::IN)];
            match poll(&mut watched, Some(&left)) {
                Ok(ready) => return Ok(ready > 0),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(self.failed(error.into())),
            }
        }
    }

    fn send(&self, signal: Signal) -> io::Result<()> {
        match pidfd_send_signal(&self.launcher, signal) {
            // Gone already, which is what is wanted.
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn failed(&self, error: io::Error) -> NotEnded {
        NotEnded::Io {
            pid: self.pid,
            error,
        }
    }
}

/// The descriptor of the launcher, readable once everything has ended.
impl AsFd for Tree {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.launcher.as_fd()
    }
}
