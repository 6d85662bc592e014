//! Says which of many expressions match, in one pass and without allocating for it.
//!
//! Built when first asked; refuses expressions that cannot be built together.

use std::cell::{OnceCell, RefCell};

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, PatternSet};

use super::ScanError;

/// Many expressions over bytes, ASCII classes.
#[derive(Default)]
pub(super) struct Which {
    expressions: Vec<String>,
    built: OnceCell<(Regex, RefCell<PatternSet>)>,
}

impl Which {
    /// Adds an expression; its number is how many were added before.
    pub(super) fn add(&mut self, expression: String) {
        self.expressions.push(expression);
    }

    /// Calls `each` with the number of every expression that matches: from the first byte on when
    /// anchored, anywhere otherwise.
    ///
    /// # Errors
    ///
    /// `Database` when the expressions cannot be built.
    pub(super) fn each(
        &self,
        text: &[u8],
        anchored: bool,
        each: &mut dyn FnMut(usize) -> Result<bool, ScanError>,
    ) -> Result<(), ScanError> {
        if self.expressions.is_empty() {
            return Ok(());
        }
        if self.built.get().is_none() {
            let _ = self.built.set(self.build()?);
        }
        let (regex, set) = self.built.get().ok_or(ScanError::Database)?;
        let mut set = set.borrow_mut();
        set.clear();
        let anchor = if anchored {
            Anchored::Yes
        } else {
            Anchored::No
        };
        regex.which_overlapping_matches(&Input::new(text).anchored(anchor), &mut set);
        for pattern in set.iter() {
            if !each(pattern.as_usize())? {
                break;
            }
        }
        Ok(())
    }

    fn build(&self) -> Result<(Regex, RefCell<PatternSet>), ScanError> {
        let bytes = syntax::Config::new().unicode(false).utf8(false);
        let kind = regex_automata::MatchKind::All;
        let config = Regex::config().match_kind(kind).utf8_empty(false);
        let regex = Regex::builder()
            .configure(config)
            .syntax(bytes)
            .build_many(&self.expressions)
            .map_err(|_| ScanError::Database)?;
        let set = PatternSet::new(self.expressions.len());
        Ok((regex, RefCell::new(set)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(which: &Which, text: &str, anchored: bool) -> Vec<usize> {
        let mut found = Vec::new();
        which
            .each(text.as_bytes(), anchored, &mut |number| {
                found.push(number);
                Ok(true)
            })
            .unwrap();
        found
    }

    #[test]
    fn all_that_match_are_told_by_number() {
        let mut which = Which::default();
        for expression in ["a+", "ab", "[0-9]{2}"] {
            which.add(expression.to_owned());
        }
        assert_eq!(matches(&which, "xab12", false), [0, 1, 2]);
        assert_eq!(matches(&which, "xab12", true), Vec::<usize>::new());
        assert_eq!(matches(&which, "ab12", true), [0, 1]);
    }

    #[test]
    fn what_cannot_be_built_is_an_error() {
        let mut which = Which::default();
        which.add("[".to_owned());
        assert_eq!(
            which.each(b"x", true, &mut |_| Ok(true)),
            Err(ScanError::Database)
        );
    }
}
