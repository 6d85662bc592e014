//! Which of monoio's drivers a program here runs on.
//!
//! io_uring with single issuer and deferred task run first, then without, then epoll; which one
//! it became is told on standard error, never silently (containers often forbid io_uring).

use std::future::Future;
use std::io;

use anyhow::Context;
use monoio::time::TimeDriver;
use monoio::{IoUringDriver, LegacyDriver, Runtime, RuntimeBuilder};

/// Sizes the submission queue.
const ENTRIES: u32 = 1024;

/// The driver to run on.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Driver {
    /// io_uring, or epoll where it is refused.
    Auto,
    /// io_uring or nothing.
    IoUring,
    /// epoll.
    Epoll,
}

/// Runs `main` on this thread until it ends, and tells the driver on standard error.
///
/// # Errors
/// No driver of the wanted kind is available, or `main` fails.
pub(crate) fn run<F: Future<Output = anyhow::Result<()>>>(
    driver: Driver,
    main: F,
) -> anyhow::Result<()> {
    start(driver, |name| {
        eprintln!("driver: {name}");
        main
    })
}

/// Runs what `main` makes of the driver's name on this thread until it ends.
///
/// # Errors
/// No driver of the wanted kind is available, or `main` fails.
pub(crate) fn start<T, F: Future<Output = anyhow::Result<T>>>(
    driver: Driver,
    main: impl FnOnce(&'static str) -> F,
) -> anyhow::Result<T> {
    if driver != Driver::Epoll {
        for (name, deferred) in [("io_uring, deferred", true), ("io_uring", false)] {
            if let Ok(mut runtime) = ring(deferred) {
                return runtime.block_on(main(name));
            }
        }
    }
    anyhow::ensure!(
        driver != Driver::IoUring,
        "this system refuses io_uring (containers often forbid it): use --driver epoll or auto"
    );
    let mut runtime = RuntimeBuilder::<LegacyDriver>::new()
        .enable_timer()
        .build()
        .context("epoll")?;
    runtime.block_on(main("epoll"))
}

fn ring(deferred: bool) -> io::Result<Runtime<TimeDriver<IoUringDriver>>> {
    let mut flags = io_uring::IoUring::builder();
    if deferred {
        flags.setup_single_issuer().setup_defer_taskrun();
    }
    RuntimeBuilder::<IoUringDriver>::new()
        .uring_builder(flags)
        .with_entries(ENTRIES)
        .enable_timer()
        .build()
}
