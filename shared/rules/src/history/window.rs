//! A count over a sliding window: exact but for the oldest sixty-fourth of it, which is told.

use super::Interval;

/// Parts of a window. What happened in the part that the window's start cuts may count or not.
const PARTS: u64 = 64;
/// How far the clocks of two threads may be apart, in milliseconds.
const LATE_MS: u64 = 1000;

/// Calls of one counter and one scope.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// In growing order.
    parts: Vec<Part>,
}

/// Calls in one part of the time.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// The time divided by the length of a part: the first and the last one that it holds, which
    /// are the same unless memory was short.
    from: u64,
    to: u64,
    /// Calls for which the condition held.
    sure: u32,
    /// Calls for which it could not be said.
    unsure: u32,
}

/// Length of a part, in milliseconds; 0: the window has no end.
fn part_ms(within_ms: u64) -> u64 {
    within_ms.div_ceil(PARTS)
}

impl Window {
    /// Without room to grow, the call joins the newest part, whose time is told less exactly then.
    pub(super) fn add(&mut self, within_ms: u64, now: u64, sure: bool, has_room: bool) {
        let number = now.checked_div(part_ms(within_ms)).unwrap_or(0);
        self.drop_old(within_ms, now);
        // Clocks of threads differ a little: the part may be an older one.
        let at = self.parts.partition_point(|part| part.to < number);
        let is_there = self.parts.get(at).is_some_and(|part| part.from <= number);
        let fits = self.parts.len() < self.parts.capacity() || has_room;
        let at = match (is_there, fits, self.parts.len().checked_sub(1)) {
            (true, ..) => at,
            (false, false, Some(last)) => last,
            _ => {
                let part = Part {
                    from: number,
                    to: number,
                    sure: 0,
                    unsure: 0,
                };
                self.parts.insert(at, part);
                at
            }
        };
        if let Some(part) = self.parts.get_mut(at) {
            part.from = part.from.min(number);
            part.to = part.to.max(number);
            let count = if sure {
                &mut part.sure
            } else {
                &mut part.unsure
            };
            *count = count.saturating_add(1);
        }
    }

    /// Drops what left the window a while ago; a while, for threads whose clock is late.
    fn drop_old(&mut self, within_ms: u64, now: u64) {
        let part = part_ms(within_ms);
        let slack = part.saturating_add(within_ms.min(LATE_MS));
        let upto = now.checked_sub(within_ms.saturating_add(slack));
        if let Some(upto) = upto.filter(|_| part > 0) {
            self.parts.retain(|one| end(one.to, part) > upto);
        }
    }

    pub(super) fn count(&self, within_ms: u64, now: u64) -> Interval {
        let part = part_ms(within_ms);
        let mut interval = Interval { low: 0, high: 0 };
        for one in &self.parts {
            let (sure, unsure) = (u64::from(one.sure), u64::from(one.unsure));
            // What happened at `time` counts while `now - time < within`.
            let cutoff = now.checked_sub(within_ms);
            let start = one.from.saturating_mul(part);
            let (surely, maybe) = match cutoff.filter(|_| part > 0) {
                None => (true, true),
                Some(cutoff) => (start > cutoff, end(one.to, part) > cutoff.saturating_add(1)),
            };
            if surely {
                interval.low = interval.low.saturating_add(sure);
            }
            if maybe {
                let all = sure.saturating_add(unsure);
                interval.high = interval.high.saturating_add(all);
            }
        }
        interval
    }

    /// When nothing of it counts any more, in milliseconds.
    pub(super) fn dead_at(&self, within_ms: u64) -> u64 {
        match (part_ms(within_ms), self.parts.last()) {
            (0, _) => u64::MAX,
            (part, Some(last)) => end(last.to, part).saturating_add(within_ms),
            (_, None) => 0,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.parts.capacity().saturating_mul(size_of::<Part>())
    }
}

/// The first millisecond behind a part.
fn end(number: u64, part: u64) -> u64 {
    number.saturating_add(1).saturating_mul(part)
}
