//! A place among the tokens, and the mistakes met so far.

use crate::ast::{LiteralKind, Text};
use crate::diagnostic::{Diagnostic, nearest};
use crate::lexer::{Token, TokenKind};
use crate::limits::DIAGNOSTICS_MAX;
use crate::source::Span;
use crate::vocabulary::literal_name;

/// A mistake was told; what holds it can't be read on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrong;

pub(super) struct Cursor {
    tokens: Vec<Token>,
    at: usize,
    end: Token,
    diagnostics: Vec<Diagnostic>,
    /// How deep conditions are nested here.
    pub(super) depth: usize,
}

impl Cursor {
    pub(super) fn new(tokens: Vec<Token>, diagnostics: Vec<Diagnostic>) -> Self {
        let end = Token {
            kind: TokenKind::End,
            span: tokens.last().map(|last| last.span).unwrap_or_default(),
        };
        Self {
            tokens,
            at: 0,
            end,
            diagnostics,
            depth: 0,
        }
    }

    /// All mistakes in the order of their places.
    pub(super) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.diagnostics
            .sort_by_key(|diagnostic| diagnostic.span.start);
        self.diagnostics.truncate(DIAGNOSTICS_MAX);
        self.diagnostics
    }

    pub(super) fn kind(&self) -> &TokenKind {
        &self.tokens.get(self.at).unwrap_or(&self.end).kind
    }

    pub(super) fn span(&self) -> Span {
        self.tokens.get(self.at).unwrap_or(&self.end).span
    }

    /// The place of the token before.
    pub(super) fn behind(&self) -> Span {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or(self.end.span, |token| token.span)
    }

    pub(super) fn at_end(&self) -> bool {
        *self.kind() == TokenKind::End
    }

    pub(super) fn advance(&mut self) {
        self.at = self.at.saturating_add(1).min(self.tokens.len());
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.kind(), TokenKind::Word(found) if found == word)
    }

    pub(super) fn is_any_word(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(word))
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        if is {
            self.advance();
        }
        is
    }

    pub(super) fn is_sign(&self, sign: &str) -> bool {
        matches!(self.kind(), TokenKind::Sign(found) if *found == sign)
    }

    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let is = self.is_sign(sign);
        if is {
            self.advance();
        }
        is
    }

    /// Whether the token behind this one is the sign.
    pub(super) fn next_is_sign(&self, sign: &str) -> bool {
        let next = self.tokens.get(self.at.saturating_add(1));
        matches!(next.map(|next| &next.kind), Some(TokenKind::Sign(found)) if *found == sign)
    }

    pub(super) fn expect_word(&mut self, word: &str, expected: &str) -> Result<(), Wrong> {
        if self.take_word(word) {
            return Ok(());
        }
        self.unexpected(expected, &[word])
    }

    pub(super) fn expect_sign(&mut self, sign: &str, expected: &str) -> Result<(), Wrong> {
        if self.take_sign(sign) {
            return Ok(());
        }
        self.unexpected(expected, &[])
    }

    pub(super) fn string(&mut self, expected: &str) -> Result<Text, Wrong> {
        let span = self.span();
        if let TokenKind::Literal(LiteralKind::Text(value)) = self.kind() {
            let value = value.clone();
            self.advance();
            return Ok(Text { value, span });
        }
        self.unexpected(expected, &[])
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// A mistake at the token here.
    pub(super) fn report(&mut self, message: &str, label: &str, help: Option<String>) {
        let diagnostic = Diagnostic::error(self.span(), message, label).help_if(help);
        self.diagnostics.push(diagnostic);
    }

    /// The token here is not what the grammar has; `words` are what could be meant.
    pub(super) fn unexpected<T>(&mut self, expected: &str, words: &[&str]) -> Result<T, Wrong> {
        let found = match self.kind() {
            TokenKind::Word(word) => format!("`{word}`"),
            TokenKind::Sign(sign) => format!("`{sign}`"),
            TokenKind::Literal(kind) => literal_name(kind).to_owned(),
            TokenKind::End => "the end of the file".to_owned(),
        };
        let help = match self.kind() {
            TokenKind::Word(word) => suggest(word, words),
            _ => None,
        };
        let label = format!("expected {expected}");
        self.report(&format!("found {found}"), &label, help);
        Err(Wrong)
    }

    /// Skips what stands before the next of these words.
    pub(super) fn skip_to(&mut self, words: &[&str]) {
        while !self.at_end() && !self.is_any_word(words) {
            self.advance();
        }
    }
}

fn suggest(word: &str, words: &[&str]) -> Option<String> {
    let upper = word.to_ascii_uppercase();
    if words.contains(&upper.as_str()) && upper != word {
        return Some(format!("keywords are written in capitals: `{upper}`"));
    }
    nearest(&upper, words.iter().copied()).or_else(|| nearest(word, words.iter().copied()))
}
