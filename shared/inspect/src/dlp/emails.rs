//! Finds candidates that are led by classes of characters: digits and `@`.
//!
//! Most payloads hold few digits. One pass counts them per block, which the compiler turns into
//! vector instructions; only where two neighbouring blocks hold enough for the shortest number is
//! anything looked at byte by byte.

use memchr::memchr_iter;

use super::confirm::{is_open_before, is_open_behind};
use super::{Hit, financial};

const BLOCK: usize = 32;
/// A social security number has 9 digits in 11 bytes; cards and IBANs have more.
const DIGITS_MIN: u8 = 9;
/// How far before such a block an IBAN may have begun.
const LEAD: usize = 48;

/// The detectors that gates feed, by row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gated {
    pub(super) card: Option<u16>,
    pub(super) iban: Option<u16>,
    pub(super) ssn: Option<u16>,
    pub(super) email: Option<u16>,
}

impl Gated {
    const fn wants_digits(&self) -> bool {
        self.card.is_some() || self.iban.is_some() || self.ssn.is_some()
    }

    /// Appends what stands in the text.
    pub(super) fn find(&self, text: &[u8], hits: &mut Vec<Hit>) {
        if self.wants_digits() {
            self.digits(text, hits);
        }
        if let Some(detector) = self.email {
            emails(text, detector, hits);
        }
    }

    fn digits(&self, text: &[u8], hits: &mut Vec<Hit>) {
        let mut before = 0_u8;
        let mut done = 0;
        for (index, block) in text.chunks(BLOCK).enumerate() {
            let count = count_digits(block);
            if count.saturating_add(before) >= DIGITS_MIN {
                let start = index.saturating_mul(BLOCK);
                let from = start.saturating_sub(BLOCK).saturating_sub(LEAD).max(done);
                done = self.runs(text, (from, start.saturating_add(block.len())), hits);
            }
            before = count;
        }
    }

    /// Looks at every run of digits that begins in the range; returns where it stopped.
    fn runs(&self, text: &[u8], (from, to): (usize, usize), hits: &mut Vec<Hit>) -> usize {
        let mut at = from;
        while at < to {
            let rest = text.get(at..to).unwrap_or_default();
            let Some(skipped) = rest.iter().position(u8::is_ascii_digit) else {
                return to;
            };
            let start = at.saturating_add(skipped);
            let previous = start.checked_sub(1).and_then(|before| text.get(before));
            let is_middle = previous.is_some_and(u8::is_ascii_digit);
            if let Some(hit) = self.number(text, start).filter(|_| !is_middle) {
                hits.push(hit);
                at = hit.end;
                continue;
            }
            let run = text.get(start..).unwrap_or_default();
            let length = run.iter().take_while(|byte| byte.is_ascii_digit()).count();
            at = start.saturating_add(length.max(1));
        }
        at
    }

    /// The number whose first digit stands at `start`.
    fn number(&self, text: &[u8], start: usize) -> Option<Hit> {
        let hit = |start, end, detector| Hit {
            start,
            end,
            detector,
        };
        let behind_letters = start.checked_sub(2).filter(|at| is_open_before(text, *at));
        if let (Some(detector), Some(letters)) = (self.iban, behind_letters)
            && let Some(end) = financial::iban(text, letters)
        {
            return Some(hit(letters, end, detector));
        }
        if !is_open_before(text, start) || is_fraction(text, start) {
            return None;
        }
        if let Some(detector) = self.card
            && let Some(end) = financial::card(text, start)
            && is_open_behind(text, end)
            && !has_fraction(text, end)
        {
            return Some(hit(start, end, detector));
        }
        let behind_dash = start.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'-');
        let detector = self.ssn.filter(|_| !behind_dash)?;
        let end = financial::ssn(text, start)?;
        Some(hit(start, end, detector))
    }
}

fn count_digits(block: &[u8]) -> u8 {
    let is_digit = |byte: &u8| u8::from(byte.wrapping_sub(b'0') < 10);
    // A block has 32 bytes at most, so the sum fits.
    block.iter().map(is_digit).fold(0, u8::wrapping_add)
}

fn is_fraction(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    matches!(before, [.., b'0'..=b'9', b'.'])
}

fn has_fraction(text: &[u8], end: usize) -> bool {
    matches!(text.get(end..), Some([b'.', b'0'..=b'9', ..]))
}

