//! What is wrong with a rule file, told with the place underlined.

use std::fmt::Write as _;

use crate::source::{Source, Span, line_at, position};

/// Most characters that are shown of a line, and of them in front of the place.
const SHOWN_MAX: usize = 240;
const BEFORE_MAX: usize = 160;

/// Whether a rule file can be used in spite of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It can; but it likely does not mean what it says.
    Warning,
    /// It can't.
    Error,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the file can be used.
    pub severity: Severity,
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What stands under the mark: what was found or expected.
    pub label: String,
    /// What to do, if there is something to say.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake that makes the file useless.
    #[must_use]
    pub fn error(span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            span,
            message: message.into(),
            label: label.into(),
            help: None,
        }
    }

    /// Something that is likely a mistake.
    #[must_use]
    pub fn warning(span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(span, message, label)
        }
    }

    /// With advice.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// With advice, if there is any.
    #[must_use]
    pub fn help_if(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    /// Line and column in its source, both counted from one, columns in characters.
    #[must_use]
    pub fn position(&self, source: Source<'_>) -> (usize, usize) {
        position(source.text, self.span.start)
    }
}

/// The mistakes as a person reads them, each with its line and the place underlined. `sources`
/// are the files in the order of their numbers.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &[Source<'_>]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        one(&mut out, diagnostic, sources);
    }
    out
}

fn one(out: &mut String, diagnostic: &Diagnostic, sources: &[Source<'_>]) {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let _ = writeln!(out, "{severity}: {}", diagnostic.message);
    let Some(source) = sources.get(diagnostic.span.file as usize) else {
        return;
    };
    let (line, column) = diagnostic.position(*source);
    let gutter = " ".repeat(line.to_string().len());
    let _ = writeln!(out, "{gutter}--> {}:{line}:{column}", source.name);
    out.push_str(&excerpt(diagnostic, *source));
}

/// The line of its source with the place underlined, and the advice; what stands in
/// [`render`] below the message and its place.
#[must_use]
pub fn excerpt(diagnostic: &Diagnostic, source: Source<'_>) -> String {
    let mut out = String::new();
    let span = diagnostic.span;
    let (line, column) = diagnostic.position(source);
    let gutter = " ".repeat(line.to_string().len());
    // Of a long line the part around the place is shown.
    let before = column.saturating_sub(1);
    let cut = match before > BEFORE_MAX {
        true => before.saturating_sub(BEFORE_MAX),
        false => 0,
    };
    let text = line_at(source.text, span.start);
    let shown: String = text.chars().skip(cut).take(SHOWN_MAX).collect();
    let before = before.saturating_sub(cut);
    // Tabs stay tabs, so that the mark stands under its place in every terminal.
    let indent: String = shown
        .chars()
        .take(before)
        .map(|character| if character == '\t' { '\t' } else { ' ' })
        .collect();
    let room = shown.chars().count().saturating_sub(before);
    let wide = span.of(source.text).lines().next().unwrap_or_default();
    let mark = "^".repeat(wide.chars().take(room).count().max(1));
    let shown: String = shown.chars().map(visible).collect();
    let _ = writeln!(out, "{gutter} |");
    let _ = writeln!(out, "{line} | {}", shown.trim_end());
    let marked = format!("{gutter} | {indent}{mark} {}", diagnostic.label);
    let _ = writeln!(out, "{}", marked.trim_end());
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "{gutter} = help: {help}");
    }
    out
}

/// Control characters would move the terminal's cursor, bidirectional ones what stands beside them.
fn visible(character: char) -> char {
    let steers = matches!(
        character,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
    );
    if steers || (character.is_control() && character != '\t') {
        '\u{fffd}'
    } else {
        character
    }
}

/// "did you mean": the nearest of the names, when one is near.
#[must_use]
pub(crate) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if word.len() > 256 {
        return None;
    }
    // Another case is the nearest of all mistakes.
    let distance = |name: &str| match name.eq_ignore_ascii_case(word) {
        true => 0,
        false => strsim::damerau_levenshtein(word, name),
    };
    names
        .into_iter()
        .filter(|name| name.len() <= 256)
        .map(|name| (distance(name), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= word.chars().count().div_ceil(3).min(3))
        .map(|(_, name)| format!("did you mean `{name}`?"))
}
