//! Regular expressions of schemas: compiled in bounded memory, and a short text that matches one.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

/// Bytes of a compiled expression.
const COMPILED_BYTES_MAX: usize = 256 * 1024;
/// Longest text that is made up.
const EXAMPLE_BYTES_MAX: usize = 1024;

/// None when this build can't run it: look-around and back references have no linear time.
pub(crate) fn compile(text: &str) -> Option<Regex> {
    RegexBuilder::new(text)
        .size_limit(COMPILED_BYTES_MAX)
        .dfa_size_limit(COMPILED_BYTES_MAX)
        .build()
        .ok()
}

/// A text that the expression matches, as short as repetitions allow; zeros where digits may
/// stand, `X` where other letters may. Look-around of zero width is passed over, so that the text
/// has to be tried.
pub(crate) fn example(text: &str) -> Option<String> {
    let hir = regex_syntax::parse(text).ok()?;
    let mut out = String::new();
    append(&hir, &mut out)?;
    Some(out)
}

fn append(hir: &Hir, out: &mut String) -> Option<()> {
    if out.len() > EXAMPLE_BYTES_MAX {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(core::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => out.push(member(class)?),
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min {
                append(&repetition.sub, out)?;
            }
        }
        HirKind::Capture(capture) => append(&capture.sub, out)?,
        HirKind::Concat(parts) => {
            for part in parts {
                append(part, out)?;
            }
        }
        HirKind::Alternation(ways) => append(ways.first()?, out)?,
    }
    Some(())
}

fn member(class: &Class) -> Option<char> {
    let has = |wanted: char| match class {
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .any(|range| (range.start()..=range.end()).contains(&wanted)),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .any(|range| (char::from(range.start())..=char::from(range.end())).contains(&wanted)),
    };
    let liked = ['0', 'X', 'x', '1', 'a', '-'];
    liked.into_iter().find(|c| has(*c)).or_else(|| match class {
        Class::Unicode(class) => class.ranges().first().map(|range| range.start()),
        Class::Bytes(class) => class
            .ranges()
            .first()
            .map(|range| char::from(range.start())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_match_their_expression() {
        for (text, expected) in [
            (r"^\d{3}-\d{2}-\d{4}$", "000-00-0000"),
            (r"^[A-Z]{2}[0-9a-f]+$", "XX0"),
            (r"^(?:usr|org)_[a-zA-Z0-9]{4,}$", "usr_0000"),
            (r"^\+?[1-9]\d{6,14}$", "1000000"),
            (r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", "0@0.xx"),
            (r"x?", ""),
        ] {
            assert_eq!(example(text).as_deref(), Some(expected), "{text}");
            assert!(compile(text).unwrap().is_match(expected), "{text}");
        }
    }

    #[test]
    fn what_has_no_linear_time_or_bound_is_refused() {
        assert!(compile(r"(?=a)b").is_none());
        assert!(compile(r"(a)\1").is_none());
        assert!(compile(r"(?:(?:\w{100}){100}){100}").is_none());
        assert_eq!(example(r"a{5000}"), None);
    }
}
