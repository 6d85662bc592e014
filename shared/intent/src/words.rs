//! Parts a name or a sentence into words: at separators, and in names where the case changes.

use crate::table::{SEED, folded_in, hashed};

/// One word, known by the hash of its small letters.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Word {
    pub(crate) hash: u64,
    /// The hashes without the last one, two and three bytes.
    shorter: [u64; 3],
    /// The last three bytes, the last one first.
    last: [u8; 3],
    pub(crate) length: usize,
    /// How many of its bytes are digits.
    digits: u8,
    /// Its first byte.
    first: u8,
    /// What stands in front of it, beyond blanks: a separator, or zero.
    pub(crate) before: u8,
    /// Whether a blank stands in front of it.
    is_apart: bool,
    /// Where it begins in the text.
    #[cfg(test)]
    pub(crate) start: usize,
}

impl Word {
    /// The hashes of what may be its base form: itself, then without an ending of the third person
    /// or the plural.
    pub(crate) fn forms(&self) -> [u64; 3] {
        let [first, second, third] = self.last;
        let [one, two, three] = self.shorter;
        if first != b's' || self.length < 4 || second == b's' {
            return [self.hash; 3];
        }
        if second != b'e' {
            return [self.hash, one, one];
        }
        // `copies` is of `copy`, `searches` of `search`, `deletes` of `delete`.
        let other = if third == b'i' {
            hashed(three, b'y')
        } else {
            two
        };
        [self.hash, one, other]
    }

    /// Whether a sentence ends in front of it: `done. Then`, but not `paste.example`.
    pub(crate) const fn opens_sentence(&self) -> bool {
        match self.before {
            b'\n' => true,
            // `incl. private ones` goes on.
            b'.' => self.is_apart && !self.first.is_ascii_lowercase(),
            b'!' | b'?' | b';' => self.is_apart,
            _ => false,
        }
    }

    /// The hash of about its first half, which words of one stem share.
    pub(crate) fn front(&self) -> u64 {
        let [_, _, three] = self.shorter;
        if self.length >= 7 { three } else { self.hash }
    }

    /// Whether it is a mere number or a version, such as `v1`.
    pub(crate) fn is_number(&self) -> bool {
        let [first, second, _] = self.last;
        match self.length {
            1 => first.is_ascii_digit(),
            2 => first.is_ascii_digit() && (second.is_ascii_digit() || second == b'v'),
            _ => self.last.iter().all(u8::is_ascii_digit),
        }
    }

    /// Whether it ends as a participle does: `saved`.
    pub(crate) fn is_participle(&self) -> bool {
        let [first, second, _] = self.last;
        self.length >= 5 && first == b'd' && second == b'e'
    }

    /// Whether it ends as an adverb does: `instantly`.
    pub(crate) const fn is_adverb(&self) -> bool {
        let [first, second, _] = self.last;
        self.length >= 5 && first == b'y' && second == b'l'
    }

    /// Whether it is a figure of some size: thousands as `120k`, or a number that is no year.
    pub(crate) fn is_figure(&self) -> bool {
        let [first, second, _] = self.last;
        let digits = usize::from(self.digits);
        let is_thousands = matches!(first, b'k' | b'm') && second.is_ascii_digit();
        let is_year = self.length == 4 && matches!(self.first, b'1' | b'2');
        match self.length.saturating_sub(digits) {
            0 => digits >= 2 && !is_year,
            1 => is_thousands,
            _ => false,
        }
    }

    /// Whether letters and digits mix as in a password: six or more, both kinds.
    pub(crate) const fn is_mixed(&self) -> bool {
        self.length >= 6 && self.digits >= 1 && (self.digits as usize) < self.length
    }

    fn push(&mut self, byte: u8) {
        if self.length == 0 {
            self.first = byte;
        }
        self.digits = self.digits.saturating_add(u8::from(byte.is_ascii_digit()));
        let [one, two, _] = self.shorter;
        self.shorter = [self.hash, one, two];
        let [first, second, _] = self.last;
        self.last = [byte.to_ascii_lowercase(), first, second];
        self.hash = folded_in(self.hash, first, byte);
        self.length = self.length.saturating_add(1);
    }
}

