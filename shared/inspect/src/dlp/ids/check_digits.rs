//! The check digit schemes that several numbers share.

use super::digits::value;

/// Whether the Luhn sum of these digits, the check digit last, is a multiple of 10 (ISO/IEC
/// 7812-1 annex B).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let places = digits.iter().rev().zip([false, true].iter().cycle());
    let sum: u64 = places
        .map(|(digit, second)| match (second, digit) {
            (true, 5..) => u64::from(*digit).saturating_mul(2).saturating_sub(9),
            (true, _) => u64::from(*digit).saturating_mul(2),
            (false, _) => u64::from(*digit),
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether the sum of these digits, every second one from the right but the last taken three
/// times, is a multiple of 10 (GS1 General Specifications 7.9: EAN-13, UPC-A, ISBN-13).
pub(super) fn gs1(digits: &[u8]) -> bool {
    let places = digits.iter().rev().zip([1_u64, 3].iter().cycle());
    let sum: u64 = places
        .map(|(digit, weight)| u64::from(*digit).saturating_mul(*weight))
        .sum();
    sum.is_multiple_of(10)
}

/// Whether these digits, the check digit last, hold by the pure system MOD 11,10 of ISO 7064.
pub(super) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else {
        return false;
    };
    let product = body.iter().fold(10_u64, |product, digit| {
        let sum = product.saturating_add(u64::from(*digit)) % 10;
        let sum = if sum == 0 { 10 } else { sum };
        sum.saturating_mul(2) % 11
    });
    product.saturating_add(u64::from(*check)) % 10 == 1
}

/// The check digit that makes up for this sum by modulus 11, where 10 and 11 are written 0.
pub(super) const fn complement_11(sum: u64) -> u64 {
    match sum % 11 {
        0 | 1 => 0,
        rest => 11_u64.saturating_sub(rest),
    }
}

/// The remainder of the number that these digits write, of any length. `modulus < 2^56`.
pub(super) fn remainder(digits: &[u8], modulus: u64) -> u64 {
    digits.iter().fold(0, |rest: u64, digit| {
        let longer = rest.saturating_mul(10).saturating_add(u64::from(*digit));
        longer.checked_rem(modulus).unwrap_or_default()
    })
}

/// The remainder by 97 of the number that symbols write when a letter is two digits, `A` being 10
/// (ISO 7064 MOD 97-10).
pub(super) fn remainder_97(symbols: &[u8]) -> Option<u64> {
    symbols.iter().try_fold(0_u64, |rest, symbol| {
        let value = value(*symbol)?;
        let factor = if value < 10 { 10 } else { 100 };
        Some(rest.saturating_mul(factor).saturating_add(u64::from(value)) % 97)
    })
}

/// Whether these digits, the check digit last, hold by the scheme of Verhoeff (1969): a
/// permutation by place, then multiplication in the dihedral group of order 10.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    let mut product = 0;
    for (digit, row) in digits.iter().rev().zip(PERMUTATIONS.iter().cycle()) {
        let Some(permuted) = row.get(usize::from(*digit)) else {
            return false;
        };
        product = dihedral(product, *permuted);
    }
    product == 0
}

/// The product of two elements of the dihedral group of order 10, each 0 to 9.
const fn dihedral(a: u8, b: u8) -> u8 {
    let (turn_a, turn_b) = (a % 5, b % 5);
    match (a < 5, b < 5) {
        (true, true) => turn_a.saturating_add(turn_b) % 5,
        (true, false) => (turn_a.saturating_add(turn_b) % 5).saturating_add(5),
        (false, true) => (turn_a.saturating_add(5).saturating_sub(turn_b) % 5).saturating_add(5),
        (false, false) => turn_a.saturating_add(5).saturating_sub(turn_b) % 5,
    }
}

const PERMUTATIONS: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// For every body of 4 digits, the check digits that a scheme takes.
    fn checks_of(scheme: fn(&[u8]) -> bool) -> impl Iterator<Item = ([u8; 4], Vec<u8>)> {
        (0..10_000_u16).map(move |n| {
            let body = [n / 1000, n / 100, n / 10, n].map(|n| u8::try_from(n % 10).unwrap());
            let [a, b, c, d] = body;
            let takes = |check: &u8| scheme(&[a, b, c, d, *check]);
            (body, (0..10).filter(takes).collect())
        })
    }

    #[test]
    fn each_scheme_takes_one_check_digit_and_sees_one_wrong_digit() {
        for scheme in [luhn, gs1, mod_11_10, verhoeff] {
            for (body, checks) in checks_of(scheme) {
                assert_eq!(checks.len(), 1, "{body:?}");
                let valid = [body.as_slice(), &checks].concat();
                for place in 0..valid.len() {
                    for other in (0..10).filter(|digit| *digit != valid[place]) {
                        let mut wrong = valid.clone();
                        wrong[place] = other;
                        assert!(!scheme(&wrong), "{valid:?} {wrong:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn verhoeff_sees_every_swap_of_neighbours() {
        for (body, checks) in checks_of(verhoeff) {
            let valid = [body.as_slice(), &checks].concat();
            for place in (1..valid.len()).filter(|place| valid[*place] != valid[*place - 1]) {
                let mut swapped = valid.clone();
                swapped.swap(place, place - 1);
                assert!(!verhoeff(&swapped), "{valid:?}");
            }
        }
    }

    #[test]
    fn remainders_of_long_numbers_are_those_of_the_parts() {
        assert_eq!(remainder(&[1, 2, 3, 4], 97), 1234 % 97);
        assert_eq!(remainder(&[9; 30], 9), 0);
        assert_eq!(remainder_97(b"A1"), Some(101 % 97));
        assert_eq!(remainder_97(b"a"), None);
    }
}
