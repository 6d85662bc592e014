//! The sockets of one worker, as other threads may see them: so that what the operator has stopped
//! ends also when the worker does not run.
//!
//! A seat is taken while its socket is open. Whoever shuts a socket down from outside holds the
//! seat meanwhile, and the worker waits for that one system call before it closes the socket: a
//! descriptor never means another socket than the one that took the seat.

use core::hint;
use std::os::fd::RawFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU8, AtomicU64, AtomicUsize, Ordering};

use nix::sys::socket::{Shutdown, shutdown};
use varistor_pipeline::kill::{Mark, Stopped};

/// Sockets of one worker, by the number of their seat.
pub(crate) struct Seats {
    /// The word of the kill switch up to which the worker has ended what is stopped.
    heeded: AtomicUsize,
    pub(crate) ended: Ended,
    blocks: Vec<OnceLock<Box<Block>>>,
}

/// What was ended because the operator stopped it.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    /// Connections of clients.
    pub(crate) connections: AtomicU64,
    /// Calls in flight.
    pub(crate) calls: AtomicU64,
}

/// Which side of the gateway a socket is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// A client's connection.
    Client,
    /// A connection to an upstream.
    Upstream,
}

/// The number of a seat; none when all are taken.
pub(super) type Number = Option<u32>;

#[derive(Default)]
struct Seat {
    state: AtomicU8,
    side: AtomicU8,
    fd: AtomicI32,
    organisation: AtomicU64,
    team: AtomicU64,
    agent: AtomicU64,
    tokens: AtomicU64,
    server: AtomicU64,
    tool: AtomicU64,
}

/// Seats come in blocks, which are made when they are first needed and then stay.
struct Block([Seat; BLOCK]);

const BLOCK: usize = 256;
/// A million sockets per worker; the system's limit on descriptors comes first.
const BLOCKS: usize = 4096;

/// Nobody's.
const FREE: u8 = 0;
/// Taken by an open socket.
const OPEN: u8 = 1;
/// The same, while its socket is being shut down from outside.
const HELD: u8 = 2;
/// Taken by a socket that was shut down from outside.
const CUT: u8 = 3;

impl Default for Seats {
    fn default() -> Self {
        Self {
            heeded: AtomicUsize::new(0),
            ended: Ended::default(),
            blocks: (0..BLOCKS).map(|_| OnceLock::new()).collect(),
        }
    }
}

impl Seats {
    /// The word of the kill switch that the worker has acted upon.
    pub(crate) fn heeded(&self) -> usize {
        self.heeded.load(Ordering::Acquire)
    }

    /// Says that what is stopped by this word has ended here.
    pub(super) fn heed(&self, word: usize) {
        self.heeded.store(word, Ordering::Release);
    }

    /// Gives a free seat to a socket.
    pub(super) fn take(&self, number: u32, fd: RawFd, side: Side) -> Number {
        let (block, _) = place(number);
        self.blocks
            .get(block)?
            .get_or_init(|| Box::new(Block(core::array::from_fn(|_| Seat::default()))));
        let seat = self.seat(Some(number))?;
        seat.fd.store(fd, Ordering::Relaxed);
        seat.side
            .store(u8::from(side == Side::Client), Ordering::Relaxed);
        seat.set_mark(&Mark::default());
        seat.state.store(OPEN, Ordering::Release);
        Some(number)
    }

    /// Frees a seat; its socket may be closed then.
    pub(super) fn leave(&self, number: Number) {
        let Some(seat) = self.seat(number) else {
            return;
        };
        let free = |state: u8| (state != HELD).then_some(FREE);
        while seat
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, free)
            .is_err()
        {
            hint::spin_loop();
            std::thread::yield_now();
        }
    }

    /// Says who uses the socket.
    pub(super) fn set_mark(&self, number: Number, mark: &Mark) {
        if let Some(seat) = self.seat(number) {
            seat.set_mark(mark);
        }
    }

    /// Whether the socket was shut down from outside.
    pub(super) fn is_cut(&self, number: Number) -> bool {
        let seat = self.seat(number);
        seat.is_some_and(|seat| seat.state.load(Ordering::Acquire) == CUT)
    }

    /// Shuts down, from any thread, the sockets of what is stopped.
    pub(crate) fn cut(&self, stopped: &Stopped) {
        let made = self.blocks.iter().map_while(OnceLock::get);
        for seat in made.flat_map(|block| &block.0) {
            seat.cut(stopped, &self.ended);
        }
    }

    #[inline]
    fn seat(&self, number: Number) -> Option<&Seat> {
        let (block, at) = place(number?);
        self.blocks.get(block)?.get()?.0.get(at)
    }
}

