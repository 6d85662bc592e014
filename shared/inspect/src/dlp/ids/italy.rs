//! Numbers of Italy.

use super::check_digits::luhn;
use super::dates::is_day_of_some_century;
use super::digits::{digits, number, shaped, symbols, value};

/// What a symbol at an odd place counts, by its value without the ten of letters: digits as `A`
/// to `J`.
const ODD: [u8; 26] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/// Letters that stand for the digits 0 to 9 where two people would have the same code.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";

/// Letters of the months.
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";

/// Tax code of a person: name, year, month letter, day (plus 40 for women), place of birth, check
/// letter; digits may stand as letters (Ministry of Finance, decree of 23 December 1976).
pub(super) fn tax_code(text: &[u8]) -> bool {
    let Some(all) = symbols::<16>(text) else {
        return false;
    };
    let [
        _,
        _,
        _,
        _,
        _,
        _,
        y0,
        y1,
        month,
        d0,
        d1,
        town,
        t0,
        t1,
        t2,
        check,
    ] = all;
    let read = |symbols: &[u8]| -> Option<u64> {
        let mut number = 0_u64;
        for symbol in symbols {
            let digit = digit_of(*symbol)?;
            number = number.saturating_mul(10).saturating_add(digit);
        }
        Some(number)
    };
    let (Some(year), Some(day), Some(town_number)) =
        (read(&[y0, y1]), read(&[d0, d1]), read(&[t0, t1, t2]))
    else {
        return false;
    };
    let day = if day > 40 {
        day.saturating_sub(40)
    } else {
        day
    };
    let month = (1..).zip(MONTHS).find(|(_, letter)| **letter == month);
    shaped(&all, b"@@@@@@**@**@***@")
        && month.is_some_and(|(month, _)| is_day_of_some_century(year, month, day))
        && matches!(town, b'A'..=b'M' | b'Z')
        && town_number != 0
        && check_letter(&all) == Some(check)
}

/// The digit that a symbol is or stands for.
fn digit_of(symbol: u8) -> Option<u64> {
    let stands_for = (0_u64..)
        .zip(OMOCODIA)
        .find(|(_, letter)| **letter == symbol);
    match symbol {
        b'0'..=b'9' => value(symbol).map(u64::from),
        _ => stands_for.map(|(digit, _)| digit),
    }
}

fn check_letter(all: &[u8; 16]) -> Option<u8> {
    let [body @ .., _] = all;
    let mut sum = 0_u8;
    for (symbol, odd) in body.iter().zip([true, false].iter().cycle()) {
        let value = value(*symbol)?;
        let rank = if value < 10 {
            value
        } else {
            value.checked_sub(10)?
        };
        let counts = if *odd {
            *ODD.get(usize::from(rank))?
        } else {
            rank
        };
        sum = sum.checked_add(counts)? % 26;
    }
    sum.checked_add(b'A')
}

/// VAT number, which is a company's tax code too: 7 digits, the office that gave it, Luhn
/// (Agenzia delle Entrate, decree 784/1976).
pub(super) fn vat(text: &[u8]) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [serial @ .., o0, o1, o2, _] = all;
        let office = matches!(number(&[o0, o1, o2]), 1..=100 | 120 | 121 | 888 | 999);
        number(&serial) != 0 && office && luhn(&all)
    })
}
