//! The lines of a log in their order, one in memory at a time. Lines that a later segment repeats
//! come once; an unfinished last line does not come.

use std::io::{self, BufRead, Read as _};
use std::path::Path;

use anyhow::Context;
use varistor_audit::{Head, Start, VerifyOptions, segments};

use crate::output;
use crate::output::progress::Progress;

/// What stands in a log.
pub(super) enum Entry<'l> {
    /// A line that begins as records do.
    Line(&'l [u8]),
    /// Anything else.
    Unreadable,
}

/// Says on standard error what is wrong with the log. Nothing of it ends the replay.
pub(super) fn doubt(log: &Path) -> anyhow::Result<()> {
    let read = || format!("can't read the log {}", log.display());
    let first = segments::list(log).with_context(read)?.first().copied();
    let start = match first {
        Some(name) if name.0 > 0 => {
            output::note(&format!("the log begins with record {}", name.0));
            Start::Anywhere
        }
        _ => Start::Genesis,
    };
    let options = VerifyOptions {
        start,
        problems_max: 1,
        ..VerifyOptions::default()
    };
    let mut progress = Progress::new("verifying", bytes(log).with_context(read)?);
    let segments = segments::readers(log).with_context(read)?;
    let report = varistor_audit::verify(segments, &options, |done| progress.at(done.bytes));
    let report = report.with_context(read)?;
    progress.finish();
    if let Some(first) = report.first_bad() {
        output::warning(&format!(
            "the log was tampered with, first bad record {first}; what can be read is replayed"
        ));
    }
    Ok(())
}

/// Hands each line to `each`.
pub(super) fn each(
    log: &Path,
    mut each: impl FnMut(&Entry<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let read = || format!("can't read the log {}", log.display());
    let limit = VerifyOptions::default().line_bytes_max;
    let mut progress = Progress::new("replaying", bytes(log).with_context(read)?);
    let mut segments = segments::readers(log).with_context(read)?.peekable();
    let (mut done, mut line) = (0_u64, Vec::new());
    while let Some(segment) = segments.next() {
        let (_, mut reader) = segment.with_context(read)?;
        let next = match segments.peek() {
            Some(Ok((name, _))) => name.0,
            _ => u64::MAX,
        };
        loop {
            line.clear();
            let took = reader.by_ref().take(limit).read_until(b'\n', &mut line);
            let took = took.with_context(read)? as u64;
            if took == 0 {
                break;
            }
            done += took;
            if line.pop_if(|last| *last == b'\n').is_none() {
                let rest = reader.skip_until(b'\n').with_context(read)? as u64;
                done += rest;
                // Without a rest it is unfinished, as a crash leaves it.
                if rest > 0 {
                    each(&Entry::Unreadable)?;
                }
                continue;
            }
            match Head::read(&line) {
                Some(head) if head.seq >= next => {}
                Some(_) => each(&Entry::Line(&line))?,
                None => each(&Entry::Unreadable)?,
            }
            progress.at(done);
        }
    }
    Ok(())
}

fn bytes(log: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for name in segments::list(log)? {
        bytes += std::fs::metadata(log.join(name.to_string()))?.len();
    }
    Ok(bytes)
}
