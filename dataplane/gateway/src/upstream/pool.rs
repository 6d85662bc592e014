//! Idle connections to upstreams, kept by their worker for the next call.

use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;

use super::Connection;
use crate::worker::watch::Fate;

/// Idle connections of one worker, by upstream.
#[derive(Default)]
pub(crate) struct Pool {
    idle: HashMap<u64, Idle, BuildHasherDefault<Hashed>>,
}

/// Idle connections to one upstream.
#[derive(Default)]
#[expect(
    clippy::vec_box,
    reason = "a connection moves as one word on each call"
)]
struct Idle {
    connections: Vec<Box<Connection>>,
    /// Sweeps in a row that found no connection here.
    empty_sweeps: u32,
}

/// The key is a hash already (`Upstream::pool`), of what the signed snapshot says.
#[derive(Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Most idle connections to one upstream. With fewer than there are calls under way at once, calls
/// would open connections all the time, until the ports are used up; what is idle for longer than
/// `timeouts.upstream_idle` is closed in any case.
const IDLE_MAX: usize = 16_384;
/// Sweeps, 25 ms apart, after which an upstream without idle connections is forgotten. Under load a
/// sweep often finds all of them at work: their list, which the next answer needs, stays.
const EMPTY_SWEEPS_MAX: u32 = 2_400;

impl Pool {
    /// A live idle connection, the one used last. Each is asked, for one system call at most: a
    /// server may have closed it, and a byte too many on it would begin the answer to somebody
    /// else's call.
    pub(crate) fn take(&mut self, upstream: u64) -> Option<Box<Connection>> {
        let idle = self.idle.get_mut(&upstream)?;
        while let Some(connection) = idle.connections.pop() {
            let alive = connection.watched.fate() == Fate::Alive;
            if alive && connection.stream.is_quiet() {
                connection.watched.set_idle(false);
                connection.watched.forever();
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection whose answer was read to its end.
    pub(crate) fn keep(&mut self, upstream: u64, connection: Box<Connection>) {
        let idle = self.idle.entry(upstream).or_default();
        if idle.connections.len() < IDLE_MAX {
            idle.connections.push(connection);
        }
    }

    /// Lets go of connections that the watch has shut down, and of upstreams that have had none for
    /// long.
    pub(crate) fn sweep(&mut self) {
        self.idle.retain(|_, idle| idle.sweep());
    }
}

impl Idle {
    /// Whether there is a reason to keep this.
    fn sweep(&mut self) -> bool {
        self.connections
            .retain(|connection| connection.watched.fate() == Fate::Alive);
        self.empty_sweeps = match self.connections.is_empty() {
            true => self.empty_sweeps.saturating_add(1),
            false => 0,
        };
        self.empty_sweeps < EMPTY_SWEEPS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_without_connections_is_forgotten_after_many_sweeps() {
        let mut pool = Pool::default();
        pool.idle.insert(1, Idle::default());
        for _ in 1..EMPTY_SWEEPS_MAX {
            pool.sweep();
        }
        assert_eq!(pool.idle.len(), 1);
        pool.sweep();
        assert!(pool.idle.is_empty());
    }
}
