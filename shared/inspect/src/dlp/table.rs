//! Reads tables in text: comma, semicolon, tab and bar separated, the first line naming the
//! columns.
//!
//! Decides which line is a header and where the cells of the lines below it stand.

use super::field::{self, Field};
use super::named::{self, NAME_MAX};
use super::text::{Text, less, sum};

/// Most columns that are looked at.
const COLUMNS_MAX: usize = 64;
/// Longest header line, in bytes.
const HEADER_MAX: usize = 2048;

/// The columns of a table.
pub(super) struct Table {
    fields: [Option<Field>; COLUMNS_MAX],
    count: usize,
    sign: u8,
    /// Where the lines below the header begin.
    pub(super) body: usize,
}

impl Table {
    /// The table whose header holds the word that ends at the place. The header names at least two
    /// columns, one of which promises something.
    pub(super) fn around(text: Text<'_>, word_end: usize) -> Option<Self> {
        let start = less(
            word_end,
            text.run_back(word_end, HEADER_MAX, |byte| byte != b'\n'),
        );
        let length = text.run(word_end, HEADER_MAX, |byte| byte != b'\n');
        let end = sum(word_end, length);
        if text.at(end) != b'\n' {
            return None;
        }
        // The string may have begun in this line: `"text":"name,phone`.
        let line = text.slice(start, end);
        let start = sum(start, string_start(line, less(word_end, start)));
        let sign = sign(text.slice(start, end))?;
        let mut table = Self {
            fields: [None; COLUMNS_MAX],
            count: 0,
            sign,
            body: sum(end, 1),
        };
        let mut useful = false;
        let mut plain = true;
        each_cell(text, (start, end), sign, &mut |cell| {
            let name = text.slice(cell.0, cell.1);
            plain &= is_header(name);
            let mut buffer = [0; NAME_MAX];
            let found = field::of(named::normalise(name, &mut buffer));
            useful |= found.is_some();
            if let Some(place) = table.fields.get_mut(table.count) {
                *place = found;
            }
            table.count = sum(table.count, 1);
        });
        (useful && plain && (2..=COLUMNS_MAX).contains(&table.count)).then_some(table)
    }

    /// Tells each cell of a column that promises something; returns where the table ends.
    pub(super) fn cells(
        &self,
        text: Text<'_>,
        each: &mut dyn FnMut(Field, (usize, usize)),
    ) -> usize {
        let mut start = self.body;
        let mut odd = 0;
        loop {
            let Some(end) = line_end(text, start) else {
                return start;
            };
            let mut cells = [(0, 0); COLUMNS_MAX];
            let mut count = 0;
            each_cell(text, (start, end), self.sign, &mut |cell| {
                if let Some(place) = cells.get_mut(count) {
                    *place = cell;
                }
                count = sum(count, 1);
            });
            // A line with a sign in a cell that is not quoted is no end of the table; two are.
            odd = if count == self.count { 0 } else { sum(odd, 1) };
            if odd > 1 || (odd > 0 && count < 2) {
                return start;
            }
            let whole = if odd > 0 { 0 } else { count };
            for (cell, field) in cells.iter().zip(self.fields).take(whole) {
                if let Some(field) = field.filter(|_| cell.0 < cell.1) {
                    each(field, *cell);
                }
            }
            if text.at(end) != b'\n' {
                return end;
            }
            start = sum(end, 1);
        }
    }
}

/// Where in the line the text of the string begins that holds the place.
fn string_start(line: &[u8], place: usize) -> usize {
    let head = line.get(..place).unwrap_or_default();
    let found = [b"\":\"".as_slice(), b"\": \"", b"[\""];
    let starts = found
        .iter()
        .filter_map(|mark| memchr::memmem::rfind(head, mark).map(|at| sum(at, mark.len())));
    starts.max().unwrap_or(0)
}

fn sign(line: &[u8]) -> Option<u8> {
    let count = |sign: u8| memchr::memchr_iter(sign, line).count();
    let best = [b'|', b'\t', b';', b',']
        .into_iter()
        .max_by_key(|sign| count(*sign))?;
    (count(best) > 0).then_some(best)
}

