//! Which record is not the one that was signed: the tree made anew out of the lines, compared with
//! each head, and leaf by leaf with what the tree on disk says.

use std::io;
use std::path::Path;

use super::signed::{Head, Heads};
use super::{EvidenceProblem, Verdict, What};
use crate::levels::Levels;
use crate::merkle::{Frontier, leaf_hash};

/// Hashes that are read at once: 128 KiB.
const BLOCK_LEAVES: usize = 4096;

pub(super) struct Tree {
    levels: Levels,
    frontier: Frontier,
    heads: Heads,
    /// Hashes of `tree.0` from `block_first` on.
    block: Vec<u8>,
    block_first: u64,
    block_count: usize,
    /// The first line since the last good head that `tree.0` has another hash of.
    suspect: Option<u64>,
    /// Lines of the last head that held.
    good: u64,
    heads_checked: u64,
    /// The lines can't be compared with further heads.
    lost: bool,
    tree_damaged: bool,
    problem: Option<EvidenceProblem>,
}

impl Tree {
    /// Begins with line `first`.
    pub(super) fn begin(dir: &Path, first: u64, heads: Heads) -> io::Result<Self> {
        let levels = Levels::open(dir)?;
        let frontier = Frontier::of(&levels, first).ok();
        let lost = frontier.is_none();
        let mut tree = Self {
            levels,
            frontier: frontier.unwrap_or_default(),
            heads,
            block: vec![0; BLOCK_LEAVES.saturating_mul(32)],
            block_first: 0,
            block_count: 0,
            suspect: None,
            good: first,
            heads_checked: 0,
            lost,
            tree_damaged: false,
            problem: None,
        };
        if let Some(before) = first.checked_sub(1) {
            // Heads of lines before the first say nothing about those that are read.
            while tree.heads.up_to(before)?.is_some() {}
        }
        // Where nothing of it was signed, no tree is missing.
        if lost && tree.heads.up_to(u64::MAX)?.is_some() {
            tree.problem(first, true, What::NoTree);
        }
        tree.compare()?;
        Ok(tree)
    }

    /// How many lines witnesses have cosigned.
    pub(super) fn witnessed(&self) -> u64 {
        self.heads.witnessed.map_or(0, |(size, _)| size)
    }

    pub(super) fn line(&mut self, place: u64, line: &[u8]) -> io::Result<()> {
        if self.lost {
            return Ok(());
        }
        if place != self.frontier.size() {
            // A line is missing or came twice; the chain has told.
            self.lost = true;
            return Ok(());
        }
        let leaf = leaf_hash(line);
        if self.suspect.is_none() && self.recorded(place)?.is_some_and(|known| known != leaf) {
            self.suspect = Some(place);
        }
        self.frontier.push(leaf, |_, _| {});
        self.compare()
    }

    /// What `tree.0` says about a line.
    fn recorded(&mut self, place: u64) -> io::Result<Option<[u8; 32]>> {
        let end = self.block_first.saturating_add(self.block_count as u64);
        if place < self.block_first || place >= end {
            self.block_count = self.levels.leaves(place, &mut self.block)?;
            self.block_first = place;
        }
        let within = usize::try_from(place.saturating_sub(self.block_first)).unwrap_or(usize::MAX);
        if within >= self.block_count {
            return Ok(None);
        }
        let (hashes, _) = self.block.as_chunks::<32>();
        Ok(hashes.get(within).copied())
    }

    /// Compares with all heads of so many lines.
    fn compare(&mut self) -> io::Result<()> {
        while !self.lost
            && let Some(head) = self.heads.up_to(self.frontier.size())?
        {
            self.heads_checked = self.heads_checked.saturating_add(1);
            if head.root == self.frontier.root() {
                // The lines are right, so what differs is the tree on disk.
                self.tree_damaged |= self.suspect.take().is_some();
                self.good = head.size;
            } else {
                self.differs(head);
            }
        }
        Ok(())
    }

    fn differs(&mut self, head: Head) {
        self.lost = true;
        let size = head.size;
        // What the tree on disk says about single lines counts if it leads to the signed root.
        let is_true = self.leaves_lead_to(head);
        match self.suspect.filter(|_| is_true) {
            Some(index) => self.problem(index, true, What::Root { size }),
            None => self.problem(self.good, false, What::Root { size }),
        }
    }

    /// Whether the hashes of lines since the last good head lead to this one.
    fn leaves_lead_to(&self, head: Head) -> bool {
        let Ok(mut frontier) = Frontier::of(&self.levels, self.good) else {
            return false;
        };
        let mut bytes = vec![0; BLOCK_LEAVES.saturating_mul(32)];
        while frontier.size() < head.size {
            let count = self.levels.leaves(frontier.size(), &mut bytes).unwrap_or(0);
            let left = head.size.saturating_sub(frontier.size());
            let left = usize::try_from(left).unwrap_or(usize::MAX);
            if count == 0 {
                return false;
            }
            let (hashes, _) = bytes.as_chunks::<32>();
            let hashes = hashes.iter().take(count.min(left));
            hashes.for_each(|hash| frontier.push(*hash, |_, _| {}));
        }
        frontier.root() == head.root
    }

    fn problem(&mut self, index: u64, exact: bool, what: What) {
        self.problem
            .get_or_insert(EvidenceProblem { index, exact, what });
    }

    /// The end; `whole` when the lines were read up to the log's end.
    pub(super) fn finish(mut self, whole: bool, verdict: &mut Verdict) -> io::Result<()> {
        let size = self.frontier.size();
        if whole && !self.lost {
            let mut most = 0;
            while let Some(head) = self.heads.up_to(u64::MAX)? {
                most = most.max(head.size);
            }
            if most > size {
                self.problem(size, true, What::Missing { signed: most });
                verdict.signed_most = most;
            }
        }
        verdict.signed = self.good.max(verdict.signed);
        verdict.signed_most = verdict.signed_most.max(verdict.signed);
        verdict.heads = self.heads_checked;
        verdict.tree_damaged = self.tree_damaged || (self.suspect.is_some() && !self.lost);
        verdict.torn_head = self.heads.torn;
        verdict.witnessed = self.heads.witnessed;
        verdict.problems.append(&mut self.heads.problems);
        verdict.problems.extend(self.problem);
        Ok(())
    }
}
