//! Decodes runs of base64 and hex in text, and keeps of them what reads as text.
//!
//! Most long runs are hashes, ids and images; what they decode to is no text and is dropped.

use super::Encoding;
use super::text::{Text, less, sum};
use super::view::View;

/// Shortest run that is decoded: 12 bytes of text, which the shortest passwords need.
pub(super) const RUN_MIN: usize = 16;
/// How far around a run the match may reach of which it is a part, in bytes.
pub(super) const RUN_REACH: usize = 512;
/// Shortest stretch of text in what a run decodes to.
const STRETCH_MIN: usize = 8;

/// Whether the byte can stand in base64 of either alphabet (RFC 4648 sections 4 and 5).
pub(super) const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Appends what the runs of the text decode to.
#[inline(never)]
pub(super) fn all(text: &[u8], runs: &[(u32, u32)], view: &mut View) {
    for (start, end) in runs {
        let (start, end) = (*start as usize, *end as usize);
        let run = Text(text).slice(start, end);
        if is_hex(run) {
            hex(run, start, view);
        } else if run.len() > SAMPLED_MAX || is_sampled_text(run) {
            base64(run, start, view);
        }
    }
}

/// Longest run of which only both ends are decoded to tell whether it is worth more.
const SAMPLED_MAX: usize = 96;

/// Whether the beginning or the end of a short run decodes to text.
fn is_sampled_text(run: &[u8]) -> bool {
    let tail = less(run.len(), 12) / 4;
    let ends = [run.get(..12), run.get(tail.saturating_mul(4)..)];
    ends.into_iter().flatten().any(|end| {
        let whole = end.get(..end.len() & !3).unwrap_or_default();
        let good = groups(whole).flatten().filter(|byte| reads(*byte)).count();
        // Characters beyond ASCII read as well, but not half of them.
        good.saturating_mul(4) >= (whole.len() / 4).saturating_mul(9)
    })
}

const fn reads(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t' | 0xc2..=0xf4)
}

fn is_hex(run: &[u8]) -> bool {
    run.len().is_multiple_of(2) && run.iter().all(u8::is_ascii_hexdigit)
}

fn hex(run: &[u8], start: usize, view: &mut View) {
    let mut stretch = Stretch::new(view, (start, sum(start, run.len())), Encoding::Hex);
    for pair in run.chunks_exact(2) {
        if let [high, low] = pair
            && let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low))
        {
            stretch.push((high << 4) | low);
        }
    }
    stretch.end();
}

/// The value of a hexadecimal digit of either case.
pub(super) const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(byte.wrapping_sub(b'a').wrapping_add(10)),
        b'A'..=b'F' => Some(byte.wrapping_sub(b'A').wrapping_add(10)),
        _ => None,
    }
}

fn base64(run: &[u8], start: usize, view: &mut View) {
    let mut stretch = Stretch::new(view, (start, sum(start, run.len())), Encoding::Base64);
    groups(run).flatten().for_each(|byte| stretch.push(byte));
    stretch.end();
}

/// What each group of four characters stands for; a rest of two or three holds one or two bytes
/// (RFC 4648 section 4).
fn groups(run: &[u8]) -> impl Iterator<Item = impl Iterator<Item = u8>> {
    run.chunks(4).map(|four| {
        let missing = less(4, four.len());
        let bits = four
            .iter()
            .fold(0_u32, |bits, byte| (bits << 6) | sextet(*byte));
        let [_, bytes @ ..] = (bits << (missing.saturating_mul(6) & 31)).to_be_bytes();
        bytes.into_iter().take(less(3, missing))
    })
}

const fn sextet(byte: u8) -> u32 {
    let value = match byte {
        b'A'..=b'Z' => byte.wrapping_sub(b'A'),
        b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
        b'+' | b'-' => 62,
        _ => 63,
    };
    value as u32
}

/// Collects decoded bytes that read as text; drops short ones.
struct Stretch<'a> {
    view: &'a mut View,
    run: (usize, usize),
    encoding: Encoding,
    /// Where the current stretch began in the view.
    begun: usize,
    is_open: bool,
}

impl<'a> Stretch<'a> {
    fn new(view: &'a mut View, run: (usize, usize), encoding: Encoding) -> Self {
        let begun = view.text.len();
        Self {
            view,
            run,
            encoding,
            begun,
            is_open: false,
        }
    }

    fn push(&mut self, byte: u8) {
        let reads = matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t' | 0x80..);
        if !reads {
            self.end();
            return;
        }
        if !self.is_open {
            self.view.cut(self.run.0);
            self.begun = self.view.text.len();
            let length = less(self.run.1, self.run.0);
            // The whole run is replaced: a part of it would decode to something else.
            self.view.decoded(&[], (self.run.0, length), self.encoding);
            self.is_open = true;
        }
        self.view.text.push(byte);
    }

    fn end(&mut self) {
        if !self.is_open {
            return;
        }
        self.is_open = false;
        let stretch = self.view.text.get(self.begun..).unwrap_or_default();
        if stretch.len() < STRETCH_MIN || !is_mostly_text(stretch) {
            self.view.drop_from(self.begun);
        } else {
            self.view.is_rich = true;
        }
    }
}

/// Whether at least seven in eight bytes are of ASCII, or all of it is valid UTF-8.
fn is_mostly_text(stretch: &[u8]) -> bool {
    let beyond = stretch.iter().filter(|byte| **byte >= 0x80).count();
    beyond.saturating_mul(8) <= stretch.len() || str::from_utf8(stretch).is_ok()
}

/// Appends what a run of base64 without its padding decodes to (RFC 4648 section 4).
pub(super) fn decode(run: &[u8], out: &mut Vec<u8>) {
    out.extend(groups(run).flatten());
}

/// Whether a run may be an encoded text at all: hex in one case or digits, or base64, in which
/// text has letters of both cases.
pub(super) fn may_be_text(run: &[u8]) -> bool {
    let upper = run.iter().any(u8::is_ascii_uppercase);
    let lower = run.iter().any(u8::is_ascii_lowercase);
    (upper && lower) || (run.len() >= RUN_MIN && is_hex(run))
}
