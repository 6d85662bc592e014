//! Whether an answer is the one that its kind of call should get.

use memchr::memmem::{self, Finder};

use super::check::Verdict;
use super::kind::{Expect, Kind};

/// What the right answer to a kind of call is like.
pub(super) struct Expectation {
    expect: Expect,
    /// Events of a stream, at least; up to one event may come as plain JSON.
    events: usize,
    /// Bytes of the body of an answer that is allowed, at least.
    bytes: usize,
    absent: Option<Finder<'static>>,
}

/// How an answer compares with what was expected.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Rating {
    Good,
    /// Refused where it should not have been, the other way round, or not redacted.
    Unexpected,
    /// Another call's answer, a part of one, or none.
    Wrong,
}

impl Expectation {
    pub(super) fn new(kind: &Kind) -> Self {
        Self {
            expect: kind.expect,
            events: kind.events(),
            bytes: kind.answer_bytes(),
            absent: kind
                .absent
                .as_ref()
                .map(|value| Finder::new(value).into_owned()),
        }
    }

    /// Compares an answer of this verdict.
    pub(super) fn rate(&self, verdict: Verdict, event_stream: bool, body: &[u8]) -> Rating {
        match (verdict, self.expect) {
            (Verdict::Wrong, _) => Rating::Wrong,
            (Verdict::Allowed, Expect::Allowed) => self.rate_allowed(event_stream, body),
            (Verdict::Denied | Verdict::ToolError, Expect::Denied)
            | (Verdict::ToolError, Expect::ToolError) => Rating::Good,
            _ => Rating::Unexpected,
        }
    }

    fn rate_allowed(&self, event_stream: bool, body: &[u8]) -> Rating {
        if body.len() < self.bytes {
            return Rating::Wrong;
        }
        if self.events > 1 && !(event_stream && events(body) >= self.events) {
            return Rating::Wrong;
        }
        match &self.absent {
            Some(absent) if absent.find(body).is_some() => Rating::Unexpected,
            _ => Rating::Good,
        }
    }
}

/// Events that carry data.
fn events(body: &[u8]) -> usize {
    let first = usize::from(body.starts_with(b"data:"));
    memmem::find_iter(body, b"\ndata:")
        .count()
        .saturating_add(first)
}

#[cfg(test)]
mod tests {
    use super::{Expectation, Rating};
    use crate::load::check::Verdict;
    use crate::load::kind::{Expect, Kind};

    fn kind(name: &str) -> Kind {
        Kind::named(name, 1.0).unwrap()
    }

    #[test]
    fn a_blocked_call_is_good_only_as_a_tool_error() {
        let expected = Expectation::new(&kind("blocked"));
        assert_eq!(expected.rate(Verdict::ToolError, false, b""), Rating::Good);
        assert_eq!(
            expected.rate(Verdict::Denied, false, b""),
            Rating::Unexpected
        );
        assert_eq!(
            expected.rate(Verdict::Allowed, false, b""),
            Rating::Unexpected
        );
        assert_eq!(expected.rate(Verdict::Wrong, false, b""), Rating::Wrong);
        let mut any = kind("blocked");
        any.expect = Expect::Denied;
        let any = Expectation::new(&any);
        assert_eq!(any.rate(Verdict::Denied, false, b""), Rating::Good);
        assert_eq!(any.rate(Verdict::ToolError, false, b""), Rating::Good);
    }

    #[test]
    fn a_planted_value_that_comes_through_is_unexpected() {
        let mut kind = kind("redacted");
        kind.arguments.clear();
        let value = kind.absent.clone().unwrap();
        let expected = Expectation::new(&kind);
        let seen = format!("x {value} y");
        assert_eq!(
            expected.rate(Verdict::Allowed, false, seen.as_bytes()),
            Rating::Unexpected
        );
        assert_eq!(
            expected.rate(Verdict::Allowed, false, b"x [card] y"),
            Rating::Good
        );
    }

    #[test]
    fn a_stream_must_have_all_its_events_and_an_answer_its_size() {
        let mut kind = kind("stream");
        kind.arguments.insert("answer_bytes".to_owned(), 10.into());
        let expected = Expectation::new(&kind);
        let six = b"data: a\n\n".repeat(6);
        assert_eq!(expected.rate(Verdict::Allowed, true, &six), Rating::Good);
        assert_eq!(expected.rate(Verdict::Allowed, false, &six), Rating::Wrong);
        assert_eq!(
            expected.rate(Verdict::Allowed, true, &six[9..]),
            Rating::Wrong
        );
        let medium = Expectation::new(&super::tests::kind("medium"));
        assert_eq!(
            medium.rate(Verdict::Allowed, false, &[b'x'; 3999]),
            Rating::Wrong
        );
        assert_eq!(
            medium.rate(Verdict::Allowed, false, &[b'x'; 4000]),
            Rating::Good
        );
    }
}
