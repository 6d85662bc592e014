//! Numbers of Russia.

use super::digits::{digits, number, repeats, weigh};

/// Tax number: 10 digits for a company, 12 with two check digits for a person, modulus 11, 10
/// written 0 (FNS order ED-7-14/559).
pub(super) fn inn(text: &[u8]) -> bool {
    if let Some(all) = digits::<12>(text) {
        let [.., first, second] = all;
        let sum = weigh(&all, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]);
        let last = weigh(&all, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]);
        return sum % 11 % 10 == u64::from(first)
            && last % 11 % 10 == u64::from(second)
            && number(&all) != 0;
    }
    digits::<10>(text).is_some_and(|all| {
        let [.., check] = all;
        let sum = weigh(&all, &[2, 4, 10, 3, 5, 9, 4, 6, 8]);
        sum % 11 % 10 == u64::from(check) && number(&all) != 0
    })
}

/// Insurance account number: 9 digits above 001-001-998, weights 9 to 1, modulus 101, 100 written
/// 00 (Pension Fund order 192p of 2006).
pub(super) fn snils(text: &[u8]) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [body @ .., k0, k1] = all;
        let sum = weigh(&all, &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
        number(&body) > 1_001_998 && sum % 101 % 100 == number(&[k0, k1])
    })
}

/// Internal passport: two digits of the region, two of the year of printing, six of the number
/// (Government decree 828 of 1997). Structure only.
pub(super) fn passport(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|[r0, r1, _, _, serial @ ..]| {
        (r0, r1) != (0, 0) && number(&serial) != 0 && !repeats(&serial)
    })
}
