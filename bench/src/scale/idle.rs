//! Connections that have made a call and stay open, and the memory that they take.

use std::net::TcpStream;

use anyhow::Context as _;

use crate::descriptors;
use crate::rig::interrupt;
use crate::rig::memory::Memory;
use crate::rig::probe::Probe;

/// Descriptors beside the connections.
const SPARE: u64 = 256;

/// Open connections.
pub(super) struct Idle {
    /// Bytes of the gateway for each, over what it had before.
    pub(super) bytes_each: f64,
    _connections: Vec<TcpStream>,
}

impl Idle {
    /// Opens `count` connections and makes a call on each.
    ///
    /// # Errors
    /// The gateway or the system refuses one.
    pub(super) fn open(probe: &Probe<'_>, count: u32, pids: &[u32]) -> anyhow::Result<Self> {
        descriptors::allow(u64::from(count), SPARE)?;
        let before = Memory::of(pids);
        let mut connections = Vec::new();
        for number in 0..count {
            interrupt::check()?;
            let connection = probe
                .stay()
                .with_context(|| format!("idle connection {} of {count}", number + 1))?;
            connections.push(connection);
        }
        let after = Memory::of(pids);
        let kib = after.rss_kib.saturating_sub(before.rss_kib);
        Ok(Self {
            bytes_each: kib as f64 * 1024.0 / f64::from(count.max(1)),
            _connections: connections,
        })
    }
}
