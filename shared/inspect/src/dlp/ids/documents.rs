//! Numbers of passports and of drivers' licences, by the shapes that countries and states give
//! them. They hold no check digit: a word beside them must say what they are.

use super::digits::{shaped, symbols};

/// Shapes of passport numbers (`#` digit, `@` letter) by ISO 3166 code, from the specimens of
/// PRADO (Council of the EU) and the issuing authorities.
const PASSPORTS: &[(&str, &[&str])] = &[
    ("AR", &["@@@######"]),
    ("AT", &["@#######", "@@#######"]),
    ("AU", &["@#######", "@@#######"]),
    ("BE", &["@@######"]),
    ("BR", &["@@######"]),
    ("CA", &["@@######", "@######@@"]),
    ("CH", &["@#######", "@**######"]),
    (
        "CN",
        &[
            "E########",
            "G########",
            "E@#######",
            "D########",
            "S########",
            "P########",
        ],
    ),
    (
        "DE",
        &[
            "C********",
            "F********",
            "G********",
            "H********",
            "J********",
            "K********",
        ],
    ),
    ("DK", &["#########"]),
    ("ES", &["@@@######", "@@######"]),
    ("FI", &["@@#######"]),
    ("FR", &["##@@#####"]),
    ("GB", &["#########"]),
    ("GR", &["@@#######"]),
    ("HK", &["H########", "K########", "@@#######"]),
    ("IE", &["@@#######", "@########"]),
    ("IN", &["@#######"]),
    ("IL", &["########"]),
    ("IT", &["@@#######"]),
    ("JP", &["@@#######"]),
    (
        "KR",
        &[
            "M########",
            "M###@####",
            "S########",
            "R########",
            "G########",
        ],
    ),
    ("MX", &["@########"]),
    ("MY", &["A########", "H########", "K########"]),
    ("NL", &["@@******#"]),
    ("NO", &["########", "@@@######"]),
    ("NZ", &["@@######"]),
    ("PL", &["@@#######"]),
    ("PT", &["@######", "@@######"]),
    ("RO", &["#########"]),
    ("RU", &["#########"]),
    ("SA", &["@########", "@######"]),
    ("SE", &["########", "@@#######"]),
    ("SG", &["E#######@", "K#######@"]),
    ("TR", &["U########", "S########", "@########"]),
    ("TW", &["#########"]),
    ("US", &["#########", "@########"]),
    ("ZA", &["@########", "#########"]),
];

/// Passport number of the shape of some country, not one digit throughout.
pub(super) fn passport(text: &[u8]) -> bool {
    is_of(text, PASSPORTS.iter().flat_map(|(_, shapes)| shapes.iter()))
}

/// Passport number of the United States: nine digits, or a letter and eight.
pub(super) fn us_passport(text: &[u8]) -> bool {
    is_of(text, shapes_of("US"))
}

/// Passport number of the United Kingdom: nine digits.
pub(super) fn gb_passport(text: &[u8]) -> bool {
    is_of(text, shapes_of("GB"))
}

/// Passport number of France: two digits, two letters, five digits.
pub(super) fn fr_passport(text: &[u8]) -> bool {
    is_of(text, shapes_of("FR"))
}

/// Passport number of India: a letter, not `Q`, `X` or `Z`, a digit that is not 0, six digits.
pub(super) fn in_passport(text: &[u8]) -> bool {
    symbols::<8>(text).is_some_and(|[letter, digit, ..]| {
        !b"QXZ".contains(&letter) && digit != b'0' && is_of(text, shapes_of("IN"))
    })
}

/// Passport number of Canada: two letters and six digits, or a letter, six digits, two letters.
pub(super) fn ca_passport(text: &[u8]) -> bool {
    is_of(text, shapes_of("CA"))
}

/// Passport number of China: `E` and eight digits or a letter and seven, or an older prefix.
pub(super) fn cn_passport(text: &[u8]) -> bool {
    is_of(text, shapes_of("CN"))
}

/// Passport number of Japan: two letters and seven digits.
pub(super) fn jp_passport(text: &[u8]) -> bool {
    is_of(text, shapes_of("JP"))
}

fn shapes_of(country: &str) -> impl Iterator<Item = &'static &'static str> {
    let of_country = PASSPORTS.iter().filter(move |(code, _)| *code == country);
    of_country.flat_map(|(_, shapes)| shapes.iter())
}

fn is_of<'a>(text: &[u8], shapes: impl Iterator<Item = &'a &'a str>) -> bool {
    is_no_placeholder(text)
        && shapes
            .into_iter()
            .any(|shape| shaped(text, shape.as_bytes()))
}

/// Whether a number holds two different digits at least.
fn is_no_placeholder(text: &[u8]) -> bool {
    let mut digits = text.iter().filter(|byte| byte.is_ascii_digit());
    digits
        .next()
        .is_some_and(|first| digits.any(|digit| digit != first))
}

/// A shape of licence numbers: what stands in front, how many digits, what stands behind.
type Licence = (
    &'static str,
    &'static str,
    std::ops::RangeInclusive<usize>,
    &'static str,
);

