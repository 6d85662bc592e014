//! The ways in which servers tell comments, strings and names in SQL from what they run.
//!
//! Refuses to guess the server: where a text may be read in several ways, each of them counts.

use super::tokens::{self, Read, Token};

/// Which strings a backslash escapes quotes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    None,
    /// In strings that have an `E` in front.
    Marked,
    /// In strings between `'`.
    Strings,
    /// Also in those between `"`.
    All,
}

/// One way to read a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) escapes: Escapes,
    pub(super) hash: Hash,
    /// Whether `--` begins a comment only in front of a blank.
    pub(super) dashes_need_blank: bool,
    /// Whether comments lie in comments.
    pub(super) nests: bool,
    pub(super) brackets: Brackets,
    /// Whether `$tag$` begins a string.
    pub(super) has_dollars: bool,
    /// Whether a carriage return ends a line.
    pub(super) returns_end: bool,
    /// Whether `//` begins a comment.
    pub(super) has_slashes: bool,
    /// Whether what stands in `/*! .. */` is run.
    pub(super) opens: bool,
}

/// What `#` begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    /// It is a sign.
    Sign,
    /// A comment, in front of what is no operand.
    Blank,
    /// A comment.
    Comment,
}

/// What `[` begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brackets {
    /// It is a sign.
    Sign,
    /// A name, in front of a letter.
    Letter,
    /// A name.
    Name,
}

/// A reading that fits most of what is written, whatever the server.
const COMMON: Reading = Reading {
    escapes: Escapes::Strings,
    hash: Hash::Blank,
    dashes_need_blank: false,
    nests: false,
    brackets: Brackets::Letter,
    has_dollars: true,
    returns_end: false,
    has_slashes: false,
    opens: true,
};

/// MySQL, MariaDB.
const MYSQL: Reading = Reading {
    escapes: Escapes::All,
    hash: Hash::Comment,
    dashes_need_blank: true,
    brackets: Brackets::Sign,
    has_dollars: false,
    ..COMMON
};

/// PostgreSQL and its relatives.
const POSTGRES: Reading = Reading {
    escapes: Escapes::Marked,
    hash: Hash::Sign,
    nests: true,
    brackets: Brackets::Sign,
    returns_end: true,
    opens: false,
    ..COMMON
};

/// SQL Server.
const MSSQL: Reading = Reading {
    escapes: Escapes::None,
    brackets: Brackets::Name,
    has_dollars: false,
    returns_end: false,
    ..POSTGRES
};

const READINGS: [Reading; 10] = [
    COMMON,
    // The same without escapes.
    Reading {
        escapes: Escapes::None,
        ..COMMON
    },
    MYSQL,
    // With NO_BACKSLASH_ESCAPES.
    Reading {
        escapes: Escapes::None,
        ..MYSQL
    },
    POSTGRES,
    // With `standard_conforming_strings` off, and as Redshift and Databricks have it.
    Reading {
        escapes: Escapes::Strings,
        ..POSTGRES
    },
    MSSQL,
    // SQLite.
    Reading {
        nests: false,
        ..MSSQL
    },
    // Snowflake.
    Reading {
        escapes: Escapes::Strings,
        hash: Hash::Sign,
        has_slashes: true,
        brackets: Brackets::Sign,
        opens: false,
        ..COMMON
    },
    // BigQuery, ClickHouse.
    Reading {
        escapes: Escapes::All,
        hash: Hash::Comment,
        has_dollars: false,
        brackets: Brackets::Sign,
        opens: false,
        ..COMMON
    },
];

/// Hands on the text and its tokens, once for each way in which they differ; `true` for the first.
pub(super) fn each(text: &str, mut judge: impl FnMut(&str, &Read<'_>, bool)) {
    let opened = opened(text);
    let all = if is_plain(text) {
        READINGS.get(..1).unwrap_or_default()
    } else {
        READINGS.as_slice()
    };
    let mut seen: Vec<(bool, Read<'_>)> = Vec::new();
    for reading in all {
        let inner = opened.as_deref().filter(|_| reading.opens);
        let read = tokens::read(inner.unwrap_or(text), reading);
        let is_open = inner.is_some();
        if seen
            .iter()
            .any(|(other, before)| *other == is_open && before.is_like(&read))
        {
            continue;
        }
        judge(inner.unwrap_or(text), &read, seen.is_empty());
        seen.push((is_open, read));
    }
}

/// Whether all servers read a text in the same way, as far as can be told at a glance.
fn is_plain(text: &str) -> bool {
    let is_dashed = |(at, _): (usize, &str)| {
        let next = text.as_bytes().get(at.saturating_add(2));
        next.is_some_and(|next| !next.is_ascii_whitespace())
    };
    !text.contains(['#', '$', '[', '\\', '\r'])
        && !text.contains("//")
        && !text.contains("/*")
        && !text.match_indices("--").any(is_dashed)
}

/// The text with what MySQL runs inside of `/*! .. */` put into the open, if there is any.
fn opened(text: &str) -> Option<String> {
    if !text.contains("/*!") && !text.contains("/*M!") {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_inside = false;
    while let Some(first) = rest.chars().next() {
        let marked = ["/*!", "/*M!"]
            .into_iter()
            .find_map(|mark| rest.strip_prefix(mark));
        if let Some(code) = marked {
            is_inside = true;
            plain.push(' ');
            rest = code.trim_start_matches(|c: char| c.is_ascii_digit());
            continue;
        }
        if is_inside && let Some(behind) = rest.strip_prefix("*/") {
            is_inside = false;
            plain.push(' ');
            rest = behind;
            continue;
        }
        // Strings, names and other comments are passed over as a whole.
        let length = tokens::passed_over(rest, &MYSQL).unwrap_or(first.len_utf8());
        let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        plain.push_str(piece);
        rest = behind;
    }
    Some(plain)
}

impl Read<'_> {
    /// Whether another reading of the same text found the same.
    fn is_like(&self, other: &Read<'_>) -> bool {
        let place = |token: &Token<'_>| (token.kind, token.from, token.to);
        self.is_broken == other.is_broken
            && self
                .tokens()
                .iter()
                .map(place)
                .eq(other.tokens().iter().map(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_once_for_each_way_in_which_it_may_be_meant() {
        for (text, ways) in [
            ("SELECT a FROM t -- b", 1),
            ("SELECT 'it''s'", 1),
            ("SELECT 1 # 2", 2),
            ("SELECT 5--1", 2),
            ("SELECT a[1] FROM t", 2),
            ("SELECT $1", 1),
            ("SELECT 'a\\' , ' b'", 2),
        ] {
            let mut count = 0;
            each(text, |_, _, _| count += 1);
            assert_eq!(count, ways, "{text}");
        }
    }

    #[test]
    fn what_mysql_runs_of_comments_is_put_into_the_open() {
        for (text, expected) in [
            ("SELECT 1", None),
            ("SELECT /*!50000 a */ b", Some("SELECT   a   b")),
            ("SELECT '/*!' /*x*/ /*!a*/", Some("SELECT '/*!' /*x*/  a ")),
            ("a /*M!b", Some("a  b")),
        ] {
            assert_eq!(opened(text).as_deref(), expected, "{text}");
        }
    }
}
