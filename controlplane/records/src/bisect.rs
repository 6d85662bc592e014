//! Finds a place in a segment by halving: where the numbers or times reach a bound. Works on any
//! part of a file in which they only grow, without an index.

use std::fs::File;
use std::io;
use std::ops::Range;

use varistor_audit::Head;

use crate::lines::{Lines, Piece};

/// A part as small as this is searched line by line.
const SMALL_BYTES: u64 = 64 * 1024;

/// The part that has to be looked into for the first line that is not `below`: every line before
/// it is, and every line behind it is not. Both ends are beginnings of lines, or the part's own.
///
/// # Errors
/// When the file can't be read.
pub(crate) fn bound(
    file: &File,
    part: Range<u64>,
    below: impl Fn(&Head) -> bool,
) -> io::Result<Range<u64>> {
    // Relation: lines that begin before `low` are below; lines that begin at `high` or behind it
    // are not; `low <= search <= high`.
    let (mut low, mut high, mut search) = (part.start, part.end, part.end);
    while search.saturating_sub(low) > SMALL_BYTES {
        let middle = low.midpoint(search);
        match first_line(file, middle..part.end, search)? {
            Some((place, head)) if below(&head) => low = place.end,
            Some((place, _)) => (high, search) = (place.start, middle),
            None => search = middle,
        }
    }
    Ok(low..high)
}

/// The first readable line that begins behind the first newline of the part, if it begins before
/// `limit`.
fn first_line(file: &File, part: Range<u64>, limit: u64) -> io::Result<Option<(Range<u64>, Head)>> {
    let mut lines = Lines::of(file, part);
    // The rest of the line in whose middle the part begins.
    lines.next()?;
    while let Some((place, piece)) = lines.next()? {
        if place.start >= limit {
            return Ok(None);
        }
        if let Piece::Line(line) = piece
            && let Some(head) = Head::read(line)
        {
            return Ok(Some((place, head)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, STEP, TIME};
    use std::os::unix::fs::FileExt as _;

    #[test]
    fn every_bound_is_found_also_among_damaged_lines() {
        let tails: Vec<String> = (0..4000)
            .map(|_| fixture::call("s", "t", "allow", ""))
            .collect();
        let log = fixture::Log::of(&tails, 4000);
        let file = File::options()
            .read(true)
            .write(true)
            .open(log.segment(0))
            .unwrap();
        let length = file.metadata().unwrap().len();
        let starts: Vec<u64> = {
            let mut lines = Lines::of(&file, 0..length);
            let mut starts = Vec::new();
            while let Some((place, _)) = lines.next().unwrap() {
                starts.push(place.start);
            }
            starts
        };
        for damaged in [500, 1999, 2000, 2001, 3999] {
            file.write_all_at(b"#", starts[damaged]).unwrap();
        }
        for wanted in [0, 1, 499, 500, 501, 1999, 2000, 2002, 3998, 3999, 4000] {
            let part = bound(&file, 0..length, |head| head.time_ns < TIME + wanted * STEP).unwrap();
            let place = starts.get(wanted as usize).copied().unwrap_or(length);
            assert!(
                part.start <= place && place <= part.end,
                "{wanted}: {place} not in {part:?}"
            );
            assert!(part.end - part.start <= SMALL_BYTES + 4000, "{part:?}");
            assert!(part.end == length || starts.contains(&part.end));
            assert!(starts.contains(&part.start) || part.start == length);
        }
    }

    #[test]
    fn a_part_of_one_line_that_is_longer_than_small_is_left_whole() {
        let long = format!(r#","kind":"x","a":"{}"}}"#, "y".repeat(300_000));
        let log = fixture::Log::of(&[long], 1);
        let file = File::open(log.segment(0)).unwrap();
        let length = file.metadata().unwrap().len();
        let found = bound(&file, 0..length, |head| head.seq < 7).unwrap();
        assert_eq!(found, 0..length);
    }
}
