//! A timer of the kernel's precision for a monoio thread.
//!
//! monoio's own timers have 1 ms; a timer descriptor, waited for through the ring or epoll, begins
//! calls to within the time that a wake-up takes, and spins for none of it.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::time::{Duration, Instant};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

/// A timer descriptor and the means to wait for it.
pub(super) struct Timer {
    descriptor: OwnedFd,
    /// The same descriptor where monoio can wait for it; it is never read or written.
    readiness: monoio::net::UnixStream,
}

impl Timer {
    /// # Errors
    /// The kernel has no descriptor left.
    pub(super) fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let descriptor = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let copy = descriptor.as_fd().try_clone_to_owned()?;
        Ok(Self {
            descriptor,
            readiness: monoio::net::UnixStream::from_std(StdUnixStream::from(copy))?,
        })
    }

    /// Waits until then; a moment that has passed waits for the next turn of the loop.
    ///
    /// # Errors
    /// The kernel refuses the timer.
    pub(super) async fn until(&self, moment: Instant) -> io::Result<()> {
        let left = moment
            .saturating_duration_since(Instant::now())
            .max(Duration::from_nanos(1));
        let spec = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: left.try_into().map_err(io::Error::other)?,
        };
        // Setting it again forgets that it had expired, so that it needs no read.
        timerfd_settime(&self.descriptor, TimerfdTimerFlags::empty(), &spec)?;
        self.readiness.readable(false).await
    }
}
