//! Checkpoints (C2SP tlog-checkpoint): a log's name, how many lines it has, and their root.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::merkle::Hash;

/// The text of a checkpoint, which is signed as a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many lines it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    /// Further lines, each with its newline; empty in all but key changes.
    pub extension: String,
}

impl Checkpoint {
    /// Reads a note's text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.splitn(4, '\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let extension = lines.next()?;
        let whole = extension.is_empty() || extension.ends_with('\n');
        let fits = !origin.is_empty() && whole && !extension.contains("\n\n");
        fits.then_some(Self {
            origin: origin.to_owned(),
            size: decimal(size)?,
            root: hash(root)?,
            extension: extension.to_owned(),
        })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = STANDARD.encode(self.root);
        write!(
            f,
            "{}\n{}\n{root}\n{}",
            self.origin, self.size, self.extension
        )
    }
}

/// A number without sign, leading zeros or anything else.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let leading = text.len() > 1 && text.starts_with('0');
    (plain && !leading).then(|| text.parse().ok()).flatten()
}

/// A hash in base64.
pub(crate) fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// A hash in base64.
pub(crate) fn base64(hash: &Hash) -> String {
    STANDARD.encode(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_was_written() {
        for extension in ["", "one\n", "one\ntwo\n"] {
            let checkpoint = Checkpoint {
                origin: "example.com/log".to_owned(),
                size: 20_852_163,
                root: [3; 32],
                extension: extension.to_owned(),
            };
            assert_eq!(Checkpoint::parse(&checkpoint.to_string()), Some(checkpoint));
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let root = base64(&[3; 32]);
        for text in [
            format!("\n1\n{root}\n"),
            format!("a\n01\n{root}\n"),
            format!("a\n+1\n{root}\n"),
            format!("a\n\n{root}\n"),
            format!("a\n99999999999999999999\n{root}\n"),
            format!("a\n1\n{root}"),
            format!("a\n1\n{root}\nx"),
            format!("a\n1\n{}\n", &root[4..]),
            "a\n1\n".to_owned(),
        ] {
            assert_eq!(Checkpoint::parse(&text), None, "{text:?}");
        }
    }
}
