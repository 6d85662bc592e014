//! Machine-readable zones of travel documents (ICAO 9303).
//!
//! A zone is read over line ends and blanks: `<` fills its fields.

use super::dates::is_yymmdd;
use super::digits::{digits, symbols_between, value};

/// What may stand between the lines of a zone, and nothing within them.
const BREAKS: &[u8] = b"\r\n\t ";

/// Passport, two lines of 44 or the second alone: four check digits and the one over all (part 4
/// section 4.2.2).
pub(super) fn passport(text: &[u8]) -> bool {
    if let Some(zone) = symbols_between::<88>(text, BREAKS) {
        let (first, second) = zone.split_at(44);
        return begins(first, b"P") && is_passport_line(second);
    }
    symbols_between::<44>(text, BREAKS).is_some_and(|line| is_passport_line(&line))
}

fn is_passport_line(line: &[u8]) -> bool {
    let of = |from: usize, to: usize| line.get(from..to).unwrap_or_default();
    all_in_zone(line)
        && holds(&[of(0, 9)], of(9, 10))
        && is_country_field(of(10, 13))
        && is_person(of(13, 28))
        && (holds(&[of(28, 42)], of(42, 43)) || is_empty(of(28, 43)))
        && holds(&[of(0, 10), of(13, 20), of(21, 43)], of(43, 44))
}

/// Identity card of the size of a passport's page (TD2), two lines of 36 or the second alone: three
/// check digits and the one over all (part 6 section 4.2.2).
pub(super) fn wide_card(text: &[u8]) -> bool {
    if let Some(zone) = symbols_between::<72>(text, BREAKS) {
        let (first, second) = zone.split_at(36);
        return begins(first, b"ACI") && is_wide_line(second);
    }
    symbols_between::<36>(text, BREAKS).is_some_and(|line| is_wide_line(&line))
}

fn is_wide_line(line: &[u8]) -> bool {
    let of = |from: usize, to: usize| line.get(from..to).unwrap_or_default();
    all_in_zone(line)
        && holds(&[of(0, 9)], of(9, 10))
        && is_country_field(of(10, 13))
        && is_person(of(13, 28))
        && holds(&[of(0, 10), of(13, 20), of(21, 35)], of(35, 36))
}

/// Identity card of the size of a bank card (TD1), three lines of 30 or the first two: three check
/// digits and the one over all (part 5 section 4.2.2).
pub(super) fn card(text: &[u8]) -> bool {
    let full = symbols_between::<90>(text, BREAKS);
    let zone = match full.as_ref().map(|zone| zone.split_at(60)) {
        Some((two, names)) if all_in_zone(names) => two.first_chunk::<60>().copied(),
        Some(_) => None,
        None => symbols_between::<60>(text, BREAKS),
    };
    zone.is_some_and(|zone| {
        let of = |from: usize, to: usize| zone.get(from..to).unwrap_or_default();
        // A number of more than nine symbols goes on where other data would stand.
        let number = if of(14, 15) == b"<" {
            is_long_number(of(5, 14), of(15, 30))
        } else {
            holds(&[of(5, 14)], of(14, 15))
        };
        all_in_zone(&zone)
            && begins(&zone, b"ACI")
            && is_country_field(of(2, 5))
            && number
            && is_person(of(30, 45))
            && is_country_field(of(45, 48))
            && holds(&[of(5, 30), of(30, 37), of(38, 45), of(48, 59)], of(59, 60))
    })
}

fn is_long_number(head: &[u8], more: &[u8]) -> bool {
    let tail = more
        .split(|symbol| *symbol == b'<')
        .next()
        .unwrap_or_default();
    tail.split_last()
        .is_some_and(|(check, tail)| holds(&[head, tail], &[*check]))
}

/// Whether these 15 symbols are a day of birth, which may be unknown in part, a sex, and a day of
/// expiry, with their check digits.
fn is_person(field: &[u8]) -> bool {
    let of = |from: usize, to: usize| field.get(from..to).unwrap_or_default();
    let born = digits::<6>(of(0, 6)).is_some_and(is_yymmdd) || of(0, 6).contains(&b'<');
    born && holds(&[of(0, 6)], of(6, 7))
        && matches!(of(7, 8), b"M" | b"F" | b"X" | b"<")
        && digits::<6>(of(8, 14)).is_some_and(is_yymmdd)
        && holds(&[of(8, 14)], of(14, 15))
}

fn all_in_zone(line: &[u8]) -> bool {
    line.iter()
        .all(|symbol| value(*symbol).is_some() || *symbol == b'<')
}

fn begins(line: &[u8], kinds: &[u8]) -> bool {
    line.first().is_some_and(|kind| kinds.contains(kind))
}

/// Whether these are letters of a country, of one to three.
fn is_country_field(field: &[u8]) -> bool {
    let letters = field
        .iter()
        .take_while(|symbol| symbol.is_ascii_uppercase());
    let letters = letters.count();
    letters > 0 && field.iter().skip(letters).all(|symbol| *symbol == b'<')
}

/// Whether a field holds nothing, and its check digit is left out or 0.
fn is_empty(field: &[u8]) -> bool {
    field.split_last().is_some_and(|(check, rest)| {
        matches!(check, b'<' | b'0') && rest.iter().all(|symbol| *symbol == b'<')
    })
}

/// Whether the symbols of these fields, weighed 7, 3, 1 in turn, leave the check digit by modulus
/// 10; `<` counts nothing (part 3 section 4.9).
fn holds(fields: &[&[u8]], check: &[u8]) -> bool {
    let symbols = fields.iter().flat_map(|field| field.iter());
    let sum: u64 = symbols
        .zip([7_u64, 3, 1].iter().cycle())
        .map(|(symbol, weight)| {
            let counts = value(*symbol).unwrap_or_default();
            u64::from(counts).saturating_mul(*weight)
        })
        .sum();
    digits::<1>(check).is_some_and(|[check]| u64::from(check) == sum % 10)
}
