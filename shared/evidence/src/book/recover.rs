//! What a start finds: the heads that were signed, and a tree that leads to all of them.

use std::io;
use std::path::Path;

use varistor_audit::segments;

use super::Signing;
use crate::checkpoint::Checkpoint;
use crate::error::{EvidenceError, at};
use crate::keychain::{self, Keychain};
use crate::levels::Growing;
use crate::merkle::{self, Hash, leaf_hash};
use crate::note::Note;
use crate::{heads, lines};

/// Lines between two writes of a tree that is made anew: 2 MiB of hashes.
const FLUSH_LINES: u64 = 1 << 16;

/// What was signed so far.
pub(super) struct Signed {
    pub(super) chain: Option<Keychain>,
    /// Size and root of the newest heads, smallest first.
    pub(super) heads: Vec<(u64, Hash)>,
}

pub(super) fn signed(dir: &Path, signing: &Signing) -> Result<Signed, EvidenceError> {
    let last = heads::last(dir).map_err(at(dir))?;
    let copy = match std::fs::read(&signing.head) {
        Ok(bytes) => Note::parse(keychain::valid(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(at(&signing.head)(error)),
    };
    let Some(chain) = Keychain::load(dir)? else {
        return match last.or(copy) {
            None => Ok(Signed {
                chain: None,
                heads: Vec::new(),
            }),
            // Something was signed, by keys that are gone.
            Some(_) => Err(EvidenceError::Keychain(keychain::path(dir), 0)),
        };
    };
    let mut heads: Vec<_> = chain
        .epochs()
        .last()
        .map(|epoch| (epoch.begin.size, epoch.begin.root))
        .into_iter()
        .collect();
    for (note, path) in [(last, dir), (copy, &signing.head)] {
        let Some(note) = note else { continue };
        let head = Checkpoint::parse(&note.text).filter(|head| chain.holds(&note, head));
        let head = head.ok_or_else(|| EvidenceError::Foreign(path.to_owned()))?;
        heads.push((head.size, head.root));
    }
    heads.sort_unstable();
    Ok(Signed {
        chain: Some(chain),
        heads,
    })
}

/// The tree over the `records` lines of the log. What the files say of all but the last two
/// segments is believed if it leads to the signed heads; else it is made anew out of the lines.
pub(super) fn tree(
    dir: &Path,
    records: u64,
    heads: &[(u64, Hash)],
) -> Result<Growing, EvidenceError> {
    if let Some((signed, _)) = heads.last().filter(|(size, _)| *size > records) {
        let (path, signed, found) = (dir.to_owned(), *signed, records);
        return Err(EvidenceError::Shorter {
            path,
            signed,
            found,
        });
    }
    let names = segments::list(dir).map_err(at(dir))?;
    let first = names.first().map_or(0, |name| name.0);
    let recent = names.iter().rev().nth(1).map_or(first, |name| name.0);
    let mut begins = vec![recent];
    if recent > first {
        begins.push(first);
    }
    let mut failed = None;
    for begin in begins {
        // Files that don't hold that much are no reason to give up yet.
        let Ok(tree) = Growing::resume(dir, begin) else {
            continue;
        };
        match grow(dir, tree, records, heads).map_err(at(dir))? {
            Ok(tree) => return Ok(tree),
            Err(size) => failed = Some(size),
        }
    }
    Err(match failed {
        Some(size) => EvidenceError::Changed(dir.to_owned(), size),
        None => EvidenceError::Unmade(dir.to_owned()),
    })
}

/// The error within is the size of the first head that the lines don't lead to.
fn grow(
    dir: &Path,
    mut tree: Growing,
    records: u64,
    heads: &[(u64, Hash)],
) -> io::Result<Result<Growing, u64>> {
    let begin = tree.frontier().size();
    for (size, root) in heads.iter().filter(|(size, _)| *size <= begin) {
        if merkle::root(&tree, *size).ok().as_ref() != Some(root) {
            return Ok(Err(*size));
        }
    }
    let mut wrong = None;
    let reached = lines::each(dir, begin, |seq, line| {
        tree.push(leaf_hash(line));
        let size = seq.saturating_add(1);
        if size.is_multiple_of(FLUSH_LINES) {
            tree.flush()?;
        }
        let mut of_size = heads.iter().filter(|head| head.0 == size);
        if of_size.any(|(_, root)| *root != tree.frontier().root()) {
            wrong = Some(size);
        }
        Ok(wrong.is_none() && size < records)
    })?;
    if let Some(size) = wrong {
        return Ok(Err(size));
    }
    if reached < records {
        // A segment is missing in between.
        return Ok(Err(records));
    }
    tree.flush()?;
    Ok(Ok(tree))
}
