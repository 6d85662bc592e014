//! What a person is shown of a change: member by member, word by word.

use std::collections::{BTreeMap, BTreeSet};

use varistor_structured::{Form, Node};

/// Words of one text that are compared, and the blanks between them; longer ones are shown whole,
/// before and after.
const WORDS_MAX: usize = 4096;

/// One member that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it is, as in `inputSchema.properties.path.description`.
    pub path: String,
    /// What it was; `None` when it was not there.
    pub before: Option<String>,
    /// What it is; `None` when it is gone.
    pub after: Option<String>,
}

/// A run of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Stands in both.
    Same(String),
    /// Stood before only.
    Gone(String),
    /// Stands after only.
    New(String),
}

/// The members that differ between two definitions, in the order of their places. Texts stand
/// without quotes, everything else as JSON.
#[must_use]
pub fn changes(before: Option<&str>, after: Option<&str>) -> Vec<Change> {
    let (mut before, mut after) = (leaves(before), leaves(after));
    let paths: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    let rows = paths.into_iter().map(|path| {
        let (before, after) = (before.remove(&path), after.remove(&path));
        Change {
            path,
            before,
            after,
        }
    });
    rows.filter(|row| row.before != row.after).collect()
}

fn leaves(definition: Option<&str>) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    let text = definition.unwrap_or_default();
    if let Some(whole) = Node::read(text) {
        gather(&whole, text, String::new(), &mut leaves);
    }
    leaves
}

fn gather(node: &Node, text: &str, path: String, leaves: &mut BTreeMap<String, String>) {
    let as_written = || text.get(node.span.clone()).unwrap_or_default().to_owned();
    match &node.form {
        Form::Object(members) if !members.is_empty() => {
            for (key, _, value) in members {
                let path = match path.is_empty() {
                    true => key.clone(),
                    false => [&path, ".", key].concat(),
                };
                gather(value, text, path, leaves);
            }
        }
        // A list of plain values, as `required`, reads better whole.
        Form::Array(elements) if elements.iter().any(is_deep) => {
            for (at, value) in elements.iter().enumerate() {
                gather(value, text, format!("{path}[{at}]"), leaves);
            }
        }
        Form::String(text) => {
            leaves.insert(path, text.clone());
        }
        _ => {
            leaves.insert(path, as_written());
        }
    }
}

const fn is_deep(node: &Node) -> bool {
    matches!(node.form, Form::Object(_) | Form::Array(_))
}

/// Where two texts differ, word by word: the longest row of words that both have stays.
#[must_use]
pub fn words(before: &str, after: &str) -> Vec<Piece> {
    let (old, new) = (split(before), split(after));
    if old.len() > WORDS_MAX || new.len() > WORDS_MAX {
        return vec![Piece::Gone(before.to_owned()), Piece::New(after.to_owned())];
    }
    let lengths = lengths(&old, &new);
    let at = |row: usize, column: usize| {
        let row = lengths.get(row);
        row.and_then(|row| row.get(column)).copied().unwrap_or(0)
    };
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut row, mut column) = (0_usize, 0_usize);
    loop {
        match (old.get(row), new.get(column)) {
            (Some(gone), Some(same)) if gone == same => {
                push(&mut pieces, Piece::Same((*same).to_owned()));
                row = row.saturating_add(1);
                column = column.saturating_add(1);
            }
            (Some(gone), added)
                if added.is_none()
                    || at(row.saturating_add(1), column) >= at(row, column.saturating_add(1)) =>
            {
                push(&mut pieces, Piece::Gone((*gone).to_owned()));
                row = row.saturating_add(1);
            }
            (_, Some(added)) => {
                push(&mut pieces, Piece::New((*added).to_owned()));
                column = column.saturating_add(1);
            }
            (_, None) => return pieces,
        }
    }
}

/// For each pair of tails, how long the longest common row of words is.
fn lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u16>> {
    let width = new.len().saturating_add(1);
    let mut rows: Vec<Vec<u16>> = vec![vec![0; width]];
    for gone in old.iter().rev() {
        let mut row = vec![0_u16; width];
        let below = rows.last();
        for (at, added) in new.iter().enumerate().rev() {
            let next = at.saturating_add(1);
            let value = |row: Option<&Vec<u16>>, at: usize| {
                row.and_then(|row| row.get(at)).copied().unwrap_or(0)
            };
            let best = match gone == added {
                true => value(below, next).saturating_add(1),
                false => value(below, at).max(value(Some(&row), next)),
            };
            if let Some(cell) = row.get_mut(at) {
                *cell = best;
            }
        }
        rows.push(row);
    }
    rows.reverse();
    rows
}

/// Words, and the white space between them.
fn split(text: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_blank = first.is_whitespace();
        let end = rest.find(|character: char| character.is_whitespace() != is_blank);
        let run = rest.split_at_checked(end.unwrap_or(rest.len()));
        let (run, tail) = run.unwrap_or((rest, ""));
        runs.push(run);
        rest = tail;
    }
    runs
}

fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Same(text)), Piece::Same(more))
        | (Some(Piece::Gone(text)), Piece::Gone(more))
        | (Some(Piece::New(text)), Piece::New(more)) => text.push_str(&more),
        (_, piece) => pieces.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_differ_are_told_with_their_places() {
        let before = r#"{"description":"Reads.","inputSchema":{"properties":
            {"path":{"type":"string"}},"required":["path"]},"name":"a","x":[{"y":1}]}"#;
        let after = r#"{"description":"Reads it.","inputSchema":{"properties":
            {"path":{"type":"string"},"to":{"type":"string"}},
            "required":["path","to"]},"name":"a","x":[{"y":2}]}"#;
        let rows = changes(Some(before), Some(after));
        let told: Vec<_> = rows.iter().map(|row| row.path.as_str()).collect();
        let expected = [
            "description",
            "inputSchema.properties.to.type",
            "inputSchema.required",
            "x[0].y",
        ];
        assert_eq!(told, expected);
        assert_eq!(rows[1].before, None);
        assert_eq!(rows[2].after.as_deref(), Some(r#"["path","to"]"#));
        assert_eq!(changes(Some(before), Some(before)), []);
        assert_eq!(changes(None, Some(r#"{"name":"a"}"#)).len(), 1);
    }

    #[test]
    fn words_that_came_and_went_are_marked() {
        let pieces = words("Reads a file.", "Reads a secret file. Then mails it.");
        let expected = [
            Piece::Same("Reads a ".to_owned()),
            Piece::New("secret ".to_owned()),
            Piece::Same("file.".to_owned()),
            Piece::New(" Then mails it.".to_owned()),
        ];
        assert_eq!(pieces, expected);
        assert_eq!(words("", ""), []);
        assert_eq!(words("a b", "a b"), [Piece::Same("a b".to_owned())]);
    }

    #[test]
    fn the_pieces_make_up_both_texts() {
        let cases = [
            ("a b c d", "b c e d f"),
            ("", "x y"),
            ("x\n\ty ", " x y"),
            ("a a a", "a a"),
        ];
        for (before, after) in cases {
            let (mut old, mut new) = (String::new(), String::new());
            for piece in words(before, after) {
                match piece {
                    Piece::Same(text) => {
                        old.push_str(&text);
                        new.push_str(&text);
                    }
                    Piece::Gone(text) => old.push_str(&text),
                    Piece::New(text) => new.push_str(&text),
                }
            }
            assert_eq!((old.as_str(), new.as_str()), (before, after));
        }
    }
}
