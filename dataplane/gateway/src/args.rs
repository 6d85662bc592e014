//! The command line of the gateway. What policy says about running is overridden by it.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// The MCP security gateway.
#[derive(Debug, Parser)]
#[command(name = "varistor", version, about, long_about = None)]
pub(crate) struct Args {
    /// The policy directory [default: ./varistor, then /etc/varistor].
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,
    /// Listen here instead of where the policy says, such as 127.0.0.1:7332 (port 0: any free).
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
    /// How sockets are driven; `auto` takes io_uring and says so when it can't.
    #[arg(long, value_enum)]
    pub(crate) driver: Option<Driver>,
    /// Worker threads [default: one per core].
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
    /// Do not pin workers to cores.
    #[arg(long)]
    pub(crate) no_pin: bool,
}

/// How sockets are driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Driver {
    /// `io_uring` where the kernel has and permits it, otherwise `epoll`.
    Auto,
    /// `io_uring`, or not at all.
    #[value(name = "io_uring")]
    IoUring,
    /// `epoll`.
    Epoll,
}

impl Driver {
    /// The driver that a snapshot names by number.
    pub(crate) const fn numbered(number: u8) -> Self {
        match number {
            1 => Self::IoUring,
            2 => Self::Epoll,
            _ => Self::Auto,
        }
    }
}

impl Args {
    /// The policy directory: as told, or the first of the usual places that exists.
    pub(crate) fn directory(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| {
            let here = PathBuf::from("varistor");
            if here.join("state").is_dir() {
                here
            } else {
                PathBuf::from("/etc/varistor")
            }
        })
    }
}
