//! When a child that failed is started again: growing pauses, spread by chance.

/// The first pause, in milliseconds.
const FIRST_MS: u64 = 200;
/// The longest pause, in milliseconds.
const LONGEST_MS: u64 = 30_000;

/// The pause after this many failures in a row (at least one), in milliseconds; `chance` is any
/// number.
pub(crate) fn pause_ms(failures: u32, chance: u64) -> u64 {
    let doublings = failures.saturating_sub(1).min(32);
    let whole = FIRST_MS.saturating_mul(1 << doublings).min(LONGEST_MS);
    let half = whole / 2;
    half.saturating_add(chance.checked_rem(half.max(1)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_half_a_minute_and_are_spread() {
        for (failures, whole) in [(1, 200), (2, 400), (6, 6_400), (40, LONGEST_MS)] {
            for chance in [0, 17, u64::MAX] {
                let pause = pause_ms(failures, chance);
                assert!((whole / 2..=whole).contains(&pause), "{failures} {pause}");
            }
        }
        assert_ne!(pause_ms(9, 1), pause_ms(9, 2));
    }
}
