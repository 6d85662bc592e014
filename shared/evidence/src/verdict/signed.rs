//! All heads that were ever signed, as far as they are at hand, by size: of the files of heads, of
//! the chain of keys, of witnesses, and those that the verifier brought along.

use std::fs::File;
use std::io::{self, BufReader, Take};
use std::iter::Peekable;
use std::path::{Path, PathBuf};

use varistor_audit::SegmentName;

use super::{EvidenceProblem, Known, Verdict, What};
use crate::checkpoint::Checkpoint;
use crate::heads::{self, Found, Notes};
use crate::keychain::{self, Keychain};
use crate::merkle::Hash;
use crate::note::Note;
use crate::witnessed;

/// Most problems that are listed.
const PROBLEMS_MAX: usize = 100;

/// A head whose signature holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Head {
    pub(super) size: u64,
    pub(super) root: Hash,
}

/// The chain of keys as far as it holds; what is wrong with it goes to the verdict.
pub(super) fn chain(
    dir: &Path,
    known: &Known,
    verdict: &mut Verdict,
) -> io::Result<Option<Keychain>> {
    let mut problem = |index, what| {
        let exact = false;
        verdict
            .problems
            .push(EvidenceProblem { index, exact, what });
    };
    let bytes = match std::fs::read(keychain::path(dir)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if known.anchor.is_some() || !known.heads.is_empty() || !heads::list(dir)?.is_empty() {
                problem(0, What::NoKeychain);
            }
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let text = keychain::valid(&bytes);
    let (chain, broken) = Keychain::read_as_far(text);
    let reached = chain.epochs().last().map_or(0, |epoch| epoch.begin.size);
    if let Some(broken) = broken {
        problem(reached, What::Keychain(broken.0));
    }
    if known
        .anchor
        .as_ref()
        .is_some_and(|anchor| chain.anchor() != Some(anchor))
    {
        problem(0, What::Anchor);
    }
    verdict.anchor = chain.anchor().cloned();
    verdict.keys = chain.epochs().len() as u64;
    Ok((!chain.epochs().is_empty()).then_some(chain))
}

/// The heads, smallest first.
pub(super) struct Heads {
    dir: PathBuf,
    chain: Option<Keychain>,
    /// The files, and how long they were: a gateway may go on signing.
    files: std::vec::IntoIter<(SegmentName, u64)>,
    open: Option<(SegmentName, Notes<BufReader<Take<File>>>)>,
    /// The next head of the files, once it was looked at.
    next: Option<Head>,
    /// Size of the last head of the files.
    reached: u64,
    /// Of the chain, the witnesses and the verifier.
    others: Peekable<std::vec::IntoIter<Head>>,
    pub(super) problems: Vec<EvidenceProblem>,
    pub(super) torn: bool,
    pub(super) witnessed: Option<(u64, u64)>,
}

impl Heads {
    pub(super) fn open(dir: &Path, chain: Option<Keychain>, known: &Known) -> io::Result<Self> {
        let mut others = Vec::new();
        let mut problems = Vec::new();
        let mut cosigned = None;
        if let Some(chain) = &chain {
            let begins = chain.epochs().iter().map(|epoch| &epoch.begin);
            others.extend(begins.map(Head::of));
            for note in &known.heads {
                match holds(chain, note) {
                    Some(head) => others.push(head),
                    None => problems.push(EvidenceProblem {
                        index: 0,
                        exact: false,
                        what: What::Foreign,
                    }),
                }
            }
            let each = witnessed::by_each(dir, chain, &known.witnesses)?;
            others.extend(each.iter().flatten().map(|(head, _)| Head::of(head)));
            let agreed = witnessed::agreed(&each, known.quorum());
            cosigned = agreed.map(|(head, time)| (head.size, time));
        }
        others.sort_unstable();
        // Without keys, no head says anything.
        let mut files = Vec::new();
        for segment in heads::list(dir)?.into_iter().filter(|_| chain.is_some()) {
            let length = std::fs::metadata(heads::path(dir, segment))?.len();
            files.push((segment, length));
        }
        Ok(Self {
            dir: dir.to_owned(),
            chain,
            files: files.into_iter(),
            open: None,
            next: None,
            reached: 0,
            others: others.into_iter().peekable(),
            problems,
            torn: false,
            witnessed: cosigned,
        })
    }

    /// The next head, if it has at most `size` lines.
    pub(super) fn up_to(&mut self, size: u64) -> io::Result<Option<Head>> {
        if self.next.is_none() {
            self.next = self.of_files()?;
        }
        let other = self.others.peek().copied();
        let first = [self.next, other].into_iter().flatten().min();
        let Some(head) = first.filter(|head| head.size <= size) else {
            return Ok(None);
        };
        if Some(head) == other {
            self.others.next();
        } else {
            self.next = None;
        }
        Ok(Some(head))
    }

    fn of_files(&mut self) -> io::Result<Option<Head>> {
        loop {
            let Some((segment, notes)) = &mut self.open else {
                let Some((segment, length)) = self.files.next() else {
                    return Ok(None);
                };
                self.open = Some((segment, Notes::open(&self.dir, segment, length)?));
                continue;
            };
            let segment = *segment;
            match notes.read()? {
                None => self.open = None,
                Some(Found::Torn) => {
                    self.open = None;
                    match self.files.as_slice().is_empty() {
                        true => self.torn = true,
                        false => self.problem(What::Heads(segment)),
                    }
                }
                Some(Found::Damaged) => self.problem(What::Heads(segment)),
                Some(Found::Note(note)) => {
                    let head = self.chain.as_ref().and_then(|chain| holds(chain, &note));
                    match head {
                        None => self.problem(What::Head(segment)),
                        Some(head) if head.size < self.reached => {
                            self.problem(What::Heads(segment));
                        }
                        Some(head) => {
                            self.reached = head.size;
                            return Ok(Some(head));
                        }
                    }
                }
            }
        }
    }

    fn problem(&mut self, what: What) {
        if self.problems.len() < PROBLEMS_MAX {
            let (index, exact) = (self.reached, false);
            self.problems.push(EvidenceProblem { index, exact, what });
        }
    }
}

impl Head {
    fn of(checkpoint: &Checkpoint) -> Self {
        let Checkpoint { size, root, .. } = *checkpoint;
        Self { size, root }
    }
}

fn holds(chain: &Keychain, note: &Note) -> Option<Head> {
    let head = Checkpoint::parse(&note.text)?;
    chain.holds(note, &head).then(|| Head::of(&head))
}
