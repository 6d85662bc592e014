//! Letters without their marks: who writes `Andree` and who writes `Andrée` means one name.

use super::super::lexicon::WORD_MAX;

/// Writes the word with plain letters; `None` when it has no marks, or none that are known.
pub(super) fn plain<'b>(word: &[u8], buffer: &'b mut [u8; WORD_MAX]) -> Option<&'b [u8]> {
    if word.is_ascii() {
        return None;
    }
    let mut length = 0_usize;
    for character in str::from_utf8(word).ok()?.chars() {
        let letters: &[u8] = match character {
            'à'..='å' | 'ā' | 'ă' | 'ą' => b"a",
            'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => b"A",
            'æ' => b"ae",
            'Æ' => b"Ae",
            'ç' | 'ć' | 'č' => b"c",
            'Ç' | 'Ć' | 'Č' => b"C",
            'ď' | 'đ' => b"d",
            'Ď' | 'Đ' => b"D",
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => b"e",
            'È'..='Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => b"E",
            'ğ' | 'ģ' => b"g",
            'ì'..='ï' | 'ī' | 'į' | 'ı' => b"i",
            'Ì'..='Ï' | 'Ī' | 'Į' | 'İ' => b"I",
            'ķ' => b"k",
            'ľ' | 'ļ' | 'ł' => b"l",
            'Ľ' | 'Ļ' | 'Ł' => b"L",
            'ñ' | 'ń' | 'ň' | 'ņ' => b"n",
            'Ñ' | 'Ń' | 'Ň' | 'Ņ' => b"N",
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => b"o",
            'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ő' => b"O",
            'œ' => b"oe",
            'ř' | 'ŕ' => b"r",
            'Ř' => b"R",
            'ś' | 'š' | 'ş' | 'ș' => b"s",
            'Ś' | 'Š' | 'Ş' | 'Ș' => b"S",
            'ß' => b"ss",
            'ť' | 'ţ' | 'ț' => b"t",
            'Ť' | 'Ţ' | 'Ț' => b"T",
            'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => b"u",
            'Ù'..='Ü' | 'Ū' | 'Ů' | 'Ű' | 'Ų' => b"U",
            'ý' | 'ÿ' => b"y",
            'Ý' => b"Y",
            'ź' | 'ż' | 'ž' => b"z",
            'Ź' | 'Ż' | 'Ž' => b"Z",
            other if other.is_ascii() => {
                *buffer.get_mut(length)? = u8::try_from(other).ok()?;
                length = length.checked_add(1)?;
                continue;
            }
            _ => return None,
        };
        let end = length.checked_add(letters.len())?;
        buffer.get_mut(length..end)?.copy_from_slice(letters);
        length = end;
    }
    buffer.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_off_and_nothing_else() {
        let mut buffer = [0; WORD_MAX];
        for (word, expected) in [
            ("Andrée", Some("Andree")),
            ("Łucja", Some("Lucja")),
            ("Müller-Lüdenscheidt", Some("Muller-Ludenscheidt")),
            ("Strauß", Some("Strauss")),
            ("Anna", None),
            ("Анна", None),
        ] {
            let found = plain(word.as_bytes(), &mut buffer);
            assert_eq!(found, expected.map(str::as_bytes), "{word}");
        }
    }
}
