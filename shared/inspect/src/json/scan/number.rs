//! Numbers: where one ends, whether it is valid (RFC 8259 section 6), and whether it is finite.

use super::{Fault, Kind};

/// A number with at most so many digits before the point and no exponent is below 1e308, which
/// a 64-bit float holds.
const FINITE_DIGITS: usize = 308;

/// Reads the number at `start`; its kind and the offset behind it.
pub(super) fn number(body: &[u8], start: usize) -> Result<(Kind, usize), Fault> {
    let signed = usize::from(body.get(start) == Some(&b'-'));
    let whole = start.wrapping_add(signed);
    let mut end = match body.get(whole) {
        Some(b'0') => whole.wrapping_add(1),
        Some(b'1'..=b'9') => digits(body, whole.wrapping_add(1)),
        _ => return Err(Fault::Invalid),
    };
    let mut is_doubtful = end.wrapping_sub(whole) > FINITE_DIGITS;
    let mut kind = Kind::Integer;
    if body.get(end) == Some(&b'.') {
        kind = Kind::Number;
        end = some_digits(body, end.wrapping_add(1))?;
    }
    if let Some(b'e' | b'E') = body.get(end) {
        kind = Kind::Number;
        is_doubtful = true;
        end = end.wrapping_add(1);
        if let Some(b'+' | b'-') = body.get(end) {
            end = end.wrapping_add(1);
        }
        end = some_digits(body, end)?;
    }
    if is_doubtful && !is_finite(body.get(start..end).unwrap_or_default()) {
        return Err(Fault::Number);
    }
    Ok((kind, end))
}

fn some_digits(body: &[u8], at: usize) -> Result<usize, Fault> {
    let end = digits(body, at);
    if end == at {
        return Err(Fault::Invalid);
    }
    Ok(end)
}

/// The offset of the first byte from `at` on that is no digit.
#[inline]
fn digits(body: &[u8], at: usize) -> usize {
    let rest = body.get(at..).unwrap_or_default();
    let run = rest.iter().position(|byte| !byte.is_ascii_digit());
    at.wrapping_add(run.unwrap_or(rest.len()))
}

#[cold]
fn is_finite(number: &[u8]) -> bool {
    let text = core::str::from_utf8(number).unwrap_or_default();
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_ends_where_the_standard_says() {
        for (text, kind) in [
            ("0", Kind::Integer),
            ("-0", Kind::Integer),
            ("10", Kind::Integer),
            ("0.0", Kind::Number),
            ("1E+9", Kind::Number),
            ("-12.5e-3", Kind::Number),
        ] {
            for behind in ["", ",", "]", " 1", "x"] {
                let body = format!("{text}{behind}");
                assert_eq!(number(body.as_bytes(), 0), Ok((kind, text.len())), "{body}");
            }
        }
        assert_eq!(number(b"01", 0), Ok((Kind::Integer, 1)));
        for bad in ["-", "1.", "-.5", "1e", "1e+", "1.e5", "--1", ""] {
            assert_eq!(number(bad.as_bytes(), 0), Err(Fault::Invalid), "{bad}");
        }
        for huge in ["1e400", "-1e309", "1.8e308", &"9".repeat(309)] {
            assert_eq!(number(huge.as_bytes(), 0), Err(Fault::Number), "{huge}");
        }
        assert!(number("9".repeat(308).as_bytes(), 0).is_ok());
    }
}
