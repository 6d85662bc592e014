//! Waiting for what a human decides.

use core::future::Future;
use core::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use varistor_approvals::{ApprovalId, Fate};

use super::Holds;

/// Made by [`Holds::waiting`]. Leaves nothing behind when it is dropped.
pub struct Waiting {
    holds: Arc<Holds>,
    id: ApprovalId,
    waiter: u64,
}

/// What became of a held call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It may come again, once.
    Approved,
    /// Somebody refused it.
    Denied,
    /// Its time is over, another policy serves, or the same call has passed already.
    Ended,
}

impl Waiting {
    pub(super) const fn new(holds: Arc<Holds>, id: ApprovalId, waiter: u64) -> Self {
        Self { holds, id, waiter }
    }
}

impl Future for Waiting {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let mut inner = self.holds.inner();
        match inner.book.call(self.id).map(|call| call.fate) {
            Some(Fate::Approved) => Poll::Ready(Answer::Approved),
            Some(Fate::Denied) => Poll::Ready(Answer::Denied),
            None => Poll::Ready(Answer::Ended),
            Some(Fate::Pending) => {
                let waiters = inner.deciding.entry(self.id).or_default();
                waiters.retain(|(waiter, _)| *waiter != self.waiter);
                waiters.push((self.waiter, context.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut inner = self.holds.inner();
        if let Some(waiters) = inner.deciding.get_mut(&self.id) {
            waiters.retain(|(waiter, _)| *waiter != self.waiter);
            if waiters.is_empty() {
                inner.deciding.remove(&self.id);
            }
        }
    }
}
