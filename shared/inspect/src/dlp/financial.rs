//! Confirms digits: payment cards, bank accounts, social security numbers.
//!
//! Each function looks at text from one offset and says where the number ends, if one begins
//! there.

/// Where a payment card number ends that begins at `start`: 13 to 19 digits in one piece, or in
/// the groups that cards are printed in, with one kind of separator; an issuer's prefix with that
/// issuer's length; the Luhn check digit (ISO/IEC 7812-1 annex B).
pub(super) fn card(text: &[u8], start: usize) -> Option<usize> {
    let first = digits_at(text, start);
    if (13..=19).contains(&first) {
        return Digits::default().and(text, start, first)?.card_end();
    }
    if first != 4 {
        return None;
    }
    let separator = *text.get(start.saturating_add(4))?;
    if !matches!(separator, b' ' | b'-') {
        return None;
    }
    let mut digits = Digits::default().and(text, start, 4)?;
    let mut best = None;
    for group in 1..5_usize {
        let at = digits.end;
        if text.get(at) != Some(&separator) {
            break;
        }
        let at = at.saturating_add(1);
        let length = digits_at(text, at);
        let fits = match (group, length) {
            (1, 6) | (1 | 2, 4) | (2, 5) => true,
            (3, 4 | 1) | (4, 2 | 3) => digits.count % 4 == 0,
            _ => false,
        };
        let Some(longer) = digits.and(text, at, length).filter(|_| fits) else {
            break;
        };
        digits = longer;
        best = digits.card_end().or(best);
    }
    best
}

/// Where an IBAN ends that begins at `start`: a country, two check digits, that country's length,
/// in one piece or in groups of four; the remainder by 97 is 1 (ISO 13616-1, ISO 7064).
pub(super) fn iban(text: &[u8], start: usize) -> Option<usize> {
    let country = text.get(start..start.saturating_add(2))?;
    let length = COUNTRIES
        .iter()
        .find(|(code, _)| code.as_bytes() == country)?
        .1;
    let mut at = start;
    let mut body = 0_u32;
    let mut head = 0_u32;
    for place in 0..length {
        if place > 0 && place % 4 == 0 && text.get(at) == Some(&b' ') {
            at = at.saturating_add(1);
        }
        let byte = *text.get(at)?;
        // The first four go behind the rest.
        let part = if place < 4 { &mut head } else { &mut body };
        *part = append(*part, byte)?;
        at = at.saturating_add(1);
    }
    // Two letters are four digits, and two check digits: the head is six.
    let remainder = body.saturating_mul(1_000_000 % 97).saturating_add(head) % 97;
    let alone = text
        .get(at)
        .is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (remainder == 1 && alone).then_some(at)
}

/// Where a social security number ends that begins at `start`: `AAA-GG-SSSS` with an area, group
/// and serial that are issued (SSA, since 2011).
pub(super) fn ssn(text: &[u8], start: usize) -> Option<usize> {
    let end = start.saturating_add(11);
    let [a, b, c, b'-', d, e, b'-', serial @ ..] = text.get(start..end)? else {
        return None;
    };
    let (area, group) = ([*a, *b, *c], [*d, *e]);
    let digits = [&area, &group[..], serial]
        .iter()
        .all(|part| part.iter().all(u8::is_ascii_digit));
    let issued = !matches!(&area, b"000" | b"666" | [b'9', ..])
        && &group != b"00"
        && serial != b"0000"
        && text.get(start..end) != Some(b"078-05-1120");
    let alone = match text.get(end..) {
        Some([b'-', byte, ..] | [byte, ..]) => !byte.is_ascii_alphanumeric(),
        _ => true,
    };
    (digits && issued && alone).then_some(end)
}

/// The same with blanks, dots or nothing between the parts, which counts only where the text
/// before says what it is.
pub(super) fn ssn_loose(text: &[u8], start: usize) -> Option<usize> {
    let mut digits = [b'-'; 11];
    let mut at = start;
    for (place, digit) in digits.iter_mut().enumerate() {
        if matches!(place, 3 | 6) {
            at = at.saturating_add(usize::from(matches!(
                text.get(at),
                Some(b' ' | b'.' | b'-')
            )));
            continue;
        }
        *digit = *text.get(at)?;
        at = at.saturating_add(1);
    }
    ssn(&digits, 0)?;
    let alone = match text.get(at..) {
        Some([b'-' | b'.', byte, ..] | [byte, ..]) => !byte.is_ascii_alphanumeric(),
        _ => true,
    };
    alone.then_some(at)
}

