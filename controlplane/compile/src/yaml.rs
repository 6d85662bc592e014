//! One YAML file as a tree whose every node and key knows its line and column.
//!
//! Refuses what is not valid YAML, more than one document, tags, aliases that grow the file, and
//! nesting without end. Duplicate keys stay in the tree, so that all of them can be named.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use crate::problem::{Place, Report, Wrong, quote};

/// Deepest nesting: a policy needs eight.
const DEPTH_MAX: usize = 64;
/// Most nodes that aliases may add to a file, so that a few lines can't become gigabytes.
const ALIAS_NODES_MAX: usize = 100_000;

/// One value with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// A value as it stands in the file.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// A scalar; `plain` when it stands without quotes and so may be a number, a truth value or
    /// nothing at all.
    Scalar { text: String, plain: bool },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order of the file, duplicate keys included.
    Map(Vec<(Node, Node)>),
}

/// The tree of a file; `None` when the file holds no value or is refused.
pub(crate) fn load(text: &str, file: Place, report: &mut Report) -> Option<Node> {
    let mut builder = Builder {
        file,
        open: Vec::new(),
        anchors: HashMap::new(),
        added: 0,
    };
    let mut parser = Parser::new_from_str(text);
    match builder.document(&mut parser) {
        Ok(root) => root,
        Err(Refusal {
            place,
            found,
            wrong,
        }) => {
            report.incomplete = true;
            let (found, wrong) = tab_indent(text, place).unwrap_or((found, wrong));
            report.refuse(place, found, wrong);
            None
        }
    }
}

struct Refusal {
    place: Place,
    found: String,
    wrong: Wrong,
}

struct Builder {
    file: Place,
    /// Collections that are not closed yet, outermost first.
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    /// Nodes that aliases have added so far.
    added: usize,
}

struct Open {
    node: Node,
    /// 0: none.
    anchor: usize,
    /// In a mapping: the key whose value comes next.
    key: Option<Node>,
}

impl Builder {
    fn document(&mut self, parser: &mut Parser<'_, StrInput<'_>>) -> Result<Option<Node>, Refusal> {
        let mut root = None;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| self.invalid(&error))?;
            let place = self.place(span);
            if root.is_some() && matches!(event, Event::DocumentStart(_)) {
                return Err(refusal(
                    place,
                    "a second document",
                    "one document in a file",
                ));
            }
            if let Some(node) = self.event(event, place)? {
                root = Some(node);
            }
        }
        Ok(root.filter(|node: &Node| !node.is_nothing()))
    }

    /// Takes one event; gives the root once it is complete.
    fn event(&mut self, event: Event<'_>, place: Place) -> Result<Option<Node>, Refusal> {
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse_tag(place, tag.as_deref())?;
                let plain = style == ScalarStyle::Plain;
                (
                    Value::Scalar {
                        text: text.into_owned(),
                        plain,
                    },
                    anchor,
                )
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_tag(place, tag.as_deref())?;
                return self.start(Value::List(Vec::new()), anchor, place);
            }
            Event::MappingStart(anchor, tag) => {
                refuse_tag(place, tag.as_deref())?;
                return self.start(Value::Map(Vec::new()), anchor, place);
            }
            Event::Alias(id) => return self.alias(id, place),
            Event::SequenceEnd | Event::MappingEnd => {
                return Ok(self
                    .open
                    .pop()
                    .and_then(|done| self.put(done.node, done.anchor)));
            }
            _ => return Ok(None),
        };
        Ok(self.put(Node { place, value }, anchor))
    }

    fn start(
        &mut self,
        value: Value,
        anchor: usize,
        place: Place,
    ) -> Result<Option<Node>, Refusal> {
        if self.open.len() >= DEPTH_MAX {
            let expected = format!("at most {DEPTH_MAX} levels");
            return Err(refusal(place, "nesting that is too deep", &expected));
        }
        self.open.push(Open {
            node: Node { place, value },
            anchor,
            key: None,
        });
        Ok(None)
    }

    fn alias(&mut self, id: usize, place: Place) -> Result<Option<Node>, Refusal> {
        let Some(node) = self.anchors.get(&id) else {
            let expected = "an anchor that is complete before it is used";
            return Err(refusal(
                place,
                "an alias inside of its own anchor",
                expected,
            ));
        };
        self.added = self.added.saturating_add(node.count());
        if self.added > ALIAS_NODES_MAX {
            let expected = format!("aliases that add at most {ALIAS_NODES_MAX} values");
            return Err(refusal(place, "aliases that blow the file up", &expected));
        }
        let node = Node {
            place,
            ..node.clone()
        };
        Ok(self.put(node, 0))
    }

    /// Puts a complete node into the innermost open collection; gives it back when there is none.
    fn put(&mut self, node: Node, anchor: usize) -> Option<Node> {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            return Some(node);
        };
        match (&mut parent.node.value, parent.key.take()) {
            (Value::Map(map), Some(key)) => map.push((key, node)),
            (Value::Map(_), None) => parent.key = Some(node),
            (Value::List(list), _) => list.push(node),
            (Value::Scalar { .. }, _) => {}
        }
        None
    }

    fn place(&self, span: Span) -> Place {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place {
            line: number(span.start.line().max(1)),
            column: number(span.start.col()).saturating_add(1),
            ..self.file
        }
    }

    fn invalid(&self, error: &ScanError) -> Refusal {
        let place = self.place(Span::empty(*error.marker()));
        refusal(
            place,
            &format!("invalid YAML: {}", error.info()),
            "valid YAML 1.2",
        )
    }
}

impl Node {
    /// A plain scalar that stands for nothing: empty, `~` or `null`.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// How many values stand in it, itself included.
    fn count(&self) -> usize {
        let inner = match &self.value {
            Value::Scalar { .. } => 0,
            Value::List(list) => list.iter().map(Self::count).sum(),
            Value::Map(map) => map
                .iter()
                .map(|(key, value)| key.count() + value.count())
                .sum(),
        };
        inner + 1
    }
}

fn refuse_tag(place: Place, tag: Option<&Tag>) -> Result<(), Refusal> {
    let Some(tag) = tag else { return Ok(()) };
    let name = if tag.is_yaml_core_schema() {
        format!("!!{}", tag.suffix)
    } else {
        tag.to_string()
    };
    Err(refusal(
        place,
        &format!("the tag {}", quote(&name)),
        "a value without a tag",
    ))
}

fn refusal(place: Place, found: &str, expected: &str) -> Refusal {
    Refusal {
        place,
        found: found.to_owned(),
        wrong: Wrong::expected(expected),
    }
}

/// Says so when the line at fault is indented by a tab, which the parser tells less clearly.
fn tab_indent(text: &str, place: Place) -> Option<(String, Wrong)> {
    let line = text.lines().nth((place.line as usize).checked_sub(1)?)?;
    let indent = line.len() - line.trim_start().len();
    line.get(..indent)?.contains('\t').then(|| {
        let wrong = Wrong::expected("spaces").help("YAML does not allow tabs there");
        ("a tab in the indentation".to_owned(), wrong)
    })
}

#[cfg(test)]
mod tests;
