//! Says how long a run of letters, digits and `+ / - _` every match of an expression holds.
//!
//! An expression whose every match holds a long one need not be looked for where there is none.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::encoded::is_base64;

/// What holds of every match: the longest run that it begins with, ends with and has anywhere, in
/// bytes at least; and whether it is nothing but one.
#[derive(Clone, Copy)]
struct Runs {
    head: usize,
    tail: usize,
    longest: usize,
    whole: bool,
}

/// The longest run that every match holds, in bytes; 0 when nothing is known.
pub(super) fn longest(pattern: &str) -> usize {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    parser.parse(pattern).map_or(0, |hir| runs(&hir).longest)
}

fn runs(hir: &Hir) -> Runs {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Runs::of(0),
        HirKind::Literal(literal) => literal.0.iter().fold(Runs::of(0), |before, byte| {
            before.then(if is_base64(*byte) {
                Runs::of(1)
            } else {
                Runs::BREAK
            })
        }),
        HirKind::Class(class) if is_inside(class) => Runs::of(1),
        HirKind::Class(_) => Runs::BREAK,
        HirKind::Repetition(repetition) => {
            let once = runs(&repetition.sub);
            let times = usize::try_from(repetition.min).unwrap_or(usize::MAX);
            match (times, once.whole) {
                (_, true) => Runs::of(once.longest.saturating_mul(times)),
                (0, false) => Runs::BREAK,
                (1, false) => once,
                (_, false) => once.then(once),
            }
        }
        HirKind::Capture(capture) => runs(&capture.sub),
        HirKind::Concat(parts) => {
            let parts = parts.iter().map(runs);
            parts.fold(Runs::of(0), Runs::then)
        }
        HirKind::Alternation(ways) => {
            let ways = ways.iter().map(runs);
            ways.reduce(Runs::either).unwrap_or(Runs::BREAK)
        }
    }
}

/// Whether all bytes of a class can stand in a run.
fn is_inside(class: &Class) -> bool {
    match class {
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .all(|range| (range.start()..=range.end()).all(is_base64)),
        Class::Unicode(_) => false,
    }
}

impl Runs {
    /// A byte that ends a run.
    const BREAK: Self = Self {
        head: 0,
        tail: 0,
        longest: 0,
        whole: false,
    };

    /// A run of that length.
    const fn of(length: usize) -> Self {
        Self {
            head: length,
            tail: length,
            longest: length,
            whole: true,
        }
    }

    /// This, and the other behind it.
    fn then(self, next: Self) -> Self {
        let across = self.tail.saturating_add(next.head);
        let through = |outer: usize, whole: bool| if whole { across } else { outer };
        Self {
            head: through(self.head, self.whole),
            tail: through(next.tail, next.whole),
            longest: self.longest.max(next.longest).max(across),
            whole: self.whole && next.whole,
        }
    }

    /// One of both.
    fn either(self, other: Self) -> Self {
        Self {
            head: self.head.min(other.head),
            tail: self.tail.min(other.tail),
            longest: self.longest.min(other.longest),
            whole: self.whole && other.whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_run_of_every_match_is_known() {
        for (pattern, expected) in [
            ("", 0),
            ("abc", 3),
            ("ab.cd", 2),
            (r"ab\.cde", 3),
            ("sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}", 51),
            ("(?:sk_live_|rk_)[a-z]{16,}", 19),
            ("(?:sk_live_|rk!)[a-z]{16}", 16),
            ("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", 36),
            ("[0-9a-f]{8}(?::[0-9a-f]{4}){3}:[0-9a-f]{12}", 12),
            ("(?:ab:cd){2}", 4),
            ("(?:ab:cd)?xyz", 3),
            ("a?b*c+", 1),
            ("[^a]{30}", 0),
            (r"\d{20}\b", 20),
            (r"(x{9})\.?y{9}", 9),
            ("[a-z", 0),
        ] {
            assert_eq!(longest(pattern), expected, "{pattern}");
        }
    }
}
