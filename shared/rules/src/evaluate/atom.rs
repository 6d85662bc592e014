//! One test of a call, evaluated once and kept.

use varistor_snapshot::schema::rules::ArchivedCounter;
use varistor_snapshot::schema::rules::{ArchivedAtom, ArchivedCounted, ArchivedNumberRange};

use super::text::Texts;
use super::{Broken, Call};
use crate::arguments::Whole;
use crate::ast::Per;
use crate::facts::Facts;
use crate::history::{Interval, Key};
use crate::limits::SEEN_VALUES_MAX;
use crate::load::Quick;
use crate::scratch::{Local, Which};
use crate::truth::Truth;
use crate::vocabulary::{DATE_ZERO, NumberField, SetField, TextField};

impl<F: Facts + ?Sized> Call<'_, F> {
    /// What the test is, evaluated at most once a call.
    #[inline]
    pub(super) fn kept_atom(&mut self, atom: u16) -> Result<Truth, Broken> {
        let loaded = self.rules.loaded;
        match loaded.quick.get(atom as usize) {
            Some(Quick::Text(field, literal)) => Ok(match self.which(*field) {
                Which::Unknown => Truth::Unknown,
                Which::None => Truth::False,
                Which::Literal(found) => Truth::from(found == *literal),
            }),
            Some(Quick::Number(field, low, high)) => {
                let number = self.facts.number(*field);
                Ok(Truth::known(
                    number.map(|number| *low <= number && number <= *high),
                ))
            }
            _ => match self.scratch.value(atom) {
                Some(truth) => Ok(truth),
                None => self.atom(atom),
            },
        }
    }

    /// Which of the program's literals the text is, looked up once a call.
    #[inline]
    pub(super) fn which(&mut self, field: TextField) -> Which {
        let call = self.scratch.call();
        match self.scratch.texts.get(field as usize) {
            Some((kept, which)) if *kept == call => *which,
            _ => self.look_up(field),
        }
    }

    fn look_up(&mut self, field: TextField) -> Which {
        let literals = self.rules.loaded.literals.get(field as usize);
        let which = match self.facts.text(field) {
            None => Which::Unknown,
            Some(text) => literals
                .and_then(|texts| texts.binary_search_by(|one| (**one).cmp(text)).ok())
                .and_then(|at| u32::try_from(at).ok())
                .map_or(Which::None, Which::Literal),
        };
        let call = self.scratch.call();
        if let Some(kept) = self.scratch.texts.get_mut(field as usize) {
            *kept = (call, which);
        }
        which
    }

    /// What the test is; kept for the rest of the call.
    pub(crate) fn atom(&mut self, atom: u16) -> Result<Truth, Broken> {
        let program = self.rules.program;
        let row = program.body.atoms.get(atom as usize).ok_or(Broken)?;
        let truth = self.test(&row.test)?;
        self.scratch.keep(atom, truth);
        Ok(truth)
    }

    fn test(&mut self, test: &ArchivedAtom) -> Result<Truth, Broken> {
        let facts = self.facts;
        Ok(match test {
            ArchivedAtom::Text(field, test) => {
                let field = TextField::numbered(*field).ok_or(Broken)?;
                match facts.text(field) {
                    Some(text) => self.texts().is(test, text)?,
                    None => Truth::Unknown,
                }
            }
            ArchivedAtom::TextExists(field) => {
                let field = TextField::numbered(*field).ok_or(Broken)?;
                Truth::from(facts.text(field).is_some_and(|text| !text.is_empty()))
            }
            ArchivedAtom::Set(field, texts) => {
                let field = SetField::numbered(*field).ok_or(Broken)?;
                let mut whole = Truth::False;
                for text in texts.iter() {
                    whole = whole.or(Truth::known(facts.contains(field, text)));
                }
                whole
            }
            ArchivedAtom::SetExists(field) => {
                let field = SetField::numbered(*field).ok_or(Broken)?;
                Truth::from(facts.is_empty(field) == Some(false))
            }
            ArchivedAtom::Number(field, ranges) => {
                let field = NumberField::numbered(*field).ok_or(Broken)?;
                Truth::known(facts.number(field).map(|number| is_in(ranges, number)))
            }
            ArchivedAtom::NumberExists(field) => {
                let field = NumberField::numbered(*field).ok_or(Broken)?;
                Truth::from(facts.number(field).is_some())
            }
            ArchivedAtom::Time(zone, part, ranges) => {
                let local = self.local(zone.to_native())?;
                let number = *local.get(*part as usize).ok_or(Broken)?;
                Truth::from(is_in(ranges, number))
            }
            ArchivedAtom::Annotation(name, test) => self.annotation(name, test)?,
            ArchivedAtom::Argument(path, test) => self.argument(path.to_native(), test)?,
            ArchivedAtom::Findings(entity, ranges) => {
                Truth::known(facts.findings(entity).map(|number| is_in(ranges, number)))
            }
            ArchivedAtom::Count(counter, ranges) => self.count(counter.to_native(), ranges)?,
            ArchivedAtom::Seen(counter) => self.seen(counter.to_native())?,
        })
    }

    pub(super) fn texts(&mut self) -> Texts<'_> {
        Texts {
            patterns: &self.rules.loaded.patterns,
            caches: &mut self.scratch.caches,
        }
    }

    /// The time in a zone, worked out once a call.
    fn local(&mut self, zone: u16) -> Result<Local, Broken> {
        let call = self.scratch.call();
        let kept = self.scratch.local.get(zone as usize).ok_or(Broken)?;
        if kept.0 == call {
            return Ok(kept.1);
        }
        let zone_data = self.rules.loaded.zones.get(zone as usize).ok_or(Broken)?;
        let ms = i64::try_from(self.facts.unix_ms()).map_err(|_| Broken)?;
        let time = jiff::Timestamp::from_millisecond(ms).map_err(|_| Broken)?;
        let local = zone_data.to_offset(time).to_datetime(time);
        let epoch = jiff::civil::Date::constant(1970, 1, 1);
        let days = local.date().since(epoch).map_err(|_| Broken)?.get_days();
        let number = |part: i8| u64::try_from(part).map_err(|_| Broken);
        let parts = [
            number(local.hour())?,
            number(local.minute())?,
            number(local.weekday().to_monday_zero_offset())?,
            DATE_ZERO
                .checked_add_signed(i64::from(days))
                .ok_or(Broken)?,
        ];
        if let Some(kept) = self.scratch.local.get_mut(zone as usize) {
            *kept = (call, parts);
        }
        Ok(parts)
    }

    fn count(&mut self, counter: u16, ranges: &[ArchivedNumberRange]) -> Result<Truth, Broken> {
        let program = self.rules.program;
        let row = program.body.counters.get(counter as usize).ok_or(Broken)?;
        let Some(key) = self.key(row)? else {
            return Ok(Truth::Unknown);
        };
        let (within_ms, now) = (row.within_ms.to_native(), self.facts.unix_ms());
        let marks = self.scratch.marks.about(key.per);
        let counted = self.rules.history.count(key, within_ms, now, marks);
        Ok(is_interval_in(ranges, counted))
    }

    /// The counter's key for this call; `None`: whose call it is, is not known.
    pub(super) fn key(&self, row: &ArchivedCounter) -> Result<Option<Key>, Broken> {
        let per = Per::numbered(row.per).ok_or(Broken)?;
        Ok(self.facts.scope(per).map(|scope| Key {
            counter: row.name.to_native(),
            per,
            scope,
            owner: self.facts.scope(Per::Agent).unwrap_or(0),
        }))
    }

    /// True when all values were seen before, false when any was surely not.
    fn seen(&mut self, counter: u16) -> Result<Truth, Broken> {
        let program = self.rules.program;
        let row = program.body.counters.get(counter as usize).ok_or(Broken)?;
        let Some(key) = self.key(row)? else {
            return Ok(Truth::Unknown);
        };
        let mut hashes = [0_u128; SEEN_VALUES_MAX];
        let values = self.hashes(&row.what, &mut hashes)?;
        if values.count == 0 {
            return Ok(Truth::Unknown);
        }
        let times = (row.within_ms.to_native(), self.facts.unix_ms());
        let mut unseen = match values.whole {
            true => Truth::False,
            false => Truth::Unknown,
        };
        for hash in hashes.iter().take(values.count) {
            let marks = self.scratch.marks.about(key.per);
            let seen = self.rules.history.seen(key, *hash, times, marks);
            unseen = unseen.or(Truth::known(seen.map(|seen| !seen)));
        }
        Ok(unseen.contrary())
    }

    /// Hashes of the values that a counter looks at.
    pub(super) fn hashes(
        &mut self,
        what: &ArchivedCounted,
        hashes: &mut [u128; SEEN_VALUES_MAX],
    ) -> Result<Hashed, Broken> {
        match what {
            ArchivedCounted::Calls(_) => Err(Broken),
            ArchivedCounted::Text(field) => {
                let field = TextField::numbered(*field).ok_or(Broken)?;
                let text = self.facts.text(field).filter(|text| !text.is_empty());
                let (Some(text), Some(first)) = (text, hashes.first_mut()) else {
                    return Ok(Hashed::default());
                };
                *first = self.rules.history.hash(|take| {
                    take(b"s");
                    take(text.as_bytes());
                });
                Ok(Hashed {
                    count: 1,
                    whole: true,
                    lossy: false,
                })
            }
            ArchivedCounted::Argument(path) => {
                let path = path.to_native();
                self.walk();
                let whole = self.scratch.found.whole(&self.rules.loaded.paths, path);
                if whole == Whole::Ambiguous {
                    return Ok(Hashed {
                        lossy: true,
                        ..Hashed::default()
                    });
                }
                let mut hashed = self.value_hashes(path, hashes);
                hashed.whole &= whole == Whole::Yes;
                Ok(hashed)
            }
        }
    }

    /// Walks over the arguments, once a call.
    pub(super) fn walk(&mut self) {
        if !self.scratch.is_walked {
            self.scratch.is_walked = true;
            let arguments = self.facts.arguments();
            self.scratch.found.walk(&self.rules.loaded.paths, arguments);
        }
    }
}

/// What was hashed of the values that a counter looks at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hashed {
    /// How many hashes there are.
    pub(super) count: usize,
    /// Whether those are all values that were asked for.
    pub(super) whole: bool,
    /// Whether the call has values that were not hashed: too many, or such that two readers
    /// could see different ones.
    pub(super) lossy: bool,
}

fn is_in(ranges: &[ArchivedNumberRange], number: u64) -> bool {
    ranges
        .iter()
        .any(|range| range.low.to_native() <= number && number <= range.high.to_native())
}

/// True when all numbers of the interval lie in one range, false when none lies in any.
fn is_interval_in(ranges: &[ArchivedNumberRange], interval: Interval) -> Truth {
    let mut touches = false;
    for range in ranges {
        let (low, high) = (range.low.to_native(), range.high.to_native());
        if low <= interval.low && interval.high <= high {
            return Truth::True;
        }
        touches |= interval.low <= high && low <= interval.high;
    }
    match touches {
        true => Truth::Unknown,
        false => Truth::False,
    }
}
