//! The requests that a child has been asked and has not answered: whose they are, and what the
//! client called them.
//!
//! Each gets a number of its own, which the child sees in place of the client's id and progress
//! token. No number is ever used twice, so that a late answer is nobody else's.

use std::collections::HashMap;
use std::rc::Rc;

use tokio::sync::oneshot;

use crate::message::{Kind, is_same};
use crate::outbox::Outbox;
use crate::session::Session;

/// See the module.
#[derive(Default)]
pub(crate) struct Table {
    last: u64,
    pending: HashMap<u64, Pending>,
}

/// One request.
pub(crate) struct Pending {
    /// The client's id as it stood there.
    pub(crate) id: Box<str>,
    /// The client's progress token, if it gave one.
    pub(crate) token: Option<Box<str>>,
    pub(crate) session: Option<Rc<Session>>,
    pub(crate) to: To,
}

/// Who gets the response.
pub(crate) enum To {
    Client(Rc<Outbox>),
    /// The bridge itself.
    Own(oneshot::Sender<Answer>),
}

/// A response to a request of the bridge's own.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

impl Table {
    /// Takes a request in; its number.
    pub(crate) fn add(&mut self, pending: Pending) -> u64 {
        self.last = self.last.saturating_add(1);
        self.pending.insert(self.last, pending);
        self.last
    }

    /// The request that a child calls so.
    pub(crate) fn of(&self, raw: &str) -> Option<&Pending> {
        self.pending.get(&number(raw)?)
    }

    /// The same, which is over now.
    pub(crate) fn take(&mut self, raw: &str) -> Option<Pending> {
        self.pending.remove(&number(raw)?)
    }

    /// A request that is over.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Pending> {
        self.pending.remove(&number)
    }

    /// The number of the request that this session calls so.
    pub(crate) fn number_of(&self, session: &Rc<Session>, id: &str) -> Option<u64> {
        let is_it = |pending: &Pending| {
            let own = pending.session.as_ref();
            own.is_some_and(|own| Rc::ptr_eq(own, session)) && is_same(&pending.id, id)
        };
        let mut all = self.pending.iter();
        all.find(|(_, pending)| is_it(pending)).map(|(at, _)| *at)
    }

    /// Where the newest request of this session is answered.
    pub(crate) fn newest_of(&self, session: &Rc<Session>) -> Option<Rc<Outbox>> {
        let of_session = |pending: &Pending| {
            let own = pending.session.as_ref();
            own.is_some_and(|own| Rc::ptr_eq(own, session))
        };
        let all = self.pending.iter();
        let own = all.filter(|(_, pending)| of_session(pending));
        let newest = own.max_by_key(|(number, _)| **number);
        match &newest?.1.to {
            To::Client(outbox) => Some(Rc::clone(outbox)),
            To::Own(_) => None,
        }
    }

    /// Whether nothing is awaited of this session.
    pub(crate) fn is_quiet(&self, session: &Rc<Session>) -> bool {
        self.newest_of(session).is_none()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Everything, which is over now.
    pub(crate) fn drain(&mut self) -> Vec<Pending> {
        self.pending.drain().map(|(_, pending)| pending).collect()
    }
}

/// A number of ours as it stands in a message: digits alone.
fn number(raw: &str) -> Option<u64> {
    let plain = raw.bytes().all(|byte| byte.is_ascii_digit()) && !raw.starts_with('0');
    raw.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(id: &str) -> Pending {
        Pending {
            id: id.into(),
            token: None,
            session: None,
            to: To::Client(Rc::default()),
        }
    }

    #[test]
    fn equal_ids_get_numbers_of_their_own_and_none_comes_twice() {
        let mut table = Table::default();
        let (one, other) = (table.add(pending("7")), table.add(pending("\"7\"")));
        assert_eq!(&*table.of(&one.to_string()).unwrap().id, "7");
        assert_eq!(&*table.take(&other.to_string()).unwrap().id, "\"7\"");
        assert!(table.take(&other.to_string()).is_none());
        assert!(table.add(pending("7")) > other);
    }

    #[test]
    fn only_a_plain_number_is_one_of_ours() {
        let mut table = Table::default();
        let number = table.add(pending("a"));
        assert_eq!(number, 1);
        for raw in ["\"1\"", "1.0", "+1", "01", "1e0", " 1", "-1", "", "null"] {
            assert!(table.of(raw).is_none(), "{raw}");
        }
        assert!(table.of("1").is_some());
    }
}
