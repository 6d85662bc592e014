//! Both clocks of the gateway: monotonic nanoseconds that all workers share, and UTC.

use core::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

use varistor_pipeline::outside::Now;

/// A worker's clocks. Clones of one clock agree on monotonic time.
#[derive(Clone)]
pub(crate) struct Clock {
    clock: quanta::Clock,
    start: u64,
    /// UTC minus monotonic, renewed now and then so that corrections of the system clock arrive.
    unix_offset_ns: Cell<u64>,
}

/// Monotonic time begins here, so that "a period ago" is never negative.
const EPOCH_NS: u64 = 400 * 24 * 3600 * 1_000_000_000;

impl Clock {
    pub(crate) fn new() -> Self {
        let clock = quanta::Clock::new();
        let start = clock.raw();
        let this = Self {
            clock,
            start,
            unix_offset_ns: Cell::new(0),
        };
        this.renew();
        this
    }

    /// Monotonic nanoseconds.
    pub(crate) fn mono_ns(&self) -> u64 {
        self.clock
            .delta_as_nanos(self.start, self.clock.raw())
            .wrapping_add(EPOCH_NS)
    }

    /// Both clocks.
    pub(crate) fn now(&self) -> Now {
        let mono_ns = self.mono_ns();
        Now {
            unix_ns: mono_ns.wrapping_add(self.unix_offset_ns.get()),
            mono_ns,
        }
    }

    /// Reads the system's UTC clock again.
    pub(crate) fn renew(&self) {
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let unix_ns = u64::try_from(unix.as_nanos()).unwrap_or(u64::MAX);
        self.unix_offset_ns
            .set(unix_ns.wrapping_sub(self.mono_ns()));
    }
}
