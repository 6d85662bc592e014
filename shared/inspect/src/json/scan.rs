//! The strict pass: decides in one go over the bytes whether a body is one JSON document that
//! every reader takes for the same, and notes where its values stand.
//!
//! Refuses what RFC 8259 does not have, invalid UTF-8, lone surrogates, numbers that are not
//! finite, nesting deeper than 64, and the same key twice in an object, compared as it decodes.
//! Nothing is decoded but keys with escapes, nothing is copied.

mod member;
mod number;
mod string;

use varistor_model::Span;
use varistor_model::limits::JSON_DEPTH_MAX;

use super::keys::PAIRWISE_MAX;

/// Where the values of the document read last stand, in the order of their first bytes.
pub(super) struct Index {
    nodes: Vec<Node>,
    /// Keys that hold escapes, decoded.
    plain: String,
    /// Used while reading: containers around the innermost one.
    outer: [Frame; JSON_DEPTH_MAX],
}

/// One value, with the key before it when it is a member of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// The key without its quotes: in `Index::plain` when it stands there decoded, else in the
    /// body. Empty for elements of an array.
    key: Span,
    /// The bytes in the body; of a string with its quotes.
    pub(super) span: Span,
    /// The number of the node behind this one and everything in it.
    pub(super) behind: u32,
    pub(super) kind: Kind,
    /// Of a string: whether it holds an escape. Of an object: whether two of its keys may be the
    /// same to a reader that ignores case.
    pub(super) odd: bool,
    key_is_plain: bool,
}

/// What a value is, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    String,
    /// A number spelled as an integer: a sign and digits, nothing else.
    Integer,
    /// Any other number.
    Number,
    True,
    False,
    Null,
}

/// Why there is no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Invalid,
    TooDeep,
    /// A number beyond all floats.
    Number,
    /// Half of a surrogate pair.
    Surrogate,
    Duplicate,
}

/// A container that is open.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// One bit for each [`super::keys::mark`] that was seen: only keys with the same one are equal.
    marks: u64,
    /// The number of its node.
    node: u32,
    /// How many keys it has so far.
    keys: u32,
    /// The byte that closes it.
    closing: u8,
    /// See [`Node::odd`].
    odd: bool,
}

const CLOSED: Frame = Frame {
    marks: 0,
    node: 0,
    keys: 0,
    closing: 0,
    odd: false,
};

impl Index {
    pub(super) const fn new() -> Self {
        Self {
            nodes: Vec::new(),
            plain: String::new(),
            outer: [CLOSED; JSON_DEPTH_MAX],
        }
    }

    /// Reads the whole body. `hashes` is scratch space.
    pub(super) fn fill(&mut self, body: &[u8], hashes: &mut Vec<u64>) -> Result<(), Fault> {
        self.nodes.clear();
        self.plain.clear();
        u32::try_from(body.len()).map_err(|_| Fault::Invalid)?;
        let pass = Pass {
            body,
            at: 0,
            index: self,
            hashes,
            depth: 0,
            frame: CLOSED,
            key: Span { start: 0, end: 0 },
            key_is_plain: false,
        };
        pass.document()
    }

    /// The key of the node as it decodes; the body must be the one that was read.
    #[inline]
    pub(super) fn key<'a>(&'a self, body: &'a [u8], node: &Node) -> &'a [u8] {
        self.text(body, node.key, node.key_is_plain)
    }

    #[inline]
    fn text<'a>(&'a self, body: &'a [u8], key: Span, is_plain: bool) -> &'a [u8] {
        key.of_bytes(if is_plain {
            self.plain.as_bytes()
        } else {
            body
        })
    }

    /// The node of this number.
    pub(super) fn node(&self, number: usize) -> Option<&Node> {
        self.nodes.get(number)
    }

    /// The nodes beside each other from this one on.
    fn siblings(&self, first: usize) -> impl Iterator<Item = &Node> {
        let mut at = first;
        core::iter::from_fn(move || {
            let node = self.nodes.get(at)?;
            at = node.behind as usize;
            Some(node)
        })
    }
}

/// Where the pass stands. What is called once per value is inlined, and what is not takes values
/// instead of the pass, so that its fields stay in registers.
///
/// Relation: `depth <= JSON_DEPTH_MAX`; `index.outer[..depth]` are the containers around `frame`'s.
struct Pass<'b, 'i> {
    body: &'b [u8],
    at: usize,
    index: &'i mut Index,
    hashes: &'i mut Vec<u64>,
    depth: usize,
    frame: Frame,
    /// The key of the value that comes next.
    key: Span,
    key_is_plain: bool,
}

