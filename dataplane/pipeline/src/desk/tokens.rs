//! Tokens whose signature this worker has verified.
//!
//! They stand in two generations: those used since the last turn, and those used in the one
//! before. When the young generation is full, it becomes the old one, and what was not used for a
//! whole generation is forgotten. So a fleet that fits is never verified again, and one that does
//! not loses its idle callers first.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::mem;
use std::rc::Rc;

use varistor_model::limits::TOKENS_REMEMBERED_MIN;
use varistor_token::Verified;
use xxhash_rust::xxh3::xxh3_128;

use super::Principal;

type Generation = HashMap<u128, Known, BuildHasherDefault<Half>>;

/// The verified tokens of a worker.
pub(crate) struct Tokens {
    /// Relation: `young.len() <= most` and `old.len() <= most`; no token is in both.
    young: Generation,
    old: Generation,
    most: usize,
    /// The token keys that verified them.
    trust: u128,
}

struct Known {
    text: Box<[u8]>,
    verified: Rc<Verified>,
    principal: Option<Rc<Principal>>,
}

/// Hashes nothing: what is looked up by is a hash already, of a text that was verified.
#[derive(Default)]
struct Half(u64);

impl Hasher for Half {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = u64::try_from(hash & u128::from(u64::MAX)).unwrap_or_default();
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self::in_all(TOKENS_REMEMBERED_MIN)
    }
}

impl Tokens {
    /// Room for this many tokens; half of them may all be in use.
    pub(crate) fn in_all(tokens: usize) -> Self {
        Self::new(tokens / 2)
    }

    /// Room for two generations of at most this many tokens, at least one.
    fn new(most: usize) -> Self {
        Self {
            young: Generation::default(),
            old: Generation::default(),
            most: most.max(1),
            trust: 0,
        }
    }

    /// Forgets everything when the keys are others: a key taken out of policy opens nothing.
    pub(crate) fn verified_by(&mut self, trust: u128) {
        if self.trust != trust {
            self.young.clear();
            self.old.clear();
            self.trust = trust;
        }
    }

    /// What the token says, when it was verified before.
    pub(crate) fn verified(&mut self, text: &[u8]) -> Option<Rc<Verified>> {
        self.find(text).map(|known| Rc::clone(&known.verified))
    }

    /// Who presents the token, when that was found out for this generation of the policy.
    #[inline]
    pub(crate) fn principal(&mut self, text: &[u8], generation: u64) -> Option<Rc<Principal>> {
        let principal = self.find(text)?.principal.as_ref()?;
        (principal.generation == generation).then(|| Rc::clone(principal))
    }

    pub(crate) fn remember(&mut self, text: &[u8], verified: &Rc<Verified>) {
        let known = Known {
            text: text.into(),
            verified: Rc::clone(verified),
            principal: None,
        };
        self.insert(xxh3_128(text), known);
    }

    pub(crate) fn resolve(&mut self, text: &[u8], principal: &Rc<Principal>) {
        if let Some(known) = self.find(text) {
            known.principal = Some(Rc::clone(principal));
        }
    }

    fn insert(&mut self, hash: u128, known: Known) {
        if self.young.len() >= self.most {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(hash, known);
    }

    /// A hash may collide; the text may not.
    #[inline]
    fn find(&mut self, text: &[u8]) -> Option<&mut Known> {
        let hash = xxh3_128(text);
        if !self.young.contains_key(&hash) {
            self.bring_back(hash)?;
        }
        let known = self.young.get_mut(&hash)?;
        (*known.text == *text).then_some(known)
    }

    /// Takes a token over from the old generation.
    #[cold]
    fn bring_back(&mut self, hash: u128) -> Option<()> {
        let known = self.old.remove(&hash)?;
        self.insert(hash, known);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified() -> Rc<Verified> {
        Rc::new(Verified {
            ids: Vec::new(),
            organisation: "acme".into(),
            team: None,
            agent: "a".into(),
            roles: Vec::new(),
            scopes: Vec::new(),
            expires_unix_s: 0,
            limits: Vec::new(),
            outside: None,
        })
    }

    fn text(number: usize) -> Vec<u8> {
        format!("token {number}").into_bytes()
    }

    #[test]
    fn a_fleet_that_fits_is_never_verified_again() {
        let mut tokens = Tokens::new(100);
        let facts = verified();
        (0..100).for_each(|number| tokens.remember(&text(number), &facts));
        for round in 0..50 {
            // One newcomer a round, and everybody else calls.
            tokens.remember(&text(1_000 + round), &facts);
            for number in 0..99 {
                assert!(
                    tokens.verified(&text(number)).is_some(),
                    "{number}, round {round}"
                );
            }
        }
    }

    #[test]
    fn what_is_not_used_is_forgotten_and_room_is_bounded() {
        let mut tokens = Tokens::new(100);
        let facts = verified();
        for number in 0..10_000 {
            tokens.remember(&text(number), &facts);
            assert!(tokens.verified(&text(0)).is_some(), "used all the time");
            assert!(tokens.young.len() <= 100 && tokens.old.len() <= 100);
        }
        assert!(tokens.verified(&text(1)).is_none());
        assert!(tokens.verified(&text(9_999)).is_some());
    }

    #[test]
    fn other_keys_forget_both_generations() {
        let mut tokens = Tokens::new(1);
        tokens.verified_by(1);
        tokens.remember(b"a", &verified());
        tokens.remember(b"b", &verified());
        assert!(tokens.verified(b"a").is_some() && tokens.verified(b"b").is_some());
        tokens.verified_by(2);
        assert!(tokens.verified(b"a").is_none() && tokens.verified(b"b").is_none());
    }
}
