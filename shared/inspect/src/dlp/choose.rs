//! Chooses among findings that overlap: the one that says most stays.
//!
//! A finding goes only when another one holds all of it, and only when policy treats the other's
//! class at least as strictly; nothing that policy wants replaced is left standing.

use varistor_model::Class;

use super::kit::Kit;
use super::{Encoding, Hit, Validator};

/// What was chosen so far; reused from scan to scan.
#[derive(Default)]
pub(super) struct Chosen {
    taken: Vec<Hit>,
    merged: Vec<Hit>,
}

/// Ranks from the one that says most.
const RANKS: u8 = 9;

const fn rank(validator: Validator) -> u8 {
    match validator {
        Validator::Own => 0,
        Validator::Pattern | Validator::PrivateKey | Validator::Token | Validator::Url => 1,
        Validator::Keyed
        | Validator::Card
        | Validator::Iban
        | Validator::Number
        | Validator::Within => 2,
        Validator::Ssn | Validator::Birth => 3,
        Validator::Email | Validator::Routing | Validator::Account => 4,
        Validator::Password | Validator::Key => 5,
        Validator::Phone => 6,
        Validator::Address => 7,
        Validator::Person => 8,
    }
}

impl Chosen {
    /// Sorts the hits by where they begin, and drops those that say nothing beside another.
    pub(super) fn choose(&mut self, kit: &Kit, hits: &mut Vec<Hit>) {
        // Of two readings of the same place, the one without the escapes of a text within the text.
        let escaped = |hit: &Hit| hit.encoding != Encoding::Json;
        let order = |hit: &Hit| {
            let end = usize::MAX.wrapping_sub(hit.end);
            (hit.start, end, hit.detector, escaped(hit), hit.encoding)
        };
        hits.sort_unstable_by_key(order);
        hits.dedup_by_key(|hit| (hit.start, hit.end, hit.detector));
        if hits.len() < 2 {
            return;
        }
        self.taken.clear();
        for level in 0..RANKS {
            let candidates = hits.iter().filter(|hit| {
                let row = kit.rows.get(usize::from(hit.detector));
                row.is_some_and(|row| rank(row.validator) == level)
            });
            self.merge(kit, candidates);
        }
        std::mem::swap(hits, &mut self.taken);
    }

    /// Takes the candidates of one rank that nothing taken holds; both are sorted.
    fn merge<'h>(&mut self, kit: &Kit, candidates: impl Iterator<Item = &'h Hit>) {
        self.merged.clear();
        let mut taken = self.taken.iter().peekable();
        // The hit that reaches furthest so far, by class.
        let mut reach: [Option<Hit>; Class::ALL.len()] = [None; Class::ALL.len()];
        for hit in candidates {
            while let Some(before) = taken.next_if(|other| other.start <= hit.start) {
                note(kit, &mut reach, before);
                self.merged.push(*before);
            }
            if is_needless(kit, &reach, hit) {
                continue;
            }
            note(kit, &mut reach, hit);
            self.merged.push(*hit);
        }
        self.merged.extend(taken);
        std::mem::swap(&mut self.taken, &mut self.merged);
    }
}

fn note(kit: &Kit, reach: &mut [Option<Hit>; Class::ALL.len()], hit: &Hit) {
    let Some(row) = kit
        .rows
        .get(usize::from(hit.detector))
        .filter(|row| !row.is_special)
    else {
        return;
    };
    if let Some(furthest) = reach.get_mut(row.class as usize)
        && furthest.is_none_or(|other| hit.end > other.end)
    {
        *furthest = Some(*hit);
    }
}

fn is_needless(kit: &Kit, reach: &[Option<Hit>; Class::ALL.len()], hit: &Hit) -> bool {
    let Some(row) = kit.rows.get(usize::from(hit.detector)) else {
        return true;
    };
    reach.iter().enumerate().any(|(class, other)| {
        let covers = kit
            .covers
            .get(class)
            .and_then(|row_of| row_of.get(row.class as usize));
        other.is_some_and(|other| {
            other.end >= hit.end
                && covers == Some(&true)
                && (!row.is_special || other.detector == hit.detector)
        })
    })
}
