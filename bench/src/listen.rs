//! Where a server of this crate listens, and how its caller learns of it.
//!
//! The first line on standard output is `listening on http://ADDRESS/mcp`. The servers keep the
//! default action of SIGTERM and SIGINT: they hold nothing that has to be saved.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};

use anyhow::Context;

/// The options that every server here has.
#[derive(clap::Args, Clone)]
pub(crate) struct Listen {
    /// Address to listen on; port 0 lets the system choose.
    #[arg(long = "listen", value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) address: SocketAddr,
    /// End when the process that started this one ends.
    #[arg(long)]
    pub(crate) die_with_parent: bool,
}

impl Listen {
    /// Binds, and ties this process to its parent when asked to.
    ///
    /// # Errors
    /// The address cannot be bound, or the parent has already gone.
    pub(crate) fn bind(&self) -> anyhow::Result<TcpListener> {
        if self.die_with_parent {
            die_with_parent()?;
        }
        let listener = TcpListener::bind(self.address)
            .with_context(|| format!("cannot listen on {}", self.address))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }
}

/// Lets the system end this process when the one that started it ends.
///
/// # Errors
/// The parent has already gone.
pub(crate) fn die_with_parent() -> anyhow::Result<()> {
    let parent = rustix::process::getppid();
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    anyhow::ensure!(
        parent == rustix::process::getppid(),
        "the process that started this server has already ended"
    );
    Ok(())
}

/// Prints the line that callers wait for.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn announce(address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{address}/mcp")?;
    out.flush()
}
