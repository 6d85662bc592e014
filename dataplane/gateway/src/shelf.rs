//! Where the values of reversible placeholders are, from the first policy on that wants some.
//!
//! Refuses to keep them in memory that the system may write to a disk: then placeholders stay
//! irreversible, and the log says what to do.

use std::sync::{Arc, OnceLock};

use varistor_model::TokenId;
use varistor_model::limits::ORIGINALS_BYTES;
use varistor_pipeline::originals::Originals;
use varistor_pipeline::outside::Now;
use varistor_pipeline::serving::Serving;

use crate::log;
use crate::supply::Supply;

/// Keeps what is there over all snapshots.
#[derive(Default)]
pub(crate) struct Shelf {
    originals: OnceLock<Arc<Originals>>,
    /// For records that hide what they are held to.
    pub(crate) supply: Supply,
}

impl Shelf {
    /// Gives a snapshot what it needs for reversible placeholders, if it has any.
    pub(crate) fn furnish(&self, serving: Serving) -> Serving {
        if serving.policy().actions.placeholders.reversible.is_empty() {
            return serving;
        }
        match self.originals() {
            Ok(originals) => serving.keeping(originals),
            Err(error) => {
                log::warning(format_args!(
                    "dlp.placeholders: {} MiB of memory can't be locked ({error}), so that all \
                     placeholders are irreversible; raise the limit (LimitMEMLOCK= of systemd, \
                     --ulimit memlock= of containers, ulimit -l) and start again",
                    ORIGINALS_BYTES >> 20
                ));
                serving
            }
        }
    }

    /// Values that are kept, and values that found no room.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let counts = |originals: &Arc<Originals>| (originals.len() as u64, originals.refused());
        self.originals.get().map_or((0, 0), counts)
    }

    /// Forgets what nobody may or will ask for.
    pub(crate) fn sweep(&self, serving: &Serving, now: Now) {
        let Some(originals) = self.originals.get() else {
            return;
        };
        // A policy without reversible placeholders asks for nothing.
        let idle_ns = serving.reversible().map_or(0, |row| row.idle_ns());
        let revoked = &serving.policy().revoked;
        originals.sweep(now, idle_ns, &|id: &TokenId| {
            revoked.binary_search(&id.0).is_ok()
        });
    }

    fn originals(&self) -> std::io::Result<&Arc<Originals>> {
        if let Some(originals) = self.originals.get() {
            return Ok(originals);
        }
        let originals = Arc::new(Originals::locked()?);
        Ok(self.originals.get_or_init(|| originals))
    }
}
