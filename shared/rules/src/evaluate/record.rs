//! What is remembered of a call that was admitted.

use varistor_snapshot::schema::rules::{ArchivedCounted, ArchivedCounter};

use super::{Broken, Call, Rules};
use crate::facts::Facts;
use crate::history::{LOST_VALUE, Recorded, Update, What};
use crate::limits::SEEN_VALUES_MAX;
use crate::load::NODE_DEPTH_MAX;
use crate::scratch::Scratch;
use crate::truth::Truth;

impl Rules<'_> {
    /// Remembers a call that goes on. `scratch` must hold its verdict: call this behind
    /// [`Rules::evaluate`], with the same facts, and nothing in between.
    ///
    /// When another call of the same session, token or agent was remembered since the verdict,
    /// nothing is recorded, and the call must be evaluated again: of calls that race, as many pass
    /// as would pass one after the other.
    pub fn record<F: Facts + ?Sized>(&self, facts: &F, scratch: &mut Scratch) -> Recorded {
        if self.loaded.counters == 0 {
            return Recorded::Done;
        }
        if self.program.fingerprint.to_native() != self.loaded.fingerprint {
            return Recorded::Changed;
        }
        scratch.updates.clear();
        let mut call = Call {
            rules: *self,
            facts,
            scratch,
        };
        for counter in self.program.body.counters.iter() {
            if call.remember(counter).is_err() {
                return Recorded::Changed;
            }
        }
        let updates = std::mem::take(&mut scratch.updates);
        let now = facts.unix_ms();
        let recorded = self.history.record(&updates, &scratch.marks, now);
        scratch.updates = updates;
        recorded
    }
}

impl<F: Facts + ?Sized> Call<'_, F> {
    fn remember(&mut self, counter: &ArchivedCounter) -> Result<(), Broken> {
        let Some(key) = self.key(counter)? else {
            return Ok(());
        };
        let within_ms = counter.within_ms.to_native();
        let push = |call: &mut Self, what| {
            call.scratch.updates.push(Update {
                key,
                within_ms,
                what,
            });
        };
        if let ArchivedCounted::Calls(root) = &counter.what {
            match self.condition(root.to_native() as usize, NODE_DEPTH_MAX)? {
                Truth::False => {}
                Truth::True => push(self, What::Call(true)),
                Truth::Unknown => push(self, What::Call(false)),
            }
            return Ok(());
        }
        let mut hashes = [0_u128; SEEN_VALUES_MAX];
        let hashed = self.hashes(&counter.what, &mut hashes)?;
        for hash in hashes.iter().take(hashed.count) {
            push(self, What::Value(*hash));
        }
        if hashed.lossy {
            push(self, What::Value(LOST_VALUE));
        }
        Ok(())
    }
}
