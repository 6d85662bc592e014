//! Deadlines of all connections of a worker, without a timer per request.
//!
//! A connection writes its deadline into a cell. One task looks at all cells every few
//! milliseconds and shuts down the sockets whose time is over: their pending read then returns,
//! and the owner reads in the cell why. The same walk notices clients that went away while an
//! upstream is still at work.

use core::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::rc::Rc;

use nix::sys::socket::{MsgFlags, Shutdown, recv, shutdown};
use varistor_pipeline::serving::Local;
use varistor_pipeline::stages::authenticate::Warrant;

/// All watched sockets of one worker.
#[derive(Default)]
pub(crate) struct Watch {
    slots: RefCell<Vec<Rc<Slot>>>,
}

/// One watched socket. Must be dropped before its socket is closed.
pub(crate) struct Watched(Rc<Slot>);

struct Slot {
    fd: RawFd,
    deadline_ns: Cell<u64>,
    fate: Cell<Fate>,
    /// Whether the socket may be shut down as soon as the gateway drains.
    idle: Cell<bool>,
    /// Whether bytes are being sent: only the end of both directions ends that.
    sending: Cell<bool>,
    /// The client for whom this upstream works, when its going away ends the work.
    client: Cell<Option<RawFd>>,
    /// What keeps an endless stream open.
    warrant: RefCell<Option<Warrant>>,
}

/// What the watch did to a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing.
    Alive,
    /// Its deadline passed.
    Expired,
    /// It was idle while the gateway drained.
    Drained,
    /// Its client went away.
    Abandoned,
}

const NEVER: u64 = u64::MAX;

impl Watch {
    /// Watches a socket.
    pub(crate) fn add(&self, fd: RawFd) -> Watched {
        let slot = Rc::new(Slot {
            fd,
            deadline_ns: Cell::new(NEVER),
            fate: Cell::new(Fate::Alive),
            idle: Cell::new(false),
            sending: Cell::new(false),
            client: Cell::new(None),
            warrant: RefCell::new(None),
        });
        self.slots.borrow_mut().push(Rc::clone(&slot));
        Watched(slot)
    }

    /// Looks at all sockets. Slots whose owner is gone are dropped unlooked: their descriptor may
    /// belong to somebody else by now.
    pub(crate) fn walk(&self, now_ns: u64, draining: bool) {
        self.slots.borrow_mut().retain(|slot| {
            let owned = Rc::strong_count(slot) > 1;
            if owned && slot.fate.get() == Fate::Alive {
                slot.look(now_ns, draining);
            }
            owned
        });
    }

    /// Ends the streams that a new snapshot does not permit any more.
    pub(crate) fn recheck(&self, local: &Local) {
        for slot in self
            .slots
            .borrow()
            .iter()
            .filter(|slot| Rc::strong_count(slot) > 1)
        {
            let ended = slot
                .warrant
                .borrow()
                .as_ref()
                .is_some_and(|it| it.check(local).is_err());
            if ended {
                slot.end(Fate::Expired);
            }
        }
    }
}

impl Slot {
    fn look(&self, now_ns: u64, draining: bool) {
        let fate = if now_ns >= self.deadline_ns.get() {
            Fate::Expired
        } else if draining && self.idle.get() {
            Fate::Drained
        } else if self.client.get().is_some_and(is_gone) {
            Fate::Abandoned
        } else {
            return;
        };
        self.end(fate);
    }

    fn end(&self, fate: Fate) {
        self.fate.set(fate);
        let how = if fate == Fate::Expired && !self.sending.get() {
            Shutdown::Read
        } else {
            Shutdown::Both
        };
        // The peer may have closed it already.
        let _ = shutdown(self.fd, how);
    }
}

impl Watched {
    /// Sets the time at which the socket is shut down.
    pub(crate) fn until(&self, deadline_ns: u64) {
        self.0.deadline_ns.set(deadline_ns);
    }

