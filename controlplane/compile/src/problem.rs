//! Rejections: where, what was found, what was expected, what to do. All of a run are collected;
//! one that stops the run would hide the others.

use std::fmt;

use serde::Serialize;

/// Longest piece of a policy that a message quotes, in characters.
const QUOTE_CHARS_MAX: usize = 80;

/// One thing that is wrong in a policy directory, or one that is worth a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, relative to the directory.
    pub file: String,
    /// Line, from 1; 0 when the problem is the file's as a whole.
    pub line: u32,
    /// Column in characters, from 1; 0 when the problem is the file's as a whole.
    pub column: u32,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// What to do about it, when that is more than writing what was expected.
    pub help: Option<String>,
    /// For people: the line with the place underlined, what was expected, and what to do.
    #[serde(skip)]
    pub excerpt: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if let Some(excerpt) = &self.excerpt {
            return write!(f, ": {}\n{excerpt}", self.found);
        }
        write!(f, ": {}; expected {}", self.found, self.expected)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong in a policy directory, in the order of files and lines. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    /// Why the directory was refused.
    pub problems: Vec<Problem>,
    /// What else is worth a look.
    pub warnings: Vec<Problem>,
}

impl Problems {
    /// How many there are; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.problems.len()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.problems.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// A place in one of the files of a [`Report`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// What is wrong about a value, without its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) expected: String,
    pub(crate) help: Option<String>,
    /// Whether the value may hold a secret, so that no message may show it.
    pub(crate) hidden: bool,
    /// See [`Problem::excerpt`].
    pub(crate) excerpt: Option<String>,
}

impl Wrong {
    pub(crate) fn expected(expected: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            help: None,
            hidden: false,
            excerpt: None,
        }
    }

    pub(crate) fn drawn(self, excerpt: impl Into<String>) -> Self {
        Self {
            excerpt: Some(excerpt.into()),
            ..self
        }
    }

    pub(crate) fn hidden(self) -> Self {
        Self {
            hidden: true,
            ..self
        }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }
}

/// Collects the problems of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    files: Vec<String>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    /// Whether a file could not be read at all: then a missing name may stand in it, and saying
    /// that it is unknown would only add noise.
    pub(crate) incomplete: bool,
}

impl Report {
    /// Names a file; the number goes into the places in it.
    pub(crate) fn file(&mut self, name: &str) -> Place {
        self.files.push(name.to_owned());
        Place {
            file: self.files.len() - 1,
            line: 0,
            column: 0,
        }
    }

    /// Adds a problem.
    pub(crate) fn refuse(&mut self, place: Place, found: impl Into<String>, wrong: Wrong) {
        let problem = self.problem(place, found.into(), wrong);
        self.problems.push(problem);
    }

    /// Adds a warning.
    pub(crate) fn warn(&mut self, place: Place, found: impl Into<String>, wrong: Wrong) {
        let problem = self.problem(place, found.into(), wrong);
        self.warnings.push(problem);
    }

    /// The place as `file:line:column`.
    pub(crate) fn show(&self, place: Place) -> String {
        let file = self.files.get(place.file).map_or("", String::as_str);
        format!("{file}:{}:{}", place.line, place.column)
    }

    /// Whether nothing was wrong so far.
    pub(crate) const fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// The warnings of a run without problems, or all that is wrong.
    pub(crate) fn finish(mut self) -> Result<Vec<Problem>, Problems> {
        for list in [&mut self.problems, &mut self.warnings] {
            list.sort_by(|a, b| {
                (&a.file, a.line, a.column, &a.found).cmp(&(&b.file, b.line, b.column, &b.found))
            });
            list.dedup();
        }
        if self.problems.is_empty() {
            return Ok(self.warnings);
        }
        Err(Problems {
            problems: self.problems,
            warnings: self.warnings,
        })
    }

    fn problem(&self, place: Place, found: String, wrong: Wrong) -> Problem {
        Problem {
            file: self.files.get(place.file).cloned().unwrap_or_default(),
            line: place.line,
            column: place.column,
            found,
            expected: wrong.expected,
            help: wrong.help,
            excerpt: wrong.excerpt,
        }
    }
}

/// A piece of a policy in a message: quoted, without control characters, cut when it is long.
pub(crate) fn quote(text: &str) -> String {
    if text.chars().count() <= QUOTE_CHARS_MAX {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(QUOTE_CHARS_MAX).collect();
    format!("{start:?}...")
}

/// `a, b or c`.
pub(crate) fn alternatives<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// `did you mean "x"?` when one of the candidates is close to what was found.
pub(crate) fn nearest<'a>(
    found: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let allowed = (found.chars().count() / 3).min(3);
    let (distance, candidate) = candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(found, candidate), candidate))
        .min()?;
    (distance <= allowed).then(|| format!("did you mean {}?", quote(candidate)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_where_what_and_what_instead() {
        let mut report = Report::default();
        let file = report.file("varistor.yaml");
        let place = Place {
            line: 12,
            column: 7,
            ..file
        };
        report.refuse(place, "x", Wrong::expected("y").help("did you mean \"z\"?"));
        let problems = report.finish().unwrap_err();
        let text = "varistor.yaml:12:7: x; expected y; did you mean \"z\"?";
        assert_eq!(problems.to_string(), text);
    }

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let keys = ["servers", "organisations"];
        assert_eq!(
            nearest("serverz", keys),
            Some("did you mean \"servers\"?".to_owned())
        );
        assert_eq!(
            nearest("organizations", keys).as_deref(),
            Some("did you mean \"organisations\"?")
        );
        assert_eq!(nearest("colour", keys), None);
    }

    #[test]
    fn quotes_are_bounded_and_show_no_control_characters() {
        assert_eq!(quote("a\u{1b}[2J\n"), r#""a\u{1b}[2J\n""#);
        assert!(quote(&"x".repeat(10_000)).len() < 100);
    }
}
