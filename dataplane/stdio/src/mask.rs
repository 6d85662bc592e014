//! Hides a server's own secrets in what its program writes beside its messages: many tell their key
//! when they start, and the operator's log is no place for it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::say::excerpt;

/// Shortest line of a secret that is hidden, in bytes: shorter ones stand in innocent text.
const NEEDLE_BYTES_MIN: usize = 8;
/// What stands in the place of a secret.
const HIDDEN: &[u8] = b"[REDACTED:vault_secret]";

/// The secrets of one server, as they may be written.
pub(crate) struct Mask {
    needles: Vec<Zeroizing<Vec<u8>>>,
    longest: usize,
}

impl Mask {
    pub(crate) fn of<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut needles = Vec::new();
        // A key of several lines is written line by line.
        for line in secrets.into_iter().flat_map(str::lines) {
            if line.len() >= NEEDLE_BYTES_MIN {
                forms(line.as_bytes(), &mut needles);
            }
        }
        // What holds another one is found first.
        needles.sort_by_key(|needle| core::cmp::Reverse(needle.len()));
        needles.dedup();
        Self {
            longest: needles.first().map_or(0, |needle| needle.len()),
            needles,
        }
    }

    /// How much of a line has to be there for `bytes_max` bytes of it to be shown.
    pub(crate) const fn reach(&self, bytes_max: usize) -> usize {
        // One byte more tells that it was longer.
        bytes_max.saturating_add(self.longest).saturating_add(1)
    }

    /// The beginning of what a child wrote, to be shown: at most `bytes_max` bytes are read of
    /// these, which are all, or at least `reach` many.
    pub(crate) fn excerpt(&self, bytes: &[u8], bytes_max: usize) -> String {
        if self.needles.is_empty() {
            return excerpt(bytes, bytes_max);
        }
        let mut shown = Zeroizing::new(Vec::with_capacity(bytes_max.saturating_mul(4)));
        let mut at = 0;
        while at < bytes.len().min(bytes_max) {
            let rest = bytes.get(at..).unwrap_or_default();
            let mut needles = self.needles.iter();
            match needles.find(|needle| rest.starts_with(needle)) {
                Some(needle) => {
                    shown.extend_from_slice(HIDDEN);
                    at = at.saturating_add(needle.len());
                }
                None => {
                    shown.extend(rest.first());
                    at = at.saturating_add(1);
                }
            }
        }
        let mut text = excerpt(&shown, shown.len());
        if at < bytes.len() {
            text.push('…');
        }
        text
    }
}

/// A secret as it stands, backwards, and as it is encoded most often.
fn forms(secret: &[u8], needles: &mut Vec<Zeroizing<Vec<u8>>>) {
    let mut add = |needle: Vec<u8>| needles.push(Zeroizing::new(needle));
    add(secret.to_vec());
    add(secret.iter().rev().copied().collect());
    let spelled = |digits: fn(u8) -> String| {
        secret
            .iter()
            .flat_map(move |byte| digits(*byte).into_bytes())
    };
    add(spelled(|byte| format!("{byte:02x}")).collect());
    add(spelled(|byte| format!("{byte:02X}")).collect());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escaped = secret.iter().flat_map(|byte| match plain(*byte) {
        true => vec![*byte],
        false => format!("%{byte:02X}").into_bytes(),
    });
    add(escaped.collect());
    // In base64 three bytes become four characters, wherever they stand; what is around a secret
    // shows in the characters at its ends.
    for around in [&b""[..], b"-", b"--"] {
        let (before, whole) = (around.len(), [around, secret].concat());
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = Zeroizing::new(engine.encode(&whole));
            let bits = before.saturating_mul(8);
            let end = whole.len().saturating_mul(8) / 6;
            let own = text.as_bytes().get(bits.div_ceil(6)..end);
            add(own.unwrap_or_default().to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    const KEY: &str = "sk+live/9fQ2~xJ7 vb";

    fn shown(line: &str, bytes_max: usize) -> String {
        Mask::of([KEY]).excerpt(line.as_bytes(), bytes_max)
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        let hex: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
        let back: String = KEY.chars().rev().collect();
        for said in [
            KEY,
            &hex,
            &hex.to_uppercase(),
            &back,
            "sk%2Blive%2F9fQ2~xJ7%20vb",
        ] {
            let line = format!("key={said}.");
            assert_eq!(shown(&line, 512), "key=[REDACTED:vault_secret].", "{said}");
        }
        for around in ["", "a", "ab", "abc", "user:"] {
            let text = STANDARD.encode(format!("{around}{KEY}{around}"));
            let shown = shown(&text, 512);
            assert!(shown.contains("[REDACTED:vault_secret]"), "{shown}");
            let left = shown.replace("[REDACTED:vault_secret]", "");
            assert!(left.len() <= text.len() - 22, "{left}");
        }
    }

    #[test]
    fn no_part_of_a_secret_is_shown_at_the_end_of_a_long_line() {
        let mask = Mask::of([KEY]);
        for before in 480..520 {
            let line = format!("{}{KEY} and more", "x".repeat(before));
            let part = &line.as_bytes()[..line.len().min(mask.reach(512))];
            let shown = mask.excerpt(part, 512);
            let left = shown.trim_start_matches('x');
            let hidden = ["[REDACTED:vault_secret]", " and more", "…"];
            let left = hidden
                .iter()
                .fold(left.to_owned(), |left, it| left.replace(it, ""));
            assert!(
                left.len() <= 9 && " and more".starts_with(&left),
                "{before}: {left}"
            );
        }
    }

    #[test]
    fn each_line_of_a_key_is_hidden_and_short_words_are_not() {
        let mask = Mask::of(["-----BEGIN KEY-----\nMIIEvQIBADANBg\nshort\n", "on"]);
        assert_eq!(
            mask.excerpt(b"MIIEvQIBADANBg short on", 512),
            "[REDACTED:vault_secret] short on"
        );
        assert_eq!(Mask::of([]).excerpt(b"plain", 3), "pla…");
    }
}
