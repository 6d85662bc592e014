//! Statements that stand behind each other without a semicolon, as in a batch of T-SQL.

use super::tokens::Token;

/// What a statement begins with that another one may follow at once.
const SHORT: [&str; 8] = [
    "use", "set", "declare", "go", "print", "if", "while", "begin",
];
/// What a statement begins with that another one may follow on the next line.
const LONG: [&str; 5] = ["select", "insert", "update", "delete", "exec"];
/// What begins the next one.
const NEXT: [&str; 10] = [
    "delete", "drop", "truncate", "insert", "exec", "update", "merge", "alter", "create", "select",
];
/// What neither ends a statement nor stands in front of one.
const BOUND: [&str; 13] = [
    "(", "=", ",", ".", "for", "as", "with", "then", "on", "or", "to", "default", "grant",
];

/// The statements that these tokens are, one after the other.
pub(super) struct Pieces<'t, 'a> {
    text: &'a str,
    rest: &'t [Token<'a>],
}

pub(super) const fn pieces<'t, 'a>(text: &'a str, statement: &'t [Token<'a>]) -> Pieces<'t, 'a> {
    Pieces {
        text,
        rest: statement,
    }
}

impl<'t, 'a> Iterator for Pieces<'t, 'a> {
    type Item = &'t [Token<'a>];

    fn next(&mut self) -> Option<Self::Item> {
        while self.rest.first().is_some_and(|first| first.is("go")) {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        let first = self.rest.first()?;
        let is_first = |words: &[&str]| words.iter().any(|word| first.is(word));
        let (is_short, is_long) = (is_first(&SHORT), is_first(&LONG));
        let pairs = self.rest.iter().zip(self.rest.iter().skip(1));
        let cut = pairs.enumerate().find_map(|(at, (before, token))| {
            let between = self.text.get(before.to..token.from).unwrap_or_default();
            let is_line = between.contains('\n');
            let begins = |words: &[&str]| words.iter().any(|word| token.is(word));
            let is_bound = BOUND
                .iter()
                .any(|word| before.is(word) || before.is_sign(word))
                && !((is_line || first.is("set")) && before.is("on"));
            let follows = !is_bound && (is_short && begins(&NEXT));
            let is_next = !is_bound && is_long && is_line && begins(NEXT.get(..5).unwrap_or(&[]));
            (follows || is_next || (is_line && token.is("go"))).then_some(at.saturating_add(1))
        });
        let (piece, rest) = self
            .rest
            .split_at_checked(cut.unwrap_or(self.rest.len()))
            .unwrap_or((self.rest, &[]));
        self.rest = rest;
        Some(piece)
    }
}
