//! Replaces findings in a payload so that it stays valid JSON.
//!
//! In text a finding becomes `[REDACTED:entity]`; in a key `[REDACTED:entity:N]`, with N counting
//! up, so that two keys do not become one; a number becomes the string `"[REDACTED:entity]"`.

use std::io::Write;

use varistor_snapshot::schema::ArchivedDlp;

use super::{Finding, Findings, Place, ScanError};

/// Writes `payload` to `out` with the selected findings replaced; every other byte stays. Findings
/// that overlap are replaced together, under the name of the one that begins first.
///
/// `findings` are those of the same payload.
///
/// # Errors
///
/// `TooMany` when the findings overflowed, `Detector` when they are of another snapshot, `Payload`
/// when they are of another payload. Then `out` must not be used.
pub fn redact(
    dlp: &ArchivedDlp,
    payload: &[u8],
    findings: &Findings,
    select: &mut dyn FnMut(&Finding) -> bool,
    out: &mut Vec<u8>,
) -> Result<(), ScanError> {
    out.clear();
    if findings.overflowed() {
        return Err(ScanError::TooMany);
    }
    let mut copied = 0;
    let mut keys = 0_u32;
    let mut selected = findings.iter().filter(|finding| select(finding)).peekable();
    while let Some(first) = selected.next() {
        let range = first.span.range();
        let mut end = range.end;
        while let Some(next) = selected.next_if(|next| next.span.range().start < end) {
            end = end.max(next.span.range().end);
        }
        let before = payload.get(copied..range.start).ok_or(ScanError::Payload)?;
        out.extend_from_slice(before);
        copied = end;
        let number = usize::from(first.detector);
        let detector = dlp
            .detectors
            .get(number)
            .ok_or(ScanError::Detector(number))?;
        let entity = detector.entity.as_str();
        let written = match first.place {
            Place::Text => write!(out, "[REDACTED:{entity}]"),
            Place::Number => write!(out, "\"[REDACTED:{entity}]\""),
            Place::Key => {
                keys = keys.saturating_add(1);
                write!(out, "[REDACTED:{entity}:{keys}]")
            }
        };
        written.map_err(|_| ScanError::Scan)?;
    }
    out.extend_from_slice(payload.get(copied..).ok_or(ScanError::Payload)?);
    Ok(())
}
