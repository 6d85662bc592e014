//! What SQL does, in any dialect: statement by statement, the gravest counts.
//!
//! Queries and changes of rows are read by a parser, because what matters (which rows, which
//! columns, whether a filter filters) is in their structure. All other statements say what they do
//! in their words. What can't be read is never milder than a doubtful write.

mod batch;
mod change;
mod functions;
mod grant;
mod parse;
mod query;
mod readings;
mod rows;
mod tokens;
mod words;

use varistor_model::Intent;

use crate::{Effect, Effects};
use tokens::{Read, Token};

/// How deep SQL may stand in strings of SQL.
const DEPTH_MAX: usize = 4;

/// What running this SQL would do. Empty text has no effects.
#[must_use]
pub fn sql(text: &str) -> Effects {
    nested(text, 0)
}

/// As [`sql`], for a text that stands `depth` levels deep in other SQL.
fn nested(text: &str, depth: usize) -> Effects {
    if depth >= DEPTH_MAX {
        return Effects::of(Effect::new(Intent::Destructive, 50, "sql.too_deep"));
    }
    let mut effects = Effects::default();
    readings::each(text, |text, read, is_first| {
        let found = judged(text, depth, read);
        // What a server can't read it does not run: of further readings only what is clear counts.
        let counts = |one: &Effect| is_first || !one.evidence.starts_with("sql.unreadable");
        for effect in found.iter().filter(counts) {
            effects.push(effect);
        }
    });
    effects
}

fn judged(text: &str, depth: usize, read: &Read<'_>) -> Effects {
    let mut run = Run {
        depth,
        effects: Effects::default(),
        open: None,
        in_routine: false,
    };
    for statement in read.statements() {
        for piece in batch::pieces(text, statement) {
            run.statement(text, piece);
        }
    }
    if let Some(open) = run.open {
        run.effects.extend(&open);
    }
    if read.is_broken {
        run.effects
            .push(Effect::new(Intent::Write, 40, "sql.unreadable"));
    }
    run.effects
}

/// What has been found, statement by statement.
struct Run {
    depth: usize,
    effects: Effects,
    /// Changes of rows in a transaction that may yet be rolled back.
    open: Option<Effects>,
    /// Whether statements belong to the body of a routine that is only defined.
    in_routine: bool,
}

impl Run {
    fn statement(&mut self, text: &str, statement: &[Token<'_>]) {
        let is_word = |at: usize, word: &str| statement.get(at).is_some_and(|token| token.is(word));
        if self.in_routine {
            self.in_routine = !is_word(0, "end");
            return;
        }
        self.in_routine = words::opens_routine(statement);
        if is_word(0, "begin") || (is_word(0, "start") && is_word(1, "transaction")) {
            // `BEGIN DELETE ..`: a block whose first statement follows at once.
            let begins = statement
                .iter()
                .take_while(|token| token.is("begin"))
                .count();
            let rest = statement.get(begins..).unwrap_or_default();
            if begins > 0
                && rest
                    .first()
                    .is_some_and(|first| !words::names_transaction(first))
            {
                return self.statement(text, rest);
            }
            self.open.get_or_insert_default();
            return self
                .effects
                .push(Effect::new(Intent::Read, 70, "sql.transaction"));
        }
        if is_word(0, "rollback")
            && !is_word(1, "to")
            && !statement.iter().any(|token| token.is("savepoint"))
        {
            if self.open.take().is_some_and(|open| !open.is_empty()) {
                self.effects
                    .push(Effect::new(Intent::Read, 62, "sql.rolled_back"));
            }
            return self
                .effects
                .push(Effect::new(Intent::Read, 70, "sql.transaction"));
        }
        let found = self.effects_of(text, statement);
        let is_change = statement.first().is_some_and(words::leads_change);
        let is_query = statement.first().is_some_and(words::leads_query);
        match &mut self.open {
            Some(open) if is_change => open.extend(&found),
            Some(open) => {
                self.effects.extend(&found);
                // Anything else may end the transaction by itself.
                if !is_query {
                    self.effects.extend(open);
                    self.open = None;
                }
            }
            None => self.effects.extend(&found),
        }
    }

    fn effects_of(&self, text: &str, statement: &[Token<'_>]) -> Effects {
        let Some(first) = statement.first() else {
            return Effects::none();
        };
        if words::leads_query(first) || words::leads_change(first) {
            let source = tokens::source(text, statement);
            if let Some(effects) = parse::effects(source, statement) {
                return effects;
            }
        }
        words::effects(text, statement, self.depth)
    }
}
