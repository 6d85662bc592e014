//! What a crash has left behind the last line of a segment is cut off and kept aside.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use varistor_audit::segments::End;
use varistor_audit::{Event, Head, SegmentName, digest};

/// Cuts an unfinished last line off and keeps it in `<segment>.torn`, behind earlier ones.
///
/// A power cut may also leave zeros where unsynced lines were; from the first line that has them
/// on, nothing was ever synced, and no line of ours contains one.
pub(super) fn repair(path: &Path, notices: &mut Vec<Vec<u8>>) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let whole = match first_zero(&file)? {
        Some(zero) => line_start(&file, zero)?,
        None => length.saturating_sub(End::read(&file, 1)?.torn().len() as u64),
    };
    set_aside(path, &file, (whole, length), notices)
}

/// Cuts what a failed segment could not be cut of: behind the line before `next`, where the segment
/// begins that took its place. A power cut may have left zeros or half a line there.
///
/// Only if the same lines do stand in the next one: anything else is no work of a crash, and stays
/// for verification to tell.
pub(super) fn cut_replaced(
    dir: &Path,
    (name, next): (SegmentName, SegmentName),
    notices: &mut Vec<Vec<u8>>,
) -> io::Result<()> {
    let path = dir.join(name.to_string());
    let file = match File::open(&path) {
        // It was archived meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let end = End::read(&file, 1)?;
    let last = end.lines().next_back().and_then(Head::read);
    let follows = |head: Head| head.seq.checked_add(1) == Some(next.0);
    if last.is_some_and(follows) && end.torn().is_empty() {
        return Ok(());
    }
    let (mut reader, mut line, mut whole) = (BufReader::new(&file), Vec::new(), 0_u64);
    while reader.read_until(b'\n', &mut line)? > 0 {
        whole = whole.saturating_add(line.len() as u64);
        if Head::read(&line).is_some_and(follows) {
            let before = digest(line.trim_ascii_end());
            let mut rest = Vec::new();
            reader.read_to_end(&mut rest)?;
            let there = std::fs::read(dir.join(next.to_string()))?;
            if !is_replaced(&rest, before, (next, &there)) {
                return Ok(());
            }
            let length = whole.saturating_add(rest.len() as u64);
            let file = OpenOptions::new().read(true).write(true).open(&path)?;
            return set_aside(&path, &file, (whole, length), notices);
        }
        line.clear();
    }
    // It ends too early: nothing that a crash does, and verification tells.
    Ok(())
}

/// Whether `there`, which the segment `next` holds, goes on from a line with this digest, and has
/// every line of `rest` but what a crash spoiled.
fn is_replaced(rest: &[u8], before: [u8; 32], (next, there): (SegmentName, &[u8])) -> bool {
    let there: Vec<_> = there.split_inclusive(|byte| *byte == b'\n').collect();
    let first = there.first().and_then(|line| Head::read(line));
    if !first.is_some_and(|head| head.seq == next.0 && head.prev == before) {
        return false;
    }
    let mut lines = rest.split_inclusive(|byte| *byte == b'\n');
    lines.all(|line| {
        let spoiled = line.contains(&0) || !line.ends_with(b"\n");
        let place = Head::read(line).and_then(|head| head.seq.checked_sub(next.0));
        let place = place.and_then(|place| usize::try_from(place).ok());
        spoiled || place.and_then(|place| there.get(place)) == Some(&line)
    })
}

/// Cuts a segment after its first `whole` of `length` bytes; the rest goes to `<segment>.torn`.
fn set_aside(
    path: &Path,
    file: &File,
    (whole, length): (u64, u64),
    notices: &mut Vec<Vec<u8>>,
) -> io::Result<()> {
    let torn_bytes = length.saturating_sub(whole);
    if torn_bytes == 0 {
        return Ok(());
    }
    let mut torn = vec![0; usize::try_from(torn_bytes).map_err(io::Error::other)?];
    file.read_exact_at(&mut torn, whole)?;
    let mut kept = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path.with_extension("jsonl.torn"))?;
    kept.write_all(&torn)?;
    kept.write_all(b"\n")?;
    kept.sync_all()?;
    file.set_len(whole)?;
    file.sync_all()?;
    let mut notice = Vec::new();
    Event::Repaired {
        segment: &path.file_name().unwrap_or_default().to_string_lossy(),
        torn_bytes,
    }
    .write(&mut notice);
    notices.push(notice);
    Ok(())
}

fn first_zero(file: &File) -> io::Result<Option<u64>> {
    let (mut chunk, mut offset) = (vec![0; 1 << 20], 0);
    loop {
        let count = file.read_at(&mut chunk, offset)?;
        let read = chunk.get(..count).unwrap_or_default();
        if let Some(place) = read.iter().position(|byte| *byte == 0) {
            return Ok(Some(offset + place as u64));
        }
        if count == 0 {
            return Ok(None);
        }
        offset += count as u64;
    }
}

/// Where the line begins that holds the byte at `place`.
fn line_start(file: &File, place: u64) -> io::Result<u64> {
    let mut before = vec![0; usize::try_from(place).map_err(io::Error::other)?];
    file.read_exact_at(&mut before, 0)?;
    let newline = before.iter().rposition(|byte| *byte == b'\n');
    Ok(newline.map_or(0, |newline| newline as u64 + 1))
}
