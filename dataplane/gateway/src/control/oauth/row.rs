//! What is known of the tokens of one server, or of one account there: when the next one is due,
//! and what an attempt has brought.

use std::sync::Arc;
use std::time::{Duration, Instant};

use varistor_oauth::{Endpoints, Issued};
use varistor_pipeline::bearer::Bearer;

use super::Place;
use super::fetch::Missed;

/// The first pause after a failure; it doubles with each one.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(300);
/// How long before its end a token is renewed, at most: a quarter of its time otherwise.
const LEAD_MS_MAX: u64 = 600_000;
/// How long before its end a token is not sent any more, at most: a tenth of its time otherwise.
const MARGIN_MS_MAX: u64 = 10_000;
/// When a token is renewed of which nobody says how long it holds.
const UNKNOWN_MS: u64 = 1_800_000;

/// The tokens of one server, or of one account there, and what is known of them.
pub(super) struct Row {
    pub(super) place: Arc<Place>,
    pub(super) bearer: Arc<Bearer>,
    /// Where the last token came from.
    pub(super) endpoints: Option<Endpoints>,
    /// When the token in use was got, and from when it is not sent any more; 0: nobody knows.
    pub(super) since_unix_s: u64,
    pub(super) until_unix_s: u64,
    pub(super) renewals: u64,
    pub(super) failures: u64,
    /// Failures since the last token.
    in_a_row: u32,
    pub(super) error: Option<String>,
    pub(super) tried: Instant,
    pub(super) due: Instant,
    /// Until when an attempt is thought to be under way.
    pub(super) asking: Option<Instant>,
}

/// What is worth telling of an attempt.
pub(super) enum News {
    Nothing,
    /// There is a token, for the first time or again.
    Obtained,
    /// There is none, for the first time since there was.
    Failed(String),
}

impl Row {
    pub(super) fn of(place: &Arc<Place>, bearer: Arc<Bearer>, kept: Option<Self>) -> Self {
        let now = Instant::now();
        match kept {
            Some(row) => Self {
                // What was rotated last counts, also where it could not be kept.
                place: place.with_refresh_of(&row.place),
                // What went wrong may be another secret now.
                due: match row.error.is_some() && !Arc::ptr_eq(&row.place, place) {
                    true => now,
                    false => row.due,
                },
                bearer,
                ..row
            },
            None => Self {
                place: Arc::clone(place),
                bearer,
                endpoints: None,
                since_unix_s: 0,
                until_unix_s: 0,
                renewals: 0,
                failures: 0,
                in_a_row: 0,
                error: None,
                tried: now,
                due: now,
                asking: None,
            },
        }
    }

    pub(super) fn take(
        &mut self,
        (token, endpoints): (Issued, Endpoints),
        began_unix_ns: u64,
    ) -> News {
        const MS: u64 = 1_000_000;
        let (renewed_ms, until_ms) = times(token.lifetime_s);
        let until_unix_ns = began_unix_ns.saturating_add(until_ms.saturating_mul(MS));
        self.bearer.put(&token.access, until_unix_ns);
        let is_new = self.since_unix_s == 0 || self.error.is_some();
        self.endpoints = Some(endpoints);
        self.since_unix_s = began_unix_ns / (1_000 * MS);
        self.until_unix_s = match token.lifetime_s {
            Some(_) => until_unix_ns / (1_000 * MS),
            None => 0,
        };
        self.renewals = self.renewals.saturating_add(1);
        (self.in_a_row, self.error) = (0, None);
        // A token that holds for no time is not asked for in a row.
        self.due = self.tried + Duration::from_millis(renewed_ms).max(PAUSE);
        if is_new {
            News::Obtained
        } else {
            News::Nothing
        }
    }

    pub(super) fn miss(&mut self, missed: Missed) -> News {
        self.failures = self.failures.saturating_add(1);
        self.in_a_row = self.in_a_row.saturating_add(1);
        let again = if missed.is_spent && self.place.login.is_some() {
            // Nothing but another login helps, and that is seen at once.
            self.in_a_row = self.in_a_row.max(16);
            "; log in again: varictl login "
        } else {
            ""
        };
        let server = if again.is_empty() {
            ""
        } else {
            &self.place.server
        };
        let error = format!("{}{again}{server}", missed.why);
        // Its endpoints may have moved.
        self.endpoints = None;
        self.due = Instant::now() + pause(self.in_a_row, getrandom::u64().unwrap_or(0));
        match self.error.replace(error.clone()) {
            None => News::Failed(error),
            Some(_) => News::Nothing,
        }
    }
}

/// When a token is renewed, and until when it is sent, in milliseconds from when it was asked for.
pub(super) const fn times(lifetime_s: Option<u64>) -> (u64, u64) {
    const fn least(one: u64, other: u64) -> u64 {
        if one < other { one } else { other }
    }
    let Some(seconds) = lifetime_s else {
        return (UNKNOWN_MS, u64::MAX);
    };
    let ms = seconds.saturating_mul(1_000);
    let renewed = ms.saturating_sub(least(ms / 4, LEAD_MS_MAX));
    (renewed, ms.saturating_sub(least(ms / 10, MARGIN_MS_MAX)))
}

/// How long it is waited after this many failures; `chance` is any number.
fn pause(failures: u32, chance: u64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let whole = PAUSE.saturating_mul(1 << doublings).min(PAUSE_MAX);
    let half = whole / 2;
    let spread = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
    half + Duration::from_millis(chance.checked_rem(spread).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_while_it_holds_and_not_sent_at_its_end() {
        for (lifetime_s, renewed_ms, until_ms) in [
            (4, 3_000, 3_600),
            (300, 225_000, 290_000),
            (3_600, 3_000_000, 3_590_000),
            (0, 0, 0),
        ] {
            assert_eq!(
                times(Some(lifetime_s)),
                (renewed_ms, until_ms),
                "{lifetime_s}"
            );
        }
        assert_eq!(times(None), (UNKNOWN_MS, u64::MAX));
    }

    #[test]
    fn failures_are_tried_again_ever_less_often() {
        for (failures, whole_s) in [(1, 1), (2, 2), (4, 8), (40, 300)] {
            for chance in [0, 17, u64::MAX] {
                let found = pause(failures, chance);
                let whole = Duration::from_secs(whole_s);
                assert!((whole / 2..=whole).contains(&found), "{failures} {found:?}");
            }
        }
    }
}
