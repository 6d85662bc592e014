//! What the gateway's order asks of the world, in memory: a client that has said everything, and
//! a log that nobody keeps.

use std::cell::RefCell;
use std::future::{Ready, ready};

use varistor_http1::RequestHead;
use varistor_model::{Durability, Reason};
use varistor_pipeline::outside::{Client, Ledger, Now};

/// A request whose bytes are all here.
pub(in crate::commands) struct Said<'b> {
    pub(in crate::commands) head: &'b RequestHead,
    pub(in crate::commands) bytes: &'b [u8],
    pub(in crate::commands) body: &'b [u8],
    pub(in crate::commands) now: Now,
}

impl Client for Said<'_> {
    fn head(&self) -> (&RequestHead, &[u8]) {
        (self.head, self.bytes)
    }

    async fn read_body(&mut self, bytes_max: usize) -> Result<(), Reason> {
        if self.body.len() > bytes_max {
            return Err(Reason::BodyTooLarge);
        }
        Ok(())
    }

    fn body(&self) -> &[u8] {
        self.body
    }

    fn peer(&self) -> &str {
        "127.0.0.1:0"
    }

    fn secure(&self) -> bool {
        false
    }

    fn now(&self) -> Now {
        self.now
    }
}

/// The records of one message, forgotten before the next one.
#[derive(Default)]
pub(in crate::commands) struct Kept(RefCell<Vec<u8>>);

impl Kept {
    /// Forgets the records.
    pub(in crate::commands) fn clear(&self) {
        self.0.borrow_mut().clear();
    }

    /// Hands each record over as one JSON object.
    pub(in crate::commands) fn each(&self, mut record: impl FnMut(&[u8])) {
        let kept = self.0.borrow();
        // No record holds a line feed: it stands in the log as one line.
        kept.split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .for_each(&mut record);
    }
}

impl Ledger for Kept {
    type Pending = Ready<Result<u64, Reason>>;

    fn submit(&self, _: Durability, write: &mut dyn FnMut(&mut Vec<u8>)) -> Self::Pending {
        self.post(write);
        ready(Ok(0))
    }

    fn post(&self, write: &mut dyn FnMut(&mut Vec<u8>)) {
        let kept = &mut *self.0.borrow_mut();
        let start = kept.len();
        write(kept);
        // The head of the line, which ends where the comma of the tail stands, is the log's.
        if let Some(comma) = kept.get_mut(start) {
            *comma = b'{';
        }
        kept.push(b'\n');
    }
}
