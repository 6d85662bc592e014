//! Which call begins next: those that are due, and the connections that wait for one.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// Calls due and connections idle on one thread.
#[derive(Default)]
pub(super) struct Queue(RefCell<State>);

#[derive(Default)]
struct State {
    /// When the calls that have no connection yet should have begun.
    due: VecDeque<Instant>,
    /// Connections without a call, the one that has waited longest first.
    idle: VecDeque<Waker>,
    closed: bool,
}

impl Queue {
    /// A call should begin, or should have begun, then.
    pub(super) fn push(&self, begin: Instant) {
        let mut state = self.0.borrow_mut();
        state.due.push_back(begin);
        if let Some(waker) = state.idle.pop_front() {
            waker.wake();
        }
    }

    /// How many calls are due and have no connection.
    pub(super) fn backlog(&self) -> usize {
        self.0.borrow().due.len()
    }

    /// Waits for a call; `None` when there will be no more.
    pub(super) async fn next(&self) -> Option<Instant> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Option<Instant>> {
        let mut state = self.0.borrow_mut();
        if state.closed {
            return Poll::Ready(None);
        }
        if let Some(begin) = state.due.pop_front() {
            return Poll::Ready(Some(begin));
        }
        state.idle.push_back(context.waker().clone());
        Poll::Pending
    }

    /// No more calls begin; returns those that were due and found no connection.
    pub(super) fn close(&self) -> VecDeque<Instant> {
        let mut state = self.0.borrow_mut();
        state.closed = true;
        for waker in state.idle.drain(..) {
            waker.wake();
        }
        std::mem::take(&mut state.due)
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    use std::time::{Duration, Instant};

    use super::Queue;

    #[test]
    fn calls_are_handed_out_in_the_order_they_are_due() {
        let (queue, now) = (Queue::default(), Instant::now());
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting = pin!(queue.next());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        let later = now + Duration::from_millis(1);
        queue.push(now);
        queue.push(later);
        assert_eq!(waiting.poll(&mut context), Poll::Ready(Some(now)));
        assert_eq!(
            pin!(queue.next()).poll(&mut context),
            Poll::Ready(Some(later))
        );
    }

    #[test]
    fn closing_sends_everybody_home_and_tells_what_was_left() {
        let (queue, now) = (Queue::default(), Instant::now());
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting = pin!(queue.next());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        queue.push(now);
        queue.push(now);
        assert_eq!(queue.backlog(), 2);
        assert_eq!(queue.close().len(), 2);
        assert_eq!(waiting.poll(&mut context), Poll::Ready(None));
    }
}
