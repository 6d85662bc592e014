//! Ctrl-C in the middle of a measurement: everything that was started ends, nothing stays behind.
//!
//! A signal only sets a flag; who waits for a child looks at it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::ensure;
use tokio::signal::unix::{SignalKind, signal};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static WATCHED: OnceLock<()> = OnceLock::new();

/// From now on SIGINT and SIGTERM set the flag; a second one ends this process at once.
///
/// # Errors
/// The system refuses a thread or a signal handler.
pub(crate) fn watch() -> anyhow::Result<()> {
    if WATCHED.set(()).is_err() {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut int, mut term) = runtime.block_on(async {
        let int = signal(SignalKind::interrupt())?;
        let term = signal(SignalKind::terminate())?;
        std::io::Result::Ok((int, term))
    })?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(async move {
                loop {
                    tokio::select! {
                        _ = int.recv() => {}
                        _ = term.recv() => {}
                    }
                    if INTERRUPTED.swap(true, Ordering::Relaxed) {
                        std::process::exit(130);
                    }
                }
            });
        })?;
    Ok(())
}

/// # Errors
/// The flag is set.
pub(crate) fn check() -> anyhow::Result<()> {
    ensure!(!INTERRUPTED.load(Ordering::Relaxed), "interrupted");
    Ok(())
}
