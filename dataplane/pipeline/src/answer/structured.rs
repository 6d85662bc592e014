//! Redacts a tool's result whose data stands there twice: as `structuredContent`, which clients
//! check against the tool's `outputSchema`, and as its text.
//!
//! What is found in either copy is withheld in both. Refuses a result that is not valid without
//! what is withheld, or of which that can't be told.

use core::ops::Range;
use std::collections::BTreeMap;

use varistor_inspect::actions::{Table, Tool};
use varistor_inspect::dlp::{Finding, Place as Within, Redaction};
use varistor_inspect::json::Kind;
use varistor_model::{DlpAction, Reason};
use varistor_snapshot::schema::ArchivedActions;
use varistor_structured::{Choice, Fitted, Form, Mark, Node, Place, fit, place_in, plain, same};

use super::Answering;
use super::scan::{Looking, Piece};
use crate::known::Promise;

/// A result with two copies of its data, or with one. Places are bytes of the payload.
struct Twofold<'p> {
    payload: &'p str,
    structured: Range<usize>,
    node: Node,
    twins: Vec<Twin>,
}

/// A text that holds the same data.
struct Twin {
    /// With its quotes.
    place: Range<usize>,
    /// As it reads.
    text: String,
    node: Node,
}

/// Where the parts of a result stand in its payload.
struct Parts {
    structured: Range<usize>,
    texts: Vec<Range<usize>>,
}

/// How many values became ones of their type, and how many members were dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Restructured {
    pub(super) typed: u32,
    pub(super) dropped: u32,
}

/// Places in the payload, in their order, and what stands there now.
type Written = Vec<(Range<usize>, String)>;

const NONE: (Written, Restructured) = (
    Vec::new(),
    Restructured {
        typed: 0,
        dropped: 0,
    },
);

impl Restructured {
    pub(super) const fn add(&mut self, other: Self) {
        self.typed = self.typed.saturating_add(other.typed);
        self.dropped = self.dropped.saturating_add(other.dropped);
    }
}

/// Texts of a result that are looked at; copies stand first.
const TEXTS_MAX: usize = 8;

impl Answering {
    /// What is there instead of the parts of a result that hold structured data: the places in the
    /// payload, in their order, and what stands there. Nothing when plain redaction will do.
    ///
    /// # Errors
    /// When nothing valid is left without what is withheld.
    pub(super) fn restructured(
        &self,
        looking: &mut Looking<'_>,
        (piece, payload): (Piece<'_>, &[u8]),
        redaction: &Redaction<'_>,
    ) -> Result<(Written, Restructured), Reason> {
        let Some(parts) = parts(looking, piece, payload) else {
            return Ok(NONE);
        };
        let rows = &self.local.policy().actions;
        let withheld = withheld(looking.table, redaction, rows);
        let within = |place: &Range<usize>, finding: &Finding| {
            place.contains(&(finding.span.start as usize))
        };
        let concerns = |finding: &Finding| {
            let mut places = parts.texts.iter().chain([&parts.structured]);
            places.any(|place| within(place, finding))
        };
        if !withheld.iter().any(concerns) {
            return Ok(NONE);
        }
        let choice = match rows.structured {
            0 => Choice::Value,
            1 => Choice::Drop,
            _ => Choice::Error,
        };
        let promise = self.promise(looking, piece);
        let is_free = match promise {
            Some(Promise::Nothing) => true,
            Some(Promise::Schema(schema)) => schema.is_loose(),
            Some(Promise::Unreadable) | None => false,
        };
        if is_free && parts.are_alike(&withheld) {
            return Ok(NONE);
        }
        let payload = core::str::from_utf8(payload).map_err(|_| Reason::DlpFailed)?;
        let twofold = Twofold::read(payload, parts).ok_or(Reason::AnswerUnfit)?;
        let marks = twofold.marks(&withheld, redaction)?;
        let fitted = match promise {
            Some(Promise::Nothing) => plain(&marks),
            Some(Promise::Schema(schema)) => {
                fit(schema, &twofold.node, &marks, choice).map_err(|_| Reason::AnswerUnfit)?
            }
            // Nobody listed the tool here: its client may know of a promise.
            None => unseen(&twofold.node, marks, choice)?,
            Some(Promise::Unreadable) => return Err(Reason::AnswerUnfit),
        };
        let written = twofold.written(&fitted).ok_or(Reason::DlpFailed)?;
        let told = Restructured {
            typed: fitted.typed,
            dropped: fitted.dropped,
        };
        Ok((written, told))
    }

    fn promise<'l>(&self, looking: &'l mut Looking<'_>, piece: Piece<'_>) -> Option<&'l Promise> {
        let server = self.local.serving().server(self.server)?;
        match self.called(looking.again, piece) {
            Tool::Named(name) => {
                let tool = looking.known.tool(&server.name, name)?;
                Some(&tool.promise)
            }
            Tool::None | Tool::Unknown => None,
        }
    }
}

