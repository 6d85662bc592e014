//! What waits to be sent to a client over one HTTP answer: messages of a child, in order, bounded.

use core::cell::{Cell, RefCell};
use std::collections::VecDeque;

use tokio::sync::Notify;

/// One message, or the end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A notification or a request of the server.
    Event(Vec<u8>),
    /// The response to a request of this answer; with the code, when it is an error.
    Response(Vec<u8>, Option<i64>),
    /// Nothing follows: all responses have been sent, or the stream is over.
    End,
    /// Nothing follows, and a response is missing: the child is gone.
    Broken,
}

/// See the module. One task takes items out, others of the same thread put them in.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    items: RefCell<VecDeque<Item>>,
    bytes: Cell<usize>,
    /// Responses that are still to come.
    awaited: Cell<usize>,
    broken: Cell<bool>,
    ended: Cell<bool>,
    changed: Notify,
}

/// Messages beside responses that wait for one client, at most.
const EVENTS_MAX: usize = 1024;
/// Their bytes, at most: unless it is one large message.
const EVENT_BYTES_MAX: usize = 4 * 1024 * 1024;

impl Outbox {
    /// For this many responses; without any, it is a stream that ends when it is told to.
    pub(crate) fn awaiting(responses: usize) -> Self {
        let this = Self::default();
        this.awaited.set(responses);
        this
    }

    /// Puts in a message that answers nothing. It is given back when nobody takes any out any more,
    /// or not fast enough.
    pub(crate) fn event(&self, message: Vec<u8>) -> Result<(), Vec<u8>> {
        let mut items = self.items.borrow_mut();
        let bytes = self.bytes.get().saturating_add(message.len());
        let full = items.len() >= EVENTS_MAX || (bytes > EVENT_BYTES_MAX && !items.is_empty());
        if full || self.is_over() {
            return Err(message);
        }
        self.bytes.set(bytes);
        items.push_back(Item::Event(message));
        self.changed.notify_one();
        Ok(())
    }

    /// Puts in a response.
    pub(crate) fn response(&self, message: Vec<u8>, code: Option<i64>) {
        self.awaited.set(self.awaited.get().saturating_sub(1));
        let bytes = self.bytes.get().saturating_add(message.len());
        self.bytes.set(bytes);
        let mut items = self.items.borrow_mut();
        items.push_back(Item::Response(message, code));
        self.changed.notify_one();
    }

    /// A response will not come, and that is no failure.
    pub(crate) fn lacks(&self) {
        self.awaited.set(self.awaited.get().saturating_sub(1));
        self.end_if_answered();
    }

    /// A response will not come because the child is gone.
    pub(crate) fn break_off(&self) {
        self.broken.set(true);
        self.changed.notify_one();
    }

    /// A stream is over.
    pub(crate) fn end(&self) {
        self.ended.set(true);
        self.changed.notify_one();
    }

    fn end_if_answered(&self) {
        if self.awaited.get() == 0 {
            self.end();
        }
    }

    /// Whether all responses have come and been taken out.
    pub(crate) fn is_answered(&self) -> bool {
        self.awaited.get() == 0 && self.items.borrow().is_empty()
    }

    /// How many responses are still to come.
    pub(crate) fn awaited(&self) -> usize {
        self.awaited.get()
    }

    fn is_over(&self) -> bool {
        self.ended.get() || self.broken.get()
    }

    /// The next item, if there is one now.
    pub(crate) fn take(&self) -> Option<Item> {
        if let Some(item) = self.items.borrow_mut().pop_front() {
            if let Item::Event(message) | Item::Response(message, _) = &item {
                self.bytes
                    .set(self.bytes.get().saturating_sub(message.len()));
            }
            return Some(item);
        }
        match (self.ended.get(), self.broken.get()) {
            (true, _) => Some(Item::End),
            (_, true) => Some(Item::Broken),
            _ => None,
        }
    }

    /// The next item.
    pub(crate) async fn next(&self) -> Item {
        loop {
            if let Some(item) = self.take() {
                return item;
            }
            self.changed.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_fetches_is_bounded_and_responses_are_never_given_back() {
        let outbox = Outbox::awaiting(1);
        for _ in 0..EVENTS_MAX {
            outbox.event(vec![0; 8]).unwrap();
        }
        assert_eq!(outbox.event(vec![1]), Err(vec![1]));
        outbox.response(b"r".to_vec(), None);
        for _ in 0..2 {
            assert_eq!(outbox.take(), Some(Item::Event(vec![0; 8])));
        }
        outbox.event(vec![1]).unwrap();
        let large = Outbox::awaiting(1);
        large.event(vec![0; EVENT_BYTES_MAX + 1]).unwrap();
        assert!(large.event(vec![1]).is_err());
        large.take();
        large.event(vec![1]).unwrap();
    }

    #[test]
    fn what_came_before_the_end_is_taken_before_it() {
        let outbox = Outbox::awaiting(2);
        outbox.event(b"e".to_vec()).unwrap();
        outbox.response(b"r".to_vec(), Some(-1));
        outbox.break_off();
        assert!(outbox.event(b"late".to_vec()).is_err());
        assert_eq!(outbox.take(), Some(Item::Event(b"e".to_vec())));
        assert_eq!(outbox.take(), Some(Item::Response(b"r".to_vec(), Some(-1))));
        assert_eq!((outbox.take(), outbox.awaited()), (Some(Item::Broken), 1));
        let batch = Outbox::awaiting(2);
        batch.response(b"a".to_vec(), None);
        batch.response(b"b".to_vec(), None);
        batch.take();
        assert!(!batch.is_answered());
        batch.take();
        assert!(batch.is_answered());
        let stream = Outbox::default();
        assert_eq!(stream.take(), None);
        stream.end();
        assert_eq!(stream.take(), Some(Item::End));
    }
}
