//! Keys that tokens name and nobody here has seen: which of them are worth a look at what their
//! provider publishes, and when.
//!
//! Refuses to ask a provider more than once in five seconds, and ever less often while tokens name
//! keys that it does not have: up to once a minute.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use tokio::sync::Notify;
use varistor_identity::KeyRing;
use varistor_model::limits::KEY_WAIT_MS;
use varistor_pipeline::identities::{KeyRings, Origin};
use varistor_pipeline::order::Awaited;
use xxhash_rust::xxh3::xxh3_64;

#[expect(
    clippy::disallowed_types,
    reason = "taken for unknown keys only, for some comparisons, and never over a wait"
)]
type Lock<T> = std::sync::Mutex<T>;

/// The keys of all providers, and the wishes for more. Shared by all threads.
#[derive(Default)]
pub(crate) struct Seeking {
    pub(crate) rings: Arc<KeyRings>,
    /// By whose keys they are; only providers that can be asked.
    wishes: Lock<BTreeMap<Origin, Wish>>,
    /// Looks that have ended.
    rounds: AtomicU64,
    woken: Notify,
}

/// What is wished for from one provider.
#[derive(Debug)]
struct Wish {
    /// Hashes of the ids that were asked for since the last look began.
    asked: Vec<u64>,
    /// Those that the look is for which is under way. It says nothing of ids that were asked for
    /// later: they may be of keys that were published after its answer was written.
    sought: Vec<u64>,
    /// When it may be looked again for a wish.
    earliest_ns: u64,
    /// How long it is waited for that after the next look.
    pause_ns: u64,
    /// Ids that a look did not find, until when that is believed.
    absent: VecDeque<(u64, u64)>,
}

/// From one look to the next that a token can cause, at first and at most.
const PAUSE_NS: u64 = 5_000_000_000;
const PAUSE_NS_MAX: u64 = 60_000_000_000;
/// For how long an id that was not found is not asked for again.
const ABSENT_NS: u64 = 60_000_000_000;
/// Most ids of one provider that are remembered as asked for or as absent.
const IDS_MAX: usize = 256;
const WAIT_NS: u64 = KEY_WAIT_MS * 1_000_000;

impl Default for Wish {
    fn default() -> Self {
        Self {
            asked: Vec::new(),
            sought: Vec::new(),
            earliest_ns: 0,
            pause_ns: PAUSE_NS,
            absent: VecDeque::new(),
        }
    }
}

impl Seeking {
    /// Wishes for a key. False where it is not worth waiting for: its provider does not have it, is
    /// asked too often already, or can't be asked.
    pub(crate) fn wish(&self, awaited: &Awaited, now_ns: u64) -> bool {
        let id = xxh3_64(awaited.key_id.as_bytes());
        let mut wishes = self.wishes();
        let Some(wish) = wishes.get_mut(&awaited.origin) else {
            return false;
        };
        let is_absent = |(known, until_ns): &(u64, u64)| *known == id && now_ns < *until_ns;
        if wish.absent.iter().any(is_absent) || wish.earliest_ns > now_ns.saturating_add(WAIT_NS) {
            return false;
        }
        if !wish.asked.contains(&id) {
            if wish.asked.len() >= IDS_MAX {
                return false;
            }
            wish.asked.push(id);
            self.woken.notify_one();
        }
        true
    }

    /// Whether a look at this provider is due for what tokens wish.
    pub(crate) fn is_due(&self, origin: &Origin, now_ns: u64) -> bool {
        let wishes = self.wishes();
        let wish = wishes.get(origin);
        wish.is_some_and(|wish| !wish.asked.is_empty() && wish.earliest_ns <= now_ns)
    }

    /// Says that a look begins, for what is wished now.
    pub(crate) fn begin(&self, origin: &Origin) {
        if let Some(wish) = self.wishes().get_mut(origin) {
            wish.sought = core::mem::take(&mut wish.asked);
        }
    }

    /// Takes what came of a look: the keys that there are now, if it went well.
    pub(crate) fn settle(&self, origin: &Origin, ring: Option<&KeyRing>, now_ns: u64) {
        {
            let mut wishes = self.wishes();
            let Some(wish) = wishes.get_mut(origin) else {
                return;
            };
            let sought = core::mem::take(&mut wish.sought);
            let found = |id: &u64| {
                let mut keys = ring.into_iter().flat_map(KeyRing::published);
                keys.any(|key| xxh3_64(key.id().as_bytes()) == *id)
            };
            let has_helped = sought.iter().any(found);
            wish.asked.retain(|id| !found(id));
            if has_helped {
                wish.pause_ns = PAUSE_NS;
                wish.earliest_ns = now_ns.saturating_add(PAUSE_NS);
            } else if !sought.is_empty() {
                wish.earliest_ns = now_ns.saturating_add(wish.pause_ns);
                wish.pause_ns = wish.pause_ns.saturating_mul(2).min(PAUSE_NS_MAX);
            } else if wish.asked.is_empty() {
                wish.pause_ns = PAUSE_NS;
                wish.earliest_ns = now_ns;
            }
            if ring.is_some() {
                let until_ns = now_ns.saturating_add(ABSENT_NS);
                let is_open = |id: &u64| wish.asked.contains(id);
                for id in sought.iter().filter(|id| !found(id) && !is_open(id)) {
                    if wish.absent.len() >= IDS_MAX {
                        wish.absent.pop_front();
                    }
                    wish.absent.push_back((*id, until_ns));
                }
                // What was just published may have been asked for before.
                wish.absent.retain(|(id, _)| !found(id));
            }
        }
        self.rounds.fetch_add(1, Ordering::AcqRel);
    }

