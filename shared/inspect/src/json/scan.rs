//! The strict pass: decides in one go over the bytes whether a body is one JSON document that
//! every reader takes for the same, and notes where its values stand.
//!
//! Refuses what RFC 8259 does not have, invalid UTF-8, lone surrogates, numbers that are not
//! finite, nesting deeper than 64, and the same key twice in an object, compared as it decodes.
//! Nothing is decoded but keys with escapes, nothing is copied.

mod number;
mod string;

use varistor_model::Span;
use varistor_model::limits::JSON_DEPTH_MAX;

use super::keys::{self, PAIRWISE_MAX};
use super::raw;

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
    pub(super) key: Key,
    /// The bytes in the body; of a string with its quotes.
    pub(super) span: Span,
    /// The number of the node behind this one and everything in it.
    pub(super) behind: u32,
    pub(super) kind: Kind,
    /// Of a string: whether it holds an escape. Of an object: whether two of its keys may be the
    /// same to a reader that ignores case.
    pub(super) odd: bool,
}

/// A key without its quotes; empty for elements of an array.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Key {
    span: Span,
    /// Whether it stands decoded in `Index::plain`, and not in the body.
    is_plain: bool,
    /// Whether it is ASCII.
    is_ascii: bool,
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
    /// Its node.
    node: usize,
    is_object: bool,
    /// See [`Node::odd`].
    odd: bool,
    keys: usize,
    /// One bit for each [`keys::mark`] that was seen: only keys with the same one can be equal.
    marks: u64,
}