/// The findings that are to be replaced.
fn withheld(table: &mut Table, redaction: &Redaction<'_>, rows: &ArchivedActions) -> Vec<Finding> {
    let redacts = |finding: &&Finding| table.act(rows, finding) == DlpAction::Redact;
    redaction.findings.iter().filter(redacts).copied().collect()
}

/// The parts of a result that holds structured data and is no error.
fn parts(looking: &Looking<'_>, piece: Piece<'_>, payload: &[u8]) -> Option<Parts> {
    let (message, document) = piece.message?;
    let is_whole = core::ptr::eq(message.result.of_bytes(document), payload);
    if message.kind != Kind::Response || message.is_error || !is_whole {
        return None;
    }
    let base = message.result.range().start;
    let within =
        |range: Range<usize>| Some(range.start.checked_sub(base)?..range.end.checked_sub(base)?);
    let structured = looking.reader.structured(message, document)?;
    let mut texts = Vec::new();
    looking.reader.texts(message, document, &mut |span| {
        if texts.len() < TEXTS_MAX {
            texts.extend(within(span.range()));
        }
    });
    Some(Parts {
        structured: within(structured.range())?,
        texts,
    })
}

impl Parts {
    /// Whether findings stand in strings only, and in the same order in the structured data and in
    /// the one text: then placeholders are the same in both.
    fn are_alike(&self, withheld: &[Finding]) -> bool {
        let of = |place: &Range<usize>| {
            let place = place.clone();
            let within = move |f: &&Finding| place.contains(&(f.span.start as usize));
            withheld.iter().filter(within)
        };
        let [text] = self.texts.as_slice() else {
            return false;
        };
        let in_text = |f: &Finding| f.place == Within::Text;
        of(&self.structured).all(in_text)
            && of(&self.structured)
                .map(|finding| finding.detector)
                .eq(of(text).map(|finding| finding.detector))
    }
}

impl<'p> Twofold<'p> {
    fn read(payload: &'p str, parts: Parts) -> Option<Self> {
        let node = Node::read(payload.get(parts.structured.clone())?)?;
        let twin = |place: Range<usize>| {
            let text: String = serde_json::from_str(payload.get(place.clone())?).ok()?;
            if !text.trim_start().starts_with(['{', '[']) {
                return None;
            }
            let copy = Node::read(&text).filter(|copy| same(&node, copy))?;
            Some(Twin {
                place,
                text,
                node: copy,
            })
        };
        let twins = parts.texts.into_iter().filter_map(twin).collect();
        Some(Self {
            payload,
            structured: parts.structured,
            node,
            twins,
        })
    }

    /// Where something is withheld in either copy, with what redaction leaves there.
    fn marks(&self, withheld: &[Finding], redaction: &Redaction<'_>) -> Result<Vec<Mark>, Reason> {
        // By place; of what only a copy shows, the name of what it is.
        let mut places: BTreeMap<(Vec<usize>, bool), Option<&Finding>> = BTreeMap::new();
        for finding in withheld {
            let at = finding.span.start as usize;
            if let Some(byte) = at.checked_sub(self.structured.start)
                && let Some(place) = self.node.place_of(byte)
            {
                places.insert((place.path, place.is_key), None);
            }
        }
        for twin in &self.twins {
            for (finding, byte) in twin.bytes_of(self.payload, withheld) {
                let place = twin.node.place_of(byte).ok_or(Reason::AnswerUnfit)?;
                let place = place_in(&twin.node, &self.node, &place);
                let place = place.ok_or(Reason::AnswerUnfit)?;
                places
                    .entry((place.path, place.is_key))
                    .or_insert(Some(finding));
            }
        }
        let mut keys = 0;
        let mut marks = Vec::with_capacity(places.len());
        for ((path, is_key), copied) in places {
            let place = Place { path, is_key };
            let span = self.node.span_of(&place).ok_or(Reason::AnswerUnfit)?;
            let range = span.start.saturating_add(self.structured.start)
                ..span.end.saturating_add(self.structured.start);
            let mut out = Vec::new();
            let written = match copied {
                None => {
                    let mut all = |finding: &Finding| withheld.contains(finding);
                    let part = (self.payload.as_bytes(), range);
                    redaction.write_part(part, &mut all, &mut keys, &mut out)
                }
                Some(finding) => redaction.write_whole(finding, &mut keys, &mut out),
            };
            written.map_err(|_| Reason::DlpFailed)?;
            let text = String::from_utf8(out).map_err(|_| Reason::DlpFailed)?;
            marks.push(Mark { place, text });
        }
        Ok(marks)
    }

