//! Replaces findings in a payload so that it stays valid JSON.
//!
//! In text a finding becomes `[REDACTED:entity]`; in a key `[REDACTED:entity:N]`, with N counting
//! up, so that two keys do not become one; a number becomes the string `"[REDACTED:entity]"`.
//! Where policy keeps something of the value, `:len=16` or `:sha256=1f2e3d4c5b6a` stands before the
//! bracket. A value that somebody keeps, so that it can be put back, becomes `<ENTITY_N>`.

use core::ops::Range;
use std::borrow::Cow;
use std::io::Write;

use hmac::{Hmac, KeyInit, Mac};
use memchr::memchr;
use sha2::Sha256;
use varistor_snapshot::schema::ArchivedDlp;

use super::{Encoding, Finding, Findings, Place, ScanError};
use crate::json::escape;

/// Tells the key of placeholders from other keys that are derived from the same one.
const PURPOSE: &[u8] = b"varistor: hashes in placeholders, 1";
/// Bytes of a hash that a placeholder shows: enough to tell a million values apart.
const HASH_BYTES: usize = 6;

/// What a placeholder tells of the value that it replaces.
#[derive(Clone, Copy)]
pub enum Keep<'a> {
    /// Nothing.
    Nothing,
    /// Its length in characters, as a reader of the string sees them.
    Length,
    /// The first 48 bits of a keyed hash: equal values of one entity have equal hashes, for this
    /// organisation, on every gateway with the same session key.
    Hash {
        /// The key.
        key: &'a HashKey,
        /// The caller's organisation: what one of them learns says nothing about another's data.
        organisation: &'a str,
    },
    /// Which one it is: a number by which the value can be had again. The second says what the
    /// placeholder of a value without a number tells.
    Number(&'a dyn Numbers, &'a Keep<'a>),
    /// Where its value is kept apart. The second says what the placeholder of a value tells that
    /// is not; one that is tells nothing more.
    Apart(&'a dyn Hides, &'a Keep<'a>),
}

/// Somebody who keeps values apart.
pub trait Hides {
    /// Keeps the value of a finding; `value` says what a reader of the payload sees there.
    fn hide(&self, finding: &Finding, value: &dyn Fn() -> Vec<u8>) -> Hidden;
}

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// Nowhere.
    Gone,
    /// Behind a commitment under the salt of this number.
    Committed(u64),
    /// In the sealed list, at this place.
    Sealed(u32),
}

/// Somebody who keeps values and gives them numbers.
pub trait Numbers {
    /// The number of a value among those of its entity; the same as before for the same value.
    /// None when it is not kept.
    fn number(&self, finding: &Finding, value: &[u8]) -> Option<u32>;
}

/// The key of the hashes in placeholders (HMAC-SHA256, RFC 2104). Without a key, whoever reads a
/// placeholder could try all phone numbers. Never printed.
#[derive(Clone)]
pub struct HashKey(Hmac<Sha256>);

/// What of a payload is replaced, and how.
#[derive(Clone, Copy)]
pub struct Redaction<'a> {
    /// The rows that the findings name.
    pub dlp: &'a ArchivedDlp,
    /// The findings of the payload.
    pub findings: &'a Findings,
    /// What placeholders tell.
    pub keep: Keep<'a>,
}

/// As [`Redaction::write`], with placeholders that tell nothing.
///
/// # Errors
///
/// As there.
pub fn redact(
    dlp: &ArchivedDlp,
    payload: &[u8],
    findings: &Findings,
    select: &mut dyn FnMut(&Finding) -> bool,
    out: &mut Vec<u8>,
) -> Result<(), ScanError> {
    let redaction = Redaction {
        dlp,
        findings,
        keep: Keep::Nothing,
    };
    out.clear();
    redaction.write(payload, select, out)
}

