//! The segments of a log: which of them hold a time or a number, and where their lines end.
//!
//! The last segment may be written meanwhile: what is behind its last newline when it is opened is
//! not looked at. Older ones do not change.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use varistor_audit::{Head, SegmentName, segments};

use crate::bisect;
use crate::lines::{Lines, Piece};
use crate::problem::Problem;
use crate::when::Period;

/// Lines looked at for a segment's first time, when the first ones are damaged.
const FIRST_LINES: usize = 100;
/// Window in which the last newline is looked for; doubled until it is found.
const WINDOW_BYTES: u64 = 64 * 1024;

/// A log that was found.
#[derive(Debug)]
pub struct Log {
    dir: PathBuf,
    names: Vec<SegmentName>,
}

/// One segment, open.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Its name.
    pub(crate) name: SegmentName,
    /// The first number of the segment behind it, whose lines count instead of the same ones here.
    pub(crate) next: Option<SegmentName>,
    pub(crate) path: PathBuf,
    pub(crate) file: File,
    /// Its length when it was opened, in bytes; of the last segment, up to its last newline.
    pub(crate) length: u64,
}

impl Log {
    /// The log in this directory.
    ///
    /// # Errors
    /// When it can't be read, or has no segment.
    pub fn open(dir: &Path) -> Result<Self, Problem> {
        let names = segments::list(dir).map_err(Problem::reading(dir))?;
        if names.is_empty() {
            return Err(Problem::Empty(dir.to_owned()));
        }
        Ok(Self {
            dir: dir.to_owned(),
            names,
        })
    }

    /// Its directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn names(&self) -> &[SegmentName] {
        &self.names
    }

    /// Bytes of its segments, for a progress bar.
    #[must_use]
    pub fn bytes(&self, period: Period) -> u64 {
        let span = self.span(period).unwrap_or(0..0);
        let names = self.names.get(span).unwrap_or_default();
        let length = |name: &SegmentName| {
            let metadata = std::fs::metadata(self.dir.join(name.to_string()));
            metadata.map_or(0, |metadata| metadata.len())
        };
        names.iter().map(length).sum()
    }

    /// Opens the segment at this place; none when it was retired meanwhile.
    pub(crate) fn segment(&self, place: usize) -> Result<Option<Segment>, Problem> {
        let Some(name) = self.names.get(place).copied() else {
            return Ok(None);
        };
        let next = self.names.get(place.saturating_add(1)).copied();
        let path = self.dir.join(name.to_string());
        let opened = File::open(&path).and_then(|file| {
            let length = match next {
                Some(_) => file.metadata()?.len(),
                None => whole(&file)?,
            };
            Ok((file, length))
        });
        let (file, length) = match opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound && next.is_some() => {
                return Ok(None);
            }
            opened => opened.map_err(Problem::reading(&path))?,
        };
        Ok(Some(Segment {
            name,
            next,
            path,
            file,
            length,
        }))
    }

    /// Places of the segments that may hold records of this time.
    pub(crate) fn span(&self, period: Period) -> Result<Range<usize>, Problem> {
        // A segment without a readable first line counts as early as can be for the end of the
        // span, and as late as can be for its beginning.
        let first = match period.from_ns {
            0 => 0,
            from => {
                self.first_where(|place| Ok(self.first_time(place..self.names.len())? >= from))?
            }
        };
        let start = first.saturating_sub(1);
        let end = match period.until_ns {
            u64::MAX => self.names.len(),
            until => self.first_where(|place| {
                let known = self.first_time(place..place.saturating_add(1))?;
                Ok(known != u64::MAX && known >= until)
            })?,
        };
        Ok(start..end.max(start))
    }

    /// The place of the segment that holds the line with this number.
    pub(crate) fn holder(&self, seq: u64) -> Option<usize> {
        self.names.iter().rposition(|name| name.0 <= seq)
    }

    fn first_where(
        &self,
        mut is: impl FnMut(usize) -> Result<bool, Problem>,
    ) -> Result<usize, Problem> {
        let (mut low, mut high) = (0, self.names.len());
        while low < high {
            let middle = low.midpoint(high);
            if is(middle)? {
                high = middle;
            } else {
                low = middle.saturating_add(1);
            }
        }
        Ok(low)
    }

    /// The first time that can be read in these segments; `u64::MAX` when none can.
    fn first_time(&self, places: Range<usize>) -> Result<u64, Problem> {
        for place in places {
            let Some(segment) = self.segment(place)? else {
                break;
            };
            let mut lines = Lines::of(&segment.file, 0..segment.length);
            for _ in 0..FIRST_LINES {
                match lines.next().map_err(Problem::reading(&segment.path))? {
                    Some((_, Piece::Line(line))) => {
                        if let Some(head) = Head::read(line) {
                            return Ok(head.time_ns);
                        }
                    }
                    Some(_) => {}
                    None => break,
                }
            }
        }
        Ok(u64::MAX)
    }
}

impl Segment {
    /// The part of it that may hold records of this time.
    pub(crate) fn part(&self, period: Period) -> io::Result<Range<u64>> {
        let all = 0..self.length;
        let start = match period.from_ns {
            0 => 0,
            from => bisect::bound(&self.file, all.clone(), |head| head.time_ns < from)?.start,
        };
        let end = match period.until_ns {
            u64::MAX => self.length,
            until => {
                bisect::bound(&self.file, start..self.length, |head| head.time_ns < until)?.end
            }
        };
        Ok(start..end)
    }

