//! The keys of an object: read, and compared with those before them (RFC 8259 section 4).

use varistor_model::Span;

use super::super::keys::{self, PAIRWISE_MAX};
use super::super::raw;
use super::{Fault, Index, Pass, span, string};

impl Pass<'_, '_> {
    /// Reads the key that `first` begins and its colon; nothing in an array.
    #[inline(always)]
    pub(super) fn begin_member(&mut self, first: u8) -> Result<(), Fault> {
        if self.frame.closing != b'}' {
            return Ok(());
        }
        if first != b'"' {
            return Err(Fault::Invalid);
        }
        let start = self.at.wrapping_add(1);
        let string = string::quoted(self.body, self.at)?;
        self.at = string.end;
        self.key = span(start, string.end.wrapping_sub(1));
        self.key_is_plain = false;
        if string.has_escape {
            self.key = decode_key(self.key.of_bytes(self.body), &mut self.index.plain)?;
            self.key_is_plain = true;
        }
        self.admit(string.is_wide | string.has_escape)?;
        if self.token()? != b':' {
            return Err(Fault::Invalid);
        }
        self.skip(1);
        Ok(())
    }

    /// Compares the key with those before it in its object; with many, that is done at the end.
    /// `is_odd` says that it may be the same as one with another mark to who ignores case.
    #[inline(always)]
    fn admit(&mut self, is_odd: bool) -> Result<(), Fault> {
        let text = self.index.text(self.body, self.key, self.key_is_plain);
        let mark = keys::mark(text);
        let frame = &mut self.frame;
        let is_new = frame.marks & mark == 0;
        frame.marks |= mark;
        frame.keys = frame.keys.wrapping_add(1);
        if is_new && !is_odd {
            return Ok(());
        }
        frame.odd = true;
        if frame.keys as usize > PAIRWISE_MAX {
            return Ok(());
        }
        compare_key((self.index, self.body), frame.node, text)
    }
}

/// Appends the key, which holds escapes, to the plain ones, and says where it stands there.
#[cold]
fn decode_key(key: &[u8], plain: &mut String) -> Result<Span, Fault> {
    let start = plain.len();
    let text = core::str::from_utf8(key).ok();
    text.and_then(|text| raw::unescape(text, plain))
        .ok_or(Fault::Invalid)?;
    Span::of(start..plain.len()).ok_or(Fault::Invalid)
}

/// Compares the key with those that the object of this number has so far.
#[inline(never)]
fn compare_key((index, body): (&Index, &[u8]), object: u32, key: &[u8]) -> Result<(), Fault> {
    let mut others = index.siblings((object as usize).wrapping_add(1));
    if others.any(|node| index.key(body, node) == key) {
        return Err(Fault::Duplicate);
    }
    Ok(())
}

/// Compares all keys of an object that ends here, by their hashes.
#[cold]
pub(super) fn compare_hashes(
    (index, body): (&Index, &[u8]),
    object: u32,
    hashes: &mut Vec<u64>,
) -> Result<(), Fault> {
    hashes.clear();
    let members = index.siblings((object as usize).wrapping_add(1));
    let keys = members.map(|node| index.key(body, node));
    hashes.extend(keys.map(keys::hash));
    if keys::are_distinct(hashes) {
        Ok(())
    } else {
        Err(Fault::Duplicate)
    }
}
