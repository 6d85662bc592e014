//! Texts from outside, made harmless for people: bounded, and nothing in them that hides, moves or
//! breaks what stands around them.

use varistor_model::is_hidden;
use varistor_model::limits::NOTICE_TEXT_CHARS_MAX;

/// The text with everything that does not show escaped as `\u{..}`, and cut when it is long.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(4 * NOTICE_TEXT_CHARS_MAX));
    for (count, c) in text.chars().enumerate() {
        if count == NOTICE_TEXT_CHARS_MAX {
            out.push('…');
            break;
        }
        if is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
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
