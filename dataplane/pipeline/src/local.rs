//! One worker's view of a snapshot in service.

use core::cell::RefCell;
use std::sync::Arc;

use varistor_inspect::dlp::Scanner;
use varistor_snapshot::schema::ArchivedPolicy;

use crate::answer::Noted;
use crate::serving::{Serving, ServingError};

/// One worker's view of a snapshot in service, with a scanner of its own.
pub struct Local {
    serving: Arc<Serving>,
    scanner: RefCell<Scanner>,
    /// Lists of findings of answers, empty, to be used again.
    lists: RefCell<Vec<Vec<Noted>>>,
}

impl Local {
    /// The view of one worker.
    ///
    /// # Errors
    /// When the scanner database can't be read.
    pub fn new(serving: Arc<Serving>) -> Result<Self, ServingError> {
        // `Serving::new` has opened it once.
        let mut scanner = Scanner::open_again(&serving.policy().dlp)?;
        scanner.recognise(serving.own_secrets());
        let scanner = RefCell::new(scanner);
        Ok(Self {
            serving,
            scanner,
            lists: RefCell::default(),
        })
    }

    /// What all workers share.
    #[must_use]
    pub fn serving(&self) -> &Serving {
        &self.serving
    }

    /// The rows.
    #[must_use]
    pub fn policy(&self) -> &ArchivedPolicy {
        self.serving.policy()
    }

    pub(crate) const fn lists(&self) -> &RefCell<Vec<Vec<Noted>>> {
        &self.lists
    }

    pub(crate) const fn scanner(&self) -> &RefCell<Scanner> {
        &self.scanner
    }
}
