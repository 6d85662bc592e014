//! Tests of texts.

use regex_automata::{Input, meta};
use varistor_snapshot::schema::rules::ArchivedTextTest;

use super::Broken;
use crate::pattern::Pattern;
use crate::truth::Truth;

/// What texts are tested with.
pub(super) struct Texts<'a> {
    pub(super) patterns: &'a [Pattern],
    /// For each of `patterns`.
    pub(super) caches: &'a mut [Option<meta::Cache>],
}

impl Texts<'_> {
    pub(super) fn is(&mut self, test: &ArchivedTextTest, text: &str) -> Result<Truth, Broken> {
        let any = |is: &dyn Fn(&str) -> bool, texts: &[rkyv::string::ArchivedString]| {
            texts.iter().any(|one| is(one))
        };
        Ok(Truth::from(match test {
            ArchivedTextTest::Among(texts) if texts.len() <= 8 => {
                texts.iter().any(|one| one.as_str() == text)
            }
            ArchivedTextTest::Among(texts) => {
                texts.binary_search_by(|one| one.as_str().cmp(text)).is_ok()
            }
            ArchivedTextTest::Starts(texts) => any(&|one| text.starts_with(one), texts),
            ArchivedTextTest::Ends(texts) => any(&|one| text.ends_with(one), texts),
            ArchivedTextTest::Holds(texts) => any(&|one| text.contains(one), texts),
            ArchivedTextTest::Matches(pattern) => return self.matches(pattern.to_native(), text),
        }))
    }

    fn matches(&mut self, pattern: u16, text: &str) -> Result<Truth, Broken> {
        let of = self.patterns.get(pattern as usize).ok_or(Broken)?;
        if of.is_too_long(text) {
            return Ok(Truth::Unknown);
        }
        let cache = self.caches.get_mut(pattern as usize).ok_or(Broken)?;
        let cache = cache.get_or_insert_with(|| of.regex.create_cache());
        let input = Input::new(text).earliest(true);
        let found = of.regex.search_half_with(cache, &input);
        Ok(Truth::from(found.is_some()))
    }
}
