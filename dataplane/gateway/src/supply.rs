//! Salts and envelopes for records that hide what they are held to, made before a call needs them.
//!
//! Salts are on the device before they are given out. Refuses a snapshot that needs them when they
//! can't be made.

#![expect(
    clippy::disallowed_types,
    reason = "the lock is taken by whoever makes salts, never by a worker"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::Context as _;
use crossbeam_queue::ArrayQueue;
use varistor_model::Keeping;
use varistor_pipeline::privates::Privates;
use varistor_pipeline::serving::Serving;
use varistor_privacy::{Envelope, Recipient, SALT_BYTES, Salt, Salts};
use varistor_snapshot::schema::ArchivedPolicy;
use zeroize::Zeroizing;

/// Salts that are there at first; four times as many whenever they ran out, up to the second. A
/// call takes one for each value.
const SALTS: usize = 4096;
const SALTS_MAX: usize = 32_768;
/// Envelopes that are there. Each takes two multiplications on the curve for each auditor.
const ENVELOPES: usize = 512;
/// Those that a snapshot begins with.
const ENVELOPES_AT_FIRST: usize = 64;

/// What is kept over all snapshots.
#[derive(Default)]
pub(crate) struct Supply {
    salts: OnceLock<Shelf>,
}

struct Shelf {
    queue: Arc<ArrayQueue<Salt>>,
    store: Mutex<Salts>,
    wanted: AtomicUsize,
}

/// What a policy needs.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Needs {
    salts: bool,
    envelopes: bool,
}

impl Needs {
    fn of(policy: &ArchivedPolicy) -> Self {
        let audit = &policy.audit;
        let rows = audit.privacy.iter().map(|row| row.keeping);
        let mut keepings = rows.chain([audit.params]).map(Keeping::numbered);
        let (mut salts, mut envelopes) = (false, false);
        keepings.by_ref().for_each(|keeping| {
            salts |= keeping == Keeping::Committed;
            envelopes |= keeping == Keeping::Encrypted;
        });
        Self { salts, envelopes }
    }
}

impl Supply {
    /// Gives a snapshot what it needs, if it needs any.
    pub(crate) fn furnish(&self, dir: &Path, serving: Serving) -> anyhow::Result<Serving> {
        let needs = Needs::of(serving.policy());
        if !needs.salts && !needs.envelopes {
            return Ok(serving);
        }
        let shelf = self.shelf(dir)?;
        let privates = Privates::new(Arc::clone(&shelf.queue), ENVELOPES);
        if needs.salts {
            shelf.fill()?;
        }
        if needs.envelopes {
            let auditors = auditors(serving.policy());
            fill(&privates, &auditors, ENVELOPES_AT_FIRST)?;
        }
        Ok(serving.hiding(Arc::new(privates)))
    }

    /// Makes up for what was taken. It may wait for the disk.
    pub(crate) fn renew(&self, serving: &Serving) -> anyhow::Result<()> {
        let needs = Needs::of(serving.policy());
        let Some(privates) = serving.privates() else {
            return Ok(());
        };
        let shelf = self.salts.get().filter(|_| needs.salts);
        let salts = shelf.map_or(Ok(()), Shelf::fill);
        // They need no disk: one that fails takes no more than the salts away.
        if needs.envelopes && privates.envelopes.len() < ENVELOPES / 2 {
            fill(privates, &auditors(serving.policy()), ENVELOPES)?;
        }
        salts
    }

    /// Whether [`Supply::renew`] would have something to do.
    pub(crate) fn is_low(&self, serving: &Serving) -> bool {
        let Some(privates) = serving.privates() else {
            return false;
        };
        let needs = Needs::of(serving.policy());
        let salts = self.salts.get().is_some_and(Shelf::is_low);
        (needs.salts && salts) || (needs.envelopes && privates.envelopes.len() < ENVELOPES / 2)
    }

    /// Gives back what was not used. Nobody may take any more.
    pub(crate) fn end(&self) -> std::io::Result<()> {
        let Some(shelf) = self.salts.get() else {
            return Ok(());
        };
        let store = shelf.store.lock().unwrap_or_else(PoisonError::into_inner);
        match shelf.queue.pop() {
            Some(first) => store.trim(first.number),
            None => Ok(()),
        }
    }

    fn shelf(&self, dir: &Path) -> anyhow::Result<&Shelf> {
        if let Some(shelf) = self.salts.get() {
            return Ok(shelf);
        }
        let dir = salts_of(dir);
        let store = Salts::open(&dir).with_context(|| format!("{}", dir.display()))?;
        let made = Shelf {
            queue: Arc::new(ArrayQueue::new(SALTS_MAX)),
            store: Mutex::new(store),
            wanted: AtomicUsize::new(SALTS),
        };
        Ok(self.salts.get_or_init(|| made))
    }
}

impl Shelf {
    fn is_low(&self) -> bool {
        self.queue.len() < self.wanted.load(Ordering::Relaxed) / 2
    }

    /// Makes so many that there are as many as wanted.
    fn fill(&self) -> anyhow::Result<()> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_low() {
            return Ok(());
        }
        let mut wanted = self.wanted.load(Ordering::Relaxed);
        if self.queue.is_empty() && store.is_begun() {
            wanted = wanted.saturating_mul(4).min(SALTS_MAX);
            self.wanted.store(wanted, Ordering::Relaxed);
        }
        let count = wanted.saturating_sub(self.queue.len());
        let mut bytes = Zeroizing::new(vec![0; count.saturating_mul(SALT_BYTES)]);
        getrandom::fill(&mut bytes).context("the kernel gives no random bytes")?;
        let first = store.add(&bytes).context("salts can't be kept")?;
        let (salts, _) = bytes.as_chunks::<SALT_BYTES>();
        for (number, salt) in (first..).zip(salts) {
            // What finds no room is never used.
            let _surplus = self.queue.push(Salt {
                number,
                bytes: Zeroizing::new(*salt),
            });
        }
        Ok(())
    }
}

/// Where a policy directory keeps its salts.
fn salts_of(dir: &Path) -> PathBuf {
    dir.join("state/salts")
}

fn auditors(policy: &ArchivedPolicy) -> Vec<Recipient> {
    policy
        .audit
        .auditors
        .iter()
        .map(|key| Recipient(*key))
        .collect()
}

fn fill(privates: &Privates, auditors: &[Recipient], count: usize) -> anyhow::Result<()> {
    let mut failed = Ok(());
    while privates.envelopes.len() < count {
        let envelope = Envelope::prepare(auditors, &mut |bytes| {
            if let Err(error) = getrandom::fill(bytes) {
                failed = Err(error);
            }
        });
        failed.context("the kernel gives no random bytes")?;
        let envelope = envelope.context("audit.auditors")?;
        if privates.envelopes.push(envelope).is_err() {
            break;
        }
    }
    Ok(())
}
