//! Decides what stands in the place of each withheld value, so that the whole stays valid.

use serde_json::Value;

use crate::check::{Fuel, Verdict};
use crate::govern::{self, Part};
use crate::node::{Form, Node, Place};
use crate::schema::Schema;
use crate::stand_in::stand_ins;

/// What policy wants where a placeholder is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A value of the right type; where there is none, the member goes if it is optional.
    Value,
    /// The member goes if it is optional; else a value of the right type.
    Drop,
    /// The result becomes a tool error.
    Error,
}

/// Something that is withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where it stands.
    pub place: Place,
    /// The JSON text of that value or key with placeholders in it.
    pub text: String,
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// This JSON text.
    Text(String),
    /// Nothing: the member is not there.
    Gone,
}

/// What stands where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fitted {
    pub(crate) stands: Vec<(Place, Stand)>,
    /// Values that became ones of their type.
    pub typed: u32,
    /// Members that were dropped.
    pub dropped: u32,
}

/// The result can't be told as its schema wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit;

/// Relation: `stands` has one row for each mark, in their order, and further ones for members that
/// go in the place of a part of theirs.
struct Fitting<'a> {
    schema: &'a Schema,
    before: &'a Node,
    /// As `before`, with what stands now.
    tree: Node,
    marks: &'a [Mark],
    gone: Vec<Vec<usize>>,
    /// By mark: the JSON text of a value of the right type.
    typed: Vec<Option<String>>,
    fuel: Fuel,
}

/// Marks of one result; one with more is refused, not rewritten.
const MARKS_MAX: usize = 4096;
/// Members that are tried without, when the whole is still not valid.
const TRIES_MAX: usize = 32;

/// Fits the marks into `before`, the value as the server sent it.
///
/// A value that was not valid before has no promise to keep: its placeholders stay.
///
/// # Errors
///
/// When nothing that policy wants is valid, or whether it is can't be told.
pub fn fit(
    schema: &Schema,
    before: &Node,
    marks: &[Mark],
    choice: Choice,
) -> Result<Fitted, Unfit> {
    if marks.len() > MARKS_MAX {
        return Err(Unfit);
    }
    let mut fitting = Fitting {
        schema,
        before,
        tree: before.clone(),
        marks,
        gone: Vec::new(),
        typed: vec![None; marks.len()],
        fuel: Fuel::default(),
    };
    for mark in marks {
        fitting.put(&mark.place, &mark.text).ok_or(Unfit)?;
    }
    if fitting.verdict() == Verdict::Valid {
        return Ok(fitting.done());
    }
    match schema.check(before, &mut fitting.fuel) {
        Verdict::Valid => {}
        Verdict::Invalid => return Ok(plain(marks)),
        Verdict::Unknown => return Err(Unfit),
    }
    if choice == Choice::Error {
        return Err(Unfit);
    }
    for (number, mark) in marks.iter().enumerate() {
        fitting.mend(number, mark, choice);
    }
    if fitting.verdict() == Verdict::Valid {
        return Ok(fitting.done());
    }
    for mark in marks.iter().take(TRIES_MAX) {
        if fitting.drop_around(&mark.place.path, usize::MAX) && fitting.verdict() == Verdict::Valid
        {
            return Ok(fitting.done());
        }
    }
    Err(Unfit)
}

/// Placeholders where they are, and nothing else: where no schema binds.
#[must_use]
pub fn plain(marks: &[Mark]) -> Fitted {
    let stand = |mark: &Mark| (mark.place.clone(), Stand::Text(mark.text.clone()));
    Fitted {
        stands: marks.iter().map(stand).collect(),
        typed: 0,
        dropped: 0,
    }
}

