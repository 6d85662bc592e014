//! Numbers of the United States: people, employers, health care.

use super::check_digits::luhn;
use super::digits::{digits, number, repeats, shaped, symbols, weigh};

/// Numbers that were printed on samples and are nobody's: the wallet insert of 1938, the
/// pamphlet of 1940, and one that was advertised until the SSA replaced it.
const SAMPLE_SSNS: [u64; 3] = [78_051_120, 219_099_999, 457_555_462];

/// Social security number: area not 000, 666 or 900 and above, group not 00, serial not 0000
/// (SSA, randomized issuance since 2011), no known sample, not one digit nine times.
pub(super) fn ssn(text: &[u8]) -> bool {
    let Some(all) = digits::<9>(text) else {
        return false;
    };
    let [a, b, c, d, e, serial @ ..] = all;
    let (area, group) = (number(&[a, b, c]), number(&[d, e]));
    matches!(area, 1..=665 | 667..=899)
        && group != 0
        && number(&serial) != 0
        && !SAMPLE_SSNS.contains(&number(&all))
        && !repeats(&all)
}

/// Individual taxpayer identification number: begins with 9, group 50 to 65, 70 to 88, 90 to 92
/// or 94 to 99 (IRS, Internal Revenue Manual 3.21.263).
pub(super) fn itin(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let [first, _, _, d, e, ..] = all;
        let group = number(&[d, e]);
        first == 9 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99) && !repeats(&all)
    })
}

/// Employer identification number: begins with a prefix that a campus of the IRS assigns (IRS,
/// "How EINs are assigned and valid EIN prefixes").
pub(super) fn ein(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let [a, b, serial @ ..] = all;
        let prefix = matches!(
            number(&[a, b]),
            1..=6 | 10..=16 | 20..=27 | 30..=48 | 50..=68 | 71..=77 | 80..=88 | 90..=95 | 98 | 99
        );
        prefix && number(&serial) != 0 && !repeats(&all)
    })
}

/// National provider identifier: 10 digits that begin with 1 or 2; Luhn with the prefix 80840
/// (CMS, 45 CFR 162.406).
pub(super) fn npi(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let [first, ..] = all;
        let mut prefixed = [8, 0, 8, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for (place, digit) in prefixed.iter_mut().skip(5).zip(all) {
            *place = digit;
        }
        matches!(first, 1 | 2) && luhn(&prefixed)
    })
}

/// Registration number of the Drug Enforcement Administration: a letter of the registrant's kind,
/// a letter of the name or 9, six digits, a check digit (21 CFR 1301, DEA Pharmacist's Manual).
pub(super) fn dea(text: &[u8]) -> bool {
    let Some([kind, name, number @ ..]) = symbols::<9>(text) else {
        return false;
    };
    let Some([a, b, c, d, e, f, check]) = digits::<7>(&number) else {
        return false;
    };
    b"ABCDEFGHJKLMPRSTUX".contains(&kind)
        && (name.is_ascii_uppercase() || name == b'9')
        && weigh(&[a, b, c, d, e, f], &[1, 2, 1, 2, 1, 2]) % 10 == u64::from(check)
        && number != *b"0000000"
}

/// Medicare beneficiary identifier: 11 places, a digit or a letter each by its place, no `S`,
/// `L`, `O`, `I`, `B`, `Z` (CMS, "Understanding the MBI format").
pub(super) fn mbi(text: &[u8]) -> bool {
    let Some(all) = symbols::<11>(text) else {
        return false;
    };
    let [first, ..] = all;
    shaped(&all, b"#@*#@*#@@##")
        && first != b'0'
        && !all.iter().any(|symbol| b"SLOIBZ".contains(symbol))
}
