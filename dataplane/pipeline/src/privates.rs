//! Salts and envelopes for what the log is not to tell, made ahead by the control thread.
//!
//! A record that needs one when there is none is not made, and its call is refused: policy wants
//! the value held to, and not only left out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;
use varistor_model::Reason;
use varistor_privacy::{Envelope, Salt};

/// What is there, shared by all workers; each is taken once.
pub struct Privates {
    /// In the order of their numbers.
    pub salts: Arc<ArrayQueue<Salt>>,
    /// For the auditors of one policy.
    pub envelopes: ArrayQueue<Envelope>,
    missed: AtomicU64,
}

impl Privates {
    /// With these salts and room for so many envelopes.
    #[must_use]
    pub fn new(salts: Arc<ArrayQueue<Salt>>, envelopes: usize) -> Self {
        Self {
            salts,
            envelopes: ArrayQueue::new(envelopes.max(1)),
            missed: AtomicU64::new(0),
        }
    }

    /// A salt.
    pub(crate) fn salt(&self) -> Result<Salt, Reason> {
        self.salts.pop().ok_or_else(|| self.miss())
    }

    /// An envelope.
    pub(crate) fn envelope(&self) -> Result<Envelope, Reason> {
        self.envelopes.pop().ok_or_else(|| self.miss())
    }

    /// How often there was none.
    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    fn miss(&self) -> Reason {
        self.missed.fetch_add(1, Ordering::Relaxed);
        Reason::AuditFull
    }
}