impl Pass<'_, '_> {
    fn document(mut self) -> Result<(), Fault> {
        loop {
            let first = self.token()?;
            let start = self.at;
            match first {
                b'"' => {
                    let string = string::quoted(self.body, start)?;
                    self.at = string.end;
                    self.push(span(start, self.at), Kind::String, string.has_escape);
                }
                b'{' | b'[' => {
                    self.open(first)?;
                    let next = self.token()?;
                    if next != self.frame.closing {
                        self.begin_member(next)?;
                        continue;
                    }
                    self.close()?;
                }
                _ => {
                    let kind = self.scalar(first)?;
                    self.push(span(start, self.at), kind, false);
                }
            }
            loop {
                if self.depth == 0 {
                    return self.nothing_behind();
                }
                let next = self.token()?;
                if next == b',' {
                    self.skip(1);
                    break;
                }
                if next != self.frame.closing {
                    return Err(Fault::Invalid);
                }
                self.close()?;
            }
            if self.frame.closing == b'}' {
                let next = self.token()?;
                self.begin_member(next)?;
            }
        }
    }

    /// Takes in a number or a word.
    #[inline(always)]
    fn scalar(&mut self, first: u8) -> Result<Kind, Fault> {
        match first {
            b'-' | b'0'..=b'9' => {
                let (kind, end) = number::number(self.body, self.at)?;
                self.at = end;
                Ok(kind)
            }
            b't' => self.word(b"true", Kind::True),
            b'f' => self.word(b"false", Kind::False),
            b'n' => self.word(b"null", Kind::Null),
            _ => Err(Fault::Invalid),
        }
    }

    #[inline(always)]
    fn word(&mut self, word: &[u8], kind: Kind) -> Result<Kind, Fault> {
        let rest = self.body.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(Fault::Invalid);
        }
        self.skip(word.len());
        Ok(kind)
    }

    #[inline(always)]
    fn push(&mut self, span: Span, kind: Kind, odd: bool) {
        let nodes = &mut self.index.nodes;
        let behind = number_of(nodes.len()).wrapping_add(1);
        nodes.push(Node {
            key: self.key,
            span,
            behind,
            kind,
            odd,
            key_is_plain: self.key_is_plain,
        });
    }

    #[inline(always)]
    fn open(&mut self, first: u8) -> Result<(), Fault> {
        let outer = self.index.outer.get_mut(self.depth);
        *outer.ok_or(Fault::TooDeep)? = self.frame;
        self.depth = self.depth.wrapping_add(1);
        let (kind, closing) = match first {
            b'{' => (Kind::Object, b'}'),
            _ => (Kind::Array, b']'),
        };
        self.frame = Frame {
            node: number_of(self.index.nodes.len()),
            closing,
            ..CLOSED
        };
        // Its end is noted when it closes.
        self.push(span(self.at, self.at), kind, false);
        self.key = Span { start: 0, end: 0 };
        self.key_is_plain = false;
        self.skip(1);
        Ok(())
    }

    #[inline(always)]
    fn close(&mut self) -> Result<(), Fault> {
        self.skip(1);
        let frame = self.frame;
        let has_many = frame.keys as usize > PAIRWISE_MAX;
        if has_many {
            member::compare_hashes((self.index, self.body), frame.node, self.hashes)?;
        }
        let nodes = &mut self.index.nodes;
        let behind = number_of(nodes.len());
        if let Some(node) = nodes.get_mut(frame.node as usize) {
            node.span = Span {
                end: number_of(self.at),
                ..node.span
            };
            node.behind = behind;
            node.odd = frame.odd | has_many;
        }
        self.depth = self.depth.wrapping_sub(1);
        self.frame = self.index.outer.get(self.depth).copied().unwrap_or(CLOSED);
        // Elements behind this one have no key.
        self.key = Span { start: 0, end: 0 };
        self.key_is_plain = false;
        Ok(())
    }

    /// The next byte that is no blank, where the pass then stands.
    #[inline(always)]
    fn token(&mut self) -> Result<u8, Fault> {
        match self.body.get(self.at) {
            Some(byte) if *byte > b' ' => Ok(*byte),
            _ => {
                self.at = behind_blanks(self.body, self.at);
                self.body.get(self.at).copied().ok_or(Fault::Invalid)
            }
        }
    }

    #[inline(always)]
    fn nothing_behind(&self) -> Result<(), Fault> {
        if behind_blanks(self.body, self.at) == self.body.len() {
            Ok(())
        } else {
            Err(Fault::Invalid)
        }
    }

    #[inline(always)]
    const fn skip(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }
}

#[inline(never)]
fn behind_blanks(body: &[u8], at: usize) -> usize {
    super::blank(body, at)
}

const fn span(start: usize, end: usize) -> Span {
    Span {
        start: number_of(start),
        end: number_of(end),
    }
}

/// An offset in a body of at most 4 GiB, or the number of one of its values.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`Index::fill` refuses bodies beyond 4 GiB"
)]
const fn number_of(value: usize) -> u32 {
    value as u32
}
