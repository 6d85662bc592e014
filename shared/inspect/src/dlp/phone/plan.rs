//! Numbering plans: lengths by country code, area codes of North America.

/// Least and most digits behind a country code (ITU-T E.164 list of assigned codes, national
/// numbering plans).
pub(super) fn national_length(code: u16) -> Option<(usize, usize)> {
    Some(match code {
        1 | 7 | 30 | 52 | 57 | 58 | 90 | 91 | 98 => (10, 10),
        20 => (8, 10),
        27 | 31 | 33 | 34 | 40 | 41 | 48 | 56 | 61 | 93 | 94 => (9, 9),
        32 | 36 | 51 | 66 => (8, 9),
        39 => (6, 11),
        43 | 49 => (7, 13),
        44 | 81 => (9, 10),
        45 | 47 | 65 => (8, 8),
        46 => (7, 10),
        53 => (6, 8),
        54 | 55 => (10, 11),
        60 | 63 | 64 | 82 | 84 => (8, 10),
        62 => (8, 12),
        86 => (9, 11),
        92 => (9, 10),
        95 => (7, 10),
        211..=213 | 216 | 218 | 220..=269 | 290 | 291 | 297..=299 => (6, 10),
        350..=359 | 370..=383 | 385..=387 | 389 | 420 | 421 | 423 => (5, 12),
        500..=509 | 590..=599 | 670 | 672..=683 | 685..=692 => (5, 12),
        800 | 808 | 850 | 852 | 853 | 855 | 856 | 870 | 878 | 880..=883 | 886 | 888 => (6, 12),
        960..=968 | 970..=977 | 979 | 992..=996 | 998 => (6, 11),
        _ => return None,
    })
}

/// Area and exchange of the North American plan: `NXX NXX XXXX`, N from 2 to 9.
pub(super) fn is_plan(national: &[u8]) -> bool {
    match national {
        [a, b, c, d, e, f, ..] => {
            let service = |x: u8, y: u8| x == b'1' && y == b'1';
            *a >= b'2' && *d >= b'2' && !service(*b, *c) && !service(*e, *f)
        }
        _ => false,
    }
}
