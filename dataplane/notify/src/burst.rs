//! Puts bursts together: the first event of a kind is told at once, those that follow soon share
//! one message. While a burst goes on, its messages come at growing distances.

use std::collections::HashMap;

/// How long events are gathered after the first one, in milliseconds.
const FIRST_MS: u64 = 10_000;
/// How long they are gathered at most, in milliseconds.
const LONGEST_MS: u64 = 10 * 60 * 1000;
/// Most bursts that are watched at once; those beyond are told one by one.
const BURSTS_MAX: usize = 4096;

/// What makes events one burst.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) channel: String,
    pub(crate) kind: &'static str,
    pub(crate) organisation: String,
    pub(crate) rule: String,
    /// Servers that fail are no burst together.
    pub(crate) server: String,
}

/// Where an event goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into a message of its own, to be sent at this time.
    New(u64),
    /// Into this message, which is still gathering.
    Into(String),
}

/// The bursts that go on.
#[derive(Debug, Default)]
pub(crate) struct Bursts(HashMap<Key, Burst>);

#[derive(Debug)]
struct Burst {
    until_ms: u64,
    width_ms: u64,
    /// The message that gathers, once there was a second event.
    gathering: Option<String>,
}

impl Bursts {
    /// Says where an event goes; `id` is the name of its message if it gets one.
    pub(crate) fn place(&mut self, key: Key, id: &str, now_ms: u64) -> Place {
        if let Some(burst) = self.0.get_mut(&key) {
            return burst.place(id, now_ms);
        }
        if self.0.len() < BURSTS_MAX {
            let burst = Burst {
                until_ms: now_ms.saturating_add(FIRST_MS),
                width_ms: FIRST_MS,
                gathering: None,
            };
            self.0.insert(key, burst);
        }
        Place::New(now_ms)
    }

    /// Forgets bursts that are over.
    pub(crate) fn sweep(&mut self, now_ms: u64) {
        self.0.retain(|_, burst| !burst.is_over(now_ms));
    }
}

impl Burst {
    fn is_over(&self, now_ms: u64) -> bool {
        now_ms >= self.until_ms.saturating_add(self.width_ms)
    }

    fn place(&mut self, id: &str, now_ms: u64) -> Place {
        if now_ms < self.until_ms {
            return match &self.gathering {
                Some(id) => Place::Into(id.clone()),
                None => self.gather(id),
            };
        }
        if self.is_over(now_ms) {
            self.width_ms = FIRST_MS;
            self.until_ms = now_ms.saturating_add(FIRST_MS);
            self.gathering = None;
            return Place::New(now_ms);
        }
        if self.gathering.is_some() {
            self.width_ms = self.width_ms.saturating_mul(2).min(LONGEST_MS);
        }
        self.until_ms = now_ms.saturating_add(self.width_ms);
        self.gather(id)
    }

    fn gather(&mut self, id: &str) -> Place {
        self.gathering = Some(id.to_owned());
        Place::New(self.until_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(rule: &str) -> Key {
        Key {
            channel: "slack/#a".to_owned(),
            kind: "held",
            organisation: "acme".to_owned(),
            rule: rule.to_owned(),
            server: String::new(),
        }
    }

    #[test]
    fn the_first_event_is_told_at_once_and_the_next_ones_together() {
        let mut bursts = Bursts::default();
        assert_eq!(bursts.place(key("r"), "a", 1_000), Place::New(1_000));
        assert_eq!(bursts.place(key("r"), "b", 1_500), Place::New(11_000));
        let into = Place::Into("b".to_owned());
        assert_eq!(bursts.place(key("r"), "c", 2_000), into);
        assert_eq!(bursts.place(key("r"), "c", 10_999), into);
        assert_eq!(bursts.place(key("s"), "d", 2_000), Place::New(2_000));
    }

    #[test]
    fn a_flood_of_an_hour_makes_few_messages() {
        let mut bursts = Bursts::default();
        let mut messages = 0;
        for ms in (0..3_600_000_u64).step_by(50) {
            bursts.sweep(ms);
            if let Place::New(due) = bursts.place(key("r"), &ms.to_string(), ms) {
                assert!(due <= ms + LONGEST_MS);
                messages += 1;
            }
        }
        assert!((5..=14).contains(&messages), "{messages}");
    }

    #[test]
    fn after_a_quiet_time_the_next_event_is_told_at_once_again() {
        let mut bursts = Bursts::default();
        bursts.place(key("r"), "a", 0);
        bursts.place(key("r"), "b", 1);
        assert_eq!(bursts.place(key("r"), "c", 20_000), Place::New(20_000));
        bursts.sweep(60_000);
        assert!(bursts.0.is_empty());
    }
}