/// How many digits stand at `at`, at most 20.
fn digits_at(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter()
        .take(20)
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

fn append(number: u32, byte: u8) -> Option<u32> {
    let (factor, value) = match byte {
        b'0'..=b'9' => (10, byte.wrapping_sub(b'0')),
        b'A'..=b'Z' => (100, byte.wrapping_sub(b'A').wrapping_add(10)),
        _ => return None,
    };
    Some(
        number
            .saturating_mul(factor)
            .saturating_add(u32::from(value))
            % 97,
    )
}

/// The digits of a card collected so far. `count <= 19`.
#[derive(Clone, Copy, Default)]
struct Digits {
    values: [u8; 19],
    count: usize,
    /// Behind the last one, in the text.
    end: usize,
}

impl Digits {
    fn and(mut self, text: &[u8], at: usize, length: usize) -> Option<Self> {
        self.end = at.saturating_add(length);
        for digit in text.get(at..self.end)? {
            *self.values.get_mut(self.count)? = digit.wrapping_sub(b'0');
            self.count = self.count.saturating_add(1);
        }
        Some(self)
    }

    fn card_end(&self) -> Option<usize> {
        let digits = self.values.get(..self.count)?;
        (is_issued(digits) && luhn(digits)).then_some(self.end)
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([false, true].iter().cycle())
        .map(|(digit, second)| match (second, digit) {
            (true, 5..) => u32::from(*digit).saturating_mul(2).saturating_sub(9),
            (true, _) => u32::from(*digit).saturating_mul(2),
            (false, _) => u32::from(*digit),
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether an issuer hands out numbers with this prefix and of this length.
fn is_issued(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(4).fold(0_u32, |number, digit| {
        number.saturating_mul(10).saturating_add(u32::from(*digit))
    });
    match prefix {
        4000..=4999 => matches!(digits.len(), 13 | 16 | 19),
        5100..=5599 | 2221..=2720 => digits.len() == 16,
        3400..=3499 | 3700..=3799 => digits.len() == 15,
        3000..=3059 | 3600..=3699 | 3800..=3899 => digits.len() == 14,
        // Maestro has 12 to 19; the shorter ones are too like other numbers.
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => {
            matches!(digits.len(), 16 | 18 | 19)
        }
        6011 | 6440..=6599 | 3528..=3589 | 6200..=6299 => (16..=19).contains(&digits.len()),
        _ => false,
    }
}

/// Countries of the SWIFT registry and the length of their IBANs.
#[rustfmt::skip]
const COUNTRIES: &[(&str, usize)] = &[
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16), ("BG", 22),
    ("BH", 22), ("BR", 29), ("BY", 28), ("CH", 21), ("CR", 22), ("CY", 28), ("CZ", 24), ("DE", 22),
    ("DK", 18), ("DO", 28), ("EE", 20), ("EG", 29), ("ES", 24), ("FI", 18), ("FO", 18), ("FR", 27),
    ("GB", 22), ("GE", 22), ("GI", 23), ("GL", 18), ("GR", 27), ("GT", 28), ("HR", 21), ("HU", 28),
    ("IE", 22), ("IL", 23), ("IQ", 23), ("IS", 26), ("IT", 27), ("JO", 30), ("KW", 30), ("KZ", 20),
    ("LB", 28), ("LC", 32), ("LI", 21), ("LT", 20), ("LU", 20), ("LV", 21), ("LY", 25), ("MC", 27),
    ("MD", 24), ("ME", 22), ("MK", 19), ("MR", 27), ("MT", 31), ("MU", 30), ("NL", 18), ("NO", 15),
    ("PK", 24), ("PL", 28), ("PS", 29), ("PT", 25), ("QA", 29), ("RO", 24), ("RS", 22), ("SA", 24),
    ("SC", 31), ("SD", 18), ("SE", 24), ("SI", 19), ("SK", 24), ("SM", 27), ("ST", 25), ("SV", 28),
    ("TL", 23), ("TN", 24), ("TR", 26), ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20),
];
