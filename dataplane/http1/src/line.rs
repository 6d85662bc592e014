//! One line of a head: decides where it ends and refuses bare CR or LF, folded lines, control
//! bytes, names that are no token, and lines that are too long while they are still arriving.

use core::ops::Range;

use varistor_model::Reason;
use varistor_model::limits::{HEAD_BYTES_MAX, LINE_BYTES_MAX};

use crate::byte;

/// Why reading stopped before the end of the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// More bytes are needed.
    Partial,
    /// No continuation can make it valid.
    Refused(Reason),
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason)
    }
}

/// What a line is. Ranges count from the start of the head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A field; the value is without the blanks around it.
    Field {
        name: Range<usize>,
        value: Range<usize>,
        end: usize,
    },
    /// The empty line behind the last field.
    Last { end: usize },
}

/// The part of a head in which the line that begins at `at` has to lie, without its final LF.
pub(crate) struct Window<'a> {
    /// At most [`LINE_BYTES_MAX`] bytes and the CR.
    pub(crate) bytes: &'a [u8],
    /// Whether the bytes are all that the limits allow, so that waiting for more is in vain.
    pub(crate) full: bool,
}

impl<'a> Window<'a> {
    pub(crate) fn open(head: &'a [u8], at: usize) -> Self {
        let bound = LINE_BYTES_MAX
            .saturating_add(1)
            .min(HEAD_BYTES_MAX.saturating_sub(at));
        let rest = head.get(at..).unwrap_or_default();
        let bytes = rest.get(..bound).unwrap_or(rest);
        Self {
            bytes,
            full: bytes.len() == bound,
        }
    }

    /// What to do when the line goes on beyond the window.
    pub(crate) const fn exhausted(&self, too_long: Reason) -> Stop {
        if self.full {
            Stop::Refused(too_long)
        } else {
            Stop::Partial
        }
    }
}

/// Reads the field line, or the empty line, that begins at `at`.
pub(crate) fn read(head: &[u8], at: usize) -> Result<Line, Stop> {
    let window = Window::open(head, at);
    if window.bytes.first() == Some(&b'\r') {
        return Ok(Line::Last {
            end: ended(head, at)?,
        });
    }
    let colon = window
        .bytes
        .iter()
        .position(|byte| !byte::is_token(*byte))
        .ok_or_else(|| window.exhausted(Reason::HeadTooLarge))?;
    // A space here is a folded line or a space before the colon, an LF a bare one.
    if colon == 0 || window.bytes.get(colon) != Some(&b':') {
        return Err(Reason::HeadMalformed.into());
    }
    let open = colon.saturating_add(1);
    let text = window.bytes.get(open..).unwrap_or_default();
    let len = byte::text_len(text);
    match text.get(len) {
        None => return Err(window.exhausted(Reason::HeadTooLarge)),
        Some(b'\r') => {}
        Some(_) => return Err(Reason::HeadMalformed.into()),
    }
    let close = open.saturating_add(len);
    let end = ended(head, at.saturating_add(close))?;
    let value = text.get(..len).unwrap_or_default();
    let leading = value
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let start = at.saturating_add(open).saturating_add(leading);
    Ok(Line::Field {
        name: at..at.saturating_add(colon),
        value: start..start.saturating_add(byte::trim(value).len()),
        end,
    })
}

/// The offset behind the CRLF whose CR stands at `cr`.
pub(crate) fn ended(head: &[u8], cr: usize) -> Result<usize, Stop> {
    let end = cr.saturating_add(2);
    if end > HEAD_BYTES_MAX {
        return Err(Reason::HeadTooLarge.into());
    }
    match head.get(cr.saturating_add(1)) {
        None => Err(Stop::Partial),
        Some(b'\n') => Ok(end),
        Some(_) => Err(Reason::HeadMalformed.into()),
    }
}
