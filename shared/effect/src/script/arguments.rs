//! The arguments of a call: how far they go, and what literal leads them.

use super::calls::Judge;
use super::tokens::Token;

/// How many tokens of a call's arguments are looked at.
const ARGUMENT_TOKENS_MAX: usize = 96;

/// The arguments of a call.
#[derive(Debug, Default)]
pub(super) struct Arguments<'t, 'a> {
    pub(super) tokens: &'t [Token<'a>],
    /// The first argument, if it begins with a literal.
    pub(super) first: Option<String>,
    /// Whether more than a literal makes up the first argument.
    pub(super) is_joined: bool,
    pub(super) is_empty: bool,
}

impl Arguments<'_, '_> {
    /// Whether a string among them is the name of a function that runs or removes something.
    pub(super) fn name_a_danger(&self) -> bool {
        const NAMES: [&str; 8] = [
            "system", "popen", "exec", "eval", "remove", "unlink", "rmtree", "run",
        ];
        self.tokens
            .iter()
            .any(|token| matches!(token, Token::Text(text) if NAMES.contains(&text.as_str())))
    }

    pub(super) fn begins_with(&self, sign: u8) -> bool {
        self.tokens.first() == Some(&Token::Sign(sign))
    }
}

impl Judge<'_> {
    /// Reads the arguments that begin here, up to their closing parenthesis.
    pub(super) fn arguments<'t, 'a>(&self, tokens: &'t [Token<'a>]) -> Arguments<'t, 'a> {
        let mut open = 1_usize;
        let mut end = 0_usize;
        for token in tokens.iter().take(ARGUMENT_TOKENS_MAX) {
            match token {
                Token::Sign(b'(' | b'[' | b'{') => open = open.saturating_add(1),
                Token::Sign(b')' | b']' | b'}') => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                break;
            }
            end = end.saturating_add(1);
        }
        let tokens = tokens.get(..end).unwrap_or_default();
        let mut shown = tokens.iter().filter(|token| **token != Token::Line);
        let first = match shown.next() {
            Some(Token::Text(text)) => Some(text.clone()),
            Some(Token::Word(name)) => self.literals.get(*name).cloned(),
            Some(Token::Sign(b'[')) => self.list(tokens),
            _ => None,
        };
        let is_joined = matches!(shown.next(), Some(Token::Sign(b'+' | b'.' | b'%')));
        Arguments {
            tokens,
            first,
            is_joined,
            is_empty: tokens.is_empty(),
        }
    }

    /// A list of words as one command line; what is no literal becomes a variable.
    fn list(&self, tokens: &[Token<'_>]) -> Option<String> {
        let mut line = String::new();
        for token in tokens
            .iter()
            .skip_while(|token| **token == Token::Line)
            .skip(1)
        {
            match token {
                Token::Text(text) => {
                    line.push('\'');
                    line.push_str(&text.replace('\'', "'\\''"));
                    line.push_str("' ");
                }
                Token::Word(name) => match self.literals.get(*name) {
                    Some(text) => line.push_str(&format!("'{}' ", text.replace('\'', "'\\''"))),
                    None => line.push_str("\"$X\" "),
                },
                Token::Sign(b']') => break,
                _ => {}
            }
        }
        (!line.is_empty()).then_some(line)
    }
}
