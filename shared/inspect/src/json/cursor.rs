//! Walks a parsed document: decoded keys and values from the tape, places from the body.
//!
//! The parser's structural offsets hold one entry for each `{ } [ ] : ,` and for the first byte of
//! each string and scalar, in order. The walk keeps a node of the tape and an offset in step, so
//! what is decided about and what is cut out cannot be two different things.

use simd_json::{Node, StaticNode};
use varistor_model::{Reason, Span};

/// A body, its tape, and its structural offsets.
#[derive(Clone, Copy)]
pub(super) struct Document<'a, 't> {
    body: &'a [u8],
    nodes: &'a [Node<'t>],
    marks: &'a [u32],
}

/// A value: its node, its first structural offset, and its bytes.
#[derive(Clone, Copy)]
pub(super) struct Value {
    node: usize,
    mark: usize,
    pub(super) span: Span,
}

/// What a value is, as far as it matters here.
pub(super) enum Shape<'t> {
    Object(usize),
    Array(usize),
    String(&'t str),
    Null,
    Other,
}

/// Walks the members of an object or the elements of an array.
pub(super) struct Members<'a, 't> {
    document: Document<'a, 't>,
    node: usize,
    mark: usize,
    left: usize,
    keyed: bool,
}

impl<'a, 't> Document<'a, 't> {
    pub(super) const fn new(body: &'a [u8], nodes: &'a [Node<'t>], marks: &'a [u32]) -> Self {
        Self { body, nodes, marks }
    }

    /// The whole document; None when it is a bare scalar.
    pub(super) fn root(self) -> Result<Option<Value>, Reason> {
        match self.nodes.first() {
            Some(Node::Object { .. } | Node::Array { .. }) => Ok(Some(self.value(0, 0)?.0)),
            _ => Ok(None),
        }
    }

    pub(super) fn shape(self, value: Value) -> Shape<'t> {
        match self.nodes.get(value.node) {
            Some(Node::Object { len, .. }) => Shape::Object(*len),
            Some(Node::Array { len, .. }) => Shape::Array(*len),
            Some(Node::String(text)) => Shape::String(text),
            Some(Node::Static(StaticNode::Null)) => Shape::Null,
            _ => Shape::Other,
        }
    }

    /// Whether a number is spelled as an integer: a sign and digits, nothing else.
    /// The value as it stands in the body.
    pub(super) fn raw(self, value: Value) -> &'a [u8] {
        value.span.of_bytes(self.body)
    }

    pub(super) fn is_integer(self, value: Value) -> bool {
        let bytes = value.span.of_bytes(self.body);
        let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
        !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    }

    /// The members of an object, each with its decoded key; none of anything else.
    pub(super) fn members(self, object: Value) -> Members<'a, 't> {
        let left = match self.shape(object) {
            Shape::Object(len) => len,
            _ => 0,
        };
        self.walk(object, left, true)
    }

    /// The elements of an array, each with an empty key; none of anything else.
    pub(super) fn elements(self, array: Value) -> Members<'a, 't> {
        let left = match self.shape(array) {
            Shape::Array(len) => len,
            _ => 0,
        };
        self.walk(array, left, false)
    }

    /// The nodes behind the one that opens this value, and how many members it has.
    pub(super) fn inside(self, object: Value) -> (&'a [Node<'t>], usize) {
        match self.shape(object) {
            Shape::Object(len) => {
                let inside = self.nodes.get(object.node.saturating_add(1)..);
                (inside.unwrap_or_default(), len)
            }
            _ => (&[], 0),
        }
    }

    fn walk(self, container: Value, left: usize, keyed: bool) -> Members<'a, 't> {
        Members {
            document: self,
            node: container.node.saturating_add(1),
            mark: container.mark.saturating_add(1),
            left,
            keyed,
        }
    }

    /// The value at this node and offset, with the node and the offset behind it.
    fn value(self, node: usize, mark: usize) -> Result<(Value, usize, usize), Reason> {
        let start = self.offset(mark)?;
        let (node_end, mark_end, end) = match self.nodes.get(node) {
            Some(Node::Object { count, .. } | Node::Array { count, .. }) => {
                let close = self.close(mark)?;
                let end = self.offset(close)?.saturating_add(1);
                let behind = node.saturating_add(*count).saturating_add(1);
                (behind, close.saturating_add(1), end)
            }
            Some(_) => {
                let behind = mark.saturating_add(1);
                let upto = self.body.get(..self.offset(behind)?).unwrap_or_default();
                (node.saturating_add(1), behind, upto.trim_ascii_end().len())
            }
            None => return Err(Reason::JsonInvalid),
        };
        let span = Span::of(start..end).ok_or(Reason::JsonInvalid)?;
        Ok((Value { node, mark, span }, node_end, mark_end))
    }

    /// The structural offset that closes the container opened at this one.
    fn close(self, open: usize) -> Result<usize, Reason> {
        let mut depth = 0_usize;
        let marks = self.marks.get(open..).unwrap_or_default();
        let close = marks.iter().position(|offset| {
            match self.body.get(*offset as usize) {
                Some(b'{' | b'[') => depth = depth.wrapping_add(1),
                Some(b'}' | b']') => depth = depth.wrapping_sub(1),
                _ => return false,
            }
            depth == 0
        });
        Ok(open.saturating_add(close.ok_or(Reason::JsonInvalid)?))
    }

    fn offset(self, mark: usize) -> Result<usize, Reason> {
        let offset = self.marks.get(mark).ok_or(Reason::JsonInvalid)?;
        Ok(*offset as usize)
    }
}

impl<'t> Members<'_, 't> {
    /// The next key (empty in an array) and value.
    pub(super) fn next(&mut self) -> Result<Option<(&'t str, Value)>, Reason> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        let mut key = "";
        if self.keyed {
            let Some(Node::String(text)) = self.document.nodes.get(self.node) else {
                return Err(Reason::JsonInvalid);
            };
            key = text;
            // The key and its colon.
            self.node = self.node.saturating_add(1);
            self.mark = self.mark.saturating_add(2);
        }
        let (value, node, mark) = self.document.value(self.node, self.mark)?;
        self.node = node;
        // The comma, or the closing byte.
        self.mark = mark.saturating_add(1);
        Ok(Some((key, value)))
    }
}
