//! Names that look like other names, and words made of several scripts.

use crate::flag::Kind;
use crate::fold;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Other,
}

fn script(character: char) -> Option<Script> {
    if !character.is_alphabetic() {
        return None;
    }
    Some(match u32::from(character) {
        // Signs of measures are no Greek.
        0xb5 | 0x3bc => return None,
        0..=0x24f | 0x1e00..=0x1eff => Script::Latin,
        0x370..=0x3ff | 0x1f00..=0x1fff => Script::Greek,
        0x400..=0x52f | 0x1c80..=0x1c8f => Script::Cyrillic,
        _ => Script::Other,
    })
}

/// The form in which names that look alike are equal: without case, marks, unseen characters,
/// borrowed letters, separators, and with the digits that stand for letters.
#[must_use]
pub fn skeleton(name: &str) -> String {
    let folded: String = fold::sentences(name)
        .into_iter()
        .map(|one| one.words)
        .collect();
    let letters = folded.chars().filter(|one| one.is_alphanumeric());
    letters
        .map(|one| match fold::twin(one).unwrap_or(one) {
            '0' => 'o',
            '1' | 'i' => 'l',
            other => other,
        })
        .collect()
}

/// What a name gives away.
pub(crate) fn odd_name(name: &str) -> Option<(Kind, u8)> {
    if name.is_ascii() {
        return None;
    }
    if mixes(name) {
        return Some((Kind::MixedScriptName, 90));
    }
    if name.chars().any(is_styled) {
        return Some((Kind::LookalikeName, 85));
    }
    // A name that could be read as Latin through and through.
    let letters = || name.chars().filter(|one| one.is_alphabetic());
    let is_foreign = letters().all(|one| !one.is_ascii() && fold::twin(one).is_some());
    (is_foreign && letters().count() > 1).then_some((Kind::LookalikeName, 85))
}

/// Letters of blocks for styles: full width, mathematical, raised.
const fn is_styled(character: char) -> bool {
    matches!(
        character,
        '\u{ff01}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d7ff}' | '\u{2070}'..='\u{209f}' | '\u{2c7c}'
    )
}

/// Whether some word of a text mixes Latin letters with their twins.
pub(crate) fn odd_word(text: &str) -> Option<usize> {
    if text.is_ascii() {
        return None;
    }
    let mut at = 0_usize;
    for word in text.split_inclusive(|one: char| !one.is_alphanumeric()) {
        let latin = word.chars().filter(char::is_ascii_alphabetic).count();
        let twins = word
            .chars()
            .filter(|one| script(*one) == Some(Script::Cyrillic))
            .count();
        if latin > 0 && twins > 0 && latin.saturating_add(twins) > 3 {
            return Some(at);
        }
        at = at.saturating_add(word.len());
    }
    None
}

fn mixes(name: &str) -> bool {
    let mut scripts = name.chars().filter_map(script);
    let first = scripts.next();
    // Other scripts stand beside Latin words in honest names (`搜索search`).
    let alike = [
        Some(Script::Latin),
        Some(Script::Greek),
        Some(Script::Cyrillic),
    ];
    alike.contains(&first) && scripts.any(|one| Some(one) != first && one != Script::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_have_one_skeleton() {
        for twin in [
            "send_email",
            "Send-Email",
            "sеnd_email",
            "ｓｅｎｄ_email",
            "send_emai1",
        ] {
            assert_eq!(skeleton(twin), skeleton("sendEmail"), "{twin}");
        }
        assert_ne!(skeleton("send_mail"), skeleton("send_email"));
    }

    #[test]
    fn borrowed_letters_are_told_and_other_languages_are_not() {
        for name in ["sеnd_email", "ｓｅｎｄ", "ѕсоре", "αdd"] {
            assert!(odd_name(name).is_some(), "{name}");
        }
        for name in ["send_email", "größe", "搜索search", "поиск", "délai_µs"] {
            assert!(odd_name(name).is_none(), "{name}");
        }
        assert!(odd_word("please rеad").is_some());
        assert!(odd_word("naïve größe 10 µs поиск β").is_none());
    }
}
