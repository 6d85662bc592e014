//! Texts from outside, made harmless for people: bounded, and nothing in them that hides, moves or
//! breaks what stands around them.

use varistor_model::limits::NOTICE_TEXT_CHARS_MAX;

/// The text with everything that does not show escaped as `\u{..}`, and cut when it is long.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(4 * NOTICE_TEXT_CHARS_MAX));
    for (count, c) in text.chars().enumerate() {
        if count == NOTICE_TEXT_CHARS_MAX {
            out.push('…');
            break;
        }
        if hides(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Control characters, line ends, and all that Unicode lets change direction, join or not show.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(
            u32::from(c),
            0xad | 0x34f
                | 0x61c
                | 0x115f..=0x1160
                | 0x17b4..=0x17b5
                | 0x180b..=0x180f
                | 0x200b..=0x200f
                | 0x2028..=0x202e
                | 0x2060..=0x206f
                | 0x3164
                | 0xfe00..=0xfe0f
                | 0xfeff
                | 0xffa0
                | 0xfff0..=0xfffb
                | 0x1d173..=0x1d17a
                | 0xe0000..=0xe0fff
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_moves_text_is_shown() {
        assert_eq!(
            plain("a\u{202e}b\r\nc\u{200b}"),
            "a\\u{202e}b\\u{d}\\u{a}c\\u{200b}"
        );
        assert_eq!(plain("\u{e0041}\u{feff}\u{0}"), "\\u{e0041}\\u{feff}\\u{0}");
        assert_eq!(plain("Zürich 東京"), "Zürich 東京");
    }

    #[test]
    fn long_texts_are_cut() {
        let cut = plain(&"ü".repeat(10_000));
        assert_eq!(cut.chars().count(), NOTICE_TEXT_CHARS_MAX + 1);
        assert!(cut.ends_with('…'));
    }
}