/// Whether a cell can name a column: a few words of letters and digits.
fn is_header(cell: &[u8]) -> bool {
    cell.len() <= 40
        && cell.iter().all(|byte| {
            byte.is_ascii_alphanumeric() || *byte >= 0x80 || b" _-./()#*?".contains(byte)
        })
        && !cell.first().is_some_and(u8::is_ascii_digit)
}

/// Where the line ends that begins at the place: at its end or at the end of the string it is in;
/// `None` when there is no line.
fn line_end(text: Text<'_>, start: usize) -> Option<usize> {
    let mut at = start;
    let mut quoted = false;
    let most = sum(start, 2 * HEADER_MAX);
    loop {
        match text.at(at) {
            b'\n' | 0 => break,
            // A quote opens a cell behind a sign; elsewhere it ends the string.
            b'"' if quoted => quoted = false,
            b'"' if at == start || matches!(text.before(at), b',' | b';' | b'\t' | b'|') => {
                quoted = true;
            }
            b'"' => break,
            _ => {}
        }
        at = sum(at, 1);
        if at > most {
            return None;
        }
    }
    (at > start).then_some(at)
}

/// Tells where each cell of the line stands, without quotes and blanks around it.
fn each_cell(
    text: Text<'_>,
    (start, end): (usize, usize),
    sign: u8,
    each: &mut dyn FnMut((usize, usize)),
) {
    let mut at = start;
    let mut limit = end;
    if sign == b'|' {
        // Bars may also stand at both ends.
        at = sum(
            at,
            text.run(at, 8, |byte| matches!(byte, b' ' | b'|'))
                .min(less(end, at)),
        );
        while limit > at && matches!(text.before(limit), b' ' | b'|' | b'\r') {
            limit = less(limit, 1);
        }
    }
    loop {
        let blanks = text.run(at, 64, |byte| byte == b' ').min(less(limit, at));
        at = sum(at, blanks);
        let quoted = text.at(at) == b'"' && at < limit;
        let (cell_end, next) = if quoted {
            let close = named::quoted_end(text, sum(at, 1), b'"').min(limit);
            let after = text.slice(close, limit);
            let behind = memchr::memchr(sign, after).map(|found| sum(close, found));
            (close, behind)
        } else {
            let after = text.slice(at, limit);
            let found = memchr::memchr(sign, after).map(|found| sum(at, found));
            (found.unwrap_or(limit), found)
        };
        let from = sum(at, usize::from(quoted));
        let mut to = cell_end.max(from);
        while to > from && matches!(text.before(to), b' ' | b'\r') {
            to = less(to, 1);
        }
        each((from, to));
        match next {
            Some(sign_at) => at = sum(sign_at, 1),
            None => return,
        }
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "places in short texts")]
mod tests {
    use super::*;

    fn cells(text: &str, word: &str) -> Vec<(Field, String)> {
        let bytes = Text(text.as_bytes());
        let end = text.find(word).unwrap() + word.len();
        let mut found = Vec::new();
        if let Some(table) = Table::around(bytes, end) {
            table.cells(bytes, &mut |field, (start, end)| {
                found.push((field, text[start..end].to_owned()))
            });
        }
        found
    }

    #[test]
    fn cells_are_told_by_the_header_above_them() {
        let expected = vec![
            (Field::Phone, "555".to_owned()),
            (Field::Address, "1 A St, B".to_owned()),
            (Field::Phone, "777".to_owned()),
            (Field::Address, "2 C".to_owned()),
        ];
        for text in [
            "id,phone,address\n1,555,\"1 A St, B\"\n2,777,2 C\nend",
            "{\"text\":\"id,phone,address\n1,555,\"1 A St, B\"\n2,777,2 C\"}",
            "| id | phone | address |\n| 1 | 555 | 1 A St, B |\n| 2 | 777 | 2 C |\n",
            "id\tphone\taddress\n1\t555\t1 A St, B\n2\t777\t2 C",
        ] {
            assert_eq!(cells(text, "phone"), expected, "{text}");
        }
    }

    #[test]
    fn prose_is_no_table() {
        let prose = "Call my phone, he said when 2 rang; and\nthen, more";
        for text in [prose, "phone", "phone\nphone"] {
            assert!(cells(text, "phone").is_empty(), "{text}");
        }
    }
}
