//! A JSON value with the places of its parts, so that single ones can be replaced.
//!
//! Refuses what is no JSON text, nesting deeper than [`DEPTH_MAX`] and more than [`NODES_MAX`]
//! values.

use core::ops::Range;

/// As deep as the gate lets messages be.
pub(crate) const DEPTH_MAX: usize = 64;
/// Values of one document: what a result of 1 MiB holds at most in practice.
pub(crate) const NODES_MAX: usize = 65_536;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// What it is.
    pub form: Form,
    /// Whether something in it is withheld; its text is then a stand-in.
    pub(crate) touched: bool,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// As it is written.
    Number(String),
    /// As it reads.
    String(String),
    /// Its elements.
    Array(Vec<Node>),
    /// Its members: the key as it reads, the bytes of the key with its quotes, the value.
    Object(Vec<(String, Range<usize>, Node)>),
}

/// What stands at some byte of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From the root: the number of the member or element at each level.
    pub path: Vec<usize>,
    /// Whether it is the key of that member, not its value.
    pub is_key: bool,
}

impl Node {
    /// Reads a whole text.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut reading = Reading {
            text,
            at: 0,
            left: NODES_MAX,
        };
        let node = reading.value(0)?;
        reading.blank();
        (reading.at == text.len()).then_some(node)
    }

    /// The value of a member; `None`: there is none, or this is no object.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Self> {
        let Form::Object(members) = &self.form else {
            return None;
        };
        let member = members.iter().find(|(name, _, _)| name == key);
        member.map(|(_, _, value)| value)
    }

    /// The value at the end of a path.
    #[must_use]
    pub fn at(&self, path: &[usize]) -> Option<&Self> {
        path.iter().try_fold(self, |node, step| node.child(*step))
    }

    pub(crate) fn at_mut(&mut self, path: &[usize]) -> Option<&mut Self> {
        path.iter()
            .try_fold(self, |node, step| match &mut node.form {
                Form::Array(elements) => elements.get_mut(*step),
                Form::Object(members) => members.get_mut(*step).map(|(_, _, value)| value),
                _ => None,
            })
    }

    /// The bytes of what stands at a place: of a key with its quotes.
    #[must_use]
    pub fn span_of(&self, place: &Place) -> Option<Range<usize>> {
        if !place.is_key {
            return self.at(&place.path).map(|node| node.span.clone());
        }
        let (last, parent) = place.path.split_last()?;
        match &self.at(parent)?.form {
            Form::Object(members) => members.get(*last).map(|(_, key, _)| key.clone()),
            _ => None,
        }
    }

    fn child(&self, step: usize) -> Option<&Self> {
        match &self.form {
            Form::Array(elements) => elements.get(step),
            Form::Object(members) => members.get(step).map(|(_, _, value)| value),
            _ => None,
        }
    }

    /// The innermost value or key that holds this byte.
    #[must_use]
    pub fn place_of(&self, byte: usize) -> Option<Place> {
        let mut place = Place {
            path: Vec::new(),
            is_key: false,
        };
        let mut node = self.span.contains(&byte).then_some(self)?;
        loop {
            let inner = match &node.form {
                Form::Array(elements) => {
                    let number = elements.partition_point(|element| element.span.end <= byte);
                    let found = elements.get(number).filter(|e| e.span.contains(&byte));
                    found.map(|element| (number, element))
                }
                Form::Object(members) => {
                    let number = members.partition_point(|(_, _, value)| value.span.end <= byte);
                    let member = members.get(number);
                    if member.is_some_and(|(_, key, _)| key.contains(&byte)) {
                        place.path.push(number);
                        place.is_key = true;
                        return Some(place);
                    }
                    let found = member.filter(|(_, _, value)| value.span.contains(&byte));
                    found.map(|(_, _, value)| (number, value))
                }
                _ => None,
            };
            match inner {
                Some((number, inner)) => {
                    place.path.push(number);
                    node = inner;
                }
                None => return Some(place),
            }
        }
    }
}

struct Reading<'t> {
    text: &'t str,
    /// Relation: a boundary of characters.
    at: usize,
    left: usize,
}

