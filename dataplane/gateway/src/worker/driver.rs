//! Which driver moves a worker's bytes: io_uring with the best flags that the kernel has, or epoll.
//!
//! Never chosen silently: what is in use is logged, told by `status` and exported as a metric.

use core::future::Future;

use monoio::{IoUringDriver, LegacyDriver, RuntimeBuilder};

use crate::args::Driver;

/// What drives the sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driving {
    /// io_uring, submitted by its own thread only, completions taken when asked for (Linux 6.1).
    UringDeferred,
    /// io_uring without flags.
    UringPlain,
    /// epoll.
    Epoll,
}

/// Entries of a ring.
pub(super) const ENTRIES: u32 = 4096;

impl Driving {
    /// The name in `status`, metrics and policy.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::UringDeferred | Self::UringPlain => "io_uring",
            Self::Epoll => "epoll",
        }
    }

    /// What a person wants to know beyond the name.
    pub(crate) const fn detail(self) -> &'static str {
        match self {
            Self::UringDeferred => "single issuer, deferred task run",
            Self::UringPlain => "default flags: the kernel has no deferred task run",
            Self::Epoll => "readiness",
        }
    }

    /// The best driver that works here, or why the one that was asked for does not.
    pub(crate) fn choose(wanted: Driver) -> anyhow::Result<Self> {
        if wanted == Driver::Epoll {
            return Ok(Self::Epoll);
        }
        for driving in [Self::UringDeferred, Self::UringPlain] {
            if driving.ring_works() {
                return Ok(driving);
            }
        }
        match wanted {
            Driver::IoUring => anyhow::bail!(
                "io_uring is not permitted here (containers often forbid it); permit the system \
                 calls io_uring_setup, io_uring_enter and io_uring_register, or use --driver epoll"
            ),
            Driver::Auto | Driver::Epoll => Ok(Self::Epoll),
        }
    }

    fn ring_works(self) -> bool {
        self.builder().build(8).is_ok()
    }

    /// The ring that this driver asks the kernel for.
    pub(super) fn builder(
        self,
    ) -> io_uring::Builder<io_uring::squeue::Entry, io_uring::cqueue::Entry> {
        let mut builder = io_uring::IoUring::builder();
        if self == Self::UringDeferred {
            builder.setup_single_issuer().setup_defer_taskrun();
        }
        builder
    }

    /// Runs a worker on this driver. Called on the worker's own thread: a ring belongs to it.
    pub(crate) fn run<F: Future<Output = anyhow::Result<()>>>(
        self,
        worker: F,
    ) -> anyhow::Result<()> {
        match self {
            Self::UringDeferred | Self::UringPlain => RuntimeBuilder::<IoUringDriver>::new()
                .uring_builder(self.builder())
                .with_entries(ENTRIES)
                .enable_timer()
                .build()?
                .block_on(worker),
            Self::Epoll => RuntimeBuilder::<LegacyDriver>::new()
                .enable_timer()
                .build()?
                .block_on(worker),
        }
    }
}
