//! The fields of one head, as places in the caller's buffer; refuses too many of them and a second
//! line of any that decides who or what is called.

use varistor_model::limits::FIELDS_MAX;
use varistor_model::{Reason, Span};

use crate::Field;
use crate::line::FieldLine;

/// One field line. Both places lie in the head that was parsed.
#[derive(Clone, Copy, Debug)]
struct Entry {
    name: Span,
    value: Span,
    field: Option<Field>,
    is_mcp: bool,
}

/// The fields of a head in their order. `list.len() <= FIELDS_MAX`.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    list: Vec<Entry>,
    /// For each known field the number of its first entry, counted from 1; 0 when it is absent.
    first: [u8; Field::COUNT],
}

const _: () = assert!(FIELDS_MAX < u8::MAX as usize);

impl Fields {
    pub(crate) const fn new() -> Self {
        Self {
            list: Vec::new(),
            first: [0; Field::COUNT],
        }
    }

    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.first = [0; Field::COUNT];
    }

    /// Whether no further field may come.
    pub(crate) const fn is_full(&self) -> bool {
        self.list.len() >= FIELDS_MAX
    }

    /// Takes a field in.
    #[inline(always)]
    pub(crate) fn add(&mut self, head: &[u8], line: &FieldLine) -> Result<(), Reason> {
        let (name, value) = (Span::of(line.name.clone()), Span::of(line.value.clone()));
        let (Some(name), Some(value)) = (name, value) else {
            return Err(Reason::HeadTooLarge);
        };
        if let Some(field) = line.field {
            self.note(field)?;
        } else if line.is_mcp && self.has_mcp(head, name.of_bytes(head)) {
            return Err(Reason::FieldDuplicated);
        }
        let decides = line.is_mcp || line.field.is_some_and(Field::stands_once);
        if decides && !line.is_ascii {
            return Err(Reason::HeadMalformed);
        }
        self.list.push(Entry {
            name,
            value,
            field: line.field,
            is_mcp: line.is_mcp,
        });
        Ok(())
    }

    /// The value of the first line of this field.
    pub(crate) fn first<'b>(&self, head: &'b [u8], field: Field) -> Option<&'b [u8]> {
        let number = usize::from(self.first.get(field as usize).copied()?);
        let entry = self.list.get(number.checked_sub(1)?)?;
        Some(entry.value.of_bytes(head))
    }

    /// The values of all lines of this field.
    pub(crate) fn all<'b>(
        &self,
        head: &'b [u8],
        field: Field,
    ) -> impl Iterator<Item = &'b [u8]> + use<'_, 'b> {
        let lines = self
            .list
            .iter()
            .filter(move |entry| entry.field == Some(field));
        lines.map(|entry| entry.value.of_bytes(head))
    }

    /// Name and value of every field whose name has no underscore: servers that turn names into
    /// variables (CGI, WSGI) read one as a dash, and would take it for another field.
    pub(crate) fn iter<'b>(
        &self,
        head: &'b [u8],
    ) -> impl Iterator<Item = (&'b [u8], &'b [u8])> + use<'_, 'b> {
        let pairs = self.list.iter();
        let pairs = pairs.map(|entry| (entry.name.of_bytes(head), entry.value.of_bytes(head)));
        pairs.filter(|(name, _)| !name.contains(&b'_'))
    }

    fn note(&mut self, field: Field) -> Result<(), Reason> {
        let number = u8::try_from(self.list.len().saturating_add(1)).unwrap_or(u8::MAX);
        match self.first.get_mut(field as usize) {
            Some(first) if *first == 0 => *first = number,
            _ if matches!(field, Field::ContentLength | Field::TransferEncoding) => {
                return Err(Reason::FramingInvalid);
            }
            _ if field.stands_once() => return Err(Reason::FieldDuplicated),
            _ => {}
        }
        Ok(())
    }

    fn has_mcp(&self, head: &[u8], name: &[u8]) -> bool {
        let mut others = self.list.iter().filter(|entry| entry.is_mcp);
        others.any(|entry| entry.name.of_bytes(head).eq_ignore_ascii_case(name))
    }
}