/// Shapes of drivers' licence numbers by state, of six digits at least, as the departments of
/// motor vehicles and the AAMVA driver's licence format list give them.
#[rustfmt::skip]
const LICENCES: &[Licence] = &[
    ("AK", "", 6..=7, ""), ("AL", "", 6..=8, ""), ("AR", "", 6..=9, ""),
    ("AZ", "@", 8..=8, ""), ("AZ", "", 9..=9, ""), ("CA", "@", 7..=7, ""), ("CO", "", 9..=9, ""),
    ("CO", "@", 6..=6, ""), ("CT", "", 9..=9, ""), ("DC", "", 7..=7, ""), ("DC", "", 9..=9, ""),
    ("DE", "", 6..=7, ""), ("FL", "@", 12..=12, ""), ("GA", "", 7..=9, ""), ("HI", "@", 8..=8, ""),
    ("HI", "", 9..=9, ""), ("IA", "", 9..=9, ""), ("IA", "###@@", 4..=4, ""),
    ("ID", "@@", 6..=6, "@"), ("ID", "", 9..=9, ""), ("IL", "@", 11..=12, ""),
    ("IN", "@", 9..=9, ""), ("IN", "", 9..=10, ""), ("KS", "@", 8..=8, ""), ("KS", "", 9..=9, ""),
    ("KY", "@", 8..=9, ""), ("KY", "", 9..=9, ""), ("LA", "", 6..=9, ""), ("MA", "@", 8..=8, ""),
    ("MA", "", 9..=9, ""), ("MA", "@@", 7..=7, ""), ("MD", "@", 12..=12, ""),
    ("ME", "", 7..=8, ""), ("ME", "", 7..=7, "@"), ("MI", "@", 10..=10, ""),
    ("MI", "@", 12..=12, ""), ("MN", "@", 12..=12, ""), ("MO", "@", 6..=9, ""),
    ("MO", "@", 6..=6, "R"), ("MO", "", 8..=8, "@@"), ("MO", "", 9..=9, "@"), ("MO", "", 9..=9, ""),
    ("MS", "", 9..=9, ""), ("MT", "@", 8..=8, ""), ("MT", "", 9..=9, ""), ("MT", "", 13..=14, ""),
    ("NC", "", 6..=12, ""), ("ND", "@@@", 6..=6, ""), ("ND", "", 9..=9, ""), ("NE", "@", 6..=8, ""),
    ("NH", "##@@@", 5..=5, ""), ("NH", "@@@", 8..=8, ""), ("NJ", "@", 14..=14, ""),
    ("NM", "", 8..=9, ""), ("NV", "", 9..=10, ""), ("NV", "", 12..=12, ""), ("NV", "X", 8..=8, ""),
    ("NY", "@", 7..=7, ""), ("NY", "@", 18..=18, ""), ("NY", "", 8..=9, ""),
    ("NY", "", 16..=16, ""),
    ("OH", "@", 6..=8, ""), ("OH", "@@", 6..=7, ""), ("OH", "", 8..=8, ""), ("OK", "@", 9..=9, ""),
    ("OK", "", 9..=9, ""), ("OR", "", 6..=9, ""), ("OR", "@", 6..=6, ""), ("PA", "", 8..=8, ""),
    ("RI", "", 7..=8, ""), ("RI", "@", 6..=6, ""), ("SC", "", 6..=11, ""), ("SD", "", 6..=10, ""),
    ("SD", "", 12..=12, ""), ("TN", "", 7..=9, ""), ("TX", "", 7..=8, ""), ("UT", "", 6..=10, ""),
    ("VA", "@", 8..=11, ""), ("VA", "", 9..=9, ""), ("VT", "", 8..=8, ""), ("VT", "", 7..=7, "A"),
    ("WI", "@", 13..=13, ""), ("WV", "@", 6..=6, ""), ("WV", "@@", 6..=6, ""),
    ("WV", "", 7..=7, ""),
    ("WY", "", 9..=10, ""),
];

/// Driver's licence number of the shape of some US state, not one digit throughout; Washington's
/// are `WDL` and nine symbols, or the name filled with `*`, three digits and two symbols.
pub(super) fn us_licence(text: &[u8]) -> bool {
    let state = LICENCES.iter().any(|(_, front, counts, behind)| {
        counts.clone().any(|count| {
            let digits = std::iter::repeat_n(&b'#', count);
            let shape = front
                .as_bytes()
                .iter()
                .chain(digits)
                .chain(behind.as_bytes());
            fits(text, shape)
        })
    });
    is_no_placeholder(text) && (state || is_washington(text))
}

fn fits<'a>(text: &[u8], mut shape: impl Iterator<Item = &'a u8>) -> bool {
    let mut symbols = text.iter().filter(|byte| !b" .-/".contains(byte));
    symbols.by_ref().all(|symbol| {
        shape
            .next()
            .is_some_and(|class| shaped(&[*symbol], &[*class]))
    }) && shape.next().is_none()
}

fn is_washington(text: &[u8]) -> bool {
    let new = shaped(text, b"WDL*********");
    let old = symbols::<12>(text).is_some_and(|all| {
        let [surname @ .., first, middle, d0, d1, d2, c0, c1] = all;
        let letters = surname
            .iter()
            .take_while(|symbol| symbol.is_ascii_uppercase());
        let letters = letters.count();
        letters > 0
            && surname.iter().skip(letters).all(|symbol| *symbol == b'*')
            && first.is_ascii_uppercase()
            && (middle.is_ascii_uppercase() || middle == b'*')
            && [d0, d1, d2].iter().all(u8::is_ascii_digit)
            && [c0, c1].iter().all(u8::is_ascii_alphanumeric)
    });
    new || old
}
