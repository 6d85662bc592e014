//! What a snapshot says about placeholders that can be turned back, ready to be asked.

use std::collections::HashMap;
use std::sync::Arc;

use varistor_inspect::dlp::{Finding, Numbers, label};
use varistor_snapshot::schema::ArchivedPolicy;
use varistor_token::Verified;
use xxhash_rust::xxh3::xxh3_64;

use crate::originals::{Originals, Whose};
use crate::outside::Now;

/// The reversible placeholders of a snapshot.
pub struct Reversible {
    originals: Arc<Originals>,
    /// By detector: the entity, by which the store knows it; none for all that is not reversible.
    entities: Box<[Option<u64>]>,
    /// By label: the entity.
    labels: HashMap<String, Entity>,
    /// By server: the entities that it is cleared for, sorted.
    clear: HashMap<u32, Vec<u64>>,
    idle_ns: u64,
}

/// An entity whose placeholders are reversible.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entity {
    /// By this the store knows it.
    pub(crate) key: u64,
    /// Index of its first detector.
    pub(crate) detector: u16,
}

/// What is kept, for the answer of one call.
pub(crate) struct Keeping<'a> {
    pub(crate) reversible: &'a Reversible,
    pub(crate) whose: Whose<'a>,
}

impl Reversible {
    /// That of a policy; `None` when all placeholders of it are irreversible.
    pub(crate) fn of(policy: &ArchivedPolicy, originals: &Arc<Originals>) -> Option<Self> {
        let rows = &policy.actions.placeholders;
        if rows.reversible.is_empty() {
            return None;
        }
        let detectors = &policy.dlp.detectors;
        let name = |detector: u16| {
            let row = detectors.get(usize::from(detector))?;
            Some(row.entity.as_str())
        };
        let mut entities = vec![None; detectors.len()];
        let mut labels = HashMap::new();
        for detector in rows.reversible.iter().map(|at| at.to_native()) {
            let Some(name) = name(detector) else { continue };
            let key = xxh3_64(name.as_bytes());
            if let Some(entry) = entities.get_mut(usize::from(detector)) {
                *entry = Some(key);
            }
            labels
                .entry(label(name))
                .or_insert(Entity { key, detector });
        }
        let clear = rows.clear.iter().map(|row| {
            let named = row.detectors.iter().filter_map(|at| name(at.to_native()));
            let mut keys: Vec<u64> = named.map(|name| xxh3_64(name.as_bytes())).collect();
            keys.sort_unstable();
            keys.dedup();
            (row.server.to_native(), keys)
        });
        Some(Self {
            originals: Arc::clone(originals),
            entities: entities.into(),
            labels,
            clear: clear.collect(),
            idle_ns: rows.idle_ms.to_native().saturating_mul(1_000_000),
        })
    }

    /// Where the values are.
    pub(crate) fn originals(&self) -> &Originals {
        &self.originals
    }

    /// After this time without a use, values are forgotten.
    #[must_use]
    pub const fn idle_ns(&self) -> u64 {
        self.idle_ns
    }

    /// What this server gets back, if anything at all.
    pub(crate) fn cleared(&self, server: u32) -> Option<&[u64]> {
        let keys = self.clear.get(&server)?;
        (!keys.is_empty()).then_some(keys)
    }

    /// The entity with this label.
    pub(crate) fn labelled(&self, label: &str) -> Option<Entity> {
        self.labels.get(label).copied()
    }

    /// Whose values a call may get and give.
    pub(crate) const fn whose<'a>(
        &self,
        verified: &'a Verified,
        session: Option<[u8; 8]>,
        now: Now,
    ) -> Whose<'a> {
        Whose {
            verified,
            session,
            now,
            idle_ns: self.idle_ns,
        }
    }
}

impl Numbers for Keeping<'_> {
    fn number(&self, finding: &Finding, value: &[u8]) -> Option<u32> {
        let entities = &self.reversible.entities;
        let entity = entities.get(usize::from(finding.detector)).copied()??;
        self.reversible.originals.number(&self.whose, entity, value)
    }
}
