//! Deadlines of all connections of a worker, without a timer per request.
//!
//! A connection writes its deadline into a cell. One task looks at all cells every few
//! milliseconds and shuts down the sockets whose time is over: their pending read then returns,
//! and the owner reads in the cell why. The same walk notices clients that went away while an
//! upstream is still at work. When the operator stops something, its sockets are shut down at the
//! next walk; see `seats` for what happens when there is none.

use core::cell::{Cell, OnceCell, RefCell};
use std::os::fd::RawFd;
use std::rc::Rc;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use nix::sys::socket::{MsgFlags, Shutdown, recv, shutdown};
use varistor_pipeline::desk::Principal;
use varistor_pipeline::identities::KeyRings;
use varistor_pipeline::kill::{Mark, Stopped, Target};
use varistor_pipeline::outside::Now;
use varistor_pipeline::serving::Local;
use varistor_pipeline::stages::authenticate::Warrant;
use varistor_stdio::Closer;

use super::seats::{Number, Seats, Side};

/// All watched sockets of one worker.
#[derive(Default)]
pub(crate) struct Watch {
    slots: RefCell<Vec<Rc<Slot>>>,
    seating: Rc<Seating>,
}

/// The seats, and which of them are free.
#[derive(Default)]
struct Seating {
    seats: Arc<Seats>,
    free: RefCell<Vec<u32>>,
    /// Numbers from here on were never given.
    next: Cell<u32>,
}

/// One watched socket. Must be dropped before its socket is closed.
pub(crate) struct Watched {
    slot: Rc<Slot>,
    seating: Rc<Seating>,
}

struct Slot {
    fd: RawFd,
    side: Side,
    seat: Number,
    /// Who uses the socket, as far as it is known.
    user: RefCell<User>,
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
    /// What closes it, where no bytes go over the socket.
    closer: OnceCell<Closer>,
}

enum User {
    Nobody,
    /// A client that sent a request.
    Caller(Rc<Principal>),
    /// A call that an upstream works at.
    Call(Target),
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
    /// The operator stopped what it was used for.
    Killed,
}

const NEVER: u64 = u64::MAX;

impl Watch {
    /// Watches sockets, in view of other threads.
    pub(crate) fn seated(seats: Arc<Seats>) -> Self {
        let seating = Seating {
            seats,
            ..Seating::default()
        };
        Self {
            slots: RefCell::default(),
            seating: Rc::new(seating),
        }
    }

    /// Watches a socket.
    pub(crate) fn add(&self, fd: RawFd, side: Side) -> Watched {
        let seating = Rc::clone(&self.seating);
        let slot = Rc::new(Slot {
            fd,
            side,
            seat: seating.take(fd, side),
            user: RefCell::new(User::Nobody),
            deadline_ns: Cell::new(NEVER),
            fate: Cell::new(Fate::Alive),
            idle: Cell::new(false),
            sending: Cell::new(false),
            client: Cell::new(None),
            warrant: RefCell::new(None),
            closer: OnceCell::new(),
        });
        self.slots.borrow_mut().push(Rc::clone(&slot));
        Watched { slot, seating }
    }

    /// Ends what is stopped, and says so: `word` is the kill switch's.
    pub(crate) fn heed(&self, stopped: &Stopped, word: usize) {
        let seats = &self.seating.seats;
        for slot in self.slots.borrow().iter() {
            let owned = Rc::strong_count(slot) > 1;
            if owned && slot.fate.get() != Fate::Killed && slot.is_stopped(stopped) {
                // From outside it was counted.
                if !seats.is_cut(slot.seat) {
                    slot.count(seats);
                }
                slot.end(Fate::Killed);
            }
        }
        seats.heed(word);
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

    /// Ends the streams that a new snapshot, or what is left of the keys, does not permit any more.
    pub(crate) fn recheck(&self, local: &Local, rings: &KeyRings) {
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
                .is_some_and(|it| it.check(local, rings).is_err());
            if ended {
                slot.end(Fate::Expired);
            }
        }
    }
}

impl Seating {
    fn take(&self, fd: RawFd, side: Side) -> Number {
        let number = self.free.borrow_mut().pop().unwrap_or_else(|| {
            let next = self.next.get();
            self.next.set(next.saturating_add(1));
            next
        });
        self.seats.take(number, fd, side)
    }

    fn leave(&self, seat: Number) {
        self.seats.leave(seat);
        self.free.borrow_mut().extend(seat);
    }
}

impl Slot {
    fn is_stopped(&self, stopped: &Stopped) -> bool {
        match &*self.user.borrow() {
            User::Nobody => stopped.has_principal(None),
            User::Caller(principal) => stopped.has_principal(Some(principal)),
            User::Call(target) => stopped.has_target(target),
        }
    }

    fn count(&self, seats: &Seats) {
        match (self.side, &*self.user.borrow()) {
            (Side::Client, _) => _ = seats.ended.connections.fetch_add(1, Ordering::Relaxed),
            (Side::Upstream, User::Call(_)) => {
                seats.ended.calls.fetch_add(1, Ordering::Relaxed);
            }
            (Side::Upstream, _) => {}
        }
    }

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
        if let Some(closer) = self.closer.get() {
            closer.close();
        }
    }
}

impl Watched {
    /// Sets the time at which the socket is shut down.
    pub(crate) fn until(&self, deadline_ns: u64) {
        self.slot.deadline_ns.set(deadline_ns);
    }

    /// Takes the deadline away.
    pub(crate) fn forever(&self) {
        self.slot.deadline_ns.set(NEVER);
    }

