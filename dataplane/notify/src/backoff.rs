//! When a message is tried again: growing pauses, spread by chance, and never before the receiver
//! asked for it.

/// The first pause, in milliseconds.
const FIRST_MS: u64 = 1_000;
/// The longest pause, in milliseconds.
const LONGEST_MS: u64 = 10 * 60 * 1000;
/// The longest wait that a receiver can ask for, in milliseconds.
const ASKED_MS_MAX: u64 = 60 * 60 * 1000;

/// The pause after this many failures (at least one), in milliseconds; `chance` is any number.
pub(crate) fn pause_ms(failures: u32, asked_ms: Option<u64>, chance: u64) -> u64 {
    let doublings = failures.saturating_sub(1).min(32);
    let whole = FIRST_MS.saturating_mul(1 << doublings).min(LONGEST_MS);
    let half = whole / 2;
    let spread = half + chance.checked_rem(half.max(1)).unwrap_or(0);
    spread.max(asked_ms.unwrap_or(0).min(ASKED_MS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_minutes_and_are_spread() {
        for (failures, whole) in [(1, 1_000), (2, 2_000), (5, 16_000), (40, LONGEST_MS)] {
            for chance in [0, 17, u64::MAX] {
                let pause = pause_ms(failures, None, chance);
                assert!((whole / 2..=whole).contains(&pause), "{failures} {pause}");
            }
        }
        assert_ne!(pause_ms(9, None, 1), pause_ms(9, None, 2));
    }

    #[test]
    fn a_receiver_can_ask_for_more_time_but_not_for_ever() {
        assert_eq!(pause_ms(1, Some(30_000), 0), 30_000);
        assert_eq!(pause_ms(1, Some(u64::MAX), 0), ASKED_MS_MAX);
        assert_eq!(pause_ms(9, Some(1), 0), 128_000);
    }
}
