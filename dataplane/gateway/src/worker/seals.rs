//! The worker's side of the audit log: records go into its ring, calls wait for their seal.

use core::cell::RefCell;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::rc::Rc;

use slab::Slab;
use varistor_audit::{Found, ResultRecord, Status};
use varistor_ledger::Lane;
use varistor_model::limits::RING_WAIT_MS_MAX;
use varistor_model::{Durability, Reason};
use varistor_pipeline::outside::Ledger;

use crate::clock::Clock;

/// The lane of one worker and everybody who waits on it.
#[derive(Clone)]
pub(crate) struct Seals(Rc<RefCell<Inner>>);

struct Inner {
    lane: Lane,
    waiting: Slab<Waiter>,
    /// Records that found the ring full and that nobody waits for.
    kept_back: VecDeque<Vec<u8>>,
    /// Calls whose record found the ring full.
    unsent: usize,
    /// Whether records lie in the ring that are to be sent in this turn; the sender is woken then.
    pushed: bool,
    /// Results that lie there. They go along with the next call's record, or at the next tick.
    quiet: usize,
    /// The task that sends them, once the other tasks of this turn have pushed theirs.
    sender: Option<Waker>,
    clock: Clock,
}

/// A call that waits for its record.
struct Waiter {
    sealed: Option<Result<u64, Reason>>,
    waker: Option<Waker>,
    /// The record, while it found no room in the ring, and until when it may wait.
    unsent: Option<(Durability, Vec<u8>, u64)>,
    /// When it was submitted.
    since_ns: u64,
    /// Whether the writer will say no more about it: the ticket may be used again.
    settled: bool,
    /// Nobody will ask any more.
    abandoned: bool,
}

/// Waits for one record.
pub(crate) struct Pending {
    seals: Seals,
    ticket: usize,
}

/// Longest wait for a seal: a disk that takes longer refuses the call.
const SEAL_WAIT_NS: u64 = 5_000_000_000;
/// A ticket that no waiting call has.
const NOBODY: u32 = u32::MAX;
/// Results that lie in the ring until they are sent without a call's record.
const QUIET_MAX: usize = 256;
/// Results kept back until new calls are refused.
const KEPT_BACK_MAX: usize = 4096;

impl Seals {
    pub(crate) fn new(lane: Lane, clock: Clock) -> Self {
        let waiting = Slab::with_capacity(1024);
        Self(Rc::new(RefCell::new(Inner {
            lane,
            waiting,
            kept_back: VecDeque::new(),
            unsent: 0,
            pushed: false,
            quiet: 0,
            sender: None,
            clock,
        })))
    }

    /// Makes this the task that is woken when records are pushed. A local waker runs its task
    /// behind all that are ready, so that the records of one turn are written together.
    pub(crate) fn sent_by(&self, waker: &Waker) {
        let inner = &mut *self.0.borrow_mut();
        if !inner
            .sender
            .as_ref()
            .is_some_and(|own| own.will_wake(waker))
        {
            inner.sender = Some(waker.clone());
        }
    }

    /// Sends all that was pushed on its way, and collects.
    pub(crate) fn flush(&self) {
        {
            let inner = &mut *self.0.borrow_mut();
            inner.pushed |= inner.quiet > 0;
        }
        self.collect();
    }

    /// Sends the pushed records on their way when a call waits for one, takes what is acknowledged,
    /// wakes who waited for it, and pushes what had found no room. Results alone are not worth a
    /// system call before the answer goes out.
    pub(crate) fn collect(&self) {
        let inner = &mut *self.0.borrow_mut();
        if core::mem::take(&mut inner.pushed) {
            inner.quiet = 0;
            inner.lane.send();
        }
        let waiting = &mut inner.waiting;
        let mut late = Vec::new();
        inner.lane.collect(|ticket, result| {
            let sealed = result.map_err(|_| Reason::AuditFailed);
            late.extend(settle(waiting, ticket, sealed));
        });
        for call in late {
            inner.kept_back.push_back(not_forwarded(call));
        }
        if inner.unsent > 0 || !inner.kept_back.is_empty() {
            inner.send_unsent();
        }
    }

    /// Refuses the calls that have waited too long; their records may still come to stand.
    pub(crate) fn expire(&self) {
        let inner = &mut *self.0.borrow_mut();
        let now_ns = inner.clock.mono_ns();
        for (_, waiter) in &mut inner.waiting {
            let overdue = now_ns.saturating_sub(waiter.since_ns) > SEAL_WAIT_NS;
            if overdue && waiter.sealed.is_none() && waiter.unsent.is_none() {
                waiter.decide(Err(Reason::AuditFull));
            }
        }
    }
}

