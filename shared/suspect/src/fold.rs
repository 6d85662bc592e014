//! Brings text into the one form that the lexicon is written in: lower case, no marks, no unseen
//! characters, no borrowed letters; words between single spaces, sentence by sentence.

use crate::characters::is_unseen;

/// Words of one sentence; what has more is cut into several.
const WORDS_MAX: usize = 90;

/// A sentence in the folded form, and where it stood.
#[derive(Debug)]
pub(crate) struct Sentence {
    /// `" word word word "`.
    pub(crate) words: String,
    /// Bytes of the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The sentences of a text.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    let mut fold = Fold {
        done: Vec::new(),
        words: String::from(" "),
        start: 0,
        count: 0,
    };
    let mut rest = text.char_indices().peekable();
    let mut word = String::new();
    while let Some((at, character)) = rest.next() {
        let next = rest.peek().map_or(' ', |(_, next)| *next);
        if is_unseen(character) {
            continue;
        }
        let end = at.saturating_add(character.len_utf8());
        if character.is_alphanumeric() {
            plain(character, &mut word);
            continue;
        }
        // Don't, l'utilisateur: two words as well.
        fold.word(&mut word);
        if ends(character, next) || fold.count >= WORDS_MAX {
            fold.sentence(end);
        }
    }
    fold.word(&mut word);
    fold.sentence(text.len());
    fold.done
}

/// A name as words: `readFile_now` is `" read file now "`.
pub(crate) fn name(text: &str) -> String {
    let mut apart = String::new();
    let mut before = ' ';
    for character in text.chars() {
        if character.is_uppercase() && before.is_lowercase() {
            apart.push(' ');
        }
        apart.push(character);
        before = character;
    }
    let words = sentences(&apart.replace('.', " "));
    words.into_iter().map(|sentence| sentence.words).collect()
}

fn ends(character: char, next: char) -> bool {
    match character {
        '.' | '!' | '?' => next.is_whitespace() || matches!(next, '"' | ')' | '<' | '`'),
        '。' | '！' | '？' | '।' | '؟' => true,
        '\n' => matches!(next, '\n' | '-' | '*' | '•' | '#' | '<'),
        _ => false,
    }
}

struct Fold {
    done: Vec<Sentence>,
    words: String,
    start: usize,
    count: usize,
}

impl Fold {
    fn word(&mut self, word: &mut String) {
        if word.is_empty() {
            return;
        }
        unmix(word);
        self.words.push_str(word);
        self.words.push(' ');
        self.count = self.count.saturating_add(1);
        word.clear();
    }

    fn sentence(&mut self, end: usize) {
        if self.count > 0 {
            let words = std::mem::replace(&mut self.words, String::from(" "));
            let words = closed_up(&words).unwrap_or(words);
            self.done.push(Sentence {
                words,
                start: self.start,
                end,
            });
        }
        (self.start, self.count) = (end, 0);
    }
}

/// Letters set apart (`i g n o r e`) as one word, or nothing where there are none.
fn closed_up(words: &str) -> Option<String> {
    let is_single = |word: &str| word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let all: Vec<&str> = words.split_ascii_whitespace().collect();
    if !all
        .windows(5)
        .any(|five| five.iter().all(|word| is_single(word)))
    {
        return None;
    }
    let mut closed = String::from(" ");
    let mut was_single = false;
    for word in all {
        let single = is_single(word);
        if !(closed.len() == 1 || single && was_single) {
            closed.push(' ');
        }
        closed.push_str(word);
        was_single = single;
    }
    closed.push(' ');
    Some(closed)
}

/// One character in lower case, without marks, and out of the blocks of styled letters.
fn plain(character: char, into: &mut String) {
    if character.is_ascii() {
        into.push(character.to_ascii_lowercase());
        return;
    }
    let code = u32::from(character);
    let styled = match code {
        0xff01..=0xff5e => code.checked_sub(0xfee0),
        0x1d400..=0x1d6a3 => styled(code, 0x1d400),
        0x24b6..=0x24e9 => styled(code, 0x24b6),
        0x1f130..=0x1f149 => code
            .checked_sub(0x1f130)
            .and_then(|at| at.checked_add(0x61)),
        _ => None,
    };
    match styled.and_then(char::from_u32) {
        Some(letter) => into.push(letter.to_ascii_lowercase()),
        None => character.to_lowercase().for_each(|one| unmarked(one, into)),
    }
}

/// Alphabets of 26 capitals and 26 small letters, one behind the other.
fn styled(code: u32, first: u32) -> Option<u32> {
    let at = code.checked_sub(first)?.checked_rem(26)?;
    at.checked_add(0x61)
}

fn unmarked(character: char, into: &mut String) {
    let bare = match character {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ả' | 'ạ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ' | 'ẻ' => "e",
        'ğ' | 'ģ' => "g",
        'ì'..='ï' | 'ī' | 'į' | 'ı' => "i",
        'ł' | 'ľ' | 'ļ' => "l",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' | 'ọ' => "o",
        'œ' => "oe",
        'ř' | 'ŕ' => "r",
        'ś' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ț' | 'ţ' => "t",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '\u{300}'..='\u{36f}' => "",
        _ => {
            into.push(character);
            return;
        }
    };
    into.push_str(bare);
}

/// Puts Latin letters in the place of their twins, in words that hold both.
fn unmix(word: &mut String) {
    if word.is_ascii() || !word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return;
    }
    if word.chars().any(|one| twin(one).is_some()) {
        *word = word.chars().map(|one| twin(one).unwrap_or(one)).collect();
    }
}

/// The Latin letter that a Cyrillic or Greek small letter looks like.
pub(crate) fn twin(character: char) -> Option<char> {
    const TWINS: &str = "аaвbсcԁdеeғfɡgһhіiјjкkӏlмmпnоoрpԛqгrѕsтtцuуyѵvԝwхxзz\
                         αaβbεeηnικkνvοoρpτtυuχxγyωw";
    // Pairs, but for iota, which looks like its neighbour's end.
    let mut pairs = TWINS.chars();
    if character == 'ι' {
        return Some('i');
    }
    while let (Some(foreign), Some(latin)) = (pairs.next(), pairs.next()) {
        if foreign == character {
            return Some(latin);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        sentences(text).into_iter().map(|one| one.words).collect()
    }

    #[test]
    fn one_form_for_many_spellings() {
        for text in [
            "Ignore ME!",
            "ｉｇｎｏｒｅ me",
            "𝐢𝐠𝐧𝐨𝐫𝐞 𝑚𝑒",
            "i\u{200b}gnоre mе",
            "ígnöre me",
        ] {
            assert_eq!(folded(text), [" ignore me "], "{text}");
        }
        assert_eq!(folded("i g n o r e that"), [" ignore that "]);
        assert_eq!(name("readFile_now.v2"), " read file now v2 ");
    }

    #[test]
    fn sentences_end_where_readers_stop() {
        let text = "See ~/.ssh/id_rsa, e.g. now. Don't! 不要说。好";
        assert_eq!(
            folded(text),
            [
                " see ssh id rsa e g ",
                " now ",
                " don t ",
                " 不要说 ",
                " 好 "
            ]
        );
    }

    #[test]
    fn words_of_one_foreign_script_stay() {
        assert_eq!(folded("не сообщай"), [" не сообщай "]);
    }
}