    /// Takes up the providers of another policy that can be asked.
    pub(crate) fn follow(&self, origins: &[Origin]) {
        let mut wishes = self.wishes();
        wishes.retain(|origin, _| origins.contains(origin));
        for origin in origins {
            wishes.entry(origin.clone()).or_default();
        }
    }

    /// Grows with every look that has ended.
    pub(crate) fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::Acquire)
    }

    /// Waits until something is wished for.
    pub(crate) async fn woken(&self) {
        self.woken.notified().await;
    }

    fn wishes(&self) -> std::sync::MutexGuard<'_, BTreeMap<Origin, Wish>> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use varistor_identity::{Key, Kind, Public};

    const S: u64 = 1_000_000_000;

    fn seeking() -> Seeking {
        let seeking = Seeking::default();
        seeking.follow(&["p".to_owned()]);
        seeking
    }

    fn awaited(id: &str) -> Awaited {
        Awaited {
            origin: "p".to_owned(),
            key_id: id.to_owned(),
        }
    }

    fn ring(ids: &[&str]) -> KeyRing {
        let key = |id: &&str| {
            let public = Public {
                kind: Kind::Ed25519,
                bytes: vec![1; 32],
                exponent: Vec::new(),
            };
            Key::new(*id, None, public).unwrap()
        };
        KeyRing::of(ids.iter().map(key).collect())
    }

    #[test]
    fn a_new_key_causes_one_look() {
        let seeking = seeking();
        let origin = "p".to_owned();
        assert!(!seeking.is_due(&origin, 0));
        for _ in 0..1_000 {
            assert!(seeking.wish(&awaited("new"), 0));
        }
        assert!(seeking.is_due(&origin, 0));
        seeking.begin(&origin);
        assert!(seeking.wish(&awaited("new"), 0));
        seeking.settle(&origin, Some(&ring(&["new"])), S);
        assert!(!seeking.is_due(&origin, 100 * S));
        // The next one is waited for until it may be looked again.
        assert!(seeking.wish(&awaited("newer"), 2 * S));
        assert!(!seeking.is_due(&origin, 5 * S) && seeking.is_due(&origin, 6 * S));
    }

    #[test]
    fn keys_that_nobody_has_are_asked_for_ever_less_often() {
        let seeking = seeking();
        let origin = "p".to_owned();
        let mut looks = 0;
        // Ten minutes, a hundred forged ids a second.
        for tenth in 0..6_000_u64 {
            let now = tenth * S / 10;
            for id in 0..10 {
                seeking.wish(&awaited(&format!("{tenth}.{id}")), now);
            }
            if seeking.is_due(&origin, now) {
                looks += 1;
                seeking.begin(&origin);
                seeking.settle(&origin, Some(&ring(&["known"])), now);
            }
        }
        assert!((8..=16).contains(&looks), "{looks}");
    }

    #[test]
    fn a_key_that_was_not_found_is_refused_at_once() {
        let seeking = seeking();
        let origin = "p".to_owned();
        assert!(seeking.wish(&awaited("gone"), 0));
        seeking.begin(&origin);
        seeking.settle(&origin, Some(&ring(&["known"])), 0);
        assert!(!seeking.wish(&awaited("gone"), 30 * S));
        assert!(seeking.wish(&awaited("other"), 30 * S));
        seeking.begin(&origin);
        seeking.settle(&origin, Some(&ring(&["gone", "other"])), 31 * S);
        assert!(seeking.wish(&awaited("gone"), 32 * S));
    }

    #[test]
    fn a_look_says_nothing_of_what_is_wished_for_after_it_began() {
        let seeking = seeking();
        let origin = "p".to_owned();
        // Whether it was a wish that it began for, or its time.
        for (first, at) in [("forged", 0), ("", 100 * S)] {
            if !first.is_empty() {
                assert!(seeking.wish(&awaited(first), at));
            }
            seeking.begin(&origin);
            let new = format!("published at {at}");
            assert!(seeking.wish(&awaited(&new), at));
            assert!(seeking.wish(&awaited("both"), at));
            seeking.settle(&origin, Some(&ring(&["both"])), at);
            assert!(seeking.wish(&awaited(&new), at), "it was not looked for");
            let next = at + 5 * S;
            assert!(seeking.is_due(&origin, next));
            seeking.begin(&origin);
            seeking.settle(&origin, Some(&ring(&[&new])), next);
            assert!(!seeking.is_due(&origin, next + 60 * S));
        }
        assert!(!seeking.wish(&awaited("forged"), 30 * S));
    }

    #[test]
    fn who_can_not_be_asked_is_not_waited_for() {
        let nobody = Awaited {
            origin: "file".to_owned(),
            key_id: "k".to_owned(),
        };
        assert!(!seeking().wish(&nobody, 0));
    }
}