    /// The line with this number, without its newline.
    pub(crate) fn line(&self, seq: u64) -> io::Result<Option<Vec<u8>>> {
        let part = bisect::bound(&self.file, 0..self.length, |head| head.seq < seq)?;
        let mut lines = Lines::of(&self.file, part.start..self.length);
        while let Some((place, piece)) = lines.next()? {
            if let Piece::Line(line) = piece
                && let Some(head) = Head::read(line)
                && head.seq >= seq
            {
                return Ok((head.seq == seq).then(|| line.to_vec()));
            }
            if place.start > part.end {
                break;
            }
        }
        Ok(None)
    }

    /// Whether a later segment repeats this line.
    pub(crate) fn repeats(&self, seq: u64) -> bool {
        self.next.is_some_and(|next| seq >= next.0)
    }
}

/// Bytes up to the last newline of the file.
fn whole(file: &File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let mut window = WINDOW_BYTES;
    loop {
        let start = length.saturating_sub(window);
        let count = usize::try_from(length.saturating_sub(start)).map_err(io::Error::other)?;
        let mut bytes = vec![0; count];
        file.read_exact_at(&mut bytes, start)?;
        if let Some(newline) = memchr::memrchr(b'\n', &bytes) {
            return Ok(start.saturating_add(newline as u64).saturating_add(1));
        }
        if start == 0 {
            return Ok(0);
        }
        window = window.saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, STEP, TIME};
    use std::fs;
    use std::io::Write as _;

    fn log(lines: usize, per_segment: usize) -> fixture::Log {
        let tails: Vec<String> = (0..lines)
            .map(|_| fixture::call("s", "t", "allow", ""))
            .collect();
        fixture::Log::of(&tails, per_segment)
    }

    fn period(from: u64, until: u64) -> Period {
        Period {
            from_ns: TIME + from * STEP,
            until_ns: TIME + until * STEP,
        }
    }

    #[test]
    fn only_segments_of_the_time_are_looked_into() {
        let dir = log(50, 10);
        let log = Log::open(dir.path()).unwrap();
        for (from, until, expected) in [
            (0, 50, 0..5),
            (15, 16, 1..2),
            (20, 21, 1..3),
            (19, 20, 1..2),
            (60, 70, 4..5),
            (0, 0, 0..0),
        ] {
            let span = log.span(period(from, until)).unwrap();
            assert_eq!(span, expected, "{from} to {until}");
        }
        assert_eq!(log.span(Period::ALWAYS).unwrap(), 0..5);
        assert_eq!(
            (log.holder(0), log.holder(9), log.holder(10)),
            (Some(0), Some(0), Some(1))
        );
    }

    #[test]
    fn a_segment_whose_lines_are_damaged_is_never_left_out() {
        let dir = log(50, 10);
        let text = fs::read_to_string(dir.segment(20)).unwrap();
        fs::write(dir.segment(20), text.replace("{\"seq\"", "{\"qes\"")).unwrap();
        let log = Log::open(dir.path()).unwrap();
        for (from, until) in [(0, 50), (22, 25), (15, 23), (25, 35)] {
            let span = log.span(period(from, until)).unwrap();
            assert!(span.contains(&2), "{from} to {until}: {span:?}");
        }
    }

    #[test]
    fn a_line_is_found_by_its_number() {
        let dir = log(300, 100);
        let log = Log::open(dir.path()).unwrap();
        for seq in [0, 1, 99, 100, 250, 299] {
            let place = log.holder(seq).unwrap();
            let line = log
                .segment(place)
                .unwrap()
                .unwrap()
                .line(seq)
                .unwrap()
                .unwrap();
            assert_eq!(Head::read(&line).unwrap().seq, seq);
        }
        let last = log.segment(2).unwrap().unwrap();
        assert_eq!(last.line(300).unwrap(), None);
        assert!(!last.repeats(u64::MAX));
    }

    #[test]
    fn what_is_behind_the_last_newline_of_a_log_is_not_looked_at() {
        let dir = log(20, 10);
        for (segment, whole) in [(0, false), (10, true)] {
            let before = fs::metadata(dir.segment(segment)).unwrap().len();
            let mut file = File::options()
                .append(true)
                .open(dir.segment(segment))
                .unwrap();
            file.write_all(b"{\"seq\":20,").unwrap();
            let log = Log::open(dir.path()).unwrap();
            let place = log.holder(segment).unwrap();
            let length = log.segment(place).unwrap().unwrap().length;
            assert_eq!(length == before, whole, "{segment}");
        }
        fs::write(dir.segment(20), b"{\"torn").unwrap();
        let log = Log::open(dir.path()).unwrap();
        assert_eq!(log.segment(2).unwrap().unwrap().length, 0);
    }

    #[test]
    fn a_directory_without_segments_is_said_to_have_none() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Log::open(dir.path()), Err(Problem::Empty(_))));
        let missing = Log::open(&dir.path().join("missing")).unwrap_err();
        assert!(missing.to_string().contains("missing"), "{missing}");
    }
}