impl Redaction<'_> {
    /// Appends `payload` to `out` with the selected findings replaced; every other byte stays.
    /// Findings that overlap are replaced together, under the name of the one that begins first.
    ///
    /// # Errors
    ///
    /// `TooMany` when the findings overflowed, `Detector` when they are of another snapshot,
    /// `Payload` when they are of another payload. Then `out` must not be used.
    pub fn write(
        &self,
        payload: &[u8],
        select: &mut dyn FnMut(&Finding) -> bool,
        out: &mut Vec<u8>,
    ) -> Result<(), ScanError> {
        self.write_part((payload, 0..payload.len()), select, &mut 0, out)
    }

    /// As [`Redaction::write`], of this part of the payload; no finding reaches over its ends.
    /// `keys` counts the keys that were replaced before.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn write_part(
        &self,
        (payload, part): (&[u8], Range<usize>),
        select: &mut dyn FnMut(&Finding) -> bool,
        keys: &mut u32,
        out: &mut Vec<u8>,
    ) -> Result<(), ScanError> {
        if self.findings.overflowed() {
            return Err(ScanError::TooMany);
        }
        let mut copied = part.start;
        let behind = self.findings.as_slice();
        let first = behind.partition_point(|finding| finding.span.range().start < part.start);
        let all = behind.get(first..).unwrap_or_default().iter();
        let all = all.take_while(|finding| finding.span.range().start < part.end);
        let mut selected = all.filter(|finding| select(finding)).peekable();
        while let Some(first) = selected.next() {
            let range = first.span.range();
            let mut end = range.end;
            let mut alone = true;
            while let Some(next) = selected.next_if(|next| next.span.range().start < end) {
                end = end.max(next.span.range().end);
                alone = false;
            }
            let before = payload.get(copied..range.start).ok_or(ScanError::Payload)?;
            let value = payload.get(range.start..end).ok_or(ScanError::Payload)?;
            out.extend_from_slice(before);
            copied = end;
            if first.place == Place::Key {
                *keys = keys.saturating_add(1);
            }
            if !alone || !self.numbered((first, value), out)? {
                self.placeholder((first, value), *keys, out)?;
            }
        }
        out.extend_from_slice(payload.get(copied..part.end).ok_or(ScanError::Payload)?);
        Ok(())
    }

    /// Appends a string that says of a finding what it is and nothing else: for a value that is as
    /// a whole withheld because a copy of it shows more.
    ///
    /// # Errors
    ///
    /// `Detector` when the finding is of another snapshot.
    pub fn write_whole(
        &self,
        finding: &Finding,
        keys: &mut u32,
        out: &mut Vec<u8>,
    ) -> Result<(), ScanError> {
        let at = usize::from(finding.detector);
        let row = self.dlp.detectors.get(at).ok_or(ScanError::Detector(at))?;
        let entity = row.entity.as_str();
        let written = if finding.place == Place::Key {
            *keys = keys.saturating_add(1);
            write!(out, "\"[REDACTED:{entity}:{keys}]\"")
        } else {
            write!(out, "\"[REDACTED:{entity}]\"")
        };
        written.map_err(|_| ScanError::Scan)
    }

    /// Appends the placeholder of a value that has a number, if it has one.
    fn numbered(
        &self,
        (finding, value): (&Finding, &[u8]),
        out: &mut Vec<u8>,
    ) -> Result<bool, ScanError> {
        let Keep::Number(numbers, _) = self.keep else {
            return Ok(false);
        };
        let exact = exact(finding, value);
        let Some(number) = exact.and_then(|value| numbers.number(finding, &value)) else {
            return Ok(false);
        };
        let at = usize::from(finding.detector);
        let row = self.dlp.detectors.get(at).ok_or(ScanError::Detector(at))?;
        write!(out, "<{}_{number}>", label(&row.entity)).map_err(|_| ScanError::Scan)?;
        Ok(true)
    }

    fn placeholder(
        &self,
        (finding, value): (&Finding, &[u8]),
        key: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), ScanError> {
        let number = usize::from(finding.detector);
        let row = self.dlp.detectors.get(number);
        let entity = row.ok_or(ScanError::Detector(number))?.entity.as_str();
        let quotes: &[u8] = match finding.place {
            Place::Number => b"\"",
            Place::Text | Place::Key => b"",
        };
        out.extend_from_slice(quotes);
        write!(out, "[REDACTED:{entity}").map_err(|_| ScanError::Scan)?;
        if finding.place == Place::Key {
            write!(out, ":{key}").map_err(|_| ScanError::Scan)?;
        }
        let keep = match self.keep {
            Keep::Number(_, keep) => *keep,
            Keep::Apart(hides, keep) => {
                let value = || match finding.place {
                    Place::Number => value.to_vec(),
                    Place::Text | Place::Key => plain(value),
                };
                // Told of beside a commitment, a value that is forgotten could still be tried.
                let (written, keep) = match hides.hide(finding, &value) {
                    Hidden::Gone => (Ok(()), *keep),
                    Hidden::Committed(salt) => (write!(out, ":salt={salt}"), Keep::Nothing),
                    Hidden::Sealed(at) => (write!(out, ":sealed={at}"), Keep::Nothing),
                };
                written.map_err(|_| ScanError::Scan)?;
                keep
            }
            keep => keep,
        };
        match keep {
            Keep::Nothing | Keep::Number(..) | Keep::Apart(..) => {}
            Keep::Length => {
                let length = characters(value);
                write!(out, ":len={length}").map_err(|_| ScanError::Scan)?;
            }
            Keep::Hash { key, organisation } => {
                let hash = key.hash(organisation, entity, value);
                out.extend_from_slice(b":sha256=");
                for byte in hash {
                    write!(out, "{byte:02x}").map_err(|_| ScanError::Scan)?;
                }
            }
        }
        out.push(b']');
        out.extend_from_slice(quotes);
        Ok(())
    }
}