/// Notes what the writer said about a ticket. The number of a record is given back whose call was
/// not made, because nobody waited so long.
fn settle(waiting: &mut Slab<Waiter>, ticket: u32, sealed: Result<u64, Reason>) -> Option<u64> {
    let ticket = usize::try_from(ticket).ok()?;
    let waiter = waiting.get_mut(ticket)?;
    waiter.settled = true;
    let in_time = waiter.sealed.is_none() && !waiter.abandoned;
    if in_time {
        waiter.decide(sealed);
    }
    if waiter.abandoned {
        waiting.remove(ticket);
    }
    sealed.ok().filter(|_| !in_time)
}

/// The record that says that a recorded call was not made.
fn not_forwarded(call: u64) -> Vec<u8> {
    let record = ResultRecord {
        call,
        status: Status::NotForwarded,
        http_status: 0,
        duration_us: 0,
        bytes: 0,
        redacted: 0,
        typed: 0,
        dropped: 0,
        findings: &[] as &[Found<'_>; 0],
    };
    let mut line = Vec::new();
    record.write(&mut line);
    line
}

impl Waiter {
    fn decide(&mut self, sealed: Result<u64, Reason>) {
        self.sealed = Some(sealed);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Inner {
    fn has_pushed(&mut self) {
        if !core::mem::replace(&mut self.pushed, true)
            && let Some(sender) = &self.sender
        {
            sender.wake_by_ref();
        }
    }

    fn has_pushed_result(&mut self) {
        self.quiet = self.quiet.saturating_add(1);
        if self.quiet >= QUIET_MAX {
            self.has_pushed();
        }
    }

    fn send_unsent(&mut self) {
        while let Some(record) = self.kept_back.pop_front() {
            let pushed = self.lane.push_quiet(|line| line.extend_from_slice(&record));
            if pushed.is_err() {
                self.kept_back.push_front(record);
                break;
            }
            self.has_pushed();
        }
        let now_ns = self.clock.mono_ns();
        self.unsent = 0;
        let mut pushed = false;
        for (ticket, waiter) in &mut self.waiting {
            let Some((durability, record, until_ns)) = waiter.unsent.take() else {
                continue;
            };
            let number = u32::try_from(ticket).unwrap_or(NOBODY);
            let fill = |line: &mut Vec<u8>| line.extend_from_slice(&record);
            if self.lane.push(durability, number, fill).is_ok() {
                pushed = true;
                continue;
            }
            if now_ns >= until_ns {
                waiter.settled = true;
                waiter.decide(Err(Reason::AuditFull));
            } else {
                waiter.unsent = Some((durability, record, until_ns));
                self.unsent = self.unsent.saturating_add(1);
            }
        }
        if pushed {
            self.has_pushed();
        }
    }
}

impl Ledger for Seals {
    type Pending = Pending;

    fn submit(&self, durability: Durability, write: &mut dyn FnMut(&mut Vec<u8>)) -> Pending {
        let inner = &mut *self.0.borrow_mut();
        let since_ns = inner.clock.mono_ns();
        let ticket = inner.waiting.insert(Waiter {
            sealed: None,
            waker: None,
            unsent: None,
            since_ns,
            settled: false,
            abandoned: false,
        });
        let number = u32::try_from(ticket).unwrap_or(NOBODY);
        let refuse = inner.kept_back.len() >= KEPT_BACK_MAX;
        let pushed = !refuse && inner.lane.push(durability, number, &mut *write).is_ok();
        if pushed {
            inner.has_pushed();
        }
        if let Some(waiter) = inner.waiting.get_mut(ticket).filter(|_| !pushed) {
            if refuse {
                waiter.settled = true;
                waiter.sealed = Some(Err(Reason::AuditFull));
            } else {
                let mut record = Vec::new();
                write(&mut record);
                let wait_ns = RING_WAIT_MS_MAX.saturating_mul(1_000_000);
                let until_ns = inner.clock.mono_ns().saturating_add(wait_ns);
                waiter.unsent = Some((durability, record, until_ns));
                inner.unsent = inner.unsent.saturating_add(1);
            }
        }
        Pending {
            seals: self.clone(),
            ticket,
        }
    }

    fn post(&self, write: &mut dyn FnMut(&mut Vec<u8>)) {
        let inner = &mut *self.0.borrow_mut();
        let room = inner.kept_back.is_empty();
        if room && inner.lane.push_quiet(&mut *write).is_ok() {
            inner.has_pushed_result();
        } else {
            let mut record = Vec::new();
            write(&mut record);
            inner.kept_back.push_back(record);
        }
    }
}

impl Future for Pending {
    type Output = Result<u64, Reason>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let inner = &mut *self.seals.0.borrow_mut();
        let Some(waiter) = inner.waiting.get_mut(self.ticket) else {
            return Poll::Ready(Err(Reason::Internal));
        };
        match waiter.sealed {
            Some(sealed) => Poll::Ready(sealed),
            None => {
                waiter.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let inner = &mut *self.seals.0.borrow_mut();
        let Some(waiter) = inner.waiting.get_mut(self.ticket) else {
            return;
        };
        if waiter.settled || waiter.unsent.is_some() {
            inner.waiting.remove(self.ticket);
        } else {
            waiter.abandoned = true;
        }
    }
}