const CLOSED: Frame = Frame {
    node: 0,
    is_object: false,
    odd: false,
    keys: 0,
    marks: 0,
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
        let mut pass = Pass {
            body,
            at: 0,
            index: self,
            hashes,
            depth: 0,
            frame: CLOSED,
        };
        pass.document()
    }

    /// The key as it decodes; the body must be the one that was read.
    pub(super) fn key<'a>(&'a self, body: &'a [u8], key: Key) -> &'a [u8] {
        let text = if key.is_plain {
            self.plain.as_bytes()
        } else {
            body
        };
        key.span.of_bytes(text)
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

/// Relation: `depth <= JSON_DEPTH_MAX`; `index.outer[..depth]` are the containers around `frame`'s.
struct Pass<'b, 'i> {
    body: &'b [u8],
    at: usize,
    index: &'i mut Index,
    hashes: &'i mut Vec<u64>,
    depth: usize,
    frame: Frame,
}

impl Pass<'_, '_> {
    fn document(&mut self) -> Result<(), Fault> {
        let mut key = Key::default();
        loop {
            let first = self.token()?;
            if self.value(first, key)? {
                let next = self.token()?;
                if !self.closes(next) {
                    key = self.key_before_value(next)?;
                    continue;
                }
                self.close()?;
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
                if !self.closes(next) {
                    return Err(Fault::Invalid);
                }
                self.close()?;
            }
            key = if self.frame.is_object {
                let next = self.token()?;
                self.key_before_value(next)?
            } else {
                Key::default()
            };
        }
    }

    /// Takes in one value, or the opening byte of a container: then it says so.
    fn value(&mut self, first: u8, key: Key) -> Result<bool, Fault> {
        let start = self.at;
        let (kind, odd) = match first {
            b'"' => {
                let string = string::quoted(self.body, start)?;
                self.at = string.end;
                (Kind::String, string.has_escape)
            }
            b'{' | b'[' => {
                self.open(first == b'{', key)?;
                return Ok(true);
            }
            b'-' | b'0'..=b'9' => {
                let (kind, end) = number::number(self.body, start)?;
                self.at = end;
                (kind, false)
            }
            b't' => (self.word(b"true", Kind::True)?, false),
            b'f' => (self.word(b"false", Kind::False)?, false),
            b'n' => (self.word(b"null", Kind::Null)?, false),
            _ => return Err(Fault::Invalid),
        };
        let span = span(start, self.at);
        self.push(key, (span, kind), odd);
        Ok(false)
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<Kind, Fault> {
        let rest = self.body.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(Fault::Invalid);
        }
        self.skip(word.len());
        Ok(kind)
    }

    #[inline]
    fn push(&mut self, key: Key, (span, kind): (Span, Kind), odd: bool) {
        let nodes = &mut self.index.nodes;
        let behind = (nodes.len() as u32).wrapping_add(1);
        nodes.push(Node {
            key,
            span,
            behind,
            kind,
            odd,
        });
    }

    fn open(&mut self, is_object: bool, key: Key) -> Result<(), Fault> {
        let outer = self.index.outer.get_mut(self.depth);
        *outer.ok_or(Fault::TooDeep)? = self.frame;
        self.depth = self.depth.wrapping_add(1);
        self.frame = Frame {
            node: self.index.nodes.len(),
            is_object,
            ..CLOSED
        };
        let kind = if is_object { Kind::Object } else { Kind::Array };
        // Its end is noted when it closes.
        self.push(key, (span(self.at, self.at), kind), false);
        self.skip(1);
        Ok(())
    }

    const fn closes(&self, byte: u8) -> bool {
        byte == if self.frame.is_object { b'}' } else { b']' }
    }

    fn close(&mut self) -> Result<(), Fault> {
        self.skip(1);
        let frame = self.frame;
        if frame.keys > PAIRWISE_MAX {
            self.compare_hashes(frame.node.wrapping_add(1))?;
        }
        let nodes = &mut self.index.nodes;
        let behind = nodes.len() as u32;
        if let Some(node) = nodes.get_mut(frame.node) {
            node.span.end = self.at as u32;
            node.behind = behind;
            node.odd = frame.odd | (frame.keys > PAIRWISE_MAX);
        }
        self.depth = self.depth.wrapping_sub(1);
        self.frame = self.index.outer.get(self.depth).copied().unwrap_or(CLOSED);
        Ok(())
    }

    /// Reads the key that `first` begins and its colon; none in an array.
    fn key_before_value(&mut self, first: u8) -> Result<Key, Fault> {
        if !self.frame.is_object {
            return Ok(Key::default());
        }
        if first != b'"' {
            return Err(Fault::Invalid);
        }
        let start = self.at;
        let string = string::quoted(self.body, start)?;
        self.at = string.end;
        let inside = span(start.wrapping_add(1), string.end.wrapping_sub(1));
        let key = if string.has_escape {
            self.decode(inside)?
        } else {
            Key {
                span: inside,
                is_plain: false,
                is_ascii: !string.is_wide,
            }
        };
        self.admit(key)?;
        if self.token()? != b':' {
            return Err(Fault::Invalid);
        }
        self.skip(1);
        Ok(key)
    }

    #[cold]
    fn decode(&mut self, inside: Span) -> Result<Key, Fault> {
        let plain = &mut self.index.plain;
        let start = plain.len();
        let text = core::str::from_utf8(inside.of_bytes(self.body)).ok();
        text.and_then(|text| raw::unescape(text, plain))
            .ok_or(Fault::Invalid)?;
        let text = plain.get(start..).unwrap_or_default();
        Ok(Key {
            span: Span::of(start..plain.len()).ok_or(Fault::Invalid)?,
            is_plain: true,
            is_ascii: text.is_ascii(),
        })
    }

    /// Compares the key with those before it in its object; with many, that is done at the end.
    #[inline]
    fn admit(&mut self, key: Key) -> Result<(), Fault> {
        let text = self.index.key(self.body, key);
        let mark = keys::mark(text);
        let frame = &mut self.frame;
        let is_new = frame.marks & mark == 0;
        frame.marks |= mark;
        frame.odd |= !is_new | !key.is_ascii;
        frame.keys = frame.keys.wrapping_add(1);
        if is_new || frame.keys > PAIRWISE_MAX {
            return Ok(());
        }
        let inside = frame.node.wrapping_add(1);
        let mut others = self.index.siblings(inside);
        if others.any(|node| self.index.key(self.body, node.key) == text) {
            return Err(Fault::Duplicate);
        }
        Ok(())
    }

    /// Compares all keys of an object that ends here, by their hashes.
    #[cold]
    fn compare_hashes(&mut self, first: usize) -> Result<(), Fault> {
        let (index, body) = (&*self.index, self.body);
        self.hashes.clear();
        let keys = index.siblings(first).map(|node| index.key(body, node.key));
        self.hashes.extend(keys.map(keys::hash));
        if keys::are_distinct(self.hashes) {
            Ok(())
        } else {
            Err(Fault::Duplicate)
        }
    }

    /// The next byte that is no blank, where the pass then stands.
    #[inline]
    fn token(&mut self) -> Result<u8, Fault> {
        match self.body.get(self.at) {
            Some(byte) if *byte > b' ' => Ok(*byte),
            _ => self.token_behind_blanks(),
        }
    }

    #[inline(never)]
    fn token_behind_blanks(&mut self) -> Result<u8, Fault> {
        self.at = super::blank(self.body, self.at);
        self.body.get(self.at).copied().ok_or(Fault::Invalid)
    }

    fn nothing_behind(&self) -> Result<(), Fault> {
        if super::blank(self.body, self.at) == self.body.len() {
            Ok(())
        } else {
            Err(Fault::Invalid)
        }
    }

    const fn skip(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }
}

/// Both lie in a body of at most 4 GiB.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`Index::fill` refuses bodies beyond 4 GiB"
)]
const fn span(start: usize, end: usize) -> Span {
    Span {
        start: start as u32,
        end: end as u32,
    }
}
