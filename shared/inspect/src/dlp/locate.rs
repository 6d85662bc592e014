//! Says where in the payload the hits of its decoded text stand.
//!
//! A hit is cut at the borders of strings and numbers, and widened to whole escapes and whole
//! characters, so that any finding can be replaced without harm to the JSON around it.

use memchr::memchr;
use varistor_model::Span;

use super::plain::step;
use super::{Hit, Place};
use crate::json::{blank, string_end};

/// A place in both texts: `raw` in the payload, `plain` in what it decodes to.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) raw: usize,
    pub(super) plain: usize,
}

/// Calls `each` with every piece of every hit, by hits within strings. `hits` are sorted by where
/// they begin. Pieces of one hit come in order; those of hits that overlap may be out of order.
pub(super) fn pieces(payload: &[u8], hits: &[Hit], each: &mut dyn FnMut(&Hit, Place, Span)) {
    let mut pending = hits;
    let mut point = Point { raw: 0, plain: 0 };
    while !pending.is_empty() {
        let Some(token) = next_token(payload, point) else {
            return;
        };
        let mut from = token.start;
        for hit in pending.iter().take_while(|hit| hit.start < token.end.plain) {
            if hit.end > token.start.plain {
                cut(payload, (hit, &token), &mut from, each);
            }
        }
        // Hits that may reach into a later token stay; the first that does keeps those behind it.
        let done = pending
            .iter()
            .take_while(|hit| hit.end <= token.end.plain)
            .count();
        pending = pending.get(done..).unwrap_or_default();
        point = token.next;
    }
}

/// A string without its quotes, or a number.
pub(super) struct Token {
    pub(super) start: Point,
    pub(super) end: Point,
    /// Behind the closing quote.
    pub(super) next: Point,
    pub(super) place: Place,
}

/// The next token from `point` on, which stands between tokens.
pub(super) fn next_token(payload: &[u8], mut point: Point) -> Option<Token> {
    loop {
        match payload.get(point.raw)? {
            b'"' => return string(payload, point),
            b'-' | b'0'..=b'9' => {
                let inside = |byte: &&u8| {
                    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
                };
                let length = payload.get(point.raw..)?.iter().take_while(inside).count();
                let end = advance(point, length);
                return Some(Token {
                    start: point,
                    end,
                    next: end,
                    place: Place::Number,
                });
            }
            _ => point = advance(point, 1),
        }
    }
}

/// The string whose opening quote stands at `quote`.
fn string(payload: &[u8], quote: Point) -> Option<Token> {
    let behind = string_end(payload, quote.raw)?;
    let start = advance(quote, 1);
    let end = walk(payload, start, behind.checked_sub(1)?, usize::MAX);
    let is_key = payload.get(blank(payload, behind)) == Some(&b':');
    Some(Token {
        start,
        end,
        next: advance(end, 1),
        place: if is_key { Place::Key } else { Place::Text },
    })
}

/// Tells the part of the hit that lies in the token. `from` moves on with the hits, which begin
/// later and later.
fn cut(
    payload: &[u8],
    (hit, token): (&Hit, &Token),
    from: &mut Point,
    each: &mut dyn FnMut(&Hit, Place, Span),
) {
    if token.place == Place::Number {
        if let Some(span) = Span::of(token.start.raw..token.end.raw) {
            each(hit, Place::Number, span);
        }
        return;
    }
    // A string that is a value as a whole goes as a whole, whatever its quotes within.
    let hit_end = match hit.is_whole && hit.start == token.start.plain {
        true => token.end.plain,
        false => hit.end,
    };
    let first = walk(
        payload,
        *from,
        token.end.raw,
        hit.start.max(token.start.plain),
    );
    *from = first;
    let mut last = walk(payload, first, token.end.raw, hit_end.min(token.end.plain));
    if last.plain < hit_end && last.raw < token.end.raw {
        // The hit ends within what one escape decodes to.
        let tail = payload.get(last.raw..).unwrap_or_default();
        last.raw = last.raw.saturating_add(step(tail).raw);
    }
    let start = character_start(payload, first.raw).max(token.start.raw);
    let end = character_end(payload, last.raw).min(token.end.raw);
    if start < end
        && let Some(span) = Span::of(start..end)
    {
        each(hit, token.place, span);
    }
}

/// Walks from `from` to where `plain` is reached, or to the beginning of the escape that holds it,
/// or to `limit` in the payload.
fn walk(payload: &[u8], from: Point, limit: usize, plain: usize) -> Point {
    let mut at = from;
    loop {
        let rest = payload.get(at.raw..limit).unwrap_or_default();
        let literal = memchr(b'\\', rest).unwrap_or(rest.len());
        let wanted = plain.saturating_sub(at.plain);
        if wanted <= literal {
            return advance(at, wanted);
        }
        at = advance(at, literal);
        let tail = rest.get(literal..).unwrap_or_default();
        if tail.is_empty() {
            return at;
        }
        let step = step(tail);
        let next = Point {
            raw: at.raw.saturating_add(step.raw),
            plain: at.plain.saturating_add(step.decoded.len_utf8()),
        };
        if next.plain > plain {
            return at;
        }
        at = next;
    }
}

const fn advance(point: Point, bytes: usize) -> Point {
    Point {
        raw: point.raw.saturating_add(bytes),
        plain: point.plain.saturating_add(bytes),
    }
}

const fn is_continuation(byte: u8) -> bool {
    matches!(byte, 0x80..=0xbf)
}

fn character_start(payload: &[u8], mut at: usize) -> usize {
    while at > 0 && payload.get(at).copied().is_some_and(is_continuation) {
        at = at.saturating_sub(1);
    }
    at
}

fn character_end(payload: &[u8], mut at: usize) -> usize {
    while payload.get(at).copied().is_some_and(is_continuation) {
        at = at.saturating_add(1);
    }
    at
}