impl Seat {
    fn set_mark(&self, mark: &Mark) {
        self.organisation
            .store(mark.organisation, Ordering::Relaxed);
        self.team.store(mark.team, Ordering::Relaxed);
        self.agent.store(mark.agent, Ordering::Relaxed);
        self.tokens.store(mark.tokens, Ordering::Relaxed);
        self.server.store(mark.server, Ordering::Relaxed);
        self.tool.store(mark.tool, Ordering::Relaxed);
    }

    fn mark(&self) -> Mark {
        Mark {
            organisation: self.organisation.load(Ordering::Relaxed),
            team: self.team.load(Ordering::Relaxed),
            agent: self.agent.load(Ordering::Relaxed),
            tokens: self.tokens.load(Ordering::Relaxed),
            server: self.server.load(Ordering::Relaxed),
            tool: self.tool.load(Ordering::Relaxed),
        }
    }

    fn cut(&self, stopped: &Stopped, ended: &Ended) {
        let (before, after) = (Ordering::AcqRel, Ordering::Relaxed);
        if self
            .state
            .compare_exchange(OPEN, HELD, before, after)
            .is_err()
        {
            return;
        }
        let mark = self.mark();
        let is_stopped = stopped.may_have(&mark);
        if is_stopped {
            // The peer may have closed it already.
            let _ = shutdown(self.fd.load(Ordering::Relaxed), Shutdown::Both);
            match self.side.load(Ordering::Relaxed) {
                0 if mark.organisation == 0 => {}
                0 => _ = ended.calls.fetch_add(1, Ordering::Relaxed),
                _ => _ = ended.connections.fetch_add(1, Ordering::Relaxed),
            }
        }
        let state = if is_stopped { CUT } else { OPEN };
        self.state.store(state, Ordering::Release);
    }
}

/// Block and place in it.
const fn place(number: u32) -> (usize, usize) {
    let number = number as usize;
    (number / BLOCK, number % BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsRawFd as _;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use varistor_model::Selector;

    fn mark(agent: u64) -> Mark {
        Mark {
            organisation: 1,
            agent,
            ..Mark::default()
        }
    }

    #[test]
    fn everything_that_is_stopped_is_shut_down_from_outside() {
        let (mut near, _far) = UnixStream::pair().unwrap();
        let seats = Seats::default();
        let number = seats.take(300, near.as_raw_fd(), Side::Client);
        seats.set_mark(number, &mark(5));
        seats.cut(&Stopped::of([&Selector::Server("x".into())]));
        assert!(!seats.is_cut(number));
        seats.take(0, -1, Side::Upstream);
        seats.cut(&Stopped::of([&Selector::All]));
        assert!(seats.is_cut(number));
        assert_eq!(near.read(&mut [0; 8]).unwrap(), 0);
        assert_eq!(seats.ended.connections.load(Ordering::Relaxed), 1);
        assert_eq!(seats.ended.calls.load(Ordering::Relaxed), 0);
        seats.leave(number);
        assert!(!seats.is_cut(number));
    }

    #[test]
    fn a_seat_beyond_the_last_is_none() {
        let seats = Seats::default();
        let beyond = u32::try_from(BLOCK * BLOCKS).unwrap();
        assert_eq!(seats.take(beyond, 0, Side::Client), None);
        seats.set_mark(None, &mark(1));
        seats.leave(None);
        assert!(!seats.is_cut(None));
    }

    /// A descriptor is closed and used again at once, as often as the other thread looks at it: the
    /// sockets that others opened meanwhile are never shut down.
    #[test]
    fn a_descriptor_that_is_used_again_is_never_shut_down() {
        let seats = Arc::new(Seats::default());
        let ends = Arc::new(AtomicU8::new(0));
        let cutter = {
            let (seats, ends) = (Arc::clone(&seats), Arc::clone(&ends));
            std::thread::spawn(move || {
                let all = Stopped::of([&Selector::All]);
                while ends.load(Ordering::Relaxed) == 0 {
                    seats.cut(&all);
                }
            })
        };
        for _ in 0..20_000 {
            let (near, _far) = UnixStream::pair().unwrap();
            let number = seats.take(0, near.as_raw_fd(), Side::Client);
            seats.leave(number);
            drop(near);
            let (mut bystander, mut peer) = UnixStream::pair().unwrap();
            bystander.write_all(b"x").unwrap();
            peer.read_exact(&mut [0]).unwrap();
        }
        ends.store(1, Ordering::Relaxed);
        cutter.join().unwrap();
        assert!(seats.ended.connections.load(Ordering::Relaxed) > 0);
    }
}
