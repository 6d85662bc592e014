//! Signed notes (C2SP signed-note): a text, and lines with names, key ids and signatures.
//!
//! Signatures by unknown keys say nothing and are kept. A text or a line in any other form is
//! refused.

mod key;

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use key::{Algorithm, VerifierKey, sign, sign_cosignature};

/// How a signature line begins: an em dash and a space.
const MARK: &str = "\u{2014} ";
/// Most signatures that are read.
const SIGNATURES_MAX: usize = 64;

/// A text and its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is signed, with its last newline.
    pub text: String,
    /// Who signed it, in the order of the lines.
    pub signatures: Vec<Signature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The key's id: the first four bytes of a hash over name and public key.
    pub id: [u8; 4],
    /// The signature, as its algorithm has it.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// Reads a line, without its newline.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(MARK)?.split_once(' ')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        (is_name(name) && !signature.is_empty()).then(|| Self {
            name: name.to_owned(),
            id: *id,
            bytes: signature.to_vec(),
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id[..], &self.bytes].concat();
        write!(f, "{MARK}{} {}", self.name, STANDARD.encode(bytes))
    }
}

impl Note {
    /// Reads one note: text, an empty line, signature lines, each with its newline.
    #[must_use]
    pub fn parse(note: &str) -> Option<Self> {
        let split = note.rfind("\n\n")?.checked_add(1)?;
        let (text, rest) = note.split_at_checked(split)?;
        let lines = rest.strip_prefix('\n')?.strip_suffix('\n')?;
        let signatures: Option<Vec<_>> = lines.split('\n').map(Signature::parse).collect();
        let signatures = signatures?;
        let controls = |c: char| c < ' ' && c != '\n';
        let fits = signatures.len() <= SIGNATURES_MAX && !text.contains(controls);
        fits.then(|| Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// Whether `key` has signed it; of a cosignature, the time that it names.
    #[must_use]
    pub fn signed_by(&self, key: &VerifierKey) -> Option<u64> {
        let mut lines = self.signatures.iter();
        lines.find_map(|line| key.verify(&self.text, line))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Names of keys: not empty, neither spaces nor plus signs in them.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// Takes a file of notes apart, each followed by an empty line but perhaps the last: pairs of a
/// note's first byte and its text. What stands behind the last whole note comes as an error: a
/// crash may have torn it.
pub fn split(file: &str) -> impl Iterator<Item = Result<(usize, &str), usize>> {
    let mut offset = 0_usize;
    core::iter::from_fn(move || {
        let rest = file.get(offset..)?;
        if rest.is_empty() {
            return None;
        }
        let begin = offset;
        let text = rest.find("\n\n").and_then(|end| end.checked_add(2));
        let whole = text.and_then(|text| {
            let signatures = rest.get(text..)?;
            let end = signatures
                .find("\n\n")
                .map(|end| (end.saturating_add(1), 1));
            // The last note of a file may lack the empty line behind it.
            let end = end.or_else(|| {
                let ends = signatures.ends_with('\n') && signatures.starts_with(MARK);
                ends.then_some((signatures.len(), 0))
            });
            end.map(|(end, gap)| (text.saturating_add(end), gap))
        });
        match whole {
            Some((length, gap)) => {
                offset = begin.saturating_add(length).saturating_add(gap);
                Some(Ok((begin, rest.get(..length).unwrap_or_default())))
            }
            None => {
                offset = file.len();
                Some(Err(begin))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    fn signed(text: &str) -> (Note, VerifierKey) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let note = Note {
            text: text.to_owned(),
            signatures: vec![sign("example.com/log", &key, text)],
        };
        (
            note,
            VerifierKey::log("example.com/log", &key.verifying_key()),
        )
    }

    #[test]
    fn a_note_is_read_as_it_was_written_and_holds_for_its_text_only() {
        let (note, key) = signed("example.com/log\n1\nabc\n");
        let read = Note::parse(&note.to_string()).unwrap();
        assert_eq!(read, note);
        assert_eq!(read.signed_by(&key), Some(0));
        let other = note.to_string().replacen("\n1\n", "\n2\n", 1);
        assert_eq!(Note::parse(&other).unwrap().signed_by(&key), None);
    }

    #[test]
    fn every_flipped_bit_of_a_note_makes_it_unreadable_or_unsigned() {
        let (note, key) = signed("example.com/log\n1\nabc\n");
        let bytes = note.to_string().into_bytes();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let note = String::from_utf8(changed)
                .ok()
                .and_then(|text| Note::parse(&text));
            let holds = note.is_some_and(|note| note.signed_by(&key).is_some());
            assert!(!holds, "bit {bit}");
        }
    }

    #[test]
    fn a_cosignature_names_its_time() {
        let (mut note, _) = signed("example.com/log\n1\nabc\n");
        let witness = SigningKey::from_bytes(&[8; 32]);
        let line = sign_cosignature("w1", &witness, 1_679_315_147, &note.text);
        note.signatures.push(line);
        let key = VerifierKey::witness("w1", &witness.verifying_key());
        assert_eq!(note.signed_by(&key), Some(1_679_315_147));
        note.signatures[1].bytes[7] ^= 1;
        assert_eq!(note.signed_by(&key), None);
    }

    #[test]
    fn a_file_of_notes_is_taken_apart_up_to_a_torn_end() {
        let (note, _) = signed("a\n1\nx\n");
        let (one, two) = (format!("{note}\n"), note.to_string());
        let file = format!("{one}{two}");
        let found: Vec<_> = split(&file).collect();
        assert_eq!(found, [Ok((0, &two[..])), Ok((one.len(), &two[..]))]);
        for cut in 1..two.len() {
            let torn = file.get(..one.len() + cut);
            let Some(torn) = torn else { continue };
            assert_eq!(split(torn).last(), Some(Err(one.len())), "{cut}");
        }
    }
}
