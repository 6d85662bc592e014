//! The lines of a log by number, as far as its segments go.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use varistor_audit::Head;
use varistor_audit::segments::list;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// Shows the whole lines `from..` without their newlines, until `each` says that it is enough;
/// returns the number behind the last one shown. Lines that a later segment repeats come once.
pub(crate) fn each(
    dir: &Path,
    from: u64,
    mut each: impl FnMut(u64, &[u8]) -> io::Result<bool>,
) -> io::Result<u64> {
    let names = list(dir)?;
    let holds = names.iter().rposition(|name| name.0 <= from);
    let mut reached = from;
    for (place, name) in names.iter().enumerate().skip(holds.unwrap_or(0)) {
        if name.0 > reached {
            break;
        }
        let next = names.get(place.saturating_add(1));
        let mut reader =
            BufReader::with_capacity(BUFFER_BYTES, File::open(dir.join(name.to_string()))?);
        let (mut seq, mut line) = (name.0, Vec::new());
        while next.is_none_or(|next| seq < next.0) {
            line.clear();
            reader.read_until(b'\n', &mut line)?;
            let Some(text) = line.strip_suffix(b"\n") else {
                break;
            };
            if seq >= reached {
                reached = seq.saturating_add(1);
                if !each(seq, text)? {
                    return Ok(reached);
                }
            }
            seq = seq.saturating_add(1);
        }
    }
    Ok(reached)
}

/// When a record of the log in `dir` was written, in nanoseconds since 1970; `None` when it is not
/// there.
///
/// # Errors
/// When a segment can't be read.
pub fn time_of(dir: &Path, seq: u64) -> io::Result<Option<u64>> {
    let line = line(dir, seq)?;
    Ok(line
        .as_deref()
        .and_then(Head::read)
        .map(|head| head.time_ns))
}

/// Line `seq`; `None` when the log does not have it.
pub(crate) fn line(dir: &Path, seq: u64) -> io::Result<Option<Vec<u8>>> {
    let mut found = None;
    each(dir, seq, |at, line| {
        found = (at == seq).then(|| line.to_vec());
        Ok(false)
    })?;
    Ok(found)
}
