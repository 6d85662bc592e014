//! How long a body is; refuses every head that does not say so exactly once.

use varistor_model::Reason;

use crate::Field;

/// How the body of a request is delimited (RFC 9112 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    None,
    /// So many bytes follow; at most 2^63 - 1.
    Length(u64),
    /// Chunks follow.
    Chunked,
}

/// How the body of a response is delimited (RFC 9112 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseFraming {
    /// There is none.
    None,
    /// So many bytes follow; at most 2^63 - 1.
    Length(u64),
    /// Chunks follow.
    Chunked,
    /// All bytes until the server closes the connection, which can't be used again.
    UntilClose,
}

/// What the fields read so far say about the body. Two statements never stand beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Statement(Option<Framing>);

impl Statement {
    pub(crate) const NONE: Self = Self(None);

    /// What was said; `None` when nothing was.
    pub(crate) const fn said(self) -> Option<Framing> {
        self.0
    }

    /// Takes in what this field says; fields of another kind say nothing.
    pub(crate) fn hear(&mut self, field: Field, value: &[u8]) -> Result<(), Reason> {
        if !matches!(field, Field::ContentLength | Field::TransferEncoding) {
            return Ok(());
        }
        if self.0.is_some() {
            return Err(Reason::FramingInvalid);
        }
        self.0 = Some(match field {
            Field::ContentLength => Framing::Length(length(value)?),
            _ => coding(value)?,
        });
        Ok(())
    }
}

/// A length is 1 to 19 digits and nothing else, at most 2^63 - 1.
fn length(value: &[u8]) -> Result<u64, Reason> {
    const DIGITS_MAX: usize = 19;
    if value.is_empty() || value.len() > DIGITS_MAX {
        return Err(Reason::FramingInvalid);
    }
    let mut length = 0_i64;
    for byte in value {
        if !byte.is_ascii_digit() {
            return Err(Reason::FramingInvalid);
        }
        let digit = i64::from(byte.wrapping_sub(b'0'));
        let next = length
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(digit));
        length = next.ok_or(Reason::FramingInvalid)?;
    }
    u64::try_from(length).map_err(|_| Reason::FramingInvalid)
}

/// Exactly `chunked`. The standard allows other cases of it, which no client needs and some
/// servers do not know. Another single coding is well-formed but unknown here (501).
fn coding(value: &[u8]) -> Result<Framing, Reason> {
    if value == b"chunked" {
        return Ok(Framing::Chunked);
    }
    let is_token = !value.is_empty() && value.iter().all(|byte| crate::byte::is_token(*byte));
    if is_token && !value.eq_ignore_ascii_case(b"chunked") {
        return Err(Reason::CodingUnsupported);
    }
    Err(Reason::FramingInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_digits_up_to_2_to_the_63_minus_1() {
        assert_eq!(length(b"0"), Ok(0));
        assert_eq!(length(b"9223372036854775807"), Ok(i64::MAX.unsigned_abs()));
        for bad in [
            "",
            "-1",
            "+1",
            "1 ",
            "1,1",
            "0x1",
            "1.0",
            "1e1",
            "9223372036854775808",
            "１",
        ] {
            assert_eq!(length(bad.as_bytes()), Err(Reason::FramingInvalid), "{bad}");
        }
        assert_eq!(length(&[b'0'; 20]), Err(Reason::FramingInvalid));
    }

    #[test]
    fn a_second_statement_is_refused_even_when_it_agrees() {
        let mut statement = Statement::NONE;
        assert_eq!(statement.hear(Field::ContentLength, b"5"), Ok(()));
        assert_eq!(
            statement.hear(Field::ContentLength, b"5"),
            Err(Reason::FramingInvalid)
        );
    }
}
