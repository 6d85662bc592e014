//! One line of a head: decides where it ends and refuses bare CR or LF, folded lines, control
//! bytes, names that are no token, and lines that are too long while they are still arriving.

use core::ops::Range;

use varistor_model::Reason;
use varistor_model::limits::{HEAD_BYTES_MAX, LINE_BYTES_MAX};

use crate::name::Name;
use crate::{Field, byte, field};

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

/// What a line is. Offsets count from the start of the head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A field.
    Field(FieldLine),
    /// The empty line behind the last field.
    Last { end: usize },
}

/// A line with a field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FieldLine {
    pub(crate) name: Range<usize>,
    /// Without the blanks around it.
    pub(crate) value: Range<usize>,
    /// Offset behind the line.
    pub(crate) end: usize,
    /// Which one it is, if it is known.
    pub(crate) field: Option<Field>,
    /// Whether its name begins with `Mcp-`.
    pub(crate) is_mcp: bool,
    /// Whether the value is ASCII.
    pub(crate) is_ascii: bool,
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
#[inline(always)]
pub(crate) fn read(head: &[u8], at: usize) -> Result<Line, Stop> {
    let window = Window::open(head, at);
    if window.bytes.first() == Some(&b'\r') {
        return Ok(Line::Last {
            end: ended(head, at)?,
        });
    }
    let run = Name::read(window.bytes);
    let colon = match run {
        Some(run) if window.bytes.get(run.len()) == Some(&b':') => run.len(),
        _ => {
            let mut bytes = window.bytes.iter();
            let token = bytes.position(|byte| !byte::is_token(*byte));
            token.ok_or_else(|| window.exhausted(Reason::HeadTooLarge))?
        }
    };
    // A space here is a folded line or a space before the colon, an LF a bare one.
    if colon == 0 || window.bytes.get(colon) != Some(&b':') {
        return Err(Reason::HeadMalformed.into());
    }
    let open = colon.wrapping_add(1);
    let text = window.bytes.get(open..).unwrap_or_default();
    let (len, is_ascii) = byte::text(text);
    match text.get(len) {
        None => return Err(window.exhausted(Reason::HeadTooLarge)),
        Some(b'\r') => {}
        Some(_) => return Err(Reason::HeadMalformed.into()),
    }
    let end = ended(head, at.wrapping_add(open).wrapping_add(len))?;
    let value = byte::trim_start(text.get(..len).unwrap_or_default());
    let start = at
        .wrapping_add(open)
        .wrapping_add(len.wrapping_sub(value.len()));
    Ok(Line::Field(FieldLine {
        name: at..at.wrapping_add(colon),
        value: start..start.wrapping_add(byte::trim_end(value).len()),
        end,
        field: run
            .filter(|run| run.len() == colon)
            .and_then(|run| run.field()),
        is_mcp: match run {
            Some(run) => run.is_mcp(),
            None => field::is_mcp(window.bytes),
        },
        is_ascii,
    }))
}

/// The offset behind the CRLF whose CR stands at `cr`.
pub(crate) fn ended(head: &[u8], cr: usize) -> Result<usize, Stop> {
    let end = cr.wrapping_add(2);
    if end > HEAD_BYTES_MAX {
        return Err(Reason::HeadTooLarge.into());
    }
    match head.get(cr.wrapping_add(1)) {
        None => Err(Stop::Partial),
        Some(b'\n') => Ok(end),
        Some(_) => Err(Reason::HeadMalformed.into()),
    }
}
