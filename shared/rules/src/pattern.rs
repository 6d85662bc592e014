//! Expressions of `MATCHES`: linear in the text, bounded in memory, found anywhere in it.

use regex_automata::meta;
use regex_automata::util::syntax;

use crate::limits::{DEPTH_MAX, PATTERN_BYTES_MAX, PATTERN_CACHE_BYTES, SLOW_TEXT_BYTES_MAX};

/// An expression, ready to be looked for.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) regex: meta::Regex,
    /// Whether it asks for the edges of words in any script. The automata that look at each byte
    /// once can't do that in text beyond ASCII: the engine that can takes a hundred times as long.
    pub(crate) has_word_edges: bool,
}

impl Pattern {
    /// Whether a text is too long to be looked through without holding other calls up.
    pub(crate) fn is_too_long(&self, text: &str) -> bool {
        self.has_word_edges && text.len() > SLOW_TEXT_BYTES_MAX && !text.is_ascii()
    }
}

/// Builds the automaton of an expression.
///
/// # Errors
///
/// Says what is wrong with it: syntax, or more than [`PATTERN_BYTES_MAX`].
pub(crate) fn build(pattern: &str) -> Result<Pattern, String> {
    let limits = meta::Config::new()
        .nfa_size_limit(Some(PATTERN_BYTES_MAX))
        .onepass_size_limit(Some(PATTERN_BYTES_MAX))
        .hybrid_cache_capacity(PATTERN_CACHE_BYTES)
        .which_captures(regex_automata::nfa::thompson::WhichCaptures::Implicit);
    let nesting = u32::try_from(DEPTH_MAX).unwrap_or(u32::MAX);
    let config = syntax::Config::new().nest_limit(nesting);
    let regex = meta::Builder::new()
        .configure(limits)
        .syntax(config)
        .build(pattern)
        .map_err(|error| reason(&error))?;
    let parsed = syntax::parse_with(pattern, &config).map_err(|error| error.to_string())?;
    let has_word_edges = parsed.properties().look_set().contains_word_unicode();
    Ok(Pattern {
        regex,
        has_word_edges,
    })
}

/// The reason on one line.
fn reason(error: &meta::BuildError) -> String {
    if let Some(syntax) = error.syntax_error() {
        let whole = syntax.to_string();
        let last = whole.lines().last().unwrap_or_default();
        return last.trim_start_matches("error: ").to_owned();
    }
    match error.size_limit() {
        Some(_) => format!("it takes more than {PATTERN_BYTES_MAX} bytes"),
        None => "it can't be compiled".to_owned(),
    }
}

/// Whether every match is the whole text: `^...$` with nothing loose in it.
pub(crate) fn is_anchored(pattern: &str) -> bool {
    let begins = pattern.starts_with('^') || pattern.starts_with("\\A");
    let ends = pattern.ends_with("\\z") || (pattern.ends_with('$') && !pattern.ends_with("\\$"));
    // `^a|b$` is anchored on one side in each half.
    begins && ends && !has_loose_bar(pattern)
}

/// Whether a `|` stands outside of all groups and classes.
fn has_loose_bar(pattern: &str) -> bool {
    let (mut depth, mut class, mut escaped) = (0_u32, false, false);
    for byte in pattern.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'[' => class = true,
            b']' => class = false,
            b'(' if !class => depth = depth.saturating_add(1),
            b')' if !class => depth = depth.saturating_sub(1),
            b'|' if !class && depth == 0 => return true,
            _ => {}
        }
    }
    false
}
