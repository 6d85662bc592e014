//! Characters that nobody sees or that steer what is seen, and what hidden ones spell.

use crate::flag::Kind;

/// So many unseen characters in one text are no accident of copying.
const UNSEEN_MAX: usize = 3;

/// Whether a character takes no room of its own.
pub(crate) fn is_unseen(character: char) -> bool {
    matches!(
        u32::from(character),
        0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
            | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164
            | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0x1d173..=0x1d17a
            | 0xe0000..=0xe0fff
    )
}

fn is_tag(character: char) -> bool {
    matches!(u32::from(character), 0xe0000..=0xe007f)
}

fn is_selector(character: char) -> bool {
    matches!(u32::from(character), 0xfe00..=0xfe0f | 0xe0100..=0xe01ef)
}

fn is_bidi(character: char) -> bool {
    matches!(u32::from(character), 0x202a..=0x202e | 0x2066..=0x2069)
}

fn is_private(character: char) -> bool {
    matches!(u32::from(character), 0xe000..=0xf8ff | 0xf0000..=0x10_ffff)
}

/// Writing where joiners and marks of direction are spelling.
fn needs_joiners(character: char) -> bool {
    matches!(u32::from(character), 0x590..=0x8ff | 0x900..=0xdff | 0xe00..=0x109f | 0xfb1d..=0xfdff)
}

/// What the characters of a text give away: the kind, how sure it is, and where it begins.
pub(crate) fn odd(text: &str) -> Vec<(Kind, u8, usize)> {
    let mut found = Vec::new();
    if text
        .bytes()
        .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'))
    {
        return found;
    }
    let mut tally = Tally::default();
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        let (kind, weight) = tally.kind_of(before, character);
        if weight > 0 {
            let known = found
                .iter_mut()
                .find(|one: &&mut (Kind, u8, usize)| one.0 == kind);
            match known {
                Some(one) => one.1 = one.1.max(weight),
                None => found.push((kind, weight, at)),
            }
        }
        before = character;
    }
    found
}

#[derive(Default)]
struct Tally {
    unseen: usize,
    private: usize,
    /// A black flag came before: tags behind it are the flag of a region.
    is_flag: bool,
}

impl Tally {
    fn kind_of(&mut self, before: char, character: char) -> (Kind, u8) {
        if character == '\u{1f3f4}' {
            self.is_flag = true;
        } else if !is_tag(character) {
            self.is_flag = false;
        }
        match character {
            '\t' | '\n' | '\r' => (Kind::ControlCharacters, 0),
            '\u{1b}' | '\u{9b}' | '\u{8}' => (Kind::ControlCharacters, 90),
            _ if character.is_control() => (Kind::ControlCharacters, 60),
            _ if is_tag(character) => (Kind::HiddenUnicode, if self.is_flag { 0 } else { 95 }),
            _ if is_bidi(character) => (Kind::Bidi, 85),
            _ if is_selector(character) => {
                let follows = is_selector(before) || before.is_ascii_alphabetic() || before == ' ';
                (Kind::HiddenUnicode, if follows { 80 } else { 0 })
            }
            _ if is_private(character) => {
                self.private = self.private.saturating_add(1);
                (
                    Kind::HiddenUnicode,
                    if self.private >= UNSEEN_MAX { 75 } else { 40 },
                )
            }
            _ if is_unseen(character) => self.unseen(before, character),
            _ => (Kind::HiddenUnicode, 0),
        }
    }

    fn unseen(&mut self, before: char, character: char) -> (Kind, u8) {
        // Joined emoji, and writing whose spelling needs joiners.
        let joins = matches!(character, '\u{200c}' | '\u{200d}' | '\u{200e}' | '\u{200f}');
        if joins && (needs_joiners(before) || u32::from(before) >= 0x2190) && !is_unseen(before)
            || (character == '\u{200d}' && is_selector(before))
        {
            return (Kind::HiddenUnicode, 0);
        }
        self.unseen = self.unseen.saturating_add(1);
        let is_many = self.unseen >= UNSEEN_MAX;
        (Kind::HiddenUnicode, if is_many { 80 } else { 40 })
    }
}

/// What tag characters and runs of selectors spell in ASCII, where they spell anything.
pub(crate) fn spelled(text: &str) -> String {
    let letters = text.chars().filter_map(|character| {
        let code = u32::from(character);
        let byte = match code {
            0xe0020..=0xe007e => code.checked_sub(0xe0000),
            // One byte for each selector, from 16 on in the second block.
            0xe0110..=0xe016e => code
                .checked_sub(0xe0100)
                .and_then(|low| low.checked_add(16)),
            _ => None,
        };
        byte.and_then(char::from_u32)
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surest(text: &str) -> u8 {
        odd(text).iter().map(|one| one.1).max().unwrap_or(0)
    }

    #[test]
    fn what_nobody_sees_is_told() {
        for text in [
            "add\u{e0068}\u{e0069}",
            "a\u{200b}b\u{200b}c\u{2060}d",
            "\u{202e}txt.exe",
            "x\u{fe01}\u{fe02}\u{fe03}",
            "\u{1b}[8mhidden\u{1b}[0m",
            "\u{e001}\u{e002}\u{e003}",
        ] {
            assert!(surest(text) >= 70, "{text:?}");
        }
    }

    #[test]
    fn emoji_flags_and_scripts_that_need_joiners_are_plain() {
        for text in [
            "⚠️ careful",
            "👩\u{200d}💻 developer",
            "❤️\u{200d}🔥",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Scotland",
            "می\u{200c}خواهم",
            "naïve café — “quoted” … ✓",
            "one\u{200b}",
        ] {
            assert!(surest(text) < 70, "{text:?}");
        }
    }

    #[test]
    fn tags_spell_what_they_hide() {
        assert_eq!(spelled("a\u{e0068}\u{e0069}"), "hi");
    }
}
