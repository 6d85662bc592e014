//! Remembers what names of values mean: a server's answers repeat the same few.
//!
//! Whole names are compared, so that no other name can be mistaken for a harmless one.

use xxhash_rust::xxh3::xxh3_64;

use super::ScanError;
use super::field::Field;

/// How many names are remembered.
const ROWS: usize = 256;
/// Longest name that is, in bytes.
const LONGEST: usize = 24;

/// What a name means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meant {
    pub(super) field: Option<Field>,
    /// Whether a detector knows values by this name.
    pub(super) keyed: bool,
}

#[derive(Clone, Copy, Default)]
struct Row {
    name: [u8; LONGEST],
    length: usize,
    meant: Meant,
}

/// The names that were met last, each in the place that its hash gives it.
#[derive(Default)]
pub(super) struct Memo {
    rows: Vec<Row>,
}

impl Memo {
    /// What the name means, which is worked out when it is not remembered.
    pub(super) fn of(
        &mut self,
        name: &[u8],
        work_out: impl FnOnce() -> Result<Meant, ScanError>,
    ) -> Result<Meant, ScanError> {
        if name.len() > LONGEST || name.is_empty() {
            return work_out();
        }
        if self.rows.is_empty() {
            self.rows = vec![Row::default(); ROWS];
        }
        let place = usize::from(xxh3_64(name).to_le_bytes()[0]);
        let Some(row) = self.rows.get_mut(place) else {
            return work_out();
        };
        if row.name.get(..row.length) == Some(name) {
            return Ok(row.meant);
        }
        let meant = work_out()?;
        *row = Row {
            length: name.len(),
            meant,
            ..Row::default()
        };
        for (to, from) in row.name.iter_mut().zip(name) {
            *to = *from;
        }
        Ok(meant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_worked_out_once_and_never_mistaken() {
        let mut memo = Memo::default();
        let meant = |field| Meant {
            field,
            keyed: false,
        };
        let mut worked_out = 0;
        for round in 0..2 {
            for number in 0..100_u32 {
                let name = format!("name_{number}");
                let field = (number % 2 == 0).then_some(Field::Phone);
                let told = memo.of(name.as_bytes(), || {
                    worked_out += 1;
                    Ok(meant(field))
                });
                assert_eq!(told, Ok(meant(field)), "{round} {number}");
            }
        }
        assert!((100..200).contains(&worked_out), "{worked_out}");
        let long = "x".repeat(LONGEST + 1);
        let wrong = Err(ScanError::Detector(1));
        assert_eq!(
            memo.of(long.as_bytes(), || Err(ScanError::Detector(1))),
            wrong
        );
        assert_eq!(memo.of(b"never", || Err(ScanError::Detector(1))), wrong);
        assert_eq!(memo.of(b"never", || Ok(meant(None))), Ok(meant(None)));
    }
}