/// The words of a text.
pub(crate) struct Words<'a> {
    bytes: &'a [u8],
    at: usize,
    by_case: bool,
}

/// The words of a name: `VPS_createPTRRecordV1` has vps, create, ptr, record, v1.
pub(crate) const fn of_name(name: &[u8]) -> Words<'_> {
    Words {
        bytes: name,
        at: 0,
        by_case: true,
    }
}

/// The words of a text, whatever their case.
pub(crate) const fn of_text(text: &[u8]) -> Words<'_> {
    Words {
        bytes: text,
        at: 0,
        by_case: false,
    }
}

impl Words<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// Whether a new word begins at this byte because of its case.
    fn is_turn(&self, at: usize) -> bool {
        let here = self.byte(at);
        if !self.by_case || !here.is_ascii_uppercase() {
            return false;
        }
        let before = self.byte(at.saturating_sub(1));
        // The end of an acronym: `PTRRecord`, but not `URLs`.
        let is_end = before.is_ascii_uppercase()
            && self.byte(at.saturating_add(1)).is_ascii_lowercase()
            && self.byte(at.saturating_add(2)).is_ascii_lowercase();
        before.is_ascii_lowercase() || before.is_ascii_digit() || is_end
    }
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        let mut before = 0;
        let mut is_apart = false;
        loop {
            let byte = self.bytes.get(self.at)?;
            if is_part(*byte) {
                break;
            }
            // Signs of markup at the beginning of a line do not make it one with the line before.
            let is_markup = matches!(*byte, b'#' | b'*' | b'=' | b'`' | b'_');
            let is_kept = is_markup && matches!(before, b'.' | b'\n' | b'!' | b'?');
            if *byte == b' ' || is_kept {
                is_apart = true;
            } else {
                before = *byte;
            }
            self.at = self.at.saturating_add(1);
        }
        let mut word = Word {
            hash: SEED,
            shorter: [SEED; 3],
            before,
            is_apart,
            #[cfg(test)]
            start: self.at,
            ..Word::default()
        };
        word.push(self.byte(self.at));
        self.at = self.at.saturating_add(1);
        while is_part(self.byte(self.at)) && self.byte(self.at) != 0 && !self.is_turn(self.at) {
            word.push(self.byte(self.at));
            self.at = self.at.saturating_add(1);
        }
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::hash;

    fn parted(name: &str) -> Vec<String> {
        let words: Vec<Word> = of_name(name.as_bytes()).collect();
        let text = |word: &Word| name[word.start..][..word.length].to_lowercase();
        for word in &words {
            assert_eq!(word.hash, hash(text(word).as_bytes()));
        }
        words.iter().map(text).collect()
    }

    #[test]
    fn names_part_at_separators_and_where_the_case_changes() {
        for (name, words) in [
            ("VPS_createPTRRecordV1", "vps create ptr record v1"),
            ("list-deleted.items", "list deleted items"),
            ("getURLs", "get urls"),
            ("github/repos:DELETE", "github repos delete"),
            ("emailSend2", "email send2"),
            ("löscheDatei", "lösche datei"),
            ("__", ""),
            ("HTTPGet", "http get"),
        ] {
            assert_eq!(parted(name).join(" "), words, "{name}");
        }
    }

    #[test]
    fn a_word_leads_to_its_base_form() {
        for (word, base) in [
            ("deletes", "delete"),
            ("copies", "copy"),
            ("searches", "search"),
            ("gets", "get"),
            ("access", "access"),
            ("drop", "drop"),
        ] {
            let found = of_text(word.as_bytes()).next().expect("a word");
            assert!(found.forms().contains(&hash(base.as_bytes())), "{word}");
        }
    }
}