/// Addresses around each `@` (RFC 5321 section 4.1.2, without quoted locals and literals).
fn emails(text: &[u8], detector: u16, hits: &mut Vec<Hit>) {
    for at in memchr_iter(b'@', text) {
        if let Some((start, end)) = email(text, at) {
            hits.push(Hit {
                start,
                end,
                detector,
            });
        }
    }
}

/// Longest local part and domain, RFC 5321 section 4.5.3.1.
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 255;

fn email(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let head = text.get(..at)?;
    let is_local = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._%+-'".contains(byte);
    let length = head
        .iter()
        .rev()
        .take(LOCAL_MAX)
        .take_while(is_local)
        .count();
    let mut start = at.saturating_sub(length);
    // An escape of text within the text is no part of it.
    if text
        .get(..start)
        .is_some_and(|before| before.ends_with(b"\\"))
        && matches!(text.get(start), Some(b'n' | b'r' | b't' | b'b' | b'f'))
    {
        start = start.saturating_add(1);
    }
    while matches!(text.get(start), Some(b'.' | b'\'' | b'-')) {
        start = start.saturating_add(1);
    }
    let local = text.get(start..at).filter(|local| !local.is_empty())?;
    let tail = text.get(at.saturating_add(1)..)?;
    let is_domain = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let length = tail.iter().take(DOMAIN_MAX).take_while(is_domain).count();
    let domain = tail.get(..length)?;
    let trimmed = domain.len().saturating_sub(
        domain
            .iter()
            .rev()
            .take_while(|byte| matches!(byte, b'.' | b'-'))
            .count(),
    );
    let domain = domain.get(..trimmed)?;
    let end = at.saturating_add(1).saturating_add(trimmed);
    let behind = text.get(end);
    // `git@host:path` names a repository.
    let is_repository = local == b"git" && behind == Some(&b':');
    (is_domain_name(domain) && !is_repository && !local.ends_with(b".")).then_some((start, end))
}

fn is_domain_name(domain: &[u8]) -> bool {
    let is_label = |label: &[u8]| {
        !label.is_empty() && label.first() != Some(&b'-') && label.last() != Some(&b'-')
    };
    let Some(dot) = domain.iter().rposition(|byte| *byte == b'.') else {
        return false;
    };
    let (labels, top) = domain.split_at(dot);
    let top = top.get(1..).unwrap_or_default();
    top.len() >= 2
        && top.iter().all(u8::is_ascii_alphabetic)
        && labels.split(|byte| *byte == b'.').all(is_label)
        && !FILE_ENDINGS
            .iter()
            .any(|ending| top.eq_ignore_ascii_case(ending.as_bytes()))
}

/// Endings of file names such as `icon@2x.png`; none of them is a top-level domain.
const FILE_ENDINGS: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "json", "html", "xml", "txt",
];

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Gated = Gated {
        card: Some(0),
        iban: Some(1),
        ssn: Some(2),
        email: Some(3),
    };

    fn found(text: &str) -> Vec<(u16, &str)> {
        let mut hits = Vec::new();
        ALL.find(text.as_bytes(), &mut hits);
        hits.iter()
            .map(|hit| (hit.detector, &text[hit.start..hit.end]))
            .collect()
    }

    #[test]
    fn numbers_are_found_wherever_they_stand_in_blocks() {
        for filler in 0..100 {
            for (detector, number) in [
                (0, "4111 1111 1111 1111"),
                (0, "378282246310005"),
                (1, "MT84 MALT 0110 0001 2345 MTLC AST0 01S"),
                (2, "536-90-4399"),
                (3, "jane@example.com"),
            ] {
                let text = format!("{}{number} x", ".".repeat(filler));
                assert_eq!(found(&text), [(detector, number)], "{filler}");
            }
        }
    }

    #[test]
    fn neighbours_are_found_once_each() {
        let text = "4111111111111111,5555555555554444;536-90-4399 536-90-4399";
        let expected = [
            (0, "4111111111111111"),
            (0, "5555555555554444"),
            (2, "536-90-4399"),
            (2, "536-90-4399"),
        ];
        assert_eq!(found(text), expected);
        assert_eq!(found("a@b.co,c@d.org").len(), 2);
    }

    #[test]
    fn long_runs_of_digits_take_linear_time() {
        assert!(found(&"4".repeat(1_000_000)).is_empty());
        assert!(found(&"4-".repeat(500_000)).is_empty());
        assert!(found(&"a@".repeat(500_000)).is_empty());
    }
}
