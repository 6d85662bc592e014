//! The keys of an object: read, and compared with those before them (RFC 8259 section 4).

use varistor_model::Span;

use super::super::keys::{self, PAIRWISE_MAX};
use super::super::raw;
use super::{Fault, Pass, span, string};

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
            self.decode_key()?;
        }
        self.admit(string.is_wide | string.has_escape)?;
        if self.token()? != b':' {
            return Err(Fault::Invalid);
        }
        self.skip(1);
        Ok(())
    }

    /// Puts the key that holds escapes among the plain ones.
    #[cold]
    fn decode_key(&mut self) -> Result<(), Fault> {
        let plain = &mut self.index.plain;
        let start = plain.len();
        let text = core::str::from_utf8(self.key.of_bytes(self.body)).ok();
        text.and_then(|text| raw::unescape(text, plain))
            .ok_or(Fault::Invalid)?;
        self.key = Span::of(start..plain.len()).ok_or(Fault::Invalid)?;
        self.key_is_plain = true;
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
        self.compare_key()
    }

    #[inline(never)]
    fn compare_key(&self) -> Result<(), Fault> {
        if self.frame.keys as usize > PAIRWISE_MAX {
            return Ok(());
        }
        let (index, body) = (&*self.index, self.body);
        let text = index.text(body, self.key, self.key_is_plain);
        let mut others = index.siblings((self.frame.node as usize).wrapping_add(1));
        if others.any(|node| index.key(body, node) == text) {
            return Err(Fault::Duplicate);
        }
        Ok(())
    }

    /// Compares all keys of an object that ends here, by their hashes.
    #[cold]
    pub(super) fn compare_hashes(&mut self, object: usize) -> Result<(), Fault> {
        let (index, body) = (&*self.index, self.body);
        self.hashes.clear();
        let members = index.siblings(object.wrapping_add(1));
        let keys = members.map(|node| index.key(body, node));
        self.hashes.extend(keys.map(keys::hash));
        if keys::are_distinct(self.hashes) {
            Ok(())
        } else {
            Err(Fault::Duplicate)
        }
    }
}