impl Reading<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.step();
        }
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        self.left = self.left.checked_sub(1)?;
        if depth > DEPTH_MAX {
            return None;
        }
        self.blank();
        let start = self.at;
        let form = match self.peek()? {
            b'{' => self.object(depth)?,
            b'[' => self.array(depth)?,
            b'"' => Form::String(self.string()?),
            _ => self.scalar()?,
        };
        Some(Node {
            span: start..self.at,
            form,
            touched: false,
        })
    }

    fn object(&mut self, depth: usize) -> Option<Form> {
        let mut members = Vec::new();
        self.step();
        self.blank();
        if self.peek()? == b'}' {
            self.step();
            return Some(Form::Object(members));
        }
        loop {
            self.blank();
            let start = self.at;
            let key = self.string()?;
            let place = start..self.at;
            self.blank();
            if self.peek()? != b':' {
                return None;
            }
            self.step();
            members.push((key, place, self.value(depth.saturating_add(1))?));
            if self.ends(b'}')? {
                return Some(Form::Object(members));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Form> {
        let mut elements = Vec::new();
        self.step();
        self.blank();
        if self.peek()? == b']' {
            self.step();
            return Some(Form::Array(elements));
        }
        loop {
            elements.push(self.value(depth.saturating_add(1))?);
            if self.ends(b']')? {
                return Some(Form::Array(elements));
            }
        }
    }

    /// Whether the container ends here; else a comma was passed.
    fn ends(&mut self, close: u8) -> Option<bool> {
        self.blank();
        let sign = self.peek()?;
        self.step();
        match sign {
            b',' => Some(false),
            sign if sign == close => Some(true),
            _ => None,
        }
    }

    fn string(&mut self) -> Option<String> {
        if self.peek()? != b'"' {
            return None;
        }
        let rest = self.text.as_bytes().get(self.at..)?;
        let mut end = 1_usize;
        let mut escaped = false;
        loop {
            match rest.get(end)? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    end = end.checked_add(2)?;
                }
                _ => end = end.checked_add(1)?,
            }
        }
        let start = self.at;
        self.at = start.checked_add(end)?.checked_add(1)?;
        let quoted = self.text.get(start..self.at)?;
        if escaped {
            return serde_json::from_str(quoted).ok();
        }
        let inside = quoted.get(1..quoted.len().checked_sub(1)?)?;
        (!inside.bytes().any(|byte| byte < 0x20)).then(|| inside.to_owned())
    }

    fn scalar(&mut self) -> Option<Form> {
        let rest = self.text.get(self.at..)?;
        let ends = |c: char| matches!(c, ',' | ']' | '}' | ' ' | '\t' | '\n' | '\r');
        let word = rest.split(ends).next()?;
        self.at = self.at.checked_add(word.len())?;
        match word {
            "null" => Some(Form::Null),
            "true" => Some(Form::Bool(true)),
            "false" => Some(Form::Bool(false)),
            number => {
                // What Rust reads beyond JSON: signs, `inf`, `.5`, `5.`.
                let strict = serde_json::from_str::<serde_json::Number>(number);
                strict.ok().map(|_| Form::Number(number.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_places() {
        let text = r#" {"a\u0062" : [1.50, "x\ny", {"k":null}], "c":true} "#;
        let root = Node::read(text).unwrap();
        let text_at = |path: &[usize]| text.get(root.at(path).unwrap().span.clone()).unwrap();
        assert_eq!(text_at(&[0, 0]), "1.50");
        assert_eq!(text_at(&[0, 1]), r#""x\ny""#);
        assert_eq!(root.at(&[0, 1]).unwrap().form, Form::String("x\ny".into()));
        assert_eq!(text_at(&[0, 2, 0]), "null");
        assert_eq!(text_at(&[1]), "true");
        assert_eq!(root.at(&[2]), None);
        for (needle, path, is_key) in [
            ("50", &[0, 0][..], false),
            ("ny", &[0, 1], false),
            ("k", &[0, 2, 0], true),
            ("u0062", &[0], true),
            ("rue", &[1], false),
            (", \"c", &[], false),
        ] {
            let place = root.place_of(text.find(needle).unwrap()).unwrap();
            assert_eq!((&*place.path, place.is_key), (path, is_key), "{needle}");
        }
        assert_eq!(root.place_of(0), None);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "01",
            "+1",
            ".5",
            "inf",
            "1 2",
            "\"a",
            "\"\\\"",
            "\"\\x\"",
            "nul",
            "[1}",
            "\"\n\"",
            "1e999999x",
        ] {
            assert_eq!(Node::read(text), None, "{text}");
        }
        let deep = "[".repeat(DEPTH_MAX + 2) + &"]".repeat(DEPTH_MAX + 2);
        assert_eq!(Node::read(&deep), None);
        let many = format!("[{}1]", "1,".repeat(NODES_MAX));
        assert_eq!(Node::read(&many), None);
    }

    #[test]
    fn big_numbers_stay_as_they_are_written() {
        let root = Node::read("[1e400,123456789012345678901234567890]");
        // serde_json refuses numbers that are not finite, as the gate does.
        assert_eq!(root, None);
        let root = Node::read("[123456789012345678901234567890]").unwrap();
        let first = root.at(&[0]).unwrap();
        assert_eq!(
            first.form,
            Form::Number("123456789012345678901234567890".into())
        );
    }
}