impl Fitting<'_> {
    /// Puts a text in a place of the tree. None when it is no JSON, or the place is nowhere.
    fn put(&mut self, place: &Place, text: &str) -> Option<()> {
        let mut new = Node::read(text)?;
        if !place.is_key {
            let node = self.tree.at_mut(&place.path)?;
            new.span = node.span.clone();
            new.touched = true;
            *node = new;
            return Some(());
        }
        let (last, parent) = place.path.split_last()?;
        let (Form::Object(members), Form::String(key)) =
            (&mut self.tree.at_mut(parent)?.form, new.form)
        else {
            return None;
        };
        let (name, _, value) = members.get_mut(*last)?;
        *name = key;
        value.touched = true;
        Some(())
    }

    fn verdict(&mut self) -> Verdict {
        if self.gone.is_empty() {
            return self.schema.check(&self.tree, &mut self.fuel);
        }
        let mut tree = self.tree.clone();
        // From behind, so that numbers before stay.
        let mut gone = self.gone.clone();
        gone.sort();
        for path in gone.iter().rev() {
            let Some((last, parent)) = path.split_last() else {
                continue;
            };
            if let Some(Form::Object(members)) = tree.at_mut(parent).map(|node| &mut node.form)
                && *last < members.len()
            {
                members.remove(*last);
            }
        }
        self.schema.check(&tree, &mut self.fuel)
    }

    /// Finds what may stand in the place of one mark, if its placeholder may not.
    fn mend(&mut self, number: usize, mark: &Mark, choice: Choice) {
        let path = &mark.place.path;
        if self.is_gone(path) {
            return;
        }
        if mark.place.is_key {
            // Of a renamed member, nothing is known but that its name is not the promised one.
            self.drop_around(path, 1);
            return;
        }
        let Some(parts) = govern::parts(self.schema, self.before, path) else {
            return;
        };
        if self.fits(&parts, path) {
            return;
        }
        let first = choice == Choice::Drop && self.drop_around(path, 1);
        if first || self.type_it(number, mark, &parts) {
            return;
        }
        if !self.drop_around(path, 1) {
            self.drop_around(path, usize::MAX);
        }
    }

    /// Whether what stands there is valid by all that must hold, and by one way of those that may.
    fn fits(&mut self, parts: &[Part<'_>], path: &[usize]) -> bool {
        let Some(node) = self.tree.at(path) else {
            return false;
        };
        let mut sure = parts.iter().filter(|part| part.is_sure);
        sure.all(|part| self.schema.check_part(part.part, node, &mut self.fuel) == Verdict::Valid)
    }

    fn type_it(&mut self, number: usize, mark: &Mark, parts: &[Part<'_>]) -> bool {
        let path = &mark.place.path;
        let placeholder = match self.tree.at(path).map(|node| &node.form) {
            Some(Form::String(text)) => text.clone(),
            _ => return false,
        };
        let was = self.before.at(path).map(|node| node.form.clone());
        for text in stand_ins(parts, &placeholder) {
            // What it was is what is withheld, unless the schema itself tells it.
            let is_it = Node::read(&text).map(|node| node.form) == was;
            if is_it && !self.is_told(parts, &text) {
                continue;
            }
            if self.put(&mark.place, &text).is_some() && self.fits(parts, path) {
                if let Some(typed) = self.typed.get_mut(number) {
                    *typed = Some(text);
                }
                return true;
            }
        }
        let _ = self.put(&mark.place, &mark.text);
        false
    }

    /// Whether the schema allows no other value, so that it is no news.
    fn is_told(&self, parts: &[Part<'_>], text: &str) -> bool {
        let mut constants = parts.iter().filter_map(|part| part.part.get("const"));
        let told =
            |value: &Value| serde_json::from_str(text).is_ok_and(|read: Value| read == *value);
        constants.any(told)
    }

    fn is_gone(&self, path: &[usize]) -> bool {
        self.gone.iter().any(|gone| path.starts_with(gone))
    }

    /// Drops the innermost optional member that holds this place, at most so many levels up.
    fn drop_around(&mut self, path: &[usize], levels: usize) -> bool {
        if self.is_gone(path) {
            return true;
        }
        let mut path = path;
        let mut left = levels;
        while let Some((last, parent)) = path.split_last() {
            left = match left.checked_sub(1) {
                Some(left) => left,
                None => return false,
            };
            if let Some(Form::Object(members)) = self.before.at(parent).map(|node| &node.form) {
                let parts = govern::parts(self.schema, self.before, parent);
                let name = members.get(*last).map(|(name, _, _)| name);
                if let (Some(parts), Some(name)) = (parts, name)
                    && !govern::requires(&parts, name)
                {
                    self.gone.retain(|gone| !gone.starts_with(path));
                    self.gone.push(path.to_vec());
                    return true;
                }
            }
            path = parent;
        }
        false
    }

    fn done(self) -> Fitted {
        let mut fitted = Fitted::default();
        for (mark, typed) in self.marks.iter().zip(&self.typed) {
            if self.is_gone(&mark.place.path) {
                continue;
            }
            let is_typed = typed.is_some();
            let text = typed.as_ref().unwrap_or(&mark.text).clone();
            fitted.typed = fitted.typed.saturating_add(u32::from(is_typed));
            fitted.stands.push((mark.place.clone(), Stand::Text(text)));
        }
        for path in self.gone {
            fitted.dropped = fitted.dropped.saturating_add(1);
            let place = Place {
                path,
                is_key: false,
            };
            fitted.stands.push((place, Stand::Gone));
        }
        fitted
    }
}