/// The name of an entity as it stands in placeholders that can be turned back: capitals, digits and
/// `_` in the place of everything else.
#[must_use]
pub fn label(entity: &str) -> String {
    let character = |c: char| match c {
        'a'..='z' => c.to_ascii_uppercase(),
        'A'..='Z' | '0'..='9' => c,
        _ => '_',
    };
    entity.chars().map(character).collect()
}

/// What a finding in a string reads as, when its place holds these very characters and no reader of
/// JSON within JSON would have to escape them: then it can be put back at any depth.
fn exact<'v>(finding: &Finding, value: &'v [u8]) -> Option<Cow<'v, [u8]>> {
    let value = match (finding.place, finding.encoding) {
        (Place::Text, Encoding::Plain | Encoding::Json) if !value.contains(&b'\\') => {
            Cow::Borrowed(value)
        }
        (Place::Text, Encoding::Plain) => Cow::Owned(plain(value)),
        _ => return None,
    };
    let escaped = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    (!value.iter().any(escaped)).then_some(value)
}

impl HashKey {
    /// The key that belongs to a snapshot's session key.
    #[must_use]
    pub fn derived(session: &[u8; 32]) -> Self {
        let mut mac = keyed(session);
        mac.update(PURPOSE);
        Self(keyed(&mac.finalize().into_bytes().into()))
    }

    /// The hash of the value of an entity, as it stands in a string of a payload.
    fn hash(&self, organisation: &str, entity: &str, value: &[u8]) -> [u8; HASH_BYTES] {
        let mut mac = self.0.clone();
        // Neither name can hold a zero byte.
        for name in [organisation, entity] {
            mac.update(name.as_bytes());
            mac.update(&[0]);
        }
        decoded(value, &mut |piece| mac.update(piece));
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        let (first, _) = whole.split_first_chunk().unwrap_or((&[0; HASH_BYTES], &[]));
        *first
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // A key shorter than a block is filled up with zeros (RFC 2104 section 2).
    let mut block = [0; 64];
    let (head, _) = block.split_at_mut(key.len());
    head.copy_from_slice(key);
    Hmac::new((&block).into())
}

/// What a part of a string reads as.
fn plain(value: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(value.len());
    decoded(value, &mut |piece| plain.extend_from_slice(piece));
    plain
}

fn characters(value: &[u8]) -> usize {
    let mut count = 0_usize;
    decoded(value, &mut |piece| {
        let begins = piece.iter().filter(|byte| !matches!(byte, 0x80..=0xbf));
        count = count.saturating_add(begins.count());
    });
    count
}

/// Calls `each` with the pieces of what a part of a string, or a number, reads as.
fn decoded(value: &[u8], each: &mut dyn FnMut(&[u8])) {
    let mut rest = value;
    while let Some(at) = memchr(b'\\', rest) {
        let (head, tail) = rest.split_at(at);
        each(head);
        let behind = tail.get(1..).unwrap_or_default();
        let (character, length) = escape(behind).unwrap_or(('\\', 0));
        each(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = behind.get(length..).unwrap_or_default();
    }
    each(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn a_hash_is_of_the_value_that_a_reader_sees() {
        let key = HashKey::derived(&KEY);
        let plain = key.hash("acme", "email", "é/x@example.org".as_bytes());
        for spelled in [r"\u00e9/x@example.org", r"\u00E9\/x\u0040example.org"] {
            assert_eq!(key.hash("acme", "email", spelled.as_bytes()), plain);
            assert_eq!(characters(spelled.as_bytes()), 15);
        }
    }

    #[test]
    fn a_hash_differs_by_value_entity_organisation_and_key() {
        let key = HashKey::derived(&KEY);
        let hash = key.hash("acme", "email", b"a@b.cd");
        for other in [
            key.hash("acme", "email", b"a@b.ce"),
            key.hash("acme", "phone", b"a@b.cd"),
            key.hash("globex", "email", b"a@b.cd"),
            key.hash("acmee", "mail", b"a@b.cd"),
            HashKey::derived(&[8; 32]).hash("acme", "email", b"a@b.cd"),
        ] {
            assert_ne!(other, hash);
        }
    }

    /// Computed with Python: `hmac.new(hmac.new(bytes([7]*32), PURPOSE, sha256).digest(),
    /// b"acme\0email\0a@b.cd", sha256).digest()[:6]`.
    #[test]
    fn a_hash_is_what_another_implementation_computes() {
        let hash = HashKey::derived(&KEY).hash("acme", "email", b"a@b.cd");
        assert_eq!(hash, EXPECTED);
    }

    const EXPECTED: [u8; HASH_BYTES] = [0xbd, 0xb2, 0xac, 0xfe, 0x54, 0xd1];
}
