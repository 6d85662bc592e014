//! What is remembered of calls beyond the calls themselves: the history that rules ask, the
//! sessions that rules ended, and what flowed where. One for all workers; bounded.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use varistor_model::limits::{ENDED_SESSIONS_MAX, HISTORY_BYTES};
use varistor_rules::History;

use crate::flows::Flows;

/// See the module.
#[derive(Debug)]
pub struct Memory {
    pub(crate) history: History,
    /// What flowed where, by token.
    pub(crate) flows: Flows,
    ended: ArcSwap<Ended>,
}

/// By the session's name: the last second at which its token is valid.
type Ended = HashMap<[u8; 8], u64>;

impl Default for Memory {
    fn default() -> Self {
        Self {
            history: History::new(HISTORY_BYTES),
            flows: Flows::default(),
            ended: ArcSwap::default(),
        }
    }
}

impl Memory {
    /// Whether a rule ended this session.
    pub(crate) fn has_ended(&self, session: [u8; 8]) -> bool {
        self.ended.load().contains_key(&session)
    }

    /// Ends a session, whose token is valid until then. False when there is no room, because more
    /// sessions of live tokens ended than are remembered.
    pub(crate) fn end(&self, session: [u8; 8], until_s: u64, now_s: u64) -> bool {
        let mut fits = true;
        self.ended.rcu(|ended: &Arc<Ended>| {
            let live = ended.iter().filter(|(_, until)| **until >= now_s);
            let mut next: Ended = live.map(|(name, until)| (*name, *until)).collect();
            fits = next.len() < ENDED_SESSIONS_MAX || next.contains_key(&session);
            if fits {
                next.insert(session, until_s);
            }
            next
        });
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: usize) -> [u8; 8] {
        (number as u64).to_le_bytes()
    }

    #[test]
    fn a_session_stays_ended_while_its_token_lives() {
        let memory = Memory::default();
        assert!(!memory.has_ended(name(1)));
        assert!(memory.end(name(1), 100, 50));
        assert!(memory.end(name(2), 200, 60));
        assert!(memory.has_ended(name(1)) && memory.has_ended(name(2)));
        // Nobody can present the first any more.
        assert!(memory.end(name(3), 200, 101));
        assert!(!memory.has_ended(name(1)) && memory.has_ended(name(2)));
    }

    #[test]
    fn what_finds_no_room_is_told() {
        let full: Ended = (0..ENDED_SESSIONS_MAX).map(|at| (name(at), 100)).collect();
        let memory = Memory {
            ended: ArcSwap::from_pointee(full),
            ..Memory::default()
        };
        assert!(!memory.end(name(ENDED_SESSIONS_MAX), 100, 50));
        assert!(memory.end(name(0), 300, 50));
        assert!(memory.end(name(ENDED_SESSIONS_MAX), 300, 101));
    }
}
