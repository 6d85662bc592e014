//! The keys of a provider that are honoured at the moment: those that it publishes, and for some
//! time those that it published before, so that tokens which they signed live to their end.

use crate::algorithm::Algorithm;
use crate::key::{Key, KeyName};

/// The keys of one provider. Made anew with every look at what it publishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyRing {
    held: Vec<Held>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    key: Key,
    /// When it was first missing from what the provider publishes, in seconds since 1970.
    dropped_unix_s: Option<u64>,
}

impl KeyRing {
    /// A ring of these keys.
    #[must_use]
    pub fn of(keys: Vec<Key>) -> Self {
        Self::default().renewed(keys, 0, 0)
    }

    /// The ring after a look at what is published at this time. A key that is not among it any more
    /// is kept for `keep_s` seconds from the first look that misses it.
    #[must_use]
    pub fn renewed(&self, published: Vec<Key>, now_unix_s: u64, keep_s: u64) -> Self {
        let mut held: Vec<Held> = published
            .into_iter()
            .map(|key| Held {
                key,
                dropped_unix_s: None,
            })
            .collect();
        for old in &self.held {
            // A key of the same name and kind takes its place: the provider decides what it means.
            let replaced = held.iter().any(|new| {
                new.key.id() == old.key.id() && new.key.public().kind == old.key.public().kind
            });
            let dropped_unix_s = old.dropped_unix_s.unwrap_or(now_unix_s);
            if !replaced && now_unix_s < dropped_unix_s.saturating_add(keep_s) {
                held.push(Held {
                    key: old.key.clone(),
                    dropped_unix_s: Some(dropped_unix_s),
                });
            }
        }
        Self { held }
    }

    /// The same without dropped keys whose time is over; `None` when nothing changes.
    #[must_use]
    pub fn swept(&self, now_unix_s: u64, keep_s: u64) -> Option<Self> {
        let stays = |held: &Held| {
            held.dropped_unix_s
                .is_none_or(|dropped| now_unix_s < dropped.saturating_add(keep_s))
        };
        if self.held.iter().all(stays) {
            return None;
        }
        let held = self.held.iter().filter(|held| stays(held)).cloned();
        Some(Self {
            held: held.collect(),
        })
    }

    /// The key of this id for this algorithm.
    #[must_use]
    pub fn find(&self, id: &str, algorithm: Algorithm) -> Option<&Key> {
        let mut keys = self.held.iter().map(|held| &held.key);
        keys.find(|key| key.id() == id && key.is_for(algorithm))
    }

    /// Whether a key of this id is among them, for whatever algorithm.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.held.iter().any(|held| held.key.id() == id)
    }

    /// Whether this very key is honoured still.
    #[must_use]
    pub fn honours(&self, name: &KeyName) -> bool {
        self.held.iter().any(|held| held.key.name() == *name)
    }

    /// Whether a key of the other ring is not among these.
    #[must_use]
    pub fn lacks(&self, other: &Self) -> bool {
        let has = |key: &Key| self.held.iter().any(|held| held.key == *key);
        other.held.iter().any(|held| !has(&held.key))
    }

    /// Those that are published.
    pub fn published(&self) -> impl Iterator<Item = &Key> {
        let all = self.held.iter();
        all.filter(|held| held.dropped_unix_s.is_none())
            .map(|held| &held.key)
    }

    /// How many are published, and how many are only kept.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let published = self.published().count();
        (published, self.held.len().saturating_sub(published))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::Kind;
    use crate::key::Public;

    fn key(id: &str, byte: u8) -> Key {
        let public = Public {
            kind: Kind::Ed25519,
            bytes: vec![byte; 32],
            exponent: Vec::new(),
        };
        Key::new(id, None, public).unwrap()
    }

    #[test]
    fn a_dropped_key_is_kept_for_its_time_and_no_longer() {
        let ring = KeyRing::of(vec![key("a", 1)]);
        let ring = ring.renewed(vec![key("b", 2)], 1_000, 600);
        assert!(ring.has("a") && ring.has("b"));
        assert_eq!(ring.count(), (1, 1));
        assert!(!ring.lacks(&KeyRing::of(vec![key("a", 1)])));
        // From when it was first missing, however often it is looked at.
        let ring = ring.renewed(vec![key("b", 2)], 1_599, 600);
        assert!(ring.honours(&key("a", 1).name()));
        assert_eq!(ring.swept(1_599, 600), None);
        assert!(!ring.swept(1_600, 600).unwrap().has("a"));
        let ring = ring.renewed(vec![key("b", 2)], 1_600, 600);
        assert!(!ring.has("a") && ring.has("b"));
        assert!(ring.lacks(&KeyRing::of(vec![key("a", 1)])));
    }

    #[test]
    fn a_key_that_comes_back_is_published_again() {
        let ring = KeyRing::of(vec![key("a", 1)]);
        let ring = ring.renewed(vec![key("b", 2)], 1_000, 600);
        let ring = ring.renewed(vec![key("a", 1), key("b", 2)], 1_100, 600);
        assert_eq!(ring.count(), (2, 0));
    }

    #[test]
    fn a_key_id_means_what_the_provider_says_last() {
        let ring = KeyRing::of(vec![key("a", 1)]);
        let ring = ring.renewed(vec![key("a", 9)], 1_000, 600);
        assert_eq!(ring.find("a", Algorithm::EdDsa), Some(&key("a", 9)));
        assert!(!ring.honours(&key("a", 1).name()));
        assert_eq!(ring.find("a", Algorithm::Rs256), None);
    }
}
