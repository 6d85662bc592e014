//! The words of a query that stand in no string and no comment.

/// One word and what it stands between, blanks left out; zero where there is nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) before: u8,
    pub(super) after: u8,
    /// Where it ends in the text.
    pub(super) end: usize,
}

impl Word<'_> {
    pub(super) fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_in(&self, list: &str) -> bool {
        is_listed(list, self.text)
    }

    pub(super) fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }
}

/// Whether a word, in any case, stands in a list parted by blanks.
pub(super) fn is_listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace()
        .any(|listed| listed.eq_ignore_ascii_case(word))
}

/// Walks over the words of a text.
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
    before: u8,
    opens_strings: bool,
}

/// The words outside of strings.
pub(super) const fn bare(text: &str) -> Words<'_> {
    Words {
        text,
        at: 0,
        before: 0,
        opens_strings: false,
    }
}

/// All words, those in strings as well.
pub(super) const fn all(text: &str) -> Words<'_> {
    Words {
        text,
        at: 0,
        before: 0,
        opens_strings: true,
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

impl<'a> Words<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    /// Passes over what begins here, if it is a string.
    fn string(&mut self, quote: u8) {
        let mut is_escaped = false;
        self.skip(1);
        while let Some(byte) = self.rest().first().copied() {
            self.skip(1);
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                _ if byte == quote => break,
                _ => {}
            }
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        loop {
            match self.rest() {
                [] => return None,
                [quote @ (b'\'' | b'"' | b'`'), ..] => {
                    self.before = *quote;
                    if self.opens_strings {
                        self.skip(1);
                    } else {
                        self.string(*quote);
                    }
                }
                [b'/', b'/', ..] if self.before != b':' => {
                    let line = self.rest().iter().take_while(|byte| **byte != b'\n');
                    self.at = self.at.saturating_add(line.count());
                }
                [byte, ..] if is_part(*byte) => break,
                [byte, ..] => {
                    if !byte.is_ascii_whitespace() {
                        self.before = *byte;
                    }
                    self.skip(1);
                }
            }
        }
        let start = self.at;
        let length = self
            .rest()
            .iter()
            .take_while(|byte| is_part(**byte))
            .count();
        self.skip(length);
        let after = self.rest().iter().find(|byte| !byte.is_ascii_whitespace());
        let before = core::mem::replace(&mut self.before, b'a');
        Some(Word {
            text: self.text.get(start..self.at).unwrap_or_default(),
            before,
            after: after.copied().unwrap_or_default(),
            end: self.at,
        })
    }
}
