//! Writes a payload as its strings decode, all else as it stands, so that one scan of it sees
//! what a reader of the strings would see.
//!
//! Only used when the payload holds a backslash. The way back is [`super::locate`].

use memchr::memchr;

use crate::json::escape;

/// Replaces `plain` by the payload with every escape decoded. In JSON, a backslash stands in
/// strings only; one that begins no escape stands for itself.
pub(super) fn decode(payload: &[u8], plain: &mut Vec<u8>) {
    plain.clear();
    let mut rest = payload;
    while let Some(at) = memchr(b'\\', rest) {
        let (head, tail) = rest.split_at(at);
        plain.extend_from_slice(head);
        let step = step(tail);
        plain.extend_from_slice(step.decoded.encode_utf8(&mut [0; 4]).as_bytes());
        rest = tail.get(step.raw..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
}

/// One escape: what it stands for, and how many bytes it takes in the payload.
pub(super) struct Step {
    pub(super) decoded: char,
    pub(super) raw: usize,
}

/// The escape at the beginning of `text`, which begins with a backslash.
pub(super) fn step(text: &[u8]) -> Step {
    match escape(text.get(1..).unwrap_or_default()) {
        Some((decoded, length)) => Step {
            decoded,
            raw: length.saturating_add(1),
        },
        None => Step {
            decoded: '\\',
            raw: 1,
        },
    }
}
