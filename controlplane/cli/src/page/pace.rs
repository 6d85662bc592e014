//! How often signing in may be tried: a few times a minute for one name, some more for all.

use std::collections::VecDeque;

/// Failed attempts of one name in a minute.
const OF_NAME_MAX: usize = 5;
/// Failed attempts in a minute.
const OF_ALL_MAX: usize = 60;
const MINUTE_S: u64 = 60;

/// The failures of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Pace(VecDeque<(u64, String)>);

impl Pace {
    /// Whether this name may try.
    pub(crate) fn may_try(&mut self, name: &str, now_s: u64) -> bool {
        while self
            .0
            .front()
            .is_some_and(|(at, _)| now_s.saturating_sub(*at) >= MINUTE_S)
        {
            self.0.pop_front();
        }
        let of_name = self.0.iter().filter(|(_, failed)| failed == name).count();
        of_name < OF_NAME_MAX && self.0.len() < OF_ALL_MAX
    }

    /// Remembers an attempt, before it is known how it ends.
    pub(crate) fn note(&mut self, name: &str, now_s: u64) {
        self.0.push_back((now_s, name.to_owned()));
    }

    /// Forgets the attempts of a name that has signed in.
    pub(crate) fn forget(&mut self, name: &str) {
        self.0.retain(|(_, failed)| failed != name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_fail_five_times_a_minute_and_all_sixty_times() {
        let mut pace = Pace::default();
        for _ in 0..OF_NAME_MAX {
            assert!(pace.may_try("a", 10));
            pace.note("a", 10);
        }
        assert!(!pace.may_try("a", 69) && pace.may_try("b", 69));
        assert!(pace.may_try("a", 70));
        for number in 0..OF_ALL_MAX {
            pace.note(&number.to_string(), 100);
        }
        assert!(!pace.may_try("new", 100));
        pace.forget("7");
        assert!(pace.may_try("new", 100));
    }
}
