//! Walks a document that passed the strict pass: keys as they decode, values as they stand.

use core::str;

use varistor_model::{Reason, Span};

use super::raw;
use super::scan::{Index, Kind, Node};

/// A body and where its values stand.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    body: &'a [u8],
    index: &'a Index,
}

/// A value: its node and that node's number.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    node: &'a Node,
    number: usize,
}

/// Walks the members of an object or the elements of an array.
pub(super) struct Members<'a> {
    document: Document<'a>,
    next: usize,
    behind: usize,
}

/// The inside of a string that is valid.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a> {
    inside: &'a [u8],
    has_escape: bool,
}

impl<'a> Value<'a> {
    pub(super) const fn kind(self) -> Kind {
        self.node.kind
    }

    pub(super) const fn span(self) -> Span {
        self.node.span
    }

    /// Its number in the index.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`Index::fill` refuses bodies beyond 4 GiB"
    )]
    pub(super) const fn number(self) -> u32 {
        self.number as u32
    }

    /// Of an object: whether keys may differ by case only.
    pub(super) const fn is_odd(self) -> bool {
        self.node.odd
    }
}

impl<'a> Document<'a> {
    pub(super) const fn new(body: &'a [u8], index: &'a Index) -> Self {
        Self { body, index }
    }

    /// The whole document.
    pub(super) fn root(self) -> Result<Value<'a>, Reason> {
        self.value(0).ok_or(Reason::JsonInvalid)
    }

    /// The value of this number.
    pub(super) fn value(self, number: usize) -> Option<Value<'a>> {
        let node = self.index.node(number)?;
        Some(Value { node, number })
    }

    /// The string that a value is, if it is one.
    pub(super) fn string(self, value: Value<'_>) -> Option<Raw<'a>> {
        if value.kind() != Kind::String {
            return None;
        }
        let quoted = value.span().of_bytes(self.body);
        Some(Raw {
            inside: quoted.get(1..quoted.len().wrapping_sub(1))?,
            has_escape: value.node.odd,
        })
    }

    /// The members of an object, each with its decoded key, or the elements of an array, each with
    /// an empty key; none of anything else.
    pub(super) const fn members(self, container: Value<'_>) -> Members<'a> {
        Members {
            document: self,
            next: container.number.wrapping_add(1),
            behind: container.node.behind as usize,
        }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let number = self.next;
        if number >= self.behind {
            return None;
        }
        let node = self.document.index.node(number)?;
        self.next = node.behind as usize;
        let key = self.document.index.key(self.document.body, node);
        Some((key, Value { node, number }))
    }
}

impl<'a> Raw<'a> {
    /// What it decodes to; `scratch` holds it when that is not what stands there.
    pub(super) fn plain(self, scratch: &'a mut String) -> Option<&'a str> {
        let inside = str::from_utf8(self.inside).ok()?;
        if !self.has_escape {
            return Some(inside);
        }
        scratch.clear();
        raw::unescape(inside, scratch)?;
        Some(scratch)
    }

    /// Whether it decodes to this text.
    pub(super) fn is(self, text: &str) -> bool {
        if !self.has_escape {
            return self.inside == text.as_bytes();
        }
        str::from_utf8(self.inside).is_ok_and(|inside| raw::characters(inside).eq(text.chars()))
    }

    /// Appends what it decodes to, and says where that stands.
    pub(super) fn decode(self, out: &mut String) -> Option<Span> {
        let start = out.len();
        let inside = str::from_utf8(self.inside).ok()?;
        if self.has_escape {
            raw::unescape(inside, out)?;
        } else {
            out.push_str(inside);
        }
        Span::of(start..out.len())
    }
}