    /// Says that it stands for a conduit, which this closes. At most once.
    pub(crate) fn closes(&self, closer: Closer) {
        let _same = self.slot.closer.set(closer);
    }

    /// Says whether bytes are being sent, which a deadline then cuts off.
    pub(crate) fn set_sending(&self, sending: bool) {
        self.slot.sending.set(sending);
    }

    /// Says whether the socket waits for nothing in particular.
    pub(crate) fn set_idle(&self, idle: bool) {
        self.slot.idle.set(idle);
    }

    /// Ties the socket to a client: when that goes away, this is shut down.
    pub(crate) fn work_for(&self, client: Option<RawFd>) {
        self.slot.client.set(client);
    }

    /// Ties an endless stream to what permits it: it ends with the token, with what the policy says
    /// of it, and when the gateway drains.
    pub(crate) fn last(&self, now: Now, warrant: Warrant) {
        let left_s = warrant.expires_unix_s().saturating_sub(now.unix_s());
        let left_ns = left_s.saturating_mul(1_000_000_000);
        self.until(now.mono_ns.saturating_add(left_ns));
        *self.slot.warrant.borrow_mut() = Some(warrant);
        self.set_idle(true);
    }

    /// Says whose requests come in on the socket.
    pub(crate) fn belongs_to(&self, principal: &Rc<Principal>) {
        let known = matches!(&*self.slot.user.borrow(),
            User::Caller(before) if Rc::ptr_eq(before, principal));
        if !known {
            self.set_user(User::Caller(Rc::clone(principal)), &principal.mark());
        }
    }

    /// Says which call the socket is used for.
    pub(crate) fn works_at(&self, target: &Target) {
        self.set_user(User::Call(target.clone()), &target.mark());
    }

    /// Says that the call is over.
    pub(crate) fn rests(&self) {
        self.set_user(User::Nobody, &Mark::default());
    }

    fn set_user(&self, user: User, mark: &Mark) {
        *self.slot.user.borrow_mut() = user;
        self.seating.seats.set_mark(self.slot.seat, mark);
    }

    /// What happened to the socket.
    pub(crate) fn fate(&self) -> Fate {
        if self.seating.seats.is_cut(self.slot.seat) {
            return Fate::Killed;
        }
        self.slot.fate.get()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.seating.leave(self.slot.seat);
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
        let watched = watch.add(near.as_raw_fd(), Side::Client);
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
        let watched = watch.add(near.as_raw_fd(), Side::Client);
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
        let (idle, working) = (
            watch.add(near.as_raw_fd(), Side::Client),
            watch.add(busy.as_raw_fd(), Side::Client),
        );
        idle.set_idle(true);
        watch.walk(0, true);
        assert_eq!((idle.fate(), working.fate()), (Fate::Drained, Fate::Alive));
    }

    #[test]
    fn an_upstream_is_abandoned_when_its_client_goes_away() {
        let (client, agent) = UnixStream::pair().unwrap();
        let (upstream, _server) = UnixStream::pair().unwrap();
        let watch = Watch::default();
        let watched = watch.add(upstream.as_raw_fd(), Side::Client);
        watched.work_for(Some(client.as_raw_fd()));
        watch.walk(0, false);
        assert_eq!(watched.fate(), Fate::Alive);
        drop(agent);
        watch.walk(0, false);
        assert_eq!(watched.fate(), Fate::Abandoned);
    }

    #[test]
    fn everything_that_is_stopped_ends_both_ways_and_is_acknowledged() {
        use std::io::Write as _;
        let (mut near, _far) = UnixStream::pair().unwrap();
        let (upstream, _server) = UnixStream::pair().unwrap();
        let seats = Arc::new(Seats::default());
        let watch = Watch::seated(Arc::clone(&seats));
        let client = watch.add(near.as_raw_fd(), Side::Client);
        let pooled = watch.add(upstream.as_raw_fd(), Side::Upstream);
        watch.heed(&Stopped::default(), 4);
        assert_eq!((client.fate(), seats.heeded()), (Fate::Alive, 4));
        watch.heed(&Stopped::of([&varistor_model::Selector::All]), 9);
        assert_eq!((client.fate(), pooled.fate()), (Fate::Killed, Fate::Killed));
        assert_eq!(near.read(&mut [0; 8]).unwrap(), 0);
        assert!(near.write(b"x").is_err());
        assert_eq!(seats.heeded(), 9);
        // A connection to an upstream that nobody uses is no call.
        assert_eq!(seats.ended.connections.load(Ordering::Relaxed), 1);
        assert_eq!(seats.ended.calls.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_socket_that_was_cut_from_outside_was_killed() {
        let (near, _far) = UnixStream::pair().unwrap();
        let seats = Arc::new(Seats::default());
        let watch = Watch::seated(Arc::clone(&seats));
        let watched = watch.add(near.as_raw_fd(), Side::Client);
        let all = Stopped::of([&varistor_model::Selector::All]);
        seats.cut(&all);
        assert_eq!(watched.fate(), Fate::Killed);
        watch.heed(&all, 1);
        assert_eq!(seats.ended.connections.load(Ordering::Relaxed), 1);
        drop(watched);
        // The next socket takes the same seat, and is not cut.
        let next = watch.add(near.as_raw_fd(), Side::Client);
        assert_eq!(next.fate(), Fate::Alive);
    }

    #[test]
    fn a_slot_is_forgotten_with_its_owner() {
        let (near, _far) = UnixStream::pair().unwrap();
        let watch = Watch::default();
        drop(watch.add(near.as_raw_fd(), Side::Client));
        watch.walk(0, false);
        assert!(watch.slots.borrow().is_empty());
    }
}
