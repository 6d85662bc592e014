//! All of a breaker's state in one word, and which state follows which.

use varistor_model::limits::{
    BREAKER_FAILURES_MAX, BREAKER_OPEN_MS_MAX, BREAKER_PROBE_MS_MAX, BREAKER_SLOW_EXCESS,
};

use super::{Settings, millis};

/// Where a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Calls are let through.
    Closed,
    /// None is.
    Open,
    /// One tries the server.
    Trying,
}

/// A word taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) kind: Kind,
    /// How often the time for which it opens was doubled.
    pub(super) doublings: u32,
    /// Failures in a row.
    pub(super) failures: u32,
    /// By how many the slow answers outnumber the others.
    pub(super) slow: u32,
    /// Closed: since when, 0 at first. Open: until when. Trying: since when. In milliseconds.
    pub(super) at_ms: u64,
}

const KIND_BITS: u32 = 2;
const KIND_MAX: u32 = (1 << KIND_BITS) - 1;
const DOUBLINGS_BITS: u32 = 5;
const COUNT_BITS: u32 = 7;
const COUNT_MAX: u32 = (1 << COUNT_BITS) - 1;
const FAILURES_AT: u32 = KIND_BITS + DOUBLINGS_BITS;
const SLOW_AT: u32 = FAILURES_AT + COUNT_BITS;
const TIME_AT: u32 = SLOW_AT + COUNT_BITS;
/// When to come back while another call tries the server, at most.
const TRYING_MS: u64 = 1_000;
/// Most doublings that are counted.
const DOUBLINGS_MAX: u32 = (1 << DOUBLINGS_BITS) - 1;

const _: () = assert!(BREAKER_FAILURES_MAX <= COUNT_MAX && BREAKER_SLOW_EXCESS <= COUNT_MAX);
// 43 bits of milliseconds: 278 years.
const _: () = assert!(TIME_AT == 21);

/// Whether calls are let through without a look at anything else.
pub(super) const fn is_closed(word: u64) -> bool {
    word & (KIND_MAX as u64) == 0
}

/// Whether it is closed, and there is nothing to forgive.
pub(super) const fn is_sound(word: u64) -> bool {
    let counts = ((1 << TIME_AT) - 1) & !((1 << FAILURES_AT) - 1);
    is_closed(word) && word & counts == 0
}

impl State {
    pub(super) fn of(word: u64) -> Self {
        let part =
            |at: u32, mask: u32| u32::try_from((word >> at) & u64::from(mask)).unwrap_or_default();
        Self {
            kind: match part(0, KIND_MAX) {
                0 => Kind::Closed,
                1 => Kind::Open,
                _ => Kind::Trying,
            },
            doublings: part(KIND_BITS, DOUBLINGS_MAX),
            failures: part(FAILURES_AT, COUNT_MAX),
            slow: part(SLOW_AT, COUNT_MAX),
            at_ms: word >> TIME_AT,
        }
    }

    pub(super) fn word(self) -> u64 {
        let kind = match self.kind {
            Kind::Closed => 0,
            Kind::Open => 1,
            Kind::Trying => 2,
        };
        kind | u64::from(self.doublings.min(DOUBLINGS_MAX)) << KIND_BITS
            | u64::from(self.failures.min(COUNT_MAX)) << FAILURES_AT
            | u64::from(self.slow.min(COUNT_MAX)) << SLOW_AT
            | self.at_ms << TIME_AT
    }
}

impl State {
    /// For how long no call is let through, in milliseconds; 0 when the next one may try.
    pub(super) fn refuses(self, now_ms: u64) -> u64 {
        match self.kind {
            Kind::Closed => 0,
            Kind::Open => self.at_ms.saturating_sub(now_ms),
            // The answer of the one that tries is near, or another one may try.
            Kind::Trying => {
                let until_ms = self.at_ms.saturating_add(BREAKER_PROBE_MS_MAX);
                until_ms.saturating_sub(now_ms).min(TRYING_MS)
            }
        }
    }
}

impl State {
    /// Open, from closed. One that was closed only just goes on where it was.
    pub(super) fn tripped(self, settings: Settings, now_ns: u64) -> Self {
        let sound_ms = millis(now_ns).saturating_sub(self.at_ms);
        match self.at_ms > 0 && sound_ms < BREAKER_OPEN_MS_MAX {
            true => self.relapsed(settings, now_ns),
            false => Self {
                doublings: 0,
                ..self
            }
            .opened(settings, now_ns),
        }
    }

    /// Open, for twice as long as before.
    pub(super) fn relapsed(self, settings: Settings, now_ns: u64) -> Self {
        Self {
            doublings: self.doublings.saturating_add(1).min(DOUBLINGS_MAX),
            ..self
        }
        .opened(settings, now_ns)
    }

    /// Open for the first time doubled so often, less up to an eighth: gateways whose server failed
    /// at one moment must not all try it at one moment.
    fn opened(self, settings: Settings, now_ns: u64) -> Self {
        let longest_ms = BREAKER_OPEN_MS_MAX.max(settings.open_ms);
        let doubled_ms = settings.open_ms.saturating_mul(1 << self.doublings.min(16));
        let whole_ms = doubled_ms.min(longest_ms);
        // A multiplicative hash of the time (Knuth 6.4); its upper bits are as good as drawn.
        let drawn = now_ns.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let less_ms = (whole_ms >> 3).saturating_mul(drawn) >> 32;
        let until_ms = millis(now_ns).saturating_add(whole_ms.saturating_sub(less_ms).max(1));
        Self {
            kind: Kind::Open,
            failures: 0,
            slow: 0,
            at_ms: until_ms,
            ..self
        }
    }
}

impl Kind {
    /// Its name in the status.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Trying => "half_open",
        }
    }
}
