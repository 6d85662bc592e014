//! What a crash has left ahead of the segments goes into the last one.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use varistor_audit::ahead::{self, Found, recover};
use varistor_audit::{Chain, Event, SegmentName};

use super::{LedgerError, at};
use crate::disk::{AheadFile, Disk, Segment};

/// Bytes of a segment that are written again at once.
const PART_BYTES: usize = 1 << 20;

/// Appends what was written ahead and lost to the segment `name`, which ends at `bytes`, and takes
/// the file away; returns the segment's new length.
///
/// The file goes last, so that a start that is cut off begins anew: a line that the segment already
/// has is not taken again.
pub(super) fn restore<D: Disk>(
    (dir, directory): (&Path, &D),
    (name, file, bytes): (SegmentName, &D::File, u64),
    chain: &mut Chain,
    notices: &mut Vec<Vec<u8>>,
) -> Result<u64, LedgerError> {
    let path = dir.join(ahead::FILE);
    let written = match fs::read(&path) {
        Ok(written) => written,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(bytes),
        Err(error) => return Err(at(&path)(error)),
    };
    // A sync that failed told its error to the process before; the kernel may hold these lines as
    // written although the device has none of them.
    let segment = dir.join(name.to_string());
    write_again(&segment, file, bytes).map_err(at(&segment))?;
    let expected = chain.next_seq();
    let Found { lines, count, gap } = recover(&written, chain);
    if let Some(found) = gap {
        return Err(LedgerError::Gap {
            path,
            found,
            expected,
        });
    }
    if count > 0 {
        append(file, &lines, bytes).map_err(at(&segment))?;
        file.sync().map_err(at(&segment))?;
        let mut notice = Vec::new();
        Event::Restored {
            segment: &name.to_string(),
            records: count,
        }
        .write(&mut notice);
        notices.push(notice);
    }
    directory.ahead().remove().map_err(at(&path))?;
    Ok(bytes.saturating_add(lines.len() as u64))
}

fn append(file: &impl Segment, lines: &[u8], bytes: u64) -> io::Result<()> {
    let (mut rest, mut end) = (lines, bytes);
    while !rest.is_empty() {
        let count = match file.write(rest, end) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            written => written?,
        };
        rest = rest.get(count..).unwrap_or_default();
        end = end.saturating_add(count as u64);
    }
    Ok(())
}

/// Writes a segment's bytes in their place once more, and brings them to the device.
fn write_again(path: &Path, file: &impl Segment, bytes: u64) -> io::Result<()> {
    let (written, mut at) = (fs::File::open(path)?, 0);
    let mut part = vec![0; PART_BYTES];
    while at < bytes {
        let count = written.read_at(&mut part, at)?;
        if count == 0 {
            break;
        }
        append(file, part.get(..count).unwrap_or_default(), at)?;
        at = at.saturating_add(count as u64);
    }
    file.sync()
}