    /// Takes the deadline away.
    pub(crate) fn forever(&self) {
        self.0.deadline_ns.set(NEVER);
    }

    /// Says whether bytes are being sent, which a deadline then cuts off.
    pub(crate) fn set_sending(&self, sending: bool) {
        self.0.sending.set(sending);
    }

    /// Says whether the socket waits for nothing in particular.
    pub(crate) fn set_idle(&self, idle: bool) {
        self.0.idle.set(idle);
    }

    /// Ties the socket to a client: when that goes away, this is shut down.
    pub(crate) fn work_for(&self, client: Option<RawFd>) {
        self.0.client.set(client);
    }

    /// Ties an endless stream to what permits it.
    pub(crate) fn set_warrant(&self, warrant: Warrant) {
        *self.0.warrant.borrow_mut() = Some(warrant);
    }

    /// What happened to the socket.
    pub(crate) fn fate(&self) -> Fate {
        self.0.fate.get()
    }
}

/// Whether the peer has closed its side. Bytes that wait to be read mean that it has not.
pub(crate) fn is_gone(fd: RawFd) -> bool {
    let mut byte = [0];
    match recv(fd, &mut byte, MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT) {
        Ok(0) => true,
        Ok(_) => false,
        Err(error) => error != nix::errno::Errno::EAGAIN && error != nix::errno::Errno::EINTR,
    }
}

/// Whether the peer is there and has sent nothing: what an idle upstream says is no answer.
pub(crate) fn is_quiet(fd: RawFd) -> bool {
    let peeked = recv(fd, &mut [0], MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT);
    peeked == Err(nix::errno::Errno::EAGAIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_passed_deadline_ends_a_pending_read() {
        let (mut near, _far) = UnixStream::pair().unwrap();
        let watch = Watch::default();
        let watched = watch.add(near.as_raw_fd());
        watched.until(100);
        watch.walk(99, false);
        assert_eq!(watched.fate(), Fate::Alive);
        watch.walk(100, false);
        assert_eq!(watched.fate(), Fate::Expired);
        assert_eq!(near.read(&mut [0; 8]).unwrap(), 0);
    }

    #[test]
    fn a_passed_deadline_ends_a_pending_write() {
        use std::io::Write as _;
        let (mut near, _far) = UnixStream::pair().unwrap();
        let watch = Watch::default();
        let watched = watch.add(near.as_raw_fd());
        watched.set_sending(true);
        watched.until(100);
        watch.walk(100, false);
        assert!(near.write(b"x").is_err());
    }

    #[test]
    fn only_idle_connections_are_closed_at_once_when_draining() {
        let (near, _far) = UnixStream::pair().unwrap();
        let (busy, _peer) = UnixStream::pair().unwrap();
        let watch = Watch::default();
        let (idle, working) = (watch.add(near.as_raw_fd()), watch.add(busy.as_raw_fd()));
        idle.set_idle(true);
        watch.walk(0, true);
        assert_eq!((idle.fate(), working.fate()), (Fate::Drained, Fate::Alive));
    }

    #[test]
    fn an_upstream_is_abandoned_when_its_client_goes_away() {
        let (client, agent) = UnixStream::pair().unwrap();
        let (upstream, _server) = UnixStream::pair().unwrap();
        let watch = Watch::default();
        let watched = watch.add(upstream.as_raw_fd());
        watched.work_for(Some(client.as_raw_fd()));
        watch.walk(0, false);
        assert_eq!(watched.fate(), Fate::Alive);
        drop(agent);
        watch.walk(0, false);
        assert_eq!(watched.fate(), Fate::Abandoned);
    }

    #[test]
    fn a_slot_is_forgotten_with_its_owner() {
        let (near, _far) = UnixStream::pair().unwrap();
        let watch = Watch::default();
        drop(watch.add(near.as_raw_fd()));
        watch.walk(0, false);
        assert!(watch.slots.borrow().is_empty());
    }
}
