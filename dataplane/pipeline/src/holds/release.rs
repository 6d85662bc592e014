//! A human's release of one call, taken out of the book. It goes back when the call is refused for
//! another reason before it is forwarded.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use varistor_approvals::{ApprovalId, Call};
use varistor_model::Reason;

use super::Holds;

/// Made by [`Holds::claim`] only.
pub struct Release {
    holds: Arc<Holds>,
    id: ApprovalId,
    /// What goes back; nothing of a window, which is not used up.
    call: Option<Box<Call>>,
    /// The number of the journal's entry that says it is used.
    number: u64,
}

/// Resolves when the journal says that the release is used.
pub struct Settled {
    holds: Arc<Holds>,
    number: u64,
    waiter: u64,
}

impl Release {
    pub(super) fn new(
        holds: Arc<Holds>,
        (id, call): (ApprovalId, Option<Box<Call>>),
        number: u64,
    ) -> Self {
        Self {
            holds,
            id,
            call,
            number,
        }
    }

    /// Which approval it is.
    #[must_use]
    pub const fn id(&self) -> ApprovalId {
        self.id
    }

    /// Waits until the journal says that it is used.
    #[must_use]
    pub fn settled(&self) -> Settled {
        let mut inner = self.holds.inner();
        inner.next_waiter = inner.next_waiter.saturating_add(1);
        let waiter = inner.next_waiter;
        drop(inner);
        Settled {
            holds: Arc::clone(&self.holds),
            number: self.number,
            waiter,
        }
    }

    /// The call goes to its server: there is nothing to give back any more.
    pub fn spend(&mut self) {
        self.call = None;
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            let id = self.id;
            self.holds
                .changed(|book, log| book.give_back(id, &call, log));
        }
    }
}

impl fmt::Debug for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Release({})", self.id)
    }
}

impl Future for Settled {
    type Output = Result<(), Reason>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut inner = self.holds.inner();
        if inner.standing >= self.number {
            return Poll::Ready(Ok(()));
        }
        if inner.broken {
            return Poll::Ready(Err(Reason::ApprovalsFailed));
        }
        inner.settling.insert(self.waiter, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Settled {
    fn drop(&mut self) {
        self.holds.inner().settling.remove(&self.waiter);
    }
}
