//! Two audit logs without a disk: one that keeps every record, one that keeps the last.

use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};

use varistor_model::{Durability, Reason};
use varistor_pipeline::outside::Ledger;

/// Keeps every record, for tests that read them.
#[derive(Default)]
pub struct Kept {
    /// The records, as their writers made them.
    pub lines: RefCell<Vec<String>>,
    /// Whether the log takes nothing.
    pub refuses: bool,
}

/// Keeps the last record in one buffer, as a ring with recycled buffers does.
#[derive(Default)]
pub struct Last {
    line: RefCell<Vec<u8>>,
    count: Cell<u64>,
}

impl Last {
    /// The last record.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        self.line.borrow().clone()
    }
}

impl Ledger for Kept {
    type Pending = Ready<Result<u64, Reason>>;

    fn submit(&self, _: Durability, write: &mut dyn FnMut(&mut Vec<u8>)) -> Self::Pending {
        if self.refuses {
            return ready(Err(Reason::AuditFailed));
        }
        let mut line = Vec::new();
        write(&mut line);
        let line = String::from_utf8(line).expect("a record is UTF-8");
        self.lines.borrow_mut().push(line);
        ready(Ok(self.lines.borrow().len() as u64 - 1))
    }

    fn post(&self, write: &mut dyn FnMut(&mut Vec<u8>)) {
        assert!(self.submit(Durability::Written, write).into_inner().is_ok());
    }
}

impl Ledger for Last {
    type Pending = Ready<Result<u64, Reason>>;

    fn submit(&self, _: Durability, write: &mut dyn FnMut(&mut Vec<u8>)) -> Self::Pending {
        self.post(write);
        ready(Ok(self.count.get()))
    }

    fn post(&self, write: &mut dyn FnMut(&mut Vec<u8>)) {
        let line = &mut *self.line.borrow_mut();
        line.clear();
        write(line);
        self.count.set(self.count.get() + 1);
    }
}
