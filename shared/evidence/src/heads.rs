//! Files of signed heads: `<first record of a segment>.checkpoints`, notes in the order in which
//! they were signed, each followed by an empty line.
//!
//! They are not synced one by one, so that a power cut may tear the end of the newest file. What
//! was signed stands in the lines all the same: a head is signed only once its lines are synced.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Take};
use std::path::{Path, PathBuf};

use varistor_audit::SegmentName;

use crate::note::Note;

/// The ending of the files' names.
pub const EXTENSION: &str = "checkpoints";
/// Longest line of a note that is read, in bytes.
const LINE_BYTES_MAX: u64 = 4096;
/// Most lines of a note that are read.
const LINES_MAX: usize = 128;

/// The file that belongs to a segment.
#[must_use]
pub fn path(dir: &Path, segment: SegmentName) -> PathBuf {
    dir.join(segment.to_string()).with_extension(EXTENSION)
}

/// The segments that have such a file, in order.
///
/// # Errors
/// When the directory can't be read.
pub fn list(dir: &Path) -> io::Result<Vec<SegmentName>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let name = PathBuf::from(entry?.file_name());
        if name
            .extension()
            .is_some_and(|extension| extension == EXTENSION)
        {
            let segment = name.with_extension(varistor_audit::segments::EXTENSION);
            names.extend(segment.to_str().and_then(SegmentName::parse));
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// The notes of one file.
#[derive(Debug)]
pub struct Notes<R> {
    reader: R,
    /// Bytes of the notes that were read, with the empty lines behind them.
    bytes: u64,
}

/// What stands in a file of notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A note.
    Note(Note),
    /// Something else, up to the next empty line or the end.
    Damaged,
    /// An unfinished note at the very end.
    Torn,
}

impl Notes<BufReader<Take<File>>> {
    /// Opens the file of a segment and reads `length` bytes of it at most.
    ///
    /// # Errors
    /// When it can't be opened.
    pub fn open(dir: &Path, segment: SegmentName, length: u64) -> io::Result<Self> {
        let file = File::open(path(dir, segment))?.take(length);
        Ok(Self::new(BufReader::new(file)))
    }
}

impl<R: BufRead> Notes<R> {
    /// Reads notes from their beginning.
    pub const fn new(reader: R) -> Self {
        Self { reader, bytes: 0 }
    }

    /// Where the last whole note ends, with the empty line behind it, if nothing damaged was read.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next note; `None` at the end.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn read(&mut self) -> io::Result<Option<Found>> {
        let (mut bytes, mut gaps) = (Vec::new(), 0_u32);
        for _ in 0..LINES_MAX {
            let begin = bytes.len();
            let mut limited = self.reader.by_ref().take(LINE_BYTES_MAX);
            let count = limited.read_until(b'\n', &mut bytes)?;
            if count == 0 && begin == 0 {
                return Ok(None);
            }
            if count == 0 || !bytes.ends_with(b"\n") {
                return Ok(Some(match count as u64 == LINE_BYTES_MAX {
                    true => Found::Damaged,
                    false => Found::Torn,
                }));
            }
            gaps = gaps.saturating_add(u32::from(count == 1));
            if gaps == 2 {
                bytes.pop();
                let text = str::from_utf8(&bytes).ok();
                let Some(note) = text.and_then(Note::parse) else {
                    return Ok(Some(Found::Damaged));
                };
                let length = (bytes.len() as u64).saturating_add(1);
                self.bytes = self.bytes.saturating_add(length);
                return Ok(Some(Found::Note(note)));
            }
        }
        Ok(Some(Found::Damaged))
    }
}

/// The last whole note of a log's files.
///
/// # Errors
/// When a file can't be read.
pub fn last(dir: &Path) -> io::Result<Option<Note>> {
    for segment in list(dir)?.into_iter().rev() {
        let (mut notes, mut last) = (Notes::open(dir, segment, u64::MAX)?, None);
        while let Some(Found::Note(note)) = notes.read()? {
            last = Some(note);
        }
        if last.is_some() {
            return Ok(last);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::note::sign;

    fn note(size: u64) -> Note {
        let text = format!("log\n{size}\nroot\n");
        let signatures = vec![sign("log", &SigningKey::from_bytes(&[1; 32]), &text)];
        Note { text, signatures }
    }

    #[test]
    fn notes_are_read_up_to_a_torn_end() {
        let (one, two) = (format!("{}\n", note(1)), format!("{}\n", note(2)));
        let file = format!("{one}{two}");
        for cut in 1..=two.len() {
            let torn = &file.as_bytes()[..one.len() + cut];
            let mut notes = Notes::new(torn);
            assert_eq!(notes.read().unwrap(), Some(Found::Note(note(1))));
            assert_eq!(notes.bytes(), one.len() as u64);
            let last = match cut == two.len() {
                true => Found::Note(note(2)),
                false => Found::Torn,
            };
            // Cut behind a newline, it is unfinished as well.
            let found = notes.read().unwrap().unwrap();
            assert!(found == last || found == Found::Torn, "{cut}: {found:?}");
            assert_eq!(found == Found::Note(note(2)), cut == two.len());
        }
    }

    #[test]
    fn damage_is_told_and_later_notes_are_read() {
        let file =
            format!("{}\n\u{2014} x\n\ny\n\n{}\n", note(1), note(3)).replacen("root", "ro\0t", 1);
        let mut notes = Notes::new(file.as_bytes());
        let mut found = Vec::new();
        while let Some(next) = notes.read().unwrap() {
            found.push(next);
        }
        assert_eq!(
            found,
            [Found::Damaged, Found::Damaged, Found::Note(note(3))]
        );
    }

    #[test]
    fn the_last_note_is_found_although_the_newest_file_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(last(dir.path()).unwrap(), None);
        let file = format!("{}\n{}\n", note(1), note(2));
        std::fs::write(path(dir.path(), SegmentName(0)), file).unwrap();
        std::fs::write(path(dir.path(), SegmentName(9)), "").unwrap();
        assert_eq!(last(dir.path()).unwrap(), Some(note(2)));
        assert_eq!(list(dir.path()).unwrap(), [SegmentName(0), SegmentName(9)]);
    }
}