    /// Both copies with what stands there now, in the order of their places.
    fn written(&self, fitted: &Fitted) -> Option<Written> {
        let text = self.payload.get(self.structured.clone())?;
        let new = fitted.render(&self.node, (&self.node, text))?;
        let mut written = vec![(self.structured.clone(), new)];
        for twin in &self.twins {
            let new = fitted.render(&self.node, (&twin.node, &twin.text))?;
            written.push((twin.place.clone(), serde_json::Value::from(new).to_string()));
        }
        written.sort_by_key(|(place, _)| place.start);
        Some(written)
    }
}

impl Twin {
    /// The findings in this text, each with the byte of the decoded text where it begins.
    fn bytes_of<'f>(&self, payload: &str, withheld: &'f [Finding]) -> Vec<(&'f Finding, usize)> {
        let inside = self.place.start.saturating_add(1)..self.place.end.saturating_sub(1);
        let raw = payload.get(inside.clone()).unwrap_or_default();
        let (mut at, mut decoded) = (0_usize, 0_usize);
        let mut found = Vec::new();
        let within = |f: &&Finding| inside.contains(&(f.span.start as usize));
        for finding in withheld.iter().filter(within) {
            let start = (finding.span.start as usize).saturating_sub(inside.start);
            while at < start {
                let rest = raw.get(at..).unwrap_or_default();
                let (length, characters) = one_decoded(rest);
                at = at.saturating_add(length);
                decoded = decoded.saturating_add(characters);
            }
            found.push((finding, decoded));
        }
        found
    }
}

/// How many bytes the first character of a string's inside takes, there and decoded.
fn one_decoded(rest: &str) -> (usize, usize) {
    let mut bytes = rest.bytes();
    match bytes.next() {
        Some(b'\\') => {}
        _ => {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            return (length, length);
        }
    }
    match bytes.next() {
        Some(b'u') => {
            let code = rest
                .get(2..6)
                .and_then(|hex| u32::from_str_radix(hex, 16).ok());
            match code {
                // The first half of a pair; the second is the next escape.
                Some(0xd800..=0xdbff) => (12, 4),
                Some(code) => (6, char::from_u32(code).map_or(3, char::len_utf8)),
                None => (6, 1),
            }
        }
        _ => (2, 1),
    }
}

/// Placeholders in strings, and zero in the place of numbers.
fn unseen(node: &Node, mut marks: Vec<Mark>, choice: Choice) -> Result<Fitted, Reason> {
    let mut typed = 0_u32;
    for mark in &mut marks {
        let value = node.at(&mark.place.path).map(|node| &node.form);
        if !mark.place.is_key && matches!(value, Some(Form::Number(_))) {
            if choice == Choice::Error {
                return Err(Reason::AnswerUnfit);
            }
            typed = typed.saturating_add(1);
            "0".clone_into(&mut mark.text);
        }
    }
    let mut fitted = plain(&marks);
    fitted.typed = typed;
    Ok(fitted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_counted_as_what_they_decode_to() {
        let inside = r#"a\"\\\u00e9é\ud83d\ude00\n😀"#;
        let decoded: String = serde_json::from_str(&format!("\"{inside}\"")).unwrap();
        let (mut at, mut length) = (0, 0);
        while at < inside.len() {
            let (raw, plain) = one_decoded(&inside[at..]);
            at += raw;
            length += plain;
            let half: Result<String, _> = serde_json::from_str(&format!("\"{}\"", &inside[..at]));
            assert_eq!(half.unwrap(), decoded[..length]);
        }
        assert_eq!((at, length), (inside.len(), decoded.len()));
    }
}
